#include "routeserver/flowspec_table.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "bgp/flowspec_match.h"

namespace fabrix::routeserver {
namespace {

std::vector<FlowSpecEntry>::iterator find_entry(std::vector<FlowSpecEntry>& entries, PeerId peer) {
  return std::ranges::lower_bound(entries, peer, {},
                                  [](const FlowSpecEntry& entry) { return entry.from.peer; });
}

bool is_of(std::vector<FlowSpecEntry>::iterator position, std::vector<FlowSpecEntry>& entries,
           PeerId peer) {
  return position != entries.end() && position->from.peer == peer;
}

}  // namespace

bool FlowSpecAudience::contains(net::ParticipantId participant) const {
  if (scope != Scope::kNamed) return scope == Scope::kEveryone;
  return std::ranges::find(named, participant) != named.end();
}

std::string to_string(const FlowSpecVerdict& verdict) {
  if (verdict.malformed) return std::string(bgp::describe(*verdict.malformed));
  if (verdict.impossible) {
    return "no packet can match its " + std::string(bgp::name(*verdict.impossible));
  }
  if (verdict.validity == bgp::FlowSpecValidity::kValid) return "accepted";
  return std::string(bgp::describe(verdict.validity));
}

bool FlowSpecTable::Precedence::operator()(const RulePtr& a, const RulePtr& b) const {
  return a != b && bgp::compare_precedence(*a, *b) < 0;
}

bool FlowSpecTable::Precedence::operator()(const RulePtr& a, const bgp::FlowSpecRule& b) const {
  return bgp::compare_precedence(*a, b) < 0;
}

bool FlowSpecTable::Precedence::operator()(const bgp::FlowSpecRule& a, const RulePtr& b) const {
  return bgp::compare_precedence(a, *b) < 0;
}

FlowSpecTable::FlowSpecTable(FlowSpecConfig config, FlowSpecHooks hooks)
    : config_(std::move(config)), hooks_(std::move(hooks)) {
  FABRIX_ASSERT(hooks_.may_hear && hooks_.unicast.best_match &&
                hooks_.unicast.others_have_more_specific);
}

void FlowSpecTable::reconfigure(FlowSpecConfig config) {
  config_ = std::move(config);
  hearing_changed();
}

FlowSpecOutcome FlowSpecTable::announce(const FlowSpecSession& from, const bgp::FlowSpecRule& rule,
                                        const bgp::AttributesPtr& attributes) {
  FABRIX_ASSERT(attributes != nullptr);
  Client& client = clients_[from.participant];
  auto known = rules_.find(rule);
  const bool repeated = known != rules_.end() &&
                        is_of(find_entry(known->second, from.peer), known->second, from.peer);
  if (!repeated && client.rules >= config_.max_rules) {
    ++client.refused;
    return FlowSpecOutcome::kOverLimit;
  }
  if (known == rules_.end()) known = add(rule);
  auto& entries = known->second;
  auto position = find_entry(entries, from.peer);
  if (!repeated) {
    position = entries.insert(position, FlowSpecEntry{.from = from});
    ++client.rules;
  }
  position->attributes = attributes;
  fill(*position, rule);
  mark(known->first);
  return FlowSpecOutcome::kKept;
}

void FlowSpecTable::withdraw(PeerId peer, const bgp::FlowSpecRule& rule) {
  const auto known = rules_.find(rule);
  if (known != rules_.end()) remove(peer, known);
}

void FlowSpecTable::listen(const FlowSpecSession& session, bgp::FamilySet families) {
  Listener& listener = listeners_[session.peer];
  listener =
      Listener{.participant = session.participant, .families = families, .told = {}, .dirty = {}};
  mark_all(listener);
}

void FlowSpecTable::session_down(PeerId peer) {
  listeners_.erase(peer);
  for (auto next = rules_.begin(); next != rules_.end();) remove(peer, next++);
}

void FlowSpecTable::refresh(PeerId peer, net::Family family) {
  const auto found = listeners_.find(peer);
  if (found == listeners_.end()) return;
  Listener& listener = found->second;
  // Whatever it was told, it will be told again: a null pointer is nobody's attributes.
  for (auto& [rule, attributes] : listener.told) {
    if (rule->family() == family) attributes = nullptr;
  }
  mark_all(listener);
}

// RFC 8955 §6: a route over a destination may be its best match, one inside it a more specific.
void FlowSpecTable::unicast_changed(std::span<const net::Prefix> prefixes) {
  std::set<RulePtr, Precedence> concerned;
  const auto collect = [&concerned](const net::Prefix&, const std::vector<RulePtr>& rules) {
    concerned.insert(rules.begin(), rules.end());
  };
  for (const net::Prefix& prefix : prefixes) {
    by_destination_.for_each_covering(prefix, collect);
    by_destination_.for_each_within(prefix, collect);
  }
  for (const RulePtr& rule : concerned) judge_again(rule);
}

void FlowSpecTable::hearing_changed() {
  for (auto& [peer, listener] : listeners_) mark_all(listener);
}

bool FlowSpecTable::has_changes(PeerId peer) const {
  const auto found = listeners_.find(peer);
  return found != listeners_.end() && !found->second.dirty.empty();
}

FlowSpecChanges FlowSpecTable::take_changes(PeerId peer) {
  FlowSpecChanges changes;
  const auto found = listeners_.find(peer);
  if (found == listeners_.end()) return changes;
  Listener& listener = found->second;
  for (const RulePtr& rule : std::exchange(listener.dirty, {})) {
    const bgp::AttributesPtr now = wanted(listener, rule);
    const auto told = listener.told.find(rule);
    if (now == nullptr) {
      if (told == listener.told.end()) continue;
      changes.withdrawn.push_back(*rule);
      listener.told.erase(told);
      continue;
    }
    const bool same =
        told != listener.told.end() && told->second != nullptr && *told->second == *now;
    if (!same) changes.announced.push_back({.rule = *rule, .attributes = now});
    listener.told.insert_or_assign(rule, now);
  }
  return changes;
}

bool FlowSpecTable::wants_refresh(net::ParticipantId client) {
  const auto found = clients_.find(client);
  if (found == clients_.end() || found->second.refused == 0) return false;
  if (found->second.rules >= config_.max_rules) return false;
  found->second.refused = 0;
  return true;
}

void FlowSpecTable::for_each(
    const std::function<void(const bgp::FlowSpecRule&, std::span<const FlowSpecEntry>)>& visit)
    const {
  for (const auto& [rule, entries] : rules_) visit(*rule, entries);
}

std::vector<PeerId> FlowSpecTable::told(const bgp::FlowSpecRule& rule,
                                        const FlowSpecEntry& entry) const {
  std::vector<PeerId> peers;
  for (const auto& [peer, listener] : listeners_) {
    const auto found = listener.told.find(rule);
    if (found != listener.told.end() && found->second == entry.attributes) peers.push_back(peer);
  }
  return peers;
}

std::size_t FlowSpecTable::rule_count(net::ParticipantId client) const {
  const auto found = clients_.find(client);
  return found == clients_.end() ? 0 : found->second.rules;
}

std::size_t FlowSpecTable::refused_count(net::ParticipantId client) const {
  const auto found = clients_.find(client);
  return found == clients_.end() ? 0 : found->second.refused;
}

bgp::FlowSpecValidity FlowSpecTable::validity(const bgp::FlowSpecRule& rule,
                                              const FlowSpecEntry& entry) const {
  const bgp::FlowSpecOrigin origin{.client = entry.from.participant,
                                   .first_as = entry.attributes->as_path.first()};
  return bgp::validate_flowspec(rule, origin, hooks_.unicast);
}

void FlowSpecTable::fill(FlowSpecEntry& entry, const bgp::FlowSpecRule& rule) const {
  auto actions = bgp::decode_flowspec_actions(entry.attributes->extended_communities);
  entry.verdict = {.validity = validity(rule, entry),
                   .impossible = bgp::impossible_component(rule),
                   .malformed = std::nullopt};
  if (!actions) entry.verdict.malformed = actions.error();
  entry.actions = std::move(actions).value_or(std::vector<bgp::FlowSpecAction>());
}

void FlowSpecTable::judge_again(const RulePtr& rule) {
  const auto known = rules_.find(rule);
  if (known == rules_.end()) return;
  bool changed = false;
  for (FlowSpecEntry& entry : known->second) {
    const bool before = entry.verdict.accepted();
    entry.verdict.validity = validity(*rule, entry);
    changed |= entry.verdict.accepted() != before;
  }
  if (changed) mark(rule);
}

// What sessions hear of `rule` may have changed.
void FlowSpecTable::mark(const RulePtr& rule) {
  for (auto& [peer, listener] : listeners_) {
    if (listener.families.contains(rule->family())) listener.dirty.insert(rule);
  }
}

void FlowSpecTable::mark_all(Listener& listener) {
  for (const auto& [rule, entries] : rules_) {
    if (listener.families.contains(rule->family())) listener.dirty.insert(rule);
  }
}

auto FlowSpecTable::add(const bgp::FlowSpecRule& rule) -> Rules::iterator {
  const auto made = std::make_shared<const bgp::FlowSpecRule>(rule);
  if (const bgp::FlowSpecPrefix* const destination = rule.destination()) {
    by_destination_[destination->prefix].push_back(made);
  }
  return rules_.emplace(made, std::vector<FlowSpecEntry>()).first;
}

// Removes what `peer` said of the rule at `position`, if anything, and a rule that nobody says.
void FlowSpecTable::remove(PeerId peer, Rules::iterator position) {
  auto& entries = position->second;
  const auto entry = find_entry(entries, peer);
  if (!is_of(entry, entries, peer)) return;
  --clients_[entry->from.participant].rules;
  entries.erase(entry);
  const RulePtr rule = position->first;
  mark(rule);
  if (!entries.empty()) return;
  rules_.erase(position);
  const bgp::FlowSpecPrefix* const destination = rule->destination();
  if (destination == nullptr) return;
  std::vector<RulePtr>& there = by_destination_[destination->prefix];
  std::erase(there, rule);
  if (there.empty()) by_destination_.erase(destination->prefix);
}

// The attributes with which the session should hear of `rule`; null: it should not.
bgp::AttributesPtr FlowSpecTable::wanted(const Listener& listener, const RulePtr& rule) const {
  const auto known = rules_.find(rule);
  if (known == rules_.end() || !config_.audience.contains(listener.participant)) return nullptr;
  const auto& entries = known->second;
  const auto heard = std::ranges::find_if(entries, [&](const FlowSpecEntry& entry) {
    return entry.verdict.accepted() && entry.from.participant != listener.participant &&
           hooks_.may_hear(entry.from.participant, listener.participant);
  });
  return heard == entries.end() ? nullptr : heard->attributes;
}

}  // namespace fabrix::routeserver
