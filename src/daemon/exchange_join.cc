#include "daemon/exchange_join.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "exchange/topology.h"
#include "fabric/link_probe.h"
#include "io/log.h"
#include "routeserver/bogons.h"
#include "telemetry/engine.h"

namespace fabrix::daemon {
namespace {

using telemetry::Engine;

// A router of a member, and the agent whose samples are its own.
struct OwnAgent {
  net::IpAddress agent;
  net::IpAddress router;
  telemetry::RouterInfo info;
  net::ParticipantId member;
};

std::vector<OwnAgent> agents_of(const exchange::Exchange& exchange,
                                const exchange::TelemetrySite& site) {
  std::vector<OwnAgent> agents;
  for (const exchange::TelemetryAgent& each : site.agents) {
    const exchange::Router* const router = exchange.find_router(each.router);
    if (router == nullptr || router->addresses.empty()) continue;
    const net::IpAddress& address = router->addresses.front();
    const std::uint32_t as = exchange.participant(router->participant).asn.value;
    agents.push_back({.agent = each.address,
                      .router = address,
                      .info = {.as = as, .id = address.to_string()},
                      .member = router->participant});
  }
  return agents;
}

bool is_bogon(const net::IpAddress& address) {
  const auto alone = net::Prefix::containing(address, net::width_of(address.family()));
  return routeserver::is_bogon(routeserver::PrefixBits(*alone));
}

// How often it is seen whether the fabric has other rows.
constexpr std::chrono::milliseconds kLookEvery{500};

telemetry::Time now() {
  return std::chrono::duration_cast<telemetry::Time>(
      std::chrono::system_clock::now().time_since_epoch());
}

// Empty: nobody has the port yet.
std::string name_of(const exchange::Exchange& exchange, net::PortNo port) {
  if (port == exchange.route_server.port) return std::string(telemetry::Members::kRouteServer);
  const exchange::Router* const router = exchange.find_router(port);
  return router != nullptr ? router->name : std::string();
}

telemetry::TopologyNode linux_node(const exchange::Exchange& exchange) {
  telemetry::TopologyNode node;
  node.agent = exchange.sflow.agent.value_or(exchange.router_id);
  node.ports.emplace(telemetry::Members::kRouteServer, exchange.route_server.port.value);
  for (const exchange::Router& router : exchange.routers) {
    if (router.present) node.ports.emplace(router.name, router.port.value);
  }
  return node;
}

telemetry::TopologyNode switch_node(const exchange::Exchange& exchange,
                                    const exchange::TelemetrySite& site,
                                    const exchange::SwitchSpec& spec) {
  telemetry::TopologyNode node;
  node.datapath = spec.datapath_id;
  const auto agent =
      std::ranges::find(site.agents, spec.name, &exchange::TelemetryAgent::of_switch);
  if (agent != site.agents.end()) node.agent = agent->address;
  for (const auto& [port, own] : spec.ports) {
    const std::string name = name_of(exchange, port);
    if (!name.empty()) node.ports.emplace(name, own.value);
  }
  return node;
}

// Its ports are called by their numbers.
void add_link(const exchange::Topology& topology, const exchange::Link& link,
              telemetry::TopologyMap& map) {
  std::array<std::string, 2> ports;
  for (std::size_t end = 0; end < link.size(); ++end) {
    ports[end] = std::to_string(link[end].port.value);
    map.nodes[topology.switches[link[end].at].name].ports.emplace(ports[end], link[end].port.value);
  }
  map.links[describe(topology, link)] = {.node1 = topology.switches[link[0].at].name,
                                         .port1 = ports[0],
                                         .node2 = topology.switches[link[1].at].name,
                                         .port2 = ports[1]};
}

void use_topology(const telemetry::TopologyMap& map, Engine& engine) {
  if (auto set = engine.set_topology(map); !set) {
    io::log_warning("telemetry", "the exchange's topology: " + set.error().message);
  }
}

}  // namespace

telemetry::Exchange telemetry_exchange(const exchange::Exchange& exchange) {
  telemetry::Exchange known{.members = {},
                            .route_server = exchange.route_server.mac,
                            .peering_lan = exchange.peering_lan,
                            .agent = exchange.sflow.agent.value_or(exchange.router_id),
                            .prober = net::MacAddress::from_u64(fabric::kProbeSender),
                            .is_bogon = is_bogon};
  for (const exchange::Participant& participant : exchange.participants) {
    telemetry::Member member{.name = participant.name, .as = participant.asn.value};
    for (const net::RouterId id : participant.routers) {
      const exchange::Router& router = exchange.router(id);
      if (!router.is_reachable()) continue;
      member.macs.push_back(router.mac);
      member.ports.push_back(router.port.value);
      member.routers.push_back(router.name);
      member.addresses.insert(member.addresses.end(), router.addresses.begin(),
                              router.addresses.end());
    }
    known.members.push_back(std::move(member));
  }
  return known;
}

telemetry::TopologyMap telemetry_topology(const exchange::Exchange& exchange,
                                          const exchange::TelemetrySite& site) {
  telemetry::TopologyMap map;
  if (exchange.fabric.type == exchange::FabricType::kLinux) {
    map.nodes.emplace(exchange.name, linux_node(exchange));
    return map;
  }
  const exchange::Topology& topology = exchange.fabric.topology;
  for (const exchange::SwitchSpec& each : topology.switches) {
    map.nodes.emplace(each.name, switch_node(exchange, site, each));
  }
  for (const exchange::Link& link : topology.links) add_link(topology, link, map);
  return map;
}

void ExchangeJoin::configured(analyzer::ServiceThread* service,
                              const exchange::TelemetrySite& site) {
  const bool is_same = service == service_;
  service_ = service;
  if (!is_same) feed_.reset();
  if (!is_same) topology_ = {};
  look_.cancel();
  if (service_ == nullptr) return;
  if (!is_same) begin();
  describe(site);
  if (is_same) feed_->configured();
}

// The table is sent after what is posted here, and keeps the order.
void ExchangeJoin::begin() {
  const exchange::Exchange& exchange = controller_.exchange();
  const net::IpAddress router = exchange.router_id;
  const telemetry::RouterInfo info{
      .as = exchange.asn.value, .id = router.to_string(), .start = now()};
  service_->post([router, info](Engine& engine) { engine.routers().add_router(router, info); });
  // The engine's thread's.
  const auto copy = std::make_shared<telemetry::PlacedRoutes>(router);
  feed_.emplace(
      loop_, controller_,
      [service = service_, copy](const std::shared_ptr<const RouteFeed::Batch>& batch) {
        service->post([copy, batch](Engine& engine) { copy->apply(engine.routers(), *batch); });
      });
}

void ExchangeJoin::describe(const exchange::TelemetrySite& site) {
  const exchange::Exchange& exchange = controller_.exchange();
  if (auto topology = telemetry_topology(exchange, site); topology != topology_) {
    topology_ = topology;
    service_->post([map = std::move(topology)](Engine& engine) { use_topology(map, engine); });
  }
  steering_ = exchange.fabric.topology.links.empty() ? nullptr : std::make_shared<SteeredFrames>();
  installed_ = nullptr;
  look();
  auto known = telemetry_exchange(exchange);
  known.steering = steering_;
  service_->post([known = std::move(known), agents = agents_of(exchange, site),
                  router = exchange.router_id](Engine& engine) {
    engine.set_exchange(known, router);
    telemetry::Routers& routers = engine.routers();
    routers.unbind_all();
    routers.bind_others(router);
    for (const OwnAgent& each : agents) {
      routers.add_view(each.router, each.info, router, each.member);
      routers.bind(each.agent, each.router);
    }
  });
}

void ExchangeJoin::look() {
  if (steering_ == nullptr) return;
  if (controller_.installed() != installed_) {
    installed_ = controller_.installed();
    steering_->set(controller_.exchange(), installed_);
  }
  look_.start(kLookEvery);
}

}  // namespace fabrix::daemon
