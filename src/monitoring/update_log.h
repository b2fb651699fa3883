// UpdateLog: what happens at a route server as BGP4MP_ET records (RFC 6396 §4.4, §3).
//
// Route changes become UPDATE messages with the attributes as received; sessions that come up or go
// down become state changes. Records go to a ByteWriter that the owner empties; nothing is written
// for peers that are not known from start() or peer_up(). Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "base/byte_writer.h"
#include "monitoring/mrt.h"
#include "monitoring/table.h"

namespace fabrix::monitoring {

struct UpdateLogCounters {
  std::uint64_t records = 0;
  std::uint64_t left_out = 0;  // changes of unknown peers, or that no message can say

  friend bool operator==(const UpdateLogCounters&, const UpdateLogCounters&) = default;
};

class UpdateLog final : public Observer {
 public:
  // Established before: no record is written of that.
  void start(std::span<const PeerSession> peers);

  void peer_up(const PeerSession& session) override;
  void peer_down(PeerKey peer, const DownReason& reason, Timestamp time) override;
  void routes_changed(const RouteChange& change) override;
  void end_of_rib(PeerKey peer, net::Family family, Timestamp time) override;

  // The format has no place for them.
  void routes_judged(const RouteChange& change) override;
  void statistics(PeerKey peer, std::span<const Statistic> values, Timestamp time) override;

  std::size_t pending() const { return out_.size(); }

  // Whole records; none are left.
  std::vector<std::byte> take() { return out_.take(); }

  const UpdateLogCounters& counters() const { return counters_; }

 private:
  void write(const SessionEnds& ends, std::span<const std::span<const std::byte>> messages,
             Timestamp time);
  void write(const StateChangeRecord& change, Timestamp time);

  std::map<PeerKey, SessionEnds> sessions_;
  ByteWriter out_;
  UpdateLogCounters counters_;
};

}  // namespace fabrix::monitoring
