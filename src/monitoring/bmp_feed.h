// BmpFeed: what one connection to a BMP station carries, from its beginning (RFC 7854 §3.3, §5).
//
// Initiation, a Peer Up for every established peer, then the table as Route Monitoring with an
// End-of-RIB for every peer, view and family, and everything that the Observer half is told, in
// order, also while the table is still under way. A route that changes meanwhile may be said twice,
// never wrongly: what is said last of a prefix is how it is. To a station a peer's routes go with
// its session; those that the table kept are said once the peer is up again, by another walk.
//
// The owner calls advance() while there is room and take() as the connection accepts octets. What
// waits is bounded: past `max_queued` octets the feed is lost() and silent, and its
// connection must be closed, because a station that missed a message has a wrong picture. One feed
// a connection. Pure; source must outlive it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/byte_writer.h"
#include "bgp/family_set.h"
#include "monitoring/bmp.h"
#include "monitoring/table.h"
#include "monitoring/update_messages.h"

namespace fabrix::monitoring {

// Which views of Adj-RIB-In a station gets. At least one.
struct BmpViews {
  bool pre_policy = true;   // routes as received
  bool post_policy = true;  // accepted routes, as the import policy left them

  friend bool operator==(const BmpViews&, const BmpViews&) = default;
};

struct BmpFeedOptions {
  std::string system_name;
  std::string system_description;
  BmpViews views = {};
  std::size_t max_queued = std::size_t{16} << 20U;  // octets
};

struct BmpFeedCounters {
  std::uint64_t messages = 0;
  std::uint64_t routes = 0;    // announced or withdrawn, per view
  std::uint64_t left_out = 0;  // routes that no message can say

  friend bool operator==(const BmpFeedCounters&, const BmpFeedCounters&) = default;
};

class BmpFeed final : public Observer {
 public:
  BmpFeed(BmpFeedOptions options, const TableSource& source);

  void peer_up(const PeerSession& session) override;
  void peer_down(PeerKey peer, const DownReason& reason, Timestamp time) override;
  void routes_changed(const RouteChange& change) override;
  void routes_judged(const RouteChange& change) override;
  void end_of_rib(PeerKey peer, net::Family family, Timestamp time) override;
  void statistics(PeerKey peer, std::span<const Statistic> values, Timestamp time) override;

  // The last message.
  void terminate(TerminationReason reason);

  // Goes on with the table: at most `max_prefixes`. Does nothing once it is complete.
  void advance(std::size_t max_prefixes, Timestamp now);
  bool table_complete() const { return walk_ == nullptr && !is_walk_due_; }

  // Some of what waits, whole messages in order; empty if nothing does.
  std::vector<std::byte> take();
  std::size_t queued() const { return queued_ + tail_.size(); }
  bool lost() const { return lost_; }

  const BmpFeedCounters& counters() const { return counters_; }

 private:
  struct Peer {
    BmpPeer header;
    bool in_table = false;  // was up when the walk began, and wants it
    bool waits = false;     // for the next walk
    bgp::FamilySet families;
    bgp::FamilySet ended;  // families whose End-of-RIB was said
  };

  Peer* find(PeerKey peer);
  void add(const BmpMessage& message);
  void add(const Peer& peer, RibView view, const UpdateMessages& updates, Timestamp time);
  void announce(const Peer& peer, const Route& route, std::span<const net::Prefix> prefixes);
  void announce_accepted(const Peer& peer, const Route& route,
                         std::span<const net::Prefix> prefixes);
  void announce(const Peer& peer, RibView view, const bgp::PathAttributes& attributes,
                const Route& route, std::span<const net::Prefix> prefixes);
  void withdraw(const Peer& peer, RibView view, std::span<const net::Prefix> prefixes,
                Timestamp time);
  void say_end_of_rib(Peer& peer, net::Family family, Timestamp time);
  void begin_walk();
  void say(const PrefixRoutes& routes);
  void end_walk(Timestamp now);
  void check_room();

  BmpFeedOptions options_;
  const TableSource* source_;
  std::map<PeerKey, Peer> peers_;
  std::unique_ptr<TableWalk> walk_;  // null: none is under way
  bool is_first_walk_ = true;        // of the whole table
  bool is_walk_due_ = false;         // some peer waits
  std::deque<std::vector<std::byte>> chunks_;
  ByteWriter tail_;
  std::size_t queued_ = 0;  // octets in chunks_
  bool lost_ = false;
  BmpFeedCounters counters_;
};

}  // namespace fabrix::monitoring
