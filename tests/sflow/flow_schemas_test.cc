// Expectations of captures are those of goflow2's and gopacket's tests (see fuzz/sflow/README.md).
#include <algorithm>

#include <gtest/gtest.h>

#include "tests/sflow/captures.h"

namespace fabrix::sflow {
namespace {

TEST(FlowSchemas, AreInTheOrderOfTheirTagsAndWhole) {
  const auto schemas = flow_schemas();
  EXPECT_TRUE(std::ranges::is_sorted(schemas, {}, &RecordSchema::tag));
  for (const auto& schema : schemas) {
    EXPECT_EQ(find_flow_schema(schema.tag), &schema);
    EXPECT_FALSE(schema.name.empty());
    EXPECT_FALSE(schema.fields.empty());
  }
}

TEST(FlowSchemas, ReadWhatOtherDecodersReadOfDropNotifications) {
  const auto acl = capture("goflow2_drop_acl");
  const auto record = all(read_drop_sample(samples_of(acl)[0]).value().records())[0];
  const auto* schema = find_flow_schema(record.tag);
  ASSERT_NE(schema, nullptr);
  EXPECT_EQ(number(*schema, record.body, "acl_number"), 42U);
  EXPECT_EQ(text(*schema, record.body, "acl_name"), "foo!");
  EXPECT_EQ(number(*schema, record.body, "acl_direction"), 2U);

  const auto function = capture("goflow2_drop_function");  // without its padding
  const auto symbol = all(read_drop_sample(samples_of(function)[0]).value().records())[0];
  EXPECT_EQ(text(*find_flow_schema(symbol.tag), symbol.body, "symbol"), "foobar");
}

TEST(FlowSchemas, ReadWhatOtherDecodersReadOfUsersAndUrls) {
  const auto bytes = capture("gopacket_2");
  const auto records = all(read_flow_sample(samples_of(bytes)[0]).value().records());
  const auto* url = find_flow_schema(records[0].tag);
  EXPECT_EQ(text(*url, records[0].body, "url"), "http://www.sflow.org");
  EXPECT_EQ(text(*url, records[0].body, "host"), "host1.sflow.org");
  const auto* user = find_flow_schema(records[1].tag);
  EXPECT_EQ(number(*user, records[1].body, "src_user_charset"), 106U);
  EXPECT_EQ(text(*user, records[1].body, "src_user"), "source user");
  EXPECT_EQ(text(*user, records[1].body, "dst_user"), "destination user");
}

// The sizes of the structures of sflow.org: words, of those that have a size.
TEST(FlowSchemas, HaveTheSizesOfTheirStructures) {
  const std::vector<std::pair<std::uint32_t, std::size_t>> sizes{
      {2, 24},    {3, 32},    {4, 56},    {1001, 16}, {1020, 8},  {1021, 24},
      {1024, 32}, {1026, 56}, {1029, 4},  {1036, 4},  {1039, 4},  {1043, 8},
      {2100, 20}, {2101, 44}, {2102, 20}, {2103, 44}, {2209, 48}, {2210, 16}};
  const std::vector<std::byte> zeros(64);
  for (const auto& [format, size] : sizes) {
    SCOPED_TRACE(format);
    const auto* schema = find_flow_schema(Tag::of(0, format));
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
