// `fabrix session` against a real fabrixd with real sessions.
#include <string>

#include <boost/json/object.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/app/member.h"
#include "tests/app/running_daemon.h"

namespace fabrix::app {
namespace {

using ::testing::HasSubstr;
using testing::Member;
using testing::RunningDaemon;

class SessionCommandTest : public ::testing::Test {
 protected:
  io::IpEndpoint route_server() const {
    return {.address = *net::IpAddress::parse("127.0.0.2"), .port = daemon_.bgp_port()};
  }

  testing::Scratch scratch_;
  io::EventLoop loop_;
  RunningDaemon daemon_{loop_, scratch_,
                        scratch_.write("exchange.yaml", testing::loopback_exchange())};
};

TEST_F(SessionCommandTest, Rfc9003_2_AResetTellsTheMemberWhy) {
  Member b(loop_, "127.0.0.12", 200, route_server());
  ASSERT_TRUE(b.established());
  const auto run = daemon_.ask({"session", "reset", "B", "--reason", "new optics"});
  EXPECT_EQ(run.status.code, 0) << run.err;
  EXPECT_EQ(run.out,
            "reset: 1 of 1 session\n"
            "  b1 (127.0.0.12) of B: ended with 6/4 administrative reset: new optics\n");
  ASSERT_TRUE(b.ended());
  ASSERT_TRUE(b.down()->received);
  EXPECT_EQ(describe(*b.down()->received), "6/4 administrative reset: new optics");
  Member again(loop_, "127.0.0.12", 200, route_server());
  EXPECT_TRUE(again.established()) << "it may come back at once";
  EXPECT_TRUE(daemon_.says("operator action=reset neighbor=B done=1 of=1"));
}

TEST_F(SessionCommandTest, ADisabledMemberStaysOutUntilEnableWhateverIsReloaded) {
  Member b(loop_, "127.0.0.12", 200, route_server());
  ASSERT_TRUE(b.established());
  const auto run = daemon_.ask({"session", "disable", "b1", "--reason", "unpaid", "--json"});
  EXPECT_EQ(run.status.code, 0) << run.err;
  EXPECT_EQ(testing::parse_json(run.out).at("done").to_number<int>(), 1);
  ASSERT_TRUE(b.ended());
  EXPECT_EQ(describe(*b.down()->received), "6/2 administrative shutdown: unpaid");

  EXPECT_EQ(daemon_.ask({"reload"}).status.code, 0);
  Member refused(loop_, "127.0.0.12", 200, route_server());
  ASSERT_TRUE(refused.ended());
  ASSERT_TRUE(refused.down()->received);
  EXPECT_EQ(describe(*refused.down()->received), "6/5 connection rejected");

  EXPECT_THAT(daemon_.ask({"session", "enable", "b1"}).out, HasSubstr("welcome again\n"));
  Member again(loop_, "127.0.0.12", 200, route_server());
  EXPECT_TRUE(again.established());
}

TEST_F(SessionCommandTest, Rfc2918_4_ARefreshAsksForTheRoutesAndKeepsTheSession) {
  Member b(loop_, "127.0.0.12", 200, route_server());
  ASSERT_TRUE(b.established());
  const auto run = daemon_.ask({"session", "refresh", "AS200"});
  EXPECT_EQ(run.status.code, 0) << run.err;
  EXPECT_THAT(run.out, HasSubstr("asked for all its routes; is sent all routes again\n"));
  EXPECT_TRUE(loop_.run_until([&] { return b.refreshes() > 0; }, testing::kPatience));
  const int refreshes = b.refreshes();
  EXPECT_THAT(daemon_.ask({"session", "reload", "B", "out"}).out,
              HasSubstr("is sent all routes again\n"));
  EXPECT_THAT(daemon_.ask({"session", "refresh", "B", "in"}).out,
              HasSubstr("asked for all its routes\n"));
  EXPECT_TRUE(loop_.run_until([&] { return b.refreshes() > refreshes; }, testing::kPatience));
  EXPECT_EQ(b.refreshes(), 2 * refreshes) << "out asked for nothing";
  EXPECT_FALSE(b.down());
}

TEST_F(SessionCommandTest, DoesItToAllAndSaysWhereItCouldNot) {
  Member b(loop_, "127.0.0.12", 200, route_server());
  ASSERT_TRUE(b.established());
  const auto run = daemon_.ask({"session", "clear", "all"});
  EXPECT_EQ(run.status.code, 0);
  EXPECT_EQ(run.out,
            "reset: 1 of 3 sessions\n"
            "  a1 (127.0.0.11) of A: 127.0.0.11 has no session\n"
            "  c1 (127.0.0.13) of C: 127.0.0.13 has no session\n");
  ASSERT_TRUE(b.ended());
  EXPECT_EQ(daemon_.ask({"session", "reset", "a1"}).status.code, 1) << "nothing was done";
}

TEST_F(SessionCommandTest, TellsApartWhatIsMissingAndWhatIsWrong) {
  const auto stranger = daemon_.ask({"session", "reset", "a11"});
  EXPECT_EQ(stranger.status.code, 3);
  EXPECT_EQ(stranger.err, "fabrix: no router or participant is called 'a11'; did you mean a1?\n");
  EXPECT_EQ(daemon_.ask({"session", "rset", "a1"}).err,
            "fabrix: session: nothing is called 'rset'; did you mean reset?\n");
  EXPECT_EQ(daemon_.ask({"session", "reset"}).status.code, 2);
  EXPECT_EQ(daemon_.ask({"session", "refresh", "a1", "up"}).status.code, 2);
  EXPECT_EQ(daemon_.ask({"session", "reset", "a1", "in"}).status.code, 2);
  EXPECT_EQ(daemon_.ask({"session", "enable", "a1", "--reason", "x"}).status.code, 65);
}

TEST_F(SessionCommandTest, SaysErrorsInJsonToWhoWantsJson) {
  const auto stranger = daemon_.ask({"session", "reset", "a11", "--json"});
  EXPECT_EQ(stranger.status.code, 3);
  EXPECT_EQ(stranger.out, "");
  EXPECT_EQ(stranger.err,
            "{\"error\":{\"code\":3,\"kind\":\"not-found\",\"message\":\"no router or participant "
            "is called 'a11'; did you mean a1?\"}}\n");
  const auto policy = scratch_.write("bad.policy", "outbound = match(dstport=443) >> fwd(D)\n");
  const auto refused = daemon_.ask({"policy", "set", "--participant", "A", policy, "--json"});
  EXPECT_EQ(refused.status.code, 65);
  const auto error = testing::parse_json(refused.err).at("error");
  EXPECT_EQ(error.at("kind").as_string(), "bad-input");
  EXPECT_EQ(error.at("diagnostics").at(0).at("line").to_number<int>(), 1);
}

}  // namespace
}  // namespace fabrix::app
