// Hearsay: what everybody is told of everything, checked once for each distinct case (I3): a route
// key, which says what the routes are for each client, and a group of next hops, which says what
// each is told.
//
// A changed prefix costs a look-up if its case was found right before. A new case is checked for
// those who are told another next hop than their best route's, and for those whose policies may
// want another one with routes of these routers; for all others the best route's own is right.
//
// Where groups share what they say (exchange/hop_shares.h), a word of a share is checked once for
// each best router and other router of the cases with it (shared_words.h). That is enough for
// whoever may have all routes, minds routes of the one router of the share only, and is not spoken
// of by the group itself; the rest are checked in each case.
//
// A sender that changes is checked in all cases and shared words with routes of its targets, and if
// it is told another next hop elsewhere, which the announcer counts, in all cases there are. If its
// policy only minds other targets than before, it is checked in the cases with routes of those, and
// in the shared words that these cases have. One whose policy changes, but not what it thinks of
// what it is told, nor what it is told, is right as it was.
//
// Cases that no prefix is in any more are forgotten when they are found to be so, and when there
// are many. Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include <boost/unordered/unordered_flat_set.hpp>

#include "base/bit_set.h"
#include "exchange/reachability.h"
#include "net/ids.h"
#include "net/prefix.h"
#include "verify/case_postings.h"
#include "verify/findings.h"
#include "verify/next_hops.h"
#include "verify/plan.h"
#include "verify/shared_words.h"
#include "verify/told.h"

namespace fabrix::verify {

class Hearsay {
 public:
  Hearsay() : index_(0, Hash{this}, Equal{this}) {}
  Hearsay(const Hearsay&) = delete;
  Hearsay& operator=(const Hearsay&) = delete;
  Hearsay(Hearsay&&) = delete;
  Hearsay& operator=(Hearsay&&) = delete;
  ~Hearsay() = default;

  // Nothing is known to be right.
  void forget();

  // Everything, or what the plan names; how many prefixes and cases were looked at.
  std::size_t check(const Plan& plan, const Task& task);

 private:
  struct Wanted {
    NextHops::Group group = 0;
    net::Family family = net::Family::kIpv4;
    const exchange::RouteKey& key;
  };
  struct Case {
    NextHops::Group group = 0;
    exchange::RouteKey key;
    exchange::Routes routers;                // whoever may have their routes
    net::Prefix prefix;                      // one of those in it
    std::vector<net::ParticipantId> others;  // who may not have all routes, if words are shared
    std::vector<SharedWords::Id> words;      // by router; none: each word is the group's own
    bool has_other = false;                  // next hops of routes that are not their routers'
    // Each of its prefixes is looked at: what is told, or whether that is right, depends on it.
    bool varies = false;
    std::uint32_t seen = 0;  // the round of check_sender() in which it was looked at
  };
  // What check_sender() found.
  struct Sight {
    std::size_t looked_at = 0;
    std::size_t told = 0;  // cases and shared words by which it is told another next hop
    bool varies = false;   // some of them
  };
  struct Hash {
    using is_transparent = void;
    const Hearsay* of;
    std::size_t operator()(CaseId id) const;
    std::size_t operator()(const Wanted& wanted) const;
  };
  struct Equal {
    using is_transparent = void;
    const Hearsay* of;
    bool operator()(CaseId a, CaseId b) const { return a == b; }
    bool operator()(CaseId a, const Wanted& b) const { return of->is(a, b); }
    bool operator()(const Wanted& a, CaseId b) const { return of->is(b, a); }
  };

  // Who is to be looked at, and in which cases: those with routes of some; none: in all.
  struct Suspect {
    net::ParticipantId sender;
    std::optional<std::vector<net::ParticipantId>> about = std::nullopt;
    std::optional<std::uint64_t> version = std::nullopt;  // of what it is told

    bool is_about_nobody() const { return about && about->empty(); }
  };
  using Participants = BitSet<net::ParticipantId>;

  bool is(CaseId id, const Wanted& wanted) const;
  Wanted identity(CaseId id) const;
  std::optional<Suspect> renew(const Plan& plan, const Task& task, net::ParticipantId id);
  std::vector<Suspect> renew_all(const Plan& plan, const Task& task);
  void list(net::ParticipantId id);
  void unlist(net::ParticipantId id);
  std::size_t check_all(const Task& task);
  void check_prefix(const Task& task, const exchange::PlacedPrefix& placed,
                    const exchange::RouteKey& key);
  CaseId add(const Task& task, const net::Prefix& prefix, const Wanted& wanted);
  void sweep(const Task& task);
  void share(const Task& task, Case& one);
  Told::Verdict check_shared(const Task& task, const Case& one, const net::Prefix& prefix);
  void judge(const Task& task, SharedWord& word);
  bool is_right(const Task& task, const SharedWord& word, net::ParticipantId client,
                const std::optional<net::IpAddress>& next_hop);
  Told::Verdict check_case(const Task& task, const Case& one, const net::Prefix& prefix);
  Told::Verdict check_client(const Task& task, const Case& one, const net::Prefix& prefix,
                             std::optional<net::IpAddress> instead, net::ParticipantId client);
  std::size_t check_sender(const Task& task, const Suspect& suspect);
  void look_at(const Task& task, net::ParticipantId sender, Case& one, Sight& sight);
  void look_at_targets(const Task& task, const Suspect& suspect, Sight& sight);
  void suspect_words_of(const Case& one);
  void expect(const Task& task, net::ParticipantId sender, std::span<const CaseId> cases);
  void look_at_words(const Task& task, net::ParticipantId sender, const BitSet<CaseId>& special,
                     Sight& sight);
  void post(CaseId id);
  void check_prefixes_of(const Task& task, net::ParticipantId sender);
  const exchange::Routes& routes_of(const Task& task, const Case& one, net::ParticipantId client);
  bool is_right_by_route(const Task& task, const Case& one, net::ParticipantId client);
  bool is_concerned(const Task& task, const Case& one, net::ParticipantId sender) const;
  bool mark(net::ParticipantId id);

  std::vector<std::optional<Told>> told_;  // by participant; none: it has no routers
  // Whose clauses may want another next hop for routes of a participant, and for all; who minds
  // routes at all.
  std::vector<Participants> by_target_;
  Participants everywhere_;
  std::vector<net::ParticipantId> minding_;

  std::vector<std::optional<Case>> cases_;  // by CaseId; none: free
  std::vector<CaseId> free_;
  CasePostings postings_;
  SharedWords words_;
  std::size_t others_ = 0;  // cases with next hops that are not their routers'
  boost::unordered_flat_set<CaseId, Hash, Equal> index_;
  CaseId last_{};  // that a prefix was found in
  std::size_t sweep_at_ = 0;
  bool complete_ = false;  // each prefix's case is there
  std::uint64_t grouping_ = 0;
  // By participant: what was right; none: unknown.
  std::vector<std::optional<std::uint64_t>> versions_;

  std::vector<std::uint32_t> marks_;  // by participant: the round in which it was marked
  std::uint32_t round_ = 0;
  std::uint32_t sender_round_ = 0;
  NextHops::List list_;  // scratch, as are the next
  std::vector<exchange::HopShares::Number> shares_;
  std::vector<net::ParticipantId> clients_;
  Participants asking_;
  Participants both_;
  Participants special_;
  BitSet<net::RouterId> minded_;
  std::vector<CaseId> suspect_cases_;
  BitSet<SharedWords::Id> suspect_words_;
  std::vector<NextHops::Group> groups_;
  exchange::RouteKey key_;
  exchange::Routes routes_;  // of a client
};

}  // namespace fabrix::verify
