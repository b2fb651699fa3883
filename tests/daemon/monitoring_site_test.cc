// What it serves is tested from outside: tests/app/fabrixd_monitoring_test.cc.
#include "daemon/monitoring_site.h"

#include <filesystem>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "exchange/load.h"
#include "fabric/simulated.h"
#include "io/command.h"
#include "io/file.h"
#include "tests/io/world.h"

namespace fabrix::daemon {
namespace {

using ::testing::HasSubstr;

exchange::Exchange exchange_with(const std::string& monitoring) {
  const std::string text = R"(version: 1
exchange:
  name: sample
  asn: 65000
  router_id: 127.0.0.2
  peering_lan: [127.0.0.0/8]
  virtual_next_hops: [127.1.0.0/24]
  route_server:
    addresses: [127.0.0.2]
    policy: minimal
)" + monitoring + R"(
participants:
  - {name: A, asn: 100, routers: [{name: a1, mac: "08:00:27:00:00:01", addresses: [127.0.0.11], port: 1}]}
)";
  const auto exchange = exchange::load(text, "exchange.yaml");
  EXPECT_TRUE(exchange) << render(exchange.error(), text);
  return *exchange;
}

class Site {
 public:
  explicit Site(const std::string& monitoring)
      : exchange_(exchange_with(monitoring)), controller_(exchange_, fabric_) {
    auto server = controller::BgpServer::start(loop_, controller_, {.port = 0});
    EXPECT_TRUE(server) << server.error().message;
    server_ = *std::move(server);
  }

  Result<std::unique_ptr<MonitoringSite>> start(const std::string& directory) {
    return MonitoringSite::start(
        loop_, {.controller = &controller_, .bgp = server_.get(), .directory = directory});
  }

 private:
  io::EventLoop loop_;
  exchange::Exchange exchange_;
  fabric::SimulatedFabric fabric_;
  controller::Controller controller_;
  std::unique_ptr<controller::BgpServer> server_;
};

TEST(MonitoringSite, WithoutConfigurationNothingRuns) {
  Site site("");
  const auto started = site.start("/nowhere");
  ASSERT_TRUE(started);
  (*started)->configured();
  (*started)->refused();
}

TEST(MonitoringSite, MakesTheDirectoryOfItsArchive) {
  const io::testing::TemporaryDirectory directory;
  Site site("    monitoring: {mrt: {directory: a/b}}");
  ASSERT_TRUE(site.start(directory.path()));
  EXPECT_TRUE(std::filesystem::is_directory(directory / "a/b"));
}

TEST(MonitoringSite, SaysWhatItCannotHave) {
  const io::testing::TemporaryDirectory directory;
  ASSERT_TRUE(io::write_file_atomically(directory / "file", "in the way"));
  Site archive("    monitoring: {mrt: {directory: file}}");
  const auto no_directory = archive.start(directory.path());
  ASSERT_FALSE(no_directory);
  EXPECT_THAT(no_directory.error().message, HasSubstr(directory / "file"));

  // TEST-NET-1 is nobody's address.
  Site http("    monitoring: {http: '192.0.2.1:8080'}");
  const auto no_address = http.start(directory.path());
  ASSERT_FALSE(no_address);
  EXPECT_THAT(no_address.error().message, HasSubstr("192.0.2.1"));
}

// The alerts that come with Fabrix, by their own checker.
TEST(MonitoringSite, PrometheusTakesTheAlertsThatComeWithFabrix) {
  const std::string file = std::string(FABRIX_SOURCE) + "/docs/alerts.yml";
  const auto checked = io::run_command({.process = {.argv = {"promtool", "check", "rules", file}}});
  if (!checked) GTEST_SKIP() << "needs promtool";
  EXPECT_EQ(checked->status.code, 0) << checked->out << checked->err;
  EXPECT_THAT(checked->out, HasSubstr("SUCCESS"));
}

}  // namespace
}  // namespace fabrix::daemon
