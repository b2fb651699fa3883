// Expectations of captures are those of gopacket's tests (see fuzz/sflow/README.md).
#include <algorithm>

#include <gtest/gtest.h>

#include "tests/sflow/captures.h"

namespace fabrix::sflow {
namespace {

using Numbers = std::vector<std::pair<std::string_view, std::uint64_t>>;

std::vector<Item> records_of(Bytes datagram, std::size_t sample = 0) {
  return all(read_counter_sample(samples_of(datagram)[sample]).value().records());
}

void expect_numbers(const Item& record, const Numbers& expected) {
  const auto* schema = find_counter_schema(record.tag);
  ASSERT_NE(schema, nullptr) << to_string(record.tag);
  for (const auto& [name, value] : expected) {
    EXPECT_EQ(number(*schema, record.body, name), value) << name;
  }
}

TEST(CounterSchemas, AreInTheOrderOfTheirTagsAndWhole) {
  const auto schemas = counter_schemas();
  EXPECT_TRUE(std::ranges::is_sorted(schemas, {}, &RecordSchema::tag));
  for (const auto& schema : schemas) {
    EXPECT_EQ(find_counter_schema(schema.tag), &schema);
    EXPECT_FALSE(schema.fields.empty());
    EXPECT_LE(schema.required, schema.fields.size());
  }
}

TEST(CounterSchemas, ReadWhatOtherDecodersReadOfInterfaces) {
  const auto bytes = capture("gopacket_1");
  const auto records = records_of(bytes, 3);
  expect_numbers(records[0], {{"ifIndex", 0x20a},
                              {"networkType", 6},
                              {"ifSpeed", 0x2540be400},
                              {"ifDirection", 1},
                              {"ifStatus", 3},
                              {"ifInOctets", 0x129826db06c0b},
                              {"ifInUcastPkts", 0xcb0ddd96},
                              {"ifInMulticastPkts", 0x6a8c6},
                              {"ifInBroadcastPkts", 0x7b},
                              {"ifInUnknownProtos", 0},
                              {"ifOutOctets", 0x340235587c9e},
                              {"ifOutUcastPkts", 0x56642571},
                              {"ifOutMulticastPkts", 0x705ac4},
                              {"ifOutBroadcastPkts", 0x908f1},
                              {"ifPromiscuousMode", 0}});
}

TEST(CounterSchemas, ReadWhatOtherDecodersReadOfOpenVswitch) {
  const auto bytes = capture("gopacket_9");
  const auto records = records_of(bytes);
  ASSERT_EQ(records.size(), 4U);
  expect_numbers(records[0], {{"dot3StatsAlignmentErrors", 0},
                              {"dot3StatsFCSErrors", 0},
                              {"dot3StatsSingleCollisionFrames", 0xffffffff},
                              {"dot3StatsSymbolErrors", 0xffffffff}});
  expect_numbers(records[1], {{"openflow_datapath_id", 0x62d33ce76e49}, {"openflow_port", 3}});
  EXPECT_EQ(text(*find_counter_schema(records[2].tag), records[2].body, "ifName"),
            std::string("tapd98154f2-00"));
  expect_numbers(records[3], {{"ifIndex", 14}, {"ifInOctets", 0x4749}, {"ifOutOctets", 0x8a0b}});

  const auto datapath = capture("gopacket_13");
  const auto own = records_of(datapath);
  expect_numbers(own[0], {{"user_time", 0xb152d},
                          {"system_time", 0xa3739},
                          {"memory_used", 0x58b000},
                          {"connections_max", 0}});
  expect_numbers(own[1],
                 {{"ovs_dp_hits", 0x3f7}, {"ovs_dp_misses", 0x148}, {"ovs_dp_mask_hits", 0xa3b}});
}

TEST(CounterSchemas, ReadWhatOtherDecodersReadOfVlansProcessorsAndLacp) {
  const auto vlan = capture("gopacket_10");
  expect_numbers(records_of(vlan)[0], {{"in_vlan", 10},
                                       {"octets", 0x18c2ccc},
                                       {"ucastPkts", 0x9683},
                                       {"multicastPkts", 0x29016},
                                       {"broadcastPkts", 0x1f673},
                                       {"discards", 0}});
  const auto processor = capture("gopacket_3");
  expect_numbers(records_of(processor)[0], {{"5s_cpu", 0x5aa},
                                            {"1m_cpu", 0x55a},
                                            {"5m_cpu", 0x532},
                                            {"total_memory_bytes", 0xe78d7000},
                                            {"free_memory_bytes", 0x55e77000}});
  const auto lacp = capture("gopacket_11");
  const auto record = records_of(lacp)[0];
  expect_numbers(record, {{"attachedAggID", 1},
                          {"actorAdminPortState", 0x05},
                          {"actorOperPortState", 0x75},
                          {"partnerAdminPortState", 0},
                          {"LACPDUsRx", 0},
                          {"markerPDUsRx", 0xffffffff},
                          {"illegalRx", 0},
                          {"LACPDUsTx", 1173}});
  const auto actor = find_field(*find_counter_schema(record.tag), record.body, "actorSystemID");
  EXPECT_EQ(std::get<net::MacAddress>(actor.value()).to_string(), "7e:60:69:73:8f:42");
}

// The sizes of the structures of sflow.org, of those that have one.
TEST(CounterSchemas, HaveTheSizesOfTheirStructures) {
  const std::vector<std::pair<Tag, std::size_t>> sizes{
      {Tag::of(0, 1), 88},     {Tag::of(0, 2), 52},    {Tag::of(0, 3), 72},
      {Tag::of(0, 4), 80},     {Tag::of(0, 5), 28},    {Tag::of(0, 6), 80},
      {Tag::of(0, 7), 56},     {Tag::of(0, 1001), 28}, {Tag::of(0, 1002), 12},
      {Tag::of(0, 1004), 12},  {Tag::of(0, 2002), 8},  {Tag::of(0, 2004), 72},
      {Tag::of(0, 2005), 52},  {Tag::of(0, 2006), 40}, {Tag::of(0, 2007), 76},
      {Tag::of(0, 2008), 100}, {Tag::of(0, 2009), 60}, {Tag::of(0, 2010), 28},
      {Tag::of(0, 2100), 28},  {Tag::of(0, 2101), 12}, {Tag::of(0, 2102), 16},
      {Tag::of(0, 2103), 52},  {Tag::of(0, 2104), 40}, {Tag::of(0, 2201), 60},
      {Tag::of(0, 2203), 40},  {Tag::of(0, 2205), 92}, {Tag::of(0, 2206), 20},
      {Tag::of(0, 2207), 24},  {Tag::of(5703, 1), 48}};
  const std::vector<std::byte> zeros(128);
  for (const auto& [tag, size] : sizes) {
    SCOPED_TRACE(to_string(tag));
    const auto* schema = find_counter_schema(tag);
    ASSERT_NE(schema, nullptr);
    FieldCursor whole(*schema, Bytes(zeros).first(size));
    while (whole.next()) {
    }
    EXPECT_TRUE(whole.ok());
    FieldCursor cut(*schema, Bytes(zeros).first(size - 4));
    while (cut.next()) {
    }
    EXPECT_FALSE(cut.ok());
  }
}

}  // namespace
}  // namespace fabrix::sflow
