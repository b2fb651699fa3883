// Exchange: who takes part in an Internet exchange, with which routers, where. The configuration as
// checked values; exchange/load.h makes one from exchange.yaml.
//
// Invariants (load() guarantees them): ids are indices; of what is present: names of participants
// are unique, so are names of routers; no two routers share a MAC, an address, a port or an
// interface (middlebox ports, which stand among them, have neither MAC nor address); every
// router address and every virtual next hop range lies in a peering LAN prefix; ranges contain no
// router or route server address.
//
// Immutable after loading; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "exchange/dynamic_range.h"
#include "exchange/session_policy.h"
#include "exchange/source_rule.h"
#include "exchange/topology.h"
#include "net/asn.h"
#include "net/ids.h"
#include "net/ip_address.h"
#include "net/mac_address.h"
#include "net/prefix.h"

namespace fabrix::exchange {

// A server on the network.
struct ServerAddress {
  net::IpAddress address = net::IpAddress::unspecified(net::Family::kIpv4);
  std::uint16_t port = 0;

  friend bool operator==(const ServerAddress&, const ServerAddress&) = default;
};

// Where RPKI data comes from.
struct RpkiSources {
  std::vector<ServerAddress> caches;  // RTR (RFC 8210), in order of preference
  std::string vrps_file;              // JSON as rpki-client writes it; empty: none
  std::string slurm_file;             // RFC 8416; empty: none

  friend bool operator==(const RpkiSources&, const RpkiSources&) = default;
};

// Who hears of a member's FlowSpec rules (RFC 8955).
enum class FlowSpecScope : std::uint8_t { kNobody, kEveryone };

// What carries the members' traffic: switches, or this machine's kernel.
enum class FabricType : std::uint8_t { kOpenFlow, kLinux };

struct FabricSite {
  FabricType type = FabricType::kOpenFlow;
  // Of the Linux fabric. What the interfaces of ports that name none are called, with %d for the
  // port's number: "swp%d"; empty: each port names its own. See exchange/interfaces.h.
  std::string interfaces;
  std::string pins = "/sys/fs/bpf/fabrix";  // where the kernel keeps it when fabrixd ends
  // Of OpenFlow. Without switches: there is one, whichever connects, with the exchange's ports.
  // Else every port of the exchange is at one of them.
  Topology topology{};
  // Of OpenFlow: the fencing token that the role of a switch's master is asked for with; 0: it is
  // not asked for.
  std::uint64_t generation = 0;

  friend bool operator==(const FabricSite&, const FabricSite&) = default;
};

// Where people and other programs look at the exchange. A port of 0: not served.
struct MonitoringSite {
  net::IpAddress http_address =
      net::IpAddress::unspecified(net::Family::kIpv4);  // default 127.0.0.1
  std::uint16_t http_port = 0;                          // birdwatcher API and /metrics
  std::vector<ServerAddress> bmp_collectors;            // RFC 7854
  std::string mrt_directory;                            // empty: no dumps
  std::uint32_t mrt_table_seconds = 7200;
  std::uint32_t mrt_updates_seconds = 300;

  friend bool operator==(const MonitoringSite&, const MonitoringSite&) = default;
};

// Where samples of what comes in by ports go, and their counters (sFlow version 5).
struct SflowSite {
  std::vector<ServerAddress> collectors;  // empty: nothing is sampled
  std::optional<net::IpAddress> agent;    // how they know the exchange; none: its router id
  std::uint32_t rate = 1000;              // one frame of so many; 0: none
  std::uint32_t polling_seconds = 20;     // between two counts of a port; 0: they are not sent

  friend bool operator==(const SflowSite&, const SflowSite&) = default;
};

// What a port may be used for. Set while the exchange runs, and no part of its configuration.
enum class Standing : std::uint8_t {
  kOpen,
  kQuarantined,  // it and the route server speak to each other, and nothing else passes
  kShutDown,     // nothing passes
};

inline constexpr std::uint16_t kMaxVlan = 4094;  // IEEE 802.1Q 9.6

struct Router {
  net::RouterId id;
  net::ParticipantId participant;
  std::string name;
  net::MacAddress mac;
  std::vector<net::IpAddress> addresses;  // on the peering LAN; one BGP session each
  net::PortNo port;
  std::string interface;  // of this machine, that the port is; empty: as FabricSite says
  // On the fabric. False: removed by a reload, and its id kept (exchange/reload.h); or a dynamic
  // neighbour's (exchange/dynamic_neighbors.h), which has an address and no port.
  bool present = true;
  // A port with a device that gives back, by the same port and with their MAC addresses, the frames
  // that policies send through it (`via`). It is nobody's: no MAC, no address, no session.
  bool middlebox = false;
  // Of its port. Routes and tables are made as if a port that is not open were down.
  Standing standing = Standing::kOpen;
  std::optional<std::uint32_t> sflow_rate{};  // of its port; none: as SflowSite says
  // That frames at its port carry (fabric/port_tags.h), 1 to kMaxVlan; 0: they are untagged.
  std::uint16_t vlan = 0;
  SourceRule sources{};  // of what comes in at its port; a middlebox port has none

  // Whether frames may be for it.
  bool is_reachable() const { return present && !middlebox; }
};

struct Participant {
  net::ParticipantId id;
  std::string name;
  net::Asn asn;                            // need not be unique
  std::optional<std::string> policy_file;  // as written, relative to the configuration file
  std::optional<std::vector<net::ParticipantId>> peers;  // none: everyone
  std::vector<net::RouterId>
      routers;  // and middlebox ports, in the order written: C1 is the first of C
  SessionPolicy session;
  ImportPolicy import;
  bool present = true;  // false: gone, and its id kept (exchange/reload.h)
  // Made for a session from this prefix (exchange/dynamic_neighbors.h); none: it is listed.
  std::optional<net::Prefix> dynamic;
};

// The route server's own attachment to the fabric. It has a router's properties but is no
// participant.
struct RouteServerSite {
  std::vector<net::IpAddress> addresses;
  std::uint16_t tcp_port = 179;
  net::PortNo port;       // `fabric_port`, by default 4094
  std::string interface;  // as a router's
  net::MacAddress mac;  // `mac`, by default 02:fa:b2:00:00:01 style control tag (see program/tag.h)
  RpkiSources rpki;
  MonitoringSite monitoring;
  FlowSpecScope flowspec = FlowSpecScope::kNobody;
  std::uint32_t flowspec_rules = 100;  // of one member
  std::vector<DynamicRange> dynamic;   // in the order written; no prefix twice
  // What holds for participants that say nothing else; theirs are resolved already.
  PolicyPreset preset = PolicyPreset::kMinimal;
  SessionPolicy session;
  ImportPolicy import;
};

struct Exchange {
  std::string name;
  net::Asn asn;
  net::IpAddress router_id = net::IpAddress::unspecified(net::Family::kIpv4);
  std::vector<net::Prefix> peering_lan;
  std::vector<net::Prefix> virtual_next_hops;
  // Whether Fabrix answers ARP requests for addresses of the peering LAN that nobody has, and the
  // fabric drops what then comes for them; or such requests end in the fabric.
  bool arp_sponge = false;
  // Instances of the fsms of one policy that may be out of their initial state.
  std::uint32_t fsm_instances = 4096;
  FabricSite fabric;
  SflowSite sflow;
  SourceRule sources;  // of ports that say nothing else; theirs are resolved already
  RouteServerSite route_server;
  std::vector<Participant> participants;
  std::vector<Router> routers;

  const Participant& participant(net::ParticipantId id) const { return participants[id.index()]; }
  const Router& router(net::RouterId id) const { return routers[id.index()]; }
  const Participant& owner(net::RouterId id) const { return participant(router(id).participant); }

  // What is present:
  const Participant* find_participant(std::string_view wanted) const;  // exact; null if none
  const Router* find_router(std::string_view wanted) const;            // exact; null if none
  const Router* find_router(const net::IpAddress& address) const;      // null if none
  const Router* find_router(net::PortNo port) const;                   // null if none

  // The participant's routers; and its middlebox ports.
  std::vector<net::RouterId> routers_of(net::ParticipantId id) const;
  std::vector<net::RouterId> middleboxes_of(net::ParticipantId id) const;

  // Whether both name each other as peers (an absent list names everyone); false for a == b.
  bool may_peer(net::ParticipantId a, net::ParticipantId b) const;

  // Whether b may hear of a's routes, as far as the configuration goes: they are peers, and a
  // policy was chosen for both (RFC 8212 §3).
  bool may_hear(net::ParticipantId a, net::ParticipantId b) const;

  bool on_peering_lan(const net::IpAddress& address) const;
};

}  // namespace fabrix::exchange
