// A small exchange to watch: sessions, a table in memory, octets.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/byte_writer.h"
#include "monitoring/table.h"
#include "net/ip_address.h"
#include "net/prefix.h"
#include "tests/base/octets.h"

namespace fabrix::monitoring::testing {

inline Bytes copy(std::span<const std::byte> octets) {
  return {octets.begin(), octets.end()};
}

inline net::IpAddress address(std::string_view text) {
  return net::IpAddress::parse(text).value();
}

inline net::Prefix prefix(std::string_view text) {
  return net::Prefix::parse(text).value();
}

// 2023-11-14 22:13:20 UTC and so many microseconds.
inline Timestamp time(int microseconds = 0) {
  return Timestamp(std::chrono::seconds(1'700'000'000)) + std::chrono::microseconds(microseconds);
}

inline bgp::OpenMessage open(std::uint32_t asn, std::uint32_t bgp_identifier) {
  return {.my_as = net::Asn{asn},
          .bgp_identifier = bgp_identifier,
          .capabilities = {bgp::Multiprotocol{.afi = 1}, bgp::Multiprotocol{.afi = 2}}};
}

// Session `key` with AS 64500 + key, from 192.0.2.(10 + key) or 2001:db8::(10 + key).
inline PeerSession session(std::uint32_t key, net::Family family = net::Family::kIpv4) {
  const bool ipv4 = family == net::Family::kIpv4;
  const auto octet = static_cast<std::uint8_t>(10 + key);
  PeerSession result{.key = PeerKey{key}};
  result.address =
      ipv4 ? net::IpAddress::v4({192, 0, 2, octet})
           : net::IpAddress::v6({0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, octet});
  result.local_address = address(ipv4 ? "192.0.2.1" : "2001:db8::1");
  result.port = 33000;
  result.local_port = 179;
  result.received_open = open(64500 + key, 0x0a000000 + key);
  result.sent_open = open(65000, 0x0a0000ff);
  result.since = time(250'000);
  return result;
}

// AS_PATH `asns`, and what `change` may add.
inline bgp::PathAttributes attributes(std::initializer_list<std::uint32_t> asns) {
  bgp::PathAttributes result;
  bgp::AsPathSegment segment;
  for (const std::uint32_t asn : asns) segment.asns.push_back(net::Asn{asn});
  result.as_path.segments = {std::move(segment)};
  return result;
}

inline bgp::AttributesPtr shared(bgp::PathAttributes attributes) {
  return std::make_shared<const bgp::PathAttributes>(std::move(attributes));
}

inline Route route(std::uint32_t peer, const bgp::PathAttributes& attributes,
                   std::string_view next_hop, RouteState state = RouteState::kAccepted) {
  return {.peer = PeerKey{peer},
          .next_hop = address(next_hop),
          .attributes = shared(attributes),
          .imported = nullptr,
          .received = time(123'456),
          .state = state};
}

class MemoryTable final : public TableSource {
 public:
  std::vector<PeerSession> sessions;
  std::map<net::Prefix, std::vector<Route>> routes;

  std::vector<PeerSession> peers() const override { return sessions; }
  std::unique_ptr<TableWalk> walk() const override { return std::make_unique<Walk>(*this); }

 private:
  class Walk final : public TableWalk {
   public:
    explicit Walk(const MemoryTable& table) : table_(table) {}
    std::optional<PrefixRoutes> next() override {
      const auto found = last_ ? table_.routes.upper_bound(*last_) : table_.routes.begin();
      if (found == table_.routes.end()) return std::nullopt;
      last_ = found->first;
      return PrefixRoutes{.prefix = found->first, .routes = found->second};
    }

   private:
    const MemoryTable& table_;
    std::optional<net::Prefix> last_;
  };
};

}  // namespace fabrix::monitoring::testing
