// LinkStates: which links between switches can be used, from what the switches say of their ports
// and from probes (fabric/link_probe.h).
//
// A link is down when one of its ports is, or when a probe says that it is wired to something else.
// It is silent when, both its switches being there, kMissed probes on end have been sent over it
// and none has arrived: counted in probes and not in time, so a controller that was busy for a
// while finds nothing silent. A silent link may work all the same, as when a switch is too busy to
// hand on its probes. A switch that is not there says nothing against its links: it forwards
// without its controller.
//
// No I/O and no clock. Not thread-safe.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "fabric/link_probe.h"
#include "fabric/topology.h"

namespace fabrix::fabric {

class LinkStates {
 public:
  static constexpr unsigned kMissed = 3;

  // All links up. The topology must outlive this.
  explicit LinkStates(const Topology& topology);

  // The switch is there from now on, and says which of its ports are up by on_port(); or it is not.
  void connected(SwitchIndex at);
  void disconnected(SwitchIndex at);

  // In the switch's own numbers. False: no link has that port.
  bool on_port(SwitchIndex at, net::PortNo port, bool up);
  // A probe is sent by that port; one has come in by it.
  void on_probe_sent(SwitchIndex at, net::PortNo port);
  void on_probe(SwitchIndex at, net::PortNo port, const LinkProbe& probe);

  std::set<LinkIndex> down() const;
  std::set<LinkIndex> silent() const;  // and not down
  // Why it is one of the two; empty: it is none.
  std::string fault(LinkIndex link) const;

  // The ports out of which a switch sends probes.
  const std::vector<net::PortNo>& ports(SwitchIndex at) const { return ports_[at]; }

 private:
  struct End {
    bool up = true;
    unsigned missed = 0;               // probes of the other end since the last that arrived
    std::optional<LinkProbe> instead;  // the last that was not of the other end
  };
  struct Place {
    LinkIndex link;
    std::size_t side;
  };

  std::optional<Place> find(SwitchIndex at, net::PortNo port) const;
  std::string why_down(LinkIndex link) const;
  std::string why_silent(LinkIndex link) const;

  const Topology& topology_;
  std::vector<std::array<End, 2>> ends_;         // by link
  std::vector<bool> is_there_;                   // by switch
  std::vector<std::vector<net::PortNo>> ports_;  // by switch
};

}  // namespace fabrix::fabric
