#include "fabric/flow_reading.h"

#include <algorithm>
#include <memory>
#include <random>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "fabric/flow_translation.h"
#include "openflow/nicira.h"
#include "tests/verify/compiled_world.h"

namespace fabrix::fabric {
namespace {

using net::Field;
using openflow::FlowMod;
using openflow::FlowStats;
using openflow::OxmField;
using openflow::SetField;
using program::Row;
using program::TableId;

const std::vector<net::PortNo> kPorts{net::PortNo{1}, net::PortNo{2}};

FlowStats installed(const FlowMod& flow) {
  return {.table_id = flow.table_id,
          .priority = flow.priority,
          .cookie = flow.cookie,
          .match = flow.match,
          .instructions = flow.instructions};
}

std::vector<FlowStats> installed(const std::vector<FlowMod>& flows) {
  std::vector<FlowStats> all;
  for (const FlowMod& flow : flows) all.push_back(installed(flow));
  return all;
}

// A flow entry for web traffic in the outbound table that does this.
FlowMod web(openflow::Instructions instructions) {
  FlowMod flow;
  flow.table_id = 2;
  flow.priority = 9;
  flow.match.set(OxmField::kEthType, 0x0800).set(OxmField::kIpProto, 6).set(OxmField::kTcpDst, 80);
  flow.instructions = std::move(instructions);
  return flow;
}

// Sends web traffic of the first participant to the second; one row, six flow entries.
program::Program small_program() {
  program::Program program;
  Row row;
  row.priority = 100;
  row.match.metadata = program::Metadata::sender(net::ParticipantId{0});
  row.match.exact(Field::kDstPort, 80);
  row.write_metadata = program::Metadata::egress(net::ParticipantId{1});
  row.next = program::Goto{TableId::kInbound};
  row.origin = {program::Origin::Kind::kOutboundClause, net::ParticipantId{0}, 3};
  program.table(TableId::kOutbound).push_back(row);
  return program;
}

FabricAudit audit_of(const program::Program& program, const std::vector<FlowStats>& flows) {
  FabricAudit audit;
  EXPECT_TRUE(explain(program, kPorts, flows, audit));
  return audit;
}

// A meter's rate is not in the flow entry, and copies that go on are words of Open vSwitch's.
bool does_more(const FlowMod& flow) {
  const auto is_plain = [](const openflow::Action& action) {
    return std::holds_alternative<openflow::Output>(action) ||
           std::holds_alternative<SetField>(action);
  };
  return flow.instructions.meter || !std::ranges::all_of(flow.instructions.apply_actions, is_plain);
}

TEST(FlowReadingTest, WhatFabrixInstallsReadsBackAsTheSame) {
  std::size_t read = 0;
  for (std::uint32_t seed = 1; seed <= 20; ++seed) {
    const verify::CompiledWorld compiled(seed);
    std::vector<net::PortNo> ports;
    for (std::uint32_t i = 1; i < 30; ++i) ports.push_back(net::PortNo{i});
    const auto flows = flows_for(compiled.program, ports).value();
    for (const FlowMod& flow : flows) {
      const auto row = row_of(flow);
      if (!row && does_more(flow)) continue;
      ASSERT_TRUE(row) << seed << ": " << describe(flow);
      const auto again = flows_for(static_cast<TableId>(flow.table_id), *row, ports);
      ASSERT_TRUE(again);
      ASSERT_EQ(again->size(), 1U) << seed << ": " << describe(flow);
      EXPECT_EQ(again->front().match, flow.match) << seed << ": " << describe(flow);
      EXPECT_EQ(again->front().instructions, flow.instructions) << seed << ": " << describe(flow);
      ++read;
    }
  }
  EXPECT_GT(read, 1000U);
}

// Whatever a switch says, the worst is that it is no row.
TEST(FlowReadingTest, NothingThatASwitchSaysIsTooMuch) {
  std::mt19937_64 random(20261121);
  const auto fields = openflow::all_oxm_fields();
  const auto number = [&random] { return openflow::U128{random(), random()}; };
  const auto field = [&] { return fields[random() % fields.size()]; };
  std::size_t rows = 0;
  for (int i = 0; i < 5'000; ++i) {
    FlowMod flow;
    flow.table_id = static_cast<std::uint8_t>(random() % 9);
    for (std::uint64_t n = random() % 4; n > 0; --n) {
      random() % 2 == 0 ? flow.match.set(field(), number())
                        : flow.match.set(field(), number(), number());
    }
    for (std::uint64_t n = random() % 3; n > 0; --n) {
      if (random() % 2 == 0) {
        flow.instructions.apply_actions.emplace_back(SetField{.field = field(), .value = number()});
      } else {
        const net::PortNo port{static_cast<std::uint32_t>(random() % 4 == 0 ? random() : 1)};
        flow.instructions.apply_actions.emplace_back(openflow::Output{.port = port});
      }
    }
    if (random() % 2 == 0) flow.instructions.goto_table = static_cast<std::uint8_t>(random() % 10);
    flow.instructions = canonical(std::move(flow.instructions));
    if (row_of(flow)) ++rows;
    EXPECT_FALSE(describe(flow).empty());
    const auto audit = audit_of(small_program(), {installed(flow)});
    EXPECT_EQ(audit.differences.size(), 7U);
    EXPECT_NE(audit.actual, nullptr);
  }
  EXPECT_GT(rows, 100U);
}

TEST(FlowReadingTest, WhatNoRowDoesIsNoRow) {
  const openflow::Output one{.port = net::PortNo{1}};
  const openflow::Output two{.port = net::PortNo{2}};
  EXPECT_TRUE(row_of(web({.apply_actions = {one}})));
  EXPECT_TRUE(row_of(web({.apply_actions = {openflow::to_controller()}})));
  EXPECT_TRUE(row_of(web({})));
  // A copy leaves as the packet came.
  EXPECT_EQ(row_of(web({.apply_actions = {one, two}}))->copies, std::vector{net::PortNo{1}});
  EXPECT_EQ(row_of(web({.apply_actions = {one}, .goto_table = 5}))->copies,
            std::vector{net::PortNo{1}});
  const SetField mark{.field = openflow::OxmField::kIpDscp, .value = 8};
  EXPECT_FALSE(row_of(web({.apply_actions = {mark, one, two}})));
  EXPECT_FALSE(row_of(web({.goto_table = 5, .meter = 3})));
  EXPECT_FALSE(row_of(web({.apply_actions = {openflow::Output{.port = openflow::kPortFlood}}})));
  EXPECT_FALSE(row_of(web({.apply_actions = {openflow::OpaqueAction{.type = 22, .body = {}}}})));
  EXPECT_FALSE(row_of(web({.opaque = {{.type = 6, .body = {}}}})));
  EXPECT_FALSE(row_of(web({.goto_table = 100}))) << "no such table";
  EXPECT_FALSE(row_of(web({.goto_table = 2}))) << "the same table";
  FlowMod strange = web({});
  strange.match.add_opaque({.header = 0x00010000, .body = {}});
  EXPECT_FALSE(row_of(strange));
  EXPECT_EQ(describe(web({.goto_table = 2})),
            "outbound 9 eth_type=0x800 ip_proto=0x6 tcp_dst=0x50 -> what no row of Fabrix does");
}

TEST(FlowReadingTest, ASwitchThatIsRightHasNoDifferences) {
  const auto program = small_program();
  const auto audit = audit_of(program, installed(flows_for(program, kPorts).value()));
  EXPECT_TRUE(audit.differences.empty());
  ASSERT_NE(audit.actual, nullptr);
  EXPECT_EQ(*audit.actual, program);
}

// One of the six flow entries of the row is gone: IPv4 and TCP.
TEST(FlowReadingTest, APartOfARowThatIsMissingIsTold) {
  const auto program = small_program();
  auto flows = flows_for(program, kPorts).value();
  flows.erase(flows.begin());
  const auto audit = audit_of(program, installed(flows));
  ASSERT_EQ(audit.differences.size(), 1U);
  const Difference& missing = audit.differences.front();
  EXPECT_EQ(missing.kind, Difference::Kind::kMissing);
  EXPECT_EQ(missing.table, TableId::kOutbound);
  EXPECT_EQ(to_string(missing.wanted.value()),
            "100 sender=0 ethtype=0x0800 protocol=6 dstport=80 -> egress=1 inbound");
  EXPECT_EQ(missing.wanted->origin.clause, 3U);
  EXPECT_EQ(missing.is, "");
  EXPECT_EQ(audit.actual->table(TableId::kOutbound).size(), 5U);
  EXPECT_EQ(audit.unsaid, 0U);
}

TEST(FlowReadingTest, WhatDoesSomethingElseIsToldAsItIs) {
  const auto program = small_program();
  auto flows = flows_for(program, kPorts).value();
  flows[0].instructions = {};
  flows[1].instructions = {.apply_actions = {openflow::Output{.port = openflow::kPortAll}}};
  const auto audit = audit_of(program, installed(flows));
  ASSERT_EQ(audit.differences.size(), 2U);
  EXPECT_EQ(audit.differences[0].kind, Difference::Kind::kDifferent);
  EXPECT_EQ(audit.differences[0].is,
            "outbound 100 sender=0 ethtype=0x0800 protocol=6 dstport=80 -> drop");
  EXPECT_TRUE(audit.differences[0].is_row);
  EXPECT_FALSE(audit.differences[1].is_row);
  EXPECT_EQ(audit.unsaid, 1U);
  EXPECT_EQ(audit.actual->table(TableId::kOutbound).size(), 5U);
}

TEST(FlowReadingTest, WhatIsNobodysIsTold) {
  const auto program = small_program();
  auto flows = flows_for(program, kPorts).value();
  flows.push_back(web({}));
  FlowMod far = web({});
  far.table_id = 200;
  flows.push_back(far);
  const auto audit = audit_of(program, installed(flows));
  ASSERT_EQ(audit.differences.size(), 2U);
  for (const Difference& each : audit.differences) {
    EXPECT_EQ(each.kind, Difference::Kind::kForeign);
    EXPECT_FALSE(each.wanted);
  }
  EXPECT_EQ(audit.differences[0].is, "outbound 9 ethtype=0x0800 protocol=6 dstport=80 -> drop");
  EXPECT_TRUE(audit.differences[1].is.starts_with("table 200 9 "));
  EXPECT_EQ(audit.actual->table(TableId::kOutbound).size(), 2U);
  EXPECT_EQ(audit.unsaid, 0U) << "nothing leads to table 200";
}

TEST(FlowReadingTest, ACookieOrATimeoutChangesNoRow) {
  const auto program = small_program();
  auto flows = installed(flows_for(program, kPorts).value());
  flows.front().cookie = 99;
  flows.back().idle_timeout = 10;
  const auto audit = audit_of(program, flows);
  EXPECT_EQ(audit.differences.size(), 2U);
  EXPECT_EQ(audit.unsaid, 0U);
  EXPECT_EQ(audit.actual->table(TableId::kOutbound).size(), 6U);
}

TEST(FlowReadingTest, OnlyTheFirstDifferencesAreListed) {
  std::vector<FlowStats> flows;
  for (std::uint16_t i = 0; i < 100; ++i) {
    FlowMod flow = web({});
    flow.priority = i;
    flows.push_back(installed(flow));
  }
  const auto audit = audit_of({}, flows);
  EXPECT_EQ(audit.differences.size(), kMaxDifferences);
  EXPECT_EQ(audit.actual->table(TableId::kOutbound).size(), 100U);
}

TEST(FlowReadingTest, BucketsAndHashesReadBack) {
  Row row;
  row.priority = 5;
  row.match.ternary(Field::kFlowBucket, 0x20, 0x30).exact(Field::kDstIpBucket, 5);
  row.hashes = {net::HashKey::kSrcIp, net::HashKey::kDstIp};
  row.next = program::Goto{TableId::kOutbound};
  const auto flows = flows_for(TableId::kAdmit, row, kPorts);
  ASSERT_TRUE(flows);
  ASSERT_EQ(flows->size(), 1U);
  EXPECT_EQ(row_of(flows->front()), row);
}

TEST(FlowReadingTest, OtherBitsOfTheRegisterAndOtherHashesAreNoRows) {
  FlowMod flow = web({});
  flow.match.set(OxmField::kRegister0, 1U << 18U, 1U << 18U);
  EXPECT_FALSE(row_of(flow));
  openflow::Instructions hashes;
  hashes.apply_actions = {openflow::hash_to_register(openflow::HashFields::kFlow, 1, 6)};
  EXPECT_FALSE(row_of(web(std::move(hashes))));
}

}  // namespace
}  // namespace fabrix::fabric
