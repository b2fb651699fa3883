#include "controller/fsm_review.h"

#include <gtest/gtest.h>

#include "controller/symbols.h"
#include "policy/parse.h"
#include "tests/controller/world.h"

namespace fabrix::controller {
namespace {

constexpr std::string_view kEvent = "event e : bool\n";

class FsmReviewTest : public ::testing::Test {
 protected:
  Result<std::vector<Diagnostic>, std::vector<Diagnostic>> reviewed(const std::string& text) {
    const auto& exchange = world_.controller().exchange();
    const auto owner = world_.id_of("A");
    auto parsed = policy::parse(text, "A.policy", symbols_for(exchange, owner));
    EXPECT_TRUE(parsed) << render(parsed.error(), text);
    compiler::Compiler compiler(exchange, world_.controller().route_server());
    return review(compiler, owner, *parsed->fsms, "A.policy");
  }

  World world_;
};

TEST_F(FsmReviewTest, FindsAnAmbiguityThatOnlyARareStateHas) {
  const auto found = reviewed(std::string(kEvent) +
                              "fsm f per srcip { var n : 0..9\non e { n = n + 1 }\n"
                              "policy = case { n == 9 -> fwd(B); else -> none } }\n"
                              "outbound = f + (match(dstport=80) >> fwd(C))\n");
  ASSERT_FALSE(found);
  ASSERT_EQ(found.error().size(), 1U);
  EXPECT_EQ(found.error()[0].code, "P0301");
  EXPECT_NE(found.error()[0].witness.find("where f: n=9"), std::string::npos);
}

TEST_F(FsmReviewTest, WarnsOnlyOfWhatIsOddInAllStates) {
  const std::string fsm = std::string(kEvent) +
                          "fsm f { var x : bool\non e { x = value }\n"
                          "policy = case { x -> drop; else -> none } }\n";
  const auto some = reviewed(fsm + "outbound = f // match(dstport=80) >> fwd(B)\n");
  ASSERT_TRUE(some);
  EXPECT_TRUE(some->empty());
  const auto all = reviewed(fsm +
                            "outbound = f // match(dstport=80) >> drop"
                            " // match(dstport=80) >> fwd(C)\n");
  ASSERT_TRUE(all);
  EXPECT_EQ(all->size(), 1U);
}

}  // namespace
}  // namespace fabrix::controller
