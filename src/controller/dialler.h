// Dialler: opens connections to one router, again and again while they are wanted, with a Backoff
// between attempts that lead nowhere. Loop's thread only.
#pragma once

#include <chrono>
#include <functional>
#include <optional>

#include "controller/backoff.h"
#include "io/byte_stream.h"
#include "io/connector.h"
#include "io/event_loop.h"

namespace fabrix::controller {

class Dialler {
 public:
  // How to connect: asked anew for each attempt.
  struct Target {
    io::Endpoint endpoint;
    io::ConnectOptions options;
  };
  using TargetOf = std::function<Target()>;
  using OnConnected = std::function<void(io::ByteStream)>;

  Dialler(io::EventLoop& loop, Backoff backoff, TargetOf target, OnConnected on_connected);

  // The next attempt begins when the back-off has passed, or later. Nothing if one is under way or
  // waits already.
  void dial();
  void dial_no_earlier_than(io::Clock::time_point when);

  // No more, until dial().
  void rest();

  // The connection proved to be good.
  void succeeded() { backoff_.reset(); }

  bool is_connecting() const { return connector_.has_value(); }
  // When the next attempt begins; none: nobody wants one, or it has begun.
  std::optional<io::Clock::time_point> next() const;

 private:
  void attempt();
  void done(Result<io::ByteStream> connected);

  io::EventLoop& loop_;
  Backoff backoff_;
  TargetOf target_;
  OnConnected on_connected_;
  io::Timer timer_;
  io::Clock::time_point due_;
  std::optional<io::Connector> connector_;
};

}  // namespace fabrix::controller
