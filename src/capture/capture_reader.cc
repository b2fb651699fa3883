#include "capture/capture_reader.h"

#include <algorithm>

#include <fmt/format.h>

namespace fabrix::capture {
namespace {

constexpr std::uint32_t kMagicMicroseconds = 0xa1b2c3d4;
constexpr std::uint32_t kMagicNanoseconds = 0xa1b23c4d;
constexpr std::size_t kFileHeaderSize = 24;
constexpr std::size_t kPacketHeaderSize = 16;

constexpr std::uint32_t kSectionHeader = 0x0a0d0d0a;
constexpr std::uint32_t kByteOrderMagic = 0x1a2b3c4d;
constexpr std::uint32_t kInterfaceDescription = 1;
constexpr std::uint32_t kOldPacket = 2;
constexpr std::uint32_t kSimplePacket = 3;
constexpr std::uint32_t kEnhancedPacket = 6;

constexpr std::uint16_t kEndOfOptions = 0;
constexpr std::uint16_t kTimeResolution = 9;
constexpr std::uint16_t kTimeOffset = 14;

// A file of interfaces without packets would only cost memory.
constexpr std::size_t kMaxInterfaces = 65536;
constexpr std::uint64_t kNanoseconds = 1'000'000'000;

std::uint32_t octet(Bytes at, std::size_t index) {
  return std::to_integer<std::uint32_t>(at[index]);
}

std::uint32_t big_u32(Bytes at) {
  return octet(at, 0) << 24U | octet(at, 1) << 16U | octet(at, 2) << 8U | octet(at, 3);
}

std::uint32_t little_u32(Bytes at) {
  return octet(at, 3) << 24U | octet(at, 2) << 16U | octet(at, 1) << 8U | octet(at, 0);
}

// if_tsresol: units a second, a power of ten or, with the highest bit, of two. What is finer than
// 64 bits can count is not.
std::uint64_t units_of(std::uint32_t resolution) {
  const bool binary = (resolution & 0x80U) != 0;
  const std::uint32_t exponent = std::min(resolution & 0x7fU, binary ? 62U : 18U);
  if (binary) return std::uint64_t{1} << exponent;
  std::uint64_t units = 1;
  for (std::uint32_t i = 0; i < exponent; ++i) units *= 10;
  return units;
}

// Units of which there are so many a second, from 1970; what does not fit wraps.
std::chrono::nanoseconds time_of(std::uint64_t count, std::uint64_t units, std::int64_t offset) {
  const auto seconds = count / units + static_cast<std::uint64_t>(offset);
  // As 64 bits hold no product of two such numbers: the precision of a double is enough below 1 s.
  const double part = static_cast<double>(count % units) / static_cast<double>(units);
  const auto nanoseconds = units <= kNanoseconds * 16 ? count % units * kNanoseconds / units
                                                      : static_cast<std::uint64_t>(part * 1e9);
  return std::chrono::nanoseconds(static_cast<std::int64_t>(seconds * kNanoseconds + nanoseconds));
}

}  // namespace

Result<CaptureReader> CaptureReader::open(Bytes file) {
  CaptureReader reader(file);
  if (file.size() >= 4 && big_u32(file) == kSectionHeader) {
    reader.format_ = Format::kPcapng;
    return reader;
  }
  if (reader.open_pcap()) return reader;
  return fail(Error{"neither pcap nor pcapng: that is no capture file"});
}

bool CaptureReader::open_pcap() {
  if (file_.size() < kFileHeaderSize) return false;
  const std::uint32_t big = big_u32(file_);
  order_ =
      big == kMagicMicroseconds || big == kMagicNanoseconds ? ByteOrder::kBig : ByteOrder::kLittle;
  const std::uint32_t magic = u32(file_);
  fraction_ = magic == kMagicMicroseconds ? 1000 : 1;
  // The upper bits tell of the frame check sequence.
  link_type_ = static_cast<LinkType>(u32(file_.subspan(20)) & 0xffffU);
  at_ = kFileHeaderSize;
  return magic == kMagicMicroseconds || magic == kMagicNanoseconds;
}

std::uint16_t CaptureReader::u16(Bytes at) const {
  const bool big = order_ == ByteOrder::kBig;
  return static_cast<std::uint16_t>(octet(at, big ? 0 : 1) << 8U | octet(at, big ? 1 : 0));
}

std::uint32_t CaptureReader::u32(Bytes at) const {
  return order_ == ByteOrder::kBig ? big_u32(at) : little_u32(at);
}

std::nullopt_t CaptureReader::stop(std::string why) {
  error_ = fmt::format("at octet {}: {}", at_, why);
  at_ = file_.size();
  return std::nullopt;
}

std::optional<CapturedPacket> CaptureReader::next() {
  if (at_ == file_.size()) return std::nullopt;
  return format_ == Format::kPcap ? next_pcap() : next_pcapng();
}

std::optional<CapturedPacket> CaptureReader::next_pcap() {
  const Bytes rest = file_.subspan(at_);
  if (rest.size() < kPacketHeaderSize) return stop("the file ends in the header of a packet");
  const std::uint32_t captured = u32(rest.subspan(8));
  if (captured > rest.size() - kPacketHeaderSize) {
    return stop(fmt::format("a packet of {} octets, {} are left", captured,
                            rest.size() - kPacketHeaderSize));
  }
  at_ += kPacketHeaderSize + captured;
  return CapturedPacket{
      .time = std::chrono::seconds(u32(rest)) +
              std::chrono::nanoseconds(std::int64_t{u32(rest.subspan(4))} * fraction_),
      .link_type = link_type_,
      .length = u32(rest.subspan(12)),
      .octets = rest.subspan(kPacketHeaderSize, captured)};
}

// A block's type, total length, body, and the length again. A section header says its own byte
// order.
std::optional<CaptureReader::Block> CaptureReader::next_block() {
  const Bytes rest = file_.subspan(at_);
  if (rest.size() < 12) return stop("the file ends in the header of a block");
  if (big_u32(rest) == kSectionHeader) {
    const bool big = big_u32(rest.subspan(8)) == kByteOrderMagic;
    if (!big && little_u32(rest.subspan(8)) != kByteOrderMagic) {
      return stop("a section without byte order");
    }
    order_ = big ? ByteOrder::kBig : ByteOrder::kLittle;
  }
  const std::uint32_t length = u32(rest.subspan(4));
  if (length < 12 || length % 4 != 0 || length > rest.size()) {
    return stop(fmt::format("a block of {} octets, {} are left", length, rest.size()));
  }
  const Block block{u32(rest), rest.subspan(8, length - 12)};
  at_ += length;
  return block;
}

std::optional<CapturedPacket> CaptureReader::next_pcapng() {
  while (at_ < file_.size()) {
    const auto block = next_block();
    if (!block) return std::nullopt;
    switch (block->type) {
      case kSectionHeader:
        interfaces_.clear();
        break;
      case kInterfaceDescription:
        if (!describe_interface(block->body)) return stop("no description of an interface");
        break;
      case kEnhancedPacket:
        return enhanced_packet(block->body);
      case kSimplePacket:
        return simple_packet(block->body);
      case kOldPacket:
        return old_packet(block->body);
      default:
        break;
    }
  }
  return std::nullopt;
}

bool CaptureReader::describe_interface(Bytes body) {
  if (body.size() < 8 || interfaces_.size() == kMaxInterfaces) return false;
  Interface interface {
    .link_type = static_cast<LinkType>(u16(body)), .snap_length = u32(body.subspan(4))
  };
  read_interface_options(body.subspan(8), interface);
  interfaces_.push_back(interface);
  return true;
}

void CaptureReader::read_interface_options(Bytes options, Interface& interface) const {
  while (options.size() >= 4) {
    const std::uint16_t code = u16(options);
    const std::size_t length = u16(options.subspan(2));
    const std::size_t padded = (length + 3) / 4 * 4;
    if (code == kEndOfOptions || padded > options.size() - 4) return;
    const Bytes value = options.subspan(4, length);
    if (code == kTimeResolution && length == 1) interface.units = units_of(octet(value, 0));
    if (code == kTimeOffset && length == 8) {
      const std::uint64_t first = u32(value);
      const std::uint64_t second = u32(value.subspan(4));
      const bool big = order_ == ByteOrder::kBig;
      interface.offset_seconds =
          static_cast<std::int64_t>(big ? first << 32U | second : second << 32U | first);
    }
    options = options.subspan(4 + padded);
  }
}

std::optional<CapturedPacket> CaptureReader::enhanced_packet(Bytes body) {
  if (body.size() < 20) return stop("a packet block without packet");
  const std::uint64_t high = u32(body.subspan(4));
  return stamped_packet(body.subspan(12), u32(body), high << 32U | u32(body.subspan(8)));
}

std::optional<CapturedPacket> CaptureReader::old_packet(Bytes body) {
  if (body.size() < 20) return stop("a packet block without packet");
  const std::uint64_t high = u32(body.subspan(4));
  return stamped_packet(body.subspan(12), u16(body), high << 32U | u32(body.subspan(8)));
}

// `body` from the captured length on.
std::optional<CapturedPacket> CaptureReader::stamped_packet(Bytes body, std::uint32_t interface,
                                                            std::uint64_t units) {
  if (interface >= interfaces_.size()) return stop("a packet of an interface not described");
  const std::uint32_t captured = u32(body);
  if (captured > body.size() - 8) return stop("a packet larger than its block");
  const Interface& from = interfaces_[interface];
  return CapturedPacket{.time = time_of(units, from.units, from.offset_seconds),
                        .link_type = from.link_type,
                        .length = u32(body.subspan(4)),
                        .octets = body.subspan(8, captured)};
}

std::optional<CapturedPacket> CaptureReader::simple_packet(Bytes body) {
  if (interfaces_.empty() || body.size() < 4) return stop("a packet block without packet");
  const std::uint32_t length = u32(body);
  const Interface& from = interfaces_.front();
  const std::uint32_t snapped = from.snap_length == 0 ? length : std::min(length, from.snap_length);
  const std::size_t captured = std::min<std::size_t>(snapped, body.size() - 4);
  return CapturedPacket{
      .link_type = from.link_type, .length = length, .octets = body.subspan(4, captured)};
}

}  // namespace fabrix::capture
