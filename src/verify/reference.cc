#include "verify/reference.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <span>
#include <utility>
#include <vector>

#include "policy/extras.h"
#include "policy/route_test.h"
#include "verify/traffic.h"

namespace fabrix::verify {
namespace {

using exchange::Router;
using exchange::Routes;

constexpr std::uint8_t kArpRequest = 1;
constexpr std::uint8_t kNeighborSolicitation = 135;

// One packet on its way; the steps of SEMANTICS, "deliver".
class Journey {
 public:
  Journey(const World& world, net::RouterId from, const net::Packet& packet)
      : world_(world),
        exchange_(*world.exchange),
        from_(exchange_.router(from)),
        announced_([this](net::ParticipantId participant, const net::IpAddress& address) {
          return announces(participant, address);
        }),
        on_route_([this](const policy::OnRoute& test, const net::IpAddress& address) {
          const auto route = route_for(test.side, address);
          return route && policy::holds(*test.tests, *route);
        }) {
    delivery_.packet = packet;
    delivery_.packet.in_port = from_.port;
  }

  Delivery by_route();
  Delivery by_mac();

 private:
  // The source MAC must be the router's; from a middlebox port, one of the owner's routers'.
  bool is_own_source() const {
    if (!from_.middlebox) return delivery_.packet.src_mac == from_.mac;
    const Router* const source = find_router(delivery_.packet.src_mac);
    return source != nullptr && source->participant == from_.participant;
  }
  Delivery end(Reason reason) {
    delivery_.reason = reason;
    return delivery_;
  }
  bool is(const PredicatePtr& predicate) const {
    return policy::holds(*predicate, delivery_.packet, context());
  }
  policy::PacketContext context() const {
    return {.sender = from_.participant, .announced = &announced_, .on_route = &on_route_};
  }
  bool announces(net::ParticipantId participant, const net::IpAddress& address) const {
    const auto prefixes = world_.reachability->announced_by(participant);
    return std::ranges::any_of(prefixes,
                               [&](const auto& prefix) { return prefix.contains(address); });
  }
  // The route that a policy asks about (policy/route_test.h).
  std::optional<net::RouteAttributes> route_for(policy::Side side,
                                                const net::IpAddress& address) const {
    const auto& routes = *world_.reachability;
    if (receiver_ && side == policy::Side::kDestination) return own_route(*receiver_, address);
    const net::ParticipantId asker = receiver_.value_or(from_.participant);
    const auto prefix = routes.resolve(asker, address);
    return prefix ? routes.best_route(asker, *prefix) : std::nullopt;
  }
  std::optional<net::RouteAttributes> own_route(net::ParticipantId announcer,
                                                const net::IpAddress& address) const {
    std::optional<net::Prefix> longest;
    for (const net::Prefix& each : world_.reachability->announced_by(announcer)) {
      const bool longer = !longest || each.length() > longest->length();
      if (longer && each.contains(address)) longest = each;
    }
    return longest ? world_.reachability->own_route(announcer, *longest) : std::nullopt;
  }
  const policy::ClauseList* clauses(net::ParticipantId owner, policy::Direction direction) const {
    const auto& policy = world_.policies[owner.index()];
    return policy ? &policy->of(direction) : nullptr;
  }
  Routes routes_for(const net::IpAddress& address) const {
    const auto prefix = world_.reachability->resolve(from_.participant, address);
    return prefix ? world_.reachability->routes(from_.participant, *prefix) : Routes{};
  }

  bool is_control() const;
  std::optional<Delivery> from_middlebox();
  Delivery returned();
  std::vector<std::uint64_t> counted(net::ParticipantId owner, policy::Direction direction) const;
  // What comes from a middlebox was counted when the router sent it.
  void count_sent() {
    if (from_.middlebox) return;
    delivery_.sent_queries = counted(from_.participant, policy::Direction::kOutbound);
  }

  bool is_open() const { return from_.standing == exchange::Standing::kOpen; }
  bool is_from_own() const;
  bool is_foreign_address() const;
  bool is_unannounced() const;
  bool is_refused() const;
  bool is_site(const net::IpAddress& address) const {
    const auto& own = exchange_.route_server.addresses;
    return std::ranges::find(own, address) != own.end();
  }
  bool is_owned(const net::IpAddress& address) const;
  bool is_somebodys(net::MacAddress mac) const;
  Delivery by_quarantine();
  Delivery on_the_lan();
  Delivery arp();
  Delivery neighbor_discovery();
  Delivery to_owner(const net::IpAddress& address);
  const Router* find_router(net::MacAddress mac) const;  // null if nobody has it
  Delivery to_owner(net::MacAddress mac);
  bool from_has(const net::IpAddress& address) const;
  bool is_virtual(const net::IpAddress& address) const;
  std::vector<net::RouterId> outbound(const Routes& routes);
  Delivery inbound(net::RouterId router);
  using Step = Delivery (Journey::*)(net::RouterId);
  Delivery each_to(std::vector<net::RouterId> routers, Step step);
  void besides(const policy::Clause& clause, net::ParticipantId owner);
  Delivery hand_over(net::RouterId router);
  Delivery to_site();
  Delivery bypass(const Router& router);

  const World& world_;
  const exchange::Exchange& exchange_;
  const Router& from_;
  std::function<bool(net::ParticipantId, const net::IpAddress&)> announced_;
  std::function<bool(const policy::OnRoute&, const net::IpAddress&)> on_route_;
  std::optional<net::ParticipantId> receiver_;  // whose inbound policy is asked, once one is
  std::optional<net::RouterId> via_;            // the middlebox that it is to pass now
  Delivery delivery_;
};

void write(net::Packet& packet, const std::vector<policy::Write>& writes) {
  for (const policy::Write& each : writes) net::set_value(packet, each.field, each.value);
}

// A query counts a packet as it reaches its policy.
std::vector<std::uint64_t> Journey::counted(net::ParticipantId owner,
                                            policy::Direction direction) const {
  std::vector<std::uint64_t> ids;
  const auto& policy = world_.policies[owner.index()];
  if (policy == nullptr) return ids;
  for (const policy::Query& query : policy->of(direction).queries) {
    if (is(query.when)) ids.push_back(query.id);
  }
  std::ranges::sort(ids);
  return ids;
}

Delivery Journey::by_route() {
  const bool to_lan = exchange_.on_peering_lan(delivery_.packet.dst_ip);
  if (from_.middlebox && to_lan) return on_the_lan();
  if (!is_own_source()) return end(Reason::kSpoofedSource);
  if (!is(is_ip())) return end(Reason::kBadEtherType);
  if (from_.middlebox && is_control()) return end(Reason::kNotReturned);
  if (is(is_host_discovery())) return end(Reason::kBadEtherType);
  delivery_.packet.dst_mac = {};
  if (is(is_neighbor_discovery())) return neighbor_discovery();
  if (is_refused()) return end(Reason::kRefused);
  if (!is_open() && !to_lan) return end(Reason::kNotOpen);
  if (!to_lan && is_foreign_address()) return end(Reason::kForeignAddress);
  if (!to_lan && is_unannounced()) return end(Reason::kUnannounced);
  // A router reaches the peering LAN directly, not by BGP.
  if (to_lan) return on_the_lan();
  delivery_.prefix = world_.reachability->resolve(from_.participant, delivery_.packet.dst_ip);
  if (!delivery_.prefix) return end(Reason::kNoRoute);
  const Routes routes = world_.reachability->routes(from_.participant, *delivery_.prefix);
  if (routes.empty()) return end(Reason::kNoRoute);
  delivery_.reason = Reason::kDelivered;
  count_sent();
  const auto routers = outbound(routes);
  return routers.empty() ? delivery_ : each_to(routers, &Journey::inbound);
}

// Copies of what there is now go on to each of the routers: at least one. The first that is
// delivered is the delivery.
Delivery Journey::each_to(std::vector<net::RouterId> routers, Step step) {
  std::ranges::sort(routers);
  routers.erase(std::unique(routers.begin(), routers.end()), routers.end());
  const Delivery before = std::exchange(delivery_, {});
  std::optional<Delivery> result;
  Delivery besides = before;
  for (const net::RouterId router : routers) {
    delivery_ = before;
    delivery_.copies.clear();
    delivery_.meters.clear();
    delivery_.clause_counters.clear();
    delivery_.delivered_queries.clear();
    const Delivery one = (this->*step)(router);
    std::ranges::copy(one.copies, std::back_inserter(besides.copies));
    std::ranges::copy(one.meters, std::back_inserter(besides.meters));
    std::ranges::copy(one.clause_counters, std::back_inserter(besides.clause_counters));
    std::ranges::copy(one.delivered_queries, std::back_inserter(besides.delivered_queries));
    if (result && result->router && one.router) {
      besides.copies.push_back({exchange_.router(*one.router).port, one.packet});
    } else if (!result || one.router) {
      result = one;
    }
  }
  delivery_ = *std::move(result);
  delivery_.copies = std::move(besides.copies);
  delivery_.meters = std::move(besides.meters);
  delivery_.clause_counters = std::move(besides.clause_counters);
  delivery_.delivered_queries = std::move(besides.delivered_queries);
  std::ranges::sort(delivery_.delivered_queries);
  return delivery_;
}

// A mirrored packet leaves as it is, by a port that is up and not the one it came from.
void Journey::besides(const policy::Clause& clause, net::ParticipantId owner) {
  if (clause.counter != nullptr) delivery_.clause_counters.push_back(clause.counter->id);
  if (const auto& police = clause.extras.police) {
    delivery_.meters.push_back(program::meter_of(owner, police->number, police->kbps));
  }
  for (const net::RouterId port : clause.extras.mirrors) {
    const Router& router = exchange_.router(port);
    if (!world_.port_up[port.index()] || router.port == from_.port) continue;
    delivery_.copies.push_back({router.port, delivery_.packet});
  }
}

Delivery Journey::on_the_lan() {
  const net::IpAddress& address = delivery_.packet.dst_ip;
  if (const Router* router = exchange_.find_router(address)) {
    delivery_.packet.dst_mac = router->mac;
    return by_mac();
  }
  if (is_site(address)) {
    delivery_.packet.dst_mac = exchange_.route_server.mac;
    return by_mac();
  }
  return end(Reason::kUnknownDestination);
}

// The routers that the outbound policy, or BGP, chooses. None: delivery_ says why not.
std::vector<net::RouterId> Journey::outbound(const Routes& routes) {
  const auto* list = clauses(from_.participant, policy::Direction::kOutbound);
  const std::size_t count = list == nullptr ? 0 : list->clauses.size();
  for (std::size_t i = 0; i < count; ++i) {
    const policy::Clause& clause = list->clauses[i];
    if (!is(clause.when)) continue;
    net::Packet rewritten = delivery_.packet;
    write(rewritten, clause.writes);
    const Routes valid = changes_destination(clause) ? routes_for(rewritten.dst_ip) : routes;
    auto chosen = routes_to(world_, policy::targets_of(clause.verdict), valid);
    if (policy::may_be_unreachable(clause.verdict) && chosen.empty()) continue;
    delivery_.outbound_clause = static_cast<std::uint32_t>(i);
    const auto behind = from_.middlebox ? std::optional(from_.id) : std::nullopt;
    if (const auto box = next_middlebox(world_, clause, behind)) {
      delivery_.router = box;
      return {};
    }
    besides(clause, from_.participant);
    if (std::holds_alternative<policy::Drop>(clause.verdict)) {
      delivery_.reason = Reason::kOutboundDrop;
      return {};
    }
    delivery_.packet = rewritten;
    if (!chosen.empty()) return chosen;
    if (!valid.empty()) return {valid.front()};
    delivery_.reason = Reason::kNoRoute;
    return {};
  }
  return {routes.front()};
}

Delivery Journey::inbound(net::RouterId router) {
  const net::ParticipantId owner = exchange_.router(router).participant;
  delivery_.target = owner;
  receiver_ = owner;
  via_.reset();  // of another copy
  delivery_.delivered_queries = counted(owner, policy::Direction::kInbound);
  const auto* list = clauses(owner, policy::Direction::kInbound);
  if (list == nullptr) return hand_over(router);
  const auto first =
      std::ranges::find_if(list->clauses, [this](const auto& clause) { return is(clause.when); });
  if (first == list->clauses.end()) return hand_over(router);
  delivery_.inbound_clause = static_cast<std::uint32_t>(first - list->clauses.begin());
  besides(*first, owner);
  if (std::holds_alternative<policy::Drop>(first->verdict)) return end(Reason::kInboundDrop);
  write(delivery_.packet, first->writes);
  via_ = next_middlebox(world_, *first);
  std::vector<net::RouterId> ports;
  for (const policy::Target& target : policy::targets_of(first->verdict)) {
    ports.push_back(target.router.value_or(router));
  }
  if (ports.empty()) return hand_over(router);
  return each_to(std::move(ports), &Journey::hand_over);
}

// Step 5, with the fallback to the next port of the same participant.
Delivery Journey::hand_over(net::RouterId router) {
  const auto up = port_for(world_, router);
  if (!up) return end(Reason::kNoPortUp);
  const Router& receiver = exchange_.router(*up);
  const Router& out = via_ ? exchange_.router(*via_) : receiver;
  if (out.port == from_.port) return end(Reason::kHairpin);
  delivery_.router = out.id;
  delivery_.packet.dst_mac = receiver.mac;
  return end(Reason::kDelivered);
}

bool Journey::is_control() const {
  const bool is_session = is(is_bgp_or_bfd()) && exchange_.on_peering_lan(delivery_.packet.dst_ip);
  return is_session || is(is_neighbor_discovery()) || is(is_host_discovery());
}

// What a middlebox gives back of what is for its owner goes to the next of the chain, or reaches
// that router.
Delivery Journey::returned() {
  if (!is(is_ip())) return end(Reason::kBadEtherType);
  if (is_control()) return end(Reason::kNotReturned);
  if (is_own_source() && is_refused()) return end(Reason::kRefused);
  const Router* const owner = find_router(delivery_.packet.dst_mac);
  delivery_.target = owner->participant;
  via_ = next_received(world_, from_.id);
  return hand_over(owner->id);
}

// Of the router's own, or at a middlebox port of that owner's router which sent it.
bool Journey::is_from_own() const {
  const Router* const source = from_.middlebox ? find_router(delivery_.packet.src_mac) : &from_;
  return source != nullptr && is(is_from_any(source->addresses));
}

bool Journey::is_foreign_address() const {
  return is(is_ip()) && exchange_.on_peering_lan(delivery_.packet.src_ip) && !is_from_own();
}

// Of a port that checks where packets come from; what a middlebox gives back was checked before.
bool Journey::is_unannounced() const {
  const exchange::SourceRule& rule = from_.sources;
  if (from_.middlebox || rule.mode != exchange::SourceCheck::kDrop) return false;
  const net::IpAddress& source = delivery_.packet.src_ip;
  const bool allowed = std::ranges::any_of(
      rule.allowed, [&](const net::Prefix& each) { return each.contains(source); });
  return is(is_ip()) && !allowed && !link_local().contains(source) && !is_from_own() &&
         !announces(from_.participant, source);
}

bool Journey::is_refused() const {
  return is(is_dhcp_on(exchange_.peering_lan));
}

// From quarantine: what is for the route server alone.
Delivery Journey::by_quarantine() {
  if (from_.standing == exchange::Standing::kShutDown || from_.middlebox) {
    return end(Reason::kNotOpen);
  }
  if (!is_own_source()) return end(Reason::kSpoofedSource);
  const auto& site = exchange_.route_server;
  const net::Packet& packet = delivery_.packet;
  if (is(is_arp())) {
    const bool own = packet.arp_sender_mac == from_.mac && from_has(packet.src_ip);
    return own && is_site(packet.dst_ip) ? to_site() : end(Reason::kNotOpen);
  }
  if (is(is_neighbor_discovery())) {
    const bool asks = packet.icmp_type == kNeighborSolicitation;
    const bool near = packet.dst_mac == site.mac && link_local().contains(packet.dst_ip);
    const bool meant = asks ? is_site(packet.nd_target) : near || is_site(packet.dst_ip);
    return meant && is(is_discovery_of(from_.addresses)) ? to_site() : end(Reason::kNotOpen);
  }
  const bool session =
      is(is_bgp_or_bfd()) && is_from_own() && is_site(packet.dst_ip) && packet.dst_mac == site.mac;
  return session ? to_site() : end(Reason::kNotOpen);
}

// What is the matter with what a middlebox sends, or where it goes back to. None: it goes on.
std::optional<Delivery> Journey::from_middlebox() {
  if (!from_.middlebox) return std::nullopt;
  const Router* const owner = find_router(delivery_.packet.dst_mac);
  if (owner != nullptr && owner->participant == from_.participant) return returned();
  if (!is_own_source()) return end(Reason::kNotReturned);
  if (!is(is_ip())) return end(Reason::kBadEtherType);
  if (is_control()) return end(Reason::kNotReturned);
  return std::nullopt;
}

Delivery Journey::by_mac() {
  if (!is_open()) return by_quarantine();
  if (is(to_link_control())) return end(Reason::kBadEtherType);
  if (auto ended = from_middlebox()) return *std::move(ended);
  if (!is_own_source()) return end(Reason::kSpoofedSource);
  if (is(is_arp())) return arp();
  if (!is(is_ip())) return end(Reason::kBadEtherType);
  if (is(is_neighbor_discovery())) return neighbor_discovery();
  if (is(is_host_discovery())) return end(Reason::kBadEtherType);
  const net::MacAddress mac = delivery_.packet.dst_mac;
  if (mac.is_multicast()) return end(Reason::kBadEtherType);
  if (is_refused()) return end(Reason::kRefused);
  const bool session = is(is_bgp_or_bfd()) && exchange_.on_peering_lan(delivery_.packet.dst_ip);
  if (session && is_from_own()) return to_owner(mac);
  if (is_foreign_address()) return end(Reason::kForeignAddress);
  if (is_unannounced()) return end(Reason::kUnannounced);
  count_sent();
  if (mac == exchange_.route_server.mac) return to_site();
  const Router* const owner = find_router(mac);
  return owner == nullptr ? end(Reason::kUnknownDestination) : inbound(owner->id);
}

// RFC 826. A request for a virtual next hop is for Fabrix. Everything else reaches the router that
// has the target address; if nobody has it, the one it is sent to.
Delivery Journey::arp() {
  const net::Packet& packet = delivery_.packet;
  const bool own = packet.arp_sender_mac == from_.mac && from_has(packet.src_ip);
  if (!own) return end(Reason::kSpoofedSource);
  if (packet.protocol == kArpRequest && is_virtual(packet.dst_ip)) {
    return end(Reason::kAnsweredByFabrix);
  }
  const bool sponge = exchange_.arp_sponge && packet.protocol == kArpRequest;
  if (sponge && !is_owned(packet.dst_ip) && exchange_.on_peering_lan(packet.dst_ip) &&
      !is_somebodys(packet.dst_mac)) {
    return end(Reason::kAnsweredByFabrix);
  }
  return to_owner(packet.dst_ip);
}

bool Journey::is_owned(const net::IpAddress& address) const {
  return exchange_.find_router(address) != nullptr || is_site(address);
}

bool Journey::is_somebodys(net::MacAddress mac) const {
  return mac == exchange_.route_server.mac || find_router(mac) != nullptr;
}

// RFC 4861. As ARP; an advertisement goes to whom it is addressed.
Delivery Journey::neighbor_discovery() {
  const net::Packet& packet = delivery_.packet;
  if (!is(is_discovery_of(from_.addresses))) return end(Reason::kSpoofedSource);
  if (packet.icmp_type != kNeighborSolicitation) return to_owner(packet.dst_ip);
  const bool own = from_has(packet.src_ip) || is(is_from_link_local());
  if (own && is_virtual(packet.nd_target)) return end(Reason::kAnsweredByFabrix);
  return to_owner(packet.nd_target);
}

bool Journey::from_has(const net::IpAddress& address) const {
  return std::ranges::find(from_.addresses, address) != from_.addresses.end();
}

bool Journey::is_virtual(const net::IpAddress& address) const {
  return std::ranges::any_of(exchange_.virtual_next_hops,
                             [&](const auto& range) { return range.contains(address); });
}

Delivery Journey::to_owner(const net::IpAddress& address) {
  if (const Router* router = exchange_.find_router(address)) return bypass(*router);
  if (is_site(address)) return to_site();
  return to_owner(delivery_.packet.dst_mac);
}

const Router* Journey::find_router(net::MacAddress mac) const {
  const auto found = std::ranges::find_if(exchange_.routers, [mac](const Router& router) {
    return router.is_reachable() && router.mac == mac;
  });
  return found == exchange_.routers.end() ? nullptr : &*found;
}

Delivery Journey::to_owner(net::MacAddress mac) {
  if (mac == exchange_.route_server.mac) return to_site();
  const Router* const router = find_router(mac);
  return router == nullptr ? end(Reason::kUnknownDestination) : bypass(*router);
}

Delivery Journey::to_site() {
  delivery_.to_route_server = true;
  delivery_.packet.dst_mac = exchange_.route_server.mac;
  return end(Reason::kDelivered);
}

// Without policy, and to that router only.
Delivery Journey::bypass(const Router& router) {
  if (!world_.port_up[router.id.index()]) return end(Reason::kNoPortUp);
  if (router.port == from_.port) return end(Reason::kHairpin);
  delivery_.router = router.id;
  delivery_.packet.dst_mac = router.mac;
  return end(Reason::kDelivered);
}

}  // namespace

Delivery deliver(const World& world, net::RouterId from, const net::Packet& packet) {
  return Journey(world, from, packet).by_route();
}

Delivery deliver_to_mac(const World& world, net::RouterId from, const net::Packet& packet) {
  return Journey(world, from, packet).by_mac();
}

}  // namespace fabrix::verify
