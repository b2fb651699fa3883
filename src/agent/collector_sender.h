// CollectorSender: the way to one collector, which is known by its address or by its name.
//
// A name is looked up without blocking, in the system's hosts file and the DNS, and again every
// so often (LookUpPatience), so that a collector may move. An address stays as long as it is among
// the name's; so it does while nobody answers, and of a name that has not been found yet nothing is
// sent. What changes is in the log. A collector's network namespace and interface are those of its
// datagrams: its name is asked for in the agent's own.
//
// Never blocks but for a socket's making; keeps no datagrams. Loop's thread only.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "host/config.h"
#include "io/datagram_socket.h"
#include "io/endpoint.h"
#include "io/event_loop.h"
#include "io/host_lookup.h"
#include "net/ip_address.h"

namespace fabrix::agent {

struct LookUpPatience {
  std::chrono::milliseconds found{60'000};    // until a name that was found is asked for again
  std::chrono::milliseconds missing{10'000};  // the same of one that was not
};

class CollectorSender {
 public:
  // Fails, in words for an operator, if there is no such network namespace or interface. `servers`
  // as HostLookup has them.
  static Result<std::unique_ptr<CollectorSender>> open(io::EventLoop& loop,
                                                       const host::Collector& collector,
                                                       const std::string& servers = {},
                                                       const LookUpPatience& patience = {});

  // Whether the kernel took it.
  bool send(std::span<const std::byte> datagram);

  // Null: its name is not known yet.
  const io::IpEndpoint* endpoint() const { return to_ ? &*to_ : nullptr; }

 private:
  CollectorSender(io::EventLoop& loop, host::Collector collector, std::string servers,
                  const LookUpPatience& patience);

  void ask();
  void take(const Result<std::vector<net::IpAddress>>& found);
  Result<void> direct(const net::IpAddress& address);

  io::EventLoop& loop_;
  host::Collector collector_;
  std::string servers_;
  LookUpPatience patience_;
  io::Timer ask_again_;
  std::optional<io::HostLookup> lookup_;
  bool is_missing_ = false;                     // it was so, when it was last asked for
  std::optional<io::DatagramSocket> socket_{};  // of the address's family
  std::optional<io::IpEndpoint> to_;
};

}  // namespace fabrix::agent
