// RandomWorld: an exchange, its routes and its members' policies, from a seed.
//
// Small, and biased to what is interesting: overlapping prefixes of both families, members with
// one, two or three routers, addresses and ports that policies mention, and policies with every
// kind of clause: port targets, drops, rewrites, negations, prefix sets, senders.
//
//     RandomWorld random(seed);
//     const World world = random.world();          // exchange, reachability, policies, ports
//     net::Packet packet = random.routed_packet(router);    // towards a prefix; no destination MAC
//     net::Packet frame = random.lan_frame(router);          // ARP, ND, BGP, bilateral, spoofed
//     const auto changed = random.change_routes();            // prefixes whose routes changed
//
// Not copyable: a World points into it.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "exchange/exchange.h"
#include "net/flow_hash.h"
#include "net/packet.h"
#include "policy/extras.h"
#include "policy/policy.h"
#include "program/tag.h"
#include "tests/verify/counted_clauses.h"
#include "tests/verify/random_exchange.h"
#include "tests/verify/random_middleboxes.h"
#include "tests/verify/random_route_test.h"
#include "tests/verify/table_reachability.h"
#include "verify/traffic.h"
#include "verify/world.h"

namespace fabrix::verify {

class RandomWorld {
 public:
  // With middleboxes: some members have one, and policies that use it.
  enum class Middleboxes : std::uint8_t { kNone, kSome };

  // Checked: most ports check where packets come from.
  enum class Sources : std::uint8_t { kAny, kChecked };

  explicit RandomWorld(std::uint32_t seed, Middleboxes middleboxes = Middleboxes::kNone,
                       Sources sources = Sources::kAny)
      : engine_(seed), hash_(seed), reachability_(exchange_) {
    RandomExchange([this](std::uint64_t bound) { return below(bound); }, exchange_).make();
    if (middleboxes == Middleboxes::kSome) {
      boxes_ = add_middleboxes(exchange_, [this](std::uint64_t bound) { return below(bound); });
    }
    if (sources == Sources::kChecked) check_sources();
    for (std::size_t i = 0; i < 30; ++i) change_route();
    for (const auto& participant : exchange_.participants) {
      policies_.push_back(below(4) == 0 ? nullptr : random_policy(participant));
    }
    port_up_.assign(exchange_.routers.size(), true);
  }
  RandomWorld(const RandomWorld&) = delete;
  RandomWorld& operator=(const RandomWorld&) = delete;
  RandomWorld(RandomWorld&&) = delete;
  RandomWorld& operator=(RandomWorld&&) = delete;
  ~RandomWorld() = default;

  const exchange::Exchange& exchange() const { return exchange_; }
  TableReachability& reachability() { return reachability_; }
  World world() const { return {&exchange_, &reachability_, policies_, port_up_}; }
  const std::shared_ptr<const policy::Policy>& policy_of(net::ParticipantId id) const {
    return policies_[id.index()];
  }

  // Announces and withdraws a few; says which prefixes that concerns.
  std::vector<net::Prefix> change_routes() {
    std::vector<net::Prefix> changed;
    for (std::size_t i = 0; i < 6; ++i) changed.push_back(change_route());
    return changed;
  }

  // Takes a port down or up; says which.
  std::pair<net::RouterId, bool> flip_port() {
    net::RouterId router = any_router().id;
    if (!boxes_.empty() && below(2) == 0) router = boxes_[below(boxes_.size())];
    port_up_[router.index()] = !port_up_[router.index()];
    return {router, port_up_[router.index()]};
  }

  net::ParticipantId replace_policy() {
    const auto& participant = exchange_.participants[below(exchange_.participants.size())];
    policies_[participant.id.index()] = random_policy(participant);
    return participant.id;
  }

  const exchange::Router& any_router() {
    return exchange_.routers[below(exchange_.routers.size() - boxes_.size())];
  }
  const std::vector<net::RouterId>& middleboxes() const { return boxes_; }

  net::Packet routed_packet(net::RouterId from) {
    const exchange::Router& router = exchange_.router(from);
    const net::Prefix source = any_prefix();
    net::Prefix destination = any_prefix();
    while (destination.family() != source.family()) destination = any_prefix();
    net::Packet packet = ip_packet(address_in_prefix(source), address_in_prefix(destination));
    packet.in_port = router.port;
    packet.src_mac = router.mac;
    return in_buckets(packet);
  }

  // In some: as if by the hash of a switch that is not known.
  net::Packet in_buckets(net::Packet packet) {
    for (const net::HashKey key : net::kHashKeys) {
      net::set_value(packet, net::bucket_field(key), hash_() % net::kBucketCount);
    }
    return packet;
  }

  // A frame with a destination MAC of somebody, or of nobody.
  net::Packet lan_frame(net::RouterId from) {
    const exchange::Router& router = exchange_.router(from);
    const exchange::Router& other = any_router();
    const bool is_v4 = below(2) == 0;
    const auto& mine = router.addresses[is_v4 ? 0 : 1];
    const auto& yours = lan_address(other, is_v4);
    net::Packet packet;
    switch (below(4)) {
      case 0:
        packet = arp(router, lan_address(other, true));
        break;
      case 1:
        packet = neighbor_discovery(router, lan_address(other, false));
        break;
      case 2:
        packet = ip_packet(mine, yours);
        break;
      default:
        packet = routed_packet(from);
        break;
    }
    packet.in_port = router.port;
    packet.src_mac = below(12) == 0 ? other.mac : router.mac;
    packet.dst_mac = any_mac(other);
    if (below(15) == 0) packet.vlan_id = 7;
    return in_buckets(packet);
  }

  std::uint64_t below(std::uint64_t bound) {
    return std::uniform_int_distribution<std::uint64_t>(0, bound - 1)(engine_);
  }

 private:
  void check_sources() {
    for (exchange::Router& router : exchange_.routers) {
      constexpr std::array kModes{exchange::SourceCheck::kOff, exchange::SourceCheck::kCount,
                                  exchange::SourceCheck::kDrop, exchange::SourceCheck::kDrop};
      if (router.middlebox) continue;
      router.sources.mode = kModes.at(hash_() % kModes.size());
      if (hash_() % 3 != 0) continue;
      router.sources.allowed = {prefix(kPrefixes.at(1 + hash_() % (kPrefixes.size() - 1)))};
    }
  }

  static constexpr std::array<std::uint16_t, 7> kPorts{80, 443, 4321, 4322, 179, 53, 3784};
  static constexpr std::array<const char*, 14> kPrefixes{
      "0.0.0.0/0",          "100.0.0.0/8",          "100.1.0.0/16",
      "100.1.2.0/24",       "100.1.2.128/25",       "140.0.0.0/16",
      "140.0.1.0/24",       "150.0.0.0/24",         "2001:db8:1000::/36",
      "2001:db8:1000::/48", "2001:db8:1000:1::/64", "2001:db8:1000:1:8000::/65",
      "2001:db8:2000::/48", "2001:db8:3000::/48"};

  static net::Prefix prefix(const char* text) { return net::Prefix::parse(text).value(); }
  static net::IpAddress address(const std::string& text) {
    return net::IpAddress::parse(text).value();
  }

  net::Prefix any_prefix() { return prefix(kPrefixes.at(below(kPrefixes.size()))); }

  net::Prefix change_route() {
    const net::Prefix changed = any_prefix();
    const net::RouterId router = any_router().id;
    if (below(3) == 0) {
      reachability_.withdraw(changed, router);
      return changed;
    }
    TableReachability::Route route{.router = router,
                                   .rank = static_cast<unsigned>(below(4)),
                                   .hidden_from = {},
                                   .attributes = attributes()};
    if (below(4) == 0) route.hidden_from.insert(any_router().participant);
    reachability_.announce(changed, std::move(route));
    return changed;
  }

  net::OwnedRoute attributes() {
    net::OwnedRoute route;
    route.as_path.segments.emplace_back();
    for (std::uint64_t i = 0; i <= below(3); ++i) {
      route.as_path.segments[0].asns.push_back({static_cast<std::uint32_t>(65001 + below(4))});
    }
    if (below(2) == 0) route.communities = {{static_cast<std::uint32_t>(below(3))}};
    if (below(2) == 0) route.med = static_cast<std::uint32_t>(below(3));
    route.rpki = static_cast<net::RpkiState>(below(3));
    return route;
  }

  net::IpAddress address_in_prefix(const net::Prefix& inside) {
    const auto octets = inside.address().octets();
    const std::size_t last = octets.size() - 1;
    std::array<std::uint8_t, 16> copy{};
    std::ranges::copy(octets, copy.begin());
    if (below(2) == 0 && inside.length() <= 8 * last) {
      copy.at(last) = static_cast<std::uint8_t>(1 + below(250));
    }
    if (inside.family() == net::Family::kIpv6) return net::IpAddress::v6(copy);
    return net::IpAddress::v4({copy[0], copy[1], copy[2], copy[3]});
  }

  net::Packet ip_packet(const net::IpAddress& from, const net::IpAddress& to) {
    net::Packet packet;
    const bool is_v4 = from.family() == net::Family::kIpv4;
    packet.eth_type = is_v4 ? net::kEthTypeIpv4 : net::kEthTypeIpv6;
    packet.src_ip = from;
    packet.dst_ip = to;
    packet.dscp = below(4) == 0 ? 46 : 0;
    switch (below(4)) {
      case 0:
        packet.protocol = net::kProtocolUdp;
        break;
      case 1:
        packet.protocol = is_v4 ? net::kProtocolIcmp : net::kProtocolIcmpv6;
        packet.icmp_type = is_v4 ? 8 : static_cast<std::uint8_t>(128 + below(5));
        return packet;
      default:
        packet.protocol = net::kProtocolTcp;
        break;
    }
    packet.src_port = below(3) == 0 ? kPorts.at(below(kPorts.size())) : 40000;
    packet.dst_port = kPorts.at(below(kPorts.size()));
    return packet;
  }

  net::Packet arp(const exchange::Router& from, const net::IpAddress& target) {
    net::Packet packet;
    packet.eth_type = net::kEthTypeArp;
    packet.protocol = static_cast<std::uint8_t>(1 + below(2));
    packet.src_ip = from.addresses[0];
    packet.arp_sender_mac = from.mac;
    packet.dst_ip = target;
    if (below(8) == 0) packet.src_ip = target;
    if (below(8) == 0) packet.arp_sender_mac = any_router().mac;
    return packet;
  }

  net::Packet neighbor_discovery(const exchange::Router& from, const net::IpAddress& target) {
    net::Packet packet = ip_packet(below(4) == 0 ? address("fe80::1") : from.addresses[1], target);
    packet.protocol = net::kProtocolIcmpv6;
    packet.src_port = 0;
    packet.dst_port = 0;
    packet.icmp_type = static_cast<std::uint8_t>(133 + below(5));
    packet.icmp_code = 0;
    if (packet.icmp_type == 135 || packet.icmp_type == 136) packet.nd_target = target;
    return packet;
  }

  const net::IpAddress& lan_address(const exchange::Router& other, bool is_v4) {
    static const std::array<net::IpAddress, 2> virtuals{address("172.0.128.5"),
                                                        address("2001:db8:f:0:1::5")};
    if (below(6) == 0) return exchange_.route_server.addresses[is_v4 ? 0 : 1];
    if (below(6) == 0) return virtuals.at(is_v4 ? 0 : 1);
    return other.addresses[is_v4 ? 0 : 1];
  }

  net::MacAddress any_mac(const exchange::Router& other) {
    switch (below(8)) {
      case 0:
        return net::MacAddress::broadcast();
      case 1:
        return net::MacAddress::from_u64(0x3333ff000001);
      case 2:
        return net::MacAddress::from_u64(0x080027ffffff);
      case 3:
        return exchange_.route_server.mac;
      default:
        return other.mac;
    }
  }

  // Policies.

  std::shared_ptr<const policy::Policy> random_policy(const exchange::Participant& owner) {
    auto result = std::make_shared<policy::Policy>();
    if (below(4) != 0) fill(result->outbound, owner, policy::Direction::kOutbound);
    if (below(2) != 0) fill(result->inbound, owner, policy::Direction::kInbound);
    // Counting changes nothing else: the world is what it is without it.
    const std::mt19937 before = engine_;
    if (below(2) == 0) add_queries(result->outbound, owner, policy::Direction::kOutbound);
    if (below(2) == 0) add_queries(result->inbound, owner, policy::Direction::kInbound);
    if (below(3) == 0) count_clauses(*result, (owner.id.value + 1U) << 8U);
    engine_ = before;
    return result;
  }

  void fill(policy::ClauseList& list, const exchange::Participant& owner,
            policy::Direction direction) {
    const std::uint64_t count = 1 + below(5);
    for (std::uint64_t i = 0; i < count; ++i) {
      policy::Shape leaf;
      leaf.kind = policy::Shape::Kind::kClause;
      leaf.clause = static_cast<std::uint32_t>(i);
      list.shape.parts.push_back(leaf);
      list.clauses.push_back(clause(owner, direction));
    }
  }

  void add_queries(policy::ClauseList& list, const exchange::Participant& owner,
                   policy::Direction direction) {
    for (std::uint64_t count = 1 + below(4); count > 0; --count) {
      policy::Query query;
      query.id = 1000 - 10 * count + static_cast<std::uint64_t>(direction);
      query.name = "q" + std::to_string(query.id);
      query.when = predicate(owner, direction);
      list.queries.push_back(std::move(query));
    }
  }

  policy::Clause clause(const exchange::Participant& owner, policy::Direction direction) {
    policy::Clause result;
    result.when = predicate(owner, direction);
    result.verdict = verdict(owner, direction);
    if (!std::holds_alternative<policy::Drop>(result.verdict) && below(4) == 0) rewrite(result);
    if (below(4) == 0) add_extras(result, owner);
    const auto boxes = exchange_.middleboxes_of(owner.id);
    if (!boxes.empty() && below(2) == 0) {
      result.extras.via = chain_of(boxes, direction, [this](std::uint64_t n) { return below(n); });
      result.extras = policy::normal(result.extras, result.verdict);
    }
    return result;
  }

  void add_extras(policy::Clause& clause, const exchange::Participant& owner) {
    if (below(2) == 0) {
      const auto number = static_cast<std::uint32_t>(below(3));
      clause.extras.police =
          policy::Police{.number = number, .kbps = std::uint64_t{1000} * (1 + number)};
    }
    if (below(2) == 0) clause.extras.mirrors = {any_of_own(owner)};
    clause.extras = policy::normal(clause.extras, clause.verdict);
  }

  static policy::Verdict several(policy::Verdict first, policy::Verdict second) {
    policy::Multicast both{
        {std::get<policy::Forward>(first).target, std::get<policy::Forward>(second).target}};
    std::ranges::sort(both.targets);
    if (both.targets[0] == both.targets[1]) return first;
    return both;
  }

  policy::Verdict verdict(const exchange::Participant& owner, policy::Direction direction) {
    const std::uint64_t kind = below(8);
    if (kind == 0) return policy::Drop{};
    if (kind == 1) return policy::UseDefault{};
    policy::Verdict one = target(owner, direction);
    if (kind != 2 || std::holds_alternative<policy::Drop>(one)) return one;
    return several(one, target(owner, direction));
  }

  net::RouterId any_of_own(const exchange::Participant& owner) {
    return owner.routers[below(exchange_.routers_of(owner.id).size())];
  }

  policy::Verdict target(const exchange::Participant& owner, policy::Direction direction) {
    if (direction == policy::Direction::kInbound) {
      return policy::Forward{{.participant = owner.id, .router = any_of_own(owner)}};
    }
    std::vector<const exchange::Router*> targets;
    for (const auto& router : exchange_.routers) {
      if (router.middlebox) continue;
      if (exchange_.may_peer(owner.id, router.participant)) targets.push_back(&router);
    }
    if (targets.empty()) return policy::Drop{};
    const exchange::Router& router = *targets[below(targets.size())];
    policy::Target target{.participant = router.participant, .router = {}};
    if (below(3) == 0) target.router = router.id;
    return policy::Forward{target};
  }

  void rewrite(policy::Clause& clause) {
    if (below(2) == 0) {
      clause.writes = {{.field = net::Field::kDscp, .value = below(64)}};
    } else if (below(2) == 0) {
      clause.when = all_of({clause.when, equals(net::Field::kEthType, net::kEthTypeIpv4)});
      const std::uint64_t address = below(2) == 0 ? 0x8c000105 : 0x64010205;
      clause.writes = {{.field = net::Field::kDstIp4, .value = address}};
    } else {
      clause.when = all_of({clause.when, equals(net::Field::kEthType, net::kEthTypeIpv6)});
      clause.writes = {{.field = net::Field::kDstIp6High, .value = 0x20010db810000001},
                       {.field = net::Field::kDstIp6Low, .value = below(2) << 63U | 5}};
    }
  }

  PredicatePtr predicate(const exchange::Participant& owner, policy::Direction direction) {
    const std::uint64_t kind = below(10);
    if (kind == 0) return negation(simple(owner, direction));
    if (kind == 1) return any_of({simple(owner, direction), simple(owner, direction)});
    if (kind == 2) {
      return all_of({simple(owner, direction), negation(simple(owner, direction))});
    }
    if (kind == 3) return all_of({simple(owner, direction), simple(owner, direction)});
    if (kind == 4) return all_of({simple(owner, direction), buckets()});
    return simple(owner, direction);
  }

  // What balance() makes.
  PredicatePtr buckets() {
    const std::uint64_t first = below(net::kBucketCount);
    const std::uint64_t last = first + below(net::kBucketCount - first);
    return between(net::bucket_field(net::kHashKeys.at(below(3))), first, last);
  }

  PredicatePtr simple(const exchange::Participant& owner, policy::Direction direction) {
    switch (below(direction == policy::Direction::kInbound ? 10 : 9)) {
      case 0:
        return is_for(any_prefix());
      case 1:
        return prefix_set(policy::Side::kDestination);
      case 2:
        return prefix_set(policy::Side::kSource);
      case 3:
        return in_port(owner, direction);
      case 6:
        return on_route(policy::Side::kDestination);
      case 7:
        return below(2) == 0 ? on_route(policy::Side::kSource)
                             : on_route(policy::Side::kDestination);
      case 9:
        return from_somebody();
      default:
        return port_test();
    }
  }

  PredicatePtr port_test() {
    const std::uint16_t port = kPorts.at(below(kPorts.size()));
    const auto ip = below(3) == 0 ? equals(net::Field::kEthType, net::kEthTypeIpv6) : is_ip();
    const auto transport = any_of({equals(net::Field::kProtocol, net::kProtocolTcp),
                                   equals(net::Field::kProtocol, net::kProtocolUdp)});
    const auto field = below(4) == 0 ? net::Field::kSrcPort : net::Field::kDstPort;
    const std::uint64_t high = below(3) == 0 ? port + below(300) : port;
    return all_of({ip, transport, between(field, port, high)});
  }

  PredicatePtr prefix_set(policy::Side side) {
    return std::make_shared<const policy::Predicate>(policy::Predicate{
        policy::InPrefixesOf{.participant = any_router().participant, .side = side}});
  }

  // As the language has it: an IP packet, and the question.
  PredicatePtr on_route(policy::Side side) {
    policy::RouteTests tests;
    tests.all.push_back(route_test());
    if (below(3) == 0) tests.all.push_back(route_test());
    return all_of(
        {is_ip(), std::make_shared<const policy::Predicate>(policy::Predicate{policy::OnRoute{
                      .tests = std::make_shared<const policy::RouteTests>(tests), .side = side}})});
  }

  policy::RouteTest route_test() {
    return random_route_test([this](std::uint64_t bound) { return below(bound); }, any_prefix());
  }

  PredicatePtr from_somebody() {
    return std::make_shared<const policy::Predicate>(
        policy::Predicate{policy::FromParticipant{any_router().participant}});
  }

  PredicatePtr in_port(const exchange::Participant& owner, policy::Direction direction) {
    const bool is_inbound = direction == policy::Direction::kInbound;
    const net::RouterId own = owner.routers[below(owner.routers.size())];
    const auto& router = is_inbound ? any_router() : exchange_.router(own);
    return equals(net::Field::kInPort, router.port.value);
  }

  std::mt19937 engine_;
  std::mt19937 hash_;
  exchange::Exchange exchange_;
  std::vector<net::RouterId> boxes_;  // stand behind all routers
  TableReachability reachability_;
  std::vector<std::shared_ptr<const policy::Policy>> policies_;
  std::vector<bool> port_up_;
};

}  // namespace fabrix::verify
