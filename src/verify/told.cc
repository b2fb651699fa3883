#include "verify/told.h"

#include <algorithm>
#include <tuple>

#include <fmt/format.h>

#include "policy/extras.h"
#include "verify/inquiry.h"
#include "verify/tag_fields.h"

namespace fabrix::verify {
namespace {

using exchange::Routes;
using policy::Target;

std::string name_of(const exchange::Exchange& exchange, const Target& target) {
  return target.router ? exchange.router(*target.router).name
                       : exchange.participant(target.participant).name;
}

bool asks_tag(const policy::Clause& clause) {
  return policy::may_be_unreachable(clause.verdict) && !changes_destination(clause);
}

bool never_holds(const policy::Clause& clause) {
  const auto* some = std::get_if<policy::Or>(&clause.when->node);
  const auto* constant = std::get_if<policy::Constant>(&clause.when->node);
  return (some != nullptr && some->operands.empty()) || (constant != nullptr && !constant->value);
}

// When a clause does something else than BGP would.
enum class Difference : std::uint8_t { kNever, kByTargets, kAlways };

Difference difference_of(const policy::Clause& clause) {
  if (never_holds(clause)) return Difference::kNever;
  if (policy::may_be_unreachable(clause.verdict)) {
    return changes_destination(clause) ? Difference::kAlways : Difference::kByTargets;
  }
  const bool is_default = std::holds_alternative<policy::UseDefault>(clause.verdict);
  return policy::is_plain(clause) && is_default ? Difference::kNever : Difference::kAlways;
}

template <typename T>
bool has(const std::vector<T>& values, const T& value) {
  return std::ranges::find(values, value) != values.end();
}

bool holds(const program::MacPattern& test, std::uint64_t mac) {
  return (mac & test.mask) == test.bits;
}

bool says(const std::vector<program::MacPattern>& tests, std::uint64_t mac) {
  return std::ranges::any_of(tests,
                             [mac](const program::MacPattern& test) { return holds(test, mac); });
}

template <typename T>
void sort_out(std::vector<T>& values) {
  std::ranges::sort(values);
  values.erase(std::unique(values.begin(), values.end()), values.end());
}

}  // namespace

Told::Told(const Task& task, net::ParticipantId sender) : sender_(sender) {
  if (const policy::Shortfall* shortfall = task.shortfall_of(sender)) {
    short_of_next_hops_ = {shortfall->short_of_next_hops(net::Family::kIpv4),
                           shortfall->short_of_next_hops(net::Family::kIpv6)};
  }
  const auto& policy = task.world.policies[sender.index()];
  if (policy && policy->has_outbound()) policy_ = policy;
  if (const program::TagMeaning* meaning = task.meaning_of(sender)) take(*meaning);
  sort_out(targets_);
  if (policy_) take(policy_->outbound);
}

void Told::take(const program::TagMeaning& meaning) {
  has_meaning_ = true;
  claims_.reserve(meaning.reached.size());
  tests_.reserve(meaning.reached.size());
  targets_.reserve(2 * meaning.reached.size());
  for (const program::Reached& each : meaning.reached) {
    for (const program::MacPattern& test : each.tests) tests_.push_back({test, claims_.size()});
    claims_.push_back({{each.participant, each.port}, each.router, each.tests});
    targets_.push_back(each.participant);
  }
}

void Told::take(const policy::ClauseList& outbound) {
  forwards_.reserve(outbound.clauses.size());
  for (const policy::Clause& clause : outbound.clauses) {
    const Difference difference = difference_of(clause);
    if (never_holds(clause)) continue;
    if (asks_tag(clause)) {
      for (const Target& target : policy::targets_of(clause.verdict)) asked_.push_back(target);
    }
    if (difference == Difference::kAlways) minds_all_ = true;
    if (difference == Difference::kByTargets) {
      forwards_.push_back(
          {.targets = policy::targets_of(clause.verdict), .is_plain = policy::is_plain(clause)});
    }
  }
  sort_out(asked_);
  for (const Forwarding& each : forwards_) {
    for (const Target& target : each.targets) targets_.push_back(target.participant);
  }
  for (const Target& target : asked_) targets_.push_back(target.participant);
  sort_out(targets_);
}

bool Told::judges_like(const Told& other) const {
  const auto criteria = [](const Told& told) {
    return std::tie(told.sender_, told.has_meaning_, told.minds_all_, told.forwards_, told.asked_,
                    told.targets_, told.claims_, told.short_of_next_hops_);
  };
  return !looked_at_packets_ && !other.looked_at_packets_ &&
         (policy_ == nullptr) == (other.policy_ == nullptr) && criteria(*this) == criteria(other);
}

// Whether both go by claims and targets alone.
bool Told::is_comparable(const Told& before) const {
  const auto goes_by_claims = [](const Told& told) {
    return told.policy_ != nullptr && told.has_meaning_ && !told.minds_all_ &&
           !told.looked_at_packets_;
  };
  return goes_by_claims(*this) && goes_by_claims(before) &&
         short_of_next_hops_ == before.short_of_next_hops_;
}

// Whether it is the other, which perhaps more tags say now.
bool Told::Claim::continues(const Claim& other) const {
  return target == other.target && router == other.router &&
         std::ranges::all_of(other.tests, [this](const auto& test) { return has(tests, test); });
}

std::vector<net::ParticipantId> Told::other_targets(const Told& before) const {
  std::vector<net::ParticipantId> found;
  for (const Claim& each : claims_) {
    if (before_of(each, before.claims_) == nullptr) found.push_back(each.target.participant);
  }
  for (const Claim& each : before.claims_) {
    if (!is_continued(each)) found.push_back(each.target.participant);
  }
  const auto add = [&found](const Told& of, const Told& than) {
    for (const Target& each : of.asked_) {
      if (!has(than.asked_, each)) found.push_back(each.participant);
    }
    for (const Forwarding& each : of.forwards_) {
      if (has(than.forwards_, each)) continue;
      for (const Target& target : each.targets) found.push_back(target.participant);
    }
  };
  add(*this, before);
  add(before, *this);
  sort_out(found);
  return found;
}

// What the claim continues; null: it is new.
const Told::Claim* Told::before_of(const Claim& claim, const std::vector<Claim>& before) {
  const auto found =
      std::ranges::find_if(before, [&claim](const Claim& each) { return claim.continues(each); });
  return found == before.end() ? nullptr : &*found;
}

bool Told::is_continued(const Claim& former) const {
  return std::ranges::any_of(claims_,
                             [&former](const Claim& each) { return each.continues(former); });
}

// The tests of tags that were no claim's before.
std::vector<program::MacPattern> Told::unheard_tests(const Told& before) const {
  std::vector<program::MacPattern> unheard;
  for (const Claim& each : claims_) {
    if (has(before.former_, each)) continue;
    const Claim* const continued = before_of(each, before.claims_);
    for (const program::MacPattern& test : each.tests) {
      if (continued == nullptr || !has(continued->tests, test)) unheard.push_back(test);
    }
  }
  return unheard;
}

bool Told::says_old(const std::vector<program::MacPattern>& tests, const program::Program& program,
                    std::span<const program::VirtualNeighbor> fresh) const {
  if (tests.empty()) return false;
  const auto count_in = [&](std::span<const program::VirtualNeighbor> neighbors) {
    return std::ranges::count_if(neighbors, [&](const program::VirtualNeighbor& each) {
      return each.sender == sender_ && says(tests, each.mac.to_u64());
    });
  };
  auto count = count_in(program.neighbors.own());
  if (const auto& list = program.neighbors.block(sender_.index())) count += count_in(*list);
  return count != count_in(fresh);
}

std::optional<std::vector<net::ParticipantId>> Told::succeed(
    const Told& before, const program::Program& program,
    std::span<const program::VirtualNeighbor> fresh) {
  constexpr std::size_t kMaxFormer = 64;
  former_ = before.former_;
  former_.insert(former_.end(), before.claims_.begin(), before.claims_.end());
  std::erase_if(former_, [this](const Claim& each) { return is_continued(each); });
  if (former_.size() > kMaxFormer) former_.erase(former_.begin(), former_.end() - kMaxFormer);
  for (const Claim& each : former_) {
    former_tests_.insert(former_tests_.end(), each.tests.begin(), each.tests.end());
  }
  if (!is_comparable(before) || before.said_what_is_former_) return std::nullopt;
  if (says_old(unheard_tests(before), program, fresh)) return std::nullopt;
  return other_targets(before);
}

void Told::take_ways(const Task& task, const Routes& routes) const {
  ways_.clear();
  ways_of_ = 0;
  for (const net::RouterId each : routes) {
    const net::ParticipantId owner = task.world.exchange->router(each).participant;
    ways_.push_back({owner, each});
    ways_of_ |= bit_of(owner);
  }
}

std::optional<net::RouterId> Told::find_way(const Target& target) const {
  const auto found = std::ranges::find_if(ways_, [&target](const Way& way) {
    return target.router ? way.router == *target.router : way.participant == target.participant;
  });
  return found == ways_.end() ? std::nullopt : std::optional(found->router);
}

// Whether the clause either does not apply, or does what BGP would.
bool Told::leads_only_to_best(const Forwarding& forwarding) const {
  bool applies = false;
  for (const Target& target : forwarding.targets) {
    const auto router = way_to(target);
    if (router && *router != ways_.front().router) return false;
    applies = applies || router;
  }
  return !applies || forwarding.is_plain;
}

// Whether no clause does anything else under these routes than BGP would, whatever the packet.
bool Told::is_idle(const Task& task, const Routes& routes) const {
  if (minds_all_) return false;
  take_ways(task, routes);
  return std::ranges::all_of(forwards_,
                             [this](const Forwarding& each) { return leads_only_to_best(each); });
}

bool Told::may_pass_by(const Task& task, const Routes& routes, net::Family family) const {
  return is_idle(task, routes) || short_of_next_hops_.at(family == net::Family::kIpv4 ? 0 : 1);
}

// With a real next hop packets go past the policy: so no clause may differ from the default.
Told::Fault Told::fault_of_router(const Task& task, net::RouterId router, const Word& word) {
  const exchange::Exchange& exchange = *task.world.exchange;
  if (word.routes.front() != router) {
    return {Verdict::kWrong,
            fmt::format("it is told that {} reaches it, and its best route is of {}",
                        exchange.router(router).name, exchange.router(word.routes.front()).name)};
  }
  if (may_pass_by(task, word.routes, word.prefix.family())) return {};
  looked_at_packets_ = true;
  Inquiry inquiry(task, sender_);
  if (!inquiry.past_policy(router, word.prefix, word.routes)) {
    return {inquiry.depended_on_prefix() ? Verdict::kRightHere : Verdict::kRight, {}};
  }
  return {Verdict::kWrong, fmt::format("it is given the real next hop {}, past its policy",
                                       exchange.router(router).name)};
}

Told::Fault Told::fault_of_tag(const Task& task, net::MacAddress tag, const Routes& routes) {
  const exchange::Exchange& exchange = *task.world.exchange;
  const auto decoded = program::decode_tag(tag);
  if (!decoded || decoded->egress != routes.front()) {
    return {Verdict::kWrong, fmt::format("its tag {} does not lead to {}, its best route",
                                         tag.to_string(), exchange.router(routes.front()).name)};
  }
  const std::uint64_t mac = tag.to_u64();
  said_what_is_former_ = said_what_is_former_ || says(former_tests_, mac);
  take_ways(task, routes);
  auto test = tests_.begin();
  for (std::size_t i = 0; i < claims_.size(); ++i) {
    const Claim& claim = claims_[i];
    bool said = false;
    for (; test != tests_.end() && test->claim == i; ++test) said |= holds(test->pattern, mac);
    const bool is = way_to(claim.target) == claim.router;
    if (said == is) continue;
    return {Verdict::kWrong,
            fmt::format("its tag {} says that {} is {} by {}, and it is {}", tag.to_string(),
                        name_of(exchange, claim.target), said ? "reachable" : "not reachable",
                        exchange.router(claim.router).name, is ? "reachable" : "not")};
  }
  for (const Target& target : asked_) {
    const auto router = way_to(target);
    const bool told = !router || std::ranges::any_of(claims_, [&](const Claim& claim) {
      return claim.target == target && claim.router == *router;
    });
    if (told) continue;
    return {Verdict::kWrong, fmt::format("no tag can say that {} is reachable by {}, which it is",
                                         name_of(exchange, target), exchange.router(*router).name)};
  }
  return {};
}

Told::Fault Told::fault(const Task& task, const Word& word) {
  if (!word.next_hop) return fault_of_router(task, word.routes.front(), word);
  if (const auto router = task.directory.find(*word.next_hop)) {
    return fault_of_router(task, *router, word);
  }
  const auto tag = task.tag_of(sender_, *word.next_hop);
  if (tag) return fault_of_tag(task, *tag, word.routes);
  return {Verdict::kWrong, fmt::format("its next hop {} answers to no address resolution",
                                       word.next_hop->to_string())};
}

bool Told::is_right(const Task& task, const Routes& routes, net::Family family,
                    const std::optional<net::IpAddress>& next_hop) {
  const auto router = next_hop ? task.directory.find(*next_hop) : std::optional(routes.front());
  if (router) return *router == routes.front() && may_pass_by(task, routes, family);
  const auto tag = task.tag_of(sender_, *next_hop);
  return tag && fault_of_tag(task, *tag, routes).verdict == Verdict::kRight;
}

Told::Verdict Told::check(const Task& task, const Word& word) {
  if (word.routes.empty()) return Verdict::kRight;
  const Fault wrong = fault(task, word);
  if (wrong.verdict == Verdict::kWrong) report(task, word, wrong.text);
  return wrong.verdict;
}

void Told::report(const Task& task, const Word& word, const std::string& text) const {
  if (task.findings.full()) return;
  Violation violation{.invariant = "I3",
                      .message = fmt::format("what {} is told of {} is not what the routes say: {}",
                                             task.world.exchange->participant(sender_).name,
                                             word.prefix.to_string(), text),
                      .witness = {},
                      .rows = {}};
  Inquiry inquiry(task, sender_);
  const auto shown = word.next_hop
                         ? inquiry.difference(*word.next_hop, word.prefix, word.routes)
                         : inquiry.past_policy(word.routes.front(), word.prefix, word.routes);
  if (shown) {
    violation.message += "; " + inquiry.describe(*shown);
    violation.witness = shown->packet;
    violation.rows = rows_for(task.program, shown->packet);
  }
  task.findings.add(std::move(violation));
}

}  // namespace fabrix::verify
