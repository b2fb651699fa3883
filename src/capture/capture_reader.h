// CaptureReader: the packets of a capture file: pcap or pcapng, of either byte order.
//
//   draft-ietf-opsawg-pcap (the format of libpcap): seconds with micro- or nanoseconds
//   draft-ietf-opsawg-pcapng: section header, interface description, enhanced and simple packet
//   blocks, obsolete packet blocks; if_tsresol and if_tsoffset; others are skipped
//
// Views of the caller's octets, which must outlive it; nothing is copied. A file that ends in the
// middle of a packet (a capture under way, a full disk) ends there, and error() says so. Packets of
// interfaces that were not described, and blocks too short for what they are, end it too.
//
// Pure; accepts arbitrary bytes; fuzzed in fuzz/capture/capture_reader_fuzz.cc.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"

namespace fabrix::capture {

using Bytes = std::span<const std::byte>;

// What packets begin with (tcpdump.org/linktypes.html): those that are looked into.
enum class LinkType : std::uint16_t {
  kNull = 0,  // the address family, in the writer's byte order
  kEthernet = 1,
  kRaw = 101,  // an IP header
  kLinuxCooked = 113,
  kIpv4 = 228,
  kIpv6 = 229,
  kLinuxCooked2 = 276,
};

struct CapturedPacket {
  std::chrono::nanoseconds time{};  // since 1970; 0 in simple packet blocks, which have none
  LinkType link_type = LinkType::kEthernet;  // or another number
  std::uint32_t length = 0;                  // on the wire
  Bytes octets;                              // what was captured of it
};

class CaptureReader {
 public:
  // Fails if the beginning is that of no capture file.
  static Result<CaptureReader> open(Bytes file);

  // None at the end.
  std::optional<CapturedPacket> next();

  // Why it ended before the file did.
  const std::optional<std::string>& error() const { return error_; }

 private:
  enum class Format : std::uint8_t { kPcap, kPcapng };
  enum class ByteOrder : std::uint8_t { kBig, kLittle };

  // Of pcapng: an interface of the section, and how many units its clock has a second.
  struct Interface {
    LinkType link_type = LinkType::kEthernet;
    std::uint32_t snap_length = 0;
    std::uint64_t units = 1'000'000;
    std::int64_t offset_seconds = 0;
  };

  struct Block {
    std::uint32_t type = 0;
    Bytes body;
  };

  explicit CaptureReader(Bytes file) : file_(file) {}

  bool open_pcap();
  std::uint16_t u16(Bytes at) const;
  std::uint32_t u32(Bytes at) const;
  std::optional<CapturedPacket> next_pcap();
  std::optional<CapturedPacket> next_pcapng();
  std::optional<Block> next_block();
  bool describe_interface(Bytes body);
  void read_interface_options(Bytes options, Interface& interface) const;
  std::optional<CapturedPacket> enhanced_packet(Bytes body);
  std::optional<CapturedPacket> simple_packet(Bytes body);
  std::optional<CapturedPacket> old_packet(Bytes body);
  std::optional<CapturedPacket> stamped_packet(Bytes body, std::uint32_t interface,
                                               std::uint64_t units);
  std::nullopt_t stop(std::string why);

  Bytes file_;
  std::size_t at_ = 0;
  Format format_ = Format::kPcap;
  ByteOrder order_ = ByteOrder::kBig;
  LinkType link_type_ = LinkType::kEthernet;  // of pcap
  std::uint32_t fraction_ = 1000;             // nanoseconds in pcap's second word
  std::vector<Interface> interfaces_;         // of pcapng's section
  std::optional<std::string> error_;
};

}  // namespace fabrix::capture
