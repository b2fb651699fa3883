// Members: who is at the exchange, as samples show them: by the MAC addresses of their routers.
//
// Told by whoever has the configuration; without members there is no exchange here. A member's
// number is its own as long as the exchange runs, and the list may have gaps. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "net/ids.h"
#include "net/ip_address.h"
#include "net/mac_address.h"
#include "net/prefix.h"
#include "net/prefix_map.h"
#include "telemetry/name_table.h"

namespace fabrix::telemetry {

using MemberId = net::ParticipantId;

struct Member {
  std::string name;
  std::uint32_t as = 0;
  std::vector<net::MacAddress> macs;
  std::vector<net::IpAddress> addresses;  // on the peering LAN
  std::vector<std::uint32_t> ports;
  std::vector<std::string> routers{};  // names, as the topology has them of ports
};

// To whom the exchange's fabric sends a frame that a policy steers, where no switch says so.
class Steering {
 public:
  Steering() = default;
  virtual ~Steering() = default;
  Steering(const Steering&) = delete;
  Steering& operator=(const Steering&) = delete;
  Steering(Steering&&) = delete;
  Steering& operator=(Steering&&) = delete;

  // Of a frame as it comes in, perhaps cut off. None: it is not known.
  virtual std::optional<MemberId> receiver_of(std::span<const std::byte> frame) const = 0;
};

// An exchange: its members by number, and what is its own.
struct Exchange {
  std::vector<Member> members;
  net::MacAddress route_server;
  std::vector<net::Prefix> peering_lan;
  std::optional<net::IpAddress> agent;  // whose ifIndexes are the numbers of the exchange's ports
  std::optional<net::MacAddress> prober{};  // whose frames switches send each other: link probes
  // Whether nobody on the Internet has the address; null: not known.
  bool (*is_bogon)(const net::IpAddress& address) = nullptr;
  std::shared_ptr<const Steering> steering{};  // null: nothing is steered, or not known where to
};

class Members {
 public:
  // How the route server is called. No member's name has a space.
  static constexpr std::string_view kRouteServer = "route server";

  Members() = default;
  explicit Members(Exchange exchange);

  bool empty() const { return exchange_.members.empty(); }
  const Exchange& exchange() const { return exchange_; }

  std::optional<MemberId> of_mac(const net::MacAddress& mac) const;
  bool is_route_server(const net::MacAddress& mac) const { return mac == exchange_.route_server; }
  // Empty: there is no such member.
  std::string_view name_of(MemberId member) const;

  bool on_peering_lan(const net::IpAddress& address) const;
  std::optional<MemberId> of_port(std::uint32_t port) const;
  std::optional<MemberId> of_router(const std::string& name) const;
  // Who has an address of the peering LAN.
  std::optional<MemberId> of_address(const net::IpAddress& address) const;

  // {"A": ["0800270000A1"]}: MAC addresses as samples' keys have them, and the route server's.
  NameTable::Lists macs() const;

 private:
  Exchange exchange_;
  std::unordered_map<std::uint64_t, MemberId> by_mac_;
  std::unordered_map<std::uint32_t, MemberId> by_port_;
  std::unordered_map<std::string, MemberId> by_router_;
  net::PrefixMap<MemberId> by_address_;
};

}  // namespace fabrix::telemetry
