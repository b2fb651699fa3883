#include "app/daemon_settings.h"

#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace fabrix::app {
namespace {

Result<DaemonSettings> read(std::vector<std::string> words) {
  return read_daemon_settings(words);
}

TEST(DaemonSettingsTest, HasWhatIsUsual) {
  const auto settings = read({"-c", "etc/exchange.yaml"});
  ASSERT_TRUE(settings);
  EXPECT_FALSE(settings->help);
  EXPECT_EQ(settings->file, "etc/exchange.yaml");
  EXPECT_FALSE(settings->check);
  EXPECT_EQ(settings->socket, "/run/fabrix/fabrix.sock");
  EXPECT_EQ(settings->bgp_port, std::nullopt);
  EXPECT_EQ(settings->audit_every, controller::kAuditEvery);
  EXPECT_EQ(settings->log_level, std::nullopt);
  EXPECT_EQ(std::get<io::IpEndpoint>(settings->fabric.openflow).port, 6653);
}

TEST(DaemonSettingsTest, ReadsAllOfThem) {
  const auto settings = read({"-c",
                              "x",
                              "--check",
                              "--fabric",
                              "linux",
                              "--interfaces",
                              "swp%d",
                              "--pins",
                              "/pins",
                              "--attach",
                              "xdp",
                              "--openflow",
                              "unix:/of",
                              "--ovsdb",
                              "unix:/db",
                              "--ovsdb",
                              "tcp:127.0.0.1:6640",
                              "--generation",
                              "7",
                              "--socket",
                              "/s",
                              "--bgp-port",
                              "0",
                              "--audit-every",
                              "0",
                              "--log-level",
                              "debug"});
  ASSERT_TRUE(settings) << settings.error().message;
  EXPECT_TRUE(settings->check);
  EXPECT_EQ(settings->fabric.type, exchange::FabricType::kLinux);
  EXPECT_EQ(settings->fabric.interfaces, "swp%d");
  EXPECT_EQ(settings->fabric.pins, "/pins");
  EXPECT_EQ(settings->fabric.attach, exchange::FabricAttach::kXdp);
  EXPECT_EQ(std::get<io::UnixEndpoint>(settings->fabric.openflow).path, "/of");
  EXPECT_EQ(settings->fabric.ovsdb.size(), 2U);
  EXPECT_EQ(settings->fabric.generation, 7U);
  EXPECT_EQ(settings->socket, "/s");
  EXPECT_EQ(settings->bgp_port, 0);
  EXPECT_EQ(settings->audit_every.count(), 0);
  EXPECT_EQ(settings->log_level, io::LogLevel::kDebug);
}

TEST(DaemonSettingsTest, SaysWhatIsWrong) {
  const std::vector<std::pair<std::vector<std::string>, std::string>> cases{
      {{"--audit-every", "often"}, "'often' is no number of seconds: write 10, or 0 for never"},
      {{"--audit-every", "65536"}, "'65536' is no number of seconds: write 10, or 0 for never"},
      {{"--attach", "driver"}, "no hook is called 'driver': write tc or xdp"},
      {{"--generation", "0"}, "'0' is no generation: write a number from 1"},
  };
  for (const auto& [words, message] : cases) {
    std::vector<std::string> all{"-c", "x"};
    all.insert(all.end(), words.begin(), words.end());
    const auto settings = read(all);
    ASSERT_FALSE(settings) << message;
    EXPECT_EQ(settings.error().message, message);
  }
}

TEST(DaemonSettingsTest, TheUsageHelpsWithoutAFileOrWithOtherWords) {
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{}, {"--check"}, {"-c", "x", "more"}}) {
    const auto settings = read(words);
    ASSERT_FALSE(settings);
    EXPECT_EQ(settings.error().message, "");
  }
  EXPECT_TRUE(read({"--help", "more"})->help);
  EXPECT_TRUE(daemon_usage().starts_with("usage: fabrixd -c EXCHANGE.yaml"));
}

}  // namespace
}  // namespace fabrix::app
