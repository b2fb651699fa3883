#include "lab/lab.h"

#include <csignal>

#include <gtest/gtest.h>

#include "lab/interrupt.h"
#include "lab/paths.h"
#include "tests/lab/lab_world.h"

namespace fabrix::lab {
namespace {

namespace json = boost::json;

class LabTest : public testing::LabWorld {
 protected:
  // A lab whose fabrixd answers as `ask` does.
  Lab lab(Ask ask) const {
    return {testing::small_lab(),
            {.name = name_, .folder = run_, .fabrixd = "/nowhere/fabrixd", .ask = std::move(ask)}};
  }
};

TEST_F(LabTest, WaitingEndsWithSuccessTheLastErrorOrAnInterrupt) {
  int asked = 0;
  EXPECT_TRUE(wait_until(std::chrono::seconds(10), [&]() -> Result<void> {
    if (++asked == 3) return {};
    return fail(Error{"not yet"});
  }));
  EXPECT_EQ(asked, 3);
  const auto never = []() -> Result<void> { return fail(Error{"never"}); };
  EXPECT_EQ(wait_until(std::chrono::milliseconds(0), never).error().message, "never");
  const InterruptGuard guard;
  std::raise(SIGINT);
  EXPECT_EQ(wait_until(std::chrono::seconds(10), never).error().message, "interrupted");
}

TEST_F(LabTest, QuestionsGoToTheSocketOfTheLab) {
  std::vector<std::string> asked;
  const Lab running = lab([&](const std::string& socket, const json::object& request) {
    asked.push_back(socket + " " + std::string(request.at("command").as_string()));
    return Result<json::value>(json::object{});
  });
  EXPECT_TRUE(running.is_running());
  EXPECT_TRUE(running.trace("a1", *net::parse_packet("tcp 100.0.0.1 -> 140.0.0.1:80")));
  EXPECT_EQ(asked,
            (std::vector{control_socket(name_) + " show", control_socket(name_) + " trace"}));
}

TEST_F(LabTest, EveryNodeHasLogs) {
  const Lab stopped = lab([](const std::string&, const json::object&) {
    return Result<json::value>(fail(Error{"nobody answers"}));
  });
  EXPECT_FALSE(stopped.is_running());
  for (const char* node : {"ix", "rs", "a1", "b1"}) EXPECT_FALSE(stopped.logs_of(node).empty());
  EXPECT_TRUE(stopped.logs_of("z1").empty());
  EXPECT_EQ(stopped.namespace_of("a1"), "fx-" + name_ + "-a1");
}

TEST_F(LabTest, APolicyThatTheExchangeTakesBackIsAFailure) {
  Lab running = lab([](const std::string&, const json::object& request) -> Result<json::value> {
    if (request.at("command") == "remove-policy") return json::value(nullptr);
    if (request.at("what") == "status") return json::value(json::object{{"settled", true}});
    return json::value(
        json::array{json::object{{"participant", "A"}, {"text", "outbound = drop"}}});
  });
  const auto changed = running.change_policy({.participant = "A", .file = std::nullopt});
  ASSERT_FALSE(changed);
  EXPECT_NE(changed.error().message.find("taken the policy back"), std::string::npos);
  EXPECT_TRUE(running.change_policy({.participant = "B", .file = std::nullopt}));
  EXPECT_FALSE(running.change_policy({.participant = "B", .file = "missing.policy"}));
}

}  // namespace
}  // namespace fabrix::lab
