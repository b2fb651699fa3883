// Walkthrough: the exchange of the SDX paper, small enough to reason about by hand: A, B, C (with
// two routers), D; A sends web traffic to B and ports 4321-4322 to C; C takes 443 at c1, 80 at c2
// and drops 8080, and nothing of D's on port 22. Prefixes:
//
//     140.0.0.0/24    B, C(c1)    best: C
//     150.0.0.0/24    B           best: B
//     160.0.0.0/24    C(c2), D    best: C
//     2001:db8:1000::/48  B, C(c1)   best: C
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "compiler/compiler.h"
#include "exchange/exchange.h"
#include "policy/policy.h"
#include "program/program.h"
#include "program/tag.h"
#include "tests/verify/table_reachability.h"
#include "verify/traffic.h"
#include "verify/validate.h"

namespace fabrix::verify {

class Walkthrough {
 public:
  static constexpr net::ParticipantId kA{0};
  static constexpr net::ParticipantId kB{1};
  static constexpr net::ParticipantId kC{2};
  static constexpr net::ParticipantId kD{3};
  static constexpr net::RouterId kA1{0};
  static constexpr net::RouterId kB1{1};
  static constexpr net::RouterId kC1{2};
  static constexpr net::RouterId kC2{3};
  static constexpr net::RouterId kD1{4};

  Walkthrough() : reachability(exchange) {
    make_exchange();
    announce("140.0.0.0/24", kC1, 0);
    announce("140.0.0.0/24", kB1, 1);
    announce("150.0.0.0/24", kB1, 0);
    announce("160.0.0.0/24", kC2, 0);
    announce("160.0.0.0/24", kD1, 1);
    announce("2001:db8:1000::/48", kC1, 0);
    announce("2001:db8:1000::/48", kB1, 1);
    make_policies();
    port_up.assign(exchange.routers.size(), true);
    compiler = std::make_unique<compiler::Compiler>(exchange, reachability);
    for (const auto& each : exchange.participants) {
      static_cast<void>(compiler->set_policy(each.id, policies[each.id.index()], "policy"));
    }
    const auto output = compiler->compile({});
    program = *output.program;
    meanings = output.meanings;
  }
  Walkthrough(const Walkthrough&) = delete;
  Walkthrough& operator=(const Walkthrough&) = delete;
  Walkthrough(Walkthrough&&) = delete;
  Walkthrough& operator=(Walkthrough&&) = delete;
  ~Walkthrough() = default;

  World world() const { return {&exchange, &reachability, policies, port_up}; }

  net::IpAddress next_hop(net::ParticipantId client, const net::Prefix& prefix) const {
    if (const auto address = compiler->virtual_next_hop(client, prefix)) return *address;
    const auto& addresses = exchange.router(reachability.routes(client, prefix).front()).addresses;
    return prefix.family() == net::Family::kIpv4 ? addresses.front() : addresses.back();
  }

  std::vector<Violation> check(Terms terms = {}) const {
    terms.meanings = meanings;
    return validate(
        world(), program,
        [this](net::ParticipantId client, const net::Prefix& prefix) {
          return next_hop(client, prefix);
        },
        terms);
  }

  // The invariants that the Program violates, each once.
  std::vector<std::string> violated() const {
    std::vector<std::string> names;
    for (const Violation& violation : check()) names.push_back(violation.invariant);
    std::ranges::sort(names);
    names.erase(std::unique(names.begin(), names.end()), names.end());
    return names;
  }

  // The first row of the table that satisfies `wanted`; there must be one.
  template <typename Wanted>
  program::Row& row(program::TableId table, Wanted wanted) {
    auto& rows = program.table(table);
    return *std::ranges::find_if(rows, wanted);
  }
  program::Row& row_of(program::TableId table, program::Origin::Kind kind,
                       net::ParticipantId participant) {
    return row(table, [&](const program::Row& each) {
      return each.origin.kind == kind && each.origin.participant == participant;
    });
  }

  void announce(const char* prefix, net::RouterId router, unsigned rank) {
    reachability.announce(net::Prefix::parse(prefix).value(),
                          {.router = router, .rank = rank, .hidden_from = {}});
  }

  net::Packet packet(net::RouterId from, const char* text) const {
    net::Packet result = net::parse_packet(text).value();
    result.in_port = exchange.router(from).port;
    result.src_mac = exchange.router(from).mac;
    return result;
  }

  exchange::Exchange exchange;
  TableReachability reachability;
  std::vector<std::shared_ptr<const policy::Policy>> policies;
  std::vector<bool> port_up;
  std::unique_ptr<compiler::Compiler> compiler;
  program::Program program;
  std::shared_ptr<const std::vector<program::TagMeaningPtr>> meanings;

 private:
  void make_exchange() {
    exchange.peering_lan = {net::Prefix::parse("172.0.0.0/16").value(),
                            net::Prefix::parse("2001:db8:f::/64").value()};
    exchange.virtual_next_hops = {net::Prefix::parse("172.0.128.0/17").value(),
                                  net::Prefix::parse("2001:db8:f:0:1::/80").value()};
    exchange.route_server.addresses = {net::IpAddress::parse("172.0.0.254").value()};
    exchange.route_server.port = net::PortNo{4094};
    exchange.route_server.mac =
        program::encode({.kind = program::TagKind::kControl, .reach = 1, .egress = {}});
    add("A", {"a1"});
    add("B", {"b1"});
    add("C", {"c1", "c2"});
    add("D", {"d1"});
  }

  void add(const char* name, const std::vector<std::string>& routers) {
    exchange::Participant participant;
    participant.id = net::ParticipantId{static_cast<std::uint16_t>(exchange.participants.size())};
    participant.name = name;
    for (const std::string& router_name : routers) {
      const std::size_t number = exchange.routers.size() + 1;
      exchange::Router router;
      router.id = net::RouterId{static_cast<std::uint16_t>(number - 1)};
      router.participant = participant.id;
      router.name = router_name;
      router.mac = net::MacAddress::from_u64(0x080027000000 + number);
      const std::string text = std::to_string(number);
      router.addresses = {net::IpAddress::parse("172.0.0." + text).value(),
                          net::IpAddress::parse("2001:db8:f::" + text).value()};
      router.port = net::PortNo{static_cast<std::uint32_t>(number)};
      participant.routers.push_back(router.id);
      exchange.routers.push_back(router);
    }
    exchange.participants.push_back(std::move(participant));
  }

  static PredicatePtr tcp_port(std::uint64_t low, std::uint64_t high) {
    return all_of({is_ip(), equals(net::Field::kProtocol, net::kProtocolTcp),
                   between(net::Field::kDstPort, low, high)});
  }

  static void add_clause(policy::ClauseList& list, PredicatePtr when, policy::Verdict verdict) {
    policy::Shape leaf;
    leaf.kind = policy::Shape::Kind::kClause;
    leaf.clause = static_cast<std::uint32_t>(list.clauses.size());
    list.shape.parts.push_back(leaf);
    list.clauses.push_back(
        {.when = std::move(when), .writes = {}, .verdict = std::move(verdict), .at = {}});
  }

  void make_policies() {
    policies.resize(exchange.participants.size());
    auto a = std::make_shared<policy::Policy>();
    add_clause(a->outbound, tcp_port(80, 80), policy::Forward{{kB, {}}});
    add_clause(a->outbound, tcp_port(4321, 4322), policy::Forward{{kC, {}}});
    policies[kA.index()] = a;
    auto c = std::make_shared<policy::Policy>();
    add_clause(c->inbound, tcp_port(443, 443), policy::Forward{{kC, kC1}});
    add_clause(c->inbound, tcp_port(80, 80), policy::Forward{{kC, kC2}});
    add_clause(c->inbound, tcp_port(8080, 8080), policy::Drop{});
    const auto from_d =
        std::make_shared<const policy::Predicate>(policy::Predicate{policy::FromParticipant{kD}});
    add_clause(c->inbound, all_of({from_d, tcp_port(22, 22)}), policy::Drop{});
    policies[kC.index()] = c;
  }
};

}  // namespace fabrix::verify
