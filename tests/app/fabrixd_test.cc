// fabrixd's command line and what it says to a wrong configuration.
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/app/commands_world.h"
#include "tests/app/running_daemon.h"

namespace fabrix::app {
namespace {

using testing::fabrixd;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class FabrixdTest : public ::testing::Test {
 protected:
  io::CommandOutput check(const std::string& text) {
    return fabrixd({"-c", scratch_.write("exchange.yaml", text), "--check"});
  }

  static std::string with(std::string text, const std::string& what, const std::string& instead) {
    const auto at = text.find(what);
    EXPECT_NE(at, std::string::npos) << what;
    return text.replace(at, what.size(), instead);
  }

  testing::Scratch scratch_;
};

TEST_F(FabrixdTest, SaysHowItIsUsed) {
  const auto help = fabrixd({"--help"});
  EXPECT_EQ(help.status.code, 0);
  EXPECT_THAT(help.out, StartsWith("usage: fabrixd -c EXCHANGE.yaml"));
  const auto bare = fabrixd({});
  EXPECT_EQ(bare.status.code, 2);
  EXPECT_EQ(bare.err, help.out);
}

TEST_F(FabrixdTest, RefusesWrongOptionsBeforeAnythingElse) {
  const auto file = scratch_.write("exchange.yaml", testing::loopback_exchange());
  struct Case {
    std::vector<std::string> words;
    std::string message;
  };
  const std::vector<Case> cases{
      {{"--chek"}, "unknown option --chek; did you mean --check?"},
      {{"-c"}, "-c needs a value"},
      {{"--openflow", "6653"}, "'6653' is not an endpoint: write tcp:ADDRESS:PORT or unix:PATH"},
      {{"--fabric", "bridge"}, "no fabric is called 'bridge': write linux or openflow"},
      {{"--interfaces", "eth"}, "'eth' names no interfaces: write swp%d"},
      {{"--bgp-port", "70000"}, "'70000' is not a port (0 .. 65535)"},
      {{"--log-level", "loud"},
       "no log level is called 'loud': write trace, debug, info, warning or error"},
  };
  for (const Case& wrong : cases) {
    SCOPED_TRACE(wrong.message);
    auto words = wrong.words;
    words.insert(words.begin(), {"-c", file, "--check"});
    const auto run = fabrixd(words);
    EXPECT_EQ(run.status.code, 2);
    EXPECT_EQ(run.err, "fabrixd: " + wrong.message + "\n");
  }
}

TEST_F(FabrixdTest, AcceptsAGoodConfiguration) {
  const auto run = check(testing::loopback_exchange());
  EXPECT_EQ(run.status.code, 0) << run.err;
  EXPECT_EQ(run.out, "loopback: 3 participants, 3 routers, no errors\n");
  EXPECT_EQ(run.err, "");
}

TEST_F(FabrixdTest, AcceptsWhatComesWithIt) {
  for (const std::string name :
       {"labs/walkthrough", "labs/assignment", "labs/dual-stack", "examples/simulate"}) {
    SCOPED_TRACE(name);
    const auto run = fabrixd({"-c", testing::source_file(name + "/exchange.yaml"), "--check"});
    EXPECT_EQ(run.status.code, 0) << run.err;
  }
}

TEST_F(FabrixdTest, SaysWhatIsWrongWithTheConfigurationAndWhere) {
  struct Case {
    std::string what;
    std::string instead;
    std::string code;
    std::string place;
  };
  const std::vector<Case> cases{
      {"version: 1", "version: [1", "C0101", ":"},
      {"asn: 100", "asn: 100\n    asn: 101", "C0102", ":12:"},
      {"asn: 100", "asn: &x 100", "C0103", ":11:"},
      {"asn: 100", "asm: 100", "C0110", ":11:5"},
      {"  asn: 65000\n", "", "C0111", ":3:"},
      {"asn: 100", "asn: many", "C0112", ":11:10"},
      {"port: 1}", "port: 70000}", "C0113", ":13:"},
      {"[127.0.0.11]", "[127.0.0.300]", "C0114", ":13:"},
      {"version: 1", "version: 7", "C0115", ":1:10"},
      {"name: A", "name: 1A", "C0120", ":10:11"},
      {"name: B", "name: A", "C0121", ":14:11"},
      {"asn: 100", "asn: 23456", "C0122", ":11:10"},
      {"08:00:27:00:00:01", "03:00:27:00:00:01", "C0123", ":13:"},
      {"08:00:27:00:00:02", "08:00:27:00:00:01", "C0124", ":17:"},
      {"port: 2}", "port: 1}", "C0125", ":17:"},
      {"[127.0.0.12]", "[127.0.0.11]", "C0126", ":17:"},
      {"[127.0.0.12]", "[128.0.0.12]", "C0127", ":17:"},
      {"[127.0.0.12]", "[127.255.255.255]", "C0128", ":17:"},
      {"asn: 100", "asn: 100\n    peers: [D]", "C0129", ":12:13"},
      {"asn: 100", "asn: 100\n    peers: [A]", "C0130", ":12:13"},
      {"[127.0.0.0/8]", "[127.0.0.0/8, 127.0.0.0/16]", "C0131", ":6:"},
      {"[127.1.0.0/24]", "[128.1.0.0/24]", "C0132", ":7:"},
      {"[127.1.0.0/24]", "[127.1.0.0/31]", "C0133", ":7:"},
      {"[127.1.0.0/24]", "[127.1.0.0/24, 127.1.0.0/25]", "C0134", ":7:"},
      {"[127.0.0.12]", "[127.1.0.12]", "C0135", ":17:"},
      {"[127.0.0.12]", "[]", "C0137", ":17:"},
  };
  for (const Case& wrong : cases) {
    SCOPED_TRACE(wrong.code + " " + wrong.instead);
    const auto run = check(with(testing::loopback_exchange(), wrong.what, wrong.instead));
    EXPECT_EQ(run.status.code, 78);
    EXPECT_THAT(run.err, HasSubstr("error[" + wrong.code + "]"));
    EXPECT_THAT(run.err, HasSubstr((scratch_ / "exchange.yaml") + wrong.place));
    EXPECT_THAT(run.err, HasSubstr("^"));
  }
}

TEST_F(FabrixdTest, SaysAllThatIsWrongInOneRun) {
  const auto run =
      check(with(with(testing::loopback_exchange(), "asn: 100", "asm: 100"), "port: 2", "port: 1"));
  EXPECT_EQ(run.status.code, 78);
  EXPECT_THAT(run.err, HasSubstr("C0110"));
  EXPECT_THAT(run.err, HasSubstr("did you mean"));
  EXPECT_THAT(run.err, HasSubstr("C0125"));
}

TEST_F(FabrixdTest, NamesAConfigurationThatCannotBeRead) {
  const auto run = fabrixd({"-c", scratch_ / "none.yaml", "--check"});
  EXPECT_EQ(run.status.code, 78);
  EXPECT_THAT(run.err, HasSubstr("none.yaml: No such file or directory"));
}

TEST_F(FabrixdTest, ChecksThePoliciesToo) {
  const auto missing = check(testing::loopback_exchange("gone.policy"));
  EXPECT_EQ(missing.status.code, 78);
  EXPECT_THAT(missing.err, HasSubstr("policy of A not changed\n"));
  EXPECT_THAT(missing.err, HasSubstr("gone.policy: No such file or directory"));

  scratch_.write("A.policy", "outbound = match(dstport=80) >> fwd(X)\n");
  const auto wrong = check(testing::loopback_exchange("A.policy"));
  EXPECT_EQ(wrong.status.code, 78);
  EXPECT_THAT(wrong.err, HasSubstr("error[P0202]"));
  EXPECT_THAT(wrong.err, HasSubstr((scratch_ / "A.policy") + ":1:37"));

  scratch_.write("A.policy",
                 "outbound = match(dstport=80) >> fwd(B) + match(dstport=81) >> fwd(C)\n");
  const auto warned = check(testing::loopback_exchange("A.policy"));
  EXPECT_EQ(warned.status.code, 0);
  EXPECT_THAT(warned.err, HasSubstr("warning[P0302]"));
}

TEST_F(FabrixdTest, ServesEverybodyElseWhenAPolicyIsBad) {
  scratch_.write("A.policy", "outbound = match(dstprt=80) >> fwd(B)\n");
  io::EventLoop loop;
  testing::RunningDaemon daemon(
      loop, scratch_, scratch_.write("exchange.yaml", testing::loopback_exchange("A.policy")));
  EXPECT_THAT(daemon.log(), HasSubstr("error[P0201]"));
  EXPECT_THAT(daemon.log(), HasSubstr("fabrixd: policy of A not changed"));
  EXPECT_EQ(daemon.ask({"show", "policies"}).out, "none\n");
  EXPECT_EQ(daemon.stop(), io::ExitStatus{});
}

TEST_F(FabrixdTest, ALinuxFabricNeedsAnInterfaceForEveryPort) {
  const auto file = scratch_.write("exchange.yaml", testing::loopback_exchange());
  const auto run = fabrixd({"-c", file, "--check", "--fabric", "linux"});
  EXPECT_EQ(run.status.code, 78);
  EXPECT_THAT(run.err, HasSubstr("fabrixd: port 4094 of the route server has no interface"));
  EXPECT_THAT(run.err, HasSubstr("fabrixd: port 1 of router a1 has no interface"));
  EXPECT_EQ(
      fabrixd({"-c", file, "--check", "--fabric", "linux", "--interfaces", "p%d"}).status.code, 0);
}

TEST_F(FabrixdTest, NamesASocketThatCannotBeHad) {
  const auto file = scratch_.write("exchange.yaml", testing::loopback_exchange());
  const auto no_directory =
      fabrixd({"-c", file, "--bgp-port", "0", "--openflow", "unix:" + (scratch_ / "of.sock"),
               "--socket", file + "/fabrix.sock"});
  EXPECT_EQ(no_directory.status.code, 1);
  EXPECT_THAT(no_directory.err, HasSubstr("fabrixd: socket: "));
  const auto no_address = fabrixd({"-c", file, "--bgp-port", "0", "--openflow", "tcp:192.0.2.1:0"});
  EXPECT_EQ(no_address.status.code, 1);
  EXPECT_THAT(no_address.err, HasSubstr("fabrixd: OpenFlow: "));
}

TEST_F(FabrixdTest, LeavesASocketThatIsInUseAlone) {
  io::EventLoop loop;
  const auto file = scratch_.write("exchange.yaml", testing::loopback_exchange());
  testing::RunningDaemon daemon(loop, scratch_, file);
  const auto second = fabrixd({"-c", file, "--bgp-port", "0", "--openflow",
                               "unix:" + (scratch_ / "other.sock"), "--socket", daemon.socket()});
  EXPECT_EQ(second.status.code, 1);
  EXPECT_THAT(second.err, HasSubstr("fabrixd: socket: "));
  EXPECT_EQ(daemon.ask({"show", "status"}).status.code, 0);
}

}  // namespace
}  // namespace fabrix::app
