#include "api/port_commands.h"

#include <string>

#include <boost/json/parse.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/api/world.h"

namespace fabrix::api {
namespace {

using exchange::Standing;
using ::testing::HasSubstr;

class PortCommandsTest : public ::testing::Test {
 protected:
  Answer command(const std::string& request) {
    return command_ports(world_.controller, nullptr, boost::json::parse(request).as_object());
  }
  std::string refused(const std::string& request) {
    const auto answer = command(request);
    return answer ? "done" : answer.error().error;
  }
  Standing standing(const char* router) const {
    return world_.controller.exchange().find_router(router)->standing;
  }

  testing::World world_;
};

TEST_F(PortCommandsTest, SaysWhatIsWrongWithARequest) {
  EXPECT_THAT(refused(R"({"action":"open","port":"a1"})"), HasSubstr("write quarantine"));
  EXPECT_THAT(refused(R"({"action":"release"})"), HasSubstr("which port?"));
  EXPECT_THAT(refused(R"({"action":"release","port":"a11"})"), HasSubstr("did you mean a1?"));
  const std::string longest(256, 'x');
  EXPECT_THAT(refused(R"({"action":"shutdown","port":"a1","reason":")" + longest + "\"}"),
              HasSubstr("256 octets"));
}

TEST_F(PortCommandsTest, ARouterIsItsPortAndAParticipantAllItsPorts) {
  const auto answer = command(R"({"action":"quarantine","port":"a1","reason":"loops"})");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->at("done").to_number<int>(), 1);
  EXPECT_EQ(standing("a1"), Standing::kQuarantined);
  EXPECT_EQ(standing("b1"), Standing::kOpen);
  EXPECT_EQ(command(R"({"action":"quarantine","port":"a1"})")->at("done").to_number<int>(), 0);
  ASSERT_TRUE(command(R"({"action":"shutdown","port":"B"})"));
  EXPECT_EQ(standing("b1"), Standing::kShutDown);
  const auto port = std::to_string(world_.exchange.find_router("b1")->port.value);
  ASSERT_TRUE(command(R"({"action":"release","port":")" + port + "\"}"));
  EXPECT_EQ(standing("b1"), Standing::kOpen);
}

}  // namespace
}  // namespace fabrix::api
