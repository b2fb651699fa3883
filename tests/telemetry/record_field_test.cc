#include "telemetry/record_field.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "sflow/record.h"
#include "tests/telemetry/samples.h"

namespace fabrix::telemetry {
namespace {

using sflow::Tag;

TEST(RecordField, NamesFieldsThatThereAre) {
  for (const auto& row : record_fields()) {
    for (const RecordPlace& place : row.places) {
      if (place.field.empty()) continue;
      const auto* schema = sflow::find_flow_schema(place.tag);
      ASSERT_NE(schema, nullptr) << row.name;
      EXPECT_TRUE(std::ranges::any_of(schema->fields, [&](const sflow::FieldSchema& field) {
        return field.name == place.field;
      })) << row.name;
    }
  }
}

TEST(RecordField, ReadsWhatTheAgentSays) {
  const Octets text = sflow::octets({'a', '.', 'b'});
  std::vector<sflow::FieldValue> tcp;
  for (std::uint64_t i = 0; i < 12; ++i) tcp.emplace_back(i);
  const std::vector<sflow::FieldValue> http{
      std::uint64_t{2},  std::uint64_t{1001}, sflow::Bytes(text), sflow::Bytes(text),
      sflow::Bytes{},    sflow::Bytes{},      sflow::Bytes{},     sflow::Bytes{},
      sflow::Bytes{},    std::uint64_t{10},   std::uint64_t{20},  std::uint64_t{30},
      std::uint64_t{404}};
  const Sampled sampled(
      {}, {{Tag::of(0, 1001), record(1001, {std::uint64_t{10}, std::uint64_t{1}, std::uint64_t{20},
                                            std::uint64_t{2}})},
           {Tag::of(0, 2209), record(2209, tcp)},
           {Tag::of(0, 2206), record(2206, http)}});
  EXPECT_EQ(sampled["vlansource"], "10");
  EXPECT_EQ(sampled["vlandestination"], "20");
  EXPECT_EQ(sampled["prioritydestination"], "2");
  EXPECT_EQ(sampled["tcpdirection"], "0");
  EXPECT_EQ(sampled["tcprtt"], "7");
  EXPECT_EQ(sampled["tcpcwndsnd"], "9");
  EXPECT_EQ(sampled["httpmethod"], "GET");
  EXPECT_EQ(sampled["httpurl"], "a.b");
  EXPECT_EQ(sampled["httpstatus"], "404");
  EXPECT_EQ(sampled["resp_bytes"], "20");
  EXPECT_EQ(sampled["duration"], "30");
  EXPECT_EQ(sampled["httpreferer"], "(none)");  // said, but empty
  EXPECT_EQ(sampled["bgpas"], "(none)");
}

TEST(RecordField, IsOfTheRecordThatIsThere) {
  const Sampled over_ipv6({},
                          {{Tag::of(0, 2101), sflow::octets({0, 0, 0, 6}) + Octets(32) +
                                                  sflow::octets({0, 0, 1, 187, 0, 0, 156, 64})}});
  EXPECT_EQ(over_ipv6["protocol"], "6");
  EXPECT_EQ(over_ipv6["serverport"], "443");
  EXPECT_EQ(over_ipv6["clientport"], "40000");
  EXPECT_EQ(over_ipv6["serveraddress"], "(none)");
  EXPECT_EQ(over_ipv6["serveraddress6"], "::");
  const std::vector<sflow::FieldValue> operation{
      sflow::Bytes{},    sflow::Bytes{},    sflow::Bytes{},    sflow::Bytes{},
      std::uint64_t{10}, std::uint64_t{20}, std::uint64_t{30}, std::uint64_t{0}};
  const Sampled application({}, {{Tag::of(0, 2202), record(2202, operation)}});
  EXPECT_EQ(application["req_bytes"], "10");
  EXPECT_EQ(application["resp_bytes"], "20");
  EXPECT_EQ(application["duration"], "30");
}

// sflow_memcache.txt: a GET of a key that there is not, in ASCII; a command nobody knows.
TEST(RecordField, NamesWhatIsEnumerated) {
  const Octets key = sflow::octets({'k', '1'});
  const auto operation = [&](std::uint64_t command) {
    return record(2200, {std::uint64_t{1}, command, sflow::Bytes(key), std::uint64_t{1},
                         std::uint64_t{300}, std::uint64_t{20}, std::uint64_t{8}});
  };
  const Sampled sampled({}, {{Tag::of(0, 2200), operation(7)}});
  EXPECT_EQ(sampled["memcacheprotocol"], "ASCII");
  EXPECT_EQ(sampled["memcachecommand"], "GET");
  EXPECT_EQ(sampled["memcachekey"], "k1");
  EXPECT_EQ(sampled["memcachestatus"], "NOT_FOUND");
  EXPECT_EQ(sampled["bytes"], "300");
  EXPECT_EQ(sampled["duration"], "20");
  const Sampled unknown({}, {{Tag::of(0, 2200), operation(99)}});
  EXPECT_EQ(unknown["memcachecommand"], "99");
}

TEST(RecordField, HasNoneOfARecordThatIsTooShort) {
  const Sampled sampled({}, {{Tag::of(0, 1001), sflow::octets({0, 0, 0, 9})}});
  EXPECT_EQ(sampled["vlansource"], "9");
  EXPECT_EQ(sampled["vlandestination"], "(none)");
}

}  // namespace
}  // namespace fabrix::telemetry
