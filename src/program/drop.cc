#include "program/drop.h"

#include <utility>

#include "program/tag.h"

namespace fabrix::program {
namespace {

constexpr std::uint64_t kDropBit = std::uint64_t{1} << 63U;
constexpr unsigned kReasonShift = 32;
constexpr std::uint32_t kLimitsPerPort = 2;

Meter port_meter(std::uint32_t place, std::uint64_t pps, const PortDrop& drop) {
  return {.id = kFirstPortMeter + place, .kbps = 0, .pps = pps, .counter = drop_counter(drop)};
}

struct Words {
  std::string_view name;
  std::string_view text;
};

constexpr std::array<Words, kDropReasonCount> kWords{{
    {"source-mac", "the source MAC is not the one registered on the port"},
    {"tagged", "not tagged (802.1Q) as the port is"},
    {"ethertype", "not IPv4, IPv6 or ARP"},
    {"link-control", "link control (STP, LACP, LLDP, CDP)"},
    {"broadcast", "broadcast other than ARP"},
    {"multicast", "multicast other than neighbour discovery"},
    {"router-discovery", "router solicitation, router advertisement or redirect"},
    {"dhcp", "DHCP"},
    {"arp-spoof", "ARP not of the assigned MAC and address"},
    {"nd-spoof", "neighbour discovery not of the assigned address"},
    {"source-address", "a peering LAN address that is not the sender's"},
    {"middlebox", "control traffic from a middlebox port"},
    {"unknown-destination", "a destination that nobody has"},
    {"sponge", "for an address that nobody has, and Fabrix answers for"},
    {"storm", "ARP and neighbour discovery beyond the port's limit"},
    {"punt-limit", "questions to Fabrix beyond the port's limit"},
    {"quarantine", "the port is in quarantine"},
    {"shutdown", "the port is shut down"},
    {"unannounced", "from an address that the member does not announce"},
    {"unannounced-passed", "let in, from an address that the member does not announce"},
}};

}  // namespace

std::string_view name_of(DropReason reason) {
  return kWords.at(static_cast<std::size_t>(reason)).name;
}

std::string_view describe(DropReason reason) {
  return kWords.at(static_cast<std::size_t>(reason)).text;
}

std::uint64_t drop_counter(const PortDrop& drop) {
  return kDropBit | std::uint64_t{static_cast<std::uint8_t>(drop.reason)} << kReasonShift |
         drop.port.value;
}

std::optional<PortDrop> drop_of(std::uint64_t counter) {
  if ((counter & kDropBit) == 0) return std::nullopt;
  const std::uint64_t reason = (counter & ~kDropBit) >> kReasonShift;
  if (reason >= kDropReasonCount) return std::nullopt;
  return PortDrop{.port = net::PortNo{static_cast<std::uint32_t>(counter)},
                  .reason = static_cast<DropReason>(reason)};
}

Row drop_row(std::uint16_t priority, Match match, const PortDrop& drop) {
  Row row;
  row.priority = priority;
  row.match = std::move(match);
  row.next = Discard{};
  count_as(drop, row);
  return row;
}

void count_as(const PortDrop& drop, Row& row) {
  row.origin = {.kind = Origin::Kind::kDrop,
                .participant = {},
                .clause = static_cast<std::uint32_t>(drop.reason)};
  row.queries = {drop_counter(drop)};
}

net::MacAddress sponge_mac() {
  constexpr std::uint32_t kSponge = 0xa4905e;
  return encode({.kind = TagKind::kControl, .reach = kSponge, .egress = {}});
}

Meter lookup_meter(net::RouterId router, net::PortNo port) {
  return port_meter(router.value * kLimitsPerPort, kLookupsPerSecond, {port, DropReason::kStorm});
}

Meter punt_meter(net::RouterId router, net::PortNo port) {
  return port_meter(router.value * kLimitsPerPort + 1, kPuntsPerSecond,
                    {port, DropReason::kPuntLimit});
}

}  // namespace fabrix::program
