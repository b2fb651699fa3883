#include "compiler/sender.h"

#include <algorithm>
#include <string>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace fabrix::compiler {
namespace {

Diagnostic warning(std::string code, std::string message, std::string help) {
  Diagnostic problem;
  problem.severity = Severity::kWarning;
  problem.code = std::move(code);
  problem.message = std::move(message);
  problem.help = std::move(help);
  return problem;
}

}  // namespace

Sender::Sender(const exchange::Exchange& exchange, net::ParticipantId id)
    : exchange_(exchange), id_(id) {}

std::optional<CompiledOutbound> Sender::compile(std::unique_ptr<OutboundPolicy> policy,
                                                diagram::Store& store,
                                                const exchange::Reachability& reachability) const {
  CompiledOutbound compiled;
  compiled.facts = policy->facts(reachability);
  // What present classes need beyond it shows when prefixes have been classified.
  Encoding encoding = encoding_;
  encoding.update(policy->targets(), {});
  compiled.codebook = encoding.book();
  auto rows = emit(policy->clauses(compiled.codebook, compiled.facts, reachability),
                   policy->scope(), store, reachability);
  if (!rows) return std::nullopt;
  compiled.rows = program::make_block(*std::move(rows));
  compiled.policy = std::move(policy);
  return compiled;
}

void Sender::adopt(CompiledOutbound compiled) {
  const program::Rows::Block before = outbound_.rows;
  outbound_ = std::move(compiled);
  if (before && outbound_.rows && *before == *outbound_.rows) outbound_.rows = before;
  policy_changed_ = true;
  rows_changed_ = true;
  rows_stale_ = false;
  too_many_rows_ = false;
  if (!has_policy() || pool4_) return;
  pool4_.emplace(exchange_.virtual_next_hops, net::Family::kIpv4);
  pool6_.emplace(exchange_.virtual_next_hops, net::Family::kIpv6);
}

void Sender::refresh(const Input& input) {
  if (!has_policy() && !policy_changed_) return;
  classify(input);
  if (has_policy() && !input.changed.empty() && outbound_.policy->depends_on_routes()) {
    RouteFacts facts = outbound_.policy->facts(input.reachability);
    if (facts != outbound_.facts) rows_stale_ = true;
    outbound_.facts = std::move(facts);
  }
  // Both: a change of the classes must be taken note of even if the policy changed too.
  const bool classes_changed = classes_.take_changed();
  if (classes_changed || policy_changed_) {
    encode();
    state_meaning();
  }
  if (classes_changed || policy_changed_ || unbound() != 0) bind(input.now);
  policy_changed_ = false;
  if (rows_stale_) emit_rows(input);
}

bool Sender::take_rows_changed() {
  return std::exchange(rows_changed_, false);
}

void Sender::classify(const net::Prefix& prefix, const exchange::Routes& routes) {
  if (routes.empty()) return classes_.assign(prefix, std::nullopt);
  Units units = outbound_.policy->units_of(routes);
  if (units.empty() && !outbound_.policy->needs_every_prefix()) {
    return classes_.assign(prefix, std::nullopt);
  }
  classes_.assign(prefix, ClassKey{.best = routes.front(), .units = std::move(units)});
}

void Sender::classify(const Input& input) {
  if (policy_changed_) {
    classes_.clear();
    if (!has_policy()) return;
    input.reachability.for_each_prefix(
        id_, [this](const net::Prefix& prefix, const exchange::Routes& routes) {
          classify(prefix, routes);
        });
    return;
  }
  for (const net::Prefix& prefix : input.changed) {
    classify(prefix, input.reachability.routes(id_, prefix));
  }
}

void Sender::state_meaning() {
  if (!has_policy()) return meaning_.reset();
  program::TagMeaning meaning = outbound_.policy->meaning(outbound_.codebook);
  if (meaning_ && *meaning_ == meaning) return;
  meaning_ = std::make_shared<const program::TagMeaning>(std::move(meaning));
}

void Sender::encode() {
  if (!has_policy()) return;
  const auto& targets = outbound_.policy->targets();
  const bool shares = !Codebook::fits_without_sharing(targets);
  encoding_.update(targets, shares ? classes_.unit_sets() : std::vector<Units>{});
  if (encoding_.book() != outbound_.codebook) {
    outbound_.codebook = encoding_.book();
    rows_stale_ = true;
  }
  for (auto& [key, each] : classes_.classes()) {
    each.tag = {.kind = program::TagKind::kInline,
                .reach = outbound_.codebook.encode(key.units),
                .egress = key.best};
  }
}

bool Sender::take_renumbered() {
  return std::exchange(renumbered_, false);
}

void Sender::bind(VnhPool::Clock::time_point now) {
  const bool had_unbound = unbound() != 0;
  unbound4_ = 0;
  unbound6_ = 0;
  pool4_->begin();
  pool6_->begin();
  const auto bind_in = [now](VnhPool& pool, const ClassKey& key, const program::Tag& tag,
                             std::size_t& unbound) {
    const auto address = pool.bind(key, program::encode(tag), now);
    if (!address) ++unbound;
    return address;
  };
  const auto replace = [this, had_unbound](std::optional<net::IpAddress>& old,
                                           std::optional<net::IpAddress> address) {
    if (old != address && (old.has_value() || had_unbound)) renumbered_ = true;
    old = address;
  };
  for (auto& [key, each] : classes_.classes()) {
    std::optional<net::IpAddress> vnh4;
    std::optional<net::IpAddress> vnh6;
    if (each.prefixes4 != 0) vnh4 = bind_in(*pool4_, key, each.tag, unbound4_);
    if (each.prefixes6 != 0) vnh6 = bind_in(*pool6_, key, each.tag, unbound6_);
    replace(each.vnh4, vnh4);
    replace(each.vnh6, vnh6);
  }
  pool4_->end(now);
  pool6_->end(now);
}

void Sender::emit_rows(const Input& input) {
  rows_stale_ = false;
  auto rows =
      emit(outbound_.policy->clauses(outbound_.codebook, outbound_.facts, input.reachability),
           outbound_.policy->scope(), input.store, input.reachability);
  too_many_rows_ = !rows;
  outbound_.rows = rows ? program::make_block(*std::move(rows)) : nullptr;
  rows_changed_ = true;
}

std::string Sender::name() const {
  return exchange_.participant(id_).name;
}

std::uint64_t Sender::neighbor_generation() const {
  return pool4_ ? pool4_->generation() + pool6_->generation() : 0;
}

program::Neighbors::Block Sender::neighbors() const {
  std::vector<program::VirtualNeighbor> all;
  for (const auto* pool : {&pool4_, &pool6_}) {
    if (!*pool) continue;
    for (const VnhPool::Neighbor& each : (*pool)->neighbors()) {
      all.push_back({.sender = id_, .address = each.address, .mac = each.tag});
    }
  }
  return program::make_block(std::move(all));
}

std::optional<net::IpAddress> Sender::virtual_next_hop(const net::Prefix& prefix) const {
  const ForwardingClass* found = classes_.find(prefix);
  if (found == nullptr) return std::nullopt;
  return prefix.family() == net::Family::kIpv4 ? found->vnh4 : found->vnh6;
}

void Sender::add_classes(std::vector<ClassInfo>& classes) const {
  for (const auto& [key, each] : classes_.classes()) {
    ClassInfo info;
    info.sender = id_;
    info.best = key.best;
    for (const Unit& unit : key.units) info.reachable.push_back(unit.router);
    std::ranges::sort(info.reachable);
    info.reachable.erase(std::unique(info.reachable.begin(), info.reachable.end()),
                         info.reachable.end());
    info.tag = each.tag;
    info.vnh4 = each.vnh4;
    info.vnh6 = each.vnh6;
    info.prefixes = each.prefixes();
    classes.push_back(std::move(info));
  }
}

void Sender::add_problems(std::vector<Diagnostic>& problems) const {
  if (!has_policy()) return;
  std::vector<std::string> dropped;
  for (const policy::Target& target : outbound_.codebook.dropped()) {
    dropped.push_back(target.router ? exchange_.router(*target.router).name
                                    : exchange_.participant(target.participant).name);
  }
  if (!dropped.empty()) {
    problems.push_back(warning(
        "K0101",
        fmt::format("tags of sender {} have no room for {}: clauses that forward to them do not "
                    "apply, the traffic takes its default route",
                    name(), fmt::join(dropped, ", ")),
        "name fewer targets in one policy"));
  }
  if (unbound() != 0) {
    problems.push_back(warning(
        "K0102",
        fmt::format("no virtual next hop is left for {} of sender {}'s forwarding classes: their "
                    "prefixes keep the real next hop, and its policy does not apply to them",
                    unbound(), name()),
        "widen virtual_next_hops"));
  }
  if (too_many_rows_) {
    problems.push_back(warning(
        "K0103",
        fmt::format("the outbound policy of {} needs more than {} rows under present routes and "
                    "does not apply",
                    name(), kMaxPolicyRows),
        "name prefixes in larger blocks"));
  }
}

policy::Shortfall Sender::shortfall() const {
  policy::Shortfall shortfall{.owner = id_};
  if (!has_policy()) return shortfall;
  for (const policy::Target& target : outbound_.codebook.dropped()) {
    shortfall.untold.push_back(target);
    const auto& routers = exchange_.participant(target.participant).routers;
    // Clauses may name the one port of a participant or the participant itself.
    if (!target.router && routers.size() == 1) {
      shortfall.untold.push_back({.participant = target.participant, .router = routers.front()});
    }
  }
  shortfall.short_of_next_hops4 = unbound4_ != 0;
  shortfall.short_of_next_hops6 = unbound6_ != 0;
  shortfall.no_outbound = too_many_rows_;
  return shortfall;
}

}  // namespace fabrix::compiler
