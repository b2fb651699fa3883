#include "daemon/sflow_export.h"

#include <algorithm>
#include <utility>

namespace fabrix::daemon {
namespace {

using std::chrono::seconds;

// Of a collector's interface format 1: why is not told (sFlow version 5 5.3: unknown).
constexpr std::uint32_t kDiscardedUnknown = 256;

sflow::Interface output_of(const fabric::Sample& sample) {
  using Format = sflow::Interface::Format;
  const auto is = [](Format format, std::uint32_t value) {
    return sflow::Interface{.format = static_cast<std::uint32_t>(format), .value = value};
  };
  switch (sample.fate) {
    case fabric::Sample::Fate::kForwarded:
      return is(Format::kIndex, sample.egress.value);
    case fabric::Sample::Fate::kCopied:
      return is(Format::kMultiple, sample.frames);
    case fabric::Sample::Fate::kToController:
      return is(Format::kIndex, sflow::Interface::kInternal);
    case fabric::Sample::Fate::kDiscarded:
      break;
  }
  return is(Format::kDiscarded, kDiscardedUnknown);
}

std::vector<net::PortNo> ports_of(const exchange::Exchange& exchange) {
  std::vector<net::PortNo> ports{exchange.route_server.port};
  for (const exchange::Router& router : exchange.routers) {
    if (router.present) ports.push_back(router.port);
  }
  return ports;
}

fabric::SamplingRates rates_of(const exchange::Exchange& exchange) {
  fabric::SamplingRates rates;
  rates[exchange.route_server.port] = exchange.sflow.rate;
  for (const exchange::Router& router : exchange.routers) {
    if (!router.present) continue;
    rates[router.port] = router.sflow_rate.value_or(exchange.sflow.rate);
  }
  return rates;
}

net::IpAddress agent_of(const exchange::Exchange& exchange) {
  return exchange.sflow.agent.value_or(exchange.router_id);
}

constexpr std::uint32_t low_half(std::uint64_t count) {
  return static_cast<std::uint32_t>(count & 0xffffffffU);
}

}  // namespace

SflowExport::SflowExport(io::EventLoop& loop, const controller::Controller& controller,
                         fabric::Fabric& fabric)
    : controller_(&controller),
      fabric_(&fabric),
      flush_(loop,
             [this] {
               if (agent_) agent_->flush();
               send_done();
             }),
      poll_(loop,
            [this] {
              poll_.start(seconds(1));
              count_ports();
            }),
      started_(io::EventLoop::now()) {
  fabric.on_sample = [this](const fabric::Sample& sample) { take(sample); };
}

SflowExport::~SflowExport() {
  fabric_->on_sample = nullptr;
}

Result<void> SflowExport::configured() {
  const exchange::Exchange& exchange = controller_->exchange();
  const bool is_same_agent = agent_ && agent_of(exchange) == site_.agent;
  site_ = exchange.sflow;
  site_.agent = agent_of(exchange);
  auto sampled = fabric_->set_sampling(is_wanted() ? rates_of(exchange) : fabric::SamplingRates{});
  if (!is_wanted()) {
    agent_.reset();
    sockets_.clear();
    poll_.cancel();
    return sampled;
  }
  if (!is_same_agent) agent_.emplace(*site_.agent);
  if (site_.polling_seconds == 0) {
    poll_.cancel();
  } else {
    poll_.start(seconds(1));
  }
  auto opened = open_sockets();
  return sampled ? std::move(opened) : std::move(sampled);
}

bool SflowExport::is_wanted() const {
  return !site_.collectors.empty() || on_datagram;
}

Result<void> SflowExport::open_sockets() {
  for (const exchange::ServerAddress& collector : site_.collectors) {
    const net::Family family = collector.address.family();
    if (sockets_.contains(family)) continue;
    FABRIX_TRY(auto socket, io::DatagramSocket::open(family));
    sockets_.emplace(family, std::move(socket));
  }
  return {};
}

std::uint32_t SflowExport::uptime() const {
  const auto run = io::EventLoop::now() - started_;
  const auto passed = std::chrono::duration_cast<std::chrono::milliseconds>(run).count();
  return low_half(static_cast<std::uint64_t>(passed));
}

void SflowExport::take(const fabric::Sample& sample) {
  if (!agent_) return;
  if (!agent_->has_begun()) flush_.start(kFlushAfter);
  lost_[sample.port] = sample.drops;
  metrics_.samples += sample.times;
  const auto size = std::min(sample.header.size(), sflow::Agent::kMaxHeader);
  for (std::uint32_t i = 0; i < sample.times; ++i) {
    agent_->add(sflow::PacketSample{.source = sample.port.value,
                                    .input = {.format = 0, .value = sample.port.value},
                                    .output = output_of(sample),
                                    .rate = sample.rate,
                                    .pool = sample.pool,
                                    .drops = sample.drops,
                                    .frame_length = sample.frame_length,
                                    .header = sample.header.first(size)},
                uptime());
  }
  send_done();
}

// Those whose turn it is: each port has a second of its own.
void SflowExport::count_ports() {
  if (!agent_) return;
  const std::uint64_t turn = seconds_++ % site_.polling_seconds;
  const auto ports = ports_of(controller_->exchange());
  if (turn >= ports.size()) return;
  fabric_->read_port_counts();
  for (std::size_t i = turn; i < ports.size(); i += site_.polling_seconds) {
    const auto found = fabric_->port_counts().find(ports[i]);
    if (found == fabric_->port_counts().end()) continue;
    if (!agent_->has_begun()) flush_.start(kFlushAfter);
    const fabric::PortCount& count = found->second;
    agent_->add(sflow::InterfaceCounters{.index = ports[i].value,
                                         .is_up = controller_->is_port_up(ports[i]),
                                         .in_octets = count.in.octets,
                                         .in_packets = low_half(count.in.packets),
                                         .in_discards = low_half(count.discarded),
                                         .out_octets = count.out.octets,
                                         .out_packets = low_half(count.out.packets)},
                uptime());
  }
  send_done();
}

void SflowExport::send_done() {
  if (!agent_) return;
  for (const auto& datagram : agent_->take()) {
    if (on_datagram) on_datagram(datagram, *site_.agent);
    for (const exchange::ServerAddress& collector : site_.collectors) {
      const auto socket = sockets_.find(collector.address.family());
      const bool is_sent =
          socket != sockets_.end() &&
          socket->second.send({.address = collector.address, .port = collector.port}, datagram)
              .has_value();
      ++(is_sent ? metrics_.datagrams : metrics_.unsent);
    }
  }
}

std::optional<api::SflowMetrics> SflowExport::metrics() const {
  if (!agent_) return std::nullopt;
  api::SflowMetrics metrics = metrics_;
  for (const auto& [port, lost] : lost_) metrics.lost += lost;
  return metrics;
}

}  // namespace fabrix::daemon
