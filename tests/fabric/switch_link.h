// SwitchLink: connects an OpenFlowFabric with one real switch over a Unix socket, and serves the
// connection until a condition holds or patience ends. For tests; POSIX. One thread.
#pragma once

#include <array>
#include <chrono>
#include <cstring>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "fabric/openflow_fabric.h"

namespace fabrix::fabric {

class SwitchLink {
 public:
  explicit SwitchLink(OpenFlowFabric& fabric) : fabric_(fabric) {}
  SwitchLink(const SwitchLink&) = delete;
  SwitchLink(SwitchLink&&) = delete;
  SwitchLink& operator=(const SwitchLink&) = delete;
  SwitchLink& operator=(SwitchLink&&) = delete;
  ~SwitchLink() {
    if (connection_ >= 0) close(connection_);
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
    return bind(listener_, generic, sizeof address) == 0 && listen(listener_, 4) == 0;
  }

  // The connection is lost; a switch tries again by itself.
  void hang_up() {
    if (connection_ < 0) return;
    close(std::exchange(connection_, -1));
    pending_.clear();
    fabric_.disconnected();
  }

  // Serves the listener and the connection until `done`.
  bool run_until(const std::function<bool()>& done) {
    const auto give_up = Clock::now() + kPatience;
    while (!done()) {
      if (Clock::now() >= give_up) return false;
      turn();
    }
    return true;
  }

  // What the switch said to an install of this Program; none: nothing.
  std::optional<Result<void>> install(program::ProgramPtr program) {
    std::optional<Result<void>> outcome;
    fabric_.install(std::move(program), [&](Result<void> result) { outcome = std::move(result); });
    run_until([&] { return outcome.has_value(); });
    return outcome;
  }

 private:
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::seconds kPatience{20};
  static constexpr int kTurnMilliseconds = 100;

  void turn() {
    if (connection_ < 0) return accept_switch();
    if (pending_.empty()) pending_ = fabric_.take_output();
    const auto wanted = static_cast<short>(pending_.empty() ? POLLIN : POLLIN | POLLOUT);
    pollfd wait{.fd = connection_, .events = wanted, .revents = 0};
    poll(&wait, 1, kTurnMilliseconds);
    if ((wait.revents & POLLOUT) != 0) {
      const ssize_t put = send(connection_, pending_.data(), pending_.size(), MSG_NOSIGNAL);
      if (put <= 0) return hang_up();
      pending_.erase(pending_.begin(), pending_.begin() + put);
    }
    if ((wait.revents & (POLLIN | POLLHUP)) != 0) {
      std::array<std::byte, 65536> buffer{};
      const ssize_t got = recv(connection_, buffer.data(), buffer.size(), 0);
      if (got <= 0) return hang_up();
      fabric_.feed(std::span(buffer).first(static_cast<std::size_t>(got)), Clock::now());
    }
    fabric_.tick(Clock::now());
    if (fabric_.wants_close()) hang_up();
  }

  void accept_switch() {
    pollfd wait{.fd = listener_, .events = POLLIN, .revents = 0};
    if (poll(&wait, 1, kTurnMilliseconds) != 1) return;
    connection_ = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (connection_ >= 0) fabric_.connected(Clock::now());
  }

  OpenFlowFabric& fabric_;
  int listener_ = -1;
  int connection_ = -1;
  std::vector<std::byte> pending_;
};

}  // namespace fabrix::fabric
