// A flow definition that IPFIX can say, and a record of it.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include <fmt/format.h>

#include "exports/ipfix_template.h"

namespace fabrix::exports {

inline telemetry::FlowSpec five_tuple_spec() {
  return {.keys =
              "ipsource,ipdestination,ipprotocol,or:tcpsourceport:udpsourceport,"
              "or:tcpdestinationport:udpdestinationport",
          .value = "bytes"};
}

inline telemetry::FlowRecord five_tuple_record() {
  return {.id = 0,
          .name = "five",
          .key = "10.0.0.1,10.0.0.2,17,53,1234",
          .value = 701'000,
          .start = std::chrono::milliseconds(1'700'000'000'000),
          .end = std::chrono::milliseconds(1'700'000'012'345),
          .source = {net::IpAddress::v4({192, 0, 2, 1}), {0, 37}},
          .values = {},
          .octets = 701'000,
          .frames = 1000};
}

inline std::string hex(std::span<const std::byte> octets) {
  std::string text;
  for (const std::byte octet : octets) text += fmt::format("{:02x}", std::to_integer<int>(octet));
  return text;
}

}  // namespace fabrix::exports
