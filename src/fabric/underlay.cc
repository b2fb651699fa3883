#include "fabric/underlay.h"

#include <set>
#include <utility>

#include "openflow/label_actions.h"

namespace fabrix::fabric {
namespace {

using openflow::OxmField;

constexpr std::uint64_t kCookie = std::uint64_t{0xfe} << 56U;  // of no program::Origin
constexpr std::uint16_t kFromLink = 0xffff;
constexpr std::uint16_t kProbe = 2;
constexpr std::uint16_t kLabel = 1;
constexpr std::uint64_t kEthTypeLldp = 0x88cc;

openflow::FlowMod flow_in(std::uint8_t table, std::uint16_t priority) {
  openflow::FlowMod flow;
  flow.table_id = table;
  flow.priority = priority;
  flow.cookie = kCookie;
  return flow;
}

openflow::FlowMod on_label(net::PortNo port) {
  openflow::FlowMod flow = flow_in(kLabelTable, kLabel);
  flow.match.set(OxmField::kVlanVid, std::uint64_t{openflow::kVlanPresent} | port.value);
  return flow;
}

std::vector<openflow::Action> leave_at(net::PortNo port) {
  return {openflow::pop_vlan(), openflow::Output{.port = port, .max_len = 0}};
}

std::vector<openflow::Action> go_to(SwitchIndex other) {
  return {openflow::to_group(group_of(other))};
}

net::PortNo port_at(const Link& link, SwitchIndex at) {
  return link[0].at == at ? link[0].port : link[1].port;
}

}  // namespace

Underlay::Underlay(const Topology& topology, SwitchIndex at) : at_(at), ports_(topology, at) {
  openflow::FlowMod probe = flow_in(kLabelTable, kProbe);
  probe.match.set(OxmField::kEthType, kEthTypeLldp).set(OxmField::kVlanVid, 0);
  probe.instructions.apply_actions = {openflow::to_controller()};
  add(std::move(probe));
  for (const Link& link : topology.links) {
    if (link[0].at == at || link[1].at == at) add_link(port_at(link, at));
  }
  add_labels(topology);
  use(topology, Paths(topology, {}));
}

void Underlay::add(openflow::FlowMod flow) {
  FlowKey key = key_of(flow.table_id, flow.priority, flow.match);
  flows_.emplace(std::move(key), std::move(flow));
}

void Underlay::add_link(net::PortNo port) {
  openflow::FlowMod flow = flow_in(0, kFromLink);
  flow.match.set(OxmField::kInPort, port.value);
  flow.instructions.goto_table = kLabelTable;
  add(std::move(flow));
}

void Underlay::add_labels(const Topology& topology) {
  for (SwitchIndex other = 0; other < topology.switches.size(); ++other) {
    if (other != at_ && topology.switches[at_].role != SwitchRole::kCore) continue;
    for (const auto& [port, own] : topology.switches[other].ports) {
      openflow::FlowMod flow = on_label(port);
      flow.instructions.apply_actions = other == at_ ? leave_at(own) : go_to(other);
      add(std::move(flow));
    }
  }
}

void Underlay::use(const Topology& topology, const Paths& paths) {
  wanted_.clear();
  for (SwitchIndex other = 0; other < topology.switches.size(); ++other) {
    if (other == at_ || topology.switches[other].ports.empty()) continue;
    openflow::Group group{.type = openflow::kGroupSelect, .id = group_of(other)};
    for (const LinkIndex link : paths.next_links(at_, other)) {
      const net::PortNo port = port_at(topology.links[link], at_);
      group.buckets.push_back({.weight = 1,
                               .watch_port = port,
                               .actions = {openflow::Output{.port = port, .max_len = 0}}});
    }
    wanted_.emplace(group.id, std::move(group));
  }
}

void Underlay::note_groups(const std::vector<openflow::Group>& present) {
  present_.clear();
  for (const openflow::Group& group : present) present_.emplace(group.id, group);
}

std::vector<openflow::GroupMod> Underlay::take_group_changes() {
  using enum openflow::GroupCommand;
  std::vector<openflow::GroupMod> mods;
  for (const auto& [id, group] : present_) {
    if (!wanted_.contains(id)) mods.push_back({.command = kDelete, .group = {.id = id}});
  }
  for (const auto& [id, group] : wanted_) {
    const auto has = present_.find(id);
    if (has != present_.end() && has->second == group) continue;
    mods.push_back({.command = has == present_.end() ? kAdd : kModify, .group = group});
  }
  present_ = wanted_;
  return mods;
}

std::size_t Underlay::count_wrong_groups() const {
  std::size_t wrong = 0;
  for (const auto& [id, group] : present_) wrong += wanted_.contains(id) ? 0U : 1U;
  for (const auto& [id, group] : wanted_) {
    const auto has = present_.find(id);
    wrong += has != present_.end() && has->second == group ? 0U : 1U;
  }
  return wrong;
}

Underlay::FlowsFound Underlay::take_flows(std::vector<openflow::FlowStats>& flows) const {
  FlowsFound found;
  std::set<FlowKey> there;
  std::vector<openflow::FlowStats> others;
  for (openflow::FlowStats& flow : flows) {
    FlowKey key = key_of(flow.table_id, flow.priority, flow.match);
    const auto wanted = flows_.find(key);
    if (wanted == flows_.end()) {
      others.push_back(ports_.from_switch(std::move(flow)));
      continue;
    }
    const bool is_right = same_flow(flow, wanted->second);
    ++(is_right ? found.right : found.different);
    if (!is_right) found.changes.push_back(wanted->second);
    there.insert(std::move(key));
  }
  for (const auto& [key, flow] : flows_) {
    if (there.contains(key)) continue;
    ++found.missing;
    found.changes.push_back(flow);
  }
  flows = std::move(others);
  return found;
}

}  // namespace fabrix::fabric
