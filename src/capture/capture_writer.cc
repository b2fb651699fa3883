#include "capture/capture_writer.h"

#include "base/byte_writer.h"

namespace fabrix::capture {
namespace {

constexpr std::uint32_t kMagicNanoseconds = 0xa1b23c4d;
constexpr std::uint32_t kLongestPacket = 262144;  // libpcap's MAXIMUM_SNAPLEN

}  // namespace

std::vector<std::byte> pcap_file_header(LinkType link_type) {
  ByteWriter out;
  out.u32(kMagicNanoseconds);
  out.u16(2);  // version 2.4
  out.u16(4);
  out.u32(0);
  out.u32(0);
  out.u32(kLongestPacket);
  out.u32(static_cast<std::uint32_t>(link_type));
  return out.take();
}

std::vector<std::byte> pcap_packet(const CapturedPacket& packet) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(packet.time);
  ByteWriter out;
  out.u32(static_cast<std::uint32_t>(seconds.count()));
  out.u32(static_cast<std::uint32_t>((packet.time - seconds).count()));
  out.u32(static_cast<std::uint32_t>(packet.octets.size()));
  out.u32(packet.length);
  out.bytes(packet.octets);
  return out.take();
}

}  // namespace fabrix::capture
