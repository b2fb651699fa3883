// What it serves is tested from outside: tests/app/fabrixd_monitoring_test.cc.
#include "daemon/monitoring_site.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "exchange/load.h"
#include "fabric/simulated.h"
#include "io/child_process.h"
#include "io/command.h"
#include "io/file.h"
#include "io/listener.h"
#include "monitoring/bmp_decoder.h"
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

  void reload(const std::string& monitoring) { controller_.reconfigure(exchange_with(monitoring)); }
  io::EventLoop& loop() { return loop_; }

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

// A port that nobody has on this address.
std::uint16_t free_port(io::EventLoop& loop, const std::string& address) {
  const auto listener = io::Listener::listen(
      loop, io::IpEndpoint{.address = *net::IpAddress::parse(address), .port = 0}, {},
      [](const io::ByteStream&) {});
  EXPECT_TRUE(listener) << listener.error().message;
  return listener->port();
}

// What answers at an address, with curl; empty: nobody.
std::string answer(io::EventLoop& loop, const std::string& url) {
  std::string text;
  bool is_over = false;
  io::ChildOptions options;
  options.process.argv = {"curl", "-sS", "-m", "10", url};
  options.out = [&](std::span<const std::byte> data) {
    for (const std::byte octet : data) text.push_back(static_cast<char>(octet));
  };
  const auto child =
      io::ChildProcess::start(loop, options, [&](const io::ExitStatus&) { is_over = true; });
  EXPECT_TRUE(child);
  EXPECT_TRUE(loop.run_until([&] { return is_over; }, io::testing::kPatience));
  return text;
}

TEST(MonitoringSite, AReloadStartsMovesAndEndsWhatIsServed) {
  const io::testing::TemporaryDirectory directory;
  Site site("");
  const auto port = free_port(site.loop(), "127.0.0.3");
  const auto http = [&](const std::string& address) {
    return "http: '" + address + ":" + std::to_string(port) + "'";
  };
  const std::string path = ":" + std::to_string(port) + "/livez";
  const auto started = site.start(directory.path());
  ASSERT_TRUE(started);
  EXPECT_EQ(answer(site.loop(), "http://127.0.0.3" + path), "");

  site.reload("    monitoring: {" + http("127.0.0.3") + ", mrt: {directory: a}}");
  EXPECT_TRUE((*started)->configured().empty());
  EXPECT_EQ(answer(site.loop(), "http://127.0.0.3" + path), "ok\n");
  EXPECT_TRUE(std::filesystem::is_directory(directory / "a"));

  site.reload("    monitoring: {" + http("127.0.0.4") + ", mrt: {directory: b}}");
  EXPECT_TRUE((*started)->configured().empty());
  EXPECT_EQ(answer(site.loop(), "http://127.0.0.3" + path), "");
  EXPECT_EQ(answer(site.loop(), "http://127.0.0.4" + path), "ok\n");
  EXPECT_TRUE(std::filesystem::is_directory(directory / "b"));

  site.reload("");
  EXPECT_TRUE((*started)->configured().empty());
  EXPECT_EQ(answer(site.loop(), "http://127.0.0.4" + path), "");
}

TEST(MonitoringSite, AReloadThatAsksTooMuchLeavesWhatThereWas) {
  const io::testing::TemporaryDirectory directory;
  ASSERT_TRUE(io::write_file_atomically(directory / "file", "in the way"));
  io::EventLoop scratch;
  const std::string port = std::to_string(free_port(scratch, "127.0.0.3"));
  Site site("    monitoring: {http: '127.0.0.3:" + port + "', mrt: {directory: a}}");
  const auto started = site.start(directory.path());
  ASSERT_TRUE(started);
  // TEST-NET-1 is nobody's address.
  site.reload("    monitoring: {http: '192.0.2.1:" + port + "', mrt: {directory: file}}");
  const auto problems = (*started)->configured();
  ASSERT_EQ(problems.size(), 2U);
  EXPECT_THAT(problems[0].message, HasSubstr("192.0.2.1"));
  EXPECT_THAT(problems[1].message, HasSubstr(directory / "file"));
  EXPECT_EQ(answer(site.loop(), "http://127.0.0.3:" + port + "/livez"), "ok\n");
}

TEST(MonitoringSite, AReloadDialsNewStationsAndTellsOthersThatItEnds) {
  const io::testing::TemporaryDirectory directory;
  Site site("");
  std::vector<std::byte> heard;
  std::optional<io::ByteStream> stream;
  const auto listener = io::Listener::listen(
      site.loop(), io::IpEndpoint{.address = *net::IpAddress::parse("127.0.0.5"), .port = 0}, {},
      [&](io::ByteStream accepted) {
        stream.emplace(std::move(accepted));
        stream->start({.on_data =
                           [&](std::span<const std::byte> data) {
                             heard.insert(heard.end(), data.begin(), data.end());
                           },
                       .on_end = {},
                       .on_drained = {}});
      });
  ASSERT_TRUE(listener);
  const auto started = site.start(directory.path());
  ASSERT_TRUE(started);
  const auto said = [&] {
    const auto messages = monitoring::decode_bmp_stream(heard);
    EXPECT_TRUE(messages);
    return messages ? messages->size() : 0;
  };
  site.reload("    monitoring: {bmp: ['127.0.0.5:" + std::to_string(listener->port()) + "']}");
  EXPECT_TRUE((*started)->configured().empty());
  ASSERT_TRUE(site.loop().run_until([&] { return said() == 1; }, io::testing::kPatience));
  // The same once more changes nothing.
  EXPECT_TRUE((*started)->configured().empty());
  site.reload("");
  EXPECT_TRUE((*started)->configured().empty());
  ASSERT_TRUE(site.loop().run_until([&] { return said() == 2; }, io::testing::kPatience));
  const auto messages = *monitoring::decode_bmp_stream(heard);
  EXPECT_TRUE(std::holds_alternative<monitoring::Initiation>(messages.front()));
  EXPECT_TRUE(std::holds_alternative<monitoring::Termination>(messages.back()));
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
