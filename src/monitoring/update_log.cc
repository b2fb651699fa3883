#include "monitoring/update_log.h"

#include "base/assert.h"
#include "monitoring/update_messages.h"

namespace fabrix::monitoring {

void UpdateLog::start(std::span<const PeerSession> peers) {
  for (const PeerSession& session : peers) {
    if (session.established) sessions_.insert_or_assign(session.key, session_ends(session));
  }
}

void UpdateLog::peer_up(const PeerSession& session) {
  const SessionEnds ends = session_ends(session);
  sessions_.insert_or_assign(session.key, ends);
  write({.ends = ends, .before = PeerState::kOpenConfirm, .after = PeerState::kEstablished},
        session.since);
}

void UpdateLog::peer_down(PeerKey peer, const DownReason& /*reason*/, Timestamp time) {
  const auto found = sessions_.find(peer);
  if (found == sessions_.end()) return;
  write({.ends = found->second, .before = PeerState::kEstablished, .after = PeerState::kIdle},
        time);
  sessions_.erase(found);
}

void UpdateLog::routes_changed(const RouteChange& change) {
  const auto found = sessions_.find(change.peer);
  UpdateMessages updates;
  bool sayable = found != sessions_.end();
  if (sayable && change.now) {
    sayable = updates.announce(*change.now->attributes, change.now->next_hop, change.prefixes);
  } else if (sayable) {
    updates.withdraw(change.prefixes);
  }
  if (!sayable) {
    ++counters_.left_out;
    return;
  }
  write(found->second, updates.messages(), change.time);
}

void UpdateLog::end_of_rib(PeerKey peer, net::Family family, Timestamp time) {
  const auto found = sessions_.find(peer);
  if (found == sessions_.end()) return;
  UpdateMessages updates;
  updates.end_of_rib(family);
  write(found->second, updates.messages(), time);
}

void UpdateLog::routes_judged(const RouteChange& /*change*/) {}

void UpdateLog::statistics(PeerKey /*peer*/, std::span<const Statistic> /*values*/,
                           Timestamp /*time*/) {}

void UpdateLog::write(const SessionEnds& ends, std::span<const std::span<const std::byte>> messages,
                      Timestamp time) {
  for (const auto message : messages) {
    const auto encoded = encode_mrt_message(time, ends, message, out_);
    FABRIX_ASSERT(encoded.has_value());
    ++counters_.records;
  }
}

void UpdateLog::write(const StateChangeRecord& change, Timestamp time) {
  const auto encoded =
      encode_mrt({.time = time, .precision = MrtTime::kMicroseconds, .body = change}, out_);
  FABRIX_ASSERT(encoded.has_value());
  ++counters_.records;
}

}  // namespace fabrix::monitoring
