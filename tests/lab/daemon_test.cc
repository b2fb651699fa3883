#include "lab/daemon.h"

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "tests/lab/daemon_world.h"

namespace fabrix::lab {
namespace {

using testing::eventually;
using testing::prefix;

constexpr std::array<DaemonKind, 4> kKinds{DaemonKind::kBird, DaemonKind::kFrr,
                                           DaemonKind::kOpenBgpd, DaemonKind::kGoBgp};

TEST(DaemonKindTest, HasANameThatParsesBack) {
  for (const DaemonKind kind : kKinds) EXPECT_EQ(parse_daemon_kind(name_of(kind)), kind);
  EXPECT_EQ(parse_daemon_kind("quagga"), std::nullopt);
  EXPECT_EQ(parse_daemon_kind(""), std::nullopt);
}

TEST(DaemonKindTest, MakesADaemonThatRefusesForeignPrefixes) {
  for (const DaemonKind kind : kKinds) {
    SCOPED_TRACE(name_of(kind));
    const auto daemon = make_daemon(kind, testing::sample_plan());
    EXPECT_FALSE(daemon->logs().empty());
    const auto announced = daemon->announce(prefix("203.0.113.0/24"));
    ASSERT_FALSE(announced);
    EXPECT_EQ(announced.error().message, "203.0.113.0/24 is not a prefix of a1");
    EXPECT_FALSE(daemon->withdraw(prefix("203.0.113.0/24")));
  }
}

class RealDaemonTest : public testing::DaemonWorld,
                       public ::testing::WithParamInterface<DaemonKind> {
 protected:
  void SetUp() override {
    for (const std::string_view program : programs_of(GetParam())) {
      if (!find_program(program)) GTEST_SKIP() << program << " is not installed";
    }
    DaemonWorld::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    daemon_ = make_daemon(GetParam(), plan_);
    const auto started = daemon_->start();
    ASSERT_TRUE(started) << started.error().message;
    ASSERT_TRUE(eventually([this] { return daemon_->is_established() == true; })) << reports();
  }

  // What the daemon wrote.
  std::string reports() const {
    std::string text;
    for (const std::string& path : daemon_->logs()) {
      text += path + ":\n" + io::read_file(path).value_or("(none)\n");
    }
    return text;
  }

  const net::Prefix v4_ = prefix("198.51.100.0/24");
  const net::Prefix v6_ = prefix("2001:db8:1::/48");
  std::unique_ptr<Daemon> daemon_;
};

TEST_P(RealDaemonTest, AnnouncesItsPrefixesAndFollowsTheRouteServer) {
  EXPECT_TRUE(eventually([&] { return server_has(v4_) && server_has(v6_); })) << reports();
  EXPECT_TRUE(eventually([&] {
    return kernel_has("203.0.113.0/24", "192.0.2.77") &&
           kernel_has("2001:db8:77::/48", "2001:db8::77");
  })) << reports();
  // What it originates is for others: the kernel has an address on lo.
  EXPECT_FALSE(kernel_knows(v4_));
  EXPECT_FALSE(kernel_knows(v6_));
  // It tells nobody what it was told.
  EXPECT_FALSE(server_has(prefix("203.0.113.0/24")));
  EXPECT_FALSE(server_has(prefix("2001:db8:77::/48")));

  ASSERT_TRUE(ask_server({"disable", "announced4"}));
  ASSERT_TRUE(ask_server({"disable", "announced6"}));
  EXPECT_TRUE(eventually([&] {
    return !kernel_knows(prefix("203.0.113.0/24")) && !kernel_knows(prefix("2001:db8:77::/48"));
  })) << reports();
}

TEST_P(RealDaemonTest, WithdrawsAndAnnouncesEachPrefixByItself) {
  ASSERT_TRUE(eventually([&] { return server_has(v4_) && server_has(v6_); })) << reports();
  for (const net::Prefix& one : {v4_, v6_}) {
    SCOPED_TRACE(one.to_string());
    const auto withdrawn = daemon_->withdraw(one);
    ASSERT_TRUE(withdrawn) << withdrawn.error().message;
    EXPECT_TRUE(eventually([&] { return !server_has(one); })) << reports();
    EXPECT_TRUE(server_has(one == v4_ ? v6_ : v4_));
    const auto announced = daemon_->announce(one);
    ASSERT_TRUE(announced) << announced.error().message;
    EXPECT_TRUE(eventually([&] { return server_has(one); })) << reports();
  }
}

INSTANTIATE_TEST_SUITE_P(Kinds, RealDaemonTest, ::testing::ValuesIn(kKinds),
                         [](const auto& kind) { return std::string(name_of(kind.param)); });

}  // namespace
}  // namespace fabrix::lab
