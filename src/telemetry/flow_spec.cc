#include "telemetry/flow_spec.h"

#include <algorithm>

namespace fabrix::telemetry {
namespace {

// What may come between the flows of a source without driving out the largest.
constexpr std::size_t kFewestCandidates = 64;
constexpr double kIdleTimeout = 15;

Time time_of(double seconds) {
  return std::chrono::duration_cast<Time>(std::chrono::duration<double>(seconds));
}

}  // namespace

FlowSpec clamped(FlowSpec spec) {
  spec.n = std::clamp(spec.n, 5.0, 20.0);
  spec.t = std::clamp(spec.t, 0.2, 600.0);
  spec.active_timeout = std::clamp(spec.active_timeout, 1.0, 3600.0);
  return spec;
}

FlowDefinition definition_of(const FlowSpec& spec) {
  FlowDefinition definition;
  definition.keys = spec.keys;
  definition.value = spec.value;
  definition.values = spec.values;
  definition.filter = spec.filter;
  definition.separator = spec.separator;
  definition.of = spec.of;
  definition.sources = spec.sources;
  definition.cache.smoothing = std::chrono::duration<double>(spec.t);
  definition.cache.capacity = std::max(kFewestCandidates, static_cast<std::size_t>(spec.n) * 4);
  return definition;
}

FlowLogOptions log_options_of(const FlowSpec& spec) {
  FlowLogOptions options;
  options.active_timeout = time_of(spec.active_timeout);
  options.idle_timeout = time_of(std::min(spec.active_timeout, kIdleTimeout));
  if (spec.log == FlowSpec::Log::kAtStart) options.when = FlowLogOptions::When::kAtStart;
  const bool is_last = spec.value.starts_with("avg:") || spec.value.starts_with("count:");
  if (is_last) options.value = FlowLogOptions::Value::kLast;
  return options;
}

}  // namespace fabrix::telemetry
