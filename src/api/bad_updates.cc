#include "api/bad_updates.h"

#include <string>
#include <utility>

#include <fmt/format.h>

#include "io/log.h"

namespace fabrix::api {
namespace {

constexpr std::string_view kComponent = "bgp";

}  // namespace

void BadUpdates::note(routeserver::PeerId peer, const bgp::BadUpdate& update) {
  Record& record = records_[peer];
  if (record.from != address_of(peer)) record = Record{.from = address_of(peer)};
  ++record.counts.at(static_cast<std::size_t>(update.reaction));
  record.kept.push_back({.time = std::chrono::system_clock::now(), .update = update});
  record.octets += update.message.size();
  while (record.kept.size() > kMostEntries || record.octets > kMostOctets) {
    record.octets -= record.kept.front().update.message.size();
    record.kept.pop_front();
  }
  log(peer, update);
}

const BadUpdates::Record* BadUpdates::of(routeserver::PeerId peer) const {
  const auto found = records_.find(peer);
  const bool known = found != records_.end() && found->second.from == address_of(peer);
  return known ? &found->second : nullptr;
}

const net::IpAddress& BadUpdates::address_of(routeserver::PeerId peer) const {
  return controller_->route_server().peer(peer).address;
}

void BadUpdates::log(routeserver::PeerId peer, const bgp::BadUpdate& update) {
  const auto now = std::chrono::steady_clock::now();
  Lines& lines = lines_[peer];
  if (now - lines.since >= std::chrono::seconds(1)) {
    lines.since = now;
    lines.written = 0;
  }
  if (lines.written == kLinesPerSecond) {
    ++lines.left_out;
    return;
  }
  ++lines.written;
  const routeserver::Peer& from = controller_->route_server().peer(peer);
  std::string line =
      fmt::format(R"(malformed update peer={} as={} reaction="{}" what="{}" octets={})",
                  from.address.to_string(), from.asn.value, bgp::name_of(update.reaction),
                  describe(update.faults), update.message.size());
  const auto left_out = std::exchange(lines.left_out, 0);
  if (left_out > 0) line += fmt::format(" not_logged={}", left_out);
  io::log_warning(kComponent, line);
}

std::string describe(const std::vector<bgp::BadUpdate::Fault>& faults) {
  std::string text;
  for (const bgp::BadUpdate::Fault& fault : faults) {
    text += text.empty() ? fault.what : "; " + fault.what;
    if (!fault.rule.empty()) text += fmt::format(" ({})", fault.rule);
  }
  return text;
}

}  // namespace fabrix::api
