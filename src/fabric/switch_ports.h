// SwitchPorts: what the exchange calls a port, and what one switch of several calls it.
//
// Flow entries are made and held in the exchange's numbers, which say where a frame leaves; the
// switch knows its own ports only. Output to a port of another switch becomes, there,
//
//     push_vlan, vlan_vid = the exchange's port number, group of that switch [, pop_vlan]
//
// with the last where the packet goes on (IEEE 802.1Q: a label that the frame carries in front of
// whatever it is). from_switch() undoes exactly what to_switch() does: what it cannot have done is
// told apart by an action that no Program has. Ports that the exchange does not know, as those of
// links, have numbers beyond all that it knows.
//
// Values; any thread.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "fabric/topology.h"
#include "net/ids.h"
#include "openflow/flow.h"
#include "openflow/message.h"

namespace fabrix::fabric {

// The group of a switch, at all others.
constexpr std::uint32_t group_of(SwitchIndex at) {
  return static_cast<std::uint32_t>(at) + 1;
}

class SwitchPorts {
 public:
  SwitchPorts(const Topology& topology, SwitchIndex at);

  // One to one; reserved numbers stay.
  net::PortNo to_switch(net::PortNo port) const;
  net::PortNo from_switch(net::PortNo port) const;

  openflow::Match to_switch(openflow::Match match) const;
  openflow::Match from_switch(openflow::Match match) const;
  openflow::FlowMod to_switch(openflow::FlowMod flow) const;
  openflow::FlowStats from_switch(openflow::FlowStats flow) const;

  openflow::PacketOut to_switch(openflow::PacketOut packet) const;

  // In the exchange's numbers.
  std::vector<net::PortNo> ports() const;

 private:
  enum class Then : std::uint8_t { kEnds, kGoesOn };

  using Actions = std::vector<openflow::Action>;
  Actions to_switch(const Actions& actions, Then then) const;
  Actions from_switch(const Actions& actions, Then then) const;
  static Then then_of(const openflow::Instructions& instructions);

  std::map<net::PortNo, net::PortNo> own_;          // exchange -> switch
  std::map<net::PortNo, net::PortNo> exchange_;     // switch -> exchange
  std::map<net::PortNo, std::uint32_t> elsewhere_;  // exchange -> group
};

}  // namespace fabrix::fabric
