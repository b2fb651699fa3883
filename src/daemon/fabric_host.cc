#include "daemon/fabric_host.h"

#include <cstdint>
#include <utility>

#include <fmt/format.h>

#include "exchange/interfaces.h"

namespace fabrix::daemon {
namespace {

using exchange::FabricType;

std::vector<net::PortNo> ports_of(const exchange::Exchange& exchange) {
  std::vector<net::PortNo> ports{exchange.route_server.port};
  for (const exchange::Router& router : exchange.routers) ports.push_back(router.port);
  return ports;
}

fabric::PortTags tags_of(const exchange::Exchange& exchange) {
  fabric::PortTags tags;
  for (const exchange::Router& router : exchange.routers) {
    if (router.present && router.vlan != 0) tags.emplace(router.port, router.vlan);
  }
  return tags;
}

// apply_to() has seen that there are some.
std::vector<controller::LinuxPort> linux_ports(const exchange::Exchange& exchange,
                                               const exchange::FabricTies& ties) {
  std::vector<controller::LinuxPort> ports;
  const auto interfaces = exchange::interfaces_of(exchange);
  if (!interfaces) return ports;
  ports.reserve(interfaces->size());
  for (const auto& [port, interface, vlan] : *interfaces) {
    const exchange::Router* const router = exchange.find_router(port);
    ports.push_back({.port = port,
                     .interface = interface,
                     .vlan = vlan,
                     .attach = ties.of(router == nullptr ? "" : router->name)});
  }
  return ports;
}

}  // namespace

Result<void, std::vector<Error>> FabricChoice::apply_to(exchange::Exchange& exchange) const {
  exchange::FabricSite& fabric = exchange.fabric;
  if (type) fabric.type = *type;
  if (interfaces) {
    fabric.interfaces = *interfaces;
    exchange.route_server.interface.clear();
    for (exchange::Router& router : exchange.routers) router.interface.clear();
  }
  if (pins) fabric.pins = *pins;
  if (generation) fabric.generation = *generation;
  if (fabric.type != FabricType::kLinux) return {};
  if (auto all = exchange::interfaces_of(exchange); !all) return fail(std::move(all.error()));
  return {};
}

void FabricChoice::apply_to(exchange::FabricTies& ties) const {
  if (!ovsdb.empty()) ties.ovsdb = ovsdb;
  if (!attach) return;
  ties.attach = *attach;
  ties.own.clear();
}

io::Endpoint endpoint_of(const exchange::StreamAddress& server) {
  if (!server.path.empty()) return io::UnixEndpoint{server.path};
  return io::IpEndpoint{.address = server.server.address, .port = server.server.port};
}

Result<FabricHost> FabricHost::start(io::EventLoop& loop, const exchange::Exchange& exchange,
                                     const FabricChoice& choice, exchange::FabricTies ties) {
  FabricHost host(loop, choice, std::move(ties));
  if (exchange.fabric.type == FabricType::kLinux) {
    auto started = controller::LinuxFabric::start(
        loop, {.ports = linux_ports(exchange, host.ties_), .pin_directory = exchange.fabric.pins});
    if (!started) return fail(Error{"Linux fabric: " + started.error().message});
    host.linux_ = *std::move(started);
    return host;
  }
  const auto failed = [](const Error& error) { return fail(Error{"OpenFlow: " + error.message}); };
  const std::uint64_t generation = exchange.fabric.generation;
  if (!exchange.fabric.topology.switches.empty()) {
    host.network_ = std::make_unique<fabric::OpenFlowNetwork>(exchange.fabric.topology);
    host.network_->set_tags(tags_of(exchange));
    if (generation != 0) host.network_->set_generation(generation);
    auto server = controller::OpenFlowNetworkServer::start(loop, *host.network_, choice.openflow);
    if (!server) return failed(server.error());
    host.network_server_ = *std::move(server);
    host.watch_fail_modes(exchange);
    return host;
  }
  host.openflow_ = std::make_unique<fabric::OpenFlowFabric>(ports_of(exchange));
  host.openflow_->set_tags(tags_of(exchange));
  if (generation != 0) host.openflow_->set_generation(generation);
  auto server = controller::OpenFlowServer::start(loop, *host.openflow_, choice.openflow);
  if (!server) return failed(server.error());
  host.server_ = *std::move(server);
  host.watch_fail_modes(exchange);
  return host;
}

// The host may move, the fabric does not.
void FabricHost::watch_fail_modes(const exchange::Exchange& exchange) {
  fail_modes_.reset();
  if (ties_.ovsdb.empty()) return;
  std::vector<FailModeWatch::Switch> known;
  for (const exchange::SwitchSpec& each : exchange.fabric.topology.switches) {
    known.push_back({.name = each.name, .datapath_id = each.datapath_id});
  }
  const fabric::OpenFlowFabric* const only = openflow_.get();
  const auto switches = [known, only] {
    if (only == nullptr) return known;
    std::vector<FailModeWatch::Switch> one;
    const std::uint64_t id = only->datapath_id();
    if (id != 0) one.push_back({.name = fmt::format("{:016x}", id), .datapath_id = id});
    return one;
  };
  std::vector<io::Endpoint> databases;
  for (const exchange::StreamAddress& one : ties_.ovsdb) databases.push_back(endpoint_of(one));
  fail_modes_ = std::make_unique<FailModeWatch>(
      *loop_,
      FailModeWatch::Options{
          .databases = std::move(databases), .sets = ties_.set_fail_mode, .switches = switches});
  fail_modes_->on_notice = [fabric = &fabric()](Severity severity, const std::string& text) {
    if (fabric->on_notice) fabric->on_notice(severity, text);
  };
}

fabric::Fabric& FabricHost::fabric() {
  if (linux_) return *linux_;
  if (network_) return *network_;
  return *openflow_;
}

bool FabricHost::is_connected() const {
  if (network_) return network_->is_connected();
  return linux_ != nullptr || openflow_->is_connected();
}

api::FabricParts FabricHost::parts() const {
  api::FabricParts parts;
  if (fail_modes_) parts.fail_secure = fail_modes_->states();
  if (!network_) return parts;
  for (const auto& one : network_->switches()) {
    parts.switches.push_back({.name = one.name, .is_up = one.is_right});
  }
  for (const auto& one : network_->links()) {
    parts.links.push_back({.name = one.name, .is_up = one.is_right});
  }
  return parts;
}

std::vector<std::string> FabricHost::faults() const {
  return fail_modes_ ? fail_modes_->faults() : std::vector<std::string>();
}

std::optional<exchange::PortAttach> FabricHost::attach_of(net::PortNo port) const {
  return linux_ ? linux_->attach_of(port) : std::nullopt;
}

void FabricHost::reconfigure(const exchange::Exchange& exchange, exchange::FabricTies ties) {
  const bool is_asked_elsewhere =
      ties.ovsdb != ties_.ovsdb || ties.set_fail_mode != ties_.set_fail_mode;
  ties_ = std::move(ties);
  if (linux_) {
    linux_->set_interfaces(linux_ports(exchange, ties_));
  } else {
    fabric().set_tags(tags_of(exchange));
    if (is_asked_elsewhere) watch_fail_modes(exchange);
  }
}

}  // namespace fabrix::daemon
