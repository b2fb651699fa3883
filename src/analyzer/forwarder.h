// Forwarder: copies datagrams on to the engine's forwarding targets, unchanged, by UDP. One that
// the kernel does not take is lost, as it may be anywhere on its way. Loop's thread only.
#pragma once

#include <cstddef>
#include <map>
#include <span>
#include <string>

#include "io/datagram_socket.h"
#include "net/ip_address.h"
#include "telemetry/engine.h"

namespace fabrix::analyzer {

class Forwarder {
 public:
  void send(const std::map<std::string, telemetry::ForwardTarget>& targets,
            std::span<const std::byte> datagram);

 private:
  std::map<net::Family, io::DatagramSocket> sockets_;
};

}  // namespace fabrix::analyzer
