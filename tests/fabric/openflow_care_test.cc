// How OpenFlowFabric is careful with a switch: what it asks for at once, what it lets the switch
// send, and what it tells people of one that has forgotten everything.
#include <algorithm>
#include <utility>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

#include "fabric/controller_limit.h"
#include "tests/fabric/openflow_world.h"

namespace fabrix::fabric {
namespace {

TEST_F(OpenFlowFabricTest, ASwitchWithManyFlowsIsReadInSlices) {
  auto many = std::make_shared<program::Program>();
  for (std::uint32_t clause = 0; clause < 5000; ++clause) {
    program::Row row;
    row.priority = static_cast<std::uint16_t>(1000 + clause);
    row.match.exact(net::Field::kInPort, 1);
    row.next = program::Output{net::PortNo{2}};
    row.origin = {
        .kind = program::Origin::Kind::kOutboundClause, .participant = {}, .clause = clause};
    many->table(program::TableId::kAdmit).push_back(row);
  }
  many->canonicalize();
  install(many);
  auto flows = flows_of(many);
  FlowMod foreign = flows.front();
  foreign.priority = 1;
  foreign.cookie = 0x1234567890abcdef;
  flows.push_back(foreign);
  connect(flows);
  exchange();
  const auto requests = std::ranges::count_if(switch_->heard, [](const openflow::Body& body) {
    return std::holds_alternative<openflow::FlowStatsRequest>(body);
  });
  EXPECT_GE(requests, 3);
  EXPECT_LE(requests, 8);
  EXPECT_EQ(events_.back(), "switch read flows=5001 foreign=1 right=5000 wanted=5000");
}

// The batch after the one that is refused was made ahead.
TEST_F(OpenFlowFabricTest, ARefusedBatchTakesBackWhatWasToFollowIt) {
  connect({}, openflow::Version::kOpenFlow13);
  exchange();
  install(program_of({10}));
  exchange();
  take_mods();
  std::vector<std::uint16_t> many{openflow::tests::kBadPriority};
  for (std::uint16_t i = 1; i <= SwitchFlows::kBatch; ++i) {
    many.push_back(static_cast<std::uint16_t>(1000 + i));
  }
  const auto answer = install(program_of(many));
  exchange();
  EXPECT_TRUE(answer->failed());
  const auto mods = take_mods();
  EXPECT_EQ(std::ranges::count(mods, many.back()), 0) << "it was in the second batch";
  EXPECT_EQ(std::ranges::count(mods, -int{many.back()}), 1);
  const auto next = install(program_of({20, 30}));
  exchange();
  EXPECT_TRUE(next->succeeded());
}

TEST_F(OpenFlowFabricTest, BoundsWhatTheSwitchSendsHere) {
  const program::ProgramPtr program = program_of({10});
  connect();
  exchange();
  EXPECT_EQ(switch_->controller_meter, ControllerLimit::wanted());
  install(program);
  exchange();
  // It is nobody's in the Program, and comes back when somebody takes it away.
  const auto found = audit(program);
  exchange();
  ASSERT_TRUE(*found && **found);
  EXPECT_TRUE((**found)->agrees());
  switch_->controller_meter.reset();
  audit(program);
  exchange();
  EXPECT_EQ(switch_->controller_meter, ControllerLimit::wanted());
}

TEST_F(OpenFlowFabricTest, ASwitchThatCannotBoundItIsAskedOnceAndUsed) {
  switch_.emplace(openflow::Version::kOpenFlow14);
  switch_->has_meters = false;
  switch_->ports = {port(1, "p1", 0), port(2, "p2", 0)};
  fabric_.connected(kNow);
  exchange();
  EXPECT_EQ(events_.back().find("switch does not limit what it sends here: "), 0U);
  const auto told = events_.size();
  const program::ProgramPtr program = program_of({10});
  EXPECT_TRUE([&] {
    const auto answer = install(program);
    exchange();
    return answer->succeeded();
  }());
  audit(program);
  exchange();
  EXPECT_EQ(events_.size(), told);
  EXPECT_TRUE(fabric_.in_sync());
}

TEST_F(OpenFlowFabricTest, PeopleAreToldOfASwitchThatHasForgottenItsFlows) {
  std::vector<std::string> notices;
  fabric_.on_notice = [&](Severity, const std::string& text) { notices.push_back(text); };
  install(program_of({10}));
  connect();
  exchange();
  connect(flows_of(program_of({10})));
  exchange();
  EXPECT_TRUE(notices.empty()) << "a new one has none, and then it had them";
  connect();
  exchange();
  ASSERT_EQ(notices.size(), 1U);
  EXPECT_NE(notices[0].find("00000000000000f1 has lost its flow entries"), std::string::npos);
  switch_.emplace(openflow::Version::kOpenFlow14);
  switch_->datapath_id = 0xf2;
  fabric_.connected(kNow);
  exchange();
  EXPECT_EQ(notices.size(), 1U) << "another switch";
}

}  // namespace
}  // namespace fabrix::fabric
