// The steps of a reload, on a controller and a BGP server that no member is connected with; with
// real sessions: tests/app/reload_command_test.cc.
#include "daemon/reloader.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fabric/simulated.h"
#include "tests/daemon/members.h"
#include "tests/io/world.h"

namespace fabrix::daemon {
namespace {

using api::ReloadMode;
using api::ReloadOutcome;
using ::testing::HasSubstr;

// On the loopback, where the BGP server can listen.
std::string local(std::string text) {
  for (std::size_t at = 0; (at = text.find("172.0.", at)) != std::string::npos;) {
    text.replace(at, 6, "127.9.");
  }
  return text;
}

class ReloaderTest : public ::testing::Test {
 protected:
  ReloaderTest() {
    write(file_, local(two_members()));
    bgp_ = controller::BgpServer::start(loop_, controller_, {.port = 0}).value();
    import_.emplace(loop_, controller_, directory_.path());
    reloader_.emplace(
        file_,
        ReloadedParts{.controller = &controller_, .bgp = bgp_.get(), .import_data = &*import_});
  }
  api::ReloadReport reload(const std::string& text, ReloadMode mode = ReloadMode::kApply) {
    write(file_, local(text));
    return reloader_->reload(mode);
  }
  const std::string* policy_of(std::string_view name) const {
    return controller_.policy_text(controller_.exchange().find_participant(name)->id);
  }

  io::testing::TemporaryDirectory directory_;
  std::string file_ = directory_ / "two.yaml";
  io::EventLoop loop_;
  fabric::SimulatedFabric fabric_;
  controller::Controller controller_{loaded(local(two_members())), fabric_};
  std::unique_ptr<controller::BgpServer> bgp_;
  std::optional<ImportData> import_;
  std::optional<Reloader> reloader_;
};

TEST_F(ReloaderTest, WithoutAChangeNothingHappens) {
  const auto report = reload(two_members());
  EXPECT_EQ(report.outcome, ReloadOutcome::kApplied);
  EXPECT_TRUE(report.changes.empty());
  EXPECT_TRUE(report.sessions.empty());
  EXPECT_TRUE(report.problems.empty()) << report.problem_text;
}

TEST_F(ReloaderTest, WhatIsWrongChangesNothing) {
  const auto wrong = reload(two_members("    colour: red\n"));
  EXPECT_EQ(wrong.outcome, ReloadOutcome::kRefused);
  EXPECT_THAT(wrong.problem_text, HasSubstr("two.yaml:16:5"));
  std::string other = two_members();
  other.replace(other.find("65000"), 5, "65001");
  const auto fixed = reload(other);
  EXPECT_EQ(fixed.outcome, ReloadOutcome::kRefused);
  EXPECT_THAT(fixed.problem_text, HasSubstr("cannot change without a restart"));
  EXPECT_EQ(controller_.exchange().asn.value, 65000U);
}

TEST_F(ReloaderTest, WhatTheFabricIsTiedToChangesToo) {
  auto host = FabricHost::start(loop_, controller_.exchange(),
                                {.openflow = io::UnixEndpoint{directory_ / "of.sock"}});
  ASSERT_TRUE(host) << host.error().message;
  Reloader reloader(
      file_,
      {.controller = &controller_, .bgp = bgp_.get(), .import_data = &*import_, .fabric = &*host});
  std::string text = local(two_members());
  text.insert(text.find("  asn: 65000"), "  fabric: {attach: xdp, ovsdb: 'unix:/none'}\n");
  write(file_, text);
  for (const auto mode : {ReloadMode::kCheck, ReloadMode::kApply}) {
    const auto report = reloader.reload(mode);
    ASSERT_EQ(report.changes.size(), 2U);
    EXPECT_EQ(exchange::to_string(report.changes[0]), "fabric: attach tc -> xdp");
    EXPECT_EQ(exchange::to_string(report.changes[1]), "fabric: ovsdb [] -> [unix:/none]");
  }
  EXPECT_EQ(host->ties().attach, exchange::FabricAttach::kXdp);
  EXPECT_TRUE(reloader.reload(ReloadMode::kApply).changes.empty());
}

TEST_F(ReloaderTest, WhatTheCommandLineSaysOfTheFabricHoldsForReloadsToo) {
  auto host = FabricHost::start(
      loop_, controller_.exchange(),
      {.interfaces = "p%d", .openflow = io::UnixEndpoint{directory_ / "of.sock"}});
  ASSERT_TRUE(host) << host.error().message;
  Reloader reloader(
      file_,
      {.controller = &controller_, .bgp = bgp_.get(), .import_data = &*import_, .fabric = &*host});
  write(file_, local(two_members()));
  const auto report = reloader.reload(ReloadMode::kApply);
  EXPECT_EQ(report.outcome, ReloadOutcome::kApplied);
  EXPECT_EQ(controller_.exchange().fabric.interfaces, "p%d");
}

TEST_F(ReloaderTest, ACheckTriesEverythingAndChangesNothing) {
  write(directory_ / "B.policy", "outbound = match(dstport=80) >> fwd(Z)\n");
  const std::string next =
      two_members("    policy: B.policy\n    import: {irr: {prefixes_file: B.json}}\n");
  const auto report = reload(next, ReloadMode::kCheck);
  EXPECT_EQ(report.outcome, ReloadOutcome::kChecked);
  EXPECT_EQ(report.problems.size(), 2U) << report.problem_text;
  EXPECT_FALSE(report.changes.empty());
  EXPECT_FALSE(controller_.exchange().participants[1].policy_file);
}

TEST_F(ReloaderTest, PoliciesComeAndGoWithTheirFiles) {
  write(directory_ / "B.policy", "outbound = match(dstport=80) >> fwd(A)\n");
  reload(two_members("    policy: B.policy\n"));
  EXPECT_NE(policy_of("B"), nullptr);
  write(directory_ / "B.policy", "outbound = match(dstport=443) >> fwd(A)\n");
  reload(two_members("    policy: B.policy\n"));
  ASSERT_NE(policy_of("B"), nullptr);
  EXPECT_THAT(*policy_of("B"), HasSubstr("443"));
  reload(two_members());
  EXPECT_EQ(policy_of("B"), nullptr);
}

TEST_F(ReloaderTest, APolicyThatIsRewrittenWithTheConfigurationIsNotLost) {
  std::string three = two_members("    policy: B.policy\n");
  three +=
      "  - name: C\n    asn: 300\n    routers:\n"
      "      - {name: c1, mac: \"08:00:27:00:00:03\", addresses: [172.0.0.3], port: 3}\n";
  write(directory_ / "B.policy", "outbound = match(dstport=80) >> fwd(C)\n");
  reload(three);
  ASSERT_NE(policy_of("B"), nullptr);
  write(directory_ / "B.policy", "outbound = match(dstport=80) >> fwd(A)\n");
  const auto report = reload(two_members("    policy: B.policy\n"));
  EXPECT_TRUE(report.problems.empty()) << report.problem_text;
  ASSERT_NE(policy_of("B"), nullptr);
  EXPECT_THAT(*policy_of("B"), HasSubstr("fwd(A)"));
}

}  // namespace
}  // namespace fabrix::daemon
