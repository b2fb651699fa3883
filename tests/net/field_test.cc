#include "net/field.h"

#include <random>
#include <set>

#include <gtest/gtest.h>

#include "net/packet.h"

namespace fabrix::net {
namespace {

Field field(std::size_t index) {
  return static_cast<Field>(index);
}

bool is_ipv6(Field field) {
  return field >= Field::kSrcIp6High && field <= Field::kDstIp6Low;
}

// Values in every field that a packet of its family can have.
Packet random_packet(std::mt19937_64& random) {
  Packet packet;
  const bool ipv6 = random() % 2 == 0;
  for (std::size_t i = 0; i < kFieldCount; ++i) {
    const bool is_ipv4 = field(i) == Field::kSrcIp4 || field(i) == Field::kDstIp4;
    if ((is_ipv4 && ipv6) || (is_ipv6(field(i)) && !ipv6)) continue;
    set_value(packet, field(i), random() & max_value(field(i)));
    if (field(i) == Field::kEthType) {
      set_value(packet, field(i), ipv6 ? kEthTypeIpv6 : kEthTypeIpv4);
    }
  }
  return packet;
}

TEST(FieldTest, WidthsAreThoseOfTheHeaders) {
  EXPECT_EQ(width_of(Field::kInPort), 32U);
  EXPECT_EQ(width_of(Field::kVlanId), 12U);
  EXPECT_EQ(width_of(Field::kVlanPcp), 3U);
  EXPECT_EQ(width_of(Field::kDscp), 6U);
  EXPECT_EQ(width_of(Field::kTcpFlags), 12U);
  EXPECT_EQ(width_of(Field::kSrcMac), 48U);
  EXPECT_EQ(width_of(Field::kNdTargetLow), 64U);
  EXPECT_EQ(max_value(Field::kNdTargetLow), ~std::uint64_t{0});
  EXPECT_EQ(max_value(Field::kDscp), 63U);
}

TEST(FieldTest, EachHasANameOfItsOwn) {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < kFieldCount; ++i) names.insert(name_of(field(i)));
  EXPECT_EQ(names.size(), kFieldCount);
  EXPECT_EQ(name_of(Field::kDstPort), "dstport");
  EXPECT_EQ(name_of(Field::kDstIp6High), "dstip6.high");
}

TEST(FieldTest, ReadsAddressesOfThePacketsFamilyOnly) {
  Packet packet;
  packet.eth_type = kEthTypeIpv6;
  packet.src_ip = IpAddress::parse("2001:db8::1").value();
  packet.dst_ip = IpAddress::parse("2001:db8:1:2:3:4:5:6").value();
  EXPECT_EQ(value_of(packet, Field::kSrcIp6High), 0x20010db800000000U);
  EXPECT_EQ(value_of(packet, Field::kSrcIp6Low), 1U);
  EXPECT_EQ(value_of(packet, Field::kDstIp6Low), 0x0003000400050006U);
  EXPECT_EQ(value_of(packet, Field::kSrcIp4), 0U);
  packet.src_ip = IpAddress::parse("192.0.2.1").value();
  EXPECT_EQ(value_of(packet, Field::kSrcIp4), 0xc0000201U);
  EXPECT_EQ(value_of(packet, Field::kSrcIp6High), 0U);
}

TEST(FieldTest, APacketIsMadeOfItsFields) {
  std::mt19937_64 random(20240603);
  for (int i = 0; i < 2000; ++i) {
    const Packet original = random_packet(random);
    Packet copy;
    for (std::size_t f = 0; f < kFieldCount; ++f) {
      set_value(copy, field(f), value_of(original, field(f)));
    }
    ASSERT_EQ(copy, original) << to_string(original);
  }
}

TEST(FieldTest, SettingOneFieldLeavesTheOthers) {
  std::mt19937_64 random(20240604);
  for (int i = 0; i < 2000; ++i) {
    const Packet before = random_packet(random);
    const Field changed = field(random() % kFieldCount);
    const bool changes_family = is_ipv6(changed) || changed == Field::kEthType ||
                                changed == Field::kSrcIp4 || changed == Field::kDstIp4;
    if (changes_family) continue;
    Packet after = before;
    const std::uint64_t value = random() & max_value(changed);
    set_value(after, changed, value);
    EXPECT_EQ(value_of(after, changed), value);
    set_value(after, changed, value_of(before, changed));
    EXPECT_EQ(after, before) << name_of(changed);
  }
}

TEST(FieldTest, TheEtherTypeDecidesTheFamily) {
  Packet packet;
  set_value(packet, Field::kEthType, kEthTypeIpv6);
  EXPECT_EQ(packet.src_ip, IpAddress::unspecified(Family::kIpv6));
  set_value(packet, Field::kDstIp6Low, 1);
  set_value(packet, Field::kEthType, kEthTypeIpv4);
  EXPECT_EQ(packet.dst_ip, IpAddress::unspecified(Family::kIpv4));
}

TEST(FieldDeathTest, AValueThatDoesNotFitIsOurMistake) {
  Packet packet;
  EXPECT_DEATH(set_value(packet, Field::kDscp, 64), "max_value");
}

}  // namespace
}  // namespace fabrix::net
