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

using Octets = std::vector<std::byte>;

Octets operator+(Octets left, const Octets& right) {
  left.insert(left.end(), right.begin(), right.end());
  return left;
}

Octets word(std::size_t value) {
  const auto number = static_cast<std::uint32_t>(value);
  return octets({static_cast<int>(number & 255U), static_cast<int>(number >> 8U & 255U),
                 static_cast<int>(number >> 16U & 255U), static_cast<int>(number >> 24U)});
}

// Of a little-endian pcapng file.
Octets block(std::size_t type, const Octets& body) {
  return word(type) + word(body.size() + 12) + body + word(body.size() + 12);
}
Octets section() {
  return block(0x0a0d0d0a, word(0x1a2b3c4d) + word(1) + Octets(8, std::byte{255}));
}
Octets interface(const Octets& options = {}) {
  return block(1, word(1) + word(0) + options);  // Ethernet, no snap length
}
// Enhanced, of interface 0, at 1.5 s in microseconds.
Octets enhanced(const Octets& data, std::size_t captured) {
  return block(6, word(0) + word(0) + word(1'500'000) + word(captured) + word(60) + data);
}

// draft-ietf-opsawg-pcapng §4.2, §4.4, appendix A: sections begin anew, blocks of other types are
// passed over, options end with their end or where they do not fit.
TEST(CaptureReader, ReadsWhatPcapngMayHave) {
  const Octets four = octets({1, 2, 3, 4});
  const Octets offset = octets({14, 0, 8, 0}) + word(100) + word(0);
  const Octets end = octets({0, 0, 0, 0});
  const Octets overlong = octets({9, 0, 99, 0});
  const Octets odd = octets({9, 0, 2, 0, 6, 6, 0, 0, 14, 0, 4, 0, 1, 1, 1, 1});
  const Octets old =
      block(2, octets({0, 0, 0, 0}) + word(0) + word(2'000'000) + word(4) + word(9) + four);
  const Octets simple = block(3, word(2) + four);
  const Octets bytes = section() + block(99, four) + interface(offset + end + offset) +
                       enhanced(four, 4) + section() + interface(overlong) + old + simple +
                       section() + interface(odd) + enhanced(four, 3);
  auto reader = CaptureReader::open(bytes).value();
  const auto packets = all(reader);
  EXPECT_EQ(reader.error(), std::nullopt);
  ASSERT_EQ(packets.size(), 4U);
  EXPECT_EQ(packets[0].time, seconds(101) + std::chrono::milliseconds(500));
  EXPECT_EQ(packets[1].time, seconds(2));
  EXPECT_EQ(packets[1].length, 9U);
  EXPECT_EQ(packets[2].octets.size(), 2U);
  EXPECT_EQ(packets[3].octets.size(), 3U);
}

// Units of 10^-18 s: more than nanoseconds can be counted in.
TEST(CaptureReader, TellsTimeInUnitsBelowANanosecond) {
  const Octets atto = octets({9, 0, 1, 0, 18, 0, 0, 0});
  const Octets packet = block(6, word(0) + word(0x1bbddfe8) + word(0xaa018000) + word(0) + word(0));
  const Octets bytes = section() + interface(atto) + packet;
  auto reader = CaptureReader::open(bytes).value();
  EXPECT_EQ(reader.next()->time, seconds(1) + std::chrono::milliseconds(999));
}

TEST(CaptureReader, SaysWhatIsWrongWithABlock) {
  struct Wrong {
    Octets block;
    const char* why;
  };
  const Octets four = octets({1, 2, 3, 4});
  const std::vector<Wrong> cases{
      {block(0x0a0d0d0a, word(7) + four), "a section without byte order"},
      {block(1, four), "no description of an interface"},
      {block(6, Octets(16)), "a packet block without packet"},
      {block(2, Octets(16)), "a packet block without packet"},
      {block(3, {}), "a packet block without packet"},
      {enhanced(four, 5), "a packet larger than its block"},
      {block(6, word(7) + Octets(16)), "a packet of an interface not described"},
      {word(99) + word(13) + Octets(8), "a block of 13 octets, 16 are left"},
      {word(99) + word(8) + Octets(8), "a block of 8 octets, 16 are left"}};
  for (const Wrong& each : cases) {
    const Octets bytes = section() + interface() + each.block;
    auto reader = CaptureReader::open(bytes).value();
    EXPECT_FALSE(reader.next());
    ASSERT_TRUE(reader.error()) << each.why;
    EXPECT_TRUE(reader.error()->ends_with(each.why)) << *reader.error();
  }
  const Octets alone = section() + block(3, word(4) + four);
  auto reader = CaptureReader::open(alone).value();
  EXPECT_FALSE(reader.next());
  EXPECT_TRUE(reader.error());
}

// 65,536 of a file, which has no packets.
TEST(CaptureReader, HasABoundOfInterfaces) {
  const Octets one = interface();
  Octets bytes = section();
  for (int i = 0; i < 65537; ++i) bytes.insert(bytes.end(), one.begin(), one.end());
  auto reader = CaptureReader::open(bytes).value();
  EXPECT_FALSE(reader.next());
  EXPECT_TRUE(reader.error());
}

TEST(CaptureReader, ReadsPcapOfTheOtherByteOrder) {
  const Octets bytes =
      octets({0xa1, 0xb2, 0xc3, 0xd4, 0, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 0,
              0,    0,    1,    0,    0, 0, 7, 0, 0, 0, 5, 0, 0, 0, 2, 0, 0, 0, 60,  1,   2});
  auto reader = CaptureReader::open(bytes).value();
  const auto packets = all(reader);
  ASSERT_EQ(packets.size(), 1U);
  EXPECT_EQ(packets[0].time, seconds(7) + std::chrono::microseconds(5));
  EXPECT_EQ(packets[0].length, 60U);
}

TEST(CaptureReader, RefusesOtherFiles) {
  EXPECT_FALSE(CaptureReader::open({}));
  EXPECT_FALSE(CaptureReader::open(octets({0xa1, 0xb2, 0xc3, 0xd4})));
  const auto text = std::vector<std::byte>(100, std::byte{'x'});
  EXPECT_FALSE(CaptureReader::open(text));
}

}  // namespace
}  // namespace fabrix::capture
