#include "controller/neighbor_responder.h"

#include <algorithm>

#include "net/frame.h"
#include "program/drop.h"

namespace fabrix::controller {
namespace {

constexpr std::uint8_t kArpRequest = 1;
constexpr std::uint8_t kNeighborSolicitation = 135;

// Whose MAC the packet asks for; none if it asks for nobody's.
std::optional<net::IpAddress> asked_for(const net::Packet& packet) {
  if (packet.eth_type == net::kEthTypeArp) {
    if (packet.protocol != kArpRequest) return std::nullopt;
    return packet.dst_ip;
  }
  const bool solicitation = packet.eth_type == net::kEthTypeIpv6 &&
                            packet.protocol == net::kProtocolIcmpv6 &&
                            packet.icmp_type == kNeighborSolicitation;
  if (!solicitation) return std::nullopt;
  return packet.nd_target;
}

}  // namespace

NeighborResponder::NeighborResponder(const exchange::Exchange& exchange)
    : exchange_(&exchange), buckets_(exchange.routers.size()) {}

std::optional<std::vector<std::byte>> NeighborResponder::answer(const program::Program& program,
                                                                net::PortNo port,
                                                                std::span<const std::byte> frame,
                                                                TimePoint now) {
  const exchange::Router* router = exchange_->find_router(port);
  const auto packet = net::parse_frame(frame);
  if (router == nullptr || !packet) return std::nullopt;
  const auto address = asked_for(*packet);
  if (!address) return std::nullopt;
  const auto* known = program::find_neighbor(program, router->participant, *address);
  const bool is_arp = packet->eth_type == net::kEthTypeArp;
  const bool sponged = known == nullptr && is_arp && is_for_sponge(*address);
  if ((known == nullptr && !sponged) || !may_answer(router->id, now)) return std::nullopt;
  const net::MacAddress mac = sponged ? program::sponge_mac() : known->mac;
  if (is_arp) return net::build_arp_reply(mac, *address, router->mac, packet->src_ip);
  return net::build_neighbor_advertisement(mac, *address, router->mac, packet->src_ip);
}

bool NeighborResponder::is_for_sponge(const net::IpAddress& address) const {
  const auto& site = exchange_->route_server.addresses;
  const auto& ranges = exchange_->virtual_next_hops;
  const bool is_virtual = std::ranges::any_of(
      ranges, [&address](const net::Prefix& range) { return range.contains(address); });
  return exchange_->arp_sponge && exchange_->on_peering_lan(address) && !is_virtual &&
         exchange_->find_router(address) == nullptr &&
         std::ranges::find(site, address) == site.end();
}

bool NeighborResponder::may_answer(net::RouterId router, TimePoint now) {
  Bucket& bucket = buckets_[router.index()];
  const std::chrono::duration<double> passed = now - bucket.filled;
  bucket.tokens = std::min(kBurst, bucket.tokens + passed.count() * kAnswersPerSecond);
  bucket.filled = now;
  if (bucket.tokens < 1) return false;
  bucket.tokens -= 1;
  return true;
}

}  // namespace fabrix::controller
