// Derived metrics: what follows from the counters of one sample: sums, percentages of what there
// could be, and the times of processors as percentages of all of their time.
//
// A metric for which something is missing, or that would be divided by nothing, is not there. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <vector>

namespace fabrix::telemetry {

struct Metric;

// A number of a sample. The name outlives it.
struct MetricNumber {
  std::string_view name;
  double value = 0;
  Metric** metric = nullptr;  // where it is remembered which metric it is; or null
};

// The numbers of one sample: as a rule so few that they are gone through. Of several with one name
// the last counts.
class MetricNumbers {
 public:
  MetricNumbers() = default;
  MetricNumbers(std::initializer_list<MetricNumber> numbers) {
    for (const MetricNumber& number : numbers) add(number);
  }

  void reserve(std::size_t count) { numbers_.reserve(count); }
  void add(const MetricNumber& number) {
    numbers_.push_back(number);
    initials_ |= initial_of(number.name);
  }
  // In place of what has the name, if anything has.
  void set(const MetricNumber& number);
  // Null: there is none.
  const double* find(std::string_view name) const;

  auto begin() const { return numbers_.begin(); }
  auto end() const { return numbers_.end(); }
  std::size_t size() const { return numbers_.size(); }

 private:
  // Names begin with small letters: a bit each.
  static std::uint32_t initial_of(std::string_view name) {
    return name.empty() ? 0 : 1U << (static_cast<unsigned char>(name.front()) & 31U);
  }

  std::vector<MetricNumber> numbers_;
  std::uint32_t initials_ = 0;  // of all
};

// Adds what follows from the numbers. cpu_user and its like take the place of their rates.
void derive_metrics(MetricNumbers& numbers);

// Names of all of them, in the order in which they are derived.
std::vector<std::string_view> derived_metric_names();

}  // namespace fabrix::telemetry
