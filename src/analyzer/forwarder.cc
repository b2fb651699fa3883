#include "analyzer/forwarder.h"

#include <tuple>
#include <utility>

namespace fabrix::analyzer {

void Forwarder::send(const std::map<std::string, telemetry::ForwardTarget>& targets,
                     std::span<const std::byte> datagram) {
  for (const auto& [name, target] : targets) {
    const net::Family family = target.address.family();
    auto socket = sockets_.find(family);
    if (socket == sockets_.end()) {
      auto opened = io::DatagramSocket::open(family);
      if (!opened) continue;
      socket = sockets_.emplace(family, *std::move(opened)).first;
    }
    std::ignore = socket->second.send({.address = target.address, .port = target.port}, datagram);
  }
}

}  // namespace fabrix::analyzer
