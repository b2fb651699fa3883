// The part of Controller that minds ports: whether they are up, what they may be used for, and what
// they do not let in.
#include <utility>

#include <fmt/format.h>

#include "controller/controller.h"

namespace fabrix::controller {
namespace {

std::string_view words_for(exchange::Standing standing) {
  switch (standing) {
    case exchange::Standing::kOpen:
      return "open";
    case exchange::Standing::kQuarantined:
      return "in quarantine";
    case exchange::Standing::kShutDown:
      return "shut down";
  }
  return "unknown";
}

}  // namespace

void Controller::set_port(net::RouterId router, bool up) {
  mark_port(exchange_.router(router).port, up);
  if (weigh_port(router)) {
    notice(Severity::kNote,
           fmt::format("port of {} is {}", exchange_.router(router).name, up ? "up" : "down"));
  }
}

// Whether the router can be used as it now is; true if that is news.
bool Controller::weigh_port(net::RouterId id) {
  const exchange::Router& router = exchange_.router(id);
  const bool usable = !down_.contains(router.port) && router.standing == exchange::Standing::kOpen;
  if (world_.port_up[id.index()] == usable) return false;
  world_.port_up[id.index()] = usable;
  compiler_.set_port(id, usable);
  const net::ParticipantId owner = router.participant;
  route_server_.set_usable(owner, has_port_up(owner) ? routeserver::Usability::kUsable
                                                     : routeserver::Usability::kUnusable);
  changed();
  return true;
}

void Controller::mark_port(net::PortNo port, bool up) {
  if (up) {
    down_.erase(port);
  } else {
    down_.insert(port);
  }
}

void Controller::take_port(net::PortNo port, bool up) {
  mark_port(port, up);
  if (const exchange::Router* router = exchange_.find_router(port)) set_port(router->id, up);
}

void Controller::set_standing(net::RouterId id, exchange::Standing standing, std::string reason) {
  exchange::Router& router = exchange_.routers[id.index()];
  const bool is_news = router.standing != standing;
  if (standing == exchange::Standing::kOpen) {
    port_orders_.erase(id);
  } else {
    PortOrder& order = port_orders_[id];
    if (is_news) order.since = std::chrono::system_clock::now();
    order.reason = std::move(reason);
  }
  router.standing = standing;
  if (on_standings) on_standings();
  if (!is_news) return;
  notice(Severity::kNote, fmt::format("port of {} is {}", router.name, words_for(standing)));
  compiler_.standing_changed();
  weigh_port(id);
  changed();
}

void Controller::restore_standing(net::RouterId id, exchange::Standing standing, PortOrder order) {
  set_standing(id, standing, std::move(order.reason));
  const auto known = port_orders_.find(id);
  if (known != port_orders_.end()) known->second.since = order.since;
}

void Controller::lock_port(net::RouterId id, exchange::Standing standing, std::string_view what) {
  std::string reason = fmt::format("{}{}", kLockReason, what);
  notice(Severity::kWarning, fmt::format("port of {} is {}, {}", exchange_.router(id).name,
                                         words_for(standing), reason));
  ++locks_[id];
  set_standing(id, standing, std::move(reason));
}

std::uint64_t Controller::locks_of(net::RouterId id) const {
  const auto found = locks_.find(id);
  return found == locks_.end() ? 0 : found->second;
}

std::vector<exchange::Standing> Controller::standings() const {
  std::vector<exchange::Standing> all;
  all.reserve(exchange_.routers.size());
  for (const exchange::Router& router : exchange_.routers) all.push_back(router.standing);
  return all;
}

bool Controller::is_in_force(net::RouterId id) const {
  return id.index() < in_force_.size() && in_force_[id.index()] == exchange_.router(id).standing;
}

const Controller::PortOrder* Controller::port_order(net::RouterId id) const {
  const auto found = port_orders_.find(id);
  return found == port_orders_.end() ? nullptr : &found->second;
}

// A port keeps its standing for as long as its router is there.
void Controller::keep_standings(exchange::Exchange& next) const {
  for (exchange::Router& router : next.routers) {
    if (!router.present || router.id.index() >= exchange_.routers.size()) continue;
    const exchange::Router& before = exchange_.router(router.id);
    if (before.present) router.standing = before.standing;
  }
}

void Controller::forget_orders() {
  std::erase_if(port_orders_, [this](const auto& each) {
    return exchange_.router(each.first).standing == exchange::Standing::kOpen;
  });
  if (on_standings) on_standings();
}

void Controller::read_drops() {
  awaits_drops_ = true;
  fabric_->read_drop_counts();
  fabric_->read_port_counts();
}

}  // namespace fabrix::controller
