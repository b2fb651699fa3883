// merged.pcapng and nanoseconds.pcap were written by Wireshark's mergecap and editcap, from the
// datagrams of fuzz/sflow/README.md.
#include "capture/capture_reader.h"

#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

namespace fabrix::capture {
namespace {

using std::chrono::seconds;

std::vector<std::byte> file(const std::string& name) {
  std::ifstream in(FABRIX_SOURCE "/fuzz/capture/corpus/capture_reader/" + name, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

std::vector<std::byte> octets(std::initializer_list<int> values) {
  std::vector<std::byte> result;
  for (const int value : values) result.push_back(static_cast<std::byte>(value));
  return result;
}

std::vector<CapturedPacket> all(CaptureReader& reader) {
  std::vector<CapturedPacket> packets;
  while (const auto packet = reader.next()) packets.push_back(*packet);
  return packets;
}

TEST(CaptureReader, ReadsPcapOfEitherResolution) {
  for (const auto* name : {"goflow2_flows.pcap", "nanoseconds.pcap"}) {
    SCOPED_TRACE(name);
    const auto bytes = file(name);
    auto reader = CaptureReader::open(bytes).value();
    const auto packets = all(reader);
    ASSERT_EQ(packets.size(), 1U);
    EXPECT_EQ(packets[0].time, seconds(1'700'000'000));
    EXPECT_EQ(packets[0].link_type, LinkType::kEthernet);
    EXPECT_EQ(packets[0].length, 1542U);
    EXPECT_EQ(packets[0].octets.size(), 1542U);
    EXPECT_EQ(reader.error(), std::nullopt);
  }
}

TEST(CaptureReader, ReadsPcapng) {
  const auto bytes = file("merged.pcapng");
  auto reader = CaptureReader::open(bytes).value();
  const auto packets = all(reader);
  ASSERT_EQ(packets.size(), 2U);
  EXPECT_EQ(packets[0].time, seconds(1'700'000'000));
  EXPECT_EQ(packets[0].octets.size() + packets[1].octets.size(), 130U + 1542U);
  EXPECT_EQ(packets[1].link_type, LinkType::kEthernet);
  EXPECT_EQ(reader.error(), std::nullopt);
}

// draft-ietf-opsawg-pcapng §4.1, §4.2, §4.4: big-endian, no time, a snap length of 4.
TEST(CaptureReader, ReadsSimplePacketsOfABigEndianSection) {
  const auto bytes = octets(
      {0x0a, 0x0d, 0x0d, 0x0a, 0, 0, 0, 28, 0x1a, 0x2b, 0x3c, 0x4d, 0, 1, 0, 0, 255, 255, 255, 255,
       255,  255,  255,  255,  0, 0, 0, 28,  //
       0,    0,    0,    1,    0, 0, 0, 20, 0,    101,  0,    0,    0, 0, 0, 4, 0,   0,   0,   20,
       0,    0,    0,    3,    0, 0, 0, 20, 0,    0,    0,    60,   1, 2, 3, 4, 0,   0,   0,   20});
  auto reader = CaptureReader::open(bytes).value();
  const auto packets = all(reader);
  ASSERT_EQ(packets.size(), 1U);
  EXPECT_EQ(packets[0].link_type, LinkType::kRaw);
  EXPECT_EQ(packets[0].length, 60U);
  EXPECT_EQ(packets[0].octets.size(), 4U);
}

// §4.2: if_tsresol 10^-9 and 2^-8; if_tsoffset 100 s.
TEST(CaptureReader, TellsTimeInTheInterfacesUnits) {
  const auto section =
      octets({0x0a, 0x0d, 0x0d, 0x0a, 0,   0,   0,   28,  0x1a, 0x2b, 0x3c, 0x4d, 0, 1,
              0,    0,    255,  255,  255, 255, 255, 255, 255,  255,  0,    0,    0, 28});
  const auto nano = octets({0, 0, 0, 1, 0, 0, 0, 32, 0, 1, 0, 0, 0, 0, 0, 0,
                            0, 9, 0, 1, 9, 0, 0, 0,  0, 0, 0, 0, 0, 0, 0, 32});
  const auto binary =
      octets({0, 0, 0, 1,  0, 0, 0, 44, 0, 1, 0, 0, 0, 0,   0, 0, 0, 9, 0, 1, 0x88, 0,
              0, 0, 0, 14, 0, 8, 0, 0,  0, 0, 0, 0, 0, 100, 0, 0, 0, 0, 0, 0, 0,    44});
  const auto packet = [](int interface, int low) {
    return octets({0, 0, 0,        6,          0, 0, 0, 32, 0, 0, 0, interface, 0, 0, 0, 0,
                   0, 0, low >> 8, low & 0xff, 0, 0, 0, 0,  0, 0, 0, 60,        0, 0, 0, 32});
  };
  auto bytes = section;
  for (const auto& part : {nano, binary, packet(0, 1500), packet(1, 384)}) {
    bytes.insert(bytes.end(), part.begin(), part.end());
  }
  auto reader = CaptureReader::open(bytes).value();
  const auto packets = all(reader);
  ASSERT_EQ(packets.size(), 2U);
  EXPECT_EQ(packets[0].time, std::chrono::nanoseconds(1500));
  EXPECT_EQ(packets[1].time, seconds(101) + std::chrono::milliseconds(500));
}

TEST(CaptureReader, SaysWhereAFileIsCutOff) {
  for (const auto* name : {"goflow2_flows.pcap", "merged.pcapng"}) {
    const auto bytes = file(name);
    for (std::size_t size = 28; size < bytes.size(); ++size) {
      auto reader = CaptureReader::open(Bytes(bytes).first(size)).value();
      const auto packets = all(reader);
      for (const auto& packet : packets) {
        EXPECT_LE(packet.octets.data() + packet.octets.size(), bytes.data() + size);
      }
    }
    auto reader = CaptureReader::open(Bytes(bytes).first(bytes.size() - 1)).value();
    all(reader);
    ASSERT_TRUE(reader.error()) << name;
  }
  const auto bytes = file("gopacket_3.pcap");
  auto reader = CaptureReader::open(Bytes(bytes).first(100)).value();
  EXPECT_FALSE(reader.next());
  EXPECT_EQ(reader.error(), "at octet 24: a packet of 130 octets, 60 are left");
}

TEST(CaptureReader, RefusesOtherFiles) {
  EXPECT_FALSE(CaptureReader::open({}));
  EXPECT_FALSE(CaptureReader::open(octets({0xa1, 0xb2, 0xc3, 0xd4})));
  const auto text = std::vector<std::byte>(100, std::byte{'x'});
  EXPECT_FALSE(CaptureReader::open(text));
}

}  // namespace
}  // namespace fabrix::capture
