// Controller::reconfigure() and what it needs: see controller.h.
#include <algorithm>
#include <utility>

#include "controller/controller.h"
#include "policy/route_test.h"

namespace fabrix::controller {

std::vector<Controller::LostPolicy> Controller::reconfigure(exchange::Exchange next) {
  end_sessions(next);
  keep_standings(next);
  exchange_ = std::move(next);
  forget_orders();
  ++configuration_;
  grow();
  route_server_.reconfigure(exchange_);
  flowspec_.reconfigured();
  compiler_.reconfigure();
  read_ports();
  auto lost = read_policies();
  weigh_dynamic();
  // What is suspended was refused in another configuration.
  retry_ = true;
  // Nobody hears of what the fabric does not have yet.
  ahead_ = true;
  carried_.prefixes.insert(carried_.prefixes.end(),
                           untold_.begin() + static_cast<std::ptrdiff_t>(told_), untold_.end());
  forget_untold();
  changed();
  return lost;
}

// The route server keeps nothing of a router that is not there: no session, and no route that was
// kept for one that is gone (RFC 4724 §4.2).
void Controller::end_sessions(const exchange::Exchange& next) {
  std::vector<routeserver::PeerId> over;
  for (const routeserver::Peer& peer : route_server_.peers()) {
    const bool has_routes = route_server_.count(peer.id, net::Family::kIpv4).routes +
                                route_server_.count(peer.id, net::Family::kIpv6).routes >
                            0;
    if (!route_server_.is_up(peer.id) && !has_routes) continue;
    const exchange::Router* const router = next.find_router(peer.address);
    const bool same = router != nullptr && router->id == peer.router &&
                      router->participant == peer.participant &&
                      next.owner(router->id).asn == peer.asn;
    if (!same) over.push_back(peer.id);
  }
  for (const routeserver::PeerId peer : over) session_down(peer);
}

// Makes room for what was added.
void Controller::grow() {
  policies_.resize(exchange_.participants.size());
  good_.resize(exchange_.participants.size());
  transitions_.resize(exchange_.participants.size());
  readings_.resize(exchange_.participants.size());
  world_.policies.resize(exchange_.participants.size());
  world_.port_up.resize(exchange_.routers.size());
  responder_ = NeighborResponder(exchange_);
  verifier_.forget();  // it knows another exchange
}

// A router may be at a port of which news came before, or comes now.
void Controller::read_ports() {
  std::vector<net::PortNo> ports{exchange_.route_server.port};
  for (const exchange::Router& router : exchange_.routers) {
    if (router.present) ports.push_back(router.port);
  }
  fabric_->set_ports(ports);
  for (const exchange::Router& router : exchange_.routers) {
    const bool up = router.present && !down_.contains(router.port) &&
                    router.standing == exchange::Standing::kOpen;
    world_.port_up[router.id.index()] = up;
    compiler_.set_port(router.id, up);
  }
  for (const exchange::Participant& each : exchange_.participants) {
    const bool any_up = has_port_up(each.id);
    if (each.present && each.dynamic) continue;
    const bool usable = any_up || !each.present;
    route_server_.set_usable(
        each.id, usable ? routeserver::Usability::kUsable : routeserver::Usability::kUnusable);
  }
}

// A dynamic neighbour has no port. Its routes are for whoever reaches it otherwise, which is nobody
// where policies make the fabric forward.
void Controller::weigh_dynamic() {
  const auto usability =
      has_policies() ? routeserver::Usability::kUnusable : routeserver::Usability::kUsable;
  for (const exchange::Participant& each : exchange_.participants) {
    if (each.present && each.dynamic) route_server_.set_usable(each.id, usability);
  }
}

// A policy as it reads in the present configuration.
Result<Controller::Accepted, std::vector<Diagnostic>> Controller::read_again(
    net::ParticipantId participant, const Accepted& accepted) {
  if (accepted.policy == nullptr || !exchange_.participant(participant).present) return Accepted{};
  auto read = read_text(participant, {accepted.text, accepted.file}, accepted);
  if (!read) return fail(std::move(read).error());
  return std::move(read->accepted);
}

std::vector<Controller::LostPolicy> Controller::read_policies() {
  std::vector<LostPolicy> lost;
  for (const exchange::Participant& each : exchange_.participants) {
    Accepted& wanted = policies_[each.id.index()];
    Accepted& good = good_[each.id.index()];
    const bool is_good = wanted.policy == good.policy;
    auto again = read_again(each.id, wanted);
    if (!again) lost.push_back({each.id, wanted.text, again.error()});
    wanted = again ? *std::move(again) : Accepted{};
    good = is_good ? wanted : read_again(each.id, good).value_or(Accepted{});
    if (!suspended_) load_policy(each.id);
  }
  return lost;
}

// A Program of the configuration before is in the fabric, or was refused: its round is the next
// one's.
void Controller::outdated(Round round) {
  const auto& prefixes = round.prefixes;
  carried_.prefixes.insert(carried_.prefixes.end(), prefixes.begin(), prefixes.end());
  carried_.clients.insert(carried_.clients.end(), round.clients.begin(), round.clients.end());
  for (const Change& change : round.changes) {
    const net::ParticipantId participant = change.participant;
    const bool known = std::ranges::find(changed_policies_, participant) != changed_policies_.end();
    if (!known) changed_policies_.push_back(participant);
  }
  changed();
}

void Controller::set_import_data(routeserver::ImportData data,
                                 const routeserver::RouteServer::Affected& affected) {
  route_server_.set_import_data(std::move(data), affected);
  flowspec_.unicast_changed();
  const bool asked = rpki_changed(affected);
  if (asked || route_server_.has_changed()) routes_changed();
}

// A route is the same whatever its RPKI state: policies that ask for that must be told. True if one
// asks.
bool Controller::rpki_changed(const routeserver::RouteServer::Affected& affected) {
  bool is_asked = false;
  for (const exchange::Participant& each : exchange_.participants) {
    const auto& policy = policies_[each.id.index()].policy;
    if (!policy || !(asks_rpki(policy->outbound) || asks_rpki(policy->inbound))) continue;
    is_asked = true;
    carried_.clients.push_back(each.id);  // its next hops may be others now
  }
  if (!is_asked) return false;
  std::vector<net::Prefix> prefixes = route_server_.prefixes();
  if (affected) std::erase_if(prefixes, [&](const auto& each) { return !affected(each); });
  compiler_.routes_changed(route_server_.placed(prefixes));
  return true;
}

}  // namespace fabrix::controller
