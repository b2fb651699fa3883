// `fabrix show`, `fabrix trace` and `fabrix policy set` against a real fabrixd with real sessions.
#include <functional>
#include <string>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/app/member.h"
#include "tests/app/running_daemon.h"

namespace fabrix::app {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using testing::Member;
using testing::RunningDaemon;
using ::testing::StartsWith;

// Asks again and again until the answer is as wanted: BGP takes its time.
bool eventually(io::EventLoop& loop, const std::function<bool()>& done) {
  return loop.run_until(
      [&] {
        loop.post([] {});
        return done();
      },
      testing::kPatience);
}

class DaemonTest : public ::testing::Test {
 protected:
  boost::json::value show(const std::string& what) {
    return testing::parse_json(daemon_.ask({"show", what, "--json"}).out);
  }

  io::IpEndpoint route_server() const {
    return {.address = *net::IpAddress::parse("127.0.0.2"), .port = daemon_.bgp_port()};
  }

  testing::Scratch scratch_;
  io::EventLoop loop_;
  std::string policy_ = scratch_.write("A.policy", "outbound = match(dstport=80) >> fwd(B)\n");
  RunningDaemon daemon_{loop_, scratch_,
                        scratch_.write("exchange.yaml", testing::loopback_exchange("A.policy"))};
};

TEST_F(DaemonTest, ShowsWhatIsThereBeforeAnybodyHasCome) {
  const auto status = show("status");
  EXPECT_EQ(status.at("exchange").as_string(), "loopback");
  EXPECT_EQ(status.at("sessions").as_int64(), 3);
  EXPECT_EQ(status.at("sessions_up").as_int64(), 0);
  EXPECT_EQ(show("participants").as_array().size(), 3U);
  EXPECT_EQ(show("sessions").as_array().size(), 3U);
  EXPECT_EQ(show("policies").at(0).at("participant").as_string(), "A");
  for (const std::string what : {"routes", "classes"}) {
    EXPECT_EQ(daemon_.ask({"show", what}).out, "none\n");
    EXPECT_EQ(daemon_.ask({"show", what, "--json"}).out, "[]\n");
  }
}

TEST_F(DaemonTest, ShowsTables) {
  EXPECT_EQ(daemon_.ask({"show", "participants"}).out,
            "name  asn  routers  prefixes  policy\n"
            "A     100  a1              0  yes\n"
            "B     200  b1              0  no\n"
            "C     300  c1              0  no\n");
  EXPECT_THAT(daemon_.ask({"show", "policies"}).out,
              HasSubstr("\n    outbound = match(dstport=80) >> fwd(B)\n"));
}

TEST_F(DaemonTest, ShowsRulesInLinesThatFitATerminal) {
  const std::string rules = daemon_.ask({"show", "rules"}).out;
  EXPECT_THAT(rules, StartsWith("table"));
  EXPECT_GT(show("rules").as_array().size(), 3U);
  for (std::size_t begin = 0; begin < rules.size(); begin = rules.find('\n', begin) + 1) {
    EXPECT_LE(rules.find('\n', begin) - begin, 120U) << rules.substr(begin, 200);
  }
}

TEST_F(DaemonTest, TakesShortWordsAndThoseOfOtherTools) {
  const std::string participants = daemon_.ask({"show", "participants"}).out;
  EXPECT_EQ(daemon_.ask({"sh", "part"}).out, participants);
  EXPECT_THAT(daemon_.ask({"show", "ses"}).out, StartsWith("router  participant"));
  EXPECT_EQ(daemon_.ask({"show", "routes", "json"}).out, "[]\n");
}

TEST_F(DaemonTest, TakesPoliciesAndRefusesBadOnes) {
  const auto good = scratch_.write("new.policy", "outbound = match(dstport=443) >> fwd(C)\n");
  const auto set = daemon_.ask({"policy", "set", "--participant", "A", good});
  EXPECT_EQ(set.status.code, 0) << set.err;
  EXPECT_THAT(set.out, StartsWith("note[P0317]: C announces nothing now\n"));
  EXPECT_THAT(set.out, EndsWith("\nok\n"));
  EXPECT_THAT(show("policies").at(0).at("text").as_string().c_str(), HasSubstr("dstport=443"));

  const auto bad = scratch_.write("bad.policy", "outbound = match(dstport=443) >> fwd(D)\n");
  const auto refused = daemon_.ask({"policy", "set", "--participant", "A", bad});
  EXPECT_EQ(refused.status.code, 65);
  EXPECT_THAT(refused.err, HasSubstr("error[P0202]"));
  EXPECT_THAT(refused.err, HasSubstr(bad + ":1:38\n  1 | outbound"));
  EXPECT_THAT(refused.err, HasSubstr("fabrix: the policy is refused; the one before stays\n"));
  EXPECT_THAT(show("policies").at(0).at("text").as_string().c_str(), HasSubstr("dstport=443"));

  EXPECT_EQ(daemon_.ask({"policy", "remove", "--participant", "A"}).out, "ok\n");
  EXPECT_EQ(daemon_.ask({"show", "policies"}).out, "none\n");
  EXPECT_EQ(daemon_.ask({"policy", "remove", "--participant", "Z"}).status.code, 3);
}

TEST_F(DaemonTest, TracesPackets) {
  const auto run = daemon_.ask({"trace", "a1", "tcp 100.0.0.1:40000 -> 140.0.0.1:80"});
  EXPECT_EQ(run.status.code, 0) << run.err;
  EXPECT_THAT(run.out, StartsWith("packet    tcp 100.0.0.1:40000 -> 140.0.0.1:80\n"));
  EXPECT_THAT(run.out, HasSubstr("fate      dropped: no route\n"));
  const auto unquoted =
      daemon_.ask({"trace", "a1", "tcp", "1.1.1.1", "->", "2.2.2.2:80", "--json"});
  EXPECT_EQ(testing::parse_json(unquoted.out).at("verdict").as_string(), "dropped: no route");
  EXPECT_TRUE(testing::parse_json(unquoted.out).at("delivered").is_null());
}

TEST_F(DaemonTest, TellsApartWhatIsMissingAndWhatIsWrong) {
  const auto stranger = daemon_.ask({"trace", "a11", "tcp 1.1.1.1 -> 2.2.2.2:80"});
  EXPECT_EQ(stranger.status.code, 3);
  EXPECT_EQ(stranger.err, "fabrix: no router is called 'a11'; did you mean a1?\n");
  EXPECT_EQ(daemon_.ask({"trace", "a1", "tcp nonsense"}).status.code, 65);
  EXPECT_EQ(daemon_.ask({"trace", "a1"}).status.code, 2);
  EXPECT_EQ(daemon_.ask({"show", "routes", "for", "nonsense"}).status.code, 65);
  EXPECT_EQ(daemon_.ask({"show", "routes", "for"}).status.code, 2);
  const auto unknown = daemon_.ask({"show", "ruls"});
  EXPECT_EQ(unknown.status.code, 2);
  EXPECT_EQ(unknown.err, "fabrix: show: nothing is called 'ruls'; did you mean rules?\n");
}

TEST_F(DaemonTest, ReadsPoliciesAgainAndKeepsTheOldOneWhereTheNewOneIsBad) {
  scratch_.write("A.policy", "outbound = match(dstport=80) >> fwd(\n");
  daemon_.forget_log();
  daemon_.signal(SIGHUP);
  ASSERT_TRUE(daemon_.says("reloaded changes=0 sessions=0 problems=1"));
  EXPECT_THAT(daemon_.log(), HasSubstr("error[P0"));
  EXPECT_THAT(daemon_.log(), HasSubstr(policy_ + ":1:"));
  EXPECT_THAT(show("policies").at(0).at("text").as_string().c_str(), HasSubstr("fwd(B)"));

  scratch_.write("A.policy", "outbound = match(dstport=80) >> fwd(C)\n");
  daemon_.forget_log();
  daemon_.signal(SIGHUP);
  ASSERT_TRUE(daemon_.says("reloaded changes=0 sessions=0 problems=0"));
  EXPECT_THAT(show("policies").at(0).at("text").as_string().c_str(), HasSubstr("fwd(C)"));
}

TEST_F(DaemonTest, SurvivesAMemberThatSpeaksGarbage) {
  Member b(loop_, "127.0.0.12", 200, route_server());
  ASSERT_TRUE(b.established());
  Member wrong_as(loop_, "127.0.0.13", 666, route_server());
  ASSERT_TRUE(wrong_as.ended());
  ASSERT_TRUE(wrong_as.down()->received);
  ASSERT_TRUE(
      eventually(loop_, [&] { return show("sessions").at(2).at("state").as_string() == "idle"; }));
  EXPECT_TRUE(show("sessions").at(2).as_object().contains("last_error"));
  EXPECT_EQ(show("sessions").at(1).at("state").as_string(), "established");
}

TEST_F(DaemonTest, EndsSessionsWithACeaseWhenItStops) {
  Member b(loop_, "127.0.0.12", 200, route_server());
  ASSERT_TRUE(b.established());
  EXPECT_EQ(daemon_.stop(), io::ExitStatus{});
  ASSERT_TRUE(b.ended());
  ASSERT_TRUE(b.down()->received);
  const auto after = daemon_.ask({"show", "status"});
  EXPECT_EQ(after.status.code, 5);
  EXPECT_THAT(after.err, HasSubstr("is fabrixd running?"));
}

}  // namespace
}  // namespace fabrix::app
