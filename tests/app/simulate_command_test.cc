// The whole exchange through the real command.
#include <algorithm>
#include <fstream>
#include <iterator>
#include <regex>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/app/commands_world.h"

namespace fabrix::app {
namespace {

using testing::fabrix;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::source_file;
using ::testing::StartsWith;

const std::string kExchange = source_file("examples/simulate/exchange.yaml");

class SimulateTest : public ::testing::Test {
 protected:
  io::CommandOutput simulate(const std::string& script) {
    return fabrix({"simulate", kExchange, scratch_.write("script.txt", script)});
  }
  io::CommandOutput simulate_json(const std::string& script) {
    return fabrix({"simulate", "--json", kExchange, scratch_.write("script.txt", script)});
  }

  testing::Scratch scratch_;
};

TEST(SimulateExamplesTest, Hold) {
  for (const std::string name : {"walkthrough", "assignment", "actions", "routes", "balance"}) {
    SCOPED_TRACE(name);
    const auto run =
        fabrix({"simulate", kExchange, source_file("examples/simulate/" + name + ".txt")});
    EXPECT_EQ(run.status.code, 0) << run.out << run.err;
    EXPECT_THAT(run.out, HasSubstr(" passed, 0 failed\n"));
    EXPECT_THAT(run.out, Not(HasSubstr("warning")));
    EXPECT_EQ(run.err, "");
  }
}

TEST(SimulateExamplesTest, MiddleboxesGetPacketsOnce) {
  const auto run = fabrix({"simulate", source_file("examples/simulate/middlebox.yaml"),
                           source_file("examples/simulate/middlebox.txt")});
  EXPECT_EQ(run.status.code, 0) << run.out << run.err;
  EXPECT_THAT(run.out, HasSubstr("7 passed, 0 failed\n"));
}

TEST(SimulateExamplesTest, ChainsPassTheirMiddleboxesInOrder) {
  const auto run = fabrix({"simulate", source_file("examples/simulate/middlebox.yaml"),
                           source_file("examples/simulate/chain.txt")});
  EXPECT_EQ(run.status.code, 0) << run.out << run.err;
  std::ifstream golden(source_file("tests/app/golden/chain.out"));
  EXPECT_EQ(run.out, std::string(std::istreambuf_iterator<char>(golden), {}));
}

TEST(SimulateExamplesTest, TraceShowsMetersAndCopies) {
  const auto run = fabrix({"simulate", kExchange, source_file("examples/simulate/actions.txt")});
  EXPECT_THAT(run.out, HasSubstr("dstport=443 -> multicast(B, C)"));
  EXPECT_THAT(run.out, HasSubstr("copy      to c1: tcp 100.0.0.1:40000 -> 140.0.0.1:443\n"));
  EXPECT_THAT(run.out, HasSubstr("copy      to c2: tcp 100.0.0.1:40000 -> 140.0.0.1:443\n"));
  EXPECT_THAT(run.out, HasSubstr("fate      delivered to b1\n"));
}

// The applications of the policy language: every step of each is as its golden text has it.
TEST(SimulateExamplesTest, PoliciesDoWhatTheySay) {
  for (const std::string name :
       {"firewall", "learning", "auth-ids", "ddos", "rate-limiter", "data-usage"}) {
    SCOPED_TRACE(name);
    const auto run = fabrix({"simulate", source_file("examples/policies/exchange.yaml"),
                             source_file("examples/policies/" + name + ".txt")});
    EXPECT_EQ(run.status.code, 0) << run.out << run.err;
    EXPECT_EQ(run.err, "");
    std::ifstream golden(source_file("tests/app/golden/" + name + ".out"));
    EXPECT_EQ(run.out, std::string(std::istreambuf_iterator<char>(golden), {}));
  }
}

TEST(SimulateExamplesTest, ShowWhatIsSaidToMistakes) {
  const auto run = fabrix({"simulate", kExchange, source_file("examples/simulate/mistakes.txt")});
  EXPECT_EQ(run.status.code, 65);
  EXPECT_THAT(run.out, HasSubstr("error[P0301]"));
  EXPECT_THAT(run.out, HasSubstr("3 passed, 0 failed\n"));
}

TEST(SimulateLabsTest, LoadTheirPoliciesToo) {
  testing::Scratch scratch;
  const auto script = scratch.write("s.txt",
                                    "announce b1 2001:db8:140::/48\nannounce c1 2001:db8:140::/48\n"
                                    "expect c2 a1 tcp [2001:db8::1] -> [2001:db8:140::1]:4322\n"
                                    "announce c2 2001:db8:140::/48\n"
                                    "expect c2 a1 udp [2001:db8::1] -> [2001:db8:140::1]:4322\n"
                                    "expect b1 a1 icmp6 2001:db8::1 -> 2001:db8:140::1\n");
  const auto run = fabrix({"simulate", source_file("labs/dual-stack/exchange.yaml"), script});
  EXPECT_EQ(run.status.code, 0) << run.out << run.err;
}

TEST_F(SimulateTest, EndsWithOneWhenAnExpectationFailsAndSaysWhy) {
  const auto run = simulate(
      "announce b1 140.0.0.0/24\n"
      "expect c1 a1 tcp 100.0.0.1:40000 -> 140.0.0.1:80\n"
      "expect nowhere a1 tcp 100.0.0.1:40000 -> 140.0.0.1:80\n"
      "expect b1 a1 tcp 100.0.0.1:40000 -> 140.0.0.1:80\n");
  EXPECT_EQ(run.status.code, 1);
  EXPECT_THAT(run.out, HasSubstr("line 2: FAIL tcp 100.0.0.1:40000 -> 140.0.0.1:80 from a1 arrives "
                                 "at b1, expected at c1\n"));
  EXPECT_THAT(run.out, HasSubstr("arrives at b1, expected nowhere\n"));
  EXPECT_THAT(run.out, HasSubstr("A's outbound clause 1 (line 2): dstport=80 -> B"));
  EXPECT_THAT(run.out, HasSubstr("1 passed, 2 failed\n"));
}

TEST_F(SimulateTest, PrintsOneObjectALine) {
  const auto run = simulate_json(
      "announce b1 140.0.0.0/24\n"
      "\n"
      "# expectations\n"
      "expect b1 a1 tcp 100.0.0.1:40000 -> 140.0.0.1:80\n"
      "expect nowhere a1 tcp 100.0.0.1:40000 -> 140.0.0.1:80\n"
      "packet a1 udp 100.0.0.1 -> 9.9.9.9:53\n");
  EXPECT_EQ(run.status.code, 1);
  EXPECT_THAT(run.out, HasSubstr(R"({"line":4,"expected":"b1","delivered":"b1","ok":true,)"));
  EXPECT_THAT(run.out, HasSubstr(R"({"line":5,"expected":"nowhere","delivered":"b1","ok":false,)"));
  EXPECT_THAT(run.out, HasSubstr(R"({"line":6,"delivered":"nowhere","ok":true,)"));
  const auto lines = testing::parse_lines(run.out);
  ASSERT_EQ(lines.size(), 6U);  // the two policies of the configuration are line 0
  EXPECT_EQ(lines[0].at("line").as_int64(), 0);
  EXPECT_EQ(lines[0].at("participant").as_string(), "A");
  EXPECT_EQ(lines[5].at("why").as_string(), "dropped: no route");
}

TEST_F(SimulateTest, StopsAtALineItCannotCarryOut) {
  struct Case {
    std::string line;
    std::string message;
  };
  const std::vector<Case> cases{
      {"anounce b1 140.0.0.0/24", "'anounce' is no command; did you mean announce?"},
      {"frobnicate", "'frobnicate' is no command"},
      {"announce b1", "expected: announce ROUTER PREFIX..."},
      {"announce bb1 140.0.0.0/24", "no router is called 'bb1'; did you mean b1?"},
      {"announce b1 140.0.0.0/33", "'140.0.0.0/33'"},
      {"announce b1 140.0.0.1/24", "'140.0.0.1/24'"},
      {"announce b1 140.0.0.0/24 med x", "'x' is not a MED"},
      {"announce b1 140.0.0.0/24 med", "med needs a value"},
      {"announce b1 140.0.0.0/24 community 1", "'1' is not a community (X:Y or X:Y:Z)"},
      {"announce b1 140.0.0.0/24 community 70000:1", "'70000:1' is not a community"},
      {"announce b1 140.0.0.0/24 as-path \"200 x\"", "'x' is not an AS number"},
      {"announce b1 140.0.0.0/24 as-path \"200", "a quote is not closed"},
      {"announce b1 med 5", "announce needs a prefix"},
      {"withdraw b1", "expected: withdraw ROUTER PREFIX..."},
      {"withdraw b1 x", "'x'"},
      {"session b1 sideways", "expected up or down, found 'sideways'"},
      {"port b1", "expected: port ROUTER up|down"},
      {"policy Z none", "no participant is called 'Z'"},
      {"policy A missing.policy", "missing.policy: No such file or directory"},
      {"packet a1 tcp 100.0.0.1 ->", "expected"},
      {"packet a1 icmp 2001:db8::1 -> 2001:db8::2", "icmp needs IPv4 addresses; write icmp6"},
      {"expect d1 a1 tcp 100.0.0.1 -> 140.0.0.1:80", "no router is called 'd1'"},
      {"expect b1 a1", "expected: expect ROUTER|nowhere FROM-ROUTER"},
  };
  for (const Case& bad : cases) {
    SCOPED_TRACE(bad.line);
    const auto run =
        simulate("# first\n" + bad.line + "\nexpect c1 a1 tcp 1.1.1.1 -> 2.2.2.2:80\n");
    EXPECT_EQ(run.status.code, 65);
    EXPECT_THAT(run.err, StartsWith((scratch_ / "script.txt") + ":2: error: "));
    EXPECT_THAT(run.err, HasSubstr(bad.message));
    EXPECT_THAT(run.out, Not(HasSubstr("line 3")));
  }
}

TEST_F(SimulateTest, SaysInJsonTooWhereItStopped) {
  const auto run = simulate_json("announce b1 140.0.0.0/24\nwithdraw b2 140.0.0.0/24\n");
  EXPECT_EQ(run.status.code, 65);
  EXPECT_THAT(run.out, HasSubstr(R"({"line":2,"ok":false,"error":"no router is called 'b2'"})"));
}

TEST_F(SimulateTest, RefusesABadPolicyWithAPlaceAndKeepsTheOneBefore) {
  struct Case {
    std::string policy;
    std::vector<std::string> said;
  };
  const std::vector<Case> cases{
      {"outbound = match(dstprt=80) >> fwd(C)\n",
       {"error[P0201]", "dstport", "bad.policy:1:18", "^^^^"}},
      {"outbound = match(dstport=80) >> fwd(Z)\n", {"error[P0202]", "Z", "bad.policy:1:37", "^"}},
      {"outbound = (match(dstport=80) >> fwd(B))\n         + (match(srcport=7) >> fwd(C))\n",
       {"error[P0301]", "bad.policy:2:", "witness: tcp", "B and to C", "^^^"}},
      {"outbound = match(dstport=80 >> fwd(B)\n", {"error[P0", "bad.policy:1:", "^"}},
  };
  for (const Case& bad : cases) {
    SCOPED_TRACE(bad.policy);
    scratch_.write("bad.policy", bad.policy);
    const auto run = simulate(
        "announce b1 140.0.0.0/24\nannounce c1 140.0.0.0/24\n"
        "policy A bad.policy\n"
        "expect c1 a1 tcp 100.0.0.1 -> 140.0.0.1:4321\n");
    EXPECT_EQ(run.status.code, 65);
    for (const std::string& text : bad.said) EXPECT_THAT(run.out, HasSubstr(text));
    EXPECT_THAT(run.out, HasSubstr("line 3: the policy of A is refused; the one before, if any, "
                                   "stays\n"));
    EXPECT_THAT(run.out, HasSubstr("1 passed, 0 failed\n"));
  }
}

TEST_F(SimulateTest, FollowsMedAsPathAndCommunities) {
  const auto run = simulate(
      "policy A none\n"
      "announce b1 140.0.0.0/24 as-path \"200 7 8\"\n"
      "announce c1 140.0.0.0/24 as-path \"300 8\" med 20\n"
      "announce c2 140.0.0.0/24 as-path \"300 8\" med 10\n"
      "expect c2 a1 tcp 100.0.0.1 -> 140.0.0.1:22   # the shorter path, the lower MED\n"
      "announce c2 140.0.0.0/24 as-path \"300 8\" med 10 community 0:100\n"
      "expect c1 a1 tcp 100.0.0.1 -> 140.0.0.1:22   # c2's is kept from A\n"
      "announce c1 140.0.0.0/24 community 65000:0:100\n"
      "expect b1 a1 tcp 100.0.0.1 -> 140.0.0.1:22\n");
  EXPECT_EQ(run.status.code, 0) << run.out << run.err;
}

TEST_F(SimulateTest, TellsWhichRoutesTheRouteServerRejects) {
  const auto run = simulate(
      "announce b1 150.0.0.0/24 as-path \"300 1\"\n"
      "announce b1 172.0.9.0/24\n"
      "announce b1 160.0.0.0/24 as-path \"200 65000\"\n");
  EXPECT_EQ(run.status.code, 0);
  EXPECT_THAT(run.out,
              HasSubstr("line 1: the route server rejects 150.0.0.0/24 from b1: the first AS"));
  EXPECT_THAT(run.out,
              HasSubstr("line 2: the route server rejects 172.0.9.0/24 from b1: the prefix lies"));
  EXPECT_THAT(run.out,
              HasSubstr("line 3: the route server rejects 160.0.0.0/24 from b1: the path"));
}

TEST_F(SimulateTest, ReadsTheScriptFromStandardInput) {
  const auto script = scratch_.write("s.txt", "expect nowhere a1 tcp 1.1.1.1 -> 2.2.2.2:80\n");
  const auto run = testing::run(
      {"/bin/sh", "-c", std::string(FABRIX_EXE) + " simulate " + kExchange + " - < " + script});
  EXPECT_EQ(run.status.code, 0) << run.err;
  EXPECT_EQ(run.out,
            "line 1: ok   tcp 1.1.1.1:40000 -> 2.2.2.2:80 from a1 arrives nowhere\n"
            "1 passed, 0 failed\n");
}

TEST_F(SimulateTest, TellsApartWhatIsMissingAndWhatIsWrong) {
  const auto script = scratch_.write("s.txt", "");
  EXPECT_EQ(fabrix({"simulate"}).status.code, 2);
  EXPECT_EQ(fabrix({"simulate", kExchange, script, "--jsn"}).status.code, 2);
  EXPECT_EQ(fabrix({"simulate", scratch_ / "none.yaml", script}).status.code, 3);
  EXPECT_EQ(fabrix({"simulate", kExchange, scratch_ / "none.txt"}).status.code, 3);
  EXPECT_EQ(fabrix({"simulate", scratch_.write("bad.yaml", "version: 2\n"), script}).status.code,
            78);
  EXPECT_EQ(fabrix({"simulate", kExchange, script}).status.code, 0);
}

TEST_F(SimulateTest, GoesOnWithoutAPolicyFileThatTheConfigurationNames) {
  // Nothing is bound here, and 127.0.0.0/8 can be nobody's next hop.
  const auto text =
      std::regex_replace(testing::loopback_exchange("gone.policy"), std::regex("127\\."), "10.");
  const auto exchange = scratch_.write("exchange.yaml", text);
  const auto script = scratch_.write(
      "s.txt", "announce b1 140.0.0.0/24\nexpect b1 a1 tcp 1.1.1.1 -> 140.0.0.1:80\n");
  const auto run = fabrix({"simulate", exchange, script});
  EXPECT_EQ(run.status.code, 65);
  EXPECT_THAT(run.out, HasSubstr("gone.policy: No such file or directory"));
  EXPECT_THAT(run.out, HasSubstr("1 passed, 0 failed\n"));
}

}  // namespace
}  // namespace fabrix::app
