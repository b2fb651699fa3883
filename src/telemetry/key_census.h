// KeyCensus: which flow keys samples have lately had, and when last.
//
// Asking a sample for every key is dear, so at most kSamplesPerSecond are asked: below that rate
// the census is exact, above it a rare key may be missed for a while. Time is an input. Pure.
#pragma once

#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "telemetry/attribute.h"
#include "telemetry/flow_cache.h"
#include "telemetry/sample.h"

namespace fabrix::telemetry {

class KeyCensus {
 public:
  static constexpr unsigned kSamplesPerSecond = 500;

  KeyCensus();

  void add(const Sample& sample, Time now);

  // Those that have been seen, by name, and when last.
  std::vector<std::pair<std::string_view, Time>> seen() const;

 private:
  struct Key {
    std::string_view name;
    Attribute attribute;
    std::optional<Time> last;
  };

  std::vector<Key> keys_;
  Time second_{};       // when the present one began
  unsigned asked_ = 0;  // in it
};

}  // namespace fabrix::telemetry
