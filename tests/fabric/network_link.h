// NetworkLink: connects an OpenFlowNetwork with real switches over a Unix socket, and serves the
// connections until a condition holds or patience ends. For tests; POSIX. One thread.
#pragma once

#include <array>
#include <chrono>
#include <cstring>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "fabric/openflow_network.h"

namespace fabrix::fabric {

class NetworkLink {
 public:
  explicit NetworkLink(OpenFlowNetwork& network) : network_(network) {}
  NetworkLink(const NetworkLink&) = delete;
  NetworkLink(NetworkLink&&) = delete;
  NetworkLink& operator=(const NetworkLink&) = delete;
  NetworkLink& operator=(NetworkLink&&) = delete;
  ~NetworkLink() {
    for (const Connection& connection : connections_) close(connection.socket);
    if (listener_ >= 0) close(listener_);
  }

  bool listen_on(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path) return false;
    std::memcpy(address.sun_path, path.data(), path.size());
    listener_ = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): the sockets API.
    const auto* generic = reinterpret_cast<const sockaddr*>(&address);
    return bind(listener_, generic, sizeof address) == 0 && listen(listener_, 16) == 0;
  }

  bool run_until(const std::function<bool()>& done) {
    const auto give_up = Clock::now() + kPatience;
    while (!done()) {
      if (Clock::now() >= give_up) return false;
      turn();
    }
    return true;
  }

  std::optional<Result<void>> install(program::ProgramPtr program) {
    std::optional<Result<void>> outcome;
    network_.install(std::move(program),
                     [&outcome](Result<void> result) { outcome = std::move(result); });
    run_until([&outcome] { return outcome.has_value(); });
    return outcome;
  }

 private:
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::seconds kPatience{20};
  static constexpr int kTurnMilliseconds = 20;

  struct Connection {
    int socket = -1;
    OpenFlowNetwork::ConnectionId id;
    std::vector<std::byte> pending{};
  };

  void turn() {
    std::vector<pollfd> waits{{.fd = listener_, .events = POLLIN, .revents = 0}};
    for (Connection& connection : connections_) {
      if (connection.pending.empty()) connection.pending = network_.take_output(connection.id);
      const auto events =
          static_cast<short>(connection.pending.empty() ? POLLIN : POLLIN | POLLOUT);
      waits.push_back({.fd = connection.socket, .events = events, .revents = 0});
    }
    poll(waits.data(), waits.size(), kTurnMilliseconds);
    for (std::size_t i = 0; i < connections_.size(); ++i)
      serve(connections_[i], waits[i + 1].revents);
    if ((waits[0].revents & POLLIN) != 0) {
      const int socket = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
      connections_.push_back({.socket = socket, .id = network_.connected(Clock::now())});
    }
    network_.tick(Clock::now());
    std::erase_if(connections_, [this](const Connection& connection) {
      const bool over = connection.socket < 0 || network_.wants_close(connection.id);
      if (over) network_.disconnected(connection.id);
      if (over && connection.socket >= 0) close(connection.socket);
      return over;
    });
  }

  void serve(Connection& connection, short ready) {
    if ((ready & POLLOUT) != 0) {
      const auto& octets = connection.pending;
      const ssize_t put = send(connection.socket, octets.data(), octets.size(), MSG_NOSIGNAL);
      if (put > 0) connection.pending.erase(octets.begin(), octets.begin() + put);
    }
    if ((ready & (POLLIN | POLLHUP)) == 0) return;
    std::array<std::byte, 65536> buffer{};
    const ssize_t got = recv(connection.socket, buffer.data(), buffer.size(), 0);
    if (got > 0) {
      const auto octets = std::span(buffer).first(static_cast<std::size_t>(got));
      return network_.feed(connection.id, octets, Clock::now());
    }
    close(std::exchange(connection.socket, -1));
  }

  OpenFlowNetwork& network_;
  int listener_ = -1;
  std::vector<Connection> connections_;
};

}  // namespace fabrix::fabric
