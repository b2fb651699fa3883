// Connector: one attempt to connect, over TCP or to a unix path, within a time limit.
//
// The callback comes exactly once, from the loop, unless the connector is destroyed before: that
// gives up the attempt. The socket is opened in the calling thread's network namespace.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>

#include "base/result.h"
#include "io/byte_stream.h"
#include "io/endpoint.h"
#include "io/event_loop.h"
#include "io/tcp_options.h"

namespace fabrix::io {

struct ConnectOptions {
  std::chrono::milliseconds timeout{5000};
  TcpOptions tcp;                    // TCP only
  std::optional<IpEndpoint> source;  // bind here first; port 0 picks a free one
  StreamLimits limits;
};

class Connector {
 public:
  using OnDone = std::function<void(Result<ByteStream>)>;

  Connector(EventLoop& loop, const Endpoint& peer, ConnectOptions options, OnDone on_done);
  Connector(Connector&&) noexcept = default;
  Connector& operator=(Connector&& other) noexcept;
  Connector(const Connector&) = delete;
  Connector& operator=(const Connector&) = delete;
  ~Connector();

 private:
  class Attempt;
  std::shared_ptr<Attempt> attempt_;
};

}  // namespace fabrix::io
