#include "telemetry/flow_cache.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <utility>

namespace fabrix::telemetry {
namespace {

using Seconds = std::chrono::duration<double>;

// Weights stay below e^50 times their values.
constexpr double kFarFromLandmark = 50;

std::uint64_t hash_of(std::string_view key) {
  return std::hash<std::string_view>()(key);
}

// Of values that are there. Two at a time, which do not wait for each other.
std::size_t place_of_smallest(const std::vector<double>& values) {
  double even = values.front();
  double odd = even;
  for (std::size_t at = 0; at + 2 <= values.size(); at += 2) {
    even = std::min(even, values[at]);
    odd = std::min(odd, values[at + 1]);
  }
  const double smallest = std::min({even, odd, values.back()});
  return static_cast<std::size_t>(std::ranges::find(values, smallest) - values.begin());
}

}  // namespace

FlowCache::FlowCache(const FlowCacheOptions& options) : options_(options) {
  options_.capacity = std::max<std::size_t>(options_.capacity, 1);
}

double FlowCache::growth_at(Time now) {
  if (!options_.smoothing) return 1;
  if (!landmark_) landmark_ = now;
  const double t = options_.smoothing->count();
  const double past = std::max(Seconds(now - *landmark_).count() / t, 0.0);
  if (past <= kFarFromLandmark) return std::exp(past);
  const double decay = std::exp(-past);
  for (double& weight : weights_) weight *= decay;
  for (Flow& flow : flows_) flow.error *= decay;
  landmark_ = now;
  return 1;
}

AddedFlow FlowCache::add(std::string_view key, double amount, Time now) {
  key = key.substr(0, kLongestKey);
  const double growth = growth_at(now);
  const double t = options_.smoothing ? options_.smoothing->count() : 1;
  const double weight = amount / t * growth;
  const std::uint64_t hash = hash_of(key);
  auto place = find(key, hash);
  const bool is_new = !place;
  if (is_new && weights_.size() == options_.capacity &&
      options_.when_full == WhenFull::kIgnoreNew) {
    ++ignored_;
    return {};
  }
  if (is_new) {
    place = weights_.size() < options_.capacity ? append(key, hash) : replace_smallest(key, hash);
  }
  weights_[*place] += weight;
  if (*place == smallest_) smallest_ = is_new ? place_of_smallest(weights_) : kUnknown;
  Flow& flow = flows_[*place];
  flow.updated = now;
  return {.value = (weights_[*place] - flow.error) / growth, .place = place, .is_new = is_new};
}

std::optional<std::size_t> FlowCache::find(std::string_view key, std::uint64_t hash) const {
  return places_.find(hash, [&](std::size_t place) { return flows_[place].key == key; });
}

// With no weight yet.
std::size_t FlowCache::append(std::string_view key, std::uint64_t hash) {
  places_.insert(hash, weights_.size());
  weights_.push_back(0);
  flows_.push_back({.key = std::string(key)});
  return weights_.size() - 1;
}

// With the weight of the one that has gone, which is its error.
std::size_t FlowCache::replace_smallest(std::string_view key, std::uint64_t hash) {
  const std::size_t place = smallest_ != kUnknown ? smallest_ : place_of_smallest(weights_);
  smallest_ = place;
  Flow& flow = flows_[place];
  places_.erase(place);
  places_.insert(hash, place);
  flow.key.assign(key);
  flow.error = weights_[place];
  return place;
}

double FlowCache::decay_at(Time now) const {
  if (!options_.smoothing || !landmark_) return 1;
  const double past = Seconds(now - *landmark_).count() / options_.smoothing->count();
  return std::exp(-std::max(past, 0.0));
}

std::optional<std::size_t> FlowCache::place_of(std::string_view key) const {
  key = key.substr(0, kLongestKey);
  return find(key, hash_of(key));
}

double FlowCache::value_of(std::string_view key, Time now) const {
  const auto place = place_of(key);
  return place ? (weights_[*place] - flows_[*place].error) * decay_at(now) : 0;
}

std::vector<ActiveFlow> FlowCache::top(std::size_t count, Time now) const {
  const double decay = decay_at(now);
  std::vector<ActiveFlow> flows;
  flows.reserve(weights_.size());
  for (std::size_t place = 0; place < weights_.size(); ++place) {
    const Flow& flow = flows_[place];
    flows.push_back({flow.key, weights_[place] * decay, flow.error * decay, place, flow.updated});
  }
  std::ranges::sort(flows, [](const ActiveFlow& left, const ActiveFlow& right) {
    const double more = left.value - left.error - (right.value - right.error);
    return more != 0 ? more > 0 : left.key < right.key;
  });
  if (flows.size() > count) flows.resize(count);
  return flows;
}

}  // namespace fabrix::telemetry
