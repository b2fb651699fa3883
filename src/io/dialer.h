// Dialer: a TCP connection to a host by its name or address: looks the name up (host_lookup.h) and
// tries its addresses one after another, within a time limit for all of it.
//
// The callback comes exactly once, from the loop, unless the dialer is destroyed before: that gives
// it up. Loop's thread only.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/result.h"
#include "io/byte_stream.h"
#include "io/event_loop.h"

namespace fabrix::io {

// "db.example.net", "192.0.2.1" or "2001:db8::1".
struct HostEndpoint {
  std::string host;
  std::uint16_t port = 0;

  friend auto operator<=>(const HostEndpoint&, const HostEndpoint&) = default;
};

// "db.example.net:8123", "[2001:db8::1]:8123".
std::string to_string(const HostEndpoint& endpoint);

class Dialer {
 public:
  using OnDone = std::function<void(Result<ByteStream>)>;

  // `dns` as DnsChannel::open() has servers.
  Dialer(EventLoop& loop, const HostEndpoint& peer, std::chrono::milliseconds timeout,
         OnDone on_done, const std::string& dns = {});
  ~Dialer();
  Dialer(const Dialer&) = delete;
  Dialer& operator=(const Dialer&) = delete;
  Dialer(Dialer&&) = delete;
  Dialer& operator=(Dialer&&) = delete;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace fabrix::io
