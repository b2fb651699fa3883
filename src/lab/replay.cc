#include "lab/replay.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>
#include <variant>

#include "bgp/message_header.h"
#include "bgp/update_message.h"
#include "monitoring/mrt_reader.h"
#include "monitoring/old_table_dump.h"
#include "program/delta.h"

namespace fabrix::lab {
namespace {

using monitoring::MrtError;

// Sessions are up all the time unless the file says otherwise.
routeserver::SessionInfo session_of(routeserver::PeerId peer) {
  return {.bgp_identifier = peer.value + 1U,
          .families = {.ipv4 = true, .ipv6 = true},
          .asn_width = bgp::AsnWidth::kFourOctets};
}

}  // namespace

Replay::Replay(const exchange::Exchange& exchange)
    : exchange_(exchange),
      controller_(exchange_, fabric_),
      peers_(exchange_, controller_.route_server()) {
  for (const routeserver::Peer& peer : controller_.route_server().peers()) {
    controller_.session_up(peer.id, session_of(peer.id));
  }
  controller_.on_notice = [this](const controller::Notice& notice) {
    if (report_.notices.size() == controller::kMaxNotices) {
      report_.notices.erase(report_.notices.begin());
    }
    report_.notices.push_back(notice.text);
  };
}

void Replay::settle() {
  const auto before = controller_.installed();
  const auto began = Clock::now();
  while (controller_.needs_settling()) controller_.settle(Clock::now());
  const auto took = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - began);
  ++report_.batches;
  report_.total += took;
  report_.slowest = std::max(report_.slowest, took);
  report_.rule_changes += program::difference(*before, *controller_.installed()).size();
  in_batch_ = 0;
  // Members take what there is to tell them.
  for (const routeserver::Peer& peer : controller_.route_server().peers()) {
    std::ignore = controller_.pull(peer.id);
  }
}

// With the next hops that the exchange would have seen.
void Replay::take_update(const MrtPeers::Match& peer, bgp::UpdateMessage update) {
  for (auto& announced : update.announced) {
    const auto next_hop = peers_.next_hop(peer, announced.next_hop);
    if (!next_hop) {
      ++report_.unusable;
      return;
    }
    announced.next_hop = *next_hop;
  }
  controller_.update(peer.session, update);
  ++report_.updates;
}

void Replay::take_route(TableRoute route) {
  const auto peer = peers_.find(route.peer, route.asn);
  if (!peer) {
    ++report_.unknown;
    return;
  }
  bgp::UpdateMessage update;
  update.announced = {
      {.family = route.prefix.family(), .next_hop = route.next_hop, .prefixes = {route.prefix}}};
  update.attributes = std::move(route.attributes);
  take_update(*peer, std::move(update));
}

void Replay::take_body(const monitoring::PeerIndexTable& table) {
  table_peers_ = table;
}

void Replay::take_body(const monitoring::RibRecord& rib) {
  for (const monitoring::RibEntry& entry : rib.entries) {
    if (entry.peer_index >= table_peers_.peers.size()) {
      ++report_.unusable;
      continue;
    }
    const auto& peer = table_peers_.peers[entry.peer_index];
    take_route({.peer = peer.address,
                .asn = peer.asn,
                .prefix = rib.prefix,
                .next_hop = entry.next_hop,
                .attributes = entry.attributes});
  }
}

void Replay::take_body(const monitoring::MessageRecord& record) {
  const auto peer = peers_.find(record.ends.peer, record.ends.peer_as);
  if (!peer) {
    ++report_.unknown;
    return;
  }
  const std::span<const std::byte> message(record.message);
  if (message.size() < bgp::kHeaderSize) {
    ++report_.unusable;
    return;
  }
  const auto header =
      bgp::decode_header(message.first<bgp::kHeaderSize>(), bgp::kMaxExtendedMessageSize);
  if (!header || header->type != bgp::MessageType::kUpdate) return;
  auto update = bgp::decode_update(message.subspan(bgp::kHeaderSize),
                                   {.asn_width = record.width, .ipv4_over_ipv6_next_hop = true});
  if (!update) {
    ++report_.unusable;
    return;
  }
  take_update(*peer, *std::move(update));
}

void Replay::take_body(const monitoring::StateChangeRecord& change) {
  const auto peer = peers_.find(change.ends.peer, change.ends.peer_as);
  if (!peer) {
    ++report_.unknown;
    return;
  }
  const bool up = change.after == monitoring::PeerState::kEstablished;
  if (up == controller_.route_server().is_up(peer->session)) return;
  if (up) {
    controller_.session_up(peer->session, session_of(peer->session));
  } else {
    controller_.session_down(peer->session);
  }
}

void Replay::take_body(const monitoring::UnknownRecord& record) {
  auto entry = monitoring::read_old_table_entry(record);
  if (!entry) {
    ++report_.unusable;
    return;
  }
  take_route({.peer = entry->peer,
              .asn = entry->peer_as,
              .prefix = entry->prefix,
              .next_hop = entry->next_hop,
              .attributes = std::move(entry->attributes)});
}

void Replay::take(const monitoring::MrtRecord& record) {
  ++report_.records;
  ++in_batch_;
  std::visit([this](const auto& body) { take_body(body); }, record.body);
}

ReplayReport Replay::run(std::span<const std::byte> file) {
  report_ = {};
  const std::uint64_t refused_before = controller_.counters().refused;
  settle();
  monitoring::MrtReader reader(file);
  std::optional<std::chrono::sys_seconds> second;
  for (;;) {
    const auto record = reader.next();
    if (!record) {
      ++report_.unusable;
      report_.is_cut_short = record.error() == MrtError::kTruncated;
      if (report_.is_cut_short || record.error() == MrtError::kTooLarge) break;
      continue;
    }
    if (!*record) break;
    const auto time = std::chrono::floor<std::chrono::seconds>((*record)->time);
    const bool later = second && time != *second;
    if (in_batch_ > 0 && (later || in_batch_ >= kMaxBatch)) settle();
    second = time;
    take(**record);
  }
  if (in_batch_ > 0) settle();
  report_.peers = {.by_address = peers_.by_address(),
                   .by_asn = peers_.by_asn(),
                   .unknown = peers_.unknown(),
                   .unknown_names = peers_.unknown_names()};
  report_.refused = controller_.counters().refused - refused_before;
  return std::exchange(report_, {});
}

}  // namespace fabrix::lab
