#include "exports/ipfix_sender.h"

#include <utility>

namespace fabrix::exports {

void IpfixSender::add(const telemetry::FlowSpec& spec, const telemetry::FlowRecord& record,
                      telemetry::Time now) {
  const auto form = IpfixTemplate::of(spec, record.source.agent.family());
  // It was looked at when the definition was made.
  if (!form) return;
  for (const telemetry::IpfixCollector& one : spec.ipfix_collectors) {
    Collector& collector = collectors_[{.address = one.address, .port = one.port}];
    collector.session.add(*form, record);
    collector.last = now;
  }
}

void IpfixSender::tick(telemetry::Time now) {
  for (auto& [to, collector] : collectors_) {
    if (collector.session.waiting() != 0) send(to, collector, now);
  }
  std::erase_if(collectors_, [&](const auto& one) { return one.second.last + kForget <= now; });
}

void IpfixSender::send(const io::IpEndpoint& to, Collector& collector, telemetry::Time now) {
  const net::Family family = to.address.family();
  auto socket = sockets_.find(family);
  if (socket == sockets_.end()) {
    auto opened = io::DatagramSocket::open(family);
    if (!opened) {
      collector.problem = opened.error().message;
      return;
    }
    socket = sockets_.emplace(family, *std::move(opened)).first;
  }
  for (const auto& message : collector.session.take(now)) {
    const auto sent = socket->second.send(to, message);
    collector.problem = sent ? std::string() : sent.error().message;
    if (!sent) ++collector.unsent;
  }
}

std::vector<ExportStatus> IpfixSender::status() const {
  std::vector<ExportStatus> all;
  for (const auto& [to, collector] : collectors_) {
    const IpfixSession::Counters& counters = collector.session.counters();
    all.push_back({.kind = "ipfix",
                   .url = "udp://" + to_string(io::Endpoint(to)),
                   .sent = counters.records,
                   .dropped = counters.dropped,
                   .failed = counters.failed,
                   .retries = collector.unsent,
                   .waiting = collector.session.waiting(),
                   .problem = collector.problem});
  }
  return all;
}

}  // namespace fabrix::exports
