#include "policy/query.h"

#include <gtest/gtest.h>

namespace fabrix::policy {
namespace {

TEST(QueryTest, IsCalledByItsNameAndGroup) {
  Query query;
  query.name = "web";
  EXPECT_EQ(label_of(query), "web");
  query.group = "dstport=80";
  EXPECT_EQ(label_of(query), "web[dstport=80]");
}

TEST(QueryTest, KindsHaveTheWordsOfTheLanguage) {
  EXPECT_EQ(name_of(Counted::kPackets), "count_packets");
  EXPECT_EQ(name_of(Counted::kBytes), "count_bytes");
  EXPECT_EQ(name_of(Counted::kFirstPackets), "packets");
}

}  // namespace
}  // namespace fabrix::policy
