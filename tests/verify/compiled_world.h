// CompiledWorld: a random world with the compiler's Program for it, and how its routers address
// packets: what tests of verify check against each other.
#pragma once

#include <chrono>
#include <memory>
#include <optional>

#include <gtest/gtest.h>

#include "compiler/compiler.h"
#include "program/evaluate.h"
#include "tests/verify/compiled_next_hops.h"
#include "tests/verify/random_world.h"
#include "verify/validate.h"
#include "verify/verifier.h"

namespace fabrix::verify {

class CompiledWorld {
 public:
  explicit CompiledWorld(std::uint32_t seed,
                         RandomWorld::Middleboxes middleboxes = RandomWorld::Middleboxes::kNone,
                         RandomWorld::Sources sources = RandomWorld::Sources::kAny)
      : random(seed, middleboxes, sources), compiler(random.exchange(), random.reachability()) {
    for (const auto& participant : random.exchange().participants) set_policy(participant.id);
    compile();
  }

  void set_policy(net::ParticipantId id) {
    const auto result = compiler.set_policy(id, random.policy_of(id), "random.policy");
    EXPECT_TRUE(result.has_value());
  }

  // An hour later than before: next hops are forgotten in between.
  void compile() {
    now += std::chrono::hours(1);
    const auto output = compiler.compile(now);
    for (const Diagnostic& problem : output.problems) ADD_FAILURE() << problem.message;
    program = *output.program;
    terms.meanings = output.meanings;
    renumbered = output.renumbered;
  }

  net::IpAddress next_hop(net::ParticipantId client, const net::Prefix& prefix) const {
    const auto& other = told_otherwise;
    if (other && other->client == client && other->where.prefix == prefix) return other->address;
    if (const auto address = compiler.virtual_next_hop(client, prefix)) return *address;
    const auto routes = random.world().reachability->routes(client, prefix);
    const auto& addresses = random.exchange().router(routes.front()).addresses;
    return prefix.family() == net::Family::kIpv4 ? addresses.front() : addresses.back();
  }

  NextHopOf next_hops() const {
    return [this](net::ParticipantId client, const net::Prefix& prefix) {
      return next_hop(client, prefix);
    };
  }

  std::vector<Violation> validate_it() const {
    return validate(random.world(), program, next_hops(), terms);
  }
  // By a Verifier that has seen what was before, but for the prefixes changed since.
  std::vector<Violation> check_by(Verifier& verifier) const {
    const World world = random.world();
    const CompiledNextHops hops(compiler, next_hops(), told_otherwise);
    const auto copy = std::make_shared<const program::Program>(program);
    const auto placed = world.reachability->placed(changed);
    return verifier.check({world, copy, hops, terms},
                          {.prefixes = placed, .renumbered = renumbered});
  }

  // Another next hop for somebody: a router's, or one that answers for a tag. None: nobody has a
  // route of the prefix that was chosen.
  std::optional<ToldOtherwise> tell_otherwise() {
    const auto& reachability = *random.world().reachability;
    const auto client = random.any_router().participant;
    std::vector<net::Prefix> prefixes;
    reachability.for_each_prefix(client, [&](const net::Prefix& each, const exchange::Routes&) {
      prefixes.push_back(each);
    });
    if (prefixes.empty()) return std::nullopt;
    const net::Prefix prefix = prefixes[random.below(prefixes.size())];
    std::vector<net::IpAddress> addresses;
    for (const auto& neighbor : program.neighbors) addresses.push_back(neighbor.address);
    for (const auto router : reachability.routes(client, prefix)) {
      addresses.push_back(random.exchange().router(router).addresses.front());
    }
    return ToldOtherwise{reachability.placed(prefix), client,
                         addresses[random.below(addresses.size())]};
  }

  // Something of policies, routes or ports is not as it was.
  void change() {
    changed.clear();
    switch (random.below(3)) {
      case 0:
        set_policy(random.replace_policy());
        break;
      case 1:
        changed = random.change_routes();
        compiler.routes_changed(changed);
        break;
      default:
        const auto [router, is_up] = random.flip_port();
        compiler.set_port(router, is_up);
    }
  }

  // The MAC that `sender`'s router puts on a packet for that destination. None: it has no route.
  std::optional<net::MacAddress> mac_for(net::ParticipantId sender,
                                         const net::IpAddress& destination) const {
    const World world = random.world();
    const auto& exchange = random.exchange();
    std::optional<net::IpAddress> address;
    if (exchange.on_peering_lan(destination)) {
      address = destination;
    } else if (const auto prefix = world.reachability->resolve(sender, destination)) {
      address = next_hop(sender, *prefix);
    }
    if (!address) return std::nullopt;
    if (const auto* router = exchange.find_router(*address)) return router->mac;
    for (const auto& neighbor : program.neighbors) {
      if (neighbor.sender == sender && neighbor.address == *address) return neighbor.mac;
    }
    return std::nullopt;
  }

  RandomWorld random;
  compiler::Compiler::Clock::time_point now{};
  compiler::Compiler compiler;
  program::Program program;
  Terms terms;
  std::optional<ToldOtherwise> told_otherwise;  // for check_by(); none: what the compiler says
  std::vector<net::Prefix> changed;             // by the last change()
  std::vector<net::ParticipantId> renumbered;
};

inline std::string describe(const std::vector<Violation>& violations) {
  std::string text;
  for (const Violation& violation : violations) {
    text += violation.invariant + ": " + violation.message + "\n";
    if (violation.witness) {
      text += "  witness: in port " + std::to_string(violation.witness->in_port.value) + " " +
              violation.witness->src_mac.to_string() + " -> " +
              violation.witness->dst_mac.to_string() + " " + net::to_string(*violation.witness) +
              "\n";
    }
    for (const program::Row& row : violation.rows) text += "  " + to_string(row) + "\n";
  }
  return text;
}

}  // namespace fabrix::verify
