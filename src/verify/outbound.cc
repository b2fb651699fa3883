#include <algorithm>
#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "program/tag.h"
#include "verify/clause_diagram.h"
#include "verify/findings.h"
#include "verify/traffic.h"

namespace fabrix::verify {
namespace {

using diagram::Diagram;
using diagram::Leaf;
using exchange::Router;
using exchange::Routes;
using net::Prefix;
using program::TableId;

// Prefixes that one next hop was announced for, by what the clauses mean for them.
struct Group {
  Routes routes;  // of one of the prefixes
  std::vector<Prefix> prefixes;
};
using Groups = std::map<Diagram, Group>;

// Checks what one participant sends.
class OutboundCheck {
 public:
  OutboundCheck(const Task& task, net::ParticipantId sender)
      : task_(task),
        exchange_(*task.world.exchange),
        sender_(exchange_.participant(sender)),
        space_(*task.world.reachability),
        meaning_(task.world, sender, space_, effects_),
        symbolic_(task.index, space_, effects_) {}

  void run();

 private:
  void sort_in(const Prefix& prefix, const Routes& routes);
  void check_real(const Router& next_hop, const Groups& groups);
  bool falls_back(const Group& group) const;
  void check_virtual(const net::IpAddress& address, const Groups& groups);
  void check_tag(net::MacAddress tag, const std::string& name, const Groups& groups);
  void compare(Diagram actual, Diagram expected, const Group& group, const Fixed& fixed,
               std::string_view where_to);
  void report(const net::Packet& witness, Diagram actual, Diagram expected, const Group& group,
              std::string_view where_to);
  std::optional<net::MacAddress> mac_of(const net::IpAddress& address) const;
  Diagram routed();
  Diagram region_of(const std::vector<Prefix>& prefixes);
  const Effect& effect_at(Diagram function, const net::Packet& packet);
  bool owns_route(const Effect& effect, const Routes& routes) const;
  void add(std::string invariant, std::string message) {
    task_.findings.add({.invariant = std::move(invariant),
                        .message = std::move(message),
                        .witness = {},
                        .rows = {}});
  }

  const Task& task_;
  const exchange::Exchange& exchange_;
  const exchange::Participant& sender_;
  PacketSpace space_;
  Effects effects_;
  OutboundMeaning meaning_;
  SymbolicProgram symbolic_;
  std::vector<Prefix> prefixes_;  // announced to the sender, in order
  std::map<net::IpAddress, Groups> by_next_hop_;
  std::optional<Diagram> routed_;
};

void OutboundCheck::run() {
  if (sender_.routers.empty()) return;
  task_.world.reachability->for_each_prefix(
      sender_.id, [this](const Prefix& prefix, const Routes& routes) { sort_in(prefix, routes); });
  for (const auto& [address, groups] : by_next_hop_) {
    if (task_.findings.full()) return;
    if (const Router* router = exchange_.find_router(address)) {
      check_real(*router, groups);
    } else {
      check_virtual(address, groups);
    }
  }
}

void OutboundCheck::sort_in(const Prefix& prefix, const Routes& routes) {
  if (routes.empty()) return;
  prefixes_.push_back(prefix);
  Group& group = by_next_hop_[task_.next_hop(sender_.id, prefix)][meaning_.under(routes)];
  if (group.prefixes.empty()) group.routes = routes;
  group.prefixes.push_back(prefix);
}

// Whether all prefixes of the group may lack a virtual next hop.
bool OutboundCheck::falls_back(const Group& group) const {
  const auto& shortfalls = task_.terms.shortfalls;
  const auto mine = std::ranges::find(shortfalls, sender_.id, &policy::Shortfall::owner);
  return mine != shortfalls.end() && std::ranges::all_of(group.prefixes, [&](const Prefix& prefix) {
           return mine->short_of_next_hops(prefix.family());
         });
}

// With a real next hop packets go past the policy: so no clause may differ from the default.
void OutboundCheck::check_real(const Router& next_hop, const Groups& groups) {
  const Diagram by_default = space_.store().leaf(meaning_.forward(next_hop.id, {}));
  const std::string where_to = fmt::format("the real next hop {}", next_hop.name);
  for (const auto& [expected, group] : groups) {
    if (group.routes.front() != next_hop.id) {
      add("I3", fmt::format("{} is told that {} is reached by {}, and its best route is of {}",
                            sender_.name, group.prefixes.front().to_string(), next_hop.name,
                            exchange_.router(group.routes.front()).name));
      continue;
    }
    if (falls_back(group)) continue;
    for (const net::RouterId id : sender_.routers) {
      Fixed fixed = entering_at(exchange_.router(id));
      fixed.emplace_back(net::Field::kDstMac, next_hop.mac.to_u64());
      compare(by_default, space_.fix(expected, fixed), group, fixed, where_to);
    }
  }
}

std::optional<net::MacAddress> OutboundCheck::mac_of(const net::IpAddress& address) const {
  const auto* neighbor = program::find_neighbor(task_.program, sender_.id, address);
  if (neighbor == nullptr) return std::nullopt;
  return neighbor->mac;
}

void OutboundCheck::check_virtual(const net::IpAddress& address, const Groups& groups) {
  const auto mac = mac_of(address);
  if (!mac) {
    add("I3", fmt::format("{} is given the next hop {}, which answers to no address resolution",
                          sender_.name, address.to_string()));
    return;
  }
  check_tag(*mac, fmt::format("the next hop {} ({})", address.to_string(), mac->to_string()),
            groups);
}

void OutboundCheck::check_tag(net::MacAddress tag, const std::string& name, const Groups& groups) {
  for (const net::RouterId id : sender_.routers) {
    Fixed fixed = entering_at(exchange_.router(id));
    fixed.emplace_back(net::Field::kDstMac, tag.to_u64());
    const auto actual = symbolic_.run(
        {.table = TableId::kAdmit, .metadata = 0, .known = known(fixed)}, TableId::kDelivered);
    if (!actual) {
      add("I11", fmt::format("the rows for {} of {} are too wide to check", name, sender_.name));
      return;
    }
    for (const auto& [expected, group] : groups) {
      compare(*actual, space_.fix(expected, fixed), group, fixed, name);
    }
  }
}

// Packets that a router sends by a route: IP, not for the peering LAN, not neighbour discovery.
Diagram OutboundCheck::routed() {
  if (routed_) return *routed_;
  std::vector<PredicatePtr> others;
  for (const Prefix& lan : exchange_.peering_lan) others.push_back(is_for(lan));
  others.push_back(is_neighbor_discovery());
  others.push_back(is_host_discovery());
  routed_ = space_.store().difference(space_.well_formed_ip(),
                                      space_.of(*any_of(std::move(others)), sender_.id));
  return *routed_;
}

// Destinations whose longest announced prefix is one of these.
Diagram OutboundCheck::region_of(const std::vector<Prefix>& prefixes) {
  std::vector<Diagram> parts;
  for (const Prefix& prefix : prefixes) {
    std::vector<Diagram> inner;
    auto next = std::ranges::upper_bound(prefixes_, prefix);
    for (; next != prefixes_.end() && prefix.contains(*next); ++next) {
      inner.push_back(space_.of(*is_for(*next), sender_.id));
    }
    parts.push_back(space_.store().difference(space_.of(*is_for(prefix), sender_.id),
                                              space_.store().disjunction(inner)));
  }
  return space_.store().disjunction(parts);
}

// Most often the two agree for all destinations; only if not does it matter which are routed so.
void OutboundCheck::compare(Diagram actual, Diagram expected, const Group& group,
                            const Fixed& fixed, std::string_view where_to) {
  if (!space_.difference(actual, expected, routed(), fixed)) return;
  const Diagram where = space_.store().conjunction(routed(), region_of(group.prefixes));
  const auto witness = space_.difference(actual, expected, where, fixed);
  if (witness) report(*witness, actual, expected, group, where_to);
}

const Effect& OutboundCheck::effect_at(Diagram function, const net::Packet& packet) {
  std::vector<std::uint64_t> point;
  for (std::size_t i = 0; i < net::kFieldCount; ++i) {
    point.push_back(net::value_of(packet, static_cast<net::Field>(i)));
  }
  return effects_.at(space_.store().evaluate(function, point));
}

bool OutboundCheck::owns_route(const Effect& effect, const Routes& routes) const {
  return std::ranges::any_of(routes, [&](net::RouterId router) {
    return effect.metadata == on_the_way(task_.world, sender_.id, router);
  });
}

void OutboundCheck::report(const net::Packet& witness, Diagram actual, Diagram expected,
                           const Group& group, std::string_view where_to) {
  const Effect is = effect_at(actual, witness);
  const Effect should = effect_at(expected, witness);
  std::string invariant = "I11";
  if (where_to.starts_with("the real")) {
    invariant = "I3";
  } else if (is.kind == Effect::Kind::kDrop) {
    invariant = "I4";
  } else if (is.kind == Effect::Kind::kContinue && !owns_route(is, group.routes)) {
    invariant = "I2";
  }
  task_.findings.add(
      {.invariant = std::move(invariant),
       .message = fmt::format("what {} sends to {} by {} is {}, and should be {}", sender_.name,
                              group.prefixes.front().to_string(), where_to, describe(is, exchange_),
                              describe(should, exchange_)),
       .witness = witness,
       .rows = rows_for(task_.program, witness)});
}

}  // namespace

void check_outbound(const Task& task, net::ParticipantId sender) {
  OutboundCheck(task, sender).run();
}

}  // namespace fabrix::verify
