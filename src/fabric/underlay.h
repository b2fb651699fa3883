// Underlay: what one switch of several needs besides its share of the Program: how a labelled frame
// gets on. It depends on the topology and on which links work, never on policies or routes.
//
//     table 0, 0xffff   in_port = a link                  -> kLabelTable
//     kLabelTable       untagged LLDP (IEEE 802.1AB)      -> the controller: a probe
//                       vlan_vid = a port of this switch  -> pop_vlan, output
//                       vlan_vid = another port           -> group of its switch (core only)
//
// Nothing else that comes over a link passes, and no label is taken from a port that is no link.
// For each other switch with ports there is a group: of type select, with a bucket for each link on
// a shortest path, which the switch itself leaves out while that link is down.
//
// Everything here is in the switch's own numbers, but for what take_flows() leaves. A value.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

#include "fabric/flow_reading.h"
#include "fabric/switch_ports.h"
#include "fabric/topology.h"
#include "openflow/flow.h"
#include "openflow/group.h"
#include "program/program.h"

namespace fabrix::fabric {

inline constexpr std::uint8_t kLabelTable = program::kTableCount;

class Underlay {
 public:
  // With all links up.
  Underlay(const Topology& topology, SwitchIndex at);

  const SwitchPorts& ports() const { return ports_; }

  // The groups are to be those of `paths` from now on.
  void use(const Topology& topology, const Paths& paths);

  // The switch has these groups.
  void note_groups(const std::vector<openflow::Group>& present);
  // From those that it has to those that it should have, which it is taken to have from now on.
  std::vector<openflow::GroupMod> take_group_changes();
  // How many are missing, different, or nobody's.
  std::size_t count_wrong_groups() const;

  struct FlowsFound {
    std::vector<openflow::FlowMod> changes;  // that correct the underlay's
    std::size_t right = 0;
    std::size_t different = 0;
    std::size_t missing = 0;
  };
  // Takes the underlay's own flow entries out of what the switch has, and gives the others the
  // exchange's numbers.
  FlowsFound take_flows(std::vector<openflow::FlowStats>& flows) const;
  std::size_t flow_count() const { return flows_.size(); }

 private:
  using Groups = std::map<std::uint32_t, openflow::Group>;  // by id

  void add(openflow::FlowMod flow);
  void add_link(net::PortNo port);
  void add_labels(const Topology& topology);

  SwitchIndex at_;
  SwitchPorts ports_;
  std::map<FlowKey, openflow::FlowMod> flows_;
  Groups wanted_;
  Groups present_;
};

}  // namespace fabrix::fabric
