#include "agent/collector_sender.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "io/log.h"
#include "io/namespace.h"

namespace fabrix::agent {
namespace {

constexpr std::string_view kComponent = "agent";

Result<io::DatagramSocket> socket_to(const host::Collector& collector, net::Family family) {
  std::optional<io::NamespaceScope> there;
  if (!collector.network_namespace.empty()) {
    FABRIX_TRY(auto entered, io::NamespaceScope::enter(collector.network_namespace));
    there.emplace(std::move(entered));
  }
  FABRIX_TRY(auto socket, io::DatagramSocket::open(family));
  if (collector.device.empty()) return socket;
  if (auto bound = socket.bind_to_device(collector.device); !bound) return fail(bound.error());
  return socket;
}

}  // namespace

CollectorSender::CollectorSender(io::EventLoop& loop, host::Collector collector,
                                 std::string servers, const LookUpPatience& patience)
    : loop_(loop),
      collector_(std::move(collector)),
      servers_(std::move(servers)),
      patience_(patience),
      ask_again_(loop, [this] { ask(); }) {}

Result<std::unique_ptr<CollectorSender>> CollectorSender::open(io::EventLoop& loop,
                                                               const host::Collector& collector,
                                                               const std::string& servers,
                                                               const LookUpPatience& patience) {
  std::unique_ptr<CollectorSender> made;
  // tidy: the constructor is private, which make_unique cannot reach
  made.reset(new CollectorSender(loop, collector, servers, patience));
  // By its name, too: what is wrong with the way there is to be told now.
  FABRIX_TRY(made->socket_, socket_to(collector, collector.address.family()));
  if (collector.name.empty()) {
    made->to_ = {.address = collector.address, .port = collector.port};
  } else {
    made->ask();
  }
  return made;
}

bool CollectorSender::send(std::span<const std::byte> datagram) {
  return to_ && socket_->send(*to_, datagram).has_value();
}

void CollectorSender::ask() {
  lookup_.emplace(
      loop_, collector_.name, [this](const auto& found) { take(found); }, servers_);
}

void CollectorSender::take(const Result<std::vector<net::IpAddress>>& found) {
  ask_again_.start(found ? patience_.found : patience_.missing);
  if (!found) {
    if (std::exchange(is_missing_, true)) return;
    return io::log_warning(
        kComponent, fmt::format("collector {}: {}; {}", collector_.name, found.error().message,
                                to_ ? "it is sent to where it was" : "nothing is sent to it yet"));
  }
  is_missing_ = false;
  const bool is_there = to_ && std::ranges::find(*found, to_->address) != found->end();
  if (is_there) return;
  if (const auto directed = direct(found->front()); !directed) {
    io::log_warning(kComponent,
                    fmt::format("collector {}: {}", collector_.name, directed.error().message));
  }
}

Result<void> CollectorSender::direct(const net::IpAddress& address) {
  FABRIX_TRY(auto socket, socket_to(collector_, address.family()));
  socket_ = std::move(socket);
  to_ = {.address = address, .port = collector_.port};
  io::log_info(kComponent,
               fmt::format("collector {} is at {}", collector_.name, address.to_string()));
  return {};
}

}  // namespace fabrix::agent
