// Sender: everything the compiler keeps about one participant as a sender with an outbound policy:
// its forwarding classes, the meaning of its tags, its virtual next hops and its rows.
//
// Which group of routes is in which class is the Classifier's business (classifier.h): it asks
// classify() and tells classes(). settle() then takes over what changed in policy and classes, and
// does only the work that this asks for: rows are made again only if the codebook or the routes
// that they themselves depend on changed. The rows are a pure function of policy and routes. Not
// thread-safe.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "base/ahead.h"
#include "base/diagnostic.h"
#include "compiler/class_keys.h"
#include "compiler/classes.h"
#include "compiler/compiler.h"
#include "compiler/encoding.h"
#include "compiler/outbound.h"
#include "compiler/vnh_pool.h"
#include "diagram/diagram.h"
#include "exchange/exchange.h"
#include "exchange/reachability.h"
#include "net/mac_address.h"
#include "policy/shortfall.h"
#include "program/tag_meaning.h"

namespace fabrix::compiler {

// A policy with the rows it has under present routes.
struct CompiledOutbound {
  std::unique_ptr<OutboundPolicy> policy;  // null: none
  RouteFacts facts;
  Codebook codebook;
  program::Rows::Block rows;
};

class Sender {
 public:
  // Both must outlive it.
  Sender(const exchange::Exchange& exchange, ClassKeys& keys, net::ParticipantId id);

  // None: more than kMaxPolicyRows. Changes nothing.
  std::optional<CompiledOutbound> compile(std::unique_ptr<OutboundPolicy> policy,
                                          diagram::Store& store,
                                          const exchange::Reachability& reachability) const;
  // What was there before.
  CompiledOutbound adopt(CompiledOutbound compiled);
  // Whether what is there is as compile() would make it now, given the routes last read.
  bool is_fresh() const { return !rows_stale_ && !too_many_rows_; }
  bool has_policy() const { return outbound_.policy != nullptr; }
  // Its rows are to be made again at the next refresh(): what others receive is counted now, or no
  // longer; or a middlebox port of its own went up or down.
  void surroundings_changed() { rows_stale_ = has_policy(); }

  const OutboundPolicy* policy() const { return outbound_.policy.get(); }  // null: none

  // The class of prefixes with these routes, which one more group, or share of groups, enters.
  // None: they need no tag.
  std::optional<ClassId> classify(const exchange::Routes& routes);
  // If it can only be told by these of the routes, which it may all have, and the best is another.
  std::optional<ClassId> classify(net::RouterId best, std::span<const net::RouterId> routes);
  // The same class, if it is known: it is that of whoever may have both routes and asks about
  // `router`, whatever else its policy is. None: policies may tell the routers of its owner apart.
  std::optional<ClassKey> common_class(net::RouterId best, net::RouterId router) const;
  std::optional<ClassId> enter(KeyId key) {
    return has_policy() ? classes_.enter(key) : std::nullopt;
  }
  // A hint: its class of some key is entered soon (base/ahead.h).
  void expect_entry() const {
    read_ahead(classes_);
    read_ahead(outbound_.policy);
  }
  ClassTable& classes() { return classes_; }
  const ClassTable& classes() const { return classes_; }
  // Of the class, for prefixes of the family; none: the real next hop.
  std::optional<net::IpAddress> next_hop(ClassId id, net::Family family) const {
    return address_in(pool_of(family), classes_[id]);
  }

  // Groups that there were are in other classes now: those with routes of targets that came or
  // went; or perhaps any.
  void told_anew() { ++told_version_; }
  void told_anew_of_all() {
    ++told_version_;
    renumbered_ = true;
  }
  // As the Compiler has them.
  std::uint64_t told_version() const { return told_version_; }
  std::size_t told_words() const;

  struct Input {
    const exchange::Reachability& reachability;
    diagram::Store& store;
    VnhPool::Clock::time_point now;
  };
  // Whether IPv4 prefixes get IPv6 next hops (Compiler::set_extended_next_hop).
  void set_extended_next_hop(bool understood);
  // The routes that the policy's conditions and new destinations depend on are to be read again.
  void read_facts(const exchange::Reachability& reachability);
  // Those of these prefixes alone, sorted and each once.
  void read_facts(std::span<const net::Prefix> changed, const exchange::Reachability& reachability);
  void settle(const Input& input);
  void expect_settling() const;  // a hint: it is settled soon (base/ahead.h)
  // Whether classes found no address.
  bool is_short_of_next_hops() const { return lacking_[0] + lacking_[1] != 0; }
  // From when on settle() may find one for them though nothing changes. max(): never.
  VnhPool::Clock::time_point room_at() const;

  // Whether rows() may have changed since the last call.
  bool take_rows_changed();
  // Null: none.
  const program::Rows::Block& rows() const { return outbound_.rows; }
  // What the tags say, as of the last settle(); null: no policy.
  const program::TagMeaningPtr& meaning() const { return meaning_; }

  // Whether prefixes whose routes did not change have another virtual next hop than at the last
  // call, the policy being the same: the codebook was made anew, or an address became free.
  bool take_renumbered();

  // Whether neighbors() has changed since the last call; only then it may have.
  bool take_changed_neighbors();
  // Whom to answer for; null: nobody.
  const program::Neighbors::Block& neighbors() const { return neighbors_; }

  // `prefixes`: how many each class has, by ClassId.
  void add_classes(std::span<const std::size_t> prefixes, std::vector<ClassInfo>& classes) const;
  // Whether some of the policy does not apply.
  bool is_troubled() const;
  void add_problems(std::vector<Diagnostic>& problems) const;
  // What add_problems() tells people.
  policy::Shortfall shortfall() const;

 private:
  void take_facts(const exchange::Reachability& reachability);
  void encode();
  bool says_new_sets() const;
  void state_meaning();
  void settle_classes(VnhPool::Clock::time_point now);
  std::vector<ClassId> to_settle(VnhPool::Clock::time_point now);
  void expect(std::span<const ClassId> ids) const;
  void settle_class(ClassId id, VnhPool::Clock::time_point now);
  // What a class needs next hops for.
  struct Change {
    ClassId of{};
    std::uint64_t place = 0;
    net::MacAddress tag;
    bool is_other_tag = false;
    VnhPool::Clock::time_point now;
  };
  void settle_next_hop(ForwardingClass::NextHop& next_hop, std::size_t pool, bool is_needed,
                       const Change& change);
  void bind(ForwardingClass::NextHop& next_hop, std::size_t pool, const Change& change);
  void forget_quiet(std::size_t pool, VnhPool::Clock::time_point now);
  // Which of pools_ serves prefixes of the family.
  std::size_t pool_of(net::Family family) const {
    return index_of(extended_next_hop_ ? net::Family::kIpv6 : family);
  }
  bool needs(const ForwardingClass& one, std::size_t pool) const;
  std::optional<net::IpAddress> address_in(std::size_t pool, const ForwardingClass& one) const {
    const auto& next_hop = one.next_hops.at(pool);
    if (!next_hop.is_bound) return std::nullopt;
    return pools_.at(pool)->address_of(next_hop.bound);
  }
  std::uint32_t reach_of(const Units& units) const;
  void emit_rows(const Input& input);
  std::string name() const;

  const exchange::Exchange& exchange_;
  ClassKeys& keys_;
  net::ParticipantId id_;
  CompiledOutbound outbound_;
  Encoding encoding_;
  program::TagMeaningPtr meaning_;
  ClassTable classes_;
  // The participant's own pools, by family: created with its first policy, kept while routers may
  // remember.
  std::array<std::optional<VnhPool>, 2> pools_;
  program::NeighborList list_;  // what neighbors_ has, near at hand
  program::Neighbors::Block neighbors_;
  bool shares_ = false;  // the encoding depends on which classes there are
  bool extended_next_hop_ = false;
  bool policy_changed_ = false;
  std::optional<Codebook::BitsOfUnits> unit_bits_;  // of the codebook
  Codebook settled_for_;                            // by which classes have their tags
  bool coded_anew_ = false;                         // it is another codebook than that
  VnhPool::Clock::time_point coded_at_{};           // when that was last so
  bool other_pools_ = false;   // classes have next hops of other ones than before
  bool rows_stale_ = false;    // to be made again
  bool rows_changed_ = false;  // since take_rows_changed()
  bool too_many_rows_ = false;
  bool renumbered_ = false;  // since take_renumbered()
  std::uint64_t told_version_ = 0;
  ClassKey scratch_;
  std::array<std::size_t, 2> lacking_{};  // classes that found no address, by pool
};

// Of some of `senders`, which are by participant.
void expect_settling(const std::vector<Sender>& senders, std::span<const net::ParticipantId> some);

}  // namespace fabrix::compiler
