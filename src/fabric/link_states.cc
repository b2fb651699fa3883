#include "fabric/link_states.h"

#include <fmt/format.h>

namespace fabrix::fabric {

LinkStates::LinkStates(const Topology& topology)
    : topology_(topology),
      ends_(topology.links.size()),
      is_there_(topology.switches.size()),
      ports_(topology.switches.size()) {
  for (const Link& link : topology.links) {
    for (const LinkEnd& end : link) ports_[end.at].push_back(end.port);
  }
}

std::optional<LinkStates::Place> LinkStates::find(SwitchIndex at, net::PortNo port) const {
  for (LinkIndex link = 0; link < ends_.size(); ++link) {
    for (std::size_t side = 0; side < 2; ++side) {
      const LinkEnd& end = topology_.links[link][side];
      if (end.at == at && end.port == port) return Place{.link = link, .side = side};
    }
  }
  return std::nullopt;
}

void LinkStates::connected(SwitchIndex at) {
  is_there_[at] = true;
  for (const net::PortNo port : ports_[at]) on_port(at, port, false);
}

void LinkStates::disconnected(SwitchIndex at) {
  is_there_[at] = false;
  for (const net::PortNo port : ports_[at]) {
    const auto place = find(at, port);
    for (End& end : ends_[place->link]) end.missed = 0;
    ends_[place->link][place->side].instead.reset();
  }
}

bool LinkStates::on_port(SwitchIndex at, net::PortNo port, bool up) {
  const auto place = find(at, port);
  if (!place) return false;
  auto& ends = ends_[place->link];
  if (ends[place->side].up == up) return true;
  for (End& end : ends) end.missed = 0;
  ends[place->side].instead.reset();
  ends[place->side].up = up;
  return true;
}

void LinkStates::on_probe_sent(SwitchIndex at, net::PortNo port) {
  const auto place = find(at, port);
  if (!place) return;
  auto& ends = ends_[place->link];
  const SwitchIndex other = topology_.links[place->link][1 - place->side].at;
  if (ends[0].up && ends[1].up && is_there_[other]) ++ends[1 - place->side].missed;
}

void LinkStates::on_probe(SwitchIndex at, net::PortNo port, const LinkProbe& probe) {
  const auto place = find(at, port);
  if (!place) return;
  const LinkEnd& other = topology_.links[place->link][1 - place->side];
  const LinkProbe expected{.datapath_id = topology_.switches[other.at].datapath_id,
                           .port = other.port};
  End& end = ends_[place->link][place->side];
  if (probe == expected) {
    end.missed = 0;
    end.instead.reset();
  } else {
    end.instead = probe;
  }
}

std::string LinkStates::why_down(LinkIndex link) const {
  for (std::size_t side = 0; side < 2; ++side) {
    const LinkEnd& place = topology_.links[link][side];
    const std::string& name = topology_.switches[place.at].name;
    const End& end = ends_[link][side];
    if (!end.up) return fmt::format("port {} of {} is down", place.port.value, name);
    if (end.instead) {
      return fmt::format("port {} of {} is wired to port {} of datapath {:016x}", place.port.value,
                         name, end.instead->port.value, end.instead->datapath_id);
    }
  }
  return {};
}

std::string LinkStates::why_silent(LinkIndex link) const {
  for (std::size_t side = 0; side < 2; ++side) {
    const LinkEnd& place = topology_.links[link][side];
    if (ends_[link][side].missed <= kMissed) continue;
    return fmt::format("no probe arrives at port {} of {}", place.port.value,
                       topology_.switches[place.at].name);
  }
  return {};
}

std::string LinkStates::fault(LinkIndex link) const {
  std::string why = why_down(link);
  return why.empty() ? why_silent(link) : why;
}

std::set<LinkIndex> LinkStates::down() const {
  std::set<LinkIndex> found;
  for (LinkIndex link = 0; link < ends_.size(); ++link) {
    if (!why_down(link).empty()) found.insert(link);
  }
  return found;
}

std::set<LinkIndex> LinkStates::silent() const {
  std::set<LinkIndex> found;
  for (LinkIndex link = 0; link < ends_.size(); ++link) {
    if (why_down(link).empty() && !why_silent(link).empty()) found.insert(link);
  }
  return found;
}

}  // namespace fabrix::fabric
