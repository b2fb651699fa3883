#include "policy/vocabulary.h"

#include <algorithm>
#include <array>
#include <utility>

namespace fabrix::policy {
namespace {

using enum net::Field;

constexpr FieldWord kInPortWord{"inport", FieldKind::kNumber, kInPort, false};
constexpr FieldWord kSrcMacWord{"srcmac", FieldKind::kMac, kSrcMac, false};
constexpr FieldWord kDstMacWord{"dstmac", FieldKind::kMac, kDstMac, false};
constexpr FieldWord kEthTypeWord{"ethtype", FieldKind::kNumber, kEthType, false};
constexpr FieldWord kVlanIdWord{"vlan_id", FieldKind::kNumber, kVlanId, false};
constexpr FieldWord kVlanPcpWord{"vlan_pcp", FieldKind::kNumber, kVlanPcp, false};
constexpr FieldWord kProtocolWord{"protocol", FieldKind::kNumber, kProtocol, false};
constexpr FieldWord kDscpWord{"dscp", FieldKind::kNumber, kDscp, true};
constexpr FieldWord kSrcIpWord{"srcip", FieldKind::kAddress, kSrcIp4, true};
constexpr FieldWord kDstIpWord{"dstip", FieldKind::kAddress, kDstIp4, true};
constexpr FieldWord kSrcPortWord{"srcport", FieldKind::kNumber, kSrcPort, true};
constexpr FieldWord kDstPortWord{"dstport", FieldKind::kNumber, kDstPort, true};
constexpr FieldWord kTcpFlagsWord{"tcp_flags", FieldKind::kNumber, kTcpFlags, false};
constexpr FieldWord kIcmpTypeWord{"icmp_type", FieldKind::kNumber, kIcmpType, false};
constexpr FieldWord kIcmpCodeWord{"icmp_code", FieldKind::kNumber, kIcmpCode, false};

struct Spelling {
  std::string_view name;
  FieldWord word;
};

// The names of POLICY and Pyretic first, then those of Faucet and of Open vSwitch.
constexpr std::array kSpellings{
    Spelling{"inport", kInPortWord},      Spelling{"srcmac", kSrcMacWord},
    Spelling{"dstmac", kDstMacWord},      Spelling{"ethtype", kEthTypeWord},
    Spelling{"vlan_id", kVlanIdWord},     Spelling{"vlan_pcp", kVlanPcpWord},
    Spelling{"protocol", kProtocolWord},  Spelling{"dscp", kDscpWord},
    Spelling{"srcip", kSrcIpWord},        Spelling{"dstip", kDstIpWord},
    Spelling{"srcport", kSrcPortWord},    Spelling{"dstport", kDstPortWord},
    Spelling{"tcp_flags", kTcpFlagsWord}, Spelling{"icmp_type", kIcmpTypeWord},
    Spelling{"icmp_code", kIcmpCodeWord}, Spelling{"ip_proto", kProtocolWord},
    Spelling{"ip_dscp", kDscpWord},       Spelling{"in_port", kInPortWord},
    Spelling{"eth_src", kSrcMacWord},     Spelling{"eth_dst", kDstMacWord},
    Spelling{"eth_type", kEthTypeWord},   Spelling{"vlan_vid", kVlanIdWord},
    Spelling{"ipv4_src", kSrcIpWord},     Spelling{"ipv4_dst", kDstIpWord},
    Spelling{"ipv6_src", kSrcIpWord},     Spelling{"ipv6_dst", kDstIpWord},
    Spelling{"tcp_src", kSrcPortWord},    Spelling{"tcp_dst", kDstPortWord},
    Spelling{"udp_src", kSrcPortWord},    Spelling{"udp_dst", kDstPortWord},
    Spelling{"nw_src", kSrcIpWord},       Spelling{"nw_dst", kDstIpWord},
    Spelling{"nw_proto", kProtocolWord},  Spelling{"tp_src", kSrcPortWord},
    Spelling{"tp_dst", kDstPortWord},
};

constexpr auto kFieldNames = [] {
  std::array<std::string_view, kSpellings.size()> names;
  for (std::size_t i = 0; i < names.size(); ++i) names[i] = kSpellings[i].name;
  return names;
}();

struct NamedValue {
  net::Field field = kProtocol;
  std::string_view name;
  std::uint64_t value = 0;
};

// Protocols and ether types: IANA; flags: RFC 9293 3.1, from the low bit; expedited forwarding: RFC
// 3246.
constexpr std::array kNamedValues{
    NamedValue{kProtocol, "tcp", 6},      NamedValue{kProtocol, "udp", 17},
    NamedValue{kProtocol, "icmp", 1},     NamedValue{kProtocol, "icmp6", 58},
    NamedValue{kProtocol, "icmpv6", 58},  NamedValue{kProtocol, "sctp", 132},
    NamedValue{kProtocol, "igmp", 2},     NamedValue{kProtocol, "gre", 47},
    NamedValue{kProtocol, "esp", 50},     NamedValue{kProtocol, "ah", 51},
    NamedValue{kProtocol, "ospf", 89},    NamedValue{kEthType, "ipv4", 0x0800},
    NamedValue{kEthType, "ip", 0x0800},   NamedValue{kEthType, "arp", 0x0806},
    NamedValue{kEthType, "ipv6", 0x86dd}, NamedValue{kTcpFlags, "fin", 1},
    NamedValue{kTcpFlags, "syn", 2},      NamedValue{kTcpFlags, "rst", 4},
    NamedValue{kTcpFlags, "psh", 8},      NamedValue{kTcpFlags, "ack", 16},
    NamedValue{kTcpFlags, "urg", 32},     NamedValue{kDscp, "ef", 46},
};

constexpr std::array<std::string_view, 50> kBuiltins{
    "match",        "invariant",  "never",
    "always",       "isolated",   "match_prefixes_set",
    "dst_in",       "src_in",     "announced_by",
    "from",         "fwd",        "xfwd",
    "sdx.fwd",      "drop",       "modify",
    "mod",          "identity",   "passthrough",
    "true",         "false",      "none",
    "all_packets",  "no_packets", "if_",
    "parallel",     "sequential", "union",
    "intersection", "prefixes",   "set",
    "not",          "else",       "bgp_get_announced_routes",
    "in_state",     "event",      "fsm",
    "bgp",          "mark",       "police",
    "mirror",       "multicast",  "count_packets",
    "count_bytes",  "rib",        "src_rib",
    "best_via",     "balance",    "via",
    "packets",      "chain"};

constexpr Interval exactly(std::uint64_t value) {
  return {value, value};
}

FieldTest is_ip() {
  return {kEthType, {exactly(net::kEthTypeIpv4), exactly(net::kEthTypeIpv6)}};
}

template <std::size_t Size>
bool contains(const std::array<std::string_view, Size>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

}  // namespace

std::string lower_case(std::string_view text) {
  std::string result(text);
  for (char& letter : result) {
    if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
  }
  return result;
}

std::optional<FieldWord> find_field(std::string_view name) {
  const std::string lower = lower_case(name);
  const auto* const found =
      std::find_if(kSpellings.begin(), kSpellings.end(),
                   [&lower](const Spelling& each) { return each.name == lower; });
  if (found == kSpellings.end()) return std::nullopt;
  return found->word;
}

std::span<const std::string_view> field_names() {
  return kFieldNames;
}

std::vector<FieldTest> prerequisites(net::Field field) {
  switch (field) {
    case kVlanPcp:
      return {{kVlanId, {{1, net::max_value(kVlanId)}}}};
    case kProtocol:
    case kDscp:
      return {is_ip()};
    case kSrcIp4:
    case kDstIp4:
      return {{kEthType, {exactly(net::kEthTypeIpv4)}}};
    case kSrcIp6High:
    case kSrcIp6Low:
    case kDstIp6High:
    case kDstIp6Low:
      return {{kEthType, {exactly(net::kEthTypeIpv6)}}};
    case kSrcPort:
    case kDstPort:
      return {
          is_ip(),
          {kProtocol,
           {exactly(net::kProtocolTcp), exactly(net::kProtocolUdp), exactly(net::kProtocolSctp)}}};
    case kTcpFlags:
      return {is_ip(), {kProtocol, {exactly(net::kProtocolTcp)}}};
    case kIcmpType:
    case kIcmpCode:
      return {is_ip(), {kProtocol, {exactly(net::kProtocolIcmp), exactly(net::kProtocolIcmpv6)}}};
    default:
      return {};
  }
}

std::optional<std::uint64_t> named_value(net::Field field, std::string_view name) {
  const std::string lower = lower_case(name);
  for (const NamedValue& each : kNamedValues) {
    if (each.field == field && each.name == lower) return each.value;
  }
  return std::nullopt;
}

std::vector<std::string> value_names(net::Field field) {
  std::vector<std::string> names;
  for (const NamedValue& each : kNamedValues) {
    if (each.field == field) names.emplace_back(each.name);
  }
  return names;
}

bool is_builtin(std::string_view word) {
  return contains(kBuiltins, word);
}

std::span<const std::string_view> builtin_names() {
  return kBuiltins;
}

}  // namespace fabrix::policy
