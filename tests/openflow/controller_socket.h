// ControllerSocket: listens on a Unix socket for one switch and moves octets between it and a
// Channel until an event of the wanted kind has come. For tests; POSIX.
#pragma once

#include <array>
#include <chrono>
#include <cstring>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "openflow/channel.h"

namespace fabrix::tests {

class ControllerSocket {
 public:
  using Clock = std::chrono::steady_clock;

  ControllerSocket() = default;
  ControllerSocket(const ControllerSocket&) = delete;
  ControllerSocket(ControllerSocket&&) = delete;
  ControllerSocket& operator=(const ControllerSocket&) = delete;
  ControllerSocket& operator=(ControllerSocket&&) = delete;
  ~ControllerSocket() {
    hang_up();
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

  // Waits for the switch to connect.
  bool accept_switch() {
    hang_up();
    pollfd wait{.fd = listener_, .events = POLLIN, .revents = 0};
    if (poll(&wait, 1, kPatienceMilliseconds) != 1) return false;
    connection_ = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    return connection_ >= 0;
  }

  void hang_up() {
    if (connection_ >= 0) close(std::exchange(connection_, -1));
    pending_.clear();
    events_.clear();
  }

  // The next event of type T; others before it are dropped. None when the channel closes, the
  // connection ends or patience does; closed() may say why.
  template <typename T>
  std::optional<T> wait_for(openflow::Channel& channel) {
    const auto give_up = Clock::now() + std::chrono::milliseconds(kPatienceMilliseconds);
    for (;;) {
      for (auto& event : channel.take_events()) events_.push_back(std::move(event));
      while (!events_.empty()) {
        openflow::Event event = std::move(events_.front());
        events_.erase(events_.begin());
        if (auto* wanted = std::get_if<T>(&event)) return std::move(*wanted);
        if (auto* end = std::get_if<openflow::Closed>(&event)) closed_ = end->reason;
      }
      if (!closed_.empty() || Clock::now() >= give_up || !pump(channel)) return std::nullopt;
    }
  }

  const std::string& closed() const { return closed_; }

 private:
  static constexpr int kPatienceMilliseconds = 20'000;
  static constexpr int kTurnMilliseconds = 100;

  // One turn of what a reactor does.
  bool pump(openflow::Channel& channel) {
    if (pending_.empty()) pending_ = channel.take_output();
    const auto wanted = static_cast<short>(pending_.empty() ? POLLIN : POLLIN | POLLOUT);
    pollfd wait{.fd = connection_, .events = wanted, .revents = 0};
    poll(&wait, 1, kTurnMilliseconds);
    if ((wait.revents & POLLIN) != 0) {
      std::array<std::byte, 65536> buffer{};
      const ssize_t got = recv(connection_, buffer.data(), buffer.size(), 0);
      if (got <= 0) return false;
      channel.feed(std::span(buffer).first(static_cast<std::size_t>(got)), Clock::now());
    }
    if ((wait.revents & POLLOUT) != 0) {
      const ssize_t put = send(connection_, pending_.data(), pending_.size(), MSG_NOSIGNAL);
      if (put <= 0) return false;
      pending_.erase(pending_.begin(), pending_.begin() + put);
    }
    channel.tick(Clock::now());
    return (wait.revents & (POLLERR | POLLNVAL)) == 0;
  }

  int listener_ = -1;
  int connection_ = -1;
  std::vector<std::byte> pending_;
  std::vector<openflow::Event> events_;
  std::string closed_;
};

}  // namespace fabrix::tests
