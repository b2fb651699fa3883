#include "io/netlink_codec.h"

#include <random>

#include <gtest/gtest.h>
#include <linux/rtnetlink.h>

#include "tests/io/world.h"

namespace fabrix::io {
namespace {

std::vector<std::byte> sample() {
  NetlinkWriter writer(RTM_NEWLINK, NLM_F_CREATE);
  ifinfomsg fixed{};
  fixed.ifi_index = 7;
  writer.fixed(fixed);
  writer.attribute(IFLA_IFNAME, "eth0");
  const std::size_t outer = writer.nest(IFLA_LINKINFO);
  writer.attribute(IFLA_INFO_KIND, "veth");
  writer.end_nest(outer);
  writer.attribute_u32(IFLA_MTU, 1500);
  writer.attribute_u16(90, 0x1234);
  writer.attribute_u8(91, 9);
  writer.attribute_ip(92, testing::ip("2001:db8::1"));
  writer.attribute_ip(93, testing::ip("192.0.2.1"));
  return writer.finish(42, NLM_F_ACK);
}

void read_all(const NetlinkMessage& message) {
  for (const NetlinkAttribute& attribute : message.attributes(sizeof(ifinfomsg))) {
    EXPECT_LE(attribute.text().size(), attribute.value.size());
    EXPECT_LE(read_attributes(attribute.value).size(), attribute.value.size() / 4);
  }
}

TEST(NetlinkCodecTest, ReadsBackWhatItWrote) {
  const auto bytes = sample();
  const auto messages = read_messages(bytes);
  ASSERT_EQ(messages.size(), 1U);
  const NetlinkMessage& message = messages.front();
  EXPECT_EQ(message.type, RTM_NEWLINK);
  EXPECT_EQ(message.flags, NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE);
  EXPECT_EQ(message.sequence, 42U);
  EXPECT_EQ(message.fixed<ifinfomsg>()->ifi_index, 7);
  const auto attributes = message.attributes(sizeof(ifinfomsg));
  ASSERT_EQ(attributes.size(), 7U);
  EXPECT_EQ(find_attribute(attributes, IFLA_IFNAME)->text(), "eth0");
  const auto inner = read_attributes(find_attribute(attributes, IFLA_LINKINFO)->value);
  EXPECT_EQ(find_attribute(inner, IFLA_INFO_KIND)->text(), "veth");
  EXPECT_EQ(find_attribute(attributes, IFLA_MTU)->u32(), 1500U);
  EXPECT_EQ(find_attribute(attributes, 91)->u8(), 9);
  EXPECT_EQ(find_attribute(attributes, 92)->ip(), testing::ip("2001:db8::1"));
  EXPECT_EQ(find_attribute(attributes, 93)->ip(), testing::ip("192.0.2.1"));
  EXPECT_EQ(find_attribute(attributes, 99), nullptr);
}

// linux/netlink.h: length, type, flags, sequence, port; attributes padded to four octets.
TEST(NetlinkCodecTest, LaysTheMessageOutAsTheKernelDoes) {
  NetlinkWriter writer(RTM_GETLINK);
  writer.attribute(3, "ab");
  const auto bytes = writer.finish(1, 0);
  ASSERT_EQ(bytes.size(), 24U);
  nlmsghdr header{};
  std::memcpy(&header, bytes.data(), sizeof(header));
  EXPECT_EQ(header.nlmsg_len, 24U);
  EXPECT_EQ(header.nlmsg_flags, NLM_F_REQUEST);
  EXPECT_EQ(bytes[16], std::byte{7});
  EXPECT_EQ(bytes[18], std::byte{3});
  EXPECT_EQ(bytes[20], std::byte{'a'});
  EXPECT_EQ(bytes[23], std::byte{0});
}

TEST(NetlinkCodecTest, SurvivesEveryTruncation) {
  const auto bytes = sample();
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const std::vector<std::byte> cut(bytes.begin(), bytes.begin() + static_cast<long>(size));
    EXPECT_TRUE(read_messages(cut).empty());
    const std::span<const std::byte> tail = cut;
    EXPECT_LE(read_attributes(tail.subspan(std::min<std::size_t>(size, 32))).size(), 7U);
  }
}

TEST(NetlinkCodecTest, SurvivesRandomDamage) {
  std::mt19937 random(20260504);
  const auto original = sample();
  for (int i = 0; i < 20'000; ++i) {
    auto bytes = original;
    for (int j = 0; j < 3; ++j) bytes[random() % bytes.size()] = static_cast<std::byte>(random());
    for (const NetlinkMessage& message : read_messages(bytes)) read_all(message);
  }
}

}  // namespace
}  // namespace fabrix::io
