// What is refused; tests/app/session_command_test.cc has what is done to real sessions.
#include "api/session_commands.h"

#include <string>

#include <boost/json/parse.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/api/world.h"

namespace fabrix::api {
namespace {

using ::testing::HasSubstr;

class SessionCommandsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    exchange_.route_server.addresses = {*net::IpAddress::parse("127.0.0.1")};
    controller_.emplace(exchange_, fabric_);
    auto server = controller::BgpServer::start(loop_, *controller_, {.port = 0});
    ASSERT_TRUE(server) << server.error().message;
    server_ = *std::move(server);
  }
  Answer command(const std::string& request) {
    return command_sessions(*controller_, server_.get(), boost::json::parse(request).as_object());
  }
  std::string refused(const std::string& request) {
    const auto answer = command(request);
    return answer ? "done" : answer.error().error;
  }

  exchange::Exchange exchange_ = *exchange::load(testing::kExchangeText, "exchange.yaml");
  fabric::SimulatedFabric fabric_;
  io::EventLoop loop_;
  std::optional<controller::Controller> controller_;
  std::unique_ptr<controller::BgpServer> server_;
};

TEST_F(SessionCommandsTest, SaysWhatIsWrongWithARequest) {
  EXPECT_THAT(refused(R"({"action":"rest","neighbor":"A"})"), HasSubstr("write reset, refresh"));
  EXPECT_THAT(refused(R"({"action":"reset"})"), HasSubstr("which session?"));
  EXPECT_EQ(refused(R"({"action":"reset","neighbor":"a11"})"),
            "no router or participant is called 'a11'; did you mean a1?");
  EXPECT_EQ(refused(R"({"action":"enable","neighbor":"A","reason":"x"})"),
            "nobody is told a reason of enable");
  EXPECT_EQ(refused(R"({"action":"refresh","neighbor":"A","direction":"up"})"),
            "no direction is called 'up': write in or out");
  EXPECT_EQ(refused(R"({"action":"reset","neighbor":"A","direction":"in"})"),
            "only refresh has a direction");
  const std::string longest(255, 'x');
  EXPECT_EQ(refused(R"({"action":"reset","neighbor":"A","reason":")" + longest + "\"}"), "done");
  EXPECT_THAT(refused(R"({"action":"reset","neighbor":"A","reason":"x)" + longest + "\"}"),
              HasSubstr("256 octets; a router is told at most 255"));
  EXPECT_EQ(command_sessions(*controller_, nullptr, {}).error().kind, RefusalKind::kBadRequest);
}

TEST_F(SessionCommandsTest, SaysWhereThereIsNothingToDo) {
  const auto reset = command(R"({"action":"reset","all":true})");
  ASSERT_TRUE(reset);
  EXPECT_EQ(reset->at("done").to_number<int>(), 0);
  ASSERT_EQ(reset->at("sessions").as_array().size(), 3U);
  EXPECT_EQ(reset->at("sessions").at(0).at("text").as_string(), "172.0.0.1 has no session");
  for (const std::string direction : {"in", "out"}) {
    const auto refresh =
        command(R"({"action":"refresh","all":true,"direction":")" + direction + "\"}");
    EXPECT_EQ(refresh->at("done").to_number<int>(), 0);
  }
}

TEST_F(SessionCommandsTest, DisablesWhatIsNotThereAndEnablesIt) {
  const auto text = [&](const std::string& action) {
    const auto answer = command(R"({"neighbor":"A","action":")" + action + "\"}");
    EXPECT_EQ(answer->at("done").to_number<int>(), 1);
    return std::string(answer->at("sessions").at(0).at("text").as_string());
  };
  EXPECT_EQ(text("enable"), "was not disabled");
  EXPECT_EQ(text("disable"), "disabled; there was no session");
  EXPECT_EQ(text("disable"), "was disabled already");
  EXPECT_EQ(text("enable"), "welcome again");
  EXPECT_EQ(text("enable"), "was not disabled");
}

}  // namespace
}  // namespace fabrix::api
