#include "telemetry/name_table.h"

#include <gtest/gtest.h>

namespace fabrix::telemetry {
namespace {

std::string group_of(const NameTable& names, const std::string& table, std::string_view address) {
  return std::string(names.group_of(table, net::IpAddress::parse(address).value()).value_or("-"));
}

TEST(NameTable, FindsTheGroupOfTheLongestBlock) {
  NameTable names;
  ASSERT_TRUE(names.set_groups(
      "sites", {{"lan", {"10.0.0.0/8", "2001:db8::/32"}}, {"dmz", {"10.9.0.1/16", "192.0.2.1"}}}));
  EXPECT_EQ(group_of(names, "sites", "10.1.2.3"), "lan");
  EXPECT_EQ(group_of(names, "sites", "10.9.2.3"), "dmz");
  EXPECT_EQ(group_of(names, "sites", "2001:db8::9"), "lan");
  EXPECT_EQ(group_of(names, "sites", "192.0.2.1"), "dmz");
  EXPECT_EQ(group_of(names, "sites", "192.0.2.2"), "-");
  EXPECT_EQ(group_of(names, "others", "10.1.2.3"), "-");
  ASSERT_TRUE(names.set_groups("sites", {{"all", {"0.0.0.0/0"}}}));
  EXPECT_EQ(group_of(names, "sites", "10.9.2.3"), "all");
  EXPECT_TRUE(names.remove_groups("sites"));
  EXPECT_FALSE(names.remove_groups("sites"));
  EXPECT_EQ(group_of(names, "sites", "10.9.2.3"), "-");
}

// As sFlow-RT's ixp-metrics makes a set of a file: a group for each line, also after the last one.
TEST(NameTable, LeavesOutEmptyTexts) {
  NameTable names;
  ASSERT_TRUE(names.set_groups("bogons", {{"10.0.0.0/8", {"10.0.0.0/8"}}, {"", {""}}}));
  EXPECT_EQ(group_of(names, "bogons", "10.1.2.3"), "10.0.0.0/8");
  EXPECT_EQ(group_of(names, "bogons", "192.0.2.1"), "-");
}

TEST(NameTable, RefusesWhatIsNoBlockAndKeepsWhatWasThere) {
  NameTable names;
  ASSERT_TRUE(names.set_groups("sites", {{"lan", {"10.0.0.0/8"}}}));
  for (const auto* bad : {"10.0.0.0/33", "10.0.0.0/", "10.0.0/8", "lan", "::/129", "10.0.0.0/8 "}) {
    const auto result = names.set_groups("sites", {{"dmz", {bad}}});
    ASSERT_FALSE(result) << bad;
    EXPECT_EQ(result.error().message, "group dmz: '" + std::string(bad) + "' is no address block");
  }
  EXPECT_EQ(names.groups("sites")->count("lan"), 1U);
  EXPECT_EQ(names.groups("others"), nullptr);
  EXPECT_EQ(names.group_tables(), std::vector<std::string>{"sites"});
}

TEST(NameTable, FindsTheNameOfAValue) {
  NameTable names;
  ASSERT_TRUE(names.set_map("member", {{"a", {"0200000000A1"}}, {"b", {"0200000000B1", "x"}}}));
  EXPECT_EQ(names.name_of("member", "0200000000B1"), "b");
  EXPECT_FALSE(names.name_of("member", "y"));
  EXPECT_FALSE(names.name_of("others", "x"));
  EXPECT_EQ(names.map("member")->size(), 2U);
  EXPECT_EQ(names.map("others"), nullptr);
  EXPECT_TRUE(names.remove_map("member"));
  EXPECT_FALSE(names.name_of("member", "x"));
}

TEST(NameTable, IsBounded) {
  NameTable names;
  for (std::size_t i = 0; i < NameTable::kMaxTables; ++i) {
    ASSERT_TRUE(names.set_map(std::to_string(i), {}));
  }
  EXPECT_FALSE(names.set_map("one more", {}));
  EXPECT_TRUE(names.set_map("0", {{"a", {"b"}}}));
  EXPECT_FALSE(
      names.set_groups("big", {{"a", std::vector<std::string>(NameTable::kMaxEntries + 1, "::")}}));
}

TEST(NameTable, AsksWhoKeepsGroups) {
  NameTable names;
  const auto address = net::IpAddress::v4({10, 0, 0, 1});
  ASSERT_TRUE(names.set_groups("members", {{"lan", {"10.0.0.0/8"}}}));
  names.serve_groups("members", [](const net::IpAddress& asked) {
    return asked.family() == net::Family::kIpv4 ? std::optional<std::string_view>("A")
                                                : std::nullopt;
  });
  EXPECT_EQ(names.group_of("members", address), "A");
  EXPECT_EQ(names.group_of("members", net::IpAddress::unspecified(net::Family::kIpv6)),
            std::nullopt);
  names.serve_groups("members", nullptr);
  EXPECT_EQ(names.group_of("members", address), "lan");
}

}  // namespace
}  // namespace fabrix::telemetry
