// Topology: the switches of a fabric, the links between them, and the shortest paths over those
// links that work.
//
// Only a switch of the core forwards what is neither from nor for a port of its own; so no path
// leads through an edge. Every link of a path leads nearer to its end: whatever links fail while
// switches go by the same paths, no frame goes round in a circle.
//
// Invariants (load() guarantees them; exchange/switch_reader.h): names and datapath ids are unique,
// and no id is 0; a port of the exchange, which is a label, is at one switch; a switch's own port
// is one of the exchange or the end of one link; both ends of a link are different switches; there
// is a path between any two switches with ports of the exchange; switches of the core have none.
//
// Values; any thread. Nothing here is fast: it is done when a link fails.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "net/ids.h"

namespace fabrix::exchange {

inline constexpr std::size_t kMaxSwitches = 128;
inline constexpr std::size_t kMaxLinks = 4096;
// The label of a frame is the port that it is for, as a VLAN id (IEEE 802.1Q §9.6: 1..4094).
inline constexpr std::uint32_t kMaxLabel = 4094;
// Of a switch's own ports (OpenFlow 1.0's highest, which Open vSwitch keeps to).
inline constexpr std::uint32_t kMaxSwitchPort = 0xfeff;

using SwitchIndex = std::size_t;
using LinkIndex = std::size_t;

enum class SwitchRole : std::uint8_t { kEdge, kCore };

struct SwitchSpec {
  std::string name;
  std::uint64_t datapath_id = 0;
  SwitchRole role = SwitchRole::kEdge;
  std::map<net::PortNo, net::PortNo> ports{};  // of the exchange -> its own number

  friend bool operator==(const SwitchSpec&, const SwitchSpec&) = default;
};

struct LinkEnd {
  SwitchIndex at = 0;
  net::PortNo port;  // the switch's own number

  friend auto operator<=>(const LinkEnd&, const LinkEnd&) = default;
};
using Link = std::array<LinkEnd, 2>;

struct Topology {
  std::vector<SwitchSpec> switches{};
  std::vector<Link> links{};

  friend bool operator==(const Topology&, const Topology&) = default;
};

// "e1:49-c1:1".
std::string describe(const Topology& topology, const Link& link);
std::string describe(const Topology& topology, LinkIndex link);

// The switch that has a port of the exchange.
std::optional<SwitchIndex> switch_of(const Topology& topology, net::PortNo port);

// The way to each switch, without the links that are down.
class Paths {
 public:
  Paths(const Topology& topology, const std::set<LinkIndex>& down);
  // Nor the doubtful ones, but where there is no way without them: every link of such a path, too,
  // leads nearer to its end, or to a switch from which there is a way without.
  Paths(const Topology& topology, const std::set<LinkIndex>& down,
        const std::set<LinkIndex>& doubtful);

  // The links at `from` on shortest paths to `to`, which is another switch; none: there is no way.
  const std::vector<LinkIndex>& next_links(SwitchIndex from, SwitchIndex to) const {
    return next_[from * count_ + to];
  }

 private:
  std::size_t count_;
  std::vector<std::vector<LinkIndex>> next_;  // by from, to
};

// What makes `is` another topology than `was`, for people: "switch c2 is new".
std::vector<std::string> differences(const Topology& was, const Topology& is);

// Two switches with ports of the exchange between which there is no path.
std::optional<std::array<SwitchIndex, 2>> find_apart(const Topology& topology);

}  // namespace fabrix::exchange
