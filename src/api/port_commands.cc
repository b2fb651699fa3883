#include "api/port_commands.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/array.hpp>
#include <fmt/format.h>

#include "api/port_query.h"
#include "bgp/notification_message.h"
#include "io/log.h"

namespace fabrix::api {
namespace {

namespace json = boost::json;

using controller::BgpServer;
using exchange::Standing;

constexpr std::size_t kMostReason = 255;  // RFC 9003 §2

struct Action {
  std::string_view name;
  Standing standing;
  std::string_view done;
};

constexpr std::array kActions{
    Action{"quarantine", Standing::kQuarantined,
           "in quarantine: it speaks to the route server only"},
    Action{"shutdown", Standing::kShutDown, "shut down: nothing passes"},
    Action{"release", Standing::kOpen, "open"},
};

Result<std::vector<net::RouterId>, Refusal> routers_of(const exchange::Exchange& exchange,
                                                       std::string_view wanted) {
  if (const auto* router = exchange.find_router(wanted)) return std::vector{router->id};
  if (const auto* participant = exchange.find_participant(wanted)) {
    std::vector<net::RouterId> present = participant->routers;
    std::erase_if(present, [&](net::RouterId id) { return !exchange.router(id).present; });
    if (present.empty()) return bad_request(fmt::format("{} has no port", wanted));
    return present;
  }
  for (const exchange::Router& router : exchange.routers) {
    if (router.present && std::to_string(router.port.value) == wanted)
      return std::vector{router.id};
  }
  std::vector<std::string> names;
  for (const auto& each : exchange.participants) names.push_back(each.name);
  for (const auto& each : exchange.routers) names.push_back(each.name);
  return not_found(fmt::format("no router, participant or port is called '{}'{}", wanted,
                               did_you_mean(wanted, names)));
}

std::vector<routeserver::PeerId> peers_of(const controller::Controller& controller,
                                          net::RouterId router) {
  std::vector<routeserver::PeerId> peers;
  for (const routeserver::Peer& peer : controller.route_server().peers()) {
    if (peer.present && peer.router == router) peers.push_back(peer.id);
  }
  return peers;
}

// Sessions go with a port that is shut down, and come with it.
void mind_sessions(const controller::Controller& controller, BgpServer* bgp, net::RouterId router,
                   Standing before, std::string_view reason) {
  if (bgp == nullptr) return;
  const Standing now = controller.exchange().router(router).standing;
  for (const routeserver::PeerId peer : peers_of(controller, router)) {
    if (now == Standing::kShutDown) {
      bgp->disable(peer, std::string(reason));
    } else if (before == Standing::kShutDown) {
      bgp->enable(peer);
    }
  }
}

}  // namespace

Answer command_ports(controller::Controller& controller, BgpServer* bgp,
                     const json::object& request) {
  const auto name = text_of(request, "action").value_or("");
  const auto* const action = std::ranges::find(kActions, name, &Action::name);
  if (action == kActions.end()) {
    return bad_request(
        fmt::format("no action is called '{}': write quarantine, shutdown or release", name));
  }
  const auto wanted = text_of(request, "port");
  if (!wanted) return bad_request(R"(which port? ("port": a router, a participant or a number))");
  const std::string reason = bgp::clean_utf8(text_of(request, "reason").value_or(""));
  if (reason.size() > kMostReason) {
    return bad_request(fmt::format("the reason has {} octets; it may have at most {}",
                                   reason.size(), kMostReason));
  }
  FABRIX_TRY(const auto routers, routers_of(controller.exchange(), *wanted));
  std::size_t done = 0;
  json::array rows;
  for (const net::RouterId id : routers) {
    const exchange::Router& router = controller.exchange().router(id);
    const Standing before = router.standing;
    controller.set_standing(id, action->standing, reason);
    mind_sessions(controller, bgp, id, before, reason);
    const bool is_news = before != action->standing;
    if (is_news) ++done;
    rows.push_back(
        json::object{{"router", router.name},
                     {"port", router.port.value},
                     {"done", is_news},
                     {"in_force", controller.is_in_force(id)},
                     {"text", is_news ? std::string(action->done)
                                      : fmt::format("was {} already", name_of(before))}});
  }
  io::log_info("ports", fmt::format("operator action={} port={} done={} of={}", action->name,
                                    *wanted, done, routers.size()));
  return json::object{{"action", action->name}, {"done", done}, {"ports", std::move(rows)}};
}

void disable_closed_sessions(const controller::Controller& controller, BgpServer& bgp,
                             net::RouterId router) {
  const auto* order = controller.port_order(router);
  const bool is_shut = controller.exchange().router(router).standing == Standing::kShutDown;
  if (order == nullptr || !is_shut) return;
  for (const routeserver::PeerId peer : peers_of(controller, router)) {
    bgp.disable(peer, order->reason);
  }
}

void disable_closed_sessions(const controller::Controller& controller, BgpServer& bgp) {
  for (const exchange::Router& router : controller.exchange().routers) {
    disable_closed_sessions(controller, bgp, router.id);
  }
}

}  // namespace fabrix::api
