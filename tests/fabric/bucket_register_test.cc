#include "fabric/bucket_register.h"

#include <gtest/gtest.h>

#include "openflow/nicira.h"

namespace fabrix::fabric {
namespace {

TEST(BucketRegisterTest, BucketsDoNotOverlap) {
  EXPECT_EQ(bucket_offset(net::HashKey::kFlow), 0U);
  EXPECT_EQ(bucket_offset(net::HashKey::kSrcIp), 6U);
  EXPECT_EQ(bucket_offset(net::HashKey::kDstIp), 12U);
}

TEST(BucketRegisterTest, EachKeyIsHashedToItsOwnBits) {
  EXPECT_EQ(hash_action(net::HashKey::kFlow),
            openflow::hash_to_register(openflow::HashFields::kFlow, 0, 6));
  EXPECT_EQ(hash_action(net::HashKey::kSrcIp),
            openflow::hash_to_register(openflow::HashFields::kSrcIp, 6, 6));
  EXPECT_EQ(hash_action(net::HashKey::kDstIp),
            openflow::hash_to_register(openflow::HashFields::kDstIp, 12, 6));
}

}  // namespace
}  // namespace fabrix::fabric
