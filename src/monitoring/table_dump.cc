#include "monitoring/table_dump.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "base/assert.h"
#include "bgp/nlri.h"
#include "monitoring/mrt.h"
#include "monitoring/rib_attributes.h"

namespace fabrix::monitoring {
namespace {

constexpr std::size_t kMaxU16 = std::numeric_limits<std::uint16_t>::max();

// From here on, the entries of a prefix go on in a further record of the same prefix.
constexpr std::size_t kFullRecord = std::size_t{1} << 20U;

}  // namespace

TableDump::TableDump(TableDumpOptions options, Timestamp time)
    : options_(std::move(options)), time_(time) {
  if (options_.view_name.size() > kMaxU16) options_.view_name.resize(kMaxU16);
}

void TableDump::begin(std::span<const PeerSession> peers, ByteWriter& out) {
  PeerIndexTable table{
      .collector_id = options_.collector_id, .view_name = options_.view_name, .peers = {}};
  for (const PeerSession& session : peers.first(std::min(peers.size(), kMaxU16))) {
    index_.emplace(session.key, static_cast<std::uint16_t>(table.peers.size()));
    table.peers.push_back({.bgp_identifier = session.received_open.bgp_identifier,
                           .address = session.address,
                           .asn = session.received_open.my_as});
  }
  counters_.peers = table.peers.size();
  const auto encoded = encode_mrt({.time = time_, .body = std::move(table)}, out);
  FABRIX_ASSERT(encoded.has_value());
}

void TableDump::add(const PrefixRoutes& routes, ByteWriter& out) {
  Entries entries;
  for (const Route& route : routes.routes) {
    const bool wanted =
        options_.content == DumpContent::kReceived || route.state == RouteState::kAccepted;
    if (wanted) add_entry(route, routes.prefix, entries, out);
  }
  flush(routes.prefix, entries, out);
}

void TableDump::add_entry(const Route& route, const net::Prefix& prefix, Entries& entries,
                          ByteWriter& out) {
  const auto index = index_.find(route.peer);
  const bool imported = options_.content == DumpContent::kAccepted && route.imported != nullptr;
  ByteWriter attributes;
  encode_rib_attributes(imported ? *route.imported : *route.attributes, route.next_hop, attributes);
  if (index == index_.end() || attributes.size() > kMaxU16) {
    ++counters_.left_out;
    return;
  }
  entries.octets.u16(index->second);
  entries.octets.u32(seconds_of(route.received));
  entries.octets.u16(static_cast<std::uint16_t>(attributes.size()));
  entries.octets.bytes(attributes.view());
  ++entries.count;
  ++counters_.routes;
  if (entries.octets.size() >= kFullRecord || entries.count == kMaxU16) flush(prefix, entries, out);
}

void TableDump::flush(const net::Prefix& prefix, Entries& entries, ByteWriter& out) {
  if (entries.count == 0) return;
  constexpr std::size_t kFixed = 4 + 2;  // sequence number, entry count
  const bool ipv4 = prefix.family() == net::Family::kIpv4;
  const auto subtype = ipv4 ? TableDumpSubtype::kRibIpv4Unicast : TableDumpSubtype::kRibIpv6Unicast;
  const std::size_t size = kFixed + bgp::nlri_size(prefix) + entries.octets.size();
  encode_mrt_header(time_, MrtType::kTableDumpV2, static_cast<std::uint16_t>(subtype), size, out);
  out.u32(sequence_++);
  bgp::encode_nlri(prefix, out);
  out.u16(std::exchange(entries.count, std::uint16_t{0}));
  out.bytes(entries.octets.view());
  entries.octets.take();
  ++counters_.records;
}

}  // namespace fabrix::monitoring
