#include "agent/tcp_lookup.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <span>
#include <vector>

#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <linux/tcp.h>
#include <sys/socket.h>

#include "io/netlink_codec.h"

namespace fabrix::agent {
namespace {

// Of the kernel's enum in net/tcp_states.h, which has no header for users: those in which there is
// something to tell.
constexpr std::uint8_t kEstablished = 1;
constexpr std::uint8_t kFinWait1 = 4;
constexpr std::uint8_t kFinWait2 = 5;
constexpr std::uint8_t kCloseWait = 8;
constexpr std::uint8_t kLastAck = 9;
constexpr std::uint8_t kClosing = 11;

bool is_told(std::uint8_t state) {
  static constexpr std::array kTold{kEstablished, kFinWait1, kFinWait2,
                                    kCloseWait,   kLastAck,  kClosing};
  return std::ranges::find(kTold, state) != kTold.end();
}

inet_diag_req_v2 question(const host::TcpConnection& connection, std::uint32_t interface) {
  inet_diag_req_v2 request{};
  const bool is_v4 = connection.local.family() == net::Family::kIpv4;
  request.sdiag_family = is_v4 ? AF_INET : AF_INET6;
  request.sdiag_protocol = IPPROTO_TCP;
  request.idiag_ext = 1U << (INET_DIAG_INFO - 1U);
  request.idiag_states = 0xffffffff;
  request.id.idiag_sport = htons(connection.local_port);
  request.id.idiag_dport = htons(connection.remote_port);
  const auto local = connection.local.octets();
  const auto remote = connection.remote.octets();
  std::memcpy(&request.id.idiag_src[0], local.data(), local.size());
  std::memcpy(&request.id.idiag_dst[0], remote.data(), remote.size());
  request.id.idiag_if = interface;
  request.id.idiag_cookie[0] = INET_DIAG_NOCOOKIE;
  request.id.idiag_cookie[1] = INET_DIAG_NOCOOKIE;
  return request;
}

std::optional<host::TcpState> answer_in(const io::NetlinkMessage& message) {
  const auto fixed = message.fixed<inet_diag_msg>();
  if (message.type != SOCK_DIAG_BY_FAMILY || !fixed || !is_told(fixed->idiag_state)) {
    return std::nullopt;
  }
  const auto attributes = message.attributes(sizeof(inet_diag_msg));
  const io::NetlinkAttribute* const found = find_attribute(attributes, INET_DIAG_INFO);
  if (found == nullptr) return std::nullopt;
  tcp_info info{};
  // Kernels differ in how much of the structure they have.
  std::memcpy(&info, found->value.data(), std::min(sizeof(info), found->value.size()));
  return host::TcpState{.send_mss = info.tcpi_snd_mss,
                        .receive_mss = info.tcpi_rcv_mss,
                        .unacknowledged = info.tcpi_unacked,
                        .lost = info.tcpi_lost,
                        .retransmitted = info.tcpi_total_retrans,
                        .path_mtu = info.tcpi_pmtu,
                        .rtt_us = info.tcpi_rtt,
                        .rtt_variance_us = info.tcpi_rttvar,
                        .congestion_window = info.tcpi_snd_cwnd,
                        .reordering = info.tcpi_reordering,
                        .least_rtt_us = info.tcpi_min_rtt};
}

}  // namespace

Result<TcpLookup> TcpLookup::open() {
  io::FileDescriptor socket(
      ::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_SOCK_DIAG));
  if (!socket.valid()) return fail(io::errno_error("socket for TCP's state"));
  return TcpLookup(std::move(socket));
}

std::optional<host::TcpState> TcpLookup::find(const host::TcpConnection& connection,
                                              std::uint32_t interface) {
  io::NetlinkWriter message(SOCK_DIAG_BY_FAMILY);
  message.fixed(question(connection, interface));
  const auto request = message.finish(++sequence_, 0);
  if (send(socket_.get(), request.data(), request.size(), 0) < 0) return std::nullopt;
  std::array<std::byte, 4096> buffer{};
  for (;;) {
    const ssize_t size = recv(socket_.get(), buffer.data(), buffer.size(), 0);
    if (size <= 0) return std::nullopt;
    const auto datagram = std::span(buffer).first(static_cast<std::size_t>(size));
    for (const io::NetlinkMessage& answer : io::read_messages(datagram)) {
      if (answer.sequence == sequence_) return answer_in(answer);
    }
  }
}

}  // namespace fabrix::agent
