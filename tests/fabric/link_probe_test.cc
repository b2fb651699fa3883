#include "fabric/link_probe.h"

#include <gtest/gtest.h>

namespace fabrix::fabric {
namespace {

const LinkProbe kProbe{.datapath_id = 0xe1, .port = net::PortNo{49}};

// IEEE 802.1AB-2016 §8.4, §8.5: seven bits of type, nine of length; the id's subtype 7.
TEST(LinkProbeTest, IsAnLldpFrameWithTheThreeMandatoryTlvs) {
  const auto frame = encode_probe(kProbe);
  const std::vector<int> head{0x01, 0x80, 0xc2, 0x00, 0x00, 0x0e, 0x02, 0xfa, 0xb0,
                              0x00, 0x00, 0x00, 0x88, 0xcc, 0x02, 17,   7,    '0'};
  const std::vector<int> tail{'e', '1', 0x04, 3, 7, '4', '9', 0x06, 2, 0, 4, 0, 0};
  ASSERT_EQ(frame.size(), 14U + 19 + 5 + 4 + 2);
  for (std::size_t i = 0; i < head.size(); ++i) {
    EXPECT_EQ(std::to_integer<int>(frame[i]), head[i]) << i;
  }
  for (std::size_t i = 0; i < tail.size(); ++i) {
    EXPECT_EQ(std::to_integer<int>(frame[frame.size() - tail.size() + i]), tail[i]) << i;
  }
  EXPECT_EQ(decode_probe(frame), kProbe);
}

TEST(LinkProbeTest, RejectsEveryTruncationOfItsIds) {
  const auto frame = encode_probe(kProbe);
  for (std::size_t size = 0; size < 14U + 19 + 5; ++size) {
    EXPECT_FALSE(decode_probe(std::span(frame).first(size))) << size;
  }
}

TEST(LinkProbeTest, WhateverAnOctetIsItIsReadAsAProbeOrNot) {
  const auto frame = encode_probe(kProbe);
  for (std::size_t i = 0; i < frame.size(); ++i) {
    for (int value = 0; value < 256; ++value) {
      auto other = frame;
      other[i] = static_cast<std::byte>(value);
      const auto read = decode_probe(other);
      if (read && i < 14) {
        EXPECT_EQ(other, frame);
      }
    }
  }
}

}  // namespace
}  // namespace fabrix::fabric
