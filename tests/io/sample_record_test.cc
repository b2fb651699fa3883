#include "io/sample_record.h"

#include <array>

#include <gtest/gtest.h>

namespace fabrix::io {
namespace {

std::vector<std::byte> octets(std::size_t count) {
  std::vector<std::byte> made(count);
  for (std::size_t i = 0; i < count; ++i) made[i] = static_cast<std::byte>(i);
  return made;
}

std::vector<std::byte> tagged(std::size_t count, std::uint32_t tag, std::size_t room) {
  std::vector<std::byte> to(room);
  to.resize(put_tag_back(octets(count), tag, to));
  return to;
}

// IEEE 802.1Q: behind the two addresses.
TEST(SampleRecord, TheTagComesBehindTheMacs) {
  const auto frame = tagged(20, 0x8100a00a, 128);
  ASSERT_EQ(frame.size(), 24U);
  const std::array tag{std::byte{0x81}, std::byte{0x00}, std::byte{0xa0}, std::byte{0x0a}};
  auto wanted = octets(20);
  wanted.insert(wanted.begin() + 12, tag.begin(), tag.end());
  EXPECT_EQ(frame, wanted);
}

TEST(SampleRecord, WithoutATagNothingIsThere) {
  EXPECT_EQ(tagged(20, 0, 128), octets(20));
  EXPECT_EQ(tagged(11, 0x81000001, 128), octets(11)) << "not as much as its addresses";
}

TEST(SampleRecord, WhatThereIsNoRoomForIsCut) {
  EXPECT_EQ(tagged(128, 0x81000001, 128).size(), 128U);
  EXPECT_EQ(tagged(126, 0x81000001, 128).size(), 128U);
  EXPECT_EQ(tagged(130, 0, 128), octets(128));
  EXPECT_EQ(tagged(20, 0x81000001, 16).size(), 16U);
  EXPECT_EQ(tagged(20, 0x81000001, 14), octets(14)) << "not even for the tag";
}

TEST(SampleRecord, SumsWrapAsSflowsCountsDo) {
  EXPECT_EQ(sum_of_cpus({}), 0U);
  EXPECT_EQ(sum_of_cpus({0xffffffff, 2, 1ULL << 40U}), 1U);
}

}  // namespace
}  // namespace fabrix::io
