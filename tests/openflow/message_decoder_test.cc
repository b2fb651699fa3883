#include <random>
#include <set>
#include <string_view>

#include <gtest/gtest.h>

#include "openflow/message.h"
#include "tests/openflow/sample_messages.h"

namespace fabrix::openflow {
namespace {

// What is accepted must be writable and read again unchanged, in no more octets.
void expect_stable(std::span<const std::byte> octets) {
  const auto message = decode_message(octets);
  if (!message) return;
  const auto again = tests::encoded(*message);
  EXPECT_LE(again.size(), octets.size());
  const auto reread = decode_message(again);
  ASSERT_TRUE(reread);
  EXPECT_EQ(*reread, *message);
}

TEST(MessageDecoderTest, EveryMessageSurvivesTheWire) {
  for (const Message& message : tests::sample_messages()) {
    SCOPED_TRACE(message.body.index());
    const auto octets = tests::encoded(message);
    const auto again = decode_message(octets);
    ASSERT_TRUE(again) << describe(again.error());
    EXPECT_EQ(*again, message);
  }
}

TEST(MessageDecoderTest, EveryTruncationIsRejectedOrStable) {
  for (const Message& message : tests::sample_messages()) {
    SCOPED_TRACE(message.body.index());
    const auto whole = tests::encoded(message);
    for (std::size_t size = 0; size < whole.size(); ++size) {
      EXPECT_FALSE(decode_message(std::span(whole).first(size)));
      if (size < kMessageHeaderSize) continue;
      auto cut = whole;
      cut.resize(size);
      cut[2] = static_cast<std::byte>(size >> 8U);
      cut[3] = static_cast<std::byte>(size);
      expect_stable(cut);
    }
  }
}

// With one octet after the other replaced by telling values.
void expect_stable_when_damaged(std::vector<std::byte> octets) {
  for (std::byte& octet : octets) {
    const std::byte original = octet;
    for (const unsigned value : {0U, 1U, 4U, 7U, 8U, 0x20U, 0x55U, 0x7fU, 0x80U, 0xfeU, 0xffU}) {
      octet = static_cast<std::byte>(value);
      expect_stable(octets);
    }
    octet = original;
  }
}

TEST(MessageDecoderTest, EveryOctetMayHaveAnyOfManyValues) {
  for (const Message& message : tests::sample_messages()) {
    SCOPED_TRACE(message.body.index());
    expect_stable_when_damaged(tests::encoded(message));
  }
}

TEST(MessageDecoderTest, RandomOctetsDoNoHarm) {
  constexpr unsigned kSeed = 20'260'101;
  SCOPED_TRACE(kSeed);
  std::mt19937 random(kSeed);
  for (int round = 0; round < 100'000; ++round) {
    std::vector<std::byte> octets(8 + random() % 120);
    for (std::byte& octet : octets) octet = static_cast<std::byte>(random());
    octets[0] = static_cast<std::byte>(4 + random() % 2);
    octets[1] = static_cast<std::byte>(random() % 36);
    octets[2] = std::byte{0};
    octets[3] = static_cast<std::byte>(octets.size());
    expect_stable(octets);
  }
}

TEST(MessageDecoderTest, SaysWhyItRejects) {
  auto echo = tests::encoded({.xid = 1, .body = EchoRequest{}});
  echo[3] = std::byte{9};
  EXPECT_EQ(decode_message(echo).error(), DecodeError::kBadLength);
  echo[3] = std::byte{8};
  echo[0] = std::byte{1};
  EXPECT_EQ(decode_message(echo).error(), DecodeError::kBadVersion);
  auto barrier = tests::encoded({.xid = 1, .body = BarrierReply{}});
  barrier.push_back(std::byte{0});
  barrier[3] = std::byte{9};
  EXPECT_EQ(decode_message(barrier).error(), DecodeError::kMalformed);
}

TEST(MessageDecoderTest, EveryErrorHasATextOfItsOwn) {
  std::set<std::string_view> texts;
  for (const auto error :
       {DecodeError::kBadLength, DecodeError::kBadVersion, DecodeError::kMalformed}) {
    texts.insert(describe(error));
  }
  EXPECT_EQ(texts.size(), 3U);
}

TEST(MessageDecoderTest, AHelloOfAnotherVersionIsReadForItsBitmap) {
  auto hello = tests::encoded({.xid = 1, .body = Hello{.versions = 0x7e}});
  hello[0] = std::byte{6};
  const auto message = decode_message(hello);
  ASSERT_TRUE(message);
  EXPECT_EQ(message->body, Body{Hello{.versions = 0x7e}});
  EXPECT_EQ(decode_header(hello)->version, 6);
}

TEST(MessageDecoderTest, ABundledMessageMustHaveTheXidOfItsBundleAdd) {
  auto add =
      tests::encoded({.xid = 7, .body = BundleAdd{.bundle_id = 1, .mod = tests::policy_flow(1)}});
  ASSERT_TRUE(decode_message(add));
  add[kMessageHeaderSize + 8 + 7] ^= std::byte{1};
  EXPECT_FALSE(decode_message(add));
}

TEST(MessageDecoderTest, APortIsUpUnlessSwitchedOffOrWithoutLink) {
  PortDesc port = tests::sample_port();
  EXPECT_TRUE(is_up(port));
  port.state = kLinkDown;
  EXPECT_FALSE(is_up(port));
  port.state = 0;
  port.config = kPortDown;
  EXPECT_FALSE(is_up(port));
}

TEST(MessageDecoderTest, APacketInSaysWhereItCameFrom) {
  PacketIn packet;
  EXPECT_EQ(in_port_of(packet), net::PortNo{0});
  packet.match.set(OxmField::kInPort, 9);
  EXPECT_EQ(in_port_of(packet), net::PortNo{9});
}

}  // namespace
}  // namespace fabrix::openflow
