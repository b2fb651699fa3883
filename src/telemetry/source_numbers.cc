#include "telemetry/source_numbers.h"

namespace fabrix::telemetry {

void SourceNumbers::find(std::span<const Sample* const> samples,
                         std::vector<std::uint32_t>& numbers) {
  hashes_.clear();
  for (const Sample* const sample : samples) {
    hashes_.push_back(hash_of(sample->agent, sample->source));
    index_.fetch(hashes_.back());
  }
  numbers.clear();
  for (std::size_t at = 0; at < samples.size(); ++at) {
    numbers.push_back(number_of(*samples[at], hashes_[at]));
  }
}

std::uint32_t SourceNumbers::number_of(const Sample& sample, std::uint64_t hash) {
  const auto found = index_.find(hash, [&](std::size_t place) {
    return sources_[place].id == sample.source && sources_[place].agent == sample.agent;
  });
  if (found) return static_cast<std::uint32_t>(*found);
  if (sources_.size() == kMostSources) return kNone;
  sources_.push_back({.agent = sample.agent, .id = sample.source});
  index_.insert(hash, [this](std::size_t place) { return hash_of(sources_[place]); });
  return static_cast<std::uint32_t>(sources_.size() - 1);
}

void SourceNumbers::forget() {
  sources_.clear();
  index_ = {};
}

}  // namespace fabrix::telemetry
