// UpdateBatch: what a number of sessions is to be told, gathered and then written as few and full
// UPDATEs as possible, once for all sessions that are told the same.
//
// Prefixes that share a path, a treatment and their hearers leave together (RFC 4271 §9.2: that
// attributes are equal is the whole point of packing); withdrawals go first. A route whose
// attributes do not fit into a message for these hearers is withdrawn from them instead.
//
// Hearers who are told the same but for next hops are one audience: its UPDATEs are written once
// and copied, each time with the next hop of those that they are for.
//
// Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "base/byte_writer.h"
#include "bgp/update_encoder.h"
#include "bgp/update_message.h"
#include "net/ip_address.h"
#include "routeserver/client_set.h"
#include "routeserver/dialect.h"
#include "routeserver/emission_check.h"
#include "routeserver/export_control.h"
#include "routeserver/outbox.h"
#include "routeserver/path_store.h"
#include "routeserver/rib.h"

namespace fabrix::routeserver {

// Who is told, and how that is written.
struct Hearers {
  const Dialect* dialect = nullptr;  // must outlive the batch
  const ClientSet* clients = nullptr;
};

// A route as it is told.
struct Told {
  PathId path;
  Treatment treatment;
  std::optional<net::IpAddress> next_hop;  // instead of the path's own

  friend bool operator==(const Told&, const Told&) = default;
};

// Those of an audience who are told one next hop.
struct Share {
  std::optional<net::IpAddress> next_hop;  // as in Told
  ClientSet clients;                       // in no other share

  friend bool operator==(const Share&, const Share&) = default;
};

class UpdateBatch {
 public:
  // All must outlive the batch.
  UpdateBatch(const PathStore& paths, const Rib& rib) : paths_(&paths), rib_(&rib) {}

  void set_export_control(const ExportControl* control) { control_ = control; }

  void announce(const Hearers& hearers, const Told& told, EntryId entry);
  // The same to several, in this order; the next hops are the shares', of which there is one.
  void announce(const Dialect& dialect, const Told& told, std::span<const Share> shares,
                EntryId entry);
  // `path_id` tells routes of one prefix apart where the dialect needs it (RFC 7911 §3).
  void withdraw(const Hearers& hearers, EntryId entry, std::uint32_t path_id);

  bool empty() const { return count_ == 0; }

  // Where the entries of these calls went, for others of which just the same is to be told: places
  // that are good until flush().
  std::size_t mark() const { return log_.size(); }
  std::span<const std::size_t> since(std::size_t mark) const {
    return std::span(log_).subspan(mark);
  }
  void repeat(std::span<const std::size_t> places, EntryId entry);

  // How much of what is written is looked at again, and what came of it. What does not pass is
  // withdrawn from its hearers instead.
  void set_vigilance(EmissionCheck::Vigilance vigilance) { check_ = EmissionCheck(vigilance); }
  const EmissionCheck::Counts& emissions() const { return check_.counts(); }

  // Writes everything; `deliver` gets each piece with those it is for.
  using Deliver = std::function<void(const ClientSet&, const ChunkPtr&)>;
  void flush(const Deliver& deliver);

  // RFC 7911: the identifier of a peer's routes.
  static std::uint32_t path_id(PeerId peer) { return std::uint32_t{peer.value} + 1; }

 private:
  enum class Kind : std::uint8_t { kAnnounce, kWithdraw };
  // What the prefixes of a bucket have in common.
  struct Subject {
    Kind kind = Kind::kAnnounce;
    net::Family family = net::Family::kIpv4;
    std::uint32_t path_id = 0;
    std::size_t audience = 0;
    PathId path{};
    Treatment treatment;

    friend bool operator==(const Subject&, const Subject&) = default;
  };
  struct Audience {
    const Dialect* dialect = nullptr;
    std::vector<Share> shares;
    std::vector<std::size_t> pieces;  // of each share, while writing
  };
  struct Bucket {
    Subject subject;
    std::vector<EntryId> entries;
  };
  // What the same clients are told goes into one piece.
  struct Piece {
    const Dialect* dialect = nullptr;
    const ClientSet* clients = nullptr;
    ByteWriter withdrawals;
    ByteWriter announcements;
    std::vector<EntryId> entries;
  };
  // What pieces may keep between two flushes, all together.
  static constexpr std::size_t kKeptOctets = std::size_t{16} << 20U;
  using PieceIndex = boost::unordered_flat_map<std::size_t, std::size_t>;  // by hash

  std::size_t audience(const Dialect& dialect, std::span<const Share> shares);
  void add(const Subject& subject, EntryId entry);
  void write();
  std::size_t piece_for(const Dialect& dialect, const ClientSet& clients, PieceIndex& index);
  void write(const Bucket& bucket);
  void write_announcements(const Bucket& bucket);
  void write_withdrawal(const Bucket& bucket, Piece& piece);
  static ChunkPtr chunk_of(const Piece& piece);
  void clear_pieces();
  void encode_attributes(const Subject& subject, const Dialect& dialect);
  bgp::NlriList nlri_of(const Bucket& bucket);
  const net::IpAddress& next_hop_of(const Subject& subject, const Share& share) const;
  bool is_sound(const Subject& subject, const Share& share, std::span<const std::byte> octets);

  const PathStore* paths_;
  const Rib* rib_;
  const ExportControl* control_ = nullptr;
  std::vector<Bucket> buckets_;  // the first `count_` are in use; the others keep their memory
  std::size_t count_ = 0;
  boost::unordered_flat_map<std::size_t, std::size_t> index_;  // by hash
  std::size_t last_ = 0;
  std::vector<Audience> audiences_;  // as buckets_: the first are in use
  std::size_t audience_count_ = 0;
  boost::unordered_flat_map<std::size_t, std::size_t> audience_index_;  // by hash
  std::size_t last_audience_ = 0;
  std::vector<Piece> pieces_;  // as buckets_: the first are in use
  std::size_t piece_count_ = 0;
  std::vector<std::size_t> log_;
  EmissionCheck check_;
  // Of what the attributes were encoded last, for buckets of one path that differ in their
  // audiences alone; null: none.
  const Bucket* encoded_ = nullptr;
  std::vector<std::byte> block_;
  std::vector<net::Prefix> prefixes_;
  std::vector<std::uint32_t> path_ids_;
  std::vector<Share> one_share_;
};

}  // namespace fabrix::routeserver
