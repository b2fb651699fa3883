#include "lab/replay.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>
#include <variant>

#include "bgp/message_header.h"
#include "bgp/update_message.h"
#include "monitoring/mrt_reader.h"
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
    : exchange_(exchange), controller_(exchange_, fabric_) {
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

void Replay::take_body(const monitoring::PeerIndexTable& table) {
  peers_ = table;
}

void Replay::take_body(const monitoring::RibRecord& rib) {
  for (const monitoring::RibEntry& entry : rib.entries) {
    const auto peer =
        entry.peer_index < peers_.peers.size()
            ? controller_.route_server().find_peer(peers_.peers[entry.peer_index].address)
            : std::nullopt;
    if (!peer) {
      ++report_.unknown;
      continue;
    }
    bgp::UpdateMessage update;
    update.announced = {
        {.family = rib.prefix.family(), .next_hop = entry.next_hop, .prefixes = {rib.prefix}}};
    update.attributes = entry.attributes;
    controller_.update(*peer, update);
    ++report_.updates;
  }
}

void Replay::take_body(const monitoring::MessageRecord& record) {
  const auto peer = controller_.route_server().find_peer(record.ends.peer);
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
  const auto update =
      bgp::decode_update(message.subspan(bgp::kHeaderSize),
                         {.asn_width = record.width, .ipv4_over_ipv6_next_hop = true});
  if (!update) {
    ++report_.unusable;
    return;
  }
  controller_.update(*peer, *update);
  ++report_.updates;
}

void Replay::take_body(const monitoring::StateChangeRecord& change) {
  const auto peer = controller_.route_server().find_peer(change.ends.peer);
  if (!peer) {
    ++report_.unknown;
    return;
  }
  const bool up = change.after == monitoring::PeerState::kEstablished;
  if (up == controller_.route_server().is_up(*peer)) return;
  if (up) {
    controller_.session_up(*peer, session_of(*peer));
  } else {
    controller_.session_down(*peer);
  }
}

void Replay::take_body(const monitoring::UnknownRecord& /*record*/) {
  ++report_.unusable;
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
  report_.refused = controller_.counters().refused - refused_before;
  return std::exchange(report_, {});
}

}  // namespace fabrix::lab
