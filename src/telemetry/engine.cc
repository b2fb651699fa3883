#include "telemetry/engine.h"

#include <algorithm>
#include <chrono>
#include <span>
#include <utility>

#include <fmt/format.h>

#include "telemetry/announced.h"
#include "telemetry/frame_ends.h"
#include "telemetry/metric_query.h"

namespace fabrix::telemetry {
namespace {

// What agents say of their names and ports changes seldom.
constexpr Time kLearnEvery = std::chrono::seconds(5);

// Its address says who gets it, or else the rows of the exchange do.
FrameExit to_another_switch(const Members& members, const Sample& sample) {
  FrameExit exit{.is_unknown = true};
  const auto& steering = members.exchange().steering;
  const auto& header = sample.packet->header();
  if (steering == nullptr || !header || ends_of(members, sample).receiver) return exit;
  exit.receiver = steering->receiver_of(header->header);
  return exit;
}

}  // namespace

Engine::Engine() : Engine(nullptr) {}

Engine::Engine(Spread* spread)
    : lookups_{.names = &names_,
               .metrics = &metrics_,
               .topology = &topology_,
               .hosts = &host_names_,
               .world = nullptr},
      flows_(lookups_, thresholds_),
      together_(spread != nullptr ? FlowTable::kMaxTogether : FlowMeter::kMaxTogether) {
  if (spread != nullptr) flows_.spread(*spread);
  metrics_.observe([this](const MetricUpdate& update) {
    thresholds_.update(update.name, update.source, update.value, update.time);
  });
  thresholds_.match_with([this](const DataSource& source, const auto& filter) {
    return MetricQuery(metrics_, kAll, MetricFilter(filter.begin(), filter.end())).takes(source);
  });
}

void Engine::receive(sflow::Bytes datagram, const net::IpAddress& from, Time now) {
  const Arrival arrival{.datagram = datagram, .from = from};
  receive({&arrival, 1}, now);
}

void Engine::receive(std::span<const Arrival> arrivals, Time now) {
  advance(now);
  for (const Arrival& arrival : arrivals) take(arrival);
  metrics_.finish();
  count_together();
}

void Engine::take(const Arrival& arrival) {
  counters_.octets += arrival.datagram.size();
  const auto opened = sflow::Datagram::open(arrival.datagram);
  if (!opened) {
    const bool version = opened.error().reason == sflow::Fault::Reason::kVersion;
    ++(version ? counters_.unsupported_versions : counters_.parse_errors);
    return;
  }
  ++counters_.datagrams;
  metrics_.begin(opened->header(), arrival.from, now_);
  take(*opened);
}

void Engine::take(const sflow::Datagram& datagram) {
  const net::IpAddress& agent = datagram.header().agent;
  sflow::ItemCursor items = datagram.samples();
  while (const auto item = items.next()) {
    if (sflow::is_flow_sample(item->tag)) take_flow(agent, *item);
    if (sflow::is_counter_sample(item->tag)) take_counters(datagram.header(), *item);
    if (item->tag == sflow::kDropSample) take_drop(agent, *item);
  }
  if (items.fault()) ++counters_.parse_errors;
}

void Engine::take_flow(const net::IpAddress& agent, const sflow::Item& item) {
  ++counters_.flow_samples;
  auto flow = sflow::read_flow_sample(item);
  if (!flow) {
    ++counters_.parse_errors;
    return;
  }
  metrics_.flow(*flow);
  flow->source = counted_source(*flow);
  put(agent, *flow);
  if (together_.count == together_.samples.size()) count_together();
}

void Engine::take_counters(const sflow::DatagramHeader& header, const sflow::Item& item) {
  ++counters_.counter_samples;
  // What samples before it are told must not be of later.
  if (flows_.depends_on_order()) count_together();
  if (const auto sample = sflow::read_counter_sample(item)) {
    metrics_.counters(header, *sample, now_);
  }
}

// Not together with samples: they are another kind.
void Engine::take_drop(const net::IpAddress& agent, const sflow::Item& item) {
  ++counters_.drop_samples;
  const auto drop = sflow::read_drop_sample(item);
  if (!drop) {
    ++counters_.parse_errors;
    return;
  }
  metrics_.discard(*drop);
  count_together();
  put(agent, *drop);
  count_together();
}

void Engine::put(const net::IpAddress& agent, const auto& read) {
  const std::size_t at = together_.count++;
  Sample& sample = together_.samples[at];
  put_sample(agent, read, together_.packets[at].emplace(read.records()), sample);
  sample.routes = &routers_;
  RouteMemo& memo = together_.memos[at];
  for (RouteMemo::Entry* const entry : {&memo.to_destination, &memo.to_source}) {
    entry->is_known = false;
    entry->is_asked_for = false;
    entry->match.reset();
  }
  sample.memo = &memo;
}

void Engine::count_together() {
  const auto samples = std::span(together_.samples).first(std::exchange(together_.count, 0));
  if (samples.empty()) return;
  for (std::size_t first = 0; first < samples.size(); first += FlowMeter::kMaxTogether) {
    const std::size_t count = std::min(samples.size() - first, FlowMeter::kMaxTogether);
    routers_.add(samples.subspan(first, count), now_);
  }
  for (const Sample& sample : samples) keys_.add(sample, now_);
  flows_.add(samples, now_);
  routers_.expect_like(samples);
  for (const Sample& sample : samples) {
    if (routers_.is_of_fabric(sample)) count_for_exchange(sample);
  }
}

// Of several switches, each may sample a frame; it counts where it comes in.
void Engine::count_for_exchange(const Sample& sample) {
  const bool is_on_link =
      !topology_.map().links.empty() &&
      topology_.place_of({sample.agent, sample.source}) == Topology::Place::kCore;
  if (is_on_link) return;
  const auto* const server = routers_.find(route_server_);
  traffic_.add(routers_.members(), server != nullptr ? &server->table : nullptr, sample, now_,
               exit_of(sample));
}

// Of agents of switches: the exchange's own sampler tells the exchange's ports. Open vSwitch says
// that what one of several links gets is discarded, for a reason that is not known.
FrameExit Engine::exit_of(const Sample& sample) const {
  constexpr std::uint32_t kUnknownReason = 256;
  if (sample.agent == routers_.members().exchange().agent) return {};
  const sflow::Interface& output = sample.output;
  const bool has_links = !topology_.map().links.empty();
  if (!output.is_port()) {
    const bool is_unknown = has_links && output.is(sflow::Interface::Format::kDiscarded) &&
                            output.value == kUnknownReason;
    return is_unknown ? to_another_switch(routers_.members(), sample) : FrameExit{};
  }
  const DataSource port{sample.agent, {.type = 0, .index = output.value}};
  if (has_links && topology_.place_of(port) == Topology::Place::kCore) {
    return to_another_switch(routers_.members(), sample);
  }
  return {.receiver = member_at(port)};
}

// By what it is called in the topology; the ports of an exchange's only switch, which has none, are
// the exchange's by the switch's own numbers.
std::optional<MemberId> Engine::member_at(const DataSource& port) const {
  const Members& members = routers_.members();
  if (const auto* const name = topology_.port_at(port.agent, port.id.index)) {
    return members.of_router(*name);
  }
  const MetricMap* const told = topology_.is_empty() ? metrics_.find(port) : nullptr;
  if (told == nullptr) return std::nullopt;
  const auto number = told->find(std::string_view("of_port"));
  if (number == told->end()) return std::nullopt;
  const auto* const value = std::get_if<double>(&number->second.value);
  return value != nullptr ? members.of_port(static_cast<std::uint32_t>(*value)) : std::nullopt;
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
