#include "monitoring/old_table_dump.h"

#include <gtest/gtest.h>

#include "tests/monitoring/world.h"

namespace fabrix::monitoring {
namespace {

using testing::address;
using testing::attributes;

// The first route of a dump of the Vienna exchange from 2002, of AS 1853 for 3.0.0.0/8.
const Bytes kVienna =
    bytes({0x00, 0x00, 0x00, 0x00, 0x03, 0x00, 0x00, 0x00, 0x08, 0x01, 0x3d, 0x36, 0xcb, 0xfb, 0xc1,
           0xcb, 0x00, 0x01, 0x07, 0x3d, 0x00, 0x16, 0x40, 0x01, 0x01, 0x00, 0x40, 0x02, 0x08, 0x02,
           0x03, 0x07, 0x3d, 0x04, 0xd7, 0x00, 0x50, 0x40, 0x03, 0x04, 0xc1, 0xcb, 0x00, 0x01});

TEST(OldTableDump, Rfc6396_4_2_HasARouteOfAPeerWithAsNumbersOfTwoOctets) {
  const auto entry = read_old_table_entry({.type = 12, .subtype = 1, .body = kVienna});
  ASSERT_TRUE(entry);
  EXPECT_EQ(entry->prefix, testing::prefix("3.0.0.0/8"));
  EXPECT_EQ(entry->peer, address("193.203.0.1"));
  EXPECT_EQ(entry->peer_as, net::Asn{1853});
  EXPECT_EQ(entry->next_hop, address("193.203.0.1"));
  EXPECT_EQ(entry->originated.time_since_epoch().count(), 0x3d36cbfb);
  EXPECT_EQ(*entry->attributes, attributes({1853, 1239, 80}));
}

TEST(OldTableDump, IsReadWholeOrNotAtAll) {
  for (std::size_t size = 0; size < kVienna.size(); ++size) {
    const Bytes cut(kVienna.begin(), kVienna.begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT_FALSE(read_old_table_entry({.type = 12, .subtype = 1, .body = cut})) << size;
  }
  EXPECT_FALSE(read_old_table_entry({.type = 12, .subtype = 1, .body = join({kVienna, {{}}})}));
  Bytes long_prefix = kVienna;
  long_prefix[8] = std::byte{33};
  EXPECT_FALSE(read_old_table_entry({.type = 12, .subtype = 1, .body = long_prefix}));
}

TEST(OldTableDump, IsNothingElse) {
  EXPECT_FALSE(read_old_table_entry({.type = 13, .subtype = 1, .body = kVienna}));
  EXPECT_FALSE(read_old_table_entry({.type = 12, .subtype = 2, .body = kVienna}));
  EXPECT_FALSE(read_old_table_entry({.type = 12, .subtype = 3, .body = kVienna}));
}

}  // namespace
}  // namespace fabrix::monitoring
