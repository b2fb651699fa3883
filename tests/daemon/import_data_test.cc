#include "daemon/import_data.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fabric/simulated.h"
#include "tests/controller/stayrtr.h"
#include "tests/daemon/members.h"
#include "tests/io/world.h"

namespace fabrix::daemon {
namespace {

using controller::StayRtr;
using controller::vrp;
using ::testing::HasSubstr;

const std::string kRejectInvalid = "    import: {rpki: reject-invalid}\n";

std::string vrps_json(std::uint32_t asn) {
  return fmt::format(R"({{"roas":[{{"prefix":"140.0.0.0/24","maxLength":24,"asn":{}}}]}})", asn);
}

class ImportDataTest : public ::testing::Test {
 protected:
  void start(const std::string& text) {
    controller_.emplace(loaded(text), fabric_);
    const auto b = controller_->exchange().participants[1].routers.front();
    for (const auto& peer : controller_->route_server().peers()) {
      if (peer.router == b) peer_ = peer.id;
      controller_->session_up(peer.id, {.bgp_identifier = peer.id.value + 1U,
                                        .families = {.ipv4 = true, .ipv6 = true},
                                        .asn_width = bgp::AsnWidth::kFourOctets});
    }
    bgp::PathAttributes attributes;
    attributes.as_path = {.segments = {{.asns = {net::Asn{200}}}}};
    bgp::UpdateMessage update;
    update.announced = {{.family = net::Family::kIpv4,
                         .next_hop = io::testing::ip("172.0.0.2"),
                         .prefixes = {kRoa, kOther}}};
    update.attributes = std::make_shared<const bgp::PathAttributes>(attributes);
    controller_->update(peer_, update);
    data_.emplace(loop_, *controller_, directory_.path());
  }

  bool accepted(const net::Prefix& prefix) const {
    const auto routes = controller_->route_server().all_routes(prefix);
    return !routes.empty() && !routes.front().rejected;
  }
  bool wait(const std::function<bool()>& done) {
    return loop_.run_until(done, io::testing::kPatience);
  }

  const net::Prefix kRoa = io::testing::prefix("140.0.0.0/24");
  const net::Prefix kOther = io::testing::prefix("150.0.0.0/24");
  io::testing::TemporaryDirectory directory_;
  io::EventLoop loop_;
  fabric::SimulatedFabric fabric_;
  std::optional<controller::Controller> controller_;
  routeserver::PeerId peer_;
  std::optional<ImportData> data_;
};

TEST_F(ImportDataTest, Rfc6811_5_ANewFileOfVrpsJudgesRoutesAgain) {
  write(directory_ / "vrps.json", vrps_json(300));
  start(two_members(kRejectInvalid, ", rpki: {vrps_file: vrps.json}"));
  EXPECT_FALSE(accepted(kRoa));
  EXPECT_TRUE(accepted(kOther));
  write(directory_ / "vrps.json", vrps_json(200) + " ");
  data_->refresh();
  EXPECT_TRUE(accepted(kRoa));
  EXPECT_EQ(data_->rpki_status().static_vrps, 1U);
}

TEST_F(ImportDataTest, TheLoopIsToldOfNewFilesWithoutWaitingForThem) {
  start(two_members(kRejectInvalid, ", rpki: {vrps_file: vrps.json}"));
  EXPECT_EQ(data_->problems().size(), 1U);
  write(directory_ / "vrps.json", vrps_json(300));
  data_->look_again();
  EXPECT_TRUE(accepted(kRoa)) << "not before the loop has its turn";
  EXPECT_TRUE(wait([this] { return !accepted(kRoa) && data_->problems().empty(); }));
  EXPECT_EQ(data_->rpki_status().static_vrps, 1U);
}

TEST_F(ImportDataTest, GoesWhileTheThreadIsAtWork) {
  write(directory_ / "vrps.json", vrps_json(300));
  start(two_members(kRejectInvalid, ", rpki: {vrps_file: vrps.json}"));
  data_->look_again();
  data_.reset();
  loop_.run_until([] { return false; }, std::chrono::milliseconds(10));
  EXPECT_FALSE(accepted(kRoa));
}

TEST_F(ImportDataTest, ABadFileLeavesTheLastGoodVrpsInUse) {
  write(directory_ / "vrps.json", vrps_json(300));
  start(two_members(kRejectInvalid, ", rpki: {vrps_file: vrps.json}"));
  write(directory_ / "vrps.json", R"({"roas":[{"prefix":"140.0.0.0/24"}]})");
  data_->refresh();
  EXPECT_FALSE(accepted(kRoa));
  ASSERT_EQ(data_->problems().size(), 1U);
  EXPECT_THAT(data_->problems()[0].text, HasSubstr("roas[0]: asn"));
  write(directory_ / "vrps.json", vrps_json(200));
  data_->refresh();
  EXPECT_TRUE(data_->problems().empty());
  EXPECT_TRUE(accepted(kRoa));
}

TEST_F(ImportDataTest, FilesThatAreNoLongerNamedCountForNothing) {
  write(directory_ / "vrps.json", vrps_json(300));
  start(two_members(kRejectInvalid, ", rpki: {vrps_file: vrps.json}"));
  EXPECT_FALSE(accepted(kRoa));
  std::ignore = controller_->reconfigure(loaded(two_members(kRejectInvalid)));
  data_->refresh();
  EXPECT_TRUE(accepted(kRoa));
  EXPECT_EQ(data_->rpki_status().coverage, rpki::Coverage::kNone);
}

TEST_F(ImportDataTest, IrrSetsAreByParticipant) {
  write(directory_ / "B.json", R"({"NN": [{"prefix": "150.0.0.0/24", "exact": true}]})");
  start(two_members("    import: {irr: {prefixes_file: B.json}}\n"));
  EXPECT_FALSE(accepted(kRoa));
  EXPECT_TRUE(accepted(kOther));
}

TEST_F(ImportDataTest, WhatFilesAreWrongIsKnownBeforeTheyAreUsed) {
  write(directory_ / "vrps.json", "{");
  const auto exchange = loaded(two_members("    import: {irr: {prefixes_file: B.json}}\n",
                                           ", rpki: {vrps_file: vrps.json, slurm_file: s}"));
  EXPECT_EQ(check_import_files(exchange, directory_.path()).size(), 3U);
  EXPECT_TRUE(check_import_files(loaded(two_members()), directory_.path()).empty());
}

class ImportDataFromCachesTest : public ImportDataTest {
 protected:
  void SetUp() override {
    if (!StayRtr::is_installed()) GTEST_SKIP() << "stayrtr is not installed";
  }
  static std::string caches(const StayRtr& cache) {
    return ", rpki: {caches: [\"" + io::to_string(cache.endpoint()) + "\"]}";
  }

  StayRtr first_{loop_};
  StayRtr second_{loop_};
};

TEST_F(ImportDataFromCachesTest, OtherCachesTakeOverWithoutAGap) {
  first_.serve({vrp("140.0.0.0/24", 300)});
  first_.start();
  start(two_members(kRejectInvalid, caches(first_)));
  ASSERT_TRUE(wait([this] { return !accepted(kRoa); })) << first_.log();
  // The new one is not there yet: what the old one said stays.
  std::ignore = controller_->reconfigure(loaded(two_members(kRejectInvalid, caches(second_))));
  data_->refresh();
  ASSERT_TRUE(wait([this] {
    return data_->rpki_status().caches.at(0).detail.find("refused") != std::string::npos;
  }));
  EXPECT_FALSE(accepted(kRoa));
  second_.serve({vrp("150.0.0.0/24", 300)});
  second_.start();
  ASSERT_TRUE(wait([this] { return accepted(kRoa) && !accepted(kOther); })) << second_.log();
}

}  // namespace
}  // namespace fabrix::daemon
