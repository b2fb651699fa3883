#include "telemetry/active_routes.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace fabrix::telemetry {
namespace {

constexpr double kNothing = -std::numeric_limits<double>::infinity();

}  // namespace

ActiveRoutes::ActiveRoutes(const ActiveRouteOptions& options)
    : options_(options), ways_(options.next_hops) {
  families_[0].limit = std::min(options.limit4, kMaxLimit);
  families_[1].limit = std::min(options.limit6, kMaxLimit);
}

double ActiveRoutes::decay(Time from, Time to) const {
  return std::max(std::chrono::duration<double>(to - from) / options_.smoothing, 0.0);
}

void ActiveRoutes::count(Average& average, double amount, Time now) const {
  average.value = now_of(average, now) + amount / options_.smoothing.count();
  average.at = std::max(average.at, now);
}

double ActiveRoutes::now_of(const Average& average, Time now) const {
  return average.value * std::exp(-decay(average.at, now));
}

double ActiveRoutes::weight_of(double rate, Time now) const {
  return rate > 0 ? std::log(rate) + decay(began_.value_or(now), now) : kNothing;
}

double ActiveRoutes::rate_of(const Block& block, Time now) const {
  return std::exp(block.weight - decay(began_.value_or(now), now));
}

void ActiveRoutes::routed(const TableView& view, const net::IpAddress& destination, double octets,
                          Time now) {
  Family& family = families_[index_of(destination.family())];
  if (family.limit == 0) return;
  if (!began_) began_ = now;
  ++family.counts.samples;
  count(family.octets, octets, now);
  count(family.samples, 1, now);
  const double rate = octets / options_.smoothing.count();
  const auto found = by_prefix_.longest_match(destination);
  if (!found) {
    const auto way = ways_.around(view, destination);
    if (way) place(*way, destination, weight_of(rate, now));
    return;
  }
  Block& block = blocks_[*found->value];
  block.weight = weight_of(rate_of(block, now) + rate, now);
  block.last = destination;
  if (!block.there) return;
  ++family.counts.hits;
  count(family.installed_octets, octets, now);
  count(family.hits, 1, now);
}

void ActiveRoutes::doubt(Number number) {
  if (std::exchange(blocks_[number].is_doubtful, true)) return;
  doubtful_.push_back(number);
}

void ActiveRoutes::changed(const net::Prefix& prefix) {
  ways_.changed(prefix);
  if (const auto around = by_prefix_.longest_match(prefix)) doubt(*around->value);
  by_prefix_.for_each_within(prefix, [&](const net::Prefix&, Number number) { doubt(number); });
}

void ActiveRoutes::changed_all() {
  ways_.changed_all();
  all_doubtful_ = true;
}

ActiveRoutes::Number ActiveRoutes::take_number() {
  if (free_.empty()) {
    blocks_.emplace_back();
    return static_cast<Number>(blocks_.size() - 1);
  }
  const Number number = free_.back();
  free_.pop_back();
  return number;
}

void ActiveRoutes::want(Block& block, Time since) {
  block.is_wanted = true;
  block.since = since;
  ++family_of(block.prefix).wanted;
}

void ActiveRoutes::unwant(Block& block) {
  if (std::exchange(block.is_wanted, false)) --family_of(block.prefix).wanted;
}

void ActiveRoutes::drop(Number number) {
  Block& block = blocks_[number];
  if (block.there) gone_.push_back(block.prefix);
  unwant(block);
  --family_of(block.prefix).blocks;
  by_prefix_.erase(block.prefix);
  block = {};
  free_.push_back(number);
}

// In place of those inside it, which go the same way, with what they carry.
void ActiveRoutes::place(const ForwardingBlocks::Block& way, const net::IpAddress& last,
                         double weight) {
  Family& family = family_of(way.prefix);
  if (family.blocks - family.wanted >= 2 * (family.limit + kSpare)) return;
  std::vector<Number> inside;
  by_prefix_.for_each_within(way.prefix,
                             [&](const net::Prefix&, Number each) { inside.push_back(each); });
  std::optional<Time> since;
  for (const Number each : inside) {
    const Block& block = blocks_[each];
    const double larger = std::max(weight, block.weight);
    if (larger != kNothing) {
      weight = larger + std::log(std::exp(weight - larger) + std::exp(block.weight - larger));
    }
    if (block.is_wanted) since = std::min(since.value_or(block.since), block.since);
    drop(each);
  }
  const Number number = take_number();
  by_prefix_.insert(way.prefix, number);
  ++family.blocks;
  Block& made = blocks_[number];
  made = {.prefix = way.prefix, .next_hop = way.next_hop, .last = last, .weight = weight};
  made.is_used = true;
  if (since) want(made, *since);
}

// Gives a block the way that it has now; of one that has several, the part that was used last.
void ActiveRoutes::settle(Number number, const TableView* view, Time now) {
  Block& block = blocks_[number];
  block.is_doubtful = false;
  const auto way = view != nullptr ? ways_.way_of(*view, block.prefix) : ForwardingBlocks::Way{};
  if (way.next_hop) {
    block.next_hop = *way.next_hop;
  } else if (!way.has_route && now < block.doubtless_for) {
    doubt(number);
  } else {
    const net::IpAddress last = block.last;
    const double weight = block.weight;
    drop(number);
    if (view == nullptr || weight == kNothing || by_prefix_.longest_match(last)) return;
    if (const auto part = ways_.around(*view, last)) place(*part, last, weight);
  }
}

void ActiveRoutes::settle_doubts(const TableView* view, Time now) {
  if (std::exchange(all_doubtful_, false)) {
    for (Number number = 0; number < blocks_.size(); ++number) {
      if (blocks_[number].is_used) doubt(number);
    }
  }
  // One may have gone with another meanwhile.
  for (const Number number : std::exchange(doubtful_, {})) {
    if (blocks_[number].is_used && blocks_[number].is_doubtful) settle(number, view, now);
  }
}

void ActiveRoutes::refill(Time now) {
  const double most = std::max(options_.changes_per_second, 2.0);
  const std::chrono::duration<double> passed = now - std::exchange(refilled_, now);
  const double more = std::max(passed.count(), 0.0) * options_.changes_per_second;
  allowed_ = std::min(allowed_ + more, most);
}

bool ActiveRoutes::spend(double changes) {
  if (allowed_ < changes) return false;
  allowed_ -= changes;
  return true;
}

void ActiveRoutes::forget_smallest(net::Family of, std::vector<Number>& waiting) {
  const std::size_t most = families_[index_of(of)].limit + kSpare;
  if (waiting.size() <= most) return;
  const auto middle = waiting.begin() + static_cast<std::ptrdiff_t>(most);
  std::ranges::nth_element(waiting, middle, std::greater{},
                           [&](Number each) { return blocks_[each].weight; });
  std::for_each(middle, waiting.end(), [&](Number each) { drop(each); });
  waiting.erase(middle, waiting.end());
}

// Idle ones go; those that stay are told if they have been held long enough.
ActiveRoutes::Sorted ActiveRoutes::sort_out(net::Family of, Time now) {
  Sorted sorted;
  for (Number number = 0; number < blocks_.size(); ++number) {
    Block& block = blocks_[number];
    if (!block.is_used || block.prefix.family() != of) continue;
    if (!block.is_wanted) {
      sorted.waiting.push_back(number);
    } else if (now - block.since >= options_.hold) {
      const bool is_idle = rate_of(block, now) < options_.min_rate / 2;
      if (is_idle && spend(1)) unwant(block);
      if (block.is_wanted) sorted.held.push_back(number);
    }
  }
  forget_smallest(of, sorted.waiting);
  std::erase_if(sorted.waiting, [&](Number each) {
    const Block& block = blocks_[each];
    const double rate = rate_of(block, now);
    return rate <= 0 || rate < options_.min_rate || now < block.not_before;
  });
  const auto weight = [&](Number each) { return blocks_[each].weight; };
  const auto most = static_cast<std::size_t>(std::max(allowed_, 0.0));
  const auto keep_first = [&](std::vector<Number>& list, auto order) {
    const auto kept = static_cast<std::ptrdiff_t>(std::min(most, list.size()));
    std::ranges::partial_sort(list, list.begin() + kept, order, weight);
    list.erase(list.begin() + kept, list.end());
  };
  keep_first(sorted.waiting, std::greater{});
  keep_first(sorted.held, std::less{});
  return sorted;
}

void ActiveRoutes::choose(net::Family of, Time now) {
  Family& family = families_[index_of(of)];
  const auto [waiting, held] = sort_out(of, now);
  auto next = waiting.begin();
  for (; next != waiting.end() && family.wanted < family.limit && spend(1); ++next) {
    want(blocks_[*next], now);
  }
  const double advantage = std::log1p(options_.advantage);
  for (auto old = held.begin(); old != held.end() && next != waiting.end(); ++old, ++next) {
    const bool is_better = blocks_[*next].weight > blocks_[*old].weight + advantage;
    if (family.wanted < family.limit || !is_better || !spend(2)) break;
    unwant(blocks_[*old]);
    want(blocks_[*next], now);
  }
}

std::vector<RouteChange> ActiveRoutes::told_changes(Time now) {
  using Kind = RouteChange::Kind;
  std::vector<RouteChange> changes;
  for (const net::Prefix& prefix : std::exchange(gone_, {})) {
    changes.push_back({.kind = Kind::kRemove, .prefix = prefix});
  }
  for (Block& block : blocks_) {
    const auto wanted = block.is_wanted ? std::optional(block.next_hop) : std::nullopt;
    if (wanted == block.there) continue;
    const Kind kind = !wanted ? Kind::kRemove : block.there ? Kind::kReplace : Kind::kAdd;
    changes.push_back({.kind = kind, .prefix = block.prefix});
    if (wanted) changes.back().next_hop = *wanted;
    block.there = wanted;
  }
  std::ranges::stable_sort(changes, {}, &RouteChange::kind);
  for (const RouteChange& change : changes) {
    Family& family = family_of(change.prefix);
    count(family.changes, 1, now);
    family.counts.added += change.kind == Kind::kAdd ? 1 : 0;
    family.counts.replaced += change.kind == Kind::kReplace ? 1 : 0;
    family.counts.removed += change.kind == Kind::kRemove ? 1 : 0;
  }
  return changes;
}

std::vector<RouteChange> ActiveRoutes::advance(const TableView* view, Time now) {
  settle_doubts(view, now);
  refill(now);
  const double before = allowed_;
  ipv6_first_ = !ipv6_first_;
  choose(ipv6_first_ ? net::Family::kIpv6 : net::Family::kIpv4, now);
  choose(ipv6_first_ ? net::Family::kIpv4 : net::Family::kIpv6, now);
  auto changes = told_changes(now);
  // Those that were not chosen had to be.
  const double unpaid = static_cast<double>(changes.size()) - (before - allowed_);
  const double least = -std::max(options_.changes_per_second, 2.0);
  allowed_ = std::min(allowed_, std::max(allowed_ - unpaid, least));
  return changes;
}

bool ActiveRoutes::adopt(const net::Prefix& prefix, const net::IpAddress& next_hop, Time now) {
  Family& family = family_of(prefix);
  if (prefix.length() == 0 || family.wanted >= family.limit) return false;
  bool is_apart = !by_prefix_.longest_match(prefix);
  by_prefix_.for_each_within(prefix, [&](const net::Prefix&, Number) { is_apart = false; });
  if (!is_apart) return false;
  place({.prefix = prefix, .next_hop = next_hop}, prefix.address(), kNothing);
  const Number* const number = by_prefix_.find(prefix);
  if (number == nullptr) return false;
  Block& block = blocks_[*number];
  block.there = next_hop;
  block.doubtless_for = now + kGrace;
  want(block, now);
  doubt(*number);
  return true;
}

void ActiveRoutes::failed(const net::Prefix& prefix, Time now) {
  const Number* const number = by_prefix_.find(prefix);
  if (number == nullptr || !blocks_[*number].there) return;
  lost(prefix);
  blocks_[*number].not_before = now + kRetry;
  ++family_of(prefix).counts.refused;
}

void ActiveRoutes::lost(const net::Prefix& prefix) {
  const Number* const number = by_prefix_.find(prefix);
  if (number == nullptr) return;
  blocks_[*number].there.reset();
  unwant(blocks_[*number]);
}

void ActiveRoutes::lost_all() {
  gone_.clear();
  for (Block& block : blocks_) {
    block.there.reset();
    unwant(block);
  }
}

ActiveRouteCounts ActiveRoutes::counts(net::Family of, Time now) const {
  const Family& family = families_[index_of(of)];
  ActiveRouteCounts counts = family.counts;
  counts.limit = family.limit;
  counts.installed = family.wanted;
  counts.waiting = family.blocks - family.wanted;
  counts.rate = now_of(family.octets, now);
  counts.installed_rate = now_of(family.installed_octets, now);
  counts.sample_rate = now_of(family.samples, now);
  counts.hit_rate = now_of(family.hits, now);
  counts.churn = now_of(family.changes, now);
  return counts;
}

std::vector<ActiveRoutes::Installed> ActiveRoutes::installed(Time now) const {
  std::vector<Installed> all;
  by_prefix_.for_each([&](const net::Prefix& prefix, Number number) {
    const Block& block = blocks_[number];
    if (!block.there) return;
    all.push_back({.prefix = prefix,
                   .next_hop = *block.there,
                   .rate = rate_of(block, now),
                   .since = block.since});
  });
  return all;
}

}  // namespace fabrix::telemetry
