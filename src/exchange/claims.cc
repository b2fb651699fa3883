#include "exchange/claims.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include <fmt/format.h>

#include "exchange/interfaces.h"
#include "net/address_bits.h"

namespace fabrix::exchange {
namespace {

// Shorter than this, a range has room for some next hops: /30 and /126.
constexpr unsigned kSpareRangeBits = 2;

const Located<net::Prefix>* covering(const LocatedPrefixes& blocks, const auto& what) {
  const auto found = std::find_if(blocks.begin(), blocks.end(),
                                  [&](const auto& block) { return block.value.contains(what); });
  return found == blocks.end() ? nullptr : &*found;
}

std::string list_of(const LocatedPrefixes& blocks) {
  std::string text;
  for (const auto& block : blocks) {
    if (!text.empty()) text += ", ";
    text += block.value.to_string();
  }
  return text;
}

// RFC 1122 §3.2.1.3: the first and the last address of an IPv4 network are no host's. RFC 3021
// excepts links of two.
bool is_network_or_broadcast(const net::IpAddress& address, const net::Prefix& network) {
  if (address.family() != net::Family::kIpv4 || network.length() >= 31) return false;
  const std::uint64_t hosts = 0xffffffffU >> network.length();
  const std::uint64_t host = net::AddressBits::of(address).high >> 32U & hosts;
  return host == 0 || host == hosts;
}

}  // namespace

template <typename Key>
void Claims::claim(Table<Key>& table, const Key& key, Claim by, const Wording& wording) {
  const SourceSpan at = by.at;
  const auto [first, is_new] = table.try_emplace(key, std::move(by));
  if (is_new) return;
  reader_.error(at, wording.code,
                fmt::format("{} is already that of {} (line {})", wording.text, first->second.owner,
                            first->second.at.line));
}

void Claims::name(const std::string& name, const SourceSpan& at, std::string_view owner) {
  claim(names_, name, {std::string(owner), at}, {"C0121", fmt::format("the name '{}'", name)});
}

void Claims::mac(net::MacAddress mac, const SourceSpan& at, std::string_view owner) {
  claim(macs_, mac, {std::string(owner), at},
        {"C0124", fmt::format("the MAC address {}", mac.to_string())});
}

void Claims::port(net::PortNo port, const SourceSpan& at, std::string_view owner) {
  claim(ports_, port, {std::string(owner), at}, {"C0125", fmt::format("port {}", port.value)});
}

void Claims::interface(const std::string& name, const SourceSpan& at, std::string_view owner) {
  claim(interfaces_, name, {std::string(owner), at},
        {"C0143", fmt::format("the interface '{}'", name)});
}

void Claims::address(const net::IpAddress& address, const SourceSpan& at, std::string_view owner) {
  claim(addresses_, address, {std::string(owner), at},
        {"C0126", fmt::format("the address {}", address.to_string())});
}

void Claims::check_interfaces(const Exchange& exchange) {
  check_interface(exchange.route_server.port, exchange.route_server.interface, exchange.fabric);
  for (const Router& router : exchange.routers) {
    check_interface(router.port, router.interface, exchange.fabric);
  }
}

void Claims::check_interface(net::PortNo port, const std::string& interface,
                             const FabricSite& fabric) {
  const auto by = ports_.find(port);
  if (!interface.empty() || by == ports_.end()) return;
  if (!fabric.interfaces.empty()) {
    this->interface(interface_name(fabric.interfaces, port), by->second.at, by->second.owner);
  } else if (fabric.type == FabricType::kLinux) {
    reader_.error(by->second.at, "C0142",
                  fmt::format("port {} of {} has no interface", port.value, by->second.owner),
                  "on a Linux fabric a port is an interface of this machine: write 'interface:' "
                  "beside it, or 'interfaces:' in 'fabric'");
  }
}

void Claims::check_switches(const Topology& topology) {
  if (topology.switches.empty()) return;
  for (const auto& [port, claim] : ports_) {
    if (switch_of(topology, port)) continue;
    reader_.error(claim.at, "C0156",
                  fmt::format("port {} of {} is at no switch", port.value, claim.owner),
                  "write it among the 'ports' of one of the 'switches' in 'fabric'");
  }
}

void Claims::check_lan(const LocatedPrefixes& lan, const LocatedPrefixes& ranges) {
  check_overlaps(lan, "C0131");
  check_overlaps(ranges, "C0134");
  for (const auto& range : ranges) check_range(range, lan);
  for (const auto& [address, claim] : addresses_) {
    check_address(address, claim.at, lan);
    const auto* const range = covering(ranges, address);
    if (range == nullptr) continue;
    reader_.error(claim.at, "C0135",
                  fmt::format("{} lies in the virtual next hops {} (line {})", address.to_string(),
                              range->value.to_string(), range->at.line),
                  "no router and no route server may have an address there");
  }
}

void Claims::check_address(const net::IpAddress& address, const SourceSpan& at,
                           const LocatedPrefixes& lan) {
  const auto* const network = covering(lan, address);
  if (network == nullptr) {
    reader_.error(at, "C0127", fmt::format("{} is not on the peering LAN", address.to_string()),
                  fmt::format("the LAN is {}", list_of(lan)));
  } else if (is_network_or_broadcast(address, network->value)) {
    reader_.error(at, "C0128",
                  fmt::format("{} is the network or broadcast address of {}", address.to_string(),
                              network->value.to_string()));
  }
}

void Claims::check_range(const Located<net::Prefix>& range, const LocatedPrefixes& lan) {
  const net::Prefix& prefix = range.value;
  const unsigned longest = net::width_of(prefix.family()) - kSpareRangeBits;
  if (covering(lan, prefix) == nullptr) {
    reader_.error(
        range.at, "C0132",
        fmt::format("the virtual next hops {} are not inside the peering LAN", prefix.to_string()),
        fmt::format("the LAN is {}", list_of(lan)));
  }
  if (prefix.length() > longest) {
    reader_.error(range.at, "C0133",
                  fmt::format("the virtual next hops {} are too few", prefix.to_string()),
                  fmt::format("a range is a /{} or larger", longest));
  }
}

void Claims::check_overlaps(const LocatedPrefixes& blocks, std::string_view code) {
  for (auto later = blocks.begin(); later != blocks.end(); ++later) {
    const auto first = std::find_if(blocks.begin(), later, [&](const auto& block) {
      return block.value.contains(later->value) || later->value.contains(block.value);
    });
    if (first == later) continue;
    reader_.error(later->at, code,
                  fmt::format("{} overlaps {} (line {})", later->value.to_string(),
                              first->value.to_string(), first->at.line));
  }
}

}  // namespace fabrix::exchange
