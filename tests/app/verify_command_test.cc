// `fabrix verify` against a real fabrixd, and offline.
#include <chrono>
#include <filesystem>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/app/running_daemon.h"

namespace fabrix::app {
namespace {

using ::testing::HasSubstr;

class VerifyCommandTest : public ::testing::Test {
 protected:
  testing::Scratch scratch_;
  std::string exchange_ = scratch_.write("exchange.yaml", testing::loopback_exchange());
};

TEST_F(VerifyCommandTest, WithoutASwitchWhatIsInstalledIsUnknown) {
  io::EventLoop loop;
  testing::RunningDaemon daemon(loop, scratch_, exchange_);
  const auto run = daemon.ask({"verify"});
  EXPECT_EQ(run.status.code, 1) << run.err;
  EXPECT_THAT(run.out, HasSubstr("installed   unknown: no switch is connected"));
  EXPECT_THAT(run.out, HasSubstr("intended    right"));
}

TEST_F(VerifyCommandTest, AReplayNeedsNoDaemon) {
  const auto run = testing::fabrix(
      {"verify", "--replay", scratch_.write("none.mrt", ""), "--exchange", exchange_});
  EXPECT_EQ(run.status.code, 0) << run.err;
  EXPECT_THAT(run.out, HasSubstr("refused     0"));
}

TEST_F(VerifyCommandTest, APackedFileIsNoReplay) {
  const auto run = testing::fabrix(
      {"verify", "--replay", scratch_.write("table.gz", "\x1f\x8b..."), "--exchange", exchange_});
  EXPECT_EQ(run.status.code, 65);
  EXPECT_THAT(run.err, HasSubstr("table.gz is compressed; zcat "));
}

// Files of real exchanges.
class RealReplayTest : public VerifyCommandTest {
 protected:
  // The path of the unpacked file; empty if it is not there.
  std::string unpacked(const std::string& name) const {
    const std::string packed = testing::source_file("../shared/data/bgp/mrt/") + name;
    if (!std::filesystem::exists(packed)) return {};
    const std::string path = scratch_ / "file.mrt";
    const auto run = testing::run({"/bin/sh", "-c", "zcat " + packed + " > " + path});
    EXPECT_EQ(run.status.code, 0) << run.err;
    return path;
  }
  static io::CommandOutput replayed(const std::string& file, const std::string& exchange) {
    constexpr std::chrono::minutes kLongPatience{10};  // some seconds on a machine of one's own
    return testing::run({FABRIX_EXE, "verify", "--replay", file, "--exchange", exchange, "--json"},
                        kLongPatience);
  }
  // `head` has the exchange's addresses, `members` its participants.
  static std::string exchange_of(const std::string& head, const std::string& members) {
    return "version: 1\nexchange:\n  name: real\n  asn: 65000\n" + head + "participants:\n" +
           members;
  }
  static std::string member(const std::string& name, unsigned asn, const std::string& addresses) {
    const char letter = static_cast<char>(name.front() - 'A' + '0');
    return "  - {name: " + name + ", asn: " + std::to_string(asn) +
           (name == "A" ? ", policy: A.policy" : "") + ", routers: [{name: r" + letter +
           ", mac: \"08:00:27:00:00:1" + letter + "\", addresses: [" + addresses + "], port: 1" +
           letter + "}]}\n";
  }
  testing::Scratch folder_;
  std::string policy_ = folder_.write("A.policy",
                                      "outbound = (match(dstport=80) >> fwd(B))\n"
                                      "         + (match(dstport=443) >> fwd(C))\n"
                                      "         + (match(dstport=4321/4322) >> fwd(D))\n");
  const std::string vienna_ =
      "  router_id: 172.0.255.254\n"
      "  peering_lan: [172.0.0.0/16]\n"
      "  virtual_next_hops: [172.0.1.0/24]\n"
      "  route_server: {addresses: [172.0.255.254], policy: minimal}\n";
};

// The table that RIPE's collector had at the Vienna exchange on 2002-07-22, by AS numbers.
TEST_F(RealReplayTest, AWholeTableIsProved) {
  const std::string file = unpacked("bview.20020722.2337.gz");
  if (file.empty()) GTEST_SKIP() << "../shared/data/bgp/mrt is not there";
  const std::string exchange = folder_.write(
      "vienna.yaml",
      exchange_of(vienna_, member("A", 3257, "172.0.0.1") + member("B", 1853, "172.0.0.2") +
                               member("C", 1273, "172.0.0.3") + member("D", 8447, "172.0.0.4")));
  const auto run = replayed(file, exchange);
  EXPECT_EQ(run.status.code, 0) << run.err;
  const auto report = testing::parse_json(run.out);
  // As bgpdump counts them: 446 + 112,986 + 1,114 + 75 of the four; 36 peers.
  EXPECT_EQ(report.at("records").to_number<int>(), 115'521);
  EXPECT_EQ(report.at("updates").to_number<int>(), 114'621);
  EXPECT_EQ(report.at("unknown").to_number<int>(), 900);
  EXPECT_EQ(report.at("unusable").to_number<int>(), 0);
  EXPECT_EQ(report.at("peers").at("by_asn").to_number<int>(), 4);
  EXPECT_EQ(report.at("peers").at("unknown").to_number<int>(), 32);
  EXPECT_EQ(report.at("refused").to_number<int>(), 0);
  EXPECT_GT(report.at("rule_changes").to_number<int>(), 0);
}

// Five minutes of updates at France-IX on 2016-08-11, by addresses, in both families.
TEST_F(RealReplayTest, UpdatesAreProvedSecondBySecond) {
  const std::string file = unpacked("updates.20160811.1600.gz");
  if (file.empty()) GTEST_SKIP() << "../shared/data/bgp/mrt is not there";
  const std::string head =
      "  router_id: 37.49.239.254\n"
      "  peering_lan: [37.49.236.0/22, \"2001:7f8:54::/64\"]\n"
      "  virtual_next_hops: [37.49.239.0/25, \"2001:7f8:54:0:1::/80\"]\n"
      "  route_server: {addresses: [37.49.239.254, \"2001:7f8:54::fffe\"], policy: minimal}\n";
  const std::string exchange = folder_.write(
      "paris.yaml",
      exchange_of(head, member("A", 24482, R"(37.49.236.228, "2001:7f8:54::228")") +
                            member("B", 49463, R"(37.49.236.145, "2001:7f8:54::145")") +
                            member("C", 34019, R"(37.49.236.71, "2001:7f8:54::71")") +
                            member("D", 198290, R"(37.49.236.123, "2001:7f8:54::123")")));
  const auto run = replayed(file, exchange);
  EXPECT_EQ(run.status.code, 0) << run.err;
  const auto report = testing::parse_json(run.out);
  EXPECT_EQ(report.at("peers").at("by_address").to_number<int>(), 8);
  EXPECT_EQ(report.at("peers").at("by_asn").to_number<int>(), 0);
  EXPECT_GT(report.at("updates").to_number<int>(), 1000);
  EXPECT_GT(report.at("batches").to_number<int>(), 290);
  EXPECT_EQ(report.at("refused").to_number<int>(), 0);
}

TEST_F(RealReplayTest, AFileOfStrangersIsAMistake) {
  const std::string file = unpacked("updates.20160811.1600.gz");
  if (file.empty()) GTEST_SKIP() << "../shared/data/bgp/mrt is not there";
  const std::string exchange = folder_.write(
      "other.yaml",
      exchange_of(vienna_, member("A", 64501, "172.0.0.1") + member("B", 64502, "172.0.0.2") +
                               member("C", 64503, "172.0.0.3") + member("D", 64504, "172.0.0.4")));
  const auto run = replayed(file, exchange);
  EXPECT_EQ(run.status.code, 65);
  EXPECT_EQ(run.out, "");
  EXPECT_THAT(run.err, HasSubstr("no peer of "));
  EXPECT_THAT(run.err, HasSubstr("the file has 2001:7f8:54::188 (AS 59689), "));
  EXPECT_THAT(run.err, HasSubstr(" and 40 more"));
}

TEST_F(VerifyCommandTest, AReplayNeedsAnExchange) {
  EXPECT_EQ(testing::fabrix({"verify", "--replay", "x.mrt"}).status.code, 2);
}

}  // namespace
}  // namespace fabrix::app
