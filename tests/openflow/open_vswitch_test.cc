// The channel against the real Open vSwitch.
#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "openflow/channel.h"
#include "openflow/label_actions.h"
#include "tests/openflow/controller_socket.h"
#include "tests/openflow/private_ovs.h"
#include "tests/openflow/sample_messages.h"
#include "tests/openflow/test_flows.h"

namespace fabrix::openflow {
namespace {

using fabrix::tests::ControllerSocket;
using fabrix::tests::PrivateOvs;

class OpenVswitchTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (const auto reason = PrivateOvs::unavailable()) GTEST_SKIP() << *reason;
    ASSERT_TRUE(ovs_.start()) << ovs_.error();
    const std::string path = ovs_.run_directory() + "/ix.ctl";
    ASSERT_TRUE(socket_.listen_on(path));
    ASSERT_TRUE(ovs_.bridge("ix", path)) << ovs_.error();
  }

  // Takes the next connection of the switch.
  std::optional<Connected> connect(const ChannelOptions& options) {
    if (!socket_.accept_switch()) return std::nullopt;
    channel_ = std::make_unique<Channel>(options, ControllerSocket::Clock::now());
    return socket_.wait_for<Connected>(*channel_);
  }

  std::optional<Committed> commit(const std::vector<FlowMod>& mods) {
    if (!channel_->commit(CommitToken{++token_}, mods)) return std::nullopt;
    return socket_.wait_for<Committed>(*channel_);
  }

  std::optional<Rejected> commit_in_vain(const std::vector<FlowMod>& mods) {
    if (!channel_->commit(CommitToken{++token_}, mods)) return std::nullopt;
    return socket_.wait_for<Rejected>(*channel_);
  }

  std::vector<FlowStats> read_back() {
    EXPECT_TRUE(channel_->read_flows());
    auto read = socket_.wait_for<FlowsRead>(*channel_);
    EXPECT_TRUE(read) << socket_.closed();
    return read ? read->flows : std::vector<FlowStats>{};
  }

  bool change_groups(const std::vector<GroupMod>& mods) {
    return channel_->change_groups(CommitToken{++token_}, mods) &&
           socket_.wait_for<Committed>(*channel_);
  }

  // By id.
  std::vector<Group> read_groups() {
    EXPECT_TRUE(channel_->read_groups());
    auto read = socket_.wait_for<GroupsRead>(*channel_);
    EXPECT_TRUE(read) << socket_.closed();
    if (!read) return {};
    std::ranges::sort(read->groups, {}, &Group::id);
    return read->groups;
  }

  // Each of `wanted` is installed as it was sent, and nothing else is.
  void expect_installed(const std::vector<FlowMod>& wanted) {
    const std::vector<FlowStats> installed = read_back();
    EXPECT_EQ(installed.size(), wanted.size());
    for (const FlowMod& mod : wanted) {
      const bool found = std::ranges::any_of(
          installed, [&](const FlowStats& flow) { return same_flow(flow, mod); });
      EXPECT_TRUE(found) << "priority " << mod.priority << " of\n" << ovs_.dump_flows("ix");
      if (!found) return;
    }
  }

  PrivateOvs ovs_;
  ControllerSocket socket_;
  std::unique_ptr<Channel> channel_;
  std::uint64_t token_ = 0;
};

TEST_F(OpenVswitchTest, ConnectsAndLearnsThePorts) {
  ASSERT_TRUE(ovs_.add_port("ix", "p1", 1)) << ovs_.error();
  const auto connected = connect({});
  ASSERT_TRUE(connected) << socket_.closed();
  EXPECT_EQ(connected->version, Version::kOpenFlow14);
  EXPECT_NE(connected->datapath_id, 0U);
  EXPECT_GE(connected->tables, 5);
  EXPECT_TRUE(std::ranges::any_of(connected->ports, [](const PortDesc& port) {
    return port.number == net::PortNo{1} && port.name == "p1";
  }));

  ASSERT_TRUE(ovs_.add_port("ix", "p2", 2)) << ovs_.error();
  auto status = socket_.wait_for<PortStatus>(*channel_);
  while (status && status->port.name != "p2") status = socket_.wait_for<PortStatus>(*channel_);
  ASSERT_TRUE(status);
  EXPECT_EQ(status->port.number, net::PortNo{2});
}

TEST_F(OpenVswitchTest, ReportsEveryFieldAndActionAsItWasSent) {
  ASSERT_TRUE(connect({})) << socket_.closed();
  std::vector<FlowMod> flows = tests::flows_with_every_field();
  FlowMod untagged;
  untagged.priority = 1;
  untagged.match.set(OxmField::kVlanVid, 0);
  FlowMod tagged = untagged;
  tagged.match.set(OxmField::kVlanVid, kVlanPresent, kVlanPresent);
  FlowMod dropped;
  dropped.cookie = 1;
  FlowMod punted;
  punted.priority = 2;
  punted.instructions.apply_actions = {to_controller(), Output{.port = kPortInPort}};
  flows.insert(flows.end(), {untagged, tagged, dropped, punted});
  ASSERT_TRUE(commit(flows)) << socket_.closed();
  expect_installed(flows);
}

TEST_F(OpenVswitchTest, CommitsAThousandFlowsAsOneBundleAndDeletesThemOneByOne) {
  ASSERT_TRUE(connect({})) << socket_.closed();
  const std::vector<FlowMod> flows = tests::policy_flows(1000);
  ASSERT_TRUE(commit(flows)) << socket_.closed();
  expect_installed(flows);

  std::vector<FlowMod> removals;
  for (const FlowStats& flow : read_back()) removals.push_back(removal_of(flow));
  ASSERT_TRUE(commit(removals)) << socket_.closed();
  expect_installed({});
}

TEST_F(OpenVswitchTest, RejectsABundleWithABadEntryWholeAndSaysWhich) {
  ASSERT_TRUE(connect({})) << socket_.closed();
  const std::vector<FlowMod> before = tests::policy_flows(10);
  ASSERT_TRUE(commit(before)) << socket_.closed();

  std::vector<FlowMod> bad_match = tests::policy_flows(200);
  bad_match[120].match.set(OxmField::kArpOp, 1);  // in a TCP packet
  auto rejected = commit_in_vain(bad_match);
  ASSERT_TRUE(rejected) << socket_.closed();
  EXPECT_EQ(rejected->token, CommitToken{2});
  EXPECT_EQ(rejected->index, std::size_t{120});
  EXPECT_EQ(rejected->reason, "bad match: prerequisite missing");
  EXPECT_EQ(rejected->left, Left::kUnchanged);
  expect_installed(before);

  std::vector<FlowMod> bad_goto = tests::policy_flows(200);
  bad_goto[7].instructions.goto_table = 0;  // backwards
  rejected = commit_in_vain(bad_goto);
  ASSERT_TRUE(rejected) << socket_.closed();
  EXPECT_EQ(rejected->index, std::size_t{7});
  expect_installed(before);

  // What only the commit itself finds out.
  std::vector<FlowMod> overlap = tests::policy_flows(20);
  overlap.push_back(overlap[5]);
  overlap.back().match.set(OxmField::kTcpDst, 0, 0);
  overlap.back().flags = kCheckOverlap;
  rejected = commit_in_vain(overlap);
  ASSERT_TRUE(rejected) << socket_.closed();
  EXPECT_EQ(rejected->index, std::size_t{20});
  EXPECT_EQ(rejected->reason, "flow mod failed: overlap");
  expect_installed(before);
}

TEST_F(OpenVswitchTest, TakesCommitsInARowAndKeepsWhatItDoesNotRefuse) {
  for (const Version version : {Version::kOpenFlow14, Version::kOpenFlow13}) {
    ASSERT_TRUE(connect({.highest = version})) << socket_.closed();
    const std::vector<FlowMod> all = tests::policy_flows(900);
    for (std::size_t at = 0; at < all.size(); at += 100) {
      const auto some = std::span(all).subspan(at, 100);
      ASSERT_TRUE(channel_->commit(CommitToken{at + 1}, some, CommitOrder::kInARow));
    }
    for (std::size_t at = 0; at < all.size(); at += 100) {
      const auto done = socket_.wait_for<Committed>(*channel_);
      ASSERT_TRUE(done) << socket_.closed();
      EXPECT_EQ(done->token, CommitToken{at + 1});
    }
    expect_installed(all);

    std::vector<FlowMod> bad = tests::policy_flows(1000);
    bad.erase(bad.begin(), bad.begin() + 900);
    const FlowMod good = bad.front();
    bad[7].match.set(OxmField::kArpOp, 1);  // in a TCP packet
    bad.resize(8);
    ASSERT_TRUE(channel_->commit(CommitToken{1}, bad, CommitOrder::kInARow));
    const auto rejected = socket_.wait_for<Rejected>(*channel_);
    ASSERT_TRUE(rejected) << socket_.closed();
    EXPECT_EQ(rejected->index, std::size_t{7});
    EXPECT_EQ(rejected->left, Left::kUnknown);
    const auto flows = read_back();
    EXPECT_TRUE(std::ranges::any_of(
        flows, [&good](const FlowStats& flow) { return same_flow(flow, good); }));
    std::vector<FlowMod> removals;
    for (const FlowStats& flow : flows) removals.push_back(removal_of(flow));
    ASSERT_TRUE(commit(removals)) << socket_.closed();
    socket_.hang_up();
  }
}

TEST_F(OpenVswitchTest, KeepsItsFlowsAcrossAReconnect) {
  ASSERT_TRUE(connect({})) << socket_.closed();
  const std::vector<FlowMod> flows = tests::policy_flows(50);
  ASSERT_TRUE(commit(flows)) << socket_.closed();
  socket_.hang_up();
  ASSERT_TRUE(connect({})) << socket_.closed();
  expect_installed(flows);
}

TEST_F(OpenVswitchTest, SpeaksOpenFlow13WithoutBundles) {
  const auto connected = connect({.highest = Version::kOpenFlow13});
  ASSERT_TRUE(connected) << socket_.closed();
  EXPECT_EQ(connected->version, Version::kOpenFlow13);
  const std::vector<FlowMod> flows = tests::flows_with_every_field();
  ASSERT_TRUE(commit(flows)) << socket_.closed();
  expect_installed(flows);

  std::vector<FlowMod> bad = tests::policy_flows(3);
  bad[1].match.set(OxmField::kArpOp, 1);
  const auto rejected = commit_in_vain(bad);
  ASSERT_TRUE(rejected) << socket_.closed();
  EXPECT_EQ(rejected->index, std::size_t{1});
  EXPECT_EQ(rejected->left, Left::kUnknown);
}

TEST_F(OpenVswitchTest, APacketOutThroughTheTablesComesBackAsPacketIn) {
  ASSERT_TRUE(ovs_.add_port("ix", "p1", 1)) << ovs_.error();
  ASSERT_TRUE(connect({})) << socket_.closed();
  FlowMod punt;
  punt.priority = 9;
  punt.cookie = 0xabc;
  punt.match.set(OxmField::kInPort, 1).set(OxmField::kEthType, 0x88cc);
  punt.instructions.apply_actions = {to_controller()};
  ASSERT_TRUE(commit({punt})) << socket_.closed();

  std::vector<std::byte> frame(300, std::byte{0x5a});
  frame[12] = std::byte{0x88};
  frame[13] = std::byte{0xcc};
  ASSERT_TRUE(channel_->packet_out(
      {.in_port = net::PortNo{1}, .actions = {Output{.port = kPortTable}}, .data = frame}));
  const auto packet = socket_.wait_for<PacketIn>(*channel_);
  ASSERT_TRUE(packet) << socket_.closed();
  EXPECT_EQ(packet->cookie, 0xabcU);
  EXPECT_EQ(in_port_of(*packet), net::PortNo{1});
  EXPECT_EQ(packet->data, frame);

  EXPECT_NE(ovs_.trace("ix", "in_port=1,dl_type=0x88cc").find("CONTROLLER"), std::string::npos);

  // An impossible one is reported, not fatal.
  ASSERT_TRUE(channel_->packet_out(
      {.in_port = net::PortNo{1}, .actions = {Output{.port = kPortAny}}, .data = frame}));
  EXPECT_TRUE(socket_.wait_for<ErrorReported>(*channel_));
}

// What a Group became in the switch.
TEST_F(OpenVswitchTest, GroupsAreReadBackAsTheyWereSet) {
  for (const Version version : {Version::kOpenFlow14, Version::kOpenFlow13}) {
    ASSERT_TRUE(connect({.highest = version})) << socket_.closed();
    Group group = tests::sample_group();
    const Group empty{.type = kGroupSelect, .id = 8};
    ASSERT_TRUE(change_groups({{.group = group}, {.group = empty}})) << socket_.closed();
    EXPECT_EQ(read_groups(), (std::vector<Group>{group, empty}));

    group.buckets.pop_back();
    ASSERT_TRUE(change_groups({{.command = GroupCommand::kModify, .group = group},
                               {.command = GroupCommand::kDelete, .group = empty}}));
    EXPECT_EQ(read_groups(), std::vector<Group>{group});

    FlowMod labelled;
    labelled.instructions.apply_actions = {push_vlan(), set_vlan_id(9), to_group(7), pop_vlan(),
                                           Output{.port = net::PortNo{2}}};
    ASSERT_TRUE(commit({labelled})) << socket_.closed();
    expect_installed({labelled});
    // Its flow entries go with a group.
    ASSERT_TRUE(change_groups({{.command = GroupCommand::kDelete, .group = {.id = kAllGroups}}}));
    EXPECT_TRUE(read_groups().empty());
    expect_installed({});
    socket_.hang_up();
  }
}

TEST_F(OpenVswitchTest, ARefusedGroupIsReported) {
  ASSERT_TRUE(connect({})) << socket_.closed();
  const Group group = tests::sample_group();
  ASSERT_TRUE(channel_->change_groups(CommitToken{5},
                                      std::vector<GroupMod>{{.group = group}, {.group = group}}));
  const auto rejected = socket_.wait_for<Rejected>(*channel_);
  ASSERT_TRUE(rejected) << socket_.closed();
  EXPECT_EQ(rejected->token, CommitToken{5});
  EXPECT_EQ(rejected->index, std::size_t{1});
  EXPECT_EQ(rejected->reason, "group mod failed: group exists");
}

TEST_F(OpenVswitchTest, SaysWhatItsTablesCanDo) {
  for (const Version version : {Version::kOpenFlow14, Version::kOpenFlow13}) {
    ASSERT_TRUE(connect({.highest = version})) << socket_.closed();
    ASSERT_TRUE(channel_->read_tables());
    const auto read = socket_.wait_for<TablesRead>(*channel_);
    ASSERT_TRUE(read) << socket_.closed();
    ASSERT_GE(read->tables.size(), 15U);
    for (std::uint8_t id = 0; id < 15; ++id) {
      const TableFeatures& table = read->tables[id];
      EXPECT_EQ(table.table_id, id);
      EXPECT_GE(table.max_entries, 100'000U);
      for (const std::uint16_t needed : {kGotoTableInstruction, kWriteMetadataInstruction,
                                         kApplyActionsInstruction, kMeterInstruction}) {
        EXPECT_TRUE(table.instructions && table.instructions->contains(needed)) << needed;
      }
      EXPECT_TRUE(table.next_tables && table.next_tables->contains(15));
      for (const OxmField field : {OxmField::kInPort, OxmField::kMetadata, OxmField::kIpv6NdTarget,
                                   OxmField::kSctpDst, OxmField::kVlanVid}) {
        EXPECT_TRUE(table.matches && table.matches->contains(field)) << name_of(field);
      }
      EXPECT_TRUE(table.sets && table.sets->contains(OxmField::kEthDst));
    }
    socket_.hang_up();
  }
}

TEST_F(OpenVswitchTest, SaysOfAllItsPortsWhatTheyHaveCounted) {
  ASSERT_TRUE(ovs_.add_port("ix", "p1", 1)) << ovs_.error();
  for (const Version version : {Version::kOpenFlow14, Version::kOpenFlow13}) {
    ASSERT_TRUE(connect({.highest = version})) << socket_.closed();
    ASSERT_TRUE(channel_->read_port_counts());
    const auto read = socket_.wait_for<PortCountsRead>(*channel_);
    ASSERT_TRUE(read) << socket_.closed();
    EXPECT_EQ(read->ports.size(), 2U);  // and the switch's own
    EXPECT_TRUE(std::ranges::any_of(
        read->ports, [](const PortStats& port) { return port.number == net::PortNo{1}; }));
  }
}

TEST_F(OpenVswitchTest, AStaleMasterIsRefused) {
  ASSERT_TRUE(connect({.highest = Version::kOpenFlow14, .master_generation = 10}))
      << socket_.closed();
  ASSERT_TRUE(commit(tests::policy_flows(1))) << socket_.closed();
  socket_.hang_up();
  EXPECT_FALSE(connect({.highest = Version::kOpenFlow14, .master_generation = 9}));
  EXPECT_EQ(socket_.closed(), "another controller of a newer generation is the switch's master");
}

}  // namespace
}  // namespace fabrix::openflow
