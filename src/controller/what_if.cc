#include "controller/what_if.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "compiler/compiler.h"
#include "controller/read_policy.h"
#include "controller/silent_targets.h"
#include "program/delta.h"
#include "verify/verifier.h"

namespace fabrix::controller {
namespace {

using exchange::Routes;
using net::ParticipantId;
using net::Prefix;

// The routes of another Reachability without those of one participant for one prefix.
class Without : public exchange::Reachability {
 public:
  Without(const exchange::Exchange& exchange, const exchange::Reachability& base, Prefix prefix,
          ParticipantId announcer)
      : exchange_(exchange), base_(base), prefix_(prefix), announcer_(announcer) {}

  Routes routes(ParticipantId client, const Prefix& prefix) const override {
    Routes routes = base_.routes(client, prefix);
    if (prefix == prefix_) strip(routes);
    return routes;
  }

  // Those of the base, and a word that says whether the participant's routes are left out.
  exchange::Place place_of(const Prefix& prefix) const override { return base_.place_of(prefix); }

  void route_key(const exchange::PlacedPrefix& prefix, exchange::RouteKey& key) const override {
    base_.route_key(prefix, key);
    mark(prefix.prefix, key);
  }

  void routes_of(ParticipantId client, const exchange::RouteKey& key,
                 Routes& routes) const override {
    base_.routes_of(client, base_key(key), routes);
    if (key.back() != 0) strip(routes);
  }

  void routers_of(const exchange::RouteKey& key, Routes& routers) const override {
    base_.routers_of(base_key(key), routers);
    if (key.back() != 0) strip(routers);
  }

  void for_each_route_key(
      const std::function<void(const exchange::PlacedPrefix&, const exchange::RouteKey&)>& visit)
      const override {
    base_.for_each_route_key(
        [&](const exchange::PlacedPrefix& prefix, const exchange::RouteKey& base) {
          exchange::RouteKey key = base;
          mark(prefix.prefix, key);
          if (!key.empty()) visit(prefix, key);
        });
  }

  std::optional<Prefix> resolve(ParticipantId client,
                                const net::IpAddress& address) const override {
    const auto found = base_.resolve(client, address);
    if (found != prefix_ || !routes(client, prefix_).empty()) return found;
    std::optional<Prefix> covering;
    base_.for_each_prefix(client, [&](const Prefix& prefix, const Routes& /*routes*/) {
      const bool longer = !covering || prefix.length() > covering->length();
      if (prefix != prefix_ && longer && prefix.contains(address)) covering = prefix;
    });
    return covering;
  }

  void for_each_prefix(
      ParticipantId client,
      const std::function<void(const Prefix&, const Routes&)>& visit) const override {
    base_.for_each_prefix(client, [&](const Prefix& prefix, const Routes& routes) {
      if (prefix != prefix_) return visit(prefix, routes);
      Routes left = routes;
      strip(left);
      if (!left.empty()) visit(prefix, left);
    });
  }

  std::optional<net::RouteAttributes> best_route(ParticipantId client,
                                                 const Prefix& prefix) const override {
    const Routes before = base_.routes(client, prefix);
    const Routes left = routes(client, prefix);
    if (left.empty()) return std::nullopt;
    if (left.front() == before.front()) return base_.best_route(client, prefix);
    // The route of the router that is now first is the best of its owner's.
    return base_.own_route(exchange_.router(left.front()).participant, prefix);
  }

  std::optional<net::RouteAttributes> own_route(ParticipantId announcer,
                                                const Prefix& prefix) const override {
    if (announcer == announcer_ && prefix == prefix_) return std::nullopt;
    return base_.own_route(announcer, prefix);
  }

  std::vector<Prefix> announced_by(ParticipantId announcer) const override {
    auto prefixes = base_.announced_by(announcer);
    if (announcer == announcer_) std::erase(prefixes, prefix_);
    return prefixes;
  }

 private:
  static exchange::RouteKey base_key(const exchange::RouteKey& key) {
    return {key.begin(), key.end() - 1};
  }

  void mark(const Prefix& prefix, exchange::RouteKey& key) const {
    if (key.empty()) return;
    const bool stripped = prefix == prefix_;
    if (stripped) {
      Routes left;
      base_.routers_of(key, left);
      strip(left);
      if (left.empty()) return key.clear();
    }
    key.push_back(stripped ? 1 : 0);
  }

  void strip(Routes& routes) const {
    std::erase_if(routes, [this](net::RouterId router) {
      return exchange_.router(router).participant == announcer_;
    });
  }

  const exchange::Exchange& exchange_;
  const exchange::Reachability& base_;
  Prefix prefix_;
  ParticipantId announcer_;
};

// A compiler for what is not so.
class Scratch {
 public:
  Scratch(const Controller& controller, const exchange::Reachability& reachability)
      : controller_(controller),
        reachability_(reachability),
        compiler_(controller.exchange(), reachability) {
    const verify::World& world = controller.world();
    for (const exchange::Router& router : controller.exchange().routers) {
      compiler_.set_port(router.id, world.port_up[router.id.index()]);
    }
  }

  Result<std::vector<Diagnostic>, std::vector<Diagnostic>> set_policy(
      ParticipantId id, const std::shared_ptr<const policy::Policy>& policy,
      std::string_view file) {
    return compiler_.set_policy(id, policy, file);
  }
  // With fsms: in the states that it would take over.
  Result<ReadPolicy, std::vector<Diagnostic>> read(ParticipantId id, const PolicyText& text) {
    const auto present = controller_.fsms(id);
    return read_policy(compiler_, controller_.exchange(), id, text,
                       {.fsms = present.policy, .states = present.states});
  }
  // What fits no longer is left out, as the exchange would.
  void set_policies() {
    for (const exchange::Participant& each : controller_.exchange().participants) {
      const auto& policy = controller_.world().policies[each.id.index()];
      if (policy) std::ignore = set_policy(each.id, policy, controller_.policy_file(each.id));
    }
  }
  compiler::Output compile() { return compiler_.compile(Controller::Clock::now()); }

  net::IpAddress next_hop(ParticipantId client, const Prefix& prefix) const {
    if (const auto instead = compiler_.virtual_next_hop(client, prefix)) return *instead;
    const Routes routes = reachability_.routes(client, prefix);
    if (!routes.empty()) {
      for (const auto& address : controller_.exchange().router(routes.front()).addresses) {
        if (address.family() == prefix.family()) return address;
      }
      // An IPv4 route by an IPv6 next hop (RFC 8950).
      return controller_.exchange().router(routes.front()).addresses.front();
    }
    return net::IpAddress::unspecified(prefix.family());
  }

 private:
  const Controller& controller_;
  const exchange::Reachability& reachability_;
  compiler::Compiler compiler_;
};

void compare_rows(const program::Program& before, const program::Program& after, WhatIf& result) {
  const auto delta = program::difference(before, after);
  const auto place = [&result](program::TableId table) -> WhatIf::Table& {
    return result.tables.at(static_cast<std::size_t>(table));
  };
  for (std::size_t i = 0; i < program::kTableCount; ++i) {
    result.tables.at(i).rows = after.table(static_cast<program::TableId>(i)).size();
  }
  for (const auto& [table, row] : delta.add) ++place(table).added;
  for (const auto& [table, row] : delta.remove) ++place(table).removed;
  for (const auto& [table, row] : delta.modify) ++place(table).modified;
  result.rows_before = before.row_count();
  result.rows_after = after.row_count();
  result.next_hops_before = before.neighbors.size();
  result.next_hops_after = after.neighbors.size();
}

// `after` is of the scratch compiler's last output.
WhatIf judge(const Scratch& scratch, const verify::World& after, const compiler::Output& before,
             const compiler::Output& output) {
  WhatIf result;
  compare_rows(*before.program, *output.program, result);
  const verify::Terms terms{.shortfalls = output.shortfalls, .meanings = output.meanings};
  result.max_rows = terms.max_rows;
  result.violations = verify::validate(
      after, *output.program,
      [&scratch](ParticipantId client, const Prefix& prefix) {
        return scratch.next_hop(client, prefix);
      },
      terms);
  for (const Diagnostic& problem : output.problems) {
    const bool is_old = std::ranges::find(before.problems, problem.message, &Diagnostic::message) !=
                        before.problems.end();
    if (!is_old) result.problems.push_back(problem);
  }
  return result;
}

}  // namespace

Result<WhatIf, std::vector<Diagnostic>> what_if_policy(const Controller& controller,
                                                       ParticipantId participant,
                                                       std::string_view text,
                                                       std::string_view file) {
  Scratch scratch(controller, *controller.world().reachability);
  auto read = scratch.read(participant, {text, file});
  if (!read) return fail(std::move(read).error());
  scratch.set_policies();
  const auto before = scratch.compile();
  auto set = scratch.set_policy(participant, read->policy, file);
  if (!set) return fail(std::move(set).error());
  verify::World after = controller.world();
  after.policies[participant.index()] = read->policy;
  WhatIf result = judge(scratch, after, before, scratch.compile());
  result.packets = verify::compare(controller.world(), after, {});
  auto& warnings = read->warnings;
  if (read->fsms == nullptr) warnings.insert(warnings.end(), set->begin(), set->end());
  result.problems.insert(result.problems.begin(), warnings.begin(), warnings.end());
  const auto notes =
      silent_targets(controller.exchange(), controller.route_server(), *read->policy, file);
  result.problems.insert(result.problems.end(), notes.begin(), notes.end());
  return result;
}

std::optional<WhatIf> what_if_withdrawn(const Controller& controller, const Prefix& prefix,
                                        ParticipantId announcer) {
  const verify::World& world = controller.world();
  const auto announced = world.reachability->announced_by(announcer);
  if (std::ranges::find(announced, prefix) == announced.end()) return std::nullopt;
  const Without without(controller.exchange(), *world.reachability, prefix, announcer);
  Scratch present(controller, *world.reachability);
  present.set_policies();
  Scratch scratch(controller, without);
  scratch.set_policies();
  verify::World after = world;
  after.reachability = &without;
  WhatIf result = judge(scratch, after, present.compile(), scratch.compile());
  result.packets = verify::compare(world, after, {&prefix, 1});
  return result;
}

}  // namespace fabrix::controller
