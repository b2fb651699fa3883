#include "telemetry/layer_field.h"

#include <array>

namespace fabrix::telemetry {
namespace {

using enum sflow::LayerKind;

constexpr LayerField mac(std::string_view name, sflow::LayerKind layer, std::uint8_t offset) {
  return {name, layer, offset, width_of(OctetForm::kMac), 0, 0, OctetForm::kMac};
}

constexpr LayerField ipv4(std::string_view name, sflow::LayerKind layer, std::uint8_t offset) {
  return {name, layer, offset, width_of(OctetForm::kIpv4), 0, 0, OctetForm::kIpv4};
}

constexpr LayerField ipv6(std::string_view name, std::uint8_t offset) {
  return {name, kIpv6, offset, width_of(OctetForm::kIpv6), 0, 0, OctetForm::kIpv6};
}

// IEEE 802.3 §3.1.1, RFC 791 §3.1, RFC 8200 §3, RFC 9293 §3.1, RFC 768, RFC 792, RFC 4443 §2.1, RFC
// 1035 §4.1.1, RFC 826, IEEE 802.1Q §9.6, RFC 3032 §2.1, RFC 7348 §5, RFC 8926 §3.4, RFC 9260 §3.1.
constexpr std::array kFields{
    mac("macsource", kEthernet, 6),
    mac("macdestination", kEthernet, 0),
    LayerField{"priority", kVlan, 0, 1, 5},
    LayerField{"mplslabel", kMpls, 0, 3, 4},
    LayerField{"arpoperation", kArp, 6, 2},
    mac("arpmacsender", kArp, 8),
    ipv4("arpipsender", kArp, 14),
    mac("arpmactarget", kArp, 18),
    ipv4("arpiptarget", kArp, 24),
    ipv4("ipsource", kIpv4, 12),
    ipv4("ipdestination", kIpv4, 16),
    LayerField{"ipprotocol", kIpv4, 9},
    LayerField{"ipttl", kIpv4, 8},
    LayerField{"iptos", kIpv4, 1},
    LayerField{"ipdscp", kIpv4, 1, 1, 2},
    LayerField{"ipbytes", kIpv4, 2, 2},
    LayerField{"ipid", kIpv4, 4, 2},
    LayerField{"ipfragoffset", kIpv4, 6, 2, 0, 0x1fff},
    ipv6("ip6source", 8),
    ipv6("ip6destination", 24),
    LayerField{"ip6bytes", kIpv6, 4, 2},
    LayerField{"ip6tos", kIpv6, 0, 2, 4, 0xff},
    LayerField{"ip6dscp", kIpv6, 0, 2, 6, 0x3f},
    LayerField{"ip6ttl", kIpv6, 7},
    LayerField{"ip6flowlabel", kIpv6, 0, 4, 0, 0xfffff},
    LayerField{"ip6fragoffset", kIpv6Fragment, 2, 2, 3},
    LayerField{"tcpsourceport", kTcp, 0, 2},
    LayerField{"tcpdestinationport", kTcp, 2, 2},
    LayerField{"tcpseqno", kTcp, 4, 4},
    LayerField{"tcpackno", kTcp, 8, 4},
    LayerField{"tcpoffset", kTcp, 12, 1, 4},
    LayerField{"tcpwindow", kTcp, 14, 2},
    LayerField{"udpsourceport", kUdp, 0, 2},
    LayerField{"udpdestinationport", kUdp, 2, 2},
    LayerField{"udpbytes", kUdp, 4, 2},
    LayerField{"sctpsourceport", kSctp, 0, 2},
    LayerField{"sctpdestinationport", kSctp, 2, 2},
    LayerField{"icmptype", kIcmp, 0},
    LayerField{"icmpcode", kIcmp, 1},
    LayerField{"icmpseqno", kIcmp, 6, 2},
    LayerField{"icmp6type", kIcmp6, 0},
    LayerField{"icmp6code", kIcmp6, 1},
    LayerField{"vxlanvni", kVxlan, 4, 3},
    LayerField{"genevevni", kGeneve, 4, 3},
    LayerField{"dnsid", kDns, 0, 2},
    LayerField{"dnsopcode", kDns, 2, 1, 3, 15},
    LayerField{"dnsz", kDns, 3, 1, 4, 7},
    LayerField{"dnsrcode", kDns, 3, 1, 0, 15},
    LayerField{"dnsqdcount", kDns, 4, 2},
    LayerField{"dnsancount", kDns, 6, 2},
    LayerField{"dnsnscount", kDns, 8, 2},
    LayerField{"dnsarcount", kDns, 10, 2},
};

}  // namespace

std::span<const LayerField> layer_fields() {
  return kFields;
}

}  // namespace fabrix::telemetry
