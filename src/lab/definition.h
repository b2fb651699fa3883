// Definition: what a lab is, as checked values: an exchange, the daemon and prefixes of each of its
// routers, and the steps to go through. load_definition() makes one from lab.yaml (docs/lab.md).
//
// Invariants (load_definition() guarantees them): routers and middleboxes are those of the
// exchange, in its order, each once; what a step names exists; a prefix that a step announces or
// withdraws is one of the router's; the packet of a traffic step is TCP or UDP, from an address of
// its sender to an address that some router has; who abuses the LAN and against whom, and the route
// server, have an address of both families.
//
// Pure; mistakes are Diagnostics with codes L01xx (those of yaml_reader.h are C01xx).
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/diagnostic.h"
#include "base/result.h"
#include "exchange/exchange.h"
#include "lab/daemon.h"
#include "net/packet.h"
#include "net/prefix.h"
#include "program/drop.h"

namespace fabrix::lab {

// The address that a router has on its loopback for a prefix it originates: the prefix's first
// after the all-zeros one, or the only one there is.
net::IpAddress host_address(const net::Prefix& prefix);

struct LabRouter {
  std::string name;
  DaemonKind daemon = DaemonKind::kBird;
  std::vector<net::Prefix> prefixes;

  bool owns(const net::IpAddress& address) const;
  std::vector<net::IpAddress> addresses(net::Family family) const;
};

// A firewall in the wire at a middlebox port: a bridge that returns frames by the port they came
// from, but for those that a rule of nftables matches.
struct LabMiddlebox {
  std::string name;
  std::vector<std::string> drops;  // "tcp dport 23"
};

// The router's kernel has all prefixes of a group (and family) by one next hop, and each group by
// another one.
struct RoutesStep {
  std::string router;
  std::vector<std::vector<net::Prefix>> groups;
  std::optional<std::string> via;  // a router's own address; none: virtual next hops
};

struct OnLinkStep {
  std::string router;
  net::Prefix prefix;
};

struct TrafficStep {
  std::string from;
  net::Packet packet;
  std::string packet_text;             // as written
  std::optional<std::string> arrives;  // none: nowhere
};

enum class RouteChange : std::uint8_t { kAnnounce, kWithdraw };

struct RouteStep {
  RouteChange change = RouteChange::kAnnounce;
  std::string router;
  net::Prefix prefix;
};

enum class PowerState : std::uint8_t { kDown, kUp };

// A router's or middlebox's cable is pulled or put back.
struct LinkStep {
  std::string router;
  PowerState state = PowerState::kDown;
};

// A router's daemon ends or starts.
struct SessionStep {
  std::string router;
  PowerState state = PowerState::kDown;
};

// A core switch dies, all its links at once, or comes back, while a stream of flows (lab/stream.h)
// goes from one router to another: no flow may fail for longer than `within`.
struct FailoverStep {
  std::string from;  // from all its addresses of that family, in turn
  exchange::ServerAddress to;
  std::string arrives;
  std::string at;  // the switch
  PowerState state = PowerState::kDown;
  std::chrono::milliseconds within{50};
};

// A member sends what it must not (lab/abuse_frames.h), each frame `times` times: nobody gets any
// of it, and its port counts it all for the reason.
struct AbuseStep {
  std::string from;
  std::string against;  // another router, whose addresses are in the frames
  std::vector<std::string> frames;
  std::size_t times = 5;
  program::DropReason dropped = program::DropReason::kSourceMac;
  std::size_t limit = 0;  // how many may get through, of those that are beyond a limit
  bool is_raw = false;    // without the VLAN tag of the sender's port
};

struct PolicyStep {
  std::string participant;
  std::optional<std::string> file;  // relative to lab.yaml; none: no policy any more
};

struct NoteStep {
  std::string text;
};

using Action = std::variant<RoutesStep, OnLinkStep, TrafficStep, RouteStep, LinkStep, SessionStep,
                            FailoverStep, AbuseStep, PolicyStep, NoteStep>;

struct Step {
  std::uint32_t line = 0;  // of lab.yaml
  Action action;
};

// A line for people: "tcp 100.0.0.1 -> 140.0.0.1:80 from a1 arrives at b1".
std::string describe(const Step& step);

struct Definition {
  std::string description;
  std::optional<exchange::FabricType> fabric;  // that its expectations are about; none: any
  exchange::Exchange exchange;
  std::vector<LabRouter> routers;
  std::vector<LabMiddlebox> middleboxes;
  std::vector<Step> steps;

  const LabRouter* find_router(std::string_view name) const;
};

// `file` is the name used in diagnostics.
Result<Definition, std::vector<Diagnostic>> load_definition(std::string_view text,
                                                            std::string_view file,
                                                            exchange::Exchange exchange);

}  // namespace fabrix::lab
