// PortWatch: which ports the connected switch has, and what the exchange hears of them.
//
// A port that is wanted and that the switch lacks is down.
//
// Not thread-safe; no I/O.
#pragma once

#include <functional>
#include <set>
#include <span>

#include "net/ids.h"
#include "openflow/channel.h"

namespace fabrix::fabric {

class PortWatch {
 public:
  using Hear = std::function<void(net::PortNo port, bool up)>;  // empty: nobody does

  // A switch has connected, while these ports are wanted: says of all of them how they are.
  void note(const openflow::Connected& event, std::span<const net::PortNo> wanted,
            const Hear& hear);
  void note(const openflow::PortStatus& event, const Hear& hear);
  // Others are wanted than before: says which new ones the switch lacks.
  void note_wanted(std::span<const net::PortNo> before, std::span<const net::PortNo> now,
                   const Hear& hear) const;

 private:
  std::set<net::PortNo> there_;
};

}  // namespace fabrix::fabric
