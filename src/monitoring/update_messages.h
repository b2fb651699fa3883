// Routes and changes as UPDATE messages: what BMP carries and MRT records.
//
//   RFC 7854 §5     four-octet AS numbers whatever the peer speaks
//   RFC 6396 §4.4.3 the same
//   RFC 8654        a message larger than 4096 octets only where a single route needs it
//   RFC 8950        IPv4 routes with IPv6 next hops
//
// Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/byte_writer.h"
#include "bgp/path_attributes.h"
#include "net/ip_address.h"
#include "net/prefix.h"

namespace fabrix::monitoring {

// Whole messages, back to back in one buffer.
class UpdateMessages {
 public:
  // Adds the announcement of `prefixes`, which are of one family. False, and nothing is added, if
  // no message can say it.
  bool announce(const bgp::PathAttributes& attributes, const net::IpAddress& next_hop,
                std::span<const net::Prefix> prefixes);

  void withdraw(std::span<const net::Prefix> prefixes);

  void end_of_rib(net::Family family);

  // One span a message, good until the next call that adds.
  std::vector<std::span<const std::byte>> messages() const;

 private:
  ByteWriter octets_;
};

}  // namespace fabrix::monitoring
