#include "openflow/port_stats.h"

#include <cstddef>

namespace fabrix::openflow {
namespace {

// Octets: of 1.4 without properties; errors, frame errors ... collisions, duration; errors.
constexpr std::size_t kSize14 = 80;
constexpr std::size_t kRest13 = std::size_t{6} * 8 + 8;
constexpr std::size_t kRest14 = std::size_t{2} * 8;

void decode_counters(ByteReader& in, PortStats& stats) {
  stats.received_packets = read_u64(in);
  stats.sent_packets = read_u64(in);
  stats.received_octets = read_u64(in);
  stats.sent_octets = read_u64(in);
  stats.received_dropped = read_u64(in);
  stats.sent_dropped = read_u64(in);
}

void encode_counters(const PortStats& stats, WireWriter& out) {
  out.u64(stats.received_packets);
  out.u64(stats.sent_packets);
  out.u64(stats.received_octets);
  out.u64(stats.sent_octets);
  out.u64(stats.received_dropped);
  out.u64(stats.sent_dropped);
}

}  // namespace

std::optional<PortStats> decode_port_stats_entry(ByteReader& in, Version version) {
  PortStats stats;
  if (version == Version::kOpenFlow13) {
    stats.number = net::PortNo{in.u32()};
    skip(in, 4);
    decode_counters(in, stats);
    skip(in, kRest13);
    return in.ok() ? std::optional(stats) : std::nullopt;
  }
  const std::size_t length = in.u16();
  if (!in.ok() || length < kSize14) return std::nullopt;
  ByteReader rest = in.sub_reader(length - 2);
  skip(rest, 2);
  stats.number = net::PortNo{rest.u32()};
  skip(rest, 8);  // duration
  decode_counters(rest, stats);
  return in.ok() && rest.ok() ? std::optional(stats) : std::nullopt;
}

void encode_port_stats_entry(const PortStats& stats, Version version, WireWriter& out) {
  if (version == Version::kOpenFlow13) {
    out.u32(stats.number.value);
    out.zeros(4);
    encode_counters(stats, out);
    out.zeros(kRest13);
    return;
  }
  out.u16(kSize14);
  out.zeros(2);
  out.u32(stats.number.value);
  out.zeros(8);
  encode_counters(stats, out);
  out.zeros(kRest14);
}

}  // namespace fabrix::openflow
