// `fabrix port` against a real fabrixd with real sessions.
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/app/member.h"
#include "tests/app/running_daemon.h"

namespace fabrix::app {
namespace {

using ::testing::HasSubstr;
using testing::Member;
using testing::RunningDaemon;

class PortCommandTest : public ::testing::Test {
 protected:
  io::IpEndpoint route_server() const {
    return {.address = *net::IpAddress::parse("127.0.0.2"), .port = daemon_.bgp_port()};
  }

  testing::Scratch scratch_;
  io::EventLoop loop_;
  RunningDaemon daemon_{loop_, scratch_,
                        scratch_.write("exchange.yaml", testing::loopback_exchange())};
};

TEST_F(PortCommandTest, QuarantineKeepsTheSessionAndOutlivesAReload) {
  Member b(loop_, "127.0.0.12", 200, route_server());
  ASSERT_TRUE(b.established());
  const auto run = daemon_.ask({"port", "quarantine", "b1", "--reason", "loops"});
  EXPECT_EQ(run.status.code, 0) << run.err;
  EXPECT_THAT(run.out, HasSubstr("of b1: in quarantine"));
  EXPECT_THAT(daemon_.ask({"show", "ports", "--json"}).out, HasSubstr("\"in_force\":true"));
  EXPECT_EQ(daemon_.ask({"reload"}).status.code, 0);
  const auto shown = daemon_.ask({"show", "ports"});
  EXPECT_THAT(shown.out, HasSubstr("quarantine"));
  EXPECT_THAT(shown.out, HasSubstr("loops"));
  EXPECT_EQ(daemon_.ask({"show", "drops"}).status.code, 0);
  EXPECT_EQ(daemon_.ask({"port", "release", "b1"}).status.code, 0);
  EXPECT_EQ(daemon_.ask({"port", "release", "b1"}).status.code, 1) << "nothing to do";
}

TEST_F(PortCommandTest, ShutdownEndsTheSessionUntilRelease) {
  Member b(loop_, "127.0.0.12", 200, route_server());
  ASSERT_TRUE(b.established());
  EXPECT_EQ(daemon_.ask({"port", "shutdown", "B", "--reason", "abuse"}).status.code, 0);
  ASSERT_TRUE(b.ended());
  ASSERT_TRUE(b.down()->received);
  EXPECT_EQ(describe(*b.down()->received), "6/2 administrative shutdown: abuse");
  EXPECT_EQ(daemon_.ask({"port", "release", "B"}).status.code, 0);
  Member again(loop_, "127.0.0.12", 200, route_server());
  EXPECT_TRUE(again.established());
}

}  // namespace
}  // namespace fabrix::app
