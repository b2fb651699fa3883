// World: exchanges, routes and policies as tests of the compiler write them, and the slow plain
// meaning of them all (SEMANTICS, deliver) to compare programs with.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "compiler/compiler.h"
#include "exchange/exchange.h"
#include "exchange/reachability.h"
#include "exchange/route_words.h"
#include "policy/policy.h"
#include "program/evaluate.h"
#include "program/program.h"
#include "tests/exchange/places.h"
#include "tests/net/owned_route.h"

namespace fabrix::compiler {

inline net::IpAddress ip(const std::string& text) {
  return *net::IpAddress::parse(text);
}
inline net::Prefix prefix(const std::string& text) {
  return *net::Prefix::parse(text);
}
inline net::ParticipantId participant(unsigned i) {
  return {static_cast<std::uint16_t>(i)};
}
inline net::RouterId router(unsigned i) {
  return {static_cast<std::uint16_t>(i)};
}

// Participants "A", "B", ... with that many routers each, called "A1", "A2", ..., on ports 1, 2,
// ...
inline exchange::Exchange make_exchange(const std::vector<unsigned>& routers) {
  exchange::Exchange made;
  made.name = "test";
  made.asn = {65000};
  made.peering_lan = {prefix("172.0.0.0/16"), prefix("2001:db8:ffff::/64")};
  made.virtual_next_hops = {prefix("172.0.128.0/20"), prefix("2001:db8:ffff:0:1::/80")};
  made.route_server.addresses = {ip("172.0.255.254"), ip("2001:db8:ffff::fffe")};
  made.route_server.port = {4094};
  made.route_server.mac = net::MacAddress::from_u64(0xc20000000001);
  unsigned next = 0;
  for (unsigned i = 0; i < routers.size(); ++i) {
    exchange::Participant member;
    member.id = participant(i);
    member.name = i < 26 ? std::string(1, static_cast<char>('A' + i)) : "M" + std::to_string(i);
    member.asn = {100 + i};
    for (unsigned r = 0; r < routers[i]; ++r, ++next) {
      exchange::Router each;
      each.id = router(next);
      each.participant = member.id;
      each.name = member.name + std::to_string(r + 1);
      each.mac = net::MacAddress::from_u64(0x080027000001 + next);
      each.addresses = {
          ip("172.0." + std::to_string(next / 250) + "." + std::to_string(next % 250 + 1)),
          ip("2001:db8:ffff::1:" + std::to_string(next + 1))};
      each.port = {next + 1};
      member.routers.push_back(each.id);
      made.routers.push_back(each);
    }
    made.participants.push_back(member);
  }
  return made;
}

// Routes as a table. The route of the lowest rank is best; among equals the lowest router.
class RouteTable : public exchange::Reachability {
 public:
  explicit RouteTable(const exchange::Exchange& exchange) : exchange_(exchange) {}

  void announce(net::RouterId from, const net::Prefix& to, int rank = 0,
                net::OwnedRoute attributes = {}) {
    ranks_[to][from] = rank;
    attributes_[{from, to}] = std::move(attributes);
  }
  void withdraw(net::RouterId from, const net::Prefix& to) {
    ranks_[to].erase(from);
    if (ranks_[to].empty()) ranks_.erase(to);
  }
  // `announcer` exports nothing to `client`.
  void hide(net::ParticipantId announcer, net::ParticipantId client) {
    hidden_.emplace(announcer, client);
  }

  exchange::Routes routes(net::ParticipantId client, const net::Prefix& to) const override {
    const auto known = ranks_.find(to);
    std::vector<std::pair<int, net::RouterId>> ranked;
    if (known != ranks_.end()) {
      for (const auto& [from, rank] : known->second) {
        const net::ParticipantId announcer = exchange_.router(from).participant;
        if (announcer == client || hidden_.contains({announcer, client})) continue;
        ranked.emplace_back(rank, from);
      }
    }
    std::ranges::sort(ranked);
    exchange::Routes all;
    for (const auto& [rank, from] : ranked) all.push_back(from);
    return all;
  }
  exchange::Place place_of(const net::Prefix& to) const override { return places_.of(to); }
  // The routers in order, each with how many it is hidden from: that only grows.
  void route_key(const exchange::PlacedPrefix& to, exchange::RouteKey& key) const override {
    key.clear();
    const auto known = ranks_.find(to.prefix);
    if (known == ranks_.end()) return;
    std::vector<std::pair<int, net::RouterId>> ranked;
    for (const auto& [from, rank] : known->second) ranked.emplace_back(rank, from);
    std::ranges::sort(ranked);
    for (const auto& [rank, from] : ranked) {
      const auto hides =
          std::ranges::count(hidden_, exchange_.router(from).participant,
                             &std::pair<net::ParticipantId, net::ParticipantId>::first);
      key.push_back(static_cast<std::uint64_t>(hides) << 16U | from.value);
    }
  }
  void routes_of(net::ParticipantId client, const exchange::RouteKey& key,
                 exchange::Routes& all) const override {
    routers_of(key, all);
    std::erase_if(all, [&](net::RouterId from) {
      const net::ParticipantId announcer = exchange_.router(from).participant;
      return announcer == client || hidden_.contains({announcer, client});
    });
  }
  void routers_of(const exchange::RouteKey& key, exchange::Routes& all) const override {
    all.clear();
    for (const std::uint64_t word : key) all.push_back({static_cast<std::uint16_t>(word)});
  }
  bool alike_but_for(const exchange::RouteKey& key,
                     std::vector<net::ParticipantId>& others) const override {
    others.clear();
    for (const exchange::Participant& each : exchange_.participants) {
      exchange::Routes all;
      routes_of(each.id, key, all);
      if (all.size() != key.size()) others.push_back(each.id);
    }
    return true;
  }
  bool differ_behind_first(const exchange::RouteKey& a, const exchange::RouteKey& b,
                           exchange::Routes& routers) const override {
    const auto router_of = [](std::uint64_t word) {
      return net::RouterId{static_cast<std::uint16_t>(word)};
    };
    return exchange::differ_behind_first(a, b, router_of, routers);
  }
  void for_each_route_key(
      const std::function<void(const exchange::PlacedPrefix&, const exchange::RouteKey&)>& visit)
      const override {
    exchange::RouteKey key;
    for (const auto& [each, ranks] : ranks_) {
      route_key(placed(each), key);
      visit(placed(each), key);
    }
  }
  std::optional<net::Prefix> resolve(net::ParticipantId client,
                                     const net::IpAddress& address) const override {
    std::optional<net::Prefix> longest;
    for (const auto& [each, ranks] : ranks_) {
      if (!each.contains(address) || routes(client, each).empty()) continue;
      if (!longest || each.length() > longest->length()) longest = each;
    }
    return longest;
  }
  void for_each_prefix(net::ParticipantId client,
                       const std::function<void(const net::Prefix&, const exchange::Routes&)>&
                           visit) const override {
    for (const auto& [each, ranks] : ranks_) {
      const exchange::Routes all = routes(client, each);
      if (!all.empty()) visit(each, all);
    }
  }
  std::optional<net::RouteAttributes> best_route(net::ParticipantId client,
                                                 const net::Prefix& to) const override {
    const exchange::Routes all = routes(client, to);
    return all.empty() ? std::nullopt : std::optional(attributes_of(all.front(), to));
  }
  std::optional<net::RouteAttributes> own_route(net::ParticipantId announcer,
                                                const net::Prefix& to) const override {
    const auto known = ranks_.find(to);
    if (known == ranks_.end()) return std::nullopt;
    std::optional<std::pair<int, net::RouterId>> best;
    for (const auto& [from, rank] : known->second) {
      const std::pair candidate{rank, from};
      const bool owns = exchange_.router(from).participant == announcer;
      if (owns && (!best || candidate < *best)) best = candidate;
    }
    return best ? std::optional(attributes_of(best->second, to)) : std::nullopt;
  }
  std::vector<net::Prefix> announced_by(net::ParticipantId announcer) const override {
    std::vector<net::Prefix> all;
    for (const auto& [each, ranks] : ranks_) {
      const bool any = std::ranges::any_of(ranks, [&](const auto& entry) {
        return exchange_.router(entry.first).participant == announcer;
      });
      if (any) all.push_back(each);
    }
    return all;
  }

 private:
  net::RouteAttributes attributes_of(net::RouterId from, const net::Prefix& to) const {
    const auto& announcer = exchange_.owner(from);
    return attributes_.at({from, to}).view(to, announcer.id, announcer.asn);
  }

  const exchange::Exchange& exchange_;
  exchange::Places places_;
  std::map<net::Prefix, std::map<net::RouterId, int>> ranks_;
  std::map<std::pair<net::RouterId, net::Prefix>, net::OwnedRoute> attributes_;
  std::set<std::pair<net::ParticipantId, net::ParticipantId>> hidden_;
};

// Predicates, with the prerequisites that checked policies have.
using policy::PredicatePtr;
inline PredicatePtr make(policy::Predicate node) {
  return std::make_shared<const policy::Predicate>(std::move(node));
}
inline PredicatePtr anything() {
  return make({policy::Constant{true}});
}
inline PredicatePtr test(net::Field field, std::vector<policy::Interval> intervals) {
  return make({policy::FieldTest{field, std::move(intervals)}});
}
inline PredicatePtr all_of(std::vector<PredicatePtr> operands) {
  return make({policy::And{std::move(operands)}});
}
inline PredicatePtr any_of(std::vector<PredicatePtr> operands) {
  return make({policy::Or{std::move(operands)}});
}
inline PredicatePtr not_of(PredicatePtr operand) {
  return make({policy::Not{std::move(operand)}});
}
inline PredicatePtr ether_type(std::uint16_t type) {
  return test(net::Field::kEthType, {{type, type}});
}
inline PredicatePtr any_ip() {
  return test(net::Field::kEthType,
              {{net::kEthTypeIpv4, net::kEthTypeIpv4}, {net::kEthTypeIpv6, net::kEthTypeIpv6}});
}
inline PredicatePtr port_test(net::Field field, std::vector<policy::Interval> intervals) {
  return all_of({any_ip(), test(net::Field::kProtocol, {{6, 6}, {17, 17}, {132, 132}}),
                 test(field, std::move(intervals))});
}
inline PredicatePtr dst_port(std::uint16_t low, std::uint16_t high) {
  return port_test(net::Field::kDstPort, {{low, high}});
}
inline PredicatePtr dst_port(std::uint16_t port) {
  return dst_port(port, port);
}
inline PredicatePtr in_block4(net::Field field, const net::Prefix& block) {
  std::uint64_t low = 0;
  for (const std::uint8_t octet : block.address().octets()) low = low << 8U | octet;
  const std::uint64_t size = std::uint64_t{1} << (32 - block.length());
  return all_of({ether_type(net::kEthTypeIpv4), test(field, {{low, low + size - 1}})});
}
inline PredicatePtr from(net::ParticipantId sender) {
  return make({policy::FromParticipant{sender}});
}
inline PredicatePtr in_prefixes_of(net::ParticipantId whose, policy::Side side) {
  return make({policy::InPrefixesOf{whose, side}});
}

// Clauses.
inline policy::Clause clause(PredicatePtr when, policy::Verdict verdict,
                             std::vector<policy::Write> writes = {}) {
  return {.when = std::move(when),
          .writes = std::move(writes),
          .verdict = std::move(verdict),
          .at = {}};
}
inline policy::Verdict fwd(net::ParticipantId to) {
  return policy::Forward{{.participant = to, .router = std::nullopt}};
}
inline policy::Verdict fwd(const exchange::Exchange& exchange, net::RouterId to) {
  return policy::Forward{{.participant = exchange.router(to).participant, .router = to}};
}
// The clauses side by side (kParallel) or ranked; each on a line of its own.
inline policy::ClauseList list_of(std::vector<policy::Clause> clauses,
                                  policy::Shape::Kind kind = policy::Shape::Kind::kRanked) {
  policy::ClauseList list;
  list.shape.kind = kind;
  for (std::uint32_t i = 0; i < clauses.size(); ++i) {
    clauses[i].at = {.line = i + 1, .column = 1, .length = 1};
    list.shape.parts.push_back({.kind = policy::Shape::Kind::kClause, .clause = i, .parts = {}});
  }
  list.clauses = std::move(clauses);
  return list;
}
inline std::shared_ptr<const policy::Policy> policy_of(policy::ClauseList outbound,
                                                       policy::ClauseList inbound = {}) {
  return std::make_shared<const policy::Policy>(
      policy::Policy{.outbound = std::move(outbound), .inbound = std::move(inbound)});
}

inline Compiler::Clock::time_point at(std::chrono::seconds when) {
  return Compiler::Clock::time_point{} + when;
}

// Everything together. Policies and ports are told to the compiler and to the oracle.
struct World {
  explicit World(const std::vector<unsigned>& routers)
      : exchange(make_exchange(routers)),
        routes(exchange),
        policies(exchange.participants.size()),
        port_up(exchange.routers.size(), true) {}

  exchange::Exchange exchange;
  RouteTable routes;
  std::vector<std::shared_ptr<const policy::Policy>> policies;
  std::vector<bool> port_up;
};

}  // namespace fabrix::compiler
