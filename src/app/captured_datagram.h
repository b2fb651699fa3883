// The UDP datagram that a captured packet carries, if it carries a whole one.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "capture/capture_reader.h"
#include "net/ip_address.h"
#include "sflow/xdr.h"

namespace fabrix::app {

struct CapturedDatagram {
  std::chrono::nanoseconds time{};
  net::IpAddress source = net::IpAddress::unspecified(net::Family::kIpv4);
  std::uint16_t destination_port = 0;
  // Shorter than sent if the capture cut the packet off.
  sflow::Bytes octets;
};

// None for what is no UDP over IPv4 or IPv6, of a link type that is not known, or a fragment.
std::optional<CapturedDatagram> captured_datagram(const capture::CapturedPacket& packet);

}  // namespace fabrix::app
