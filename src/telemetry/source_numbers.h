// SourceNumbers: a number for each data source that samples are of, so that one look-up serves all
// flow definitions, which keep what they know of it by its number.
//
// From 0 and up, as long as they are not forgotten. Bounded: what comes beyond kMostSources has
// none. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "telemetry/data_source.h"
#include "telemetry/place_index.h"
#include "telemetry/sample.h"

namespace fabrix::telemetry {

class SourceNumbers {
 public:
  static constexpr std::size_t kMostSources = 65'536;
  static constexpr std::uint32_t kNone = UINT32_MAX;

  // Of each sample's data source, in place of what is there.
  void find(std::span<const Sample* const> samples, std::vector<std::uint32_t>& numbers);

  // All of them.
  void forget();

 private:
  std::uint32_t number_of(const Sample& sample, std::uint64_t hash);

  std::vector<DataSource> sources_;    // by number
  PlaceIndex index_;                   // of sources_
  std::vector<std::uint64_t> hashes_;  // of the samples at hand
};

}  // namespace fabrix::telemetry
