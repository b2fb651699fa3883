#include "fabric/meter_counts.h"

namespace fabrix::fabric {

std::vector<MeterCounts::More> MeterCounts::update(const program::ProgramPtr& program,
                                                   std::span<const openflow::MeterStats> meters) {
  std::map<std::uint32_t, std::uint64_t> counters;  // by id
  if (program == nullptr) return {};
  for (const program::Meter& meter : program->meters()) {
    if (meter.counter != 0) counters.emplace(meter.id, meter.counter);
  }
  const auto before = std::exchange(seen_, {});
  std::vector<More> more;
  for (const openflow::MeterStats& meter : meters) {
    const auto counter = counters.find(meter.id);
    if (counter == counters.end()) continue;
    const auto known = before.find(*counter);
    QueryCount last = known == before.end() ? QueryCount{} : known->second;
    if (meter.packets < last.packets || meter.octets < last.octets) last = {};
    more.push_back(
        {.counter = counter->second,
         .count = {.packets = meter.packets - last.packets, .octets = meter.octets - last.octets}});
    seen_[*counter] = {.packets = meter.packets, .octets = meter.octets};
  }
  return more;
}

}  // namespace fabrix::fabric
