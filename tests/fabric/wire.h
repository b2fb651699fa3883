// Wire: frames in and out of a device of a network namespace, as a host sends and receives them.
// For tests; needs CAP_NET_RAW and CAP_SYS_ADMIN. One thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
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
      const int yes = 1;
      setsockopt(socket_, SOL_PACKET, PACKET_AUXDATA, &yes, sizeof yes);
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

  // The next frame that comes; none in time. A tag that the kernel has taken off is on it again.
  std::optional<Frame> take() const {
    pollfd wait{.fd = socket_, .events = POLLIN, .revents = 0};
    if (poll(&wait, 1, kPatienceMilliseconds) != 1) return std::nullopt;
    Frame frame(size_t{65'536});
    alignas(cmsghdr) std::array<std::byte, CMSG_SPACE(sizeof(tpacket_auxdata))> beside{};
    iovec octets{.iov_base = frame.data(), .iov_len = frame.size()};
    msghdr message{};
    message.msg_iov = &octets;
    message.msg_iovlen = 1;
    message.msg_control = beside.data();
    message.msg_controllen = beside.size();
    const ssize_t got = recvmsg(socket_, &message, 0);
    if (got < 0) return std::nullopt;
    frame.resize(static_cast<std::size_t>(got));
    put_tag_back(message, frame);
    return frame;
  }

 private:
  static void put_tag_back(const msghdr& message, Frame& frame) {
    const cmsghdr* const head = CMSG_FIRSTHDR(&message);
    if (head == nullptr || head->cmsg_level != SOL_PACKET) return;
    tpacket_auxdata beside{};
    std::memcpy(&beside, CMSG_DATA(head), sizeof beside);
    if ((beside.tp_status & TP_STATUS_VLAN_VALID) == 0) return;
    const auto high = [](std::uint16_t value) { return static_cast<std::byte>(value >> 8U); };
    const auto low = [](std::uint16_t value) { return static_cast<std::byte>(value & 0xffU); };
    const std::array tag{high(beside.tp_vlan_tpid), low(beside.tp_vlan_tpid),
                         high(beside.tp_vlan_tci), low(beside.tp_vlan_tci)};
    constexpr std::ptrdiff_t kBehindAddresses = 12;
    frame.insert(frame.begin() + kBehindAddresses, tag.begin(), tag.end());
  }

  static constexpr std::uint16_t kEveryProtocol = 0x0003;  // ETH_P_ALL
  static constexpr int kPatienceMilliseconds = 10'000;
  int socket_ = -1;
};

}  // namespace fabrix::tests
