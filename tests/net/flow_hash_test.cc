// Buckets against their definition: what counts, what does not, and how evenly they fill.
#include "net/flow_hash.h"

#include <array>
#include <random>
#include <utility>

#include <gtest/gtest.h>

namespace fabrix::net {
namespace {

constexpr std::uint32_t kSeed = 20261121;

Packet random_packet(std::mt19937& random) {
  Packet packet;
  const bool is_v4 = random() % 2 == 0;
  set_value(packet, Field::kEthType, is_v4 ? kEthTypeIpv4 : kEthTypeIpv6);
  packet.protocol = random() % 2 == 0 ? kProtocolTcp : kProtocolUdp;
  set_value(packet, is_v4 ? Field::kSrcIp4 : Field::kSrcIp6Low, random());
  set_value(packet, is_v4 ? Field::kDstIp4 : Field::kDstIp6Low, random());
  packet.src_port = static_cast<std::uint16_t>(random());
  packet.dst_port = static_cast<std::uint16_t>(random());
  return packet;
}

// Pearson's statistic against an even spread over all buckets.
template <typename Next>
double chi_square(int packets, HashKey key, Next next) {
  std::array<int, kBucketCount> counts{};
  for (int i = 0; i < packets; ++i) ++counts.at(bucket_of(next(i), key));
  const double expected = static_cast<double>(packets) / kBucketCount;
  double sum = 0;
  for (const int count : counts) sum += (count - expected) * (count - expected) / expected;
  return sum;
}

// 63 degrees of freedom: 103.4 is exceeded by chance once in 1,000 times.
constexpr double kUnlikely = 103.4;

TEST(FlowHash, SpreadsRandomFlowsEvenly) {
  std::mt19937 random(kSeed);
  for (const HashKey key : kHashKeys) {
    EXPECT_LT(chi_square(64000, key, [&](int) { return random_packet(random); }), kUnlikely)
        << name_of(key) << ", seed " << kSeed;
  }
}

TEST(FlowHash, SpreadsFlowsThatDifferInOneNumberEvenly) {
  std::mt19937 random(kSeed);
  const Packet first = random_packet(random);
  const auto from_port = [&first](int i) {
    Packet packet = first;
    packet.src_port = static_cast<std::uint16_t>(1024 + i);
    return packet;
  };
  const auto from_address = [](int i) {
    Packet packet;
    packet.eth_type = kEthTypeIpv4;
    set_value(packet, Field::kSrcIp4, 0x0a000000U + static_cast<unsigned>(i));
    return packet;
  };
  EXPECT_LT(chi_square(32000, HashKey::kFlow, from_port), kUnlikely);
  EXPECT_LT(chi_square(32000, HashKey::kSrcIp, from_address), kUnlikely);
}

TEST(FlowHash, BothDirectionsOfAFlowHaveOneBucket) {
  std::mt19937 random(kSeed);
  for (int i = 0; i < 1000; ++i) {
    const Packet packet = random_packet(random);
    Packet back = packet;
    std::swap(back.src_ip, back.dst_ip);
    std::swap(back.src_port, back.dst_port);
    EXPECT_EQ(bucket_of(packet, HashKey::kFlow), bucket_of(back, HashKey::kFlow));
    EXPECT_EQ(bucket_of(packet, HashKey::kSrcIp), bucket_of(back, HashKey::kDstIp));
  }
}

TEST(FlowHash, OnlyTheKeyCounts) {
  std::mt19937 random(kSeed);
  for (int i = 0; i < 1000; ++i) {
    const Packet packet = random_packet(random);
    Packet other = packet;
    other.in_port = PortNo{7};
    other.src_mac = MacAddress::from_u64(1);
    other.dscp = 46;
    other.tcp_flags = 16;
    EXPECT_EQ(hashed(packet).buckets, hashed(other).buckets);
    other.src_port ^= 1U;
    other.dst_ip = packet.src_ip;
    EXPECT_EQ(bucket_of(packet, HashKey::kSrcIp), bucket_of(other, HashKey::kSrcIp));
  }
}

TEST(FlowHash, WhatIsNoIpPacketIsInBucketZero) {
  Packet arp;
  arp.eth_type = kEthTypeArp;
  set_value(arp, Field::kSrcIp4, 0x0a000001);
  EXPECT_EQ(hashed(arp), arp);
}

TEST(FlowHash, EachKeyHasAFieldOfItsOwn) {
  Packet packet;
  for (const HashKey key : kHashKeys) {
    EXPECT_EQ(max_value(bucket_field(key)), kBucketCount - 1);
    set_value(packet, bucket_field(key), 5 + static_cast<unsigned>(key));
  }
  for (const HashKey key : kHashKeys) {
    EXPECT_EQ(value_of(packet, bucket_field(key)), 5 + static_cast<unsigned>(key));
  }
}

TEST(FlowHash, BucketsHaveNames) {
  Packet packet;
  set_value(packet, Field::kFlowBucket, 17);
  set_value(packet, Field::kDstIpBucket, 3);
  EXPECT_EQ(bucket_text(packet, {}), "");
  EXPECT_EQ(bucket_text(packet, {HashKey::kFlow}), " in flow bucket 17");
  EXPECT_EQ(bucket_text(packet, {HashKey::kDstIp, HashKey::kFlow}),
            " in flow bucket 17 and dstip bucket 3");
}

TEST(HashKeys, IsASet) {
  HashKeys keys;
  EXPECT_TRUE(keys.empty());
  keys.add(HashKey::kDstIp);
  EXPECT_TRUE(keys.contains(HashKey::kDstIp));
  EXPECT_FALSE(keys.contains(HashKey::kFlow));
  const HashKeys both = keys | HashKeys{HashKey::kFlow};
  EXPECT_TRUE(both.contains(keys));
  EXPECT_FALSE(keys.contains(both));
  EXPECT_EQ(both, (HashKeys{HashKey::kFlow, HashKey::kDstIp}));
}

}  // namespace
}  // namespace fabrix::net
