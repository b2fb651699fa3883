// Server: HTTP/1.1 over TCP (RFC 9110, RFC 9112) for the API, looking glasses and monitoring.
//
// The handler is called from the loop, once for each well-formed request, and answers at once; a
// large body it gives in pieces. What no handler sees: malformed requests (400, 413, 431, 501,
// 505), slow ones (408), clients above the limit (503). No client can hold up the loop or take more
// than its share (connection.h). Plain TCP: where it is reachable from elsewhere, TLS stands before
// it.
//
// Destroying the server cuts its clients off; drain() first lets them end. Loop's thread only.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>

#include "base/result.h"
#include "http/connection.h"
#include "io/endpoint.h"
#include "io/event_loop.h"

namespace fabrix::http {

struct ServerOptions {
  io::IpEndpoint local = {net::IpAddress::v4({127, 0, 0, 1}), 0};  // port 0 picks a free one
  std::size_t max_clients = 128;
  ConnectionOptions connection;
  std::function<bool(const io::Endpoint&)> admit;  // by the client's address; empty: everyone
};

struct ServerCounters {
  std::uint64_t connections = 0;           // accepted so far
  std::uint64_t turned_away = 0;           // of those, because there were too many
  std::size_t clients = 0;                 // now
  std::array<std::uint64_t, 6> answers{};  // by the first digit of the status
};

class Server {
 public:
  // What the handler needs must outlive the server.
  static Result<std::unique_ptr<Server>> start(io::EventLoop& loop, ServerOptions options,
                                               Handler handler);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  Server(Server&&) = delete;
  Server& operator=(Server&&) = delete;

  // Where it listens, with the real port.
  io::Endpoint local() const;
  std::uint16_t port() const;

  const ServerCounters& counters() const;

  // Accepts nobody any more, closes who is idle, and the others after their answers; done when
  // counters().clients is 0.
  void drain();

 private:
  class Impl;
  explicit Server(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace fabrix::http
