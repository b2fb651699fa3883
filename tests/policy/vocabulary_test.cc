#include "policy/vocabulary.h"

#include <gtest/gtest.h>

namespace fabrix::policy {
namespace {

TEST(VocabularyTest, FindsFieldsByAliasInAnyCase) {
  EXPECT_EQ(find_field("dstIP")->name, "dstip");
  EXPECT_EQ(find_field("nw_dst")->name, "dstip");
  EXPECT_EQ(find_field("UDP_SRC")->name, "srcport");
  EXPECT_EQ(find_field("eth_type")->field, net::Field::kEthType);
  EXPECT_FALSE(find_field("port"));
}

TEST(VocabularyTest, EveryNameIsAField) {
  for (const std::string_view each : field_names()) EXPECT_TRUE(find_field(each)) << each;
}

TEST(VocabularyTest, OnlyWhatAMemberMayRewriteIsWritable) {
  std::string writable;
  for (const std::string_view each : field_names()) {
    const auto word = find_field(each);
    if (word->writable && word->name == each) writable += std::string(each) + " ";
  }
  EXPECT_EQ(writable, "dscp srcip dstip srcport dstport ");
}

TEST(VocabularyTest, PortsNeedAProtocolThatHasThem) {
  const auto needs = prerequisites(net::Field::kDstPort);
  ASSERT_EQ(needs.size(), 2U);
  EXPECT_EQ(needs[0].field, net::Field::kEthType);
  EXPECT_EQ(needs[1].field, net::Field::kProtocol);
  EXPECT_EQ(needs[1].intervals, (std::vector<Interval>{{6, 6}, {17, 17}, {132, 132}}));
  EXPECT_TRUE(prerequisites(net::Field::kSrcMac).empty());
}

TEST(VocabularyTest, ValuesHaveNames) {
  EXPECT_EQ(named_value(net::Field::kProtocol, "TCP"), 6U);
  EXPECT_EQ(named_value(net::Field::kEthType, "arp"), 0x0806U);
  EXPECT_FALSE(named_value(net::Field::kEthType, "tcp"));
  EXPECT_TRUE(is_builtin("fwd"));
  EXPECT_TRUE(is_builtin("chain"));
  EXPECT_FALSE(is_builtin("web"));
}

}  // namespace
}  // namespace fabrix::policy
