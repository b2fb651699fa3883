#include "fabric/controller_limit.h"

namespace fabrix::fabric {

openflow::MeterConfig ControllerLimit::wanted() {
  return openflow::limit_packets(openflow::kControllerMeter, kPacketsPerSecond, kPacketsAtOnce);
}

std::optional<openflow::MeterMod> ControllerLimit::note(
    std::vector<openflow::MeterConfig>& meters) const {
  std::optional<openflow::MeterConfig> is;
  std::erase_if(meters, [&is](const openflow::MeterConfig& meter) {
    if (meter.id != openflow::kControllerMeter) return false;
    is = meter;
    return true;
  });
  if (refused_ || is == wanted()) return std::nullopt;
  return openflow::MeterMod{
      .command = is ? openflow::MeterCommand::kModify : openflow::MeterCommand::kAdd,
      .meter = wanted()};
}

}  // namespace fabrix::fabric
