// SourceSets: what participants announce whose ports check where packets come from
// (exchange::SourceRule), in as few prefixes as that takes.
//
// Follows announcements and withdrawals. A participant is not checked that announces more than
// kMostAnnounced prefixes, or of which a port would have to tell apart more than its rule's
// max_prefixes: short_ones(). Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "base/diagnostic.h"
#include "exchange/exchange.h"
#include "exchange/reachability.h"
#include "net/ids.h"
#include "net/prefix.h"

namespace fabrix::compiler {

using Sources = std::shared_ptr<const std::vector<net::Prefix>>;

enum class SourceChecks : std::uint8_t { kApply, kSuspended };

class SourceSets {
 public:
  static constexpr std::size_t kMostAnnounced = 65'536;

  // Both must outlive it.
  SourceSets(const exchange::Exchange& exchange, const exchange::Reachability& reachability);

  // The exchange has changed in place.
  void reconfigure();
  void set(SourceChecks checks);

  // Whose sources() are others, now that the routes of these prefixes have changed; each once.
  std::vector<net::ParticipantId> refresh(std::span<const exchange::PlacedPrefix> changed);

  // Null: the participant is not checked.
  const Sources& sources(net::ParticipantId participant) const {
    return known_[participant.index()].sources;
  }
  // Who should be checked and is not, in order.
  const std::set<net::ParticipantId>& short_ones() const { return short_; }
  // Of one of those; while checks are suspended there is nothing to say.
  std::vector<Diagnostic> problems() const;

 private:
  struct Known {
    bool is_checked = false;  // some port wants it
    std::set<net::Prefix> announced;
    Sources sources;
  };

  void read_everything();
  void read(const exchange::PlacedPrefix& prefix);
  bool settle(net::ParticipantId participant);
  bool has_room(net::ParticipantId participant, const std::vector<net::Prefix>& announced) const;

  const exchange::Exchange& exchange_;
  const exchange::Reachability& reachability_;
  SourceChecks checks_ = SourceChecks::kApply;
  std::vector<Known> known_;                 // by participant
  std::vector<net::ParticipantId> checked_;  // in order
  std::set<net::ParticipantId> stale_;       // to be settled
  std::set<net::ParticipantId> short_;
  bool everything_ = true;  // is to be read again
  exchange::RouteKey key_;  // scratch, as is the next
  exchange::Routes routers_;
};

// Where packets that come in at the router's port may come from, besides its own addresses on the
// peering LAN, when its participant announces that.
std::vector<net::Prefix> sources_at(const exchange::Router& router,
                                    const std::vector<net::Prefix>& announced);

}  // namespace fabrix::compiler
