// Derived metrics: what follows from the counters of one sample: sums, percentages of what there
// could be, and the times of processors as percentages of all of their time.
//
// A metric for which something is missing, or that would be divided by nothing, is not there. Pure.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace fabrix::telemetry {

// The numbers of one sample, by name.
using MetricNumbers = std::map<std::string, double, std::less<>>;

// Adds what follows from the numbers. cpu_user and its like take the place of their rates.
void derive_metrics(MetricNumbers& numbers);

// Names of all of them, in the order in which they are derived.
std::vector<std::string_view> derived_metric_names();

}  // namespace fabrix::telemetry
