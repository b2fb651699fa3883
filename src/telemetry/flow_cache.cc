#include "telemetry/flow_cache.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace fabrix::telemetry {
namespace {

using Seconds = std::chrono::duration<double>;

// Weights stay below e^50 times their values.
constexpr double kFarFromLandmark = 50;

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
  for (double& error : errors_) error *= decay;
  landmark_ = now;
  return 1;
}

AddedFlow FlowCache::add(std::string_view key, double amount, Time now) {
  key = key.substr(0, kLongestKey);
  const double growth = growth_at(now);
  const double t = options_.smoothing ? options_.smoothing->count() : 1;
  const double weight = amount / t * growth;
  const auto found = places_.find(key);
  if (found != places_.end()) {
    const std::size_t place = found->second;
    weights_[place] += weight;
    updated_[place] = now;
    return {.value = (weights_[place] - errors_[place]) / growth, .place = place};
  }
  if (weights_.size() < options_.capacity) {
    const auto added = places_.emplace(std::string(key), weights_.size()).first;
    keys_.push_back(&added->first);
    weights_.push_back(weight);
    errors_.push_back(0);
    updated_.push_back(now);
    return {.value = amount / t, .place = weights_.size() - 1, .is_new = true};
  }
  if (options_.when_full == WhenFull::kIgnoreNew) {
    ++ignored_;
    return {};
  }
  const std::size_t place = replace_smallest(key, weight);
  updated_[place] = now;
  return {.value = amount / t, .place = place, .is_new = true};
}

std::size_t FlowCache::replace_smallest(std::string_view key, double weight) {
  const auto smallest = std::ranges::min_element(weights_);
  const auto place = static_cast<std::size_t>(smallest - weights_.begin());
  auto node = places_.extract(*keys_[place]);
  node.key().assign(key);
  keys_[place] = &places_.insert(std::move(node)).position->first;
  errors_[place] = *smallest;
  *smallest += weight;
  return place;
}

double FlowCache::decay_at(Time now) const {
  if (!options_.smoothing || !landmark_) return 1;
  const double past = Seconds(now - *landmark_).count() / options_.smoothing->count();
  return std::exp(-std::max(past, 0.0));
}

std::optional<std::size_t> FlowCache::place_of(std::string_view key) const {
  const auto found = places_.find(key.substr(0, kLongestKey));
  return found == places_.end() ? std::nullopt : std::optional(found->second);
}

double FlowCache::value_of(std::string_view key, Time now) const {
  const auto place = place_of(key);
  return place ? (weights_[*place] - errors_[*place]) * decay_at(now) : 0;
}

std::vector<ActiveFlow> FlowCache::top(std::size_t count, Time now) const {
  const double decay = decay_at(now);
  std::vector<ActiveFlow> flows;
  flows.reserve(weights_.size());
  for (std::size_t place = 0; place < weights_.size(); ++place) {
    flows.push_back(
        {*keys_[place], weights_[place] * decay, errors_[place] * decay, place, updated_[place]});
  }
  std::ranges::sort(flows, [](const ActiveFlow& left, const ActiveFlow& right) {
    const double more = left.value - left.error - (right.value - right.error);
    return more != 0 ? more > 0 : left.key < right.key;
  });
  if (flows.size() > count) flows.resize(count);
  return flows;
}

}  // namespace fabrix::telemetry
