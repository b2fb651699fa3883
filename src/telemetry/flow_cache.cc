#include "telemetry/flow_cache.h"

#include <algorithm>
#include <cmath>

namespace fabrix::telemetry {
namespace {

using Seconds = std::chrono::duration<double>;

// Weights stay below e^50 times their values.
constexpr double kFarFromLandmark = 50;

}  // namespace

FlowCache::FlowCache(const FlowCacheOptions& options) : options_(options) {
  options_.capacity = std::max<std::size_t>(options_.capacity, 1);
}

double FlowCache::weight_of(double amount, Time now) {
  if (!options_.smoothing) return amount;
  const double t = options_.smoothing->count();
  if (!landmark_) landmark_ = now;
  double past = std::max(Seconds(now - *landmark_).count() / t, 0.0);
  if (past > kFarFromLandmark) {
    const double decay = std::exp(-past);
    for (auto& [key, weight] : flows_) {
      weight.value *= decay;
      weight.error *= decay;
    }
    landmark_ = now;
    past = 0;
  }
  return amount / t * std::exp(past);
}

void FlowCache::add(std::string_view key, double amount, Time now) {
  key = key.substr(0, kLongestKey);
  const double weight = weight_of(amount, now);
  const auto found = flows_.find(key);
  if (found != flows_.end()) {
    found->second.value += weight;
    return;
  }
  if (flows_.size() < options_.capacity) {
    flows_.emplace(std::string(key), Weight{.value = weight});
    return;
  }
  if (options_.when_full == WhenFull::kIgnoreNew) {
    ++ignored_;
    return;
  }
  const auto smallest = std::ranges::min_element(
      flows_, {}, [](const Flows::value_type& flow) { return flow.second.value; });
  const double inherited = smallest->second.value;
  auto node = flows_.extract(smallest);
  node.key().assign(key);
  node.mapped() = {.value = inherited + weight, .error = inherited};
  flows_.insert(std::move(node));
}

std::vector<ActiveFlow> FlowCache::top(std::size_t count, Time now) const {
  double decay = 1;
  if (options_.smoothing && landmark_) {
    const double past = Seconds(now - *landmark_).count() / options_.smoothing->count();
    decay = std::exp(-std::max(past, 0.0));
  }
  std::vector<ActiveFlow> flows;
  flows.reserve(flows_.size());
  for (const auto& [key, weight] : flows_) {
    flows.push_back({key, weight.value * decay, weight.error * decay});
  }
  std::ranges::sort(flows, [](const ActiveFlow& left, const ActiveFlow& right) {
    const double more = left.value - left.error - (right.value - right.error);
    return more != 0 ? more > 0 : left.key < right.key;
  });
  if (flows.size() > count) flows.resize(count);
  return flows;
}

}  // namespace fabrix::telemetry
