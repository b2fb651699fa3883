#include "fabric/switch_channel.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "openflow/label_actions.h"
#include "tests/fabric/leaf_spine.h"
#include "tests/openflow/fake_switch.h"

namespace fabrix::fabric {
namespace {

using openflow::FlowMod;
using openflow::OxmField;
using openflow::tests::FakeSwitch;

// e1, connected.
class SwitchChannelTest : public ::testing::Test {
 protected:
  void SetUp() override {
    openflow::PortDesc member;
    member.number = net::PortNo{11};
    openflow::PortDesc link;
    link.number = net::PortNo{21};
    switch_.ports = {member, link};
    exchange();
  }

  void exchange() {
    for (bool quiet = false; !quiet;) {
      const auto out = channel_.take_output();
      switch_.feed(out);
      const auto in = switch_.take_output();
      if (!in.empty()) channel_.feed(in, {});
      for (openflow::Event& event : channel_.take_events()) events_.push_back(std::move(event));
      quiet = out.empty() && in.empty();
    }
  }

  template <class Event>
  std::optional<Event> heard() {
    std::optional<Event> found;
    for (const openflow::Event& event : std::exchange(events_, {})) {
      if (const auto* one = std::get_if<Event>(&event)) found = *one;
    }
    return found;
  }

  Topology topology_ = leaf_spine();
  Underlay underlay_{topology_, kE1};
  FakeSwitch switch_{openflow::Version::kOpenFlow14};
  SwitchChannel channel_{openflow::Channel({}, {}), &underlay_};
  std::vector<openflow::Event> events_;
};

TEST_F(SwitchChannelTest, SpeaksInTheExchangesNumbers) {
  const auto connected = heard<openflow::Connected>();
  ASSERT_TRUE(connected);
  EXPECT_EQ(connected->ports[0].number, net::PortNo{1});
  EXPECT_EQ(connected->ports[1].number, underlay_.ports().from_switch(net::PortNo{21}));

  FlowMod flow;
  flow.match.set(OxmField::kInPort, 1);
  flow.instructions.apply_actions = {openflow::Output{.port = net::PortNo{3}}};
  ASSERT_TRUE(channel_.commit(openflow::CommitToken{1}, {flow}));
  exchange();
  EXPECT_EQ(heard<openflow::Committed>()->token, openflow::CommitToken{1});
  ASSERT_EQ(switch_.flows.size(), 1U);
  EXPECT_EQ(switch_.flows[0], underlay_.ports().to_switch(flow));

  openflow::PacketIn packet;
  packet.match.set(OxmField::kInPort, 12);
  switch_.send(0, packet);
  exchange();
  EXPECT_EQ(openflow::in_port_of(*heard<openflow::PacketIn>()), net::PortNo{2});
  openflow::PortStatus status;
  status.port.number = net::PortNo{11};
  switch_.send(0, status);
  exchange();
  EXPECT_EQ(heard<openflow::PortStatus>()->port.number, net::PortNo{1});
}

TEST_F(SwitchChannelTest, AReadingPutsGroupsAndTheUnderlayRightAndKeepsThemToItself) {
  switch_.groups = {{.id = 99}};
  ASSERT_TRUE(channel_.read_flows());
  exchange();
  EXPECT_TRUE(heard<openflow::FlowsRead>()->flows.empty());
  ASSERT_EQ(switch_.groups.size(), 1U);
  EXPECT_EQ(switch_.groups[0].id, group_of(kE2));
  EXPECT_EQ(switch_.flows.size(), underlay_.flow_count());
  FabricAudit wrong;
  channel_.add_to(wrong);
  EXPECT_EQ(wrong.missing, underlay_.flow_count());
  EXPECT_EQ(wrong.different, 2U);  // groups

  ASSERT_TRUE(channel_.read_flows());
  exchange();
  EXPECT_TRUE(heard<openflow::FlowsRead>()->flows.empty());
  EXPECT_EQ(switch_.flows.size(), underlay_.flow_count());
  FabricAudit right;
  channel_.add_to(right);
  EXPECT_TRUE(right.agrees());
  EXPECT_EQ(right.right, underlay_.flow_count());
}

TEST_F(SwitchChannelTest, OneChangeOfGroupsIsUnderWayAtATime) {
  ASSERT_TRUE(channel_.read_flows());
  exchange();
  switch_.heard.clear();
  underlay_.use(topology_, Paths(topology_, {0}));
  channel_.update_groups();
  for (int i = 0; i < 100; ++i) {
    underlay_.use(topology_, Paths(topology_, {}));
    channel_.update_groups();
    underlay_.use(topology_, Paths(topology_, {1}));
    channel_.update_groups();
  }
  exchange();
  const auto changes = std::ranges::count_if(switch_.heard, [](const openflow::Body& body) {
    return std::holds_alternative<openflow::GroupMod>(body);
  });
  EXPECT_EQ(changes, 2);
  ASSERT_EQ(switch_.groups[0].buckets.size(), 1U);
  EXPECT_EQ(switch_.groups[0].buckets[0].watch_port, net::PortNo{21});
}

}  // namespace
}  // namespace fabrix::fabric
