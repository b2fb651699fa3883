// Compiler: policies x reachability -> Program (FABRIC, COMPILER).
//
// Give it the exchange, the participants' policies, the state of ports and the routes; compile()
// returns the Program, and virtual_next_hop() what the route server must say instead of a real next
// hop.
//
// The Program's rows are a pure function of those inputs: the order in which they arrived does not
// show, as long as a sender's targets have room in its tags side by side. Which virtual next hop a
// forwarding class got, and how targets share bits, does depend on history, because neither changes
// its meaning while a router may remember it (FABRIC, "Tags" 3): see compiler/vnh_pool.h and
// compiler/encoding.h.
//
// A sender without outbound policy, or a prefix with no reachable policy target, keeps the real
// next hop. Not thread-safe: the control thread owns it.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/budget.h"
#include "base/diagnostic.h"
#include "base/result.h"
#include "compiler/source_sets.h"
#include "exchange/exchange.h"
#include "exchange/hop_shares.h"
#include "exchange/reachability.h"
#include "policy/policy.h"
#include "policy/shortfall.h"
#include "program/program.h"
#include "program/tag.h"
#include "program/tag_meaning.h"

namespace fabrix::compiler {

// A forwarding class of one sender, for people (`fabrix show classes`).
struct ClassInfo {
  net::ParticipantId sender;
  net::RouterId best;                    // router of the best route
  std::vector<net::RouterId> reachable;  // the policy targets' best routers, sorted
  program::Tag tag;
  std::optional<net::IpAddress> vnh4;  // bound once a prefix of the family needed it
  std::optional<net::IpAddress> vnh6;
  std::size_t prefixes = 0;
};

struct Output {
  program::ProgramPtr program;
  // Warnings (code K01xx): pool or tag width exhausted, names the sender and what falls back to
  // default forwarding.
  std::vector<Diagnostic> problems;
  // The same for machines: of each participant concerned, in order.
  std::vector<policy::Shortfall> shortfalls;
  // Senders some of whose prefixes have another virtual next hop, though neither their routes nor a
  // target of the sender's policy changed: everything they were told is to be looked at again.
  std::vector<net::ParticipantId> renumbered;
  // What each sender's tags say. Not null; by participant; null: no outbound policy.
  std::shared_ptr<const std::vector<program::TagMeaningPtr>> meanings;
  // Participants whose rows in the outbound or inbound table may differ from those of the last
  // compile(), in order.
  std::vector<net::ParticipantId> rows_changed;
  // The prefixes of routes_changed() since the last compile(), each once.
  std::vector<exchange::PlacedPrefix> routes_changed;
};

class Compiler {
 public:
  using Clock = std::chrono::steady_clock;

  // Both must outlive the compiler.
  Compiler(const exchange::Exchange& exchange, const exchange::Reachability& reachability);
  ~Compiler();
  Compiler(const Compiler&) = delete;
  Compiler& operator=(const Compiler&) = delete;
  Compiler(Compiler&&) = delete;
  Compiler& operator=(Compiler&&) = delete;

  // Replaces the whole policy of a participant; null removes it. Fails with P0301 (an ambiguous
  // `+`, with a witness packet), P0405 (too many rows) or P0412 (more than kPolicySteps of
  // compiler/judge.h), and then nothing changes. `file` is for the diagnostics. Success carries
  // warnings: shadowed clauses (P0310, naming the one that hides them).
  Result<std::vector<Diagnostic>, std::vector<Diagnostic>> set_policy(
      net::ParticipantId participant, std::shared_ptr<const policy::Policy> policy,
      std::string_view file);

  // What set_policy() would say of it, short of P0405, with steps from that budget. Nothing
  // changes.
  Result<std::vector<Diagnostic>, std::vector<Diagnostic>> review(net::ParticipantId participant,
                                                                  const policy::Policy& policy,
                                                                  std::string_view file,
                                                                  Budget& budget);

  // The participant's policy, not null, in other states of its fsms, in all of which it has been
  // reviewed. Fails with P0405 or P0412, and then nothing changes. A state is known again by the
  // policy's address: what was compiled of it is kept, within bounds (kept_states.h).
  Result<void, std::vector<Diagnostic>> change_state(net::ParticipantId participant,
                                                     std::shared_ptr<const policy::Policy> policy,
                                                     std::string_view file);

  // Compiles such a policy ahead, for when it is changed to, as far as the budget goes. Nothing
  // else changes.
  void foresee(net::ParticipantId participant, const std::shared_ptr<const policy::Policy>& policy,
               Budget& budget);

  // The exchange has changed in place, as exchange::plan() has it: ids stay, participants and
  // routers were added, taken out or given other properties. Virtual next hops keep their meaning.
  // Every policy must be set again before the next compile().
  void reconfigure();

  // Whether IPv4 prefixes are announced to the participant with IPv6 virtual next hops, which takes
  // none of the few IPv4 addresses: all its sessions understand that (RFC 8950). Not at first.
  void set_extended_next_hop(net::ParticipantId participant, bool understood);

  // Whether the router's port is up, and open (Router::standing). All are at first.
  void set_port(net::RouterId router, bool up);

  // The standing of ports has changed in the exchange (Router::standing).
  void standing_changed();

  // Whether ports check where packets come from (exchange::SourceRule), as at first.
  void set_source_checks(SourceChecks checks);
  // Routes of these prefixes changed, for any client: they are read again from the Reachability.
  void routes_changed(std::vector<exchange::PlacedPrefix> prefixes);
  void routes_changed(std::span<const net::Prefix> prefixes);

  // The Program for the present inputs. `now` feeds the quarantine of virtual next hops. Unchanged
  // inputs return the same pointer.
  Output compile(Clock::time_point now);

  // As of the last compile(): the address to announce to `client` instead of the real next hop;
  // none: keep the real one.
  std::optional<net::IpAddress> virtual_next_hop(net::ParticipantId client,
                                                 const net::Prefix& prefix) const;

  // The same for the many prefixes at once that agree in it. A number that says which next hops
  // clients are told instead of the real ones; 0: none. It never said anything else before, but for
  // clients that were renumbered or whose policies changed.
  std::uint64_t hop_group(exchange::Place place) const;
  // Whether prefixes of the family still have that number.
  bool has_hop_group(std::uint64_t group, net::Family family) const;
  void next_hops_of(std::uint64_t group, net::Family family,
                    std::vector<exchange::ClientNextHop>& next_hops) const;
  std::optional<net::IpAddress> next_hop_of(std::uint64_t group, net::Family family,
                                            net::ParticipantId client) const;
  // A hint: next_hop_of() is asked of these next (base/ahead.h).
  void expect(std::span<const std::uint64_t> groups, net::ParticipantId client) const;
  // All numbers at once, for one client: another than before if what some number says of it may be
  // something else. Numbers that are new do not count.
  std::uint64_t told_version(net::ParticipantId client) const;
  // How many of them, and of the shares that they have, tell it another next hop by a word of their
  // own, each once for each family. Looks at each of its classes.
  std::size_t told_words(net::ParticipantId client) const;
  // What numbers have in common.
  const exchange::HopShares& shares() const;
  // Another than before: prefixes have other numbers though their routes did not change.
  std::uint64_t grouping() const;

  std::vector<ClassInfo> classes() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace fabrix::compiler
