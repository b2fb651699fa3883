#include "exchange/dynamic_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/exchange/policies.h"

namespace fabrix::exchange {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::string with_ranges(const std::string& ranges) {
  return with_policies("policy: minimal, dynamic_neighbors: [" + ranges + "]", "");
}

std::vector<DynamicRange> ranges_of(const std::string& ranges) {
  return loaded(with_ranges(ranges)).route_server.dynamic;
}

TEST(DynamicReaderTest, ThereAreNoneUnlessSaidSo) {
  EXPECT_THAT(loaded(with_policies("", "")).route_server.dynamic, IsEmpty());
}

TEST(DynamicReaderTest, APrefixAloneIsOpenToAHundredOfAnyAs) {
  const auto ranges = ranges_of("{prefix: 172.0.0.0/24}");
  ASSERT_EQ(ranges.size(), 1U);
  EXPECT_EQ(ranges[0].prefix.to_string(), "172.0.0.0/24");
  EXPECT_THAT(ranges[0].asns, IsEmpty());
  EXPECT_EQ(ranges[0].limit, 100);
  EXPECT_EQ(ranges[0].session, SessionPolicy{});
  EXPECT_EQ(ranges[0].import, preset(PolicyPreset::kMinimal));
}

TEST(DynamicReaderTest, ReadsWhatHoldsForEachNeighbour) {
  const auto ranges = ranges_of(
      "{prefix: '2001:db8:5::/64', asns: [64512..65534, 100], limit: 7, session: {gtsm: true, "
      "md5_password: x}, import: {max_prefix: {ipv4: 10}}}");
  ASSERT_EQ(ranges.size(), 1U);
  EXPECT_THAT(ranges[0].asns, ElementsAre(AsnRange{{64512}, {65534}}, AsnRange{{100}, {100}}));
  EXPECT_EQ(ranges[0].limit, 7);
  EXPECT_TRUE(ranges[0].session.gtsm);
  EXPECT_EQ(ranges[0].session.md5_password, "x");
  EXPECT_EQ(ranges[0].import.limit.ipv4, 10U);
}

TEST(DynamicReaderTest, TheExchangesSettingsHoldUnlessTheRangeHasItsOwn) {
  const auto exchange = loaded(
      with_policies("policy: ixp, session: {hold_time: 30, dial: active}, dynamic_neighbors: "
                    "[{prefix: 10.0.0.0/8, session: {gtsm: true}}]",
                    ""));
  const DynamicRange& range = exchange.route_server.dynamic.at(0);
  EXPECT_EQ(range.session.hold_time.count(), 30);
  EXPECT_TRUE(range.session.gtsm);
  EXPECT_EQ(range.session.dialling, Dialling::kPassive) << "who is not known is not dialled";
  EXPECT_EQ(range.import, preset(PolicyPreset::kIxp));
}

TEST(DynamicReaderTest, SaysWhatIsWrong) {
  EXPECT_EQ(complaints(with_ranges("{limit: 1}")), "C0111");
  EXPECT_EQ(complaints(with_ranges("{prefix: 10.0.0.1/8}")), "C0114");
  EXPECT_EQ(complaints(with_ranges("{prefix: 10.0.0.0/8, colour: red}")), "C0110");
  EXPECT_EQ(complaints(with_ranges("{prefix: 10.0.0.0/8, limit: 0}")), "C0113");
  EXPECT_EQ(complaints(with_ranges("{prefix: 10.0.0.0/8, asns: 5..4}")), "C0113");
  EXPECT_EQ(complaints(with_ranges("{prefix: 10.0.0.0/8, asns: 0..4}")), "C0113");
  EXPECT_EQ(complaints(with_ranges("{prefix: 10.0.0.0/8, asns: a..b}")), "C0113");
  EXPECT_EQ(complaints(with_ranges("{prefix: 10.0.0.0/8, asns: []}")), "C0137");
  EXPECT_EQ(complaints(with_ranges("{prefix: 10.0.0.0/8, session: {dial: active}}")), "C0140");
  EXPECT_EQ(complaints(with_ranges("{prefix: 10.0.0.0/8, import: {irr: {prefixes_file: x}}}")),
            "C0140");
  EXPECT_EQ(complaints(with_ranges("{prefix: 10.0.0.0/8}, {prefix: 10.0.0.0/8}")), "C0126");
  EXPECT_EQ(complaints(with_ranges("{prefix: 10.0.0.0/8, limit: 4094}")), "C0136")
      << "three participants are listed";
}

// Linux looks for the key of the longest prefix, and knows no key that says "none".
TEST(DynamicReaderTest, WhoIsInsideARangeWithAPasswordNeedsOne) {
  const std::string key = ", session: {md5_password: x}}";
  EXPECT_EQ(complaints(with_ranges("{prefix: 172.0.0.0/24" + key)), "C0140 C0140") << "a1, b1";
  EXPECT_EQ(complaints(with_ranges("{prefix: 10.0.0.0/8" + key)), "");
  EXPECT_EQ(complaints(with_ranges("{prefix: 10.0.0.0/8" + key + ", {prefix: 10.1.0.0/16}")),
            "C0140");
  EXPECT_EQ(complaints(with_ranges("{prefix: 10.0.0.0/8" + key + ", {prefix: 10.1.0.0/16" + key)),
            "");
  EXPECT_EQ(complaints(with_ranges("{prefix: 10.0.0.0/8}, {prefix: 10.1.0.0/16" + key)), "");
}

}  // namespace
}  // namespace fabrix::exchange
