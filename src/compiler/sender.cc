#include "compiler/sender.h"

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/ahead.h"
#include "program/tag.h"

namespace fabrix::compiler {
namespace {

constexpr std::size_t kFew = 16;
constexpr std::array kFamilies{net::Family::kIpv4, net::Family::kIpv6};

Diagnostic warning(std::string code, std::string message, std::string help) {
  Diagnostic problem;
  problem.severity = Severity::kWarning;
  problem.code = std::move(code);
  problem.message = std::move(message);
  problem.help = std::move(help);
  return problem;
}

program::Tag tag_of(const ClassKey& key, std::uint32_t reach) {
  return {.kind = program::TagKind::kInline, .reach = reach, .egress = key.best};
}

// The list without those of these addresses.
program::NeighborList without(const program::NeighborList& list,
                              std::vector<net::IpAddress> addresses) {
  std::ranges::sort(addresses);
  std::vector<program::VirtualNeighbor> rest(list.begin(), list.end());
  std::erase_if(rest, [&addresses](const program::VirtualNeighbor& each) {
    return std::ranges::binary_search(addresses, each.address);
  });
  return program::NeighborList(std::move(rest));
}

}  // namespace

Sender::Sender(const exchange::Exchange& exchange, ClassKeys& keys, net::ParticipantId id)
    : exchange_(exchange), keys_(keys), id_(id), classes_(keys) {}

std::optional<CompiledOutbound> Sender::compile(std::unique_ptr<OutboundPolicy> policy,
                                                diagram::Store& store,
                                                const exchange::Reachability& reachability) const {
  CompiledOutbound compiled;
  policy->read(reachability);
  compiled.facts = policy->facts(reachability);
  // What present classes need beyond it shows when prefixes have been classified.
  compiled.codebook = encoding_.book_for(policy->targets());
  auto rows = emit(policy->clauses(compiled.codebook, compiled.facts), policy->scope(), store,
                   policy->sense(compiled.facts, reachability));
  if (!rows) return std::nullopt;
  compiled.rows = program::make_block(*std::move(rows));
  compiled.policy = std::move(policy);
  return compiled;
}

CompiledOutbound Sender::adopt(CompiledOutbound compiled) {
  if (outbound_.codebook != compiled.codebook) coded_anew_ = true;
  CompiledOutbound before = std::exchange(outbound_, std::move(compiled));
  unit_bits_ = outbound_.codebook.bits_of_units();
  const bool both = before.rows && outbound_.rows && before.rows != outbound_.rows;
  if (both && *before.rows == *outbound_.rows) outbound_.rows = before.rows;
  policy_changed_ = true;
  rows_changed_ = true;
  rows_stale_ = false;
  too_many_rows_ = false;
  if (!has_policy() || pools_[0]) return before;
  for (const net::Family family : kFamilies) {
    pools_.at(index_of(family)).emplace(exchange_.virtual_next_hops, family);
  }
  return before;
}

void Sender::set_extended_next_hop(bool understood) {
  const bool possible = std::ranges::any_of(exchange_.virtual_next_hops, [](const auto& range) {
    return range.family() == net::Family::kIpv6;
  });
  if (extended_next_hop_ == (understood && possible)) return;
  extended_next_hop_ = understood && possible;
  if (!has_policy()) return;
  other_pools_ = true;
  renumbered_ = true;
  ++told_version_;
}

void Sender::read_facts(const exchange::Reachability& reachability) {
  outbound_.policy->read(reachability);
  take_facts(reachability);
}

void Sender::read_facts(std::span<const net::Prefix> changed,
                        const exchange::Reachability& reachability) {
  outbound_.policy->read(changed, reachability);
  take_facts(reachability);
}

void Sender::take_facts(const exchange::Reachability& reachability) {
  RouteFacts facts = outbound_.policy->facts(reachability);
  if (facts != outbound_.facts) rows_stale_ = true;
  outbound_.facts = std::move(facts);
}

// Mostly a few classes are new.
void Sender::expect_settling() const {
  if (!has_policy()) return;
  list_.expect_more();
  for (const ClassId id : classes_.unsettled().first(std::min(kFew, classes_.unsettled().size()))) {
    const ForwardingClass& one = classes_[id];
    for (const auto& pool : pools_) {
      if (one.groups > 0) pool->expect_new(keys_[one.key].place);
    }
  }
}

void expect_settling(const std::vector<Sender>& senders, std::span<const net::ParticipantId> some) {
  in_strips(some, [&senders](std::span<const net::ParticipantId> strip) {
    for (const net::ParticipantId each : strip) read_ahead(senders[each.index()]);
    for (const net::ParticipantId each : strip) senders[each.index()].expect_settling();
  });
}

void Sender::settle(const Input& input) {
  // Both: a change of the classes must be taken note of even if the policy changed too.
  const bool classes_changed = classes_.take_changed();
  const bool other_policy = std::exchange(policy_changed_, false);
  if (input.now - coded_at_ >= VnhPool::kQuarantine) encoding_.forget_past();
  if (other_policy) {
    encode();
    state_meaning();
  } else if (classes_changed && has_policy() && shares_ && !says_new_sets()) {
    encode();
    if (coded_anew_) state_meaning();
  }
  if (coded_anew_) coded_at_ = input.now;
  settle_classes(input.now);
  if (rows_stale_ && has_policy()) emit_rows(input);
}

// Sets of units that classes have now and had not before. Those of others were said then.
bool Sender::says_new_sets() const {
  return encoding_.is_for(outbound_.policy->targets()) &&
         std::ranges::all_of(classes_.unsettled(), [this](ClassId id) {
           return classes_[id].groups == 0 || encoding_.book().can_say(classes_.key_of(id).units);
         });
}

bool Sender::take_rows_changed() {
  return std::exchange(rows_changed_, false);
}

std::optional<ClassId> Sender::classify(const exchange::Routes& routes) {
  return routes.empty() ? std::nullopt : classify(routes.front(), routes);
}

std::optional<ClassId> Sender::classify(net::RouterId best, std::span<const net::RouterId> routes) {
  if (!has_policy()) return std::nullopt;
  scratch_.best = best;
  outbound_.policy->units_of(routes, scratch_.units);
  if (scratch_.units.empty() && !outbound_.policy->needs_every_prefix()) return std::nullopt;
  return classes_.enter(scratch_);
}

std::optional<ClassKey> Sender::common_class(net::RouterId best, net::RouterId router) const {
  const net::ParticipantId owner = exchange_.router(router).participant;
  const bool has_one_port = exchange_.participant(owner).routers.size() == 1;
  if (!has_policy() || (!has_one_port && exchange_.routers_of(owner).size() > 1)) {
    return std::nullopt;
  }
  Units units = outbound_.policy->units_of({router});
  if (units.empty()) return std::nullopt;
  return ClassKey{.best = best, .units = std::move(units)};
}

void Sender::state_meaning() {
  if (!has_policy()) return meaning_.reset();
  program::TagMeaning meaning = outbound_.policy->meaning(outbound_.codebook);
  if (meaning_ && *meaning_ == meaning) return;
  meaning_ = std::make_shared<const program::TagMeaning>(std::move(meaning));
}

void Sender::encode() {
  if (!has_policy()) return;
  const auto& targets = outbound_.policy->targets();
  shares_ = !Codebook::fits_without_sharing(targets);
  encoding_.update(targets, shares_ ? classes_.unit_sets() : std::vector<Units>{});
  if (encoding_.book() == outbound_.codebook) return;
  outbound_.codebook = encoding_.book();
  unit_bits_ = outbound_.codebook.bits_of_units();
  coded_anew_ = true;
  rows_stale_ = true;
}

std::uint32_t Sender::reach_of(const Units& units) const {
  if (!unit_bits_) return outbound_.codebook.encode(units);
  std::uint32_t reach = unit_bits_->always;
  for (const Unit& unit : units) {
    const auto known = std::ranges::find(unit_bits_->units, unit, &Codebook::UnitBits::unit);
    if (known != unit_bits_->units.end()) reach |= known->bits;
  }
  return reach;
}

bool Sender::take_renumbered() {
  return std::exchange(renumbered_, false);
}

void Sender::settle_classes(VnhPool::Clock::time_point now) {
  const auto ids = to_settle(now);
  in_strips(std::span<const ClassId>(ids), [&](std::span<const ClassId> strip) {
    expect(strip);
    for (const ClassId id : strip) settle_class(id, now);
  });
}

// They are settled next.
void Sender::expect(std::span<const ClassId> ids) const {
  for (const ClassId id : ids) send_for(classes_[id]);
  for (const ClassId id : ids) {
    const ForwardingClass& one = classes_[id];
    if (one.groups > 0) keys_.expect(one.key);
    for (std::size_t pool = 0; pool < pools_.size(); ++pool) {
      const auto known = one.next_hops.at(pool).known();
      if (known) pools_.at(pool)->expect(*known);
    }
  }
  for (const ClassId id : ids) {
    if (classes_[id].groups > 0) read_ahead_all(classes_.key_of(id).units);
  }
}

VnhPool::Clock::time_point Sender::room_at() const {
  auto earliest = VnhPool::Clock::time_point::max();
  for (std::size_t pool = 0; pool < pools_.size(); ++pool) {
    if (lacking_.at(pool) > 0) earliest = std::min(earliest, pools_.at(pool)->room_at());
  }
  return earliest;
}

// Classes that changed, or whose tags or pools may have, or that found no next hop and may find one
// now. In order. Where a target came or went, so did the classes with it.
std::vector<ClassId> Sender::to_settle(VnhPool::Clock::time_point now) {
  auto unsettled = classes_.take_unsettled();
  std::optional<std::vector<policy::Target>> others{std::in_place};
  if (std::exchange(coded_anew_, false)) {
    others = outbound_.codebook.coded_otherwise(settled_for_);
    settled_for_ = outbound_.codebook;
  }
  if (std::exchange(other_pools_, false) || !others) return classes_.all();
  const bool has_room = room_at() <= now;
  if (others->empty() && !has_room) return unsettled;
  return classes_.with(std::move(unsettled), [this, &others, has_room](ClassId id) {
    const auto& [first, second] = classes_[id].next_hops;
    return (has_room && (first.is_lacking || second.is_lacking)) ||
           std::ranges::any_of(classes_.key_of(id).units, [&others](const Unit& unit) {
             return std::ranges::binary_search(*others, unit.target);
           });
  });
}

bool Sender::needs(const ForwardingClass& one, std::size_t pool) const {
  return std::ranges::any_of(kFamilies, [&](net::Family family) {
    return pool_of(family) == pool && one.users.at(index_of(family)) > 0;
  });
}

// Binds and lets go of next hops as the class needs them now.
void Sender::settle_class(ClassId id, VnhPool::Clock::time_point now) {
  ForwardingClass& one = classes_[id];
  const bool exists = one.groups > 0 && has_policy();
  Change change{.of = id, .tag = {}, .now = now};
  if (exists) {
    const auto& [key, hash, place, holders] = keys_[one.key];
    const std::uint32_t reach = reach_of(key.units);
    change.place = place;
    change.tag = program::encode(tag_of(key, reach));
    change.is_other_tag = std::exchange(one.reach, reach) != reach;
  }
  for (std::size_t pool = 0; pool < pools_.size(); ++pool) {
    settle_next_hop(one.next_hops.at(pool), pool, exists && needs(one, pool), change);
    if (one.groups == 0) one.next_hops.at(pool).was_bound = false;
  }
  // One that has lost its last binding meanwhile is settled once more.
  if (one.groups == 0 && !one.has_bindings() && one.is_unsettled == 0) classes_.erase(id);
}

void Sender::settle_next_hop(ForwardingClass::NextHop& next_hop, std::size_t pool, bool is_needed,
                             const Change& change) {
  const ForwardingClass::NextHop before = next_hop;
  if (before.is_bound && (!is_needed || change.is_other_tag)) {
    pools_.at(pool)->release(before.bound, change.now);
    next_hop.is_bound = false;
  }
  if (is_needed && !next_hop.is_bound) bind(next_hop, pool, change);
  next_hop.is_lacking = is_needed && !next_hop.is_bound;
  if (before.is_lacking) --lacking_.at(pool);
  if (next_hop.is_lacking) ++lacking_.at(pool);
  const bool is_other =
      next_hop.is_bound != before.is_bound || (next_hop.is_bound && next_hop.bound != before.bound);
  if (is_needed && (before.is_bound || before.is_lacking) && is_other) {
    renumbered_ = true;
    ++told_version_;
  }
  // Groups whose prefixes of the family were all gone are told again: perhaps another one.
  if (before.was_bound && next_hop.is_bound && !before.is_bound) ++told_version_;
  next_hop.was_bound = before.was_bound || next_hop.is_bound;
}

void Sender::bind(ForwardingClass::NextHop& next_hop, std::size_t pool, const Change& change) {
  forget_quiet(pool, change.now);
  const auto bound = pools_.at(pool)->bind(
      {.owner = change.of, .place = change.place, .tag = change.tag, .known = next_hop.known()});
  if (!bound) return;
  next_hop.bound = *bound;
  next_hop.is_bound = next_hop.has_bindings = true;
}

// Only where something else changes for whoever compares neighbours.
void Sender::forget_quiet(std::size_t pool, VnhPool::Clock::time_point now) {
  if (!pools_.at(pool)->has_quiet(now)) return;
  for (const VnhPool::Forgotten& each : pools_.at(pool)->forget_quiet(now)) {
    ForwardingClass::NextHop& owner = classes_[each.owner].next_hops.at(pool);
    owner.has_bindings = each.left.has_value();
    if (each.left && owner.bound == each.bound) owner.bound = *each.left;
    if (!each.left) classes_.note(each.owner);
  }
}

std::size_t Sender::told_words() const {
  if (!has_policy()) return 0;
  std::size_t count = 0;
  classes_.for_each([&](const ForwardingClass& one) {
    for (const net::Family family : kFamilies) {
      if (one.next_hops.at(pool_of(family)).is_bound) count += one.users.at(index_of(family));
    }
  });
  return count;
}

void Sender::emit_rows(const Input& input) {
  rows_stale_ = false;
  auto rows = emit(outbound_.policy->clauses(outbound_.codebook, outbound_.facts),
                   outbound_.policy->scope(), input.store,
                   outbound_.policy->sense(outbound_.facts, input.reachability));
  too_many_rows_ = !rows;
  outbound_.rows = rows ? program::make_block(*std::move(rows)) : nullptr;
  rows_changed_ = true;
}

std::string Sender::name() const {
  return exchange_.participant(id_).name;
}

bool Sender::take_changed_neighbors() {
  std::vector<program::VirtualNeighbor> told;
  std::vector<net::IpAddress> gone;
  for (auto& pool : pools_) {
    if (!pool) continue;
    for (const VnhPool::Neighbor& each : pool->news()) {
      told.push_back({.sender = id_, .address = each.address, .mac = each.tag});
    }
    gone.insert(gone.end(), pool->gone().begin(), pool->gone().end());
    pool->forget_news();
  }
  if (told.empty() && gone.empty()) return false;
  if (!gone.empty()) list_ = without(list_, std::move(gone));
  list_ = list_.with(told);
  neighbors_ = list_.empty() ? nullptr : std::make_shared<const program::NeighborList>(list_);
  return true;
}

void Sender::add_classes(std::span<const std::size_t> prefixes,
                         std::vector<ClassInfo>& classes) const {
  for (const ClassId id : classes_.all()) {
    const ForwardingClass& each = classes_[id];
    if (each.groups == 0) continue;
    const ClassKey& key = classes_.key_of(id);
    ClassInfo info;
    info.sender = id_;
    info.best = key.best;
    for (const Unit& unit : key.units) info.reachable.push_back(unit.router);
    std::ranges::sort(info.reachable);
    info.reachable.erase(std::unique(info.reachable.begin(), info.reachable.end()),
                         info.reachable.end());
    info.tag = tag_of(key, each.reach);
    info.vnh4 = address_in(0, each);
    info.vnh6 = address_in(1, each);
    info.prefixes = id.index() < prefixes.size() ? prefixes[id.index()] : 0;
    classes.push_back(std::move(info));
  }
}

bool Sender::is_troubled() const {
  return has_policy() &&
         (!outbound_.codebook.dropped().empty() || is_short_of_next_hops() || too_many_rows_);
}

void Sender::add_problems(std::vector<Diagnostic>& problems) const {
  if (!has_policy()) return;
  std::vector<std::string> dropped;
  for (const policy::Target& target : outbound_.codebook.dropped()) {
    dropped.push_back(target.router ? exchange_.router(*target.router).name
                                    : exchange_.participant(target.participant).name);
  }
  if (!dropped.empty()) {
    problems.push_back(warning(
        "K0101",
        fmt::format("tags of sender {} have no room for {}: clauses that forward to them do not "
                    "apply, the traffic takes its default route",
                    name(), fmt::join(dropped, ", ")),
        "name fewer targets in one policy"));
  }
  if (is_short_of_next_hops()) {
    problems.push_back(warning(
        "K0102",
        fmt::format("no virtual next hop is left for {} of sender {}'s forwarding classes: their "
                    "prefixes keep the real next hop, and its policy does not apply to them",
                    lacking_[0] + lacking_[1], name()),
        "widen virtual_next_hops"));
  }
  if (too_many_rows_) {
    problems.push_back(warning(
        "K0103",
        fmt::format("the outbound policy of {} needs more than {} rows under present routes and "
                    "does not apply",
                    name(), kMaxPolicyRows),
        "name prefixes in larger blocks, or ask for what fewer routes have"));
  }
}

policy::Shortfall Sender::shortfall() const {
  policy::Shortfall shortfall{.owner = id_};
  if (!has_policy()) return shortfall;
  for (const policy::Target& target : outbound_.codebook.dropped()) {
    shortfall.untold.push_back(target);
    const auto routers = exchange_.routers_of(target.participant);
    // Clauses may name the one port of a participant or the participant itself.
    if (!target.router && routers.size() == 1) {
      shortfall.untold.push_back({.participant = target.participant, .router = routers.front()});
    }
  }
  shortfall.short_of_next_hops4 = lacking_.at(pool_of(net::Family::kIpv4)) != 0;
  shortfall.short_of_next_hops6 = lacking_.at(pool_of(net::Family::kIpv6)) != 0;
  shortfall.no_outbound = too_many_rows_;
  return shortfall;
}

}  // namespace fabrix::compiler
