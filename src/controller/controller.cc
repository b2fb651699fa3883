#include "controller/controller.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/assert.h"
#include "controller/symbols.h"
#include "policy/parse.h"
#include "verify/validate.h"

namespace fabrix::controller {

using routeserver::PeerId;

Controller::Controller(const exchange::Exchange& exchange, fabric::Fabric& fabric)
    : exchange_(&exchange),
      fabric_(&fabric),
      route_server_(exchange),
      compiler_(exchange, route_server_),
      responder_(exchange),
      policies_(exchange.participants.size()),
      last_good_(exchange.participants.size()),
      installed_(std::make_shared<program::Program>()),
      self_(std::make_shared<Controller*>(this)) {
  world_ = {.exchange = &exchange,
            .reachability = &route_server_,
            .policies = {exchange.participants.size(), nullptr},
            .port_up = std::vector<bool>(exchange.routers.size(), true)};
  route_server_.set_next_hops([this](net::ParticipantId client, const net::Prefix& prefix) {
    return compiler_.virtual_next_hop(client, prefix);
  });
  fabric.on_frame = [this](net::PortNo port, std::span<const std::byte> frame) {
    take_frame(port, frame);
  };
  fabric.on_port = [this](net::PortNo port, bool up) { take_port(port, up); };
}

Controller::~Controller() {
  *self_ = nullptr;
  fabric_->on_frame = nullptr;
  fabric_->on_port = nullptr;
}

void Controller::session_up(PeerId peer, const routeserver::SessionInfo& info) {
  route_server_.session_up(peer, info);
  changed();
}

void Controller::session_down(PeerId peer) {
  route_server_.session_down(peer);
  changed();
}

routeserver::UpdateResult Controller::update(PeerId peer, const bgp::UpdateMessage& update) {
  const auto result = route_server_.update(peer, update);
  changed();
  return result;
}

void Controller::refresh(PeerId peer, net::Family family) {
  route_server_.refresh(peer, family);
  changed();
}

Controller::PolicyResult Controller::set_policy(net::ParticipantId participant,
                                                std::string_view text, std::string_view file) {
  auto parsed = policy::parse(text, file, symbols_for(*exchange_, participant));
  if (!parsed) return fail(std::move(parsed).error());
  Accepted accepted{.policy = std::make_shared<const policy::Policy>(std::move(parsed->policy)),
                    .text = std::string(text),
                    .file = std::string(file)};
  auto applied = apply_policy(participant, std::move(accepted));
  if (!applied) return applied;
  auto warnings = std::move(parsed->diagnostics);
  warnings.insert(warnings.end(), applied->begin(), applied->end());
  return warnings;
}

void Controller::remove_policy(net::ParticipantId participant) {
  const auto removed = apply_policy(participant, {});
  FABRIX_ASSERT(removed.has_value());  // Removing a policy cannot be ambiguous.
}

Controller::PolicyResult Controller::apply_policy(net::ParticipantId participant,
                                                  Accepted accepted) {
  auto set = compiler_.set_policy(participant, accepted.policy, accepted.file);
  if (!set) return set;
  Accepted& current = policies_[participant.index()];
  auto& last_good = last_good_[participant.index()];
  if (!last_good) last_good = std::move(current);
  current = std::move(accepted);
  world_.policies[participant.index()] = current.policy;
  if (std::ranges::find(changed_policies_, participant) == changed_policies_.end()) {
    changed_policies_.push_back(participant);
  }
  changed();
  return set;
}

void Controller::set_port(net::RouterId router, bool up) {
  if (world_.port_up[router.index()] == up) return;
  world_.port_up[router.index()] = up;
  compiler_.set_port(router, up);
  const auto& owner = exchange_->owner(router);
  const bool any_up = std::ranges::any_of(
      owner.routers, [this](net::RouterId id) { return world_.port_up[id.index()]; });
  route_server_.set_usable(
      owner.id, any_up ? routeserver::Usability::kUsable : routeserver::Usability::kUnusable);
  notice(Severity::kNote,
         fmt::format("port of {} is {}", exchange_->router(router).name, up ? "up" : "down"));
  changed();
}

bool Controller::needs_settling() const {
  return dirty_;
}

void Controller::changed() {
  dirty_ = true;
  if (on_change) on_change();
}

void Controller::notice(Severity severity, std::string text) {
  if (notices_.size() == kMaxNotices) notices_.erase(notices_.begin());
  notices_.push_back({.severity = severity, .text = std::move(text)});
  if (on_notice) on_notice(notices_.back());
}

void Controller::take_frame(net::PortNo port, std::span<const std::byte> frame) {
  const auto reply = responder_.answer(*installed_, port, frame, Clock::now());
  if (!reply) return;
  ++counters_.neighbor_answers;
  fabric_->send_frame(port, *reply);
}

void Controller::take_port(net::PortNo port, bool up) {
  if (const exchange::Router* router = exchange_->find_router(port)) set_port(router->id, up);
}

void Controller::settle(Clock::time_point now) {
  if (installing_ || !dirty_) return;
  dirty_ = false;
  install(now);
}

void Controller::install(Clock::time_point now) {
  Round round{.program = nullptr,
              .prefixes = route_server_.take_changed(),
              .clients = std::exchange(changed_policies_, {})};
  compiler_.routes_changed(round.prefixes);
  round.prefixes.insert(round.prefixes.end(), carried_.begin(), carried_.end());
  carried_.clear();
  auto output = compiler_.compile(now);
  ++counters_.rounds;
  for (const Diagnostic& problem : output.problems) notice(problem.severity, problem.message);
  round.program = std::move(output.program);
  if (round.program == installed_ || *round.program == *installed_) {
    publish(round);
    return;
  }
  const auto violations = verify::validate(
      world_, *round.program, [this](net::ParticipantId client, const net::Prefix& prefix) {
        return next_hop(client, prefix).value_or(net::IpAddress::unspecified(prefix.family()));
      });
  if (!violations.empty()) {
    const auto& first = violations.front();
    const std::string witness = first.witness ? "; witness: " + to_string(*first.witness) : "";
    refuse(round, fmt::format("{}: {}{}", first.invariant, first.message, witness));
    return;
  }
  installing_ = true;
  fabric_->install(round.program, [self = self_, round](Result<void> outcome) {
    if (*self != nullptr) (*self)->installed(round, std::move(outcome));
  });
}

void Controller::installed(Round round, Result<void> outcome) {
  installing_ = false;
  if (!outcome) {
    refuse(round, "the fabric refused it: " + outcome.error().message);
    return;
  }
  ++counters_.installs;
  installed_ = round.program;
  publish(round);
  if (dirty_ && on_change) on_change();
}

// Members may hear of what this round brought.
void Controller::publish(const Round& round) {
  for (const net::ParticipantId client : round.clients) {
    last_good_[client.index()].reset();
    route_server_.publish_all(client);
  }
  route_server_.publish(round.prefixes);
  for (const routeserver::Peer& peer : route_server_.peers()) {
    if (on_output && route_server_.has_output(peer.id)) on_output(peer.id);
  }
}

void Controller::refuse(const Round& round, const std::string& why) {
  ++counters_.refused;
  carried_ = round.prefixes;
  if (!round.clients.empty()) {
    notice(Severity::kError, "policy change taken back, " + why);
    for (const net::ParticipantId client : round.clients) {
      const auto back = std::exchange(last_good_[client.index()], std::nullopt);
      if (!back) continue;
      const auto restored = apply_policy(client, *back);
      FABRIX_ASSERT(restored.has_value());  // It was accepted before.
      last_good_[client.index()].reset();
    }
    return;
  }
  const bool plain = std::ranges::none_of(
      policies_, [](const Accepted& accepted) { return accepted.policy != nullptr; });
  notice(Severity::kError,
         plain ? "Program not installed, " + why : "policies switched off, " + why);
  if (plain) return;
  for (const exchange::Participant& participant : exchange_->participants) {
    if (policies_[participant.id.index()].policy != nullptr) remove_policy(participant.id);
  }
}

const std::string* Controller::policy_text(net::ParticipantId participant) const {
  const Accepted& accepted = policies_[participant.index()];
  return accepted.policy == nullptr ? nullptr : &accepted.text;
}

std::optional<net::IpAddress> Controller::next_hop(net::ParticipantId client,
                                                   const net::Prefix& prefix) const {
  if (const auto instead = compiler_.virtual_next_hop(client, prefix)) return instead;
  const auto usable = route_server_.candidates(client, prefix);
  if (usable.empty()) return std::nullopt;
  return usable.front()->next_hop;
}

}  // namespace fabrix::controller
