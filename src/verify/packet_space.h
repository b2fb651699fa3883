// PacketSpace: sets of packets, and functions of packets, as diagrams over net::Field's fields and
// those of tags (verify/tag_fields.h), which say more of a destination MAC that is an inline tag.
//
// A diagram knows points, not packets: fields may have values together that no packet has (a port
// in a packet without ports). well_formed() is the set of points that are packets; what validate()
// compares is restricted to it, hence every witness is a packet.
//
// Not thread-safe. Handles are good as long as the space.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <tuple>
#include <utility>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "diagram/diagram.h"
#include "exchange/reachability.h"
#include "net/field.h"
#include "net/ids.h"
#include "net/packet.h"
#include "policy/policy.h"
#include "policy/predicate.h"
#include "program/tag.h"
#include "verify/answers.h"
#include "verify/few_packets.h"

namespace fabrix::verify {

constexpr diagram::FieldIndex index_of(net::Field field) {
  return static_cast<diagram::FieldIndex>(field);
}

// Fields whose value is known, in any order, each at most once.
using Fixed = std::vector<std::pair<net::Field, std::uint64_t>>;

class PacketSpace {
 public:
  // `reachability`, which must outlive this, says what InPrefixesOf and OnRoute mean.
  explicit PacketSpace(const exchange::Reachability& reachability);

  diagram::Store& store() { return store_; }
  const exchange::Reachability& reachability() const { return *reachability_; }
  // InPrefixesOf and OnRoute mean from now on what another one says, which must outlive this.
  void look_at(const exchange::Reachability& reachability);
  // Reads these prefixes again.
  void routes_changed(std::span<const exchange::PlacedPrefix> prefixes);

  // Forgets every diagram, so that all handles are void, but those of packets as they can be, and
  // these, which depend on no routes.
  void forget(std::span<const diagram::Diagram> but);
  // Whether diagrams are held that were made by asking about many prefixes.
  bool holds_routes() const { return !unions_.empty() || !regions_.empty(); }

  // Whose policy asks, and for which packets.
  struct Asked {
    net::ParticipantId sender;
    net::ParticipantId owner;
    policy::Direction direction = policy::Direction::kOutbound;
    // Not null: only for these packets, of others the answer means nothing.
    const FewPackets* few = nullptr;
  };

  // Where the predicate holds, for packets that `sender` sent; it asks nothing of routes'
  // attributes. Recursion is bounded by kMaxDepth.
  diagram::Diagram of(const policy::Predicate& predicate, net::ParticipantId sender) {
    return of_clause(predicate, {.sender = sender, .owner = sender});
  }
  // Where the condition of a clause holds: whose policy it is says which routes it asks about.
  diagram::Diagram of_clause(const policy::Predicate& predicate, const Asked& asked);
  // Where the field has one of these values.
  diagram::Diagram values(net::Field field, std::span<const policy::Interval> intervals);
  diagram::Diagram of(const FewPackets& few);
  // IPv4 and IPv6 packets without a VLAN tag, as packets can be.
  diagram::Diagram well_formed_ip();
  // All packets, as they can be.
  diagram::Diagram well_formed();
  // Inline tags that pass the test of the destination MAC.
  diagram::Diagram of_tag(const program::MacPattern& pattern);
  // The diagram for that tag alone.
  diagram::Diagram fix_tag(diagram::Diagram function, net::MacAddress tag);
  // The diagram with those fields fixed.
  diagram::Diagram fix(diagram::Diagram function, const Fixed& fixed);

  // A packet of `where` for which `a` and `b` differ. None: they agree there.
  std::optional<net::Packet> difference(diagram::Diagram a, diagram::Diagram b,
                                        diagram::Diagram where, const Fixed& fixed);

 private:
  struct Builder;

  // The addresses on that side that lie in the prefix.
  diagram::Diagram block_of(const net::Prefix& prefix, policy::Side side);
  diagram::Diagram make_tag(const program::MacPattern& pattern);
  diagram::Diagram union_of(const policy::InPrefixesOf& prefixes);
  diagram::Diagram region_of(const policy::OnRoute& test, const Asked& asked);

  const exchange::Reachability* reachability_;
  diagram::Store store_;
  std::optional<diagram::Diagram> well_formed_;
  std::optional<diagram::Diagram> well_formed_ip_;
  // By bits and mask: senders' tags have the same few.
  boost::unordered_flat_map<std::pair<std::uint64_t, std::uint64_t>, diagram::Diagram> tags_;
  std::map<std::pair<net::ParticipantId, policy::Side>, diagram::Diagram> unions_;
  // By owner, direction, side and question.
  using Question = std::tuple<net::ParticipantId, policy::Direction, policy::Side,
                              std::shared_ptr<const policy::RouteTests>>;
  struct Region {
    Answers answers;
    std::optional<diagram::Diagram> diagram;  // none: as the answers are now, not made yet
  };
  std::map<Question, Region> regions_;
};

net::Packet packet_at(std::span<const std::uint64_t> point, const Fixed& fixed);
// Its destination MAC also as a tag, whether it is one or not.
std::vector<std::uint64_t> point_of(const net::Packet& packet);

}  // namespace fabrix::verify
