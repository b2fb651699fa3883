// The exchange of a RandomWorld: two to eight members with one to three routers, some of which peer
// with some only.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "exchange/exchange.h"
#include "net/ip_address.h"
#include "net/mac_address.h"
#include "net/prefix.h"
#include "program/tag.h"

namespace fabrix::verify {

class RandomExchange {
 public:
  // `below(n)` is a random number less than n. Into `exchange`, which is empty.
  RandomExchange(std::function<std::uint64_t(std::uint64_t)> below, exchange::Exchange& exchange)
      : below_(std::move(below)), exchange_(exchange) {}

  void make() {
    exchange_.name = "random";
    exchange_.peering_lan = {prefix("172.0.0.0/16"), prefix("2001:db8:f::/64")};
    exchange_.virtual_next_hops = {prefix("172.0.128.0/17"), prefix("2001:db8:f:0:1::/80")};
    exchange_.route_server.addresses = {address("172.0.0.254"), address("2001:db8:f::fe")};
    exchange_.route_server.port = net::PortNo{4094};
    exchange_.route_server.mac =
        program::encode({.kind = program::TagKind::kControl, .reach = 1, .egress = {}});
    const std::size_t count = 2 + below(7);
    for (std::size_t i = 0; i < count; ++i) add_participant(i);
    if (below(3) == 0) exchange_.participants[0].peers = some_peers();
  }

 private:
  std::uint64_t below(std::uint64_t bound) { return below_(bound); }
  static net::Prefix prefix(const char* text) { return net::Prefix::parse(text).value(); }
  static net::IpAddress address(const std::string& text) {
    return net::IpAddress::parse(text).value();
  }

  std::vector<net::ParticipantId> some_peers() {
    std::vector<net::ParticipantId> peers;
    for (std::size_t i = 1; i < exchange_.participants.size(); ++i) {
      if (below(3) != 0) peers.push_back(exchange_.participants[i].id);
    }
    return peers;
  }

  void add_participant(std::size_t index) {
    exchange::Participant participant;
    participant.id = net::ParticipantId{static_cast<std::uint16_t>(index)};
    participant.name = std::string(1, static_cast<char>('A' + index));
    participant.asn = net::Asn{static_cast<std::uint32_t>(65001 + index)};
    const std::uint64_t routers = below(3) == 0 ? 2 + below(2) : 1;
    for (std::uint64_t i = 0; i < routers; ++i) {
      exchange::Router router;
      const std::size_t number = exchange_.routers.size() + 1;
      router.id = net::RouterId{static_cast<std::uint16_t>(number - 1)};
      router.participant = participant.id;
      router.name = static_cast<char>('a' + index) + std::to_string(i + 1);
      router.mac = net::MacAddress::from_u64(0x080027000000 + number);
      router.addresses = {address("172.0.0." + std::to_string(number)),
                          address("2001:db8:f::" + std::to_string(number))};
      router.port = net::PortNo{static_cast<std::uint32_t>(number)};
      participant.routers.push_back(router.id);
      exchange_.routers.push_back(std::move(router));
    }
    exchange_.participants.push_back(std::move(participant));
  }

  std::function<std::uint64_t(std::uint64_t)> below_;
  exchange::Exchange& exchange_;
};

}  // namespace fabrix::verify
