// Daemon: one real routing daemon of a lab's router: BIRD, FRR, OpenBGPD or GoBGP, in the router's
// own network namespace with its own directory for configuration, log, pid files and sockets.
//
// Each kind knows its configuration language, how it is started and asked, and what bites
// (docs/lab.md). The lab prepares the namespace: the interface `ix0` with the LAN addresses, `lo`
// with an address of each prefix. Calls block for as long as a command takes (deadlines of
// seconds). What is started goes on after the caller ends, and is stopped by whoever removes the
// namespace (every process inside it).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "net/asn.h"
#include "net/ip_address.h"
#include "net/prefix.h"

namespace fabrix::lab {

enum class DaemonKind : std::uint8_t { kBird, kFrr, kOpenBgpd, kGoBgp };

std::optional<DaemonKind> parse_daemon_kind(
    std::string_view text);  // "bird", "frr", "openbgpd", "gobgp"
std::string_view name_of(DaemonKind kind);

struct RouterPlan {
  std::string name;
  net::Asn asn;
  net::IpAddress router_id = net::IpAddress::unspecified(net::Family::kIpv4);
  std::vector<net::IpAddress> lan_addresses;  // of ix0
  // The route server: one session for each of its addresses, from our address of the same family;
  // IPv4 routes over the IPv4 session, IPv6 routes over the IPv6 one. A router without an IPv4
  // address has its IPv4 routes over that one, too, if it knows extended next hops (RFC 8950): BIRD
  // and FRR.
  net::Asn route_server_asn;
  std::vector<net::IpAddress> route_server_addresses;
  std::uint16_t route_server_port = 179;
  bool extended_next_hop = false;
  std::vector<net::Prefix> prefixes;  // to originate, both families
  std::string network_namespace;
  std::string directory;  // exists, empty, ours
};

class Daemon {
 public:
  Daemon() = default;
  Daemon(const Daemon&) = delete;
  Daemon& operator=(const Daemon&) = delete;
  Daemon(Daemon&&) = delete;
  Daemon& operator=(Daemon&&) = delete;
  virtual ~Daemon() = default;

  // Writes the configuration and starts the processes, detached.
  virtual Result<void> start() = 0;

  // Whether every session with the route server is established. An error: the daemon does not
  // answer (yet).
  virtual Result<bool> is_established() = 0;

  // Originates a prefix of the plan, or stops to.
  virtual Result<void> announce(const net::Prefix& prefix) = 0;
  virtual Result<void> withdraw(const net::Prefix& prefix) = 0;

  // Files worth reading when something is wrong, first the log.
  virtual std::vector<std::string> logs() const = 0;
};

std::unique_ptr<Daemon> make_daemon(DaemonKind kind, RouterPlan plan);

}  // namespace fabrix::lab
