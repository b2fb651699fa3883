#include "telemetry/key_census.h"

#include <string>

namespace fabrix::telemetry {

KeyCensus::KeyCensus() {
  for (const std::string_view name : attribute_names()) {
    if (const auto attribute = Attribute::find(name)) keys_.push_back({name, *attribute, {}});
  }
}

void KeyCensus::add(const Sample& sample, Time now) {
  if (now - second_ >= std::chrono::seconds(1)) {
    second_ = now;
    asked_ = 0;
  }
  if (asked_ == kSamplesPerSecond) return;
  ++asked_;
  std::string value;
  for (Key& key : keys_) {
    value.clear();
    if (key.attribute.append(sample, value)) key.last = now;
  }
}

std::vector<std::pair<std::string_view, Time>> KeyCensus::seen() const {
  std::vector<std::pair<std::string_view, Time>> seen;
  for (const Key& key : keys_) {
    if (key.last) seen.emplace_back(key.name, *key.last);
  }
  return seen;
}

}  // namespace fabrix::telemetry
