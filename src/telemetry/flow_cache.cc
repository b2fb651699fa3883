#include "telemetry/flow_cache.h"

#include <algorithm>
#include <utility>

namespace fabrix::telemetry {

FlowCache::FlowCache(const FlowCacheOptions& options)
    : capacity_(static_cast<std::uint32_t>(std::max<std::size_t>(options.capacity, 1))),
      when_full_(options.when_full),
      smoothing_(options.smoothing) {}

void FlowCache::move_landmark(const DecayClock& clock) {
  const double decay = clock.decay(clock.landmark() - landmark_);
  for (double& weight : weights_) weight *= decay;
  for (Flow& flow : flows_) flow.error *= decay;
  smallest_.forget();
  landmark_ = clock.landmark();
}

AddedFlow FlowCache::add(const HashedKey& key, double amount, const DecayClock& clock,
                         Guess guess) {
  if (clock.landmark() != landmark_) move_landmark(clock);
  const bool is_right = guess && *guess < flows_.size() && is_at(*guess, key);
  auto place = is_right ? std::optional<std::size_t>(*guess) : find(key);
  const bool is_new = !place;
  if (is_new) {
    const bool is_full = weights_.size() == capacity_;
    if (is_full && when_full_ == WhenFull::kIgnoreNew) {
      ++ignored_;
      return {};
    }
    place = is_full ? replace_smallest(key) : append(key);
  }
  double& weight = weights_[*place];
  weight += amount * clock.unit();
  smallest_.grow(*place, weight);
  Flow& flow = flows_[*place];
  flow.updated = clock.now();
  return {.value = (weight - flow.error) / clock.growth(), .place = place, .is_new = is_new};
}

void FlowCache::fetch() const {
  constexpr std::size_t kLine = 64;
  const auto* const octets = static_cast<const char*>(static_cast<const void*>(this));
  for (std::size_t at = 0; at < sizeof(*this); at += kLine) __builtin_prefetch(octets + at, 1);
}

FlowCache::Guess FlowCache::fetch_flow(const HashedKey& key) const {
  const auto place = places_.guess(key.hash);
  if (place) {
    __builtin_prefetch(&flows_[*place], 1);
    __builtin_prefetch(&weights_[*place], 1);
    return static_cast<std::uint32_t>(*place);
  }
  if (replaces() && !smallest_.known()) {
    // The smallest will be looked for.
    constexpr std::size_t kLine = 64 / sizeof(double);
    for (std::size_t at = 0; at < weights_.size(); at += kLine)
      __builtin_prefetch(&weights_[at], 1);
  }
  return std::nullopt;
}

void FlowCache::fetch_smallest() {
  if (!replaces()) return;
  const std::size_t place = smallest_.find(weights_);
  __builtin_prefetch(&flows_[place], 1);
  __builtin_prefetch(&weights_[place], 1);
}

std::uint64_t FlowCache::hash_at(std::size_t place) const {
  return HashedKey::of(flows_[place].key.view()).hash;
}

std::optional<std::size_t> FlowCache::find(const HashedKey& key) const {
  return places_.find(key.hash, [&](std::size_t place) { return is_at(place, key); });
}

// With no weight yet.
std::size_t FlowCache::append(const HashedKey& key) {
  weights_.push_back(0);
  flows_.push_back({.key = KeyText(key.text)});
  places_.insert(key.hash, [this](std::size_t at) { return hash_at(at); });
  return weights_.size() - 1;
}

// With the weight of the one that has gone, which is its error.
std::size_t FlowCache::replace_smallest(const HashedKey& key) {
  const std::size_t place = smallest_.find(weights_);
  Flow& flow = flows_[place];
  places_.replace(place, key.hash, [this](std::size_t at) { return hash_at(at); });
  flow.key.assign(key.text);
  flow.error = weights_[place];
  return place;
}

double FlowCache::decay_at(Time now) const {
  return weights_.empty() ? 1 : DecayClock(smoothing_).decay(now - landmark_);
}

std::optional<std::size_t> FlowCache::place_of(std::string_view key) const {
  return find(HashedKey::of(key));
}

double FlowCache::value_of(std::string_view key, Time now) const {
  const auto place = place_of(key);
  return place ? (weights_[*place] - flows_[*place].error) * decay_at(now) : 0;
}

std::vector<ActiveFlow> FlowCache::top(std::size_t count, Time now, const KeyLess& less) const {
  const double decay = decay_at(now);
  std::vector<ActiveFlow> flows(weights_.size());
  for (std::size_t place = 0; place < flows.size(); ++place) {
    const Flow& flow = flows_[place];
    flows[place] = {.key = flow.key.view(),
                    .value = weights_[place] * decay,
                    .error = flow.error * decay,
                    .place = place,
                    .updated = flow.updated};
  }
  const std::size_t wanted = std::min(count, flows.size());
  std::ranges::partial_sort(flows, flows.begin() + static_cast<std::ptrdiff_t>(wanted),
                            [&](const ActiveFlow& left, const ActiveFlow& right) {
                              const double more =
                                  left.value - left.error - (right.value - right.error);
                              return more != 0 ? more > 0 : less(left.key, right.key);
                            });
  flows.resize(wanted);
  return flows;
}

}  // namespace fabrix::telemetry
