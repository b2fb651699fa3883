// FlowSpecTable: the flow specifications that clients announce, which of them hold, and who is told
// of them (RFC 8955, 8956, 9117).
//
// A rule is accepted when it is valid (bgp/flowspec_validation.h), some packet can match it and its
// actions can be decoded; otherwise it is kept for people to see, and nobody hears of it. RFC 8955
// §6 wants it judged again whenever unicast routes change: unicast_changed() does. A client (over
// all its sessions) has at most `max_rules` rules; further ones are refused and only counted, and
// wants_refresh() says when there is room for them again.
//
// Accepted rules go to the sessions of the audience that listen to their family, never to a session
// of the client that announced them. If several clients announce a rule, a session hears of one of
// them: the lowest PeerId that may be heard. What a session was told and what it should be told are
// compared when its changes are taken, so changes that cancel out are never sent.
//
// Bounds: clients times max_rules, for the rules and for what each session was told. A change of a
// rule costs O(log rules) for each listening session. Not thread-safe; the control thread owns it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "bgp/family_set.h"
#include "bgp/flowspec.h"
#include "bgp/flowspec_actions.h"
#include "bgp/flowspec_order.h"
#include "bgp/flowspec_validation.h"
#include "bgp/path_attributes.h"
#include "net/ids.h"
#include "net/ip_address.h"
#include "net/prefix.h"
#include "net/prefix_map.h"
#include "routeserver/peer.h"

namespace fabrix::routeserver {

// Who may hear of rules: `named` counts for kNamed only.
struct FlowSpecAudience {
  enum class Scope : std::uint8_t { kNobody, kEveryone, kNamed };
  Scope scope = Scope::kNobody;
  std::vector<net::ParticipantId> named;

  bool contains(net::ParticipantId participant) const;

  friend bool operator==(const FlowSpecAudience&, const FlowSpecAudience&) = default;
};

struct FlowSpecConfig {
  std::size_t max_rules = 100;  // of one client
  FlowSpecAudience audience;

  friend bool operator==(const FlowSpecConfig&, const FlowSpecConfig&) = default;
};

// What the table asks of the engine around it. All must be callable.
struct FlowSpecHooks {
  bgp::FlowSpecUnicast unicast;
  // Whether the two exchange routes at all.
  std::function<bool(net::ParticipantId announcer, net::ParticipantId listener)> may_hear;
};

// Why a rule holds, or does not.
struct FlowSpecVerdict {
  bgp::FlowSpecValidity validity = bgp::FlowSpecValidity::kValid;
  std::optional<bgp::FlowSpecType> impossible;        // no packet matches this component
  std::optional<bgp::FlowSpecActionError> malformed;  // RFC 8955 §10

  bool accepted() const {
    return validity == bgp::FlowSpecValidity::kValid && !impossible && !malformed;
  }

  friend bool operator==(const FlowSpecVerdict&, const FlowSpecVerdict&) = default;
};

// "accepted", or the reason: "no packet can match its length".
std::string to_string(const FlowSpecVerdict& verdict);

enum class FlowSpecOutcome : std::uint8_t { kKept, kOverLimit };

struct FlowSpecSession {
  PeerId peer;
  net::ParticipantId participant;

  friend bool operator==(const FlowSpecSession&, const FlowSpecSession&) = default;
};

// A rule as one session announced it.
struct FlowSpecEntry {
  FlowSpecSession from;
  bgp::AttributesPtr attributes;             // never null
  std::vector<bgp::FlowSpecAction> actions;  // of the attributes
  FlowSpecVerdict verdict;
};

// What to tell a session: withdraw, then announce. Both in order of precedence.
struct FlowSpecChanges {
  struct Announcement {
    bgp::FlowSpecRule rule;
    bgp::AttributesPtr attributes;
  };
  std::vector<bgp::FlowSpecRule> withdrawn;
  std::vector<Announcement> announced;
};

class FlowSpecTable {
 public:
  FlowSpecTable(FlowSpecConfig config, FlowSpecHooks hooks);

  // Rules that are there already stay, even above a lower limit.
  void reconfigure(FlowSpecConfig config);

  // Adds the session's rule, or replaces what it said of it before.
  FlowSpecOutcome announce(const FlowSpecSession& from, const bgp::FlowSpecRule& rule,
                           const bgp::AttributesPtr& attributes);
  void withdraw(PeerId peer, const bgp::FlowSpecRule& rule);

  // The session hears of rules of `families` from now on, and is told all of them.
  void listen(const FlowSpecSession& session, bgp::FamilySet families);
  // Its rules are withdrawn; it hears of nothing any more.
  void session_down(PeerId peer);
  // It is told everything of `family` again (RFC 2918).
  void refresh(PeerId peer, net::Family family);

  // The usable unicast routes of these prefixes changed.
  void unicast_changed(std::span<const net::Prefix> prefixes);
  // What may_hear says changed.
  void hearing_changed();

  bool has_changes(PeerId peer) const;
  FlowSpecChanges take_changes(PeerId peer);

  // Rules of the client were refused, and there is room again: ask it for a route refresh. Says so
  // once.
  bool wants_refresh(net::ParticipantId client);

  // For people and for the fabric: every rule with who announces it, by PeerId, in order of
  // precedence.
  void for_each(const std::function<void(const bgp::FlowSpecRule&, std::span<const FlowSpecEntry>)>&
                    visit) const;
  bool empty() const { return rules_.empty(); }
  // The sessions that hear of `rule` from `entry`, as far as their changes were taken.
  std::vector<PeerId> told(const bgp::FlowSpecRule& rule, const FlowSpecEntry& entry) const;
  std::size_t rule_count(net::ParticipantId client) const;
  // Refused for the limit since the last refresh.
  std::size_t refused_count(net::ParticipantId client) const;

 private:
  using RulePtr = std::shared_ptr<const bgp::FlowSpecRule>;
  struct Precedence {
    // NOLINTNEXTLINE(readability-identifier-naming): the library's name.
    using is_transparent = void;
    bool operator()(const RulePtr& a, const RulePtr& b) const;
    bool operator()(const RulePtr& a, const bgp::FlowSpecRule& b) const;
    bool operator()(const bgp::FlowSpecRule& a, const RulePtr& b) const;
  };
  using Rules = std::map<RulePtr, std::vector<FlowSpecEntry>, Precedence>;
  struct Listener {
    net::ParticipantId participant;
    bgp::FamilySet families;
    std::map<RulePtr, bgp::AttributesPtr, Precedence> told;
    std::set<RulePtr, Precedence> dirty;  // perhaps to be told something else
  };
  struct Client {
    std::size_t rules = 0;
    std::size_t refused = 0;
  };

  bgp::FlowSpecValidity validity(const bgp::FlowSpecRule& rule, const FlowSpecEntry& entry) const;
  void fill(FlowSpecEntry& entry, const bgp::FlowSpecRule& rule) const;
  void judge_again(const RulePtr& rule);
  void mark(const RulePtr& rule);
  void mark_all(Listener& listener);
  Rules::iterator add(const bgp::FlowSpecRule& rule);
  void remove(PeerId peer, Rules::iterator position);
  bgp::AttributesPtr wanted(const Listener& listener, const RulePtr& rule) const;

  FlowSpecConfig config_;
  FlowSpecHooks hooks_;
  Rules rules_;  // entries in order of PeerId, never none
  net::PrefixMap<std::vector<RulePtr>> by_destination_;
  std::map<net::ParticipantId, Client> clients_;
  std::map<PeerId, Listener> listeners_;
};

}  // namespace fabrix::routeserver
