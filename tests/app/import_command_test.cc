#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "exchange/load.h"
#include "tests/app/commands_world.h"

namespace fabrix::app {
namespace {

using testing::fabrix;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr std::string_view kPeers =
    R"({"listen": "127.0.0.1", "port": 1790, "rs_as": 65000,
        "neighbors": [{"address": "127.0.0.11", "asn": 65001, "name": "a"}]})";

TEST(ImportCommandTest, WritesAnExchangeThatTheDaemonTakes) {
  const testing::Scratch scratch;
  const auto run = fabrix(
      {"import", "neighbors", scratch.write("peers.json", std::string(kPeers)), "--policy", "ixp"});
  EXPECT_EQ(run.status.code, 0) << run.err;
  EXPECT_THAT(run.err, HasSubstr("MAC addresses"));
  const auto exchange = exchange::load(run.out, "exchange.yaml");
  ASSERT_TRUE(exchange) << run.out;
  EXPECT_EQ(exchange->route_server.preset, exchange::PolicyPreset::kIxp);
  const auto check = testing::fabrixd({"-c", scratch.write("exchange.yaml", run.out), "--check"});
  EXPECT_EQ(check.status.code, 0) << check.err;
}

TEST(ImportCommandTest, ImportsArouteserver) {
  const testing::Scratch scratch;
  const auto run = fabrix({"import", "aroute", scratch.write("g.yml", "cfg: {rs_as: 65000}\n"),
                           scratch.write("c.yml", "clients: [{asn: 65001, ip: 10.0.0.1}]\n")});
  EXPECT_EQ(run.status.code, 0) << run.err;
  EXPECT_TRUE(exchange::load(run.out, "exchange.yaml")) << run.out;
}

TEST(ImportCommandTest, ImportsIxf) {
  const testing::Scratch scratch;
  const std::string file = scratch.write(
      "ixf.json", R"({"version": "1.0", "member_list": [{"asnum": 65001, "connection_list": [
          {"vlan_list": [{"ipv4": {"address": "10.0.0.1"}}]}]}]})");
  const auto run = fabrix({"import", "ixf", file});
  EXPECT_EQ(run.status.code, 0) << run.err;
  EXPECT_TRUE(exchange::load(run.out, "exchange.yaml")) << run.out;
}

TEST(ImportCommandTest, TellsApartWhatIsWrong) {
  const testing::Scratch scratch;
  const std::string bad = scratch.write("bad.json", "{");
  const auto run = fabrix({"import", "ixf", bad});
  EXPECT_EQ(run.status.code, 65);
  EXPECT_TRUE(run.out.empty());
  EXPECT_THAT(run.err, StartsWith(bad + ":1:"));
  EXPECT_EQ(fabrix({"import", "ixf", scratch / "none"}).status.code, 3);
  EXPECT_EQ(fabrix({"import"}).status.code, 2);
  EXPECT_EQ(fabrix({"import", "frr", bad}).status.code, 2);
  EXPECT_EQ(fabrix({"import", "arouteserver", bad}).status.code, 2);
  EXPECT_EQ(fabrix({"import", "ixf", bad, "--policy", "ixp"}).status.code, 2);
  EXPECT_EQ(fabrix({"import", "neighbors", bad, "--policy", "lax"}).status.code, 2);
  const auto help = fabrix({"import", "--help"});
  EXPECT_EQ(help.status.code, 0);
  EXPECT_THAT(help.out, HasSubstr("usage: fabrix import neighbors"));
}

TEST(ImportPolicyTest, MakesAPolicyOfIsdxJson) {
  const testing::Scratch scratch;
  const auto exchange = scratch.write("exchange.yaml", testing::loopback_exchange());
  const auto rules = scratch.write(
      "p.json", R"({"outbound": [{"cookie": 1, "match": {"tcp_dst": 80}, "action": {"fwd": 2}}]})");
  const auto run =
      testing::fabrix({"import", "policy", "--exchange", exchange, "--participant", "A", rules});
  EXPECT_EQ(run.status.code, 0) << run.err;
  EXPECT_EQ(run.out,
            "# A's policy, from iSDX\n#pragma overlap = first\n\n"
            "outbound = (match(protocol=tcp, dstport=80) >> fwd('B'))  # cookie 1\n");
  const auto out = scratch / "A.policy";
  testing::fabrix(
      {"import", "policy", "--exchange", exchange, "--participant", "A", "-o", out, rules});
  EXPECT_EQ(testing::fabrix({"policy", "check", "--participant", "A", out}).status.code, 0);
  EXPECT_EQ(testing::fabrix({"policy", "fmt", "--check", out}).status.code, 0);
  // To oneself.
  EXPECT_EQ(
      testing::fabrix({"import", "policy", "--exchange", exchange, "--participant", "B", rules})
          .status.code,
      65);
  EXPECT_EQ(testing::fabrix({"import", "policy", rules}).status.code, 2);
}

}  // namespace
}  // namespace fabrix::app
