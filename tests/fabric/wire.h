// Wire: frames in and out of a device of a network namespace, as a host sends and receives them.
// For tests; needs CAP_NET_RAW and CAP_SYS_ADMIN. One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

namespace fabrix::tests {

using Frame = std::vector<std::byte>;

class Wire {
 public:
  explicit Wire(const std::string& netns, const std::string& device = "eth0") {
    const int home = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
    const int there = open(("/run/netns/" + netns).c_str(), O_RDONLY | O_CLOEXEC);
    if (there >= 0 && setns(there, CLONE_NEWNET) == 0) {
      socket_ = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
      sockaddr_ll place{};
      place.sll_family = AF_PACKET;
      place.sll_protocol = htons(kEveryProtocol);
      place.sll_ifindex = static_cast<int>(if_nametoindex(device.c_str()));
      // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): the sockets API.
      EXPECT_EQ(bind(socket_, reinterpret_cast<const sockaddr*>(&place), sizeof place), 0);
    }
    setns(home, CLONE_NEWNET);
    close(home);
    if (there >= 0) close(there);
  }
  Wire(const Wire&) = delete;
  Wire(Wire&&) = delete;
  Wire& operator=(const Wire&) = delete;
  Wire& operator=(Wire&&) = delete;
  ~Wire() { close(socket_); }

  bool put(const Frame& frame) const {
    return send(socket_, frame.data(), frame.size(), 0) == static_cast<ssize_t>(frame.size());
  }

  // The next frame that comes; none in time.
  std::optional<Frame> take() const {
    pollfd wait{.fd = socket_, .events = POLLIN, .revents = 0};
    if (poll(&wait, 1, kPatienceMilliseconds) != 1) return std::nullopt;
    Frame frame(size_t{65'536});
    const ssize_t got = recv(socket_, frame.data(), frame.size(), 0);
    if (got < 0) return std::nullopt;
    frame.resize(static_cast<std::size_t>(got));
    return frame;
  }

 private:
  static constexpr std::uint16_t kEveryProtocol = 0x0003;  // ETH_P_ALL
  static constexpr int kPatienceMilliseconds = 10'000;
  int socket_ = -1;
};

}  // namespace fabrix::tests
