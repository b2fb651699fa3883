#include "fabric/meters.h"

#include "fabric/flow_translation.h"

namespace fabrix::fabric {

Meters meters_for(const program::Program& program) {
  Meters meters;
  for (const program::Meter& meter : program.meters()) meters.emplace(meter.id, meter_for(meter));
  return meters;
}

std::vector<openflow::MeterMod> meters_to_set(const Meters& present, const Meters& wanted) {
  std::vector<openflow::MeterMod> mods;
  for (const auto& [id, meter] : wanted) {
    const auto has = present.find(id);
    if (has != present.end() && has->second == meter) continue;
    const bool is_new = has == present.end();
    mods.push_back(
        {.command = is_new ? openflow::MeterCommand::kAdd : openflow::MeterCommand::kModify,
         .meter = meter});
  }
  return mods;
}

std::vector<openflow::MeterMod> meters_to_remove(const Meters& present, const Meters& wanted) {
  std::vector<openflow::MeterMod> mods;
  for (const auto& [id, meter] : present) {
    if (wanted.contains(id)) continue;
    mods.push_back({.command = openflow::MeterCommand::kDelete, .meter = {.flags = 0, .id = id}});
  }
  return mods;
}

std::size_t count_wrong(const Meters& present, const Meters& wanted) {
  return meters_to_set(present, wanted).size() + meters_to_remove(present, wanted).size();
}

}  // namespace fabrix::fabric
