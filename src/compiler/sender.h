// Sender: everything the compiler keeps about one participant as a sender with an outbound policy:
// the classes of its prefixes, the meaning of its tags, its virtual next hops and its rows.
//
// refresh() takes over what changed in policy and routes, and does only the work that this asks
// for: a changed prefix is classified again; rows are made again only if the codebook or the routes
// that they themselves depend on changed. The rows are a pure function of policy and routes. Not
// thread-safe.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "base/diagnostic.h"
#include "compiler/classes.h"
#include "compiler/compiler.h"
#include "compiler/encoding.h"
#include "compiler/outbound.h"
#include "compiler/vnh_pool.h"
#include "diagram/diagram.h"
#include "exchange/exchange.h"
#include "exchange/reachability.h"
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
  // `exchange` must outlive it.
  Sender(const exchange::Exchange& exchange, net::ParticipantId id);

  // None: more than kMaxPolicyRows. Changes nothing.
  std::optional<CompiledOutbound> compile(std::unique_ptr<OutboundPolicy> policy,
                                          diagram::Store& store,
                                          const exchange::Reachability& reachability) const;
  void adopt(CompiledOutbound compiled);
  bool has_policy() const { return outbound_.policy != nullptr; }

  // What refresh() needs; `changed`: prefixes whose routes are to be read again.
  struct Input {
    std::span<const net::Prefix> changed;
    const exchange::Reachability& reachability;
    diagram::Store& store;
    VnhPool::Clock::time_point now;
  };
  void refresh(const Input& input);

  // Whether rows() may have changed since the last call.
  bool take_rows_changed();
  // Null: none.
  const program::Rows::Block& rows() const { return outbound_.rows; }
  // What the tags say, as of the last refresh(); null: no policy.
  const program::TagMeaningPtr& meaning() const { return meaning_; }

  // Whether prefixes whose routes did not change have another virtual next hop than at the last
  // call, the policy being the same: the codebook was made anew, or an address became free.
  bool take_renumbered();

  // Changes whenever neighbors() would be something else.
  std::uint64_t neighbor_generation() const;
  program::Neighbors::Block neighbors() const;

  std::optional<net::IpAddress> virtual_next_hop(const net::Prefix& prefix) const;
  void add_classes(std::vector<ClassInfo>& classes) const;
  void add_problems(std::vector<Diagnostic>& problems) const;
  // What add_problems() tells people.
  policy::Shortfall shortfall() const;

 private:
  void classify(const net::Prefix& prefix, const exchange::Routes& routes);
  void classify(const Input& input);
  void encode();
  void state_meaning();
  void bind(VnhPool::Clock::time_point now);
  void emit_rows(const Input& input);
  std::size_t unbound() const { return unbound4_ + unbound6_; }
  std::string name() const;

  const exchange::Exchange& exchange_;
  net::ParticipantId id_;
  CompiledOutbound outbound_;
  Encoding encoding_;
  program::TagMeaningPtr meaning_;
  ClassTable classes_;
  // The participant's own pools: created with its first policy, kept while routers may remember.
  std::optional<VnhPool> pool4_;
  std::optional<VnhPool> pool6_;
  bool policy_changed_ = false;
  bool rows_stale_ = false;    // to be made again
  bool rows_changed_ = false;  // since take_rows_changed()
  bool too_many_rows_ = false;
  bool renumbered_ = false;  // since take_renumbered()
  // Classes that found no address.
  std::size_t unbound4_ = 0;
  std::size_t unbound6_ = 0;
};

}  // namespace fabrix::compiler
