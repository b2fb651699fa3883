#include "capture/capture_writer.h"

#include <algorithm>

#include <gtest/gtest.h>

namespace fabrix::capture {
namespace {

TEST(CaptureWriter, WritesWhatTheReaderReads) {
  const std::vector<std::byte> first(60, std::byte{1});
  const std::vector<std::byte> second(61, std::byte{2});
  auto file = pcap_file_header(LinkType::kRaw);
  const std::vector<CapturedPacket> packets{
      {.time = std::chrono::nanoseconds(1'700'000'000'123'456'789),
       .link_type = LinkType::kRaw,
       .length = 1500,
       .octets = first},
      {.time = {}, .link_type = LinkType::kRaw, .length = 61, .octets = second}};
  for (const auto& packet : packets) {
    const auto octets = pcap_packet(packet);
    file.insert(file.end(), octets.begin(), octets.end());
  }
  auto reader = CaptureReader::open(file).value();
  for (const auto& packet : packets) {
    const auto read = reader.next().value();
    EXPECT_EQ(read.time, packet.time);
    EXPECT_EQ(read.link_type, packet.link_type);
    EXPECT_EQ(read.length, packet.length);
    EXPECT_TRUE(std::ranges::equal(read.octets, packet.octets));
  }
  EXPECT_FALSE(reader.next());
  EXPECT_EQ(reader.error(), std::nullopt);
}

// draft-ietf-opsawg-pcap §4: nanoseconds, version 2.4, link type.
TEST(CaptureWriter, TheHeaderIsThatOfTheDraft) {
  const auto header = pcap_file_header(LinkType::kEthernet);
  ASSERT_EQ(header.size(), 24U);
  EXPECT_EQ(header[0], std::byte{0xa1});
  EXPECT_EQ(header[1], std::byte{0xb2});
  EXPECT_EQ(header[2], std::byte{0x3c});
  EXPECT_EQ(header[3], std::byte{0x4d});
  EXPECT_EQ(header[5], std::byte{2});
  EXPECT_EQ(header[7], std::byte{4});
  EXPECT_EQ(header[23], std::byte{1});
}

}  // namespace
}  // namespace fabrix::capture
