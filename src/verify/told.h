// Told: whether what one participant is told of prefixes says what the routes say (I3): the next
// hop of the best route, and a tag that means of each target of its policy what is so.
//
// The claims about tags that Terms::meanings holds are compared here with the routes, and with the
// rows elsewhere: together they prove that the rows do what the clauses mean. One answer holds for
// all prefixes with the same routes and next hop.
//
// For one policy, one meaning of tags, one shortfall. Two that judge alike have the same opinion of
// the same word, as long as neither had to look at what packets a policy is about. One that
// succeeds another knows about whose routes they may differ: of a word that was right, with routes
// of nobody else, both have the same opinion, because no tag that was told to the sender says what
// it did not claim then, or has ceased to claim. So it is where tags that nobody was told say the
// same as others do. Not thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "exchange/reachability.h"
#include "net/ids.h"
#include "net/ip_address.h"
#include "net/prefix.h"
#include "policy/policy.h"
#include "verify/findings.h"

namespace fabrix::verify {

class Told {
 public:
  Told(const Task& task, net::ParticipantId sender);

  // What it is told of a prefix. No next hop: the one of its best route's router.
  struct Word {
    const net::Prefix& prefix;
    const exchange::Routes& routes;
    std::optional<net::IpAddress> next_hop;
  };
  // kRightHere: because of the prefix's address; it may be wrong of others with the same routes.
  enum class Verdict : std::uint8_t { kRight, kRightHere, kWrong };

  // Whether it is right of every prefix of the family, as can be seen without looking at packets.
  // `routes` may leave out routes of whom it does not mind, but the best.
  bool is_right(const Task& task, const exchange::Routes& routes, net::Family family,
                const std::optional<net::IpAddress>& next_hop);

  // Adds a violation if it is wrong. `task` is of the same sender's policy and meaning.
  Verdict check(const Task& task, const Word& word);

  // Whether tags may matter to it, so that a change of routes is a reason to look again.
  bool minds_routes() const { return policy_ != nullptr || has_meaning_; }

  // Whether the best route's own next hop will do for all prefixes with these routes.
  bool may_pass_by(const Task& task, const exchange::Routes& routes, net::Family family) const;

  bool judges_like(const Told& other) const;

  // Takes the place of what judged all that the sender was told. The participants about whose
  // routes it judges words otherwise, sorted; none: perhaps about any. `fresh`: the neighbours that
  // nobody was told of yet.
  std::optional<std::vector<net::ParticipantId>> succeed(
      const Told& before, const program::Program& program,
      std::span<const program::VirtualNeighbor> fresh);

  // Whose routes it minds. Without a route of any of these no clause does anything else than BGP
  // would, so that the best route's own next hop is right; unless it minds all routes.
  std::span<const net::ParticipantId> targets() const { return targets_; }  // sorted
  bool minds_all() const { return minds_all_; }

 private:
  struct Claim {
    policy::Target target;
    net::RouterId router;
    std::vector<program::MacPattern> tests;
    bool continues(const Claim& other) const;
    friend bool operator==(const Claim&, const Claim&) = default;
  };
  // A clause that applies where one of its targets is reachable.
  struct Forwarding {
    std::vector<policy::Target> targets;
    bool is_plain = true;  // and does nothing else
    friend bool operator==(const Forwarding&, const Forwarding&) = default;
  };
  struct Fault {
    Verdict verdict = Verdict::kRight;
    std::string text;
  };
  // A test of a claim's, by the claim's place.
  struct Test {
    program::MacPattern pattern;
    std::size_t claim = 0;
  };
  struct Way {
    net::ParticipantId participant;
    net::RouterId router;
  };

  void take(const program::TagMeaning& meaning);
  void take(const policy::ClauseList& outbound);
  Fault fault_of_router(const Task& task, net::RouterId router, const Word& word);
  Fault fault_of_tag(const Task& task, net::MacAddress tag, const exchange::Routes& routes);
  Fault fault(const Task& task, const Word& word);
  void take_ways(const Task& task, const exchange::Routes& routes) const;
  // As route_to() has it, of the routes last taken. Mostly there is none.
  std::optional<net::RouterId> way_to(const policy::Target& target) const {
    return (bit_of(target.participant) & ways_of_) == 0 ? std::nullopt : find_way(target);
  }
  std::optional<net::RouterId> find_way(const policy::Target& target) const;
  static std::uint64_t bit_of(net::ParticipantId participant) {
    return std::uint64_t{1} << participant.value % 64U;
  }
  bool leads_only_to_best(const Forwarding& forwarding) const;
  bool is_idle(const Task& task, const exchange::Routes& routes) const;
  void report(const Task& task, const Word& word, const std::string& text) const;
  bool is_comparable(const Told& before) const;
  std::vector<net::ParticipantId> other_targets(const Told& before) const;
  static const Claim* before_of(const Claim& claim, const std::vector<Claim>& before);
  bool is_continued(const Claim& former) const;
  std::vector<program::MacPattern> unheard_tests(const Told& before) const;
  // Whether a tag that could be told before passes one of these.
  bool says_old(const std::vector<program::MacPattern>& tests, const program::Program& program,
                std::span<const program::VirtualNeighbor> fresh) const;

  net::ParticipantId sender_;
  std::shared_ptr<const policy::Policy> policy_;  // as it applies; null: no outbound clauses
  bool has_meaning_ = false;
  bool minds_all_ = false;
  std::vector<Forwarding> forwards_;
  std::vector<policy::Target> asked_;  // by clauses that ask the tag; sorted
  std::vector<net::ParticipantId> targets_;
  std::vector<Claim> claims_;
  std::vector<Test> tests_;    // of all claims, in their order
  std::vector<Claim> former_;  // of those before, but not its own; the last ones
  std::vector<program::MacPattern> former_tests_;
  bool said_what_is_former_ = false;          // some tag that it judged
  std::array<bool, 2> short_of_next_hops_{};  // IPv4, IPv6
  bool looked_at_packets_ = false;
  mutable std::vector<Way> ways_;      // scratch: the routes, by whose they are
  mutable std::uint64_t ways_of_ = 0;  // the bits of these participants
};

}  // namespace fabrix::verify
