#include "compiler/receiver.h"

#include <gtest/gtest.h>

#include "compiler/box.h"
#include "tests/compiler/world.h"

namespace fabrix::compiler {
namespace {

class ReceiverTest : public testing::Test {
 protected:
  ReceiverInput input() {
    return {.exchange = world_.exchange,
            .port_up = world_.port_up,
            .reachability = world_.routes,
            .store = store_};
  }
  // Drops what comes from the prefixes that participant 0 announces.
  std::optional<Receiver> compile() {
    auto made = std::make_shared<policy::Policy>();
    const auto announced = make({policy::InPrefixesOf{participant(0), policy::Side::kSource}});
    made->inbound = list_of({clause(all_of({any_ip(), announced}), policy::Drop{})});
    return compile_receiver(participant(1), made, input());
  }

  World world_{{1, 2}};
  diagram::Store store_{policy_field_widths()};
};

TEST_F(ReceiverTest, WithoutClausesThereAreNoRows) {
  const auto receiver = compile_receiver(participant(1), nullptr, input());
  ASSERT_TRUE(receiver);
  EXPECT_EQ(receiver->rows, nullptr);
  EXPECT_FALSE(receiver->watches_routes());
}

TEST_F(ReceiverTest, FollowsWhatItsConditionsAskOfRoutes) {
  auto receiver = compile();
  ASSERT_TRUE(receiver);
  EXPECT_TRUE(receiver->watches_routes());
  const auto before = receiver->rows;
  const net::Prefix fresh = prefix("10.7.0.0/16");
  const RouteChange change{.prefixes = {&fresh, 1}};
  EXPECT_EQ(refresh(*receiver, participant(1), change, input()), Refreshed::kSame);
  EXPECT_EQ(receiver->rows, before);
  world_.routes.announce(router(0), fresh);
  EXPECT_EQ(refresh(*receiver, participant(1), change, input()), Refreshed::kMade);
  EXPECT_EQ(*receiver->rows, *compile()->rows);
}

}  // namespace
}  // namespace fabrix::compiler
