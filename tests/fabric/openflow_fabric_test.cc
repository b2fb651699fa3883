#include "fabric/openflow_fabric.h"

#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "tests/fabric/openflow_world.h"

namespace fabrix::fabric {
namespace {

using openflow::tests::kBadAtCommit;
using openflow::tests::kBadPriority;
using Mods = std::vector<int>;
using Ports = std::vector<std::pair<std::uint32_t, bool>>;

TEST_F(OpenFlowFabricTest, InstallsWhatASwitchWithoutFlowsNeeds) {
  connect_and_settle();
  EXPECT_EQ(ready_, 1);
  const auto answer = install(program_of({10, 20}));
  EXPECT_EQ(answer->calls, 0);
  exchange();
  EXPECT_TRUE(answer->succeeded());
  EXPECT_EQ(take_mods(), (Mods{10, 20}));
  EXPECT_TRUE(fabric_.in_sync());
  EXPECT_EQ(fabric_.status(), "openflow: connected, datapath 00000000000000f1, 2 flows");
}

TEST_F(OpenFlowFabricTest, SendsTheDifferenceOnly) {
  connect_and_settle();
  install(program_of({10, 20}));
  exchange();
  take_mods();
  const auto answer = install(program_of({20, 30}));
  exchange();
  EXPECT_TRUE(answer->succeeded());
  EXPECT_EQ(take_mods(), (Mods{-10, 30}));
}

TEST_F(OpenFlowFabricTest, RemembersWhatItCannotInstallYet) {
  const auto first = install(program_of({10}));
  const auto second = install(program_of({20}));
  EXPECT_TRUE(first->succeeded());
  EXPECT_TRUE(second->succeeded());
  EXPECT_FALSE(fabric_.in_sync());
  connect();
  exchange();
  EXPECT_EQ(take_mods(), Mods{20});
  EXPECT_TRUE(fabric_.in_sync());
}

TEST_F(OpenFlowFabricTest, CorrectsASwitchAndLeavesWhatIsRightUntouched) {
  install(program_of({10, 20}));
  auto flows = flows_of(program_of({10, 30}));
  FlowMod wrong = flows_of(program_of({20})).front();
  wrong.cookie = 99;
  flows.push_back(wrong);
  connect(flows);
  exchange();
  auto all = std::exchange(switch_->flows, {});
  all.erase(all.begin(), all.begin() + 3);
  switch_->flows = all;
  EXPECT_EQ(take_mods(), (Mods{-30, 20}));
  ASSERT_EQ(events_.size(), 2U);
  EXPECT_EQ(events_.back(), "switch read flows=3 foreign=1 right=1 wanted=2");
}

TEST_F(OpenFlowFabricTest, SendsNoFlowModsToASwitchThatIsRight) {
  const auto program = program_of({10, 20, 30, 40, 50});
  install(program);
  connect(flows_of(program));
  exchange();
  EXPECT_EQ(switch_->flows.size(), 5U);
  EXPECT_TRUE(fabric_.in_sync());
}

TEST_F(OpenFlowFabricTest, AnAuditReadsTheSwitchBack) {
  const auto program = program_of({10, 20});
  connect_and_settle();
  install(program);
  exchange();
  const auto found = audit(program);
  EXPECT_FALSE(*found);
  exchange();
  ASSERT_TRUE(*found && **found);
  EXPECT_TRUE((**found)->agrees());
  EXPECT_EQ((**found)->rules, 2U);
  EXPECT_TRUE(fabric_.in_sync());
  EXPECT_EQ(ready_, 1);
  EXPECT_EQ(take_mods(), (Mods{10, 20}));
}

TEST_F(OpenFlowFabricTest, AnAuditSaysWhatIsWrongAndCorrectsIt) {
  const auto program = program_of({10, 20, 30});
  connect_and_settle();
  install(program);
  exchange();
  auto flows = flows_of(program_of({10, 40}));
  FlowMod wrong = flows_of(program_of({20})).front();
  wrong.cookie = 99;
  flows.push_back(wrong);
  switch_->flows = flows;
  const auto found = audit(program);
  exchange();
  ASSERT_TRUE(*found && **found);
  FabricAudit counts = ***found;
  EXPECT_EQ(std::exchange(counts.differences, {}).size(), 3U);
  EXPECT_EQ(std::exchange(counts.actual, {})->row_count(), 3U);
  EXPECT_EQ(counts,
            (FabricAudit{
                .rules = 3, .wanted = 3, .right = 1, .different = 1, .missing = 1, .foreign = 1}));
  auto all = std::exchange(switch_->flows, {});
  all.erase(all.begin(), all.begin() + 3);
  switch_->flows = all;
  EXPECT_EQ(take_mods(), (Mods{-40, 20, 30}));
  EXPECT_TRUE(fabric_.in_sync());
}

TEST_F(OpenFlowFabricTest, AnInstallWaitsForAnAudit) {
  const auto program = program_of({10});
  connect_and_settle();
  install(program);
  exchange();
  const auto found = audit(program);
  const auto answer = install(program_of({20}));
  EXPECT_EQ(answer->calls, 0);
  exchange();
  EXPECT_TRUE(*found && **found);
  EXPECT_TRUE(answer->succeeded());
}

TEST_F(OpenFlowFabricTest, AnAuditWaitsForWhatIsUnderWay) {
  install(program_of({10}));
  connect();
  const auto program = program_of({20});
  const auto first = audit(program);  // while the switch is being read
  EXPECT_FALSE(*first);
  const auto answer = install(program);
  exchange();
  EXPECT_TRUE(answer->succeeded());
  ASSERT_TRUE(*first && **first);
  install(program_of({30}));
  const auto second = audit(program);  // while it is being changed
  EXPECT_FALSE(*second);
  EXPECT_FALSE(**audit(program)) << "one at a time";
  exchange();
  ASSERT_TRUE(*second && **second);
  EXPECT_EQ((**second)->wanted, 1U);
  EXPECT_TRUE(fabric_.is_connected());
}

// The correction of one audit is through before the next one reads.
TEST_F(OpenFlowFabricTest, AnAuditSeesWhatTheOneBeforeHasCorrected) {
  const auto program = program_of({10});
  connect_and_settle();
  install(program);
  exchange();
  switch_->flows.clear();
  const auto first = audit(program);
  while (!*first) {
    switch_->feed(fabric_.take_output());
    turn();
  }
  ASSERT_TRUE(**first);
  EXPECT_EQ((**first)->missing, 1U);
  const auto second = audit(program);
  EXPECT_FALSE(*second);
  exchange();
  ASSERT_TRUE(*second && **second);
  EXPECT_TRUE((**second)->agrees());
}

TEST_F(OpenFlowFabricTest, AnAuditFailsWhereNothingCanBeRead) {
  const auto program = program_of({10});
  install(program);
  EXPECT_FALSE(**audit(program));
  connect_and_settle();
  const auto cut_off = audit(program);
  EXPECT_FALSE(*cut_off);
  EXPECT_FALSE(**audit(program));
  fabric_.disconnected();
  EXPECT_FALSE(**cut_off);
}

TEST_F(OpenFlowFabricTest, AFirstProgramCorrectsWhatTheSwitchHadBefore) {
  connect_and_settle(flows_of(program_of({10, 30})));
  install(program_of({10, 20}));
  exchange();
  EXPECT_EQ(take_mods(), (Mods{-30, 20}));
}

TEST_F(OpenFlowFabricTest, ARejectedProgramIsReportedAndTheOldOneStays) {
  connect_and_settle();
  install(program_of({10}));
  exchange();
  take_mods();
  for (const std::uint16_t bad : {kBadPriority, kBadAtCommit}) {
    const auto answer = install(program_of({20, bad}));
    exchange();
    EXPECT_TRUE(answer->failed());
    EXPECT_EQ(take_mods(), Mods{});
    EXPECT_TRUE(fabric_.in_sync());
  }
  // It still knows what the switch has.
  install(program_of({30}));
  exchange();
  EXPECT_EQ(take_mods(), (Mods{-10, 30}));
}

TEST_F(OpenFlowFabricTest, AfterAReconnectTheOldProgramIsWantedIfTheNewOneWasRejected) {
  connect_and_settle();
  install(program_of({10}));
  exchange();
  install(program_of({kBadPriority}));
  exchange();
  fabric_.disconnected();
  connect();
  exchange();
  EXPECT_EQ(take_mods(), Mods{10});
}

// Without bundles what is new is written beside what is there (fabric/switch_flows.h).
TEST_F(OpenFlowFabricTest, WithoutBundlesARejectedProgramIsTakenAwayAgain) {
  connect({}, openflow::Version::kOpenFlow13);
  exchange();
  install(program_of({10}));
  exchange();
  take_mods();
  const auto answer = install(program_of({10, 20, kBadPriority}));
  exchange();
  EXPECT_TRUE(answer->failed());
  EXPECT_EQ(take_mods(), (Mods{-kBadPriority, -20, -10, 10, 20}));
  EXPECT_TRUE(fabric_.in_sync());
}

TEST_F(OpenFlowFabricTest, WithoutBundlesAProgramComesIntoForceByOneFlowMod) {
  connect({}, openflow::Version::kOpenFlow13);
  exchange();
  install(program_of({10}));
  exchange();
  take_mods();
  const auto answer = install(program_of({20, 30}));
  exchange();
  EXPECT_TRUE(answer->succeeded());
  EXPECT_EQ(take_mods(), (Mods{-10, 20, 30, 0xfffe}));
  EXPECT_TRUE(fabric_.in_sync());
}

// What cleans up after a large change keeps the next one waiting, and nobody else.
TEST_F(OpenFlowFabricTest, ALargeProgramIsAnsweredWhenPacketsSeeIt) {
  std::vector<std::uint16_t> some;
  std::vector<std::uint16_t> others;
  for (std::uint16_t i = 1; i <= 2 * SwitchFlows::kBatch; ++i) {
    some.push_back(static_cast<std::uint16_t>(1000 + i));
    others.push_back(static_cast<std::uint16_t>(10'000 + i));
  }
  connect_and_settle();
  install(program_of(some));
  exchange();
  EXPECT_EQ(take_mods().size(), some.size());
  const auto answer = install(program_of(others));
  while (answer->calls == 0) {
    switch_->feed(fabric_.take_output());
    turn();
  }
  EXPECT_TRUE(answer->succeeded());
  EXPECT_EQ(take_mods().size(), others.size() + 1) << "and the flip";
  const auto next = install(program_of(some));
  EXPECT_EQ(next->calls, 0);
  exchange();
  EXPECT_TRUE(next->succeeded());
  EXPECT_TRUE(fabric_.in_sync());
  EXPECT_EQ(take_mods().size(), 2 * others.size() + some.size() + 1);
}

TEST_F(OpenFlowFabricTest, AProgramThatCannotBeTranslatedIsRefusedAtOnce) {
  auto program = std::make_shared<program::Program>();
  program::Row row;
  row.set_fields = {{net::Field::kDstIp6High, 1}};
  program->table(program::TableId::kOutbound).push_back(row);
  EXPECT_TRUE(install(program)->failed());
  connect_and_settle();
  EXPECT_TRUE(install(program)->failed());
}

TEST_F(OpenFlowFabricTest, AnInstallWaitsForOurOwnCorrection) {
  install(program_of({10}));
  connect();
  // Up to the moment when the correction is on its way.
  while (ready_ == 0) {
    switch_->feed(fabric_.take_output());
    turn();
  }
  const auto answer = install(program_of({20}));
  EXPECT_EQ(answer->calls, 0);
  exchange();
  EXPECT_TRUE(answer->succeeded());
  EXPECT_EQ(take_mods(), (Mods{-10, 10, 20}));
}

TEST_F(OpenFlowFabricTest, AnInstallWaitsForTheSwitchToBeRead) {
  connect();
  while (events_.empty()) {
    switch_->feed(fabric_.take_output());
    turn();
  }
  ASSERT_EQ(ready_, 0);
  const auto answer = install(program_of({20}));
  EXPECT_EQ(answer->calls, 0);
  exchange();
  EXPECT_TRUE(answer->succeeded());
  EXPECT_EQ(take_mods(), Mods{20});
}

TEST_F(OpenFlowFabricTest, ARefusedCorrectionIsNotRepeatedUntilThereIsReason) {
  install(program_of({kBadPriority}));
  connect();
  exchange();
  EXPECT_FALSE(fabric_.in_sync());
  const auto heard = switch_->heard.size();
  exchange();
  EXPECT_EQ(switch_->heard.size(), heard);
  const auto answer = install(program_of({10}));
  exchange();
  EXPECT_TRUE(answer->succeeded());
  EXPECT_TRUE(fabric_.in_sync());
}

TEST_F(OpenFlowFabricTest, ARefusedCorrectionDoesNotLoopWithoutBundles) {
  install(program_of({kBadPriority}));
  connect({}, openflow::Version::kOpenFlow13);
  exchange();
  EXPECT_FALSE(fabric_.in_sync());
  EXPECT_EQ(ready_, 2);
}

TEST_F(OpenFlowFabricTest, LosingTheConnectionAnswersAnInstallUnderWay) {
  connect_and_settle();
  const auto answer = install(program_of({10}));
  fabric_.disconnected();
  EXPECT_TRUE(answer->succeeded());
  fabric_.disconnected();
  EXPECT_EQ(answer->calls, 1);
  connect();
  exchange();
  EXPECT_EQ(take_mods(), Mods{10});
}

TEST_F(OpenFlowFabricTest, LosingTheConnectionAnswersAnInstallThatWaits) {
  install(program_of({10}));
  connect();
  while (ready_ == 0) {
    switch_->feed(fabric_.take_output());
    turn();
  }
  const auto answer = install(program_of({20}));
  fabric_.disconnected();
  EXPECT_TRUE(answer->succeeded());
  connect();
  exchange();
  EXPECT_EQ(take_mods(), Mods{20});
}

TEST_F(OpenFlowFabricTest, ASecondConnectionReplacesTheFirst) {
  connect_and_settle();
  const auto answer = install(program_of({10}));
  connect();
  EXPECT_TRUE(answer->succeeded());
  exchange();
  EXPECT_EQ(take_mods(), Mods{10});
}

TEST_F(OpenFlowFabricTest, ReportsPortsAsTheyAreAndAsTheyChange) {
  connect();
  switch_->ports = {port(2, "p2", 0)};
  exchange();
  EXPECT_EQ(ports_, (Ports{{1, false}, {2, true}}));
  ports_.clear();
  switch_->send(
      0, openflow::PortStatus{.reason = openflow::PortReason::kAdd, .port = port(1, "p1", 0)});
  switch_->send(
      0, openflow::PortStatus{.reason = openflow::PortReason::kModify, .port = port(1, "p1", 1)});
  switch_->send(
      0, openflow::PortStatus{.reason = openflow::PortReason::kDelete, .port = port(2, "p2", 0)});
  turn();
  EXPECT_EQ(ports_, (Ports{{1, true}, {1, false}, {2, false}}));
}

TEST_F(OpenFlowFabricTest, PassesFramesBothWays) {
  connect_and_settle();
  openflow::PacketIn packet;
  packet.data = {std::byte{1}, std::byte{2}};
  packet.match.set(openflow::OxmField::kInPort, 2);
  switch_->send(0, packet);
  turn();
  ASSERT_EQ(frames_.size(), 1U);
  EXPECT_EQ(frames_.front().first, net::PortNo{2});
  EXPECT_EQ(frames_.front().second, packet.data);

  fabric_.send_frame(net::PortNo{1}, packet.data);
  exchange();
  const auto* sent = std::get_if<openflow::PacketOut>(&switch_->heard.back());
  ASSERT_NE(sent, nullptr);
  EXPECT_EQ(sent->data, packet.data);
  const std::vector<openflow::Action> actions{openflow::Output{.port = net::PortNo{1}}};
  EXPECT_EQ(sent->actions, actions);
}

TEST_F(OpenFlowFabricTest, FramesForASwitchThatIsNotThereAreLost) {
  fabric_.send_frame(net::PortNo{1}, {});
  EXPECT_TRUE(fabric_.take_output().empty());
  EXPECT_EQ(fabric_.status(), "openflow: no switch connected");
}

TEST_F(OpenFlowFabricTest, ASilentSwitchIsGivenUp) {
  connect_and_settle();
  ASSERT_TRUE(fabric_.deadline());
  fabric_.tick(kNow + std::chrono::seconds(6));
  EXPECT_FALSE(fabric_.take_output().empty());
  fabric_.tick(kNow + std::chrono::minutes(1));
  EXPECT_TRUE(fabric_.wants_close());
}

TEST_F(OpenFlowFabricTest, WhatTheSwitchSaysThatATableCannotDoIsRefusedBeforeItIsWritten) {
  connect();
  switch_->tables = {
      {.table_id = 0, .max_entries = 2, .matches = std::set{openflow::OxmField::kEthDst}}};
  exchange();
  const auto answer = install(program_of({10}));
  exchange();
  ASSERT_TRUE(answer->failed());
  EXPECT_EQ(answer->outcome->error().message, "table 0 of the switch cannot match in_port");
  const auto full = install(program_of({10, 20, 30}));
  ASSERT_TRUE(full->failed());
  EXPECT_EQ(full->outcome->error().message,
            "table 0 of the switch (admit) has room for 2 flow entries: 3 are wanted");
  exchange();
  EXPECT_EQ(take_mods(), Mods{});
}

TEST_F(OpenFlowFabricTest, AStaleControllerSaysSoOnceAndWritesNothing) {
  std::vector<std::string> notices;
  fabric_.on_notice = [&notices](Severity, const std::string& text) { notices.push_back(text); };
  fabric_.set_generation(4);
  connect();
  exchange();
  install(program_of({10}));
  exchange();
  EXPECT_EQ(take_mods(), Mods{10});
  EXPECT_TRUE(notices.empty());

  switch_->send(0, openflow::RoleStatus{.role = openflow::Role::kSlave, .generation_id = 5});
  turn();
  EXPECT_TRUE(fabric_.wants_close());
  for (int again = 0; again < 3; ++again) {
    fabric_.disconnected();
    connect();
    switch_->generation_id = 5;
    EXPECT_TRUE(install(program_of({20}))->succeeded()) << "remembered, as without a switch";
    exchange();
    EXPECT_EQ(take_mods(), Mods{});
    EXPECT_EQ(fabric_.status(), "openflow: another controller of a newer generation is master");
  }
  EXPECT_EQ(notices, std::vector<std::string>{
                         "another controller of a newer generation is the switch's master: with "
                         "generation 4 this one writes nothing to it"});
}

TEST_F(OpenFlowFabricTest, GarbageEndsTheConnectionOnly) {
  connect_and_settle();
  const std::vector<std::byte> garbage(64, std::byte{0});
  fabric_.feed(garbage, kNow);
  EXPECT_TRUE(fabric_.wants_close());
  fabric_.disconnected();
  connect();
  exchange();
  EXPECT_EQ(ready_, 2);
}

TEST_F(OpenFlowFabricTest, TellsWhatThePortsHaveCountedWheneverItIsAsked) {
  fabric_.read_port_counts();  // nobody is there
  for (const std::uint64_t packets : {7U, 8U}) {
    connect_and_settle();
    switch_->port_stats = {{.number = net::PortNo{1}, .received_packets = packets}};
    fabric_.read_port_counts();
    exchange();
    EXPECT_EQ(fabric_.port_counts().at(net::PortNo{1}).in.packets, packets);
    fabric_.read_port_counts();
    fabric_.disconnected();
  }
}

}  // namespace
}  // namespace fabrix::fabric
