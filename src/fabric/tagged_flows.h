// What a flow entry is in a switch some of whose ports have tags (fabric/port_tags.h).
//
//     admit: in_port = a tagged port, vlan_vid = 0 -> vlan_vid = its tag, pop_vlan before all else
//     output to a tagged port               -> push_vlan, vlan_vid = its tag, output [, pop_vlan]
//
// the last where the packet goes on. Later tables see no tag. An entry for a tagged port that minds
// no tag, which drops what no other lets in, stays. A second tag that a switch does not look behind
// (Open vSwitch with other_config:vlan-limit 1, its default) is an EtherType that no entry lets in.
//
//   OpenFlow 1.4.1 §7.2.3.8 (vlan_vid), §7.2.5 (push_vlan, pop_vlan)
//
// Pure; any thread.
#pragma once

#include <vector>

#include "fabric/port_tags.h"
#include "openflow/flow.h"

namespace fabrix::fabric {

openflow::FlowMod with_tags(const PortTags& tags, openflow::FlowMod flow);

// Of a frame that Fabrix sends, without a tag.
std::vector<openflow::Action> with_tags(const PortTags& tags,
                                        const std::vector<openflow::Action>& actions);

}  // namespace fabrix::fabric
