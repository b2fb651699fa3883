// Link probes: what is sent out of a link's port to see where it comes out.
//
//   IEEE 802.1AB-2016 §8 (LLDPDU), §8.5.2 chassis id, §8.5.3 port id, both "locally assigned"
//
// A frame to the nearest bridge's address that says which switch sent it (its datapath id, as 16
// hexadecimal digits) and by which port (decimal). Read from arbitrary octets. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "net/ids.h"

namespace fabrix::fabric {

struct LinkProbe {
  std::uint64_t datapath_id = 0;
  net::PortNo port;  // the switch's own number

  friend bool operator==(const LinkProbe&, const LinkProbe&) = default;
};

inline constexpr std::uint64_t kProbeSender = 0x02fab0000000;  // a locally administered address

std::vector<std::byte> encode_probe(const LinkProbe& probe);
// None: it is no probe of ours.
std::optional<LinkProbe> decode_probe(std::span<const std::byte> frame);

}  // namespace fabrix::fabric
