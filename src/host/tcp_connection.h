// The TCP connection that a sampled packet is of, seen from this host, and what the kernel knows of
// it as a record of sFlow.
//
//   sFlow TCP information (sflow.org/sflow_tcp.txt): extended_tcp_info; tcp(7), TCP_INFO
//
// Pure; any octets; fuzzed in fuzz/host/host_records_fuzz.cc.
#pragma once

#include <cstdint>
#include <optional>

#include "net/ip_address.h"
#include "sflow/agent.h"

namespace fabrix::host {

enum class Way : std::uint8_t { kReceived = 1, kSent = 2 };  // as the record has it

struct TcpConnection {
  net::IpAddress local = net::IpAddress::unspecified(net::Family::kIpv4);
  net::IpAddress remote = net::IpAddress::unspecified(net::Family::kIpv4);
  std::uint16_t local_port = 0;
  std::uint16_t remote_port = 0;

  friend bool operator==(const TcpConnection&, const TcpConnection&) = default;
};

// None: the header is of something else, is cut off too early, or is in a tunnel.
std::optional<TcpConnection> connection_of(sflow::HeaderProtocol protocol, sflow::Bytes header,
                                           Way way);

struct TcpState {
  std::uint32_t send_mss = 0;
  std::uint32_t receive_mss = 0;
  std::uint32_t unacknowledged = 0;
  std::uint32_t lost = 0;
  std::uint32_t retransmitted = 0;  // since the connection began
  std::uint32_t path_mtu = 0;
  std::uint32_t rtt_us = 0;
  std::uint32_t rtt_variance_us = 0;
  std::uint32_t congestion_window = 0;
  std::uint32_t reordering = 0;
  std::uint32_t least_rtt_us = 0;
};
sflow::Record tcp_record(const TcpState& state, Way way);

}  // namespace fabrix::host
