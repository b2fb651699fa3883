#include "verify/verifier.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/assert.h"
#include "verify/findings.h"
#include "verify/hearsay.h"
#include "verify/interference.h"
#include "verify/neighbor_change.h"
#include "verify/plan.h"
#include "verify/proofs.h"
#include "verify/route_bound.h"

namespace fabrix::verify {
namespace {

using net::ParticipantId;
using program::TableId;
using PolicyPtr = std::shared_ptr<const policy::Policy>;
using Meanings = std::shared_ptr<const std::vector<program::TagMeaningPtr>>;

// By which tables a participant's packets go.
struct Passage {
  std::array<bool, 2> sends{};  // has clauses, has queries
  bool counts_received = false;
  bool receives = false;                           // otherwise than by default
  std::vector<std::vector<net::RouterId>> chains;  // by which it receives
};

Passage passage_of(const PolicyPtr& policy) {
  if (policy == nullptr) return {};
  Passage passage{.sends = {policy->has_outbound(), !policy->outbound.queries.empty()},
                  .counts_received = !policy->inbound.queries.empty(),
                  .receives = !policy->inbound.clauses.empty() || !policy->inbound.queries.empty(),
                  .chains = {}};
  for (const policy::Clause& each : policy->inbound.clauses) {
    if (each.extras.via.size() > 1) passage.chains.push_back(each.extras.via);
  }
  return passage;
}

const policy::Shortfall* find(const std::vector<policy::Shortfall>& all, ParticipantId owner) {
  const auto found = std::ranges::find(all, owner, &policy::Shortfall::owner);
  return found == all.end() ? nullptr : &*found;
}

bool same_shortfall(const std::vector<policy::Shortfall>& a,
                    const std::vector<policy::Shortfall>& b, ParticipantId owner) {
  const auto* one = find(a, owner);
  const auto* other = find(b, owner);
  return one == nullptr || other == nullptr ? one == other : *one == *other;
}

// Which halves of a policy depend on routes.
struct RouteBound {
  bool outbound = false;
  bool inbound = false;
};
RouteBound route_bound(const PolicyPtr& policy) {
  if (policy == nullptr) return {};
  return {.outbound = depends_on_routes(policy->outbound),
          .inbound = depends_on_routes(policy->inbound)};
}

// Null: none.
const program::TagMeaning* meaning_of(const Meanings& meanings, ParticipantId sender) {
  return meanings && sender.index() < meanings->size() ? (*meanings)[sender.index()].get()
                                                       : nullptr;
}

program::TagMeaningPtr meaning_in(const Meanings& meanings, ParticipantId sender) {
  return meanings && sender.index() < meanings->size() ? (*meanings)[sender.index()] : nullptr;
}

}  // namespace

class Verifier::Impl {
 public:
  std::vector<Violation> check(const Subject& subject, const Changes* changes);
  void forget() { program_.reset(); }
  const Coverage& coverage() const { return coverage_; }

 private:
  bool follows(const Subject& subject) const;
  void make_room(const World& world);
  Plan begin(const Subject& subject);
  Plan follow(const Subject& subject, const Changes& changes, Causes& causes);
  void note_policies(const Subject& subject, Plan& plan, Causes& causes);
  void note_replaced(ParticipantId id);
  void take_policy(const Subject& subject, ParticipantId id);
  void note_policy(const Subject& subject, ParticipantId id, Plan& plan, Causes& causes);
  void note_hashing(ParticipantId id, Plan& plan, Causes& causes);
  void note_meanings(const Subject& subject, Plan& plan);
  void note_ports(const Subject& subject, Plan& plan, Causes& causes);
  static void note_middlebox(const exchange::Exchange& exchange, ParticipantId owner, Plan& plan,
                             Causes& causes);
  void note_standings(const exchange::Exchange& exchange);
  void note_neighbors(const program::Program& program, Plan& plan);
  void note_routes(const Changes& changes, Plan& plan, Causes& causes);
  bool is_provable(const Subject& subject, ParticipantId id, TableId table) const;
  bool has_own_rows(const Subject& subject, ParticipantId id, TableId table) const;
  static Proofs::Claim claim(const Subject& subject, ParticipantId id, TableId table);
  void use_proofs(const Subject& subject, Plan& plan);
  std::vector<const program::Row*> changed_rows(ParticipantId sender) const;
  void find_few(const Subject& subject, Plan& plan) const;
  void keep_proofs(const Subject& subject, const Plan& plan);

  Directory directory_;
  std::unique_ptr<Workspace> work_;
  RowIndex index_;
  World meant_;                  // without what falls back
  Hashing hashing_;              // of that world
  program::ProgramPtr program_;  // null: nothing is known to be right
  program::ProgramDelta delta_;
  std::vector<program::VirtualNeighbor> gone_;
  std::vector<RouteBound> route_bound_;  // by participant
  std::vector<PolicyPtr> policies_;      // as given
  // What this check found replaced: policies whose proofs hold as long as rows and meaning do.
  std::vector<std::pair<ParticipantId, PolicyPtr>> replaced_;
  std::vector<exchange::Standing> standings_;
  std::vector<policy::Shortfall> shortfalls_;
  Meanings meanings_;
  Hearsay hearsay_;
  Proofs sent_proofs_;
  Proofs received_proofs_;
  Coverage coverage_;
};

bool Verifier::Impl::follows(const Subject& subject) const {
  return program_ != nullptr && meant_.exchange == subject.world.exchange &&
         meant_.reachability == subject.world.reachability &&
         policies_.size() == subject.world.policies.size() &&
         meant_.port_up.size() == subject.world.port_up.size();
}

void Verifier::Impl::make_room(const World& world) {
  const bool fits = work_ && &work_->space.reachability() == world.reachability;
  if (!fits) work_ = std::make_unique<Workspace>(*world.reachability);
  work_->make_room();
}

Plan Verifier::Impl::begin(const Subject& subject) {
  work_.reset();
  make_room(subject.world);
  directory_ = Directory(*subject.world.exchange);
  index_ = RowIndex(*subject.program);
  sent_proofs_.clear();
  received_proofs_.clear();
  policies_ = subject.world.policies;
  shortfalls_ = subject.terms.shortfalls;
  meanings_ = subject.terms.meanings;
  meant_ = without_room(subject.world, shortfalls_);
  hashing_ = Hashing(meant_);
  note_standings(*subject.world.exchange);
  route_bound_.clear();
  for (const PolicyPtr& policy : meant_.policies) route_bound_.push_back(route_bound(policy));
  Plan plan(*subject.world.exchange);
  plan.add_all(*subject.world.exchange, *subject.program, index_);
  return plan;
}

// Before another one is taken.
void Verifier::Impl::note_replaced(ParticipantId id) {
  const PolicyPtr& policy = policies_[id.index()];
  const bool was_checked = policy != nullptr && policy->has_outbound();
  const bool had_room = find(shortfalls_, id) == nullptr;
  if (!was_checked || !had_room || route_bound_[id.index()].outbound) return;
  replaced_.emplace_back(id, policy);
}

void Verifier::Impl::take_policy(const Subject& subject, ParticipantId id) {
  World one{.exchange = nullptr, .reachability = nullptr, .policies = {}, .port_up = {}};
  one.policies.push_back(subject.world.policies[id.index()]);
  std::vector<policy::Shortfall> own;
  if (const auto* shortfall = find(subject.terms.shortfalls, id)) {
    own.push_back(*shortfall);
    own.back().owner = ParticipantId{0};
  }
  policies_[id.index()] = subject.world.policies[id.index()];
  meant_.policies[id.index()] = without_room(std::move(one), own).policies.front();
  route_bound_[id.index()] = route_bound(meant_.policies[id.index()]);
}

void Verifier::Impl::note_policies(const Subject& subject, Plan& plan, Causes& causes) {
  const bool same_shortfalls = shortfalls_ == subject.terms.shortfalls;
  for (std::size_t i = 0; i < policies_.size(); ++i) {
    const ParticipantId id{static_cast<std::uint16_t>(i)};
    const bool same =
        policies_[i] == subject.world.policies[i] &&
        (same_shortfalls || same_shortfall(shortfalls_, subject.terms.shortfalls, id));
    if (!same) note_policy(subject, id, plan, causes);
  }
  if (!same_shortfalls) shortfalls_ = subject.terms.shortfalls;
}

// That it is another one.
void Verifier::Impl::note_policy(const Subject& subject, ParticipantId id, Plan& plan,
                                 Causes& causes) {
  const Passage before = passage_of(meant_.policies[id.index()]);
  note_replaced(id);
  take_policy(subject, id);
  const Passage now = passage_of(meant_.policies[id.index()]);
  causes.participants.add(id);
  plan.senders.add(id);
  // Without a word on what it receives, before or now, only other rows could make a difference.
  if (before.receives || now.receives) plan.receivers.add(id);
  plan.judging.add(id);
  note_hashing(id, plan, causes);
  if (before.counts_received != now.counts_received) {
    // Whoever sends to it does so by another table.
    causes.entrances.add(id);
    plan.resolution = true;
    for (const exchange::Participant& sender : subject.world.exchange->participants) {
      plan.senders.add(sender.id);
    }
  }
  if (before.sends == now.sends && before.chains == now.chains) return;
  const auto& routers = subject.world.exchange->participant(id).routers;
  for (const net::RouterId router : routers) plan.admission.add(router);
}

void Verifier::Impl::note_hashing(ParticipantId id, Plan& plan, Causes& causes) {
  const auto change = hashing_.set(id, meant_.policies[id.index()].get());
  if (change == Hashing::Change::kNothing) return;
  const bool all = change == Hashing::Change::kAll;
  causes.hashing = causes.hashing || all;
  for (const exchange::Router& router : meant_.exchange->routers) {
    if (all || router.participant == id) plan.admission.add(router.id);
  }
}

void Verifier::Impl::note_meanings(const Subject& subject, Plan& plan) {
  if (meanings_ == subject.terms.meanings) return;
  for (std::size_t i = 0; i < policies_.size(); ++i) {
    const ParticipantId id{static_cast<std::uint16_t>(i)};
    if (meaning_of(meanings_, id) == meaning_of(subject.terms.meanings, id)) continue;
    plan.senders.add(id);
    plan.judging.add(id);
    std::erase_if(replaced_, [id](const auto& each) { return each.first == id; });
  }
  meanings_ = subject.terms.meanings;
}

void Verifier::Impl::note_ports(const Subject& subject, Plan& plan, Causes& causes) {
  const exchange::Exchange& exchange = *subject.world.exchange;
  for (const exchange::Router& each : exchange.routers) {
    const bool same = standings_[each.id.index()] == each.standing;
    if (same && meant_.port_up[each.id.index()] == subject.world.port_up[each.id.index()]) continue;
    causes.ports_of.add(each.participant);
    standings_[each.id.index()] = each.standing;
    if (!same) {
      // What enters there is admitted otherwise.
      causes.participants.add(each.participant);
      plan.admission.add(each.id);
    }
    if (each.middlebox) note_middlebox(exchange, each.participant, plan, causes);
    // What is for one router may come out at another of the same participant.
    for (const net::RouterId own : exchange.owner(each.id).routers) plan.transit.add(own);
  }
  meant_.port_up = subject.world.port_up;
}

// What passes it, passes it no longer, or again.
void Verifier::Impl::note_middlebox(const exchange::Exchange& exchange, ParticipantId owner,
                                    Plan& plan, Causes& causes) {
  causes.participants.add(owner);
  plan.senders.add(owner);
  plan.receivers.add(owner);
  plan.told.add(owner);
  for (const net::RouterId own : exchange.middleboxes_of(owner)) plan.admission.add(own);
}

void Verifier::Impl::note_standings(const exchange::Exchange& exchange) {
  standings_.clear();
  for (const exchange::Router& each : exchange.routers) standings_.push_back(each.standing);
}

void Verifier::Impl::note_neighbors(const program::Program& program, Plan& plan) {
  NeighborChange change = change_of_neighbors(*program_, program);
  for (const program::VirtualNeighbor& each : change.gone) plan.told.add(each.sender);
  // A new address alters nothing that was told before; a double of an old one may.
  for (const ParticipantId each : change.retold) plan.told.add(each);
  plan.neighbors = std::move(change.fresh);
  gone_ = std::move(change.gone);
}

void Verifier::Impl::note_routes(const Changes& changes, Plan& plan, Causes& causes) {
  for (const ParticipantId id : changes.renumbered) {
    plan.told.add(id);
    causes.renumbered.add(id);
  }
  if (changes.prefixes.empty()) return;
  plan.prefixes = changes.prefixes;
  causes.routes = true;
  work_->space.routes_changed(changes.prefixes);
  for (const exchange::Participant& each : meant_.exchange->participants) {
    const RouteBound& bound = route_bound_[each.id.index()];
    if (bound.outbound) plan.senders.add(each.id);
    if (bound.inbound) plan.receivers.add(each.id);
  }
}

Plan Verifier::Impl::follow(const Subject& subject, const Changes& changes, Causes& causes) {
  const exchange::Exchange& exchange = *subject.world.exchange;
  make_room(subject.world);
  Plan plan(exchange);
  delta_ = program_ == subject.program ? program::ProgramDelta{}
                                       : program::difference(*program_, *subject.program);
  index_.follow(*program_, *subject.program);
  plan.add_rows(delta_);
  plan.follow_keys(exchange, directory_);
  note_policies(subject, plan, causes);
  note_meanings(subject, plan);
  note_ports(subject, plan, causes);
  gone_.clear();
  if (program_ != subject.program) note_neighbors(*subject.program, plan);
  note_routes(changes, plan, causes);
  const bool others_changed = plan.unkeyed[static_cast<std::size_t>(TableId::kOutbound)] ||
                              plan.unkeyed[static_cast<std::size_t>(TableId::kInbound)];
  const bool surroundings_changed =
      !causes.ports_of.ids().empty() || !causes.entrances.ids().empty() || causes.hashing;
  if (others_changed || surroundings_changed) {
    sent_proofs_.clear();
    received_proofs_.clear();
  } else {
    find_few(subject, plan);
  }
  replaced_.clear();
  use_proofs(subject, plan);
  return plan;
}

// Whether what a proof says holds as long as its rows, policy and meaning are the same.
bool Verifier::Impl::is_provable(const Subject& subject, ParticipantId id, TableId table) const {
  const RouteBound& bound = route_bound_[id.index()];
  const bool asks_routes = table == TableId::kOutbound ? bound.outbound : bound.inbound;
  return !asks_routes && find(subject.terms.shortfalls, id) == nullptr;
}

// Whether the rows with the participant's key are those of its block. That each of the block's has
// this key is seen when a proof is made.
bool Verifier::Impl::has_own_rows(const Subject& subject, ParticipantId id, TableId table) const {
  const RowKey key =
      table == TableId::kOutbound ? RowIndex::sender_key(id) : RowIndex::receiver_key(id);
  const auto& block = subject.program->table(table).block(program::block_of(id));
  return index_.keyed(table, key).size() == (block ? block->size() : 0);
}

Proofs::Claim Verifier::Impl::claim(const Subject& subject, ParticipantId id, TableId table) {
  const bool sends = table == TableId::kOutbound;
  return {.policy = subject.world.policies[id.index()],
          .rows = subject.program->table(table).block(program::block_of(id)),
          .meaning = sends ? meaning_in(subject.terms.meanings, id) : nullptr};
}

void Verifier::Impl::use_proofs(const Subject& subject, Plan& plan) {
  const auto is_proven = [&](ParticipantId id, TableId table, Proofs& proofs) {
    return is_provable(subject, id, table) && has_own_rows(subject, id, table) &&
           proofs.has(id, claim(subject, id, table));
  };
  for (const ParticipantId id : plan.senders.ids()) {
    if (is_proven(id, TableId::kOutbound, sent_proofs_)) plan.proven_senders.add(id);
  }
  for (const ParticipantId id : plan.receivers.ids()) {
    if (is_proven(id, TableId::kInbound, received_proofs_)) plan.proven_receivers.add(id);
  }
}

// All of the sender's outbound rows that came, went or changed.
std::vector<const program::Row*> Verifier::Impl::changed_rows(ParticipantId sender) const {
  const RowKey key = RowIndex::sender_key(sender);
  std::vector<const program::Row*> rows;
  for (const auto* changed : {&delta_.remove, &delta_.modify, &delta_.add}) {
    for (const auto& [table, row] : *changed) {
      const bool own = table == TableId::kOutbound && RowIndex::key_of(table, *row) == key;
      if (own) rows.push_back(row);
    }
  }
  return rows;
}

// Where all that a sender's outbound rows depend on is as it was, but for its policy and its rows,
// of which there are many and few changed: else to look at all of them takes no longer.
void Verifier::Impl::find_few(const Subject& subject, Plan& plan) const {
  constexpr std::size_t kManyRows = 100;
  constexpr std::size_t kSmallPart = 8;
  for (const auto& [id, before] : replaced_) {
    const PolicyPtr& now = policies_[id.index()];
    if (!now || !is_provable(subject, id, TableId::kOutbound)) continue;
    const std::size_t present = index_.keyed(TableId::kOutbound, RowIndex::sender_key(id)).size();
    if (present < kManyRows) continue;
    const auto rows = changed_rows(id);
    if (kSmallPart * rows.size() > present) continue;
    auto few = packets_between(before->outbound, now->outbound, rows);
    if (!few.empty()) plan.few_sent.emplace_back(id, std::move(few));
  }
}

// After a check that found nothing wrong.
void Verifier::Impl::keep_proofs(const Subject& subject, const Plan& plan) {
  const auto keep = [&](ParticipantId id, TableId table, Proofs& proofs) {
    if (!is_provable(subject, id, table) || !has_own_rows(subject, id, table)) return;
    const Proofs::Claim proven = claim(subject, id, table);
    const RowKey key =
        table == TableId::kOutbound ? RowIndex::sender_key(id) : RowIndex::receiver_key(id);
    const auto is_own = [&](const program::Row& row) {
      return RowIndex::key_of(table, row) == key;
    };
    if (!proven.rows || std::ranges::all_of(*proven.rows, is_own)) proofs.add(id, proven);
  };
  for (const ParticipantId id : plan.senders.ids()) {
    if (!plan.proven_senders.contains(id)) keep(id, TableId::kOutbound, sent_proofs_);
  }
  for (const ParticipantId id : plan.receivers.ids()) {
    if (!plan.proven_receivers.contains(id)) keep(id, TableId::kInbound, received_proofs_);
  }
}

std::vector<Violation> Verifier::Impl::check(const Subject& subject, const Changes* changes) {
  const World& world = subject.world;
  FABRIX_ASSERT(world.exchange != nullptr && world.reachability != nullptr && subject.program);
  FABRIX_ASSERT(world.policies.size() == world.exchange->participants.size());
  FABRIX_ASSERT(world.port_up.size() == world.exchange->routers.size());
  const bool full = changes == nullptr || !follows(subject);
  Causes causes(*world.exchange);
  const Plan plan = full ? begin(subject) : follow(subject, *changes, causes);
  Findings findings;
  const Task task{.world = meant_,
                  .program = *subject.program,
                  .next_hops = subject.next_hops,
                  .terms = subject.terms,
                  .index = index_,
                  .directory = directory_,
                  .hashing = hashing_,
                  .work = *work_,
                  .findings = findings};
  coverage_ = {.rows = plan.rows.size(),
               .senders = plan.senders.ids().size(),
               .receivers = plan.receivers.ids().size(),
               .told = 0,
               .full = full};
  if (!full) check_interference(task, causes, {*program_, delta_, plan.neighbors, gone_});
  carry_out(plan, task);
  delta_ = {};
  if (findings.empty()) coverage_.told = hearsay_.check(plan, task);
  auto violations = findings.take();
  for (Violation& violation : violations) attribute(violation, meant_);
  program_ = violations.empty() ? subject.program : nullptr;
  if (violations.empty()) keep_proofs(subject, plan);
  return violations;
}

Verifier::Verifier() : impl_(std::make_unique<Impl>()) {}
Verifier::~Verifier() = default;
Verifier::Verifier(Verifier&&) noexcept = default;
Verifier& Verifier::operator=(Verifier&&) noexcept = default;

std::vector<Violation> Verifier::check(const Subject& subject) {
  return impl_->check(subject, nullptr);
}

std::vector<Violation> Verifier::check(const Subject& subject, const Changes& changes) {
  return impl_->check(subject, &changes);
}

void Verifier::forget() {
  impl_->forget();
}

const Coverage& Verifier::coverage() const {
  return impl_->coverage();
}

}  // namespace fabrix::verify
