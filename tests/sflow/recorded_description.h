// A description as a list, for tests.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "sflow/description.h"

namespace fabrix::sflow {

class RecordedDescription : public DescriptionSink {
 public:
  void begin(Part part) override { events.push_back("begin " + std::string(name(part))); }
  void end(Part part) override { events.push_back("end " + std::string(name(part))); }
  void value(std::string_view key, std::string_view text) override {
    events.push_back(std::string(key) + "=" + std::string(text));
  }
  void fault(std::string_view what) override { events.push_back("fault " + std::string(what)); }

  bool has(std::string_view event) const {
    return std::ranges::find(events, event) != events.end();
  }

  std::vector<std::string> events;

 private:
  static std::string_view name(Part part) {
    if (part == Part::kDatagram) return "datagram";
    return part == Part::kSample ? "sample" : "element";
  }
};

}  // namespace fabrix::sflow
