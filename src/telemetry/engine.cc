#include "telemetry/engine.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include <fmt/format.h>

#include "telemetry/announced.h"
#include "telemetry/metric_query.h"

namespace fabrix::telemetry {
namespace {

// What agents say of their names and ports changes seldom.
constexpr Time kLearnEvery = std::chrono::seconds(5);

}  // namespace

Engine::Engine()
    : lookups_{.names = &names_,
               .metrics = &metrics_,
               .topology = &topology_,
               .hosts = &host_names_,
               .world = nullptr},
      flows_(lookups_, thresholds_) {
  metrics_.observe([this](const MetricUpdate& update) {
    thresholds_.update(update.name, update.source, update.value, update.time);
  });
  thresholds_.match_with([this](const DataSource& source, const auto& filter) {
    return MetricQuery(metrics_, kAll, MetricFilter(filter.begin(), filter.end())).takes(source);
  });
}

void Engine::receive(sflow::Bytes datagram, const net::IpAddress& from, Time now) {
  advance(now);
  counters_.octets += datagram.size();
  const auto opened = sflow::Datagram::open(datagram);
  if (!opened) {
    const bool version = opened.error().reason == sflow::Fault::Reason::kVersion;
    ++(version ? counters_.unsupported_versions : counters_.parse_errors);
    return;
  }
  ++counters_.datagrams;
  metrics_.receive(*opened, from, now_);
  take(*opened);
}

void Engine::take(const sflow::Datagram& datagram) {
  const net::IpAddress& agent = datagram.header().agent;
  sflow::ItemCursor items = datagram.samples();
  while (const auto item = items.next()) {
    if (sflow::is_flow_sample(item->tag)) take_flow(agent, *item);
    if (sflow::is_counter_sample(item->tag)) ++counters_.counter_samples;
    if (item->tag == sflow::kDropSample) take_drop(agent, *item);
  }
  if (items.fault()) ++counters_.parse_errors;
}

void Engine::take_flow(const net::IpAddress& agent, const sflow::Item& item) {
  ++counters_.flow_samples;
  const auto flow = sflow::read_flow_sample(item);
  if (!flow) {
    ++counters_.parse_errors;
    return;
  }
  const sflow::SampledPacket packet(flow->records());
  take(sample_of(agent, *flow, packet));
}

void Engine::take_drop(const net::IpAddress& agent, const sflow::Item& item) {
  ++counters_.drop_samples;
  const auto drop = sflow::read_drop_sample(item);
  if (!drop) {
    ++counters_.parse_errors;
    return;
  }
  const sflow::SampledPacket packet(drop->records());
  take(sample_of(agent, *drop, packet));
}

void Engine::take(const Sample& sample) {
  Sample joined = sample;
  RouteMemo memo;
  joined.routes = &routers_;
  joined.memo = &memo;
  routers_.add(joined, now_);
  keys_.add(joined, now_);
  flows_.add(joined, now_);
  if (!routers_.is_of_fabric(joined)) return;
  const auto* const server = routers_.find(route_server_);
  traffic_.add(routers_.members(), server != nullptr ? &server->table : nullptr, joined, now_);
}

void Engine::tick(Time now) {
  advance(now);
  metrics_.tick(now_);
  flows_.tick(now_);
  traffic_.tick(now_);
  if (now_ - learned_ < kLearnEvery) return;
  learned_ = now_;
  topology_.learn(metrics_);
}

void Engine::advance(Time now) {
  now_ = std::max(now_, now);
  if (!since_) since_ = now_;
  host_names_.advance(now_);
}

void Engine::set_exchange(Exchange exchange, const net::IpAddress& router) {
  routers_.set_members(Members(std::move(exchange)));
  route_server_ = router;
  // There is room for as many entries as there may be routers.
  static_cast<void>(names_.set_map(kMembers, routers_.members().macs()));
  names_.serve_groups(kMembers, [this, router](const net::IpAddress& address) {
    const auto* const of = routers_.find(router);
    const auto member = of != nullptr ? announcer_of(of->table, address) : std::nullopt;
    return member ? std::optional(routers_.members().name_of(*member)) : std::nullopt;
  });
}

Result<void> Engine::set_forward(const std::string& name, const ForwardTarget& target) {
  if (!forwards_.contains(name) && forwards_.size() == kMaxForwards) {
    return fail(Error{fmt::format("there are {} already, the most there may be", kMaxForwards)});
  }
  forwards_[name] = target;
  return {};
}

}  // namespace fabrix::telemetry
