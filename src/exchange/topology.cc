#include "exchange/topology.h"

#include <deque>
#include <utility>

#include <fmt/format.h>

namespace fabrix::exchange {
namespace {

bool forwards(const SwitchSpec& spec) {
  return spec.role == SwitchRole::kCore;
}

std::set<LinkIndex> joined(std::set<LinkIndex> some, const std::set<LinkIndex>& others) {
  some.insert(others.begin(), others.end());
  return some;
}

struct Way {
  LinkIndex link;
  SwitchIndex to;
};

// From each switch, by the links that are not down.
std::vector<std::vector<Way>> ways_of(const Topology& topology, const std::set<LinkIndex>& down) {
  std::vector<std::vector<Way>> ways(topology.switches.size());
  for (LinkIndex link = 0; link < topology.links.size(); ++link) {
    if (down.contains(link)) continue;
    const auto& [one, other] = topology.links[link];
    ways[one.at].push_back({.link = link, .to = other.at});
    ways[other.at].push_back({.link = link, .to = one.at});
  }
  return ways;
}

using Distances = std::vector<std::optional<std::size_t>>;

// From the end backwards.
Distances distances_to(const Topology& topology, const std::vector<std::vector<Way>>& ways,
                       SwitchIndex to) {
  Distances distance(ways.size());
  distance[to] = 0;
  std::deque<SwitchIndex> reached{to};
  for (; !reached.empty(); reached.pop_front()) {
    const SwitchIndex here = reached.front();
    if (here != to && !forwards(topology.switches[here])) continue;
    for (const Way& way : ways[here]) {
      if (distance[way.to]) continue;
      distance[way.to] = *distance[here] + 1;
      reached.push_back(way.to);
    }
  }
  return distance;
}

struct Journey {
  SwitchIndex from;
  SwitchIndex to;
};

// The links to switches that are nearer to the end, and it or forward.
std::vector<LinkIndex> nearer_links(const Topology& topology, const std::vector<Way>& ways,
                                    const Distances& distance, const Journey& journey) {
  std::vector<LinkIndex> links;
  for (const Way& way : ways) {
    if (way.to != journey.to && !forwards(topology.switches[way.to])) continue;
    if (!distance[way.to] || distance[journey.from] != *distance[way.to] + 1) continue;
    links.push_back(way.link);
  }
  return links;
}

std::set<std::string> links_of(const Topology& topology) {
  std::set<std::string> links;
  for (const Link& link : topology.links) links.insert(describe(topology, link));
  return links;
}

std::vector<std::string> link_differences(const Topology& was, const Topology& is) {
  std::vector<std::string> lines;
  const auto before = links_of(was);
  const auto after = links_of(is);
  for (const std::string& link : after) {
    if (!before.contains(link)) lines.push_back("link " + link + " is new");
  }
  for (const std::string& link : before) {
    if (!after.contains(link)) lines.push_back("link " + link + " is gone");
  }
  return lines;
}

}  // namespace

std::string describe(const Topology& topology, LinkIndex link) {
  return describe(topology, topology.links[link]);
}

std::string describe(const Topology& topology, const Link& link) {
  const auto& [one, other] = link;
  return fmt::format("{}:{}-{}:{}", topology.switches[one.at].name, one.port.value,
                     topology.switches[other.at].name, other.port.value);
}

std::optional<SwitchIndex> switch_of(const Topology& topology, net::PortNo port) {
  for (SwitchIndex at = 0; at < topology.switches.size(); ++at) {
    if (topology.switches[at].ports.contains(port)) return at;
  }
  return std::nullopt;
}

Paths::Paths(const Topology& topology, const std::set<LinkIndex>& down,
             const std::set<LinkIndex>& doubtful)
    : Paths(topology, joined(down, doubtful)) {
  if (doubtful.empty()) return;
  const Paths all(topology, down);
  for (std::size_t i = 0; i < next_.size(); ++i) {
    if (next_[i].empty()) next_[i] = all.next_[i];
  }
}

Paths::Paths(const Topology& topology, const std::set<LinkIndex>& down)
    : count_(topology.switches.size()), next_(count_ * count_) {
  const auto ways = ways_of(topology, down);
  for (SwitchIndex to = 0; to < count_; ++to) {
    const auto distance = distances_to(topology, ways, to);
    for (SwitchIndex from = 0; from < count_; ++from) {
      next_[from * count_ + to] = nearer_links(topology, ways[from], distance, {from, to});
    }
  }
}

std::vector<std::string> differences(const Topology& was, const Topology& is) {
  std::vector<std::string> lines;
  const auto by_name = [](const Topology& topology) {
    std::map<std::string, const SwitchSpec*> names;
    for (const SwitchSpec& spec : topology.switches) names.emplace(spec.name, &spec);
    return names;
  };
  const auto before = by_name(was);
  const auto after = by_name(is);
  for (const auto& [name, spec] : after) {
    const auto found = before.find(name);
    if (found == before.end()) {
      lines.push_back("switch " + name + " is new");
    } else if (*found->second != *spec) {
      lines.push_back("switch " + name + " is another");
    }
  }
  for (const auto& [name, spec] : before) {
    if (!after.contains(name)) lines.push_back("switch " + name + " is gone");
  }
  for (std::string& line : link_differences(was, is)) lines.push_back(std::move(line));
  return lines;
}

std::optional<std::array<SwitchIndex, 2>> find_apart(const Topology& topology) {
  const Paths paths(topology, {});
  for (SwitchIndex from = 0; from < topology.switches.size(); ++from) {
    for (SwitchIndex to = 0; to < topology.switches.size(); ++to) {
      const bool both =
          !topology.switches[from].ports.empty() && !topology.switches[to].ports.empty();
      if (from != to && both && paths.next_links(from, to).empty()) return std::array{from, to};
    }
  }
  return std::nullopt;
}

}  // namespace fabrix::exchange
