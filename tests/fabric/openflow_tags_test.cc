// The tags of ports on a switch that behaves: fabric/port_tags.h, fabric/tagged_flows.h.
#include <vector>

#include <gtest/gtest.h>

#include "fabric/tagged_flows.h"
#include "tests/fabric/openflow_world.h"

namespace fabrix::fabric {
namespace {

class OpenFlowTagsTest : public OpenFlowFabricTest {
 protected:
  static std::vector<FlowMod> tagged(const program::ProgramPtr& program, const PortTags& tags) {
    auto flows = flows_of(program);
    for (FlowMod& flow : flows) flow = with_tags(tags, flow);
    return flows;
  }
};

// Port 2, to which all goes, gets another tag: what the switch has is what a fabric that never had
// the first one would have.
TEST_F(OpenFlowTagsTest, GivesAConnectedSwitchOtherTags) {
  fabric_.set_tags({{net::PortNo{2}, 100}});
  connect_and_settle();
  const auto program = program_of({10});
  install(program);
  exchange();
  const PortTags other{{net::PortNo{2}, 200}};
  fabric_.set_tags(other);
  exchange();
  EXPECT_TRUE(fabric_.in_sync());
  const FlowMod wanted = tagged(program, other).front();
  ASSERT_FALSE(switch_->flows.empty());
  EXPECT_EQ(switch_->flows.back().instructions, wanted.instructions);
}

// They wait for what is under way, and for nobody's sake is anything refused.
TEST_F(OpenFlowTagsTest, TakesOtherTagsAndAProgramWhileAChangeIsUnderWay) {
  connect_and_settle();
  install(program_of({10}));
  const PortTags tags{{net::PortNo{2}, 100}};
  fabric_.set_tags(tags);  // the switch has not answered yet
  exchange();
  EXPECT_TRUE(fabric_.in_sync());
  fabric_.set_tags({});
  const auto last = install(program_of({20}));
  exchange();
  EXPECT_TRUE(last->succeeded());
  EXPECT_TRUE(fabric_.in_sync());
  EXPECT_EQ(switch_->flows.back().instructions, flows_of(program_of({20})).front().instructions);
}

// Without a Program there is nothing to tell a switch.
TEST_F(OpenFlowTagsTest, TagsAloneAreNoFlows) {
  connect_and_settle();
  fabric_.set_tags({{net::PortNo{2}, 100}});
  exchange();
  EXPECT_TRUE(switch_->flows.empty());
}

// An audit while everything is as it should be, and one after somebody took the tag away.
TEST_F(OpenFlowTagsTest, AuditsKnowTheTags) {
  fabric_.set_tags({{net::PortNo{2}, 100}});
  const auto program = program_of({10});
  install(program);
  connect(tagged(program, {{net::PortNo{2}, 100}}));
  exchange();
  const auto right = audit(program);
  exchange();
  ASSERT_TRUE(*right && **right);
  EXPECT_TRUE((**right)->agrees());
  switch_->flows = flows_of(program);
  const auto wrong = audit(program);
  exchange();
  ASSERT_TRUE(*wrong && **wrong);
  EXPECT_EQ((**wrong)->different, 1U);
}

}  // namespace
}  // namespace fabrix::fabric
