#include "fabric/switch_ports.h"

#include <optional>
#include <utility>
#include <variant>

#include "openflow/label_actions.h"

namespace fabrix::fabric {
namespace {

using openflow::Action;
using openflow::OxmField;

// Sets what is no port of the exchange apart from what is.
constexpr std::uint32_t kBeyond = 0x01000000;
constexpr std::uint32_t kFirstReserved = 0xffffff00;  // OFPP_MAX (§7.2.1)

net::PortNo flipped(net::PortNo port) {
  return net::PortNo{port.value ^ kBeyond};
}

// One to one: the partners of the named ports are each other's, too.
net::PortNo translated(net::PortNo port, const std::map<net::PortNo, net::PortNo>& there,
                       const std::map<net::PortNo, net::PortNo>& back) {
  if (port.value >= kFirstReserved) return port;
  if (const auto found = there.find(port); found != there.end()) return found->second;
  const auto partner = back.find(flipped(port));
  return flipped(partner != back.end() ? partner->second : port);
}

// No Program has it.
Action mark() {
  return openflow::OpaqueAction{.type = 0xfffe, .body = std::vector<std::byte>(4)};
}

std::optional<net::PortNo> label_in(const Action& action) {
  const auto* set = std::get_if<openflow::SetField>(&action);
  if (set == nullptr || set->field != OxmField::kVlanVid) return std::nullopt;
  return net::PortNo{static_cast<std::uint32_t>(set->value.low) ^ openflow::kVlanPresent};
}

template <class Translate>
openflow::Match with_in_port(openflow::Match match, const Translate& translate) {
  if (const auto* test = match.find(OxmField::kInPort)) {
    const net::PortNo port{static_cast<std::uint32_t>(test->value.low)};
    match.set(OxmField::kInPort, translate(port).value);
  }
  return match;
}

}  // namespace

SwitchPorts::SwitchPorts(const Topology& topology, SwitchIndex at)
    : own_(topology.switches[at].ports) {
  for (const auto& [port, own] : own_) exchange_.emplace(own, port);
  for (SwitchIndex other = 0; other < topology.switches.size(); ++other) {
    if (other == at) continue;
    for (const auto& [port, own] : topology.switches[other].ports) {
      elsewhere_.emplace(port, group_of(other));
    }
  }
}

net::PortNo SwitchPorts::to_switch(net::PortNo port) const {
  return translated(port, own_, exchange_);
}

net::PortNo SwitchPorts::from_switch(net::PortNo port) const {
  return translated(port, exchange_, own_);
}

openflow::Match SwitchPorts::to_switch(openflow::Match match) const {
  return with_in_port(std::move(match), [this](net::PortNo port) { return to_switch(port); });
}

openflow::Match SwitchPorts::from_switch(openflow::Match match) const {
  return with_in_port(std::move(match), [this](net::PortNo port) { return from_switch(port); });
}

SwitchPorts::Then SwitchPorts::then_of(const openflow::Instructions& instructions) {
  return instructions.goto_table ? Then::kGoesOn : Then::kEnds;
}

SwitchPorts::Actions SwitchPorts::to_switch(const Actions& actions, Then then) const {
  Actions made;
  for (const Action& action : actions) {
    const auto* output = std::get_if<openflow::Output>(&action);
    if (output == nullptr) {
      made.push_back(action);
      continue;
    }
    const auto away = elsewhere_.find(output->port);
    if (away == elsewhere_.end()) {
      made.emplace_back(
          openflow::Output{.port = to_switch(output->port), .max_len = output->max_len});
      continue;
    }
    made.emplace_back(openflow::push_vlan());
    made.emplace_back(openflow::set_vlan_id(static_cast<std::uint16_t>(output->port.value)));
    made.emplace_back(openflow::to_group(away->second));
    const bool is_last = &action == &actions.back() && then == Then::kEnds;
    if (!is_last) made.emplace_back(openflow::pop_vlan());
  }
  return made;
}

SwitchPorts::Actions SwitchPorts::from_switch(const Actions& actions, Then then) const {
  Actions found;
  for (std::size_t i = 0; i < actions.size(); ++i) {
    const bool pushes = actions[i] == Action{openflow::push_vlan()} && i + 2 < actions.size();
    const auto label = pushes ? label_in(actions[i + 1]) : std::nullopt;
    const auto away = label ? elsewhere_.find(*label) : elsewhere_.end();
    // A member's tag (fabric/tagged_flows.h) may be a port's number, too.
    if (away != elsewhere_.end() && actions[i + 2] == Action{openflow::to_group(away->second)}) {
      found.emplace_back(openflow::Output{.port = *label, .max_len = 0});
      const std::size_t after = i + 3;
      const bool pops = after < actions.size() && actions[after] == Action{openflow::pop_vlan()};
      i += pops ? 3 : 2;
      continue;
    }
    Action action = actions[i];
    if (auto* output = std::get_if<openflow::Output>(&action)) {
      output->port = from_switch(output->port);
    }
    found.push_back(std::move(action));
  }
  if (to_switch(found, then) != actions) found.insert(found.begin(), mark());
  return found;
}

openflow::FlowMod SwitchPorts::to_switch(openflow::FlowMod flow) const {
  flow.match = to_switch(std::move(flow.match));
  auto& instructions = flow.instructions;
  instructions.apply_actions = to_switch(instructions.apply_actions, then_of(instructions));
  return flow;
}

openflow::FlowStats SwitchPorts::from_switch(openflow::FlowStats flow) const {
  flow.match = from_switch(std::move(flow.match));
  auto& instructions = flow.instructions;
  instructions.apply_actions = from_switch(instructions.apply_actions, then_of(instructions));
  return flow;
}

openflow::PacketOut SwitchPorts::to_switch(openflow::PacketOut packet) const {
  packet.actions = to_switch(packet.actions, Then::kEnds);
  return packet;
}

std::vector<net::PortNo> SwitchPorts::ports() const {
  std::vector<net::PortNo> ports;
  for (const auto& [port, own] : own_) ports.push_back(port);
  return ports;
}

}  // namespace fabrix::fabric
