#include "lab/checks.h"

#include <csignal>

#include <gtest/gtest.h>

#include "lab/interrupt.h"
#include "lab/network.h"
#include "tests/lab/lab_world.h"

namespace fabrix::lab {
namespace {

constexpr std::string_view kHead =
    "version: 1\nlab: {description: x}\nrouters: {b1: {prefixes: [140.0.0.0/24]}}\nsteps:\n";

class ChecksTest : public testing::LabWorld {
 protected:
  Lab lab(const std::string& steps) const {
    return {testing::small_lab(std::string(kHead) + steps),
            {.name = name_,
             .folder = run_,
             .fabrixd = "",
             .ask = [](const std::string&, const boost::json::object&) {
               return Result<boost::json::value>(fail(Error{"nobody answers"}));
             }}};
  }
};

TEST_F(ChecksTest, NotesAreToldAndChangesThatFailSayWhy) {
  Lab stopped = lab("  - note: hello\n  - policy: {participant: A, remove: true}\n");
  std::vector<std::string> told;
  const auto outcomes =
      run_steps(stopped, [&](const Outcome& outcome) { told.push_back(outcome.text); });
  ASSERT_EQ(outcomes.size(), 2U);
  EXPECT_EQ(told, (std::vector<std::string>{"hello", "A removes its policy"}));
  EXPECT_EQ(outcomes[0].verdict, Verdict::kNote);
  EXPECT_EQ(outcomes[1].verdict, Verdict::kFailed);
  EXPECT_EQ(outcomes[1].seen, "nobody answers");
  EXPECT_EQ(outcomes[1].line, 6U);
}

TEST_F(ChecksTest, LooksIntoTheRoutersKernel) {
  if (!is_root()) GTEST_SKIP() << "needs root";
  Lab built = lab("  - on_link: {router: a1, prefix: 172.0.0.0/16}\n");
  ASSERT_TRUE(make_directory(name_, namespaces_of(name_, built.nodes())));
  ASSERT_TRUE(build_network(name_, built.nodes(), testing::small_exchange().peering_lan,
                            exchange::FabricType::kOpenFlow));
  const auto outcomes = run_steps(built, [](const Outcome&) {});
  ASSERT_EQ(outcomes.size(), 1U);
  EXPECT_EQ(outcomes[0].verdict, Verdict::kPassed) << outcomes[0].seen;
  EXPECT_EQ(outcomes[0].seen, "on ix0");
}

TEST_F(ChecksTest, AnInterruptEndsTheSteps) {
  const InterruptGuard guard;
  std::raise(SIGTERM);
  Lab stopped = lab("  - note: hello\n");
  EXPECT_TRUE(run_steps(stopped, [](const Outcome&) {}).empty());
}

}  // namespace
}  // namespace fabrix::lab
