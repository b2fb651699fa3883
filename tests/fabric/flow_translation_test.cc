#include "fabric/flow_translation.h"

#include <algorithm>
#include <array>
#include <set>
#include <vector>

#include <gtest/gtest.h>

#include "openflow/nicira.h"

namespace fabrix::fabric {
namespace {

using net::Field;
using openflow::FlowMod;
using openflow::OxmField;
using openflow::U128;
using program::Row;

constexpr std::array kPorts{net::PortNo{1}, net::PortNo{2}, net::PortNo{3}};

std::vector<FlowMod> flows_of(const Row& row,
                              program::TableId table = program::TableId::kOutbound) {
  auto flows = flows_for(table, row, kPorts);
  EXPECT_TRUE(flows) << flows.error().message;
  return flows ? *flows : std::vector<FlowMod>{};
}

// The exact values that the flows have for a field.
std::set<std::uint64_t> values(const std::vector<FlowMod>& flows, OxmField field) {
  std::set<std::uint64_t> found;
  for (const FlowMod& flow : flows) {
    const auto* test = flow.match.find(field);
    if (test != nullptr && test->is_exact()) found.insert(test->value.low);
  }
  return found;
}

bool all_have(const std::vector<FlowMod>& flows, OxmField field) {
  return std::ranges::all_of(
      flows, [field](const FlowMod& flow) { return flow.match.find(field) != nullptr; });
}

Row row_with(std::initializer_list<program::FieldMatch> tests) {
  Row row;
  row.priority = 7;
  for (const auto& test : tests) row.match.ternary(test.field, test.bits, test.mask);
  row.next = program::Goto{program::TableId::kTransit};
  return row;
}

program::FieldMatch exact(Field field, std::uint64_t value) {
  return {field, value, net::max_value(field)};
}

TEST(FlowTranslationTest, ARowThatSaysItAllIsOneFlow) {
  Row row = row_with({exact(Field::kEthType, net::kEthTypeIpv4),
                      exact(Field::kProtocol, net::kProtocolTcp), exact(Field::kDstPort, 80)});
  row.match.metadata = program::Metadata::sender(net::ParticipantId{4});
  row.write_metadata = program::Metadata::egress(net::ParticipantId{2});
  row.set_fields = {{Field::kDstMac, 0x080027000001}};
  row.origin = {program::Origin::Kind::kOutboundClause, net::ParticipantId{4}, 3};
  const auto flows = flows_of(row);
  ASSERT_EQ(flows.size(), 1U);

  FlowMod wanted;
  wanted.table_id = 2;
  wanted.priority = 7;
  wanted.cookie = row.origin.cookie();
  wanted.match.set(OxmField::kMetadata, row.match.metadata.bits, row.match.metadata.mask)
      .set(OxmField::kEthType, 0x0800)
      .set(OxmField::kIpProto, 6)
      .set(OxmField::kTcpDst, 80);
  wanted.instructions.apply_actions = {
      openflow::SetField{.field = OxmField::kEthDst, .value = 0x080027000001}};
  wanted.instructions.write_metadata =
      openflow::WriteMetadata{.value = row.write_metadata.bits, .mask = row.write_metadata.mask};
  wanted.instructions.goto_table = 6;
  EXPECT_EQ(flows.front(), wanted);
}

TEST(FlowTranslationTest, ATestOfAPortMeansEachFamilyAndProtocolThatHasPorts) {
  const auto flows = flows_of(row_with({exact(Field::kDstPort, 80)}));
  EXPECT_EQ(flows.size(), 6U);
  EXPECT_EQ(values(flows, OxmField::kEthType), (std::set<std::uint64_t>{0x0800, 0x86dd}));
  EXPECT_EQ(values(flows, OxmField::kIpProto), (std::set<std::uint64_t>{6, 17, 132}));
  EXPECT_EQ(values(flows, OxmField::kTcpDst), std::set<std::uint64_t>{80});
  EXPECT_EQ(values(flows, OxmField::kUdpDst), std::set<std::uint64_t>{80});
  EXPECT_EQ(values(flows, OxmField::kSctpDst), std::set<std::uint64_t>{80});
}

TEST(FlowTranslationTest, AnAddressNamesItsFamily) {
  const auto v4 = flows_of(row_with({{Field::kDstIp4, 0x8c000000, 0xffffff00}}));
  ASSERT_EQ(v4.size(), 1U);
  EXPECT_EQ(values(v4, OxmField::kEthType), std::set<std::uint64_t>{0x0800});
  const auto v6 = flows_of(row_with({exact(Field::kSrcIp6High, 0x20010db800000000)}));
  ASSERT_EQ(v6.size(), 1U);
  EXPECT_EQ(values(v6, OxmField::kEthType), std::set<std::uint64_t>{0x86dd});
  EXPECT_TRUE(flows_of(row_with({exact(Field::kDstIp4, 1), exact(Field::kDstIp6Low, 1)})).empty());
}

TEST(FlowTranslationTest, HalvesOfAnIpv6AddressMakeOneField) {
  const auto flows =
      flows_of(row_with({exact(Field::kDstIp6High, 0x20010db800000001),
                         {Field::kDstIp6Low, 0x8000000000000000, 0x8000000000000000}}));
  ASSERT_EQ(flows.size(), 1U);
  const auto* test = flows.front().match.find(OxmField::kIpv6Dst);
  ASSERT_NE(test, nullptr);
  EXPECT_EQ(test->value, U128(0x20010db800000001, 0x8000000000000000));
  EXPECT_EQ(test->mask, U128(~std::uint64_t{0}, 0x8000000000000000));
}

TEST(FlowTranslationTest, TcpFlagsAreTcps) {
  const auto flows = flows_of(row_with({{Field::kTcpFlags, 2, 2}}));
  EXPECT_EQ(flows.size(), 2U);
  EXPECT_EQ(values(flows, OxmField::kIpProto), std::set<std::uint64_t>{6});
  EXPECT_TRUE(all_have(flows, OxmField::kTcpFlags));
}

TEST(FlowTranslationTest, IcmpTypesAreThoseOfEachFamily) {
  const auto flows = flows_of(row_with({exact(Field::kIcmpType, 8)}));
  EXPECT_EQ(flows.size(), 2U);
  EXPECT_EQ(values(flows, OxmField::kIpProto), (std::set<std::uint64_t>{1, 58}));
  EXPECT_EQ(values(flows, OxmField::kIcmpv4Type), std::set<std::uint64_t>{8});
  EXPECT_EQ(values(flows, OxmField::kIcmpv6Type), std::set<std::uint64_t>{8});
}

TEST(FlowTranslationTest, TheTargetOfNeighbourDiscoveryNeedsAMessageThatHasOne) {
  const auto target = exact(Field::kNdTargetLow, 5);
  const auto any = flows_of(row_with({target}));
  EXPECT_EQ(values(any, OxmField::kIcmpv6Type), (std::set<std::uint64_t>{135, 136}));
  EXPECT_TRUE(all_have(any, OxmField::kIpv6NdTarget));
  EXPECT_EQ(flows_of(row_with({exact(Field::kIcmpType, 135), target})).size(), 1U);
  EXPECT_TRUE(flows_of(row_with({exact(Field::kIcmpType, 128), target})).empty());
}

TEST(FlowTranslationTest, MasksOnFieldsThatMustBeExactBecomeTheirValues) {
  EXPECT_EQ(values(flows_of(row_with({{Field::kDscp, 40, 0x3e}})), OxmField::kIpDscp),
            (std::set<std::uint64_t>{40, 41}));
  EXPECT_EQ(values(flows_of(row_with(
                       {exact(Field::kEthType, net::kEthTypeIpv4), {Field::kProtocol, 16, 0xfe}})),
                   OxmField::kIpProto),
            (std::set<std::uint64_t>{16, 17}));
  EXPECT_EQ(values(flows_of(row_with({exact(Field::kEthType, net::kEthTypeIpv4),
                                      exact(Field::kProtocol, net::kProtocolIcmp),
                                      {Field::kIcmpCode, 4, 0xfe}})),
                   OxmField::kIcmpv4Code),
            (std::set<std::uint64_t>{4, 5}));
}

TEST(FlowTranslationTest, AMaskedEtherTypeMeansThoseThatTheExchangeAdmits) {
  const auto flows = flows_of(row_with({{Field::kEthType, 0x0800, 0xff00}}));
  EXPECT_EQ(values(flows, OxmField::kEthType), (std::set<std::uint64_t>{0x0800, 0x0806}));
}

TEST(FlowTranslationTest, IngressPortsAreSpelledOut) {
  const auto flows = flows_of(row_with({{Field::kInPort, 2, 2}}));
  EXPECT_EQ(values(flows, OxmField::kInPort), (std::set<std::uint64_t>{2, 3}));
  EXPECT_EQ(flows_of(row_with({exact(Field::kInPort, 99)})).size(), 1U);
}

TEST(FlowTranslationTest, AnUntaggedFrameHasNoTag) {
  const auto untagged = flows_of(row_with({exact(Field::kVlanId, 0)}));
  ASSERT_EQ(untagged.size(), 1U);
  const auto* test = untagged.front().match.find(OxmField::kVlanVid);
  ASSERT_NE(test, nullptr);
  EXPECT_EQ(test->value, U128{});
  EXPECT_EQ(test->mask, U128{0x1fff});
  const auto tagged = flows_of(row_with({exact(Field::kVlanId, 7)}));
  ASSERT_EQ(tagged.size(), 1U);
  EXPECT_EQ(tagged.front().match.find(OxmField::kVlanVid)->value, U128{0x1007});
}

TEST(FlowTranslationTest, FieldsOfAnArpPacketAreArps) {
  const auto flows = flows_of(row_with({exact(Field::kEthType, net::kEthTypeArp),
                                        exact(Field::kProtocol, 1), exact(Field::kSrcIp4, 1),
                                        exact(Field::kDstIp4, 2), exact(Field::kArpSenderMac, 3)}),
                              program::TableId::kAdmit);
  ASSERT_EQ(flows.size(), 1U);
  openflow::Match wanted;
  wanted.set(OxmField::kEthType, 0x0806)
      .set(OxmField::kArpOp, 1)
      .set(OxmField::kArpSpa, 1)
      .set(OxmField::kArpTpa, 2)
      .set(OxmField::kArpSha, 3);
  EXPECT_EQ(flows.front().match, wanted);
  EXPECT_EQ(values(flows_of(row_with({exact(Field::kArpSenderMac, 3)})), OxmField::kEthType),
            std::set<std::uint64_t>{0x0806});
}

TEST(FlowTranslationTest, AHeaderThatPacketsLackReadsZero) {
  const auto arp = exact(Field::kEthType, net::kEthTypeArp);
  EXPECT_EQ(flows_of(row_with({arp, exact(Field::kDstPort, 0)})).size(), 1U);
  EXPECT_TRUE(flows_of(row_with({arp, exact(Field::kDstPort, 80)})).empty());
  const auto v4 = exact(Field::kEthType, net::kEthTypeIpv4);
  EXPECT_EQ(flows_of(row_with({v4, exact(Field::kDstIp6High, 0)})).size(), 1U);
  EXPECT_TRUE(flows_of(row_with({v4, exact(Field::kDstIp6High, 1)})).empty());
  const auto icmp = exact(Field::kProtocol, net::kProtocolIcmp);
  EXPECT_TRUE(flows_of(row_with({v4, icmp, exact(Field::kDstPort, 80)})).empty());
  const auto lldp = exact(Field::kEthType, 0x88cc);
  EXPECT_TRUE(flows_of(row_with({lldp, exact(Field::kProtocol, 6)})).empty());
}

TEST(FlowTranslationTest, WritesNeedTheHeaderThatTheyWrite) {
  Row row = row_with({});
  row.set_fields = {{Field::kDscp, 46}};
  const auto marked = flows_of(row);
  EXPECT_EQ(values(marked, OxmField::kEthType), (std::set<std::uint64_t>{0x0800, 0x86dd}));
  row.set_fields = {{Field::kDstIp6High, 1}, {Field::kDstIp6Low, 2}};
  const auto moved = flows_of(row);
  ASSERT_EQ(moved.size(), 1U);
  const std::vector<openflow::Action> wanted{
      openflow::SetField{.field = OxmField::kIpv6Dst, .value = U128(1, 2)}};
  EXPECT_EQ(moved.front().instructions.apply_actions, wanted);
  row.set_fields = {{Field::kDstIp6High, 1}};
  EXPECT_FALSE(flows_for(program::TableId::kOutbound, row, kPorts));
}

TEST(FlowTranslationTest, TheFourFatesBecomeInstructions) {
  Row row = row_with({});
  row.next = program::Discard{};
  EXPECT_EQ(flows_of(row).front().instructions, openflow::Instructions{});
  row.next = program::ToController{};
  const std::vector<openflow::Action> ask{openflow::to_controller()};
  EXPECT_EQ(flows_of(row).front().instructions.apply_actions, ask);
  row.next = program::Output{net::PortNo{3}};
  const std::vector<openflow::Action> out{openflow::Output{.port = net::PortNo{3}}};
  EXPECT_EQ(flows_of(row).front().instructions.apply_actions, out);
}

TEST(FlowTranslationTest, ARowThatNeedsTooManyFlowsIsRefused) {
  const Row row = row_with({{Field::kProtocol, 0, 1},
                            {Field::kDscp, 0, 1},
                            {Field::kSrcMac, 1, 1},
                            {Field::kDstMac, 1, 1}});
  const auto flows = flows_for(program::TableId::kOutbound, row, kPorts);
  ASSERT_FALSE(flows);
  EXPECT_NE(flows.error().message.find("more than 4096 flow entries"), std::string::npos);
}

TEST(FlowTranslationTest, AProgramBecomesItsTablesInOrder) {
  program::Program program;
  program.table(program::TableId::kTransit).push_back(row_with({exact(Field::kDstPort, 80)}));
  program.table(program::TableId::kAdmit).push_back(row_with({exact(Field::kInPort, 1)}));
  const auto flows = flows_for(program, kPorts);
  ASSERT_TRUE(flows);
  ASSERT_EQ(flows->size(), 7U);
  EXPECT_EQ(flows->front().table_id, 0);
  EXPECT_EQ(flows->back().table_id, 6);
}

// Each bucket has six bits of the register.
TEST(FlowTranslationTest, BucketsLieSideBySideInARegister) {
  const auto flows =
      flows_of(row_with({{Field::kFlowBucket, 0x20, 0x30}, exact(Field::kDstIpBucket, 5)}));
  ASSERT_EQ(flows.size(), 1U);
  const auto* test = flows.front().match.find(OxmField::kRegister0);
  ASSERT_NE(test, nullptr);
  EXPECT_EQ(test->value, U128(5U << 12U | 0x20U));
  EXPECT_EQ(test->mask, U128(0x3fU << 12U | 0x30U));
}

TEST(FlowTranslationTest, ARowThatHashesDoesSoFirst) {
  Row row = row_with({exact(Field::kInPort, 1)});
  row.hashes = {net::HashKey::kFlow, net::HashKey::kSrcIp};
  const auto flows = flows_of(row, program::TableId::kAdmit);
  ASSERT_EQ(flows.size(), 1U);
  const std::vector<openflow::Action> expected{
      openflow::hash_to_register(openflow::HashFields::kFlow, 0, 6),
      openflow::hash_to_register(openflow::HashFields::kSrcIp, 6, 6)};
  EXPECT_EQ(flows.front().instructions.apply_actions, expected);
}

}  // namespace
}  // namespace fabrix::fabric
