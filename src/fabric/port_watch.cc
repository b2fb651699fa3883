#include "fabric/port_watch.h"

#include <algorithm>

namespace fabrix::fabric {

void PortWatch::note(const openflow::Connected& event, std::span<const net::PortNo> wanted,
                     const Hear& hear) {
  there_.clear();
  for (const openflow::PortDesc& port : event.ports) there_.insert(port.number);
  note_wanted({}, wanted, hear);
  if (!hear) return;
  for (const openflow::PortDesc& port : event.ports) hear(port.number, openflow::is_up(port));
}

void PortWatch::note(const openflow::PortStatus& event, const Hear& hear) {
  const bool gone = event.reason == openflow::PortReason::kDelete;
  if (gone) {
    there_.erase(event.port.number);
  } else {
    there_.insert(event.port.number);
  }
  if (hear) hear(event.port.number, !gone && openflow::is_up(event.port));
}

void PortWatch::note_wanted(std::span<const net::PortNo> before, std::span<const net::PortNo> now,
                            const Hear& hear) const {
  if (!hear) return;
  for (const net::PortNo port : now) {
    const bool is_new = std::ranges::find(before, port) == before.end();
    if (is_new && !there_.contains(port)) hear(port, false);
  }
}

}  // namespace fabrix::fabric
