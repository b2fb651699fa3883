#include "verify/reason.h"

#include <array>
#include <cstddef>

namespace fabrix::verify {

// In the order of the enumerators.
std::string_view describe(Reason reason) {
  static constexpr std::array<std::string_view, 15> kTexts{
      "delivered",
      "the source MAC is not the one registered on the port",
      "not IPv4, IPv6 or ARP, or tagged, or to a group address",
      "no route announced to the sender covers the destination",
      "dropped by the sender's policy",
      "dropped by the receiver's policy",
      "no port of the receiver is up",
      "the destination belongs to nobody",
      "would go back to the port it came from",
      "answered by Fabrix",
      "a middlebox port gives back what was sent through it, and nothing else",
      "the source address is on the peering LAN and not the sender's",
      "DHCP",
      "the sender's port is in quarantine or shut down",
      "the source address is none that the sender announces",
  };
  return kTexts.at(static_cast<std::size_t>(reason));
}

}  // namespace fabrix::verify
