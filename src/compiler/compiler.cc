#include "compiler/compiler.h"

#include <algorithm>
#include <set>
#include <utility>

#include "compiler/assembly.h"
#include "compiler/changed_routes.h"
#include "compiler/classifier.h"
#include "compiler/clause_rows.h"
#include "compiler/counting.h"
#include "compiler/judging.h"
#include "compiler/kept_states.h"
#include "compiler/meanings.h"
#include "compiler/receiver.h"
#include "compiler/restless.h"
#include "compiler/sender.h"
#include "compiler/source_sets.h"
#include "compiler/trouble.h"

namespace fabrix::compiler {

using policy::Direction;
using Diagnostics = std::vector<Diagnostic>;

class Compiler::Impl {
 public:
  Impl(const exchange::Exchange& exchange, const exchange::Reachability& reachability)
      : exchange_(exchange),
        reachability_(reachability),
        store_(policy_field_widths()),
        homes_(reach_homes(exchange)),
        classifier_(reachability, senders_, keys_),
        assembly_(exchange),
        sources_(exchange, reachability) {
    add_participants();
  }

  Result<Diagnostics, Diagnostics> set_policy(net::ParticipantId participant,
                                              const std::shared_ptr<const policy::Policy>& policy,
                                              std::string_view file) {
    Budget budget(kPolicySteps);
    const diagram::Limited limited(store_, budget);
    Judging judging(participant, policy.get(), file, {exchange_, reachability_, store_});
    auto compiled = compile_state(participant, policy, file);
    FABRIX_TRY(auto warnings, judging.take());
    if (!compiled) return fail(std::move(compiled.error()));
    FABRIX_TRY(const auto before, adopt(participant, *std::move(compiled), file));
    kept_[participant.index()].begin(policy);
    return warnings;
  }

  Result<Diagnostics, Diagnostics> review(net::ParticipantId participant,
                                          const policy::Policy& policy, std::string_view file,
                                          Budget& budget) {
    const diagram::Limited limited(store_, budget);
    return outcome_of(judge(participant, policy, file, {exchange_, reachability_, store_}));
  }

  Result<void, Diagnostics> change_state(net::ParticipantId participant,
                                         const std::shared_ptr<const policy::Policy>& policy,
                                         std::string_view file) {
    Budget budget(kPolicySteps);
    const diagram::Limited limited(store_, budget);
    KeptStates& kept = kept_[participant.index()];
    auto state = kept.take(*policy, basis_);
    if (!state) {
      FABRIX_TRY(state, compile_state(participant, policy, file));
    }
    const Basis basis = basis_;
    const bool good = is_up_to_date(participant);
    FABRIX_TRY(auto before, adopt(participant, *std::move(state), file));
    before.policy = kept.present();
    if (good) kept.keep(std::move(before), basis);
    kept.enter(policy);
    return {};
  }

  void foresee(net::ParticipantId participant, const std::shared_ptr<const policy::Policy>& policy,
               Budget& budget) {
    const diagram::Limited limited(store_, budget);
    auto state = compile_state(participant, policy, {});
    if (state && changed_.empty()) kept_[participant.index()].keep(*std::move(state), basis_);
  }

  void reconfigure() {
    // Targets that were there before keep their reach bits: see codebook.h.
    const auto homes = reach_homes(exchange_);
    for (std::size_t i = homes_.size(); i < homes.size(); ++i) homes_.push_back(homes[i]);
    classifier_.forget_routes();
    all_routes_changed_ = true;
    ++basis_.surroundings;
    ++basis_.routes;
    add_participants();
    assembly_.reconfigure();
    sources_.reconfigure();
  }

  void set_source_checks(SourceChecks checks) { sources_.set(checks); }
  void standing_changed() { assembly_.standing_changed(); }

  void set_port(net::RouterId router, bool up) {
    if (assembly_.port_up()[router.index()] == up) return;
    assembly_.set_port(router, up);
    if (!exchange_.router(router).middlebox) return;
    ++basis_.surroundings;
    // What passes it, passes it no longer, or again.
    const net::ParticipantId owner = exchange_.router(router).participant;
    senders_[owner.index()].surroundings_changed();
    if (senders_[owner.index()].has_policy()) restless_.add(owner);
    Receiver& receiver = receivers_[owner.index()];
    if (receiver.policy) take_refreshed(owner, remake(receiver, owner, receiver_input()));
  }

  void routes_changed(std::vector<exchange::PlacedPrefix> prefixes) {
    if (!prefixes.empty()) ++basis_.routes;
    changed_.note(std::move(prefixes));
  }

  void routes_changed(std::span<const net::Prefix> prefixes) {
    if (!prefixes.empty()) ++basis_.routes;
    for (const net::Prefix& each : prefixes) changed_.note(reachability_.placed(each));
  }

  Output compile(Clock::time_point now) {
    refresh_queries();
    assembly_.follow(sources_, changed_.all());
    const auto outcome = classifier_.update(changed_.all(), need());
    read_facts(outcome);
    std::vector<net::ParticipantId> renumbered;
    for (const net::ParticipantId each : restless_.take(outcome.touched, now)) {
      Sender& sender = senders_[each.index()];
      sender.settle({.reachability = reachability_, .store = store_, .now = now});
      if (sender.take_renumbered()) renumbered.push_back(each);
      take_over(each);
    }
    return {.program = assembly_.program(),
            .problems = problems(trouble()),
            .shortfalls = shortfalls(trouble()),
            .renumbered = std::move(renumbered),
            .meanings = meanings_.all(),
            .rows_changed = take_rows_changed(),
            .routes_changed = changed_.take()};
  }

  const Classifier& classifier() const { return classifier_; }
  const Sender& sender(net::ParticipantId id) const { return senders_[id.index()]; }

  void set_extended_next_hop(net::ParticipantId participant, bool understood) {
    senders_[participant.index()].set_extended_next_hop(understood);
    restless_.add(participant);
  }

  std::vector<ClassInfo> classes() const {
    std::vector<ClassInfo> all;
    const auto counts = classifier_.prefix_counts();
    for (std::size_t i = 0; i < senders_.size(); ++i) senders_[i].add_classes(counts[i], all);
    return all;
  }

 private:
  // The policy, perhaps null, as it is to be carried out.
  Result<CompiledState, Diagnostics> compile_state(
      net::ParticipantId participant, const std::shared_ptr<const policy::Policy>& policy,
      std::string_view file) {
    auto outbound = compile_outbound(participant, policy);
    if (!outbound) return fail(Diagnostics{too_much(file, policy->outbound, store_)});
    auto inbound = compile_receiver(participant, policy, receiver_input());
    if (!inbound) return fail(Diagnostics{too_much(file, policy->inbound, store_)});
    return CompiledState{
        .policy = policy, .outbound = *std::move(outbound), .receiver = *std::move(inbound)};
  }

  // Puts it in place of the present one, which is what it returns, but for its policy.
  Result<CompiledState, Diagnostics> adopt(net::ParticipantId participant, CompiledState state,
                                           std::string_view file) {
    const auto& policy = state.policy;
    auto sent = sent_.compile(participant, policy, store_, reachability_);
    if (!sent) return fail(Diagnostics{sent_.refusal_of(*policy, file, store_)});
    auto delivered = delivered_.compile(participant, policy, store_, reachability_);
    if (!delivered) return fail(Diagnostics{delivered_.refusal_of(*policy, file, store_)});
    assembly_.set_tested(participant, Assembly::Tested::by(policy.get()));
    assembly_.set_chains(participant, chains_received(policy.get()));
    take_queries(participant, *std::move(sent), *std::move(delivered));
    CompiledState before;
    before.outbound = take_outbound(participant, std::move(state.outbound));
    before.receiver = take_inbound(participant, std::move(state.receiver));
    return before;
  }

  // Whether it has what compile_state() makes of its policy, as far as routes have been told.
  bool is_up_to_date(net::ParticipantId participant) const {
    return changed_.empty() && !all_routes_changed_ && senders_[participant.index()].is_fresh() &&
           !troubled_receivers_.contains(participant);
  }

  CompiledOutbound take_outbound(net::ParticipantId participant, CompiledOutbound fresh) {
    Sender& sender = senders_[participant.index()];
    if (!fresh.policy && !sender.has_policy()) return {};
    const bool alike =
        fresh.policy && sender.has_policy() && fresh.policy->classifies_as(*sender.policy());
    senders_with_policy_ -= sender.has_policy() ? 1 : 0;
    CompiledOutbound before = sender.adopt(std::move(fresh));
    senders_with_policy_ += sender.has_policy() ? 1 : 0;
    assembly_.set_sends(participant, sender.has_policy() ? Assembly::Sends::kByPolicy
                                                         : Assembly::Sends::kByDefault);
    set(watching_senders_, participant,
        sender.has_policy() && sender.policy()->depends_on_routes());
    if (alike) {
      restless_.add(participant);
    } else {
      classifier_.policy_changed(participant);
    }
    return before;
  }

  std::optional<CompiledOutbound> compile_outbound(net::ParticipantId participant,
                                                   std::shared_ptr<const policy::Policy> policy) {
    if (!policy || !policy->has_outbound()) return CompiledOutbound{};
    auto outbound = std::make_unique<OutboundPolicy>(
        OutboundPolicy::Surroundings{exchange_, homes_, assembly_.counted(), assembly_.port_up()},
        participant, std::move(policy));
    return senders_[participant.index()].compile(std::move(outbound), store_, reachability_);
  }

  ReceiverInput receiver_input() {
    return {.exchange = exchange_,
            .port_up = assembly_.port_up(),
            .reachability = reachability_,
            .store = store_};
  }

  // Those that the exchange has and this has not.
  void add_participants() {
    for (std::size_t i = senders_.size(); i < exchange_.participants.size(); ++i) {
      senders_.emplace_back(exchange_, keys_, exchange_.participants[i].id);
    }
    const std::size_t count = senders_.size();
    receivers_.resize(count);
    sent_.resize(count);
    delivered_.resize(count);
    kept_.resize(count);
    meanings_.resize(count);
  }

  Classifier::Need need() const {
    const bool any = senders_with_policy_ > 0 || !watching_receivers_.empty();
    return any ? Classifier::Need::kGroups : Classifier::Need::kNothing;
  }

  // Senders and receivers whose rows depend on routes.
  void read_facts(const Classifier::Outcome& outcome) {
    if (watching_senders_.empty() && watching_receivers_.empty()) return;
    const auto changed = changed_.sorted();
    for (const net::ParticipantId each : watching_senders_) {
      Sender& sender = senders_[each.index()];
      const bool concerned =
          outcome.read_everything || sender.policy()->is_concerned(outcome.announcers, changed);
      if (!concerned) continue;
      if (outcome.read_everything) {
        sender.read_facts(reachability_);
      } else {
        sender.read_facts(changed, reachability_);
      }
      restless_.add(each);
    }
    for (const net::ParticipantId each : watching_receivers_) {
      if (outcome.read_everything ||
          is_concerned(receivers_[each.index()], exchange_, outcome.announcers, changed)) {
        refresh_receiver(each, {.prefixes = changed, .everything = outcome.read_everything});
      }
    }
  }

  // What became of the sender in settle().
  void take_over(net::ParticipantId id) {
    Sender& sender = senders_[id.index()];
    if (sender.take_rows_changed()) {
      rows_changed_.insert(id);
      assembly_.set_outbound(id, sender.rows());
    }
    if (sender.take_changed_neighbors()) assembly_.set_neighbors(id, sender.neighbors());
    meanings_.set(id, sender.meaning());
    restless_.note(id, sender);
    set(troubled_senders_, id, sender.is_troubled());
  }

  static void set(std::set<net::ParticipantId>& ids, net::ParticipantId id, bool is_in) {
    ids.erase(id);
    if (is_in) ids.insert(id);
  }

  std::vector<net::ParticipantId> take_rows_changed() {
    const auto changed = std::exchange(rows_changed_, {});
    return {changed.begin(), changed.end()};
  }

  Receiver take_inbound(net::ParticipantId participant, Receiver fresh) {
    Receiver& receiver = receivers_[participant.index()];
    if (fresh.policy || receiver.policy) rows_changed_.insert(participant);
    Receiver before = std::exchange(receiver, std::move(fresh));
    const bool both = before.rows && receiver.rows && before.rows != receiver.rows;
    if (both && *before.rows == *receiver.rows) receiver.rows = before.rows;
    assembly_.set_inbound(participant, receiver.rows);
    set(watching_receivers_, participant, receiver.watches_routes());
    troubled_receivers_.erase(participant);
    return before;
  }

  void take_queries(net::ParticipantId participant, CountedPolicy sent, CountedPolicy delivered) {
    if (sent_.adopt(participant, std::move(sent))) {
      rows_changed_.insert(participant);
      assembly_.set_sent(participant, sent_.rows_of(participant));
    }
    if (!delivered_.adopt(participant, std::move(delivered))) return;
    rows_changed_.insert(participant);
    const bool before = assembly_.counted()[participant.index()];
    assembly_.set_delivered(participant, delivered_.rows_of(participant));
    if (before == assembly_.counted()[participant.index()]) return;
    ++basis_.surroundings;
    // Whoever forwards to it does so by another table.
    for (std::size_t i = 0; i < senders_.size(); ++i) {
      if (!senders_[i].has_policy()) continue;
      senders_[i].surroundings_changed();
      restless_.add(exchange_.participants[i].id);
    }
  }

  void refresh_queries() {
    const bool everything = std::exchange(all_routes_changed_, false);
    const bool anybody = sent_.watches_routes() || delivered_.watches_routes();
    if (!anybody || (changed_.empty() && !everything)) return;
    const RouteChange change{.prefixes = changed_.sorted(), .everything = everything};
    for (const net::ParticipantId each : sent_.refresh(change, store_, reachability_)) {
      rows_changed_.insert(each);
      assembly_.set_sent(each, sent_.rows_of(each));
    }
    for (const net::ParticipantId each : delivered_.refresh(change, store_, reachability_)) {
      rows_changed_.insert(each);
      assembly_.set_delivered(each, delivered_.rows_of(each));
    }
  }

  void refresh_receiver(net::ParticipantId id, const RouteChange& change) {
    const Refreshed outcome = refresh(receivers_[id.index()], id, change, receiver_input());
    if (outcome != Refreshed::kSame) take_refreshed(id, outcome);
  }

  void take_refreshed(net::ParticipantId id, Refreshed outcome) {
    const Receiver& receiver = receivers_[id.index()];
    set(troubled_receivers_, id, outcome == Refreshed::kTooManyRows);
    assembly_.set_inbound(id, receiver.rows);
    rows_changed_.insert(id);
  }

  Trouble trouble() const {
    return {.exchange = exchange_,
            .senders = senders_,
            .sent = sent_,
            .delivered = delivered_,
            .of_senders = troubled_senders_,
            .of_receivers = troubled_receivers_,
            .sources = sources_};
  }

  const exchange::Exchange& exchange_;
  const exchange::Reachability& reachability_;
  diagram::Store store_;
  std::vector<unsigned> homes_;
  ClassKeys keys_;               // of the senders' classes
  std::vector<Sender> senders_;  // by participant
  Classifier classifier_;
  Assembly assembly_;
  SourceSets sources_;
  Counting sent_{Direction::kOutbound};
  Counting delivered_{Direction::kInbound};
  int senders_with_policy_ = 0;
  std::vector<Receiver> receivers_;  // by participant
  std::vector<KeptStates> kept_;     // by participant
  Basis basis_;
  ChangedRoutes changed_;
  bool all_routes_changed_ = false;
  Restless restless_;
  // Whose rows depend on routes.
  std::set<net::ParticipantId> watching_senders_;
  std::set<net::ParticipantId> watching_receivers_;
  // Whose policies do not apply in full.
  std::set<net::ParticipantId> troubled_senders_;
  std::set<net::ParticipantId> troubled_receivers_;
  Meanings meanings_;
  std::set<net::ParticipantId> rows_changed_;
};

Compiler::Compiler(const exchange::Exchange& exchange, const exchange::Reachability& reachability)
    : impl_(std::make_unique<Impl>(exchange, reachability)) {}

Compiler::~Compiler() = default;

// NOLINTBEGIN(performance-unnecessary-value-param): by value, callers hand the policy over.
Result<Diagnostics, Diagnostics> Compiler::set_policy(net::ParticipantId participant,
                                                      std::shared_ptr<const policy::Policy> policy,
                                                      std::string_view file) {
  return impl_->set_policy(participant, policy, file);
}

Result<void, Diagnostics> Compiler::change_state(net::ParticipantId participant,
                                                 std::shared_ptr<const policy::Policy> policy,
                                                 std::string_view file) {
  return impl_->change_state(participant, policy, file);
}
// NOLINTEND(performance-unnecessary-value-param)

void Compiler::foresee(net::ParticipantId participant,
                       const std::shared_ptr<const policy::Policy>& policy, Budget& budget) {
  impl_->foresee(participant, policy, budget);
}

Result<Diagnostics, Diagnostics> Compiler::review(net::ParticipantId participant,
                                                  const policy::Policy& policy,
                                                  std::string_view file, Budget& budget) {
  return impl_->review(participant, policy, file, budget);
}

void Compiler::reconfigure() {
  impl_->reconfigure();
}
void Compiler::set_port(net::RouterId router, bool up) {
  impl_->set_port(router, up);
}
void Compiler::standing_changed() {
  impl_->standing_changed();
}
void Compiler::set_source_checks(SourceChecks checks) {
  impl_->set_source_checks(checks);
}
void Compiler::routes_changed(std::vector<exchange::PlacedPrefix> prefixes) {
  impl_->routes_changed(std::move(prefixes));
}
void Compiler::routes_changed(std::span<const net::Prefix> prefixes) {
  impl_->routes_changed(prefixes);
}
Output Compiler::compile(Clock::time_point now) {
  return impl_->compile(now);
}
std::optional<net::IpAddress> Compiler::virtual_next_hop(net::ParticipantId client,
                                                         const net::Prefix& prefix) const {
  return impl_->classifier().virtual_next_hop(client, prefix);
}
std::uint64_t Compiler::hop_group(exchange::Place place) const {
  return impl_->classifier().hop_group(place);
}
bool Compiler::has_hop_group(std::uint64_t group, net::Family family) const {
  return impl_->classifier().has_hop_group(group, family);
}

void Compiler::next_hops_of(std::uint64_t group, net::Family family,
                            std::vector<exchange::ClientNextHop>& next_hops) const {
  impl_->classifier().next_hops_of(group, family, next_hops);
}

std::optional<net::IpAddress> Compiler::next_hop_of(std::uint64_t group, net::Family family,
                                                    net::ParticipantId client) const {
  return impl_->classifier().next_hop_of(group, family, client);
}

void Compiler::expect(std::span<const std::uint64_t> groups, net::ParticipantId client) const {
  impl_->classifier().expect(groups, client);
}

std::uint64_t Compiler::told_version(net::ParticipantId client) const {
  return impl_->sender(client).told_version();
}

std::size_t Compiler::told_words(net::ParticipantId client) const {
  return impl_->sender(client).told_words();
}

const exchange::HopShares& Compiler::shares() const {
  return impl_->classifier().shares();
}

std::uint64_t Compiler::grouping() const {
  return impl_->classifier().grouping();
}

void Compiler::set_extended_next_hop(net::ParticipantId participant, bool understood) {
  impl_->set_extended_next_hop(participant, understood);
}

std::vector<ClassInfo> Compiler::classes() const {
  return impl_->classes();
}

}  // namespace fabrix::compiler
