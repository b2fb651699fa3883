#include "fabric/tagged_flows.h"

#include <cstdint>
#include <utility>
#include <variant>

#include "openflow/label_actions.h"
#include "program/program.h"

namespace fabrix::fabric {
namespace {

using openflow::Action;
using openflow::OxmField;
using Actions = std::vector<Action>;

enum class Then : std::uint8_t { kEnds, kGoesOn };

Actions tagged(const PortTags& tags, const Actions& actions, Then then) {
  Actions made;
  for (const Action& action : actions) {
    const auto* output = std::get_if<openflow::Output>(&action);
    const std::uint16_t tag = output == nullptr ? std::uint16_t{0} : tag_of(tags, output->port);
    if (tag == 0) {
      made.push_back(action);
      continue;
    }
    made.emplace_back(openflow::push_vlan());
    made.emplace_back(openflow::set_vlan_id(tag));
    made.push_back(action);
    const bool is_last = &action == &actions.back() && then == Then::kEnds;
    if (!is_last) made.emplace_back(openflow::pop_vlan());
  }
  return made;
}

// The tag that the frames which the entry takes for untagged carry when they come in; 0: none, or
// it minds no tag.
std::uint16_t tag_tested(const PortTags& tags, const openflow::FlowMod& flow) {
  if (flow.table_id != static_cast<std::uint8_t>(program::TableId::kAdmit)) return 0;
  const auto* port = flow.match.find(OxmField::kInPort);
  const auto* vlan = flow.match.find(OxmField::kVlanVid);
  if (port == nullptr || vlan == nullptr || !vlan->is_exact() || vlan->value.low != 0) return 0;
  return tag_of(tags, net::PortNo{static_cast<std::uint32_t>(port->value.low)});
}

}  // namespace

openflow::FlowMod with_tags(const PortTags& tags, openflow::FlowMod flow) {
  if (tags.empty()) return flow;
  auto& actions = flow.instructions.apply_actions;
  const auto& next = flow.instructions.goto_table;
  actions = tagged(tags, actions, next ? Then::kGoesOn : Then::kEnds);
  const std::uint16_t tag = tag_tested(tags, flow);
  if (tag == 0) return flow;
  flow.match.set(OxmField::kVlanVid, std::uint64_t{openflow::kVlanPresent} | tag);
  const bool is_dropped = actions.empty() && !next;
  if (!is_dropped) actions.insert(actions.begin(), Action{openflow::pop_vlan()});
  return flow;
}

std::vector<Action> with_tags(const PortTags& tags, const std::vector<Action>& actions) {
  return tagged(tags, actions, Then::kEnds);
}

}  // namespace fabrix::fabric
