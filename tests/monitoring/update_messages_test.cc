#include "monitoring/update_messages.h"

#include <gtest/gtest.h>

#include "bgp/message_header.h"
#include "bgp/update_message.h"
#include "tests/monitoring/world.h"

namespace fabrix::monitoring {
namespace {

using testing::address;
using testing::attributes;
using testing::prefix;

bgp::UpdateMessage decode(std::span<const std::byte> message) {
  return bgp::decode_update(message.subspan(bgp::kHeaderSize), {}).value();
}

TEST(UpdateMessages, SayAnnouncementsWithdrawalsAndEndOfRib) {
  UpdateMessages updates;
  const std::vector v4{prefix("198.51.100.0/24"), prefix("203.0.113.0/24")};
  const std::vector v6{prefix("2001:db8:1::/48")};
  ASSERT_TRUE(updates.announce(attributes({64501}), address("192.0.2.11"), v4));
  updates.withdraw(v6);
  updates.withdraw({});
  updates.end_of_rib(net::Family::kIpv6);
  const auto messages = updates.messages();
  ASSERT_EQ(messages.size(), 3U);
  const auto announced = decode(messages[0]);
  ASSERT_EQ(announced.announced.size(), 1U);
  EXPECT_EQ(announced.announced[0].prefixes, v4);
  EXPECT_EQ(announced.announced[0].next_hop, address("192.0.2.11"));
  EXPECT_EQ(*announced.attributes, attributes({64501}));
  EXPECT_EQ(decode(messages[1]).withdrawn, v6);
  EXPECT_EQ(decode(messages[2]).end_of_rib, std::vector{net::Family::kIpv6});
}

TEST(UpdateMessages, SplitWhatDoesNotFitIntoOne) {
  std::vector<net::Prefix> many;
  for (std::uint8_t i = 0; i < 250; ++i) {
    for (std::uint8_t j = 0; j < 10; ++j) {
      many.push_back(*net::Prefix::containing(net::IpAddress::v4({20, i, j, 0}), 24));
    }
  }
  UpdateMessages updates;
  ASSERT_TRUE(updates.announce(attributes({64501}), address("192.0.2.11"), many));
  const auto messages = updates.messages();
  EXPECT_EQ(messages.size(), 3U);
  std::size_t announced = 0;
  for (const auto message : messages) {
    EXPECT_LE(message.size(), bgp::kMaxMessageSize);
    announced += decode(message).announced.at(0).prefixes.size();
  }
  EXPECT_EQ(announced, many.size());
}

TEST(UpdateMessages, Rfc8654_AreExtendedOnlyWhereARouteNeedsIt) {
  bgp::PathAttributes large = attributes({64501});
  for (std::uint16_t i = 0; i < 1500; ++i) large.communities.push_back(bgp::community(64501, i));
  const std::vector one{prefix("198.51.100.0/24")};
  UpdateMessages updates;
  ASSERT_TRUE(updates.announce(large, address("192.0.2.11"), one));
  ASSERT_EQ(updates.messages().size(), 1U);
  EXPECT_GT(updates.messages()[0].size(), bgp::kMaxMessageSize);
  for (std::uint32_t i = 0; i < 20'000; ++i) large.communities.push_back({i});
  UpdateMessages none;
  EXPECT_FALSE(none.announce(large, address("192.0.2.11"), one));
  EXPECT_TRUE(none.messages().empty());
}

}  // namespace
}  // namespace fabrix::monitoring
