#include "lab/abuse_frames.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <initializer_list>
#include <span>

#include "base/byte_writer.h"
#include "net/frame.h"
#include "net/packet.h"

namespace fabrix::lab {
namespace {

using net::IpAddress;
using net::MacAddress;
using net::Packet;
using Octets = std::vector<std::byte>;
using Bytes = std::initializer_list<std::uint8_t>;

constexpr std::size_t kLeast = 60;  // IEEE 802.3, without the check sequence
constexpr std::uint8_t kTcp = 6;
constexpr std::uint8_t kUdp = 17;
constexpr std::uint8_t kIcmp6 = 58;
constexpr std::uint64_t kNearestBridge = 0x0180c2000000;
constexpr std::uint64_t kCisco = 0x01000ccccccc;
constexpr std::uint64_t kAllNodes = 0x333300000001;

MacAddress mac(std::uint64_t value) {
  return MacAddress::from_u64(value);
}

IpAddress ip(std::string_view text) {
  return *IpAddress::parse(text);
}

std::array<std::byte, 6> octets_of(MacAddress address) {
  std::array<std::byte, 6> octets{};
  std::ranges::copy(std::as_bytes(std::span(address.octets())), octets.begin());
  return octets;
}

// Ethernet II, or with a length for its type 802.3.
Octets ethernet(MacAddress to, MacAddress from, std::uint16_t type, Bytes payload) {
  ByteWriter out;
  out.bytes(octets_of(to));
  out.bytes(octets_of(from));
  out.u16(type);
  for (const std::uint8_t octet : payload) out.u8(octet);
  Octets frame = out.take();
  frame.resize(std::max(frame.size(), kLeast));
  return frame;
}

Packet packet(MacAddress from, MacAddress to, const IpAddress& source, const IpAddress& target) {
  Packet made;
  made.src_mac = from;
  made.dst_mac = to;
  const bool is_ip4 = source.family() == net::Family::kIpv4;
  made.eth_type = is_ip4 ? net::kEthTypeIpv4 : net::kEthTypeIpv6;
  made.src_ip = source;
  made.dst_ip = target;
  return made;
}

Packet udp(Packet made, std::uint16_t from, std::uint16_t to) {
  made.protocol = kUdp;
  made.src_port = from;
  made.dst_port = to;
  return made;
}

Packet of_protocol(Packet made, std::uint8_t protocol) {
  made.protocol = protocol;
  return made;
}

// What nobody could object to, for what is wrong with it otherwise.
Packet data(const AbuseParties& p) {
  return udp(packet(p.offender.mac, p.victim.mac, p.offender.ip4, p.victim.ip4), 40000, 9);
}

Octets build(const Packet& made) {
  return net::build_frame(made);
}

// --- Frames that are not the member's, or not IP.

Octets from_mac(const AbuseParties& p, MacAddress source) {
  Packet made = data(p);
  made.src_mac = source;
  return build(made);
}

// A frame with these octets between its addresses and its type.
Octets with_tags(const AbuseParties& p, Bytes tags) {
  Octets frame = build(data(p));
  std::vector<std::byte> inserted;
  for (const std::uint8_t octet : tags) inserted.push_back(std::byte{octet});
  frame.insert(frame.begin() + 12, inserted.begin(), inserted.end());
  return frame;
}

Octets to_group(const AbuseParties& p, std::uint64_t group, std::uint16_t type, Bytes payload) {
  return ethernet(mac(group), p.offender.mac, type, payload);
}

// 802.2 with SNAP, of Cisco.
Octets cisco(const AbuseParties& p, std::uint64_t group, std::uint16_t protocol) {
  return to_group(p, group, 46,
                  {0xaa, 0xaa, 0x03, 0x00, 0x00, 0x0c, static_cast<std::uint8_t>(protocol >> 8U),
                   static_cast<std::uint8_t>(protocol & 0xffU), 0x02, 0xb4});
}

Octets to_victim(const AbuseParties& p, std::uint16_t type, Bytes payload) {
  return ethernet(p.victim.mac, p.offender.mac, type, payload);
}

// --- IP to groups and to all.

Octets group4(const AbuseParties& p, std::string_view group, std::uint8_t protocol) {
  const IpAddress to = ip(group);
  const auto octets = to.octets();
  const std::uint64_t low = static_cast<std::uint64_t>(octets[1] & 0x7fU) << 16U |
                            static_cast<std::uint64_t>(octets[2]) << 8U | octets[3];
  return build(
      of_protocol(packet(p.offender.mac, mac(0x01005e000000 | low), p.offender.ip4, to), protocol));
}

Octets group4(const AbuseParties& p, std::string_view group, std::uint16_t from, std::uint16_t to) {
  const IpAddress address = ip(group);
  const std::uint64_t last = address.octets()[3];
  return build(
      udp(packet(p.offender.mac, mac(0x01005e000000 | last), p.offender.ip4, address), from, to));
}

Octets group6(const AbuseParties& p, std::string_view group, std::uint8_t protocol) {
  const IpAddress to = ip(group);
  return build(of_protocol(
      packet(p.offender.mac, mac(0x333300000000 | to.octets()[15]), p.offender.ip6, to), protocol));
}

Octets broadcast(const AbuseParties& p) {
  return build(
      udp(packet(p.offender.mac, MacAddress::broadcast(), p.offender.ip4, ip("255.255.255.255")),
          137, 137));
}

Octets dhcp4(const AbuseParties& p, MacAddress to, const IpAddress& address, std::uint16_t from) {
  const std::uint16_t port = from == 67 ? 68 : 67;
  return build(udp(packet(p.offender.mac, to, p.offender.ip4, address), from, port));
}

Octets dhcp6(const AbuseParties& p, MacAddress to, const IpAddress& address, std::uint16_t from) {
  const std::uint16_t port = from == 547 ? 546 : 547;
  return build(udp(packet(p.offender.mac, to, p.offender.ip6, address), from, port));
}

// --- Address resolution and router discovery.

Octets icmp6(const AbuseParties& p, MacAddress to, const IpAddress& target, std::uint8_t type) {
  Packet made = packet(p.offender.mac, to, p.offender.ip6, target);
  made.protocol = kIcmp6;
  made.icmp_type = type;
  return build(made);
}

// RFC 7113: a router advertisement behind an options header (RFC 8200 4.6).
Octets hidden_advertisement(const AbuseParties& p) {
  Octets frame = icmp6(p, p.victim.mac, p.victim.ip6, 134);
  constexpr std::size_t kNextHeader = 14 + 6;
  constexpr std::size_t kLength = 14 + 5;
  constexpr std::array<std::uint8_t, 8> kOptions{kIcmp6, 0, 1, 4, 0, 0, 0, 0};
  const auto options = std::as_bytes(std::span(kOptions));
  frame.at(kNextHeader) = std::byte{60};
  frame.at(kLength) = static_cast<std::byte>(std::to_integer<std::size_t>(frame.at(kLength)) + 8);
  frame.insert(frame.begin() + 14 + 40, options.begin(), options.end());
  return frame;
}

Octets request(const AbuseParty& as, const IpAddress& target, MacAddress from) {
  Octets frame = net::build_arp_request(as.mac, as.ip4, target);
  std::ranges::copy(octets_of(from), frame.begin() + 6);
  return frame;
}

// That `as` has its MAC: to the victim, or as a gratuitous one to all.
Octets reply(const AbuseParties& p, const IpAddress& as) {
  return net::build_arp_reply(p.offender.mac, as, p.victim.mac, p.victim.ip4);
}

Octets gratuitous(const AbuseParties& p) {
  Octets frame = net::build_arp_reply(p.offender.mac, p.victim.ip4, p.victim.mac, p.victim.ip4);
  std::ranges::copy(octets_of(MacAddress::broadcast()), frame.begin());
  return frame;
}

Octets solicitation(const AbuseParties& p, const IpAddress& as) {
  return net::build_neighbor_solicitation(p.offender.mac, as, p.victim.ip6);
}

Octets advertisement(const AbuseParties& p, const IpAddress& of) {
  return net::build_neighbor_advertisement(p.offender.mac, of, p.victim.mac, p.victim.ip6);
}

Octets advertisement_to_all(const AbuseParties& p) {
  Octets frame = advertisement(p, p.victim.ip6);
  std::ranges::copy(octets_of(mac(kAllNodes)), frame.begin());
  return frame;
}

// --- Addresses that are another's.

Octets from_ip(const AbuseParties& p, const IpAddress& source) {
  const bool is_ip4 = source.family() == net::Family::kIpv4;
  return build(
      udp(packet(p.offender.mac, p.victim.mac, source, is_ip4 ? p.victim.ip4 : p.victim.ip6), 40000,
          9));
}

Octets bgp_as_server(const AbuseParties& p) {
  Packet made = packet(p.offender.mac, p.victim.mac, p.server.ip4, p.victim.ip4);
  made.protocol = kTcp;
  made.src_port = 40000;
  made.dst_port = 179;
  constexpr std::uint16_t kSyn = 2;
  made.tcp_flags = kSyn;
  return build(made);
}

Octets unknown_unicast(const AbuseParties& p) {
  Packet made = data(p);
  made.dst_mac = p.nobody.mac;
  return build(made);
}

struct Kind {
  std::string_view name;
  Octets (*make)(const AbuseParties&);
};

using P = const AbuseParties&;

constexpr std::array kKinds{
    Kind{"foreign-mac", [](P p) { return from_mac(p, p.nobody.mac); }},
    Kind{"stolen-mac", [](P p) { return from_mac(p, p.victim.mac); }},
    Kind{"group-mac", [](P p) { return from_mac(p, mac(0x01005e000005)); }},
    Kind{"vlan",
         [](P p) {
           return with_tags(p, {0x81, 0x00, 0x00, 0x07});
         }},
    Kind{"priority-tag",
         [](P p) {
           return with_tags(p, {0x81, 0x00, 0x00, 0x00});
         }},
    Kind{"priority-7",
         [](P p) {
           return with_tags(p, {0x81, 0x00, 0xe0, 0x00});
         }},
    Kind{"two-tags",
         [](P p) {
           return with_tags(p, {0x81, 0, 0, 7, 0x81, 0, 0, 8});
         }},
    Kind{"hidden-tag",
         [](P p) {
           return with_tags(p, {0x81, 0, 0, 0, 0x81, 0, 0, 8});
         }},
    Kind{"q-in-q",
         [](P p) {
           return with_tags(p, {0x88, 0xa8, 0, 7, 0x81, 0, 0, 8});
         }},
    Kind{"service-tag",
         [](P p) {
           return with_tags(p, {0x88, 0xa8, 0, 0});
         }},
    Kind{"llc",
         [](P p) {
           return to_victim(p, 46, {0xf0, 0xf0, 0x03});
         }},
    Kind{"snap",
         [](P p) {
           return to_victim(p, 46, {0xaa, 0xaa, 3, 0, 0, 0, 0x81, 0x37});
         }},
    Kind{"edp",
         [](P p) {
           return to_group(p, 0x00e02b000000, 46, {0xaa, 0xaa, 3, 0, 0xe0, 0x2b});
         }},
    Kind{"lldp-to-victim",
         [](P p) {
           return to_victim(p, 0x88cc, {2, 7, 4});
         }},
    Kind{"mpls",
         [](P p) {
           return to_victim(p, 0x8847, {0, 1, 0x01, 64, 0x45});
         }},
    Kind{"pppoe",
         [](P p) {
           return to_victim(p, 0x8863, {0x11, 9});
         }},
    Kind{"ipx",
         [](P p) {
           return to_victim(p, 0x8137, {0xff, 0xff});
         }},
    Kind{"loop-probe",
         [](P p) {
           return to_victim(p, 0x9000, {0, 0, 1});
         }},
    Kind{"rarp",
         [](P p) {
           return to_victim(p, 0x8035, {0, 1, 8, 0, 6, 4, 0, 3});
         }},
    Kind{"stp",
         [](P p) {
           return to_group(p, kNearestBridge, 38, {0x42, 0x42, 3});
         }},
    Kind{"pause",
         [](P p) {
           return to_group(p, kNearestBridge + 1, 0x8808, {0, 1, 0xff, 0xff});
         }},
    Kind{"lacp",
         [](P p) {
           return to_group(p, kNearestBridge + 2, 0x8809, {1, 1, 1, 20});
         }},
    Kind{"802.1x",
         [](P p) {
           return to_group(p, kNearestBridge + 3, 0x888e, {1, 1});
         }},
    Kind{"lldp",
         [](P p) {
           return to_group(p, kNearestBridge + 0xe, 0x88cc, {2, 7, 4});
         }},
    Kind{"is-is",
         [](P p) {
           return to_group(p, kNearestBridge + 0x14, 46, {0xfe, 0xfe, 3, 0x83});
         }},
    Kind{"gvrp",
         [](P p) {
           return to_group(p, kNearestBridge + 0x21, 46, {0x42, 0x42, 3, 0, 1});
         }},
    Kind{"cdp", [](P p) { return cisco(p, kCisco, 0x2000); }},
    Kind{"vtp", [](P p) { return cisco(p, kCisco, 0x2003); }},
    Kind{"dtp", [](P p) { return cisco(p, kCisco, 0x2004); }},
    Kind{"pagp", [](P p) { return cisco(p, kCisco, 0x0104); }},
    Kind{"udld", [](P p) { return cisco(p, kCisco, 0x0111); }},
    Kind{"pvst", [](P p) { return cisco(p, kCisco + 1, 0x010b); }},
    Kind{"broadcast", [](P p) { return broadcast(p); }},
    Kind{"broadcast-of-no-ip", [](P p) { return to_group(p, 0xffffffffffff, 0x88b5, {1}); }},
    Kind{"ospf", [](P p) { return group4(p, "224.0.0.5", std::uint8_t{89}); }},
    Kind{"ospfv3", [](P p) { return group6(p, "ff02::5", 89); }},
    Kind{"eigrp", [](P p) { return group4(p, "224.0.0.10", std::uint8_t{88}); }},
    Kind{"rip", [](P p) { return group4(p, "224.0.0.9", 520, 520); }},
    Kind{"pim", [](P p) { return group4(p, "224.0.0.13", std::uint8_t{103}); }},
    Kind{"pim6", [](P p) { return group6(p, "ff02::d", 103); }},
    Kind{"igmp", [](P p) { return group4(p, "224.0.0.1", std::uint8_t{2}); }},
    Kind{"mld", [](P p) { return icmp6(p, mac(kAllNodes), ip("ff02::1"), 130); }},
    Kind{"mldv2", [](P p) { return icmp6(p, mac(0x333300000016), ip("ff02::16"), 143); }},
    Kind{"vrrp", [](P p) { return group4(p, "224.0.0.18", std::uint8_t{112}); }},
    Kind{"hsrp", [](P p) { return group4(p, "224.0.0.2", 1985, 1985); }},
    Kind{"ldp", [](P p) { return group4(p, "224.0.0.2", 646, 646); }},
    Kind{"mdns", [](P p) { return group4(p, "224.0.0.251", 5353, 5353); }},
    Kind{"multicast", [](P p) { return group4(p, "239.1.2.3", kUdp); }},
    Kind{"fdp",
         [](P p) {
           return to_group(p, 0x01e052cccccc, 46, {0xaa, 0xaa, 3, 0, 0xe0, 0x52});
         }},
    Kind{"router-solicitation",
         [](P p) { return icmp6(p, mac(kAllNodes + 1), ip("ff02::2"), 133); }},
    Kind{"router-advertisement", [](P p) { return icmp6(p, mac(kAllNodes), ip("ff02::1"), 134); }},
    Kind{"advertisement-to-victim", [](P p) { return icmp6(p, p.victim.mac, p.victim.ip6, 134); }},
    Kind{"hidden-advertisement", [](P p) { return hidden_advertisement(p); }},
    Kind{"redirect", [](P p) { return icmp6(p, p.victim.mac, p.victim.ip6, 137); }},
    Kind{"dhcp-discover",
         [](P p) { return dhcp4(p, MacAddress::broadcast(), ip("255.255.255.255"), 68); }},
    Kind{"dhcp-offer",
         [](P p) { return dhcp4(p, MacAddress::broadcast(), ip("255.255.255.255"), 67); }},
    Kind{"dhcp-to-victim", [](P p) { return dhcp4(p, p.victim.mac, p.victim.ip4, 67); }},
    Kind{"dhcpv6-solicit", [](P p) { return dhcp6(p, mac(0x333300010002), ip("ff02::1:2"), 546); }},
    Kind{"dhcpv6-to-victim", [](P p) { return dhcp6(p, p.victim.mac, p.victim.ip6, 547); }},
    Kind{"arp-as-victim",
         [](P p) {
           const AbuseParty as{.mac = p.offender.mac, .ip4 = p.victim.ip4, .ip6 = p.victim.ip6};
           return request(as, p.server.ip4, p.offender.mac);
         }},
    Kind{"arp-of-other-mac",
         [](P p) {
           const AbuseParty as{.mac = p.victim.mac, .ip4 = p.offender.ip4, .ip6 = p.offender.ip6};
           return request(as, p.server.ip4, p.offender.mac);
         }},
    Kind{"arp-probe",
         [](P p) {
           const AbuseParty as{.mac = p.offender.mac};
           return request(as, p.victim.ip4, p.offender.mac);
         }},
    Kind{"gratuitous-arp", [](P p) { return gratuitous(p); }},
    Kind{"arp-reply-as-server", [](P p) { return reply(p, p.server.ip4); }},
    Kind{"arp-reply-as-virtual", [](P p) { return reply(p, p.virtual_ip); }},
    Kind{"proxy-arp", [](P p) { return reply(p, p.nobody.ip4); }},
    Kind{"malformed-arp",
         [](P p) {
           return to_group(p, 0xffffffffffff, 0x0806, {0, 6, 8, 0});
         }},
    Kind{"nd-as-victim", [](P p) { return solicitation(p, p.victim.ip6); }},
    Kind{"nd-answer-as-victim", [](P p) { return advertisement(p, p.victim.ip6); }},
    Kind{"nd-answer-as-server", [](P p) { return advertisement(p, p.server.ip6); }},
    Kind{"nd-answer-to-all", [](P p) { return advertisement_to_all(p); }},
    Kind{"proxy-nd", [](P p) { return advertisement(p, p.nobody.ip6); }},
    Kind{"ip-of-victim", [](P p) { return from_ip(p, p.victim.ip4); }},
    Kind{"ip-of-nobody", [](P p) { return from_ip(p, p.nobody.ip4); }},
    Kind{"ipv6-of-victim", [](P p) { return from_ip(p, p.victim.ip6); }},
    Kind{"unannounced", [](P p) { return from_ip(p, ip("198.51.100.1")); }},
    Kind{"unannounced-ipv6", [](P p) { return from_ip(p, ip("2001:db8:bad::1")); }},
    Kind{"bgp-as-server", [](P p) { return bgp_as_server(p); }},
    Kind{"unknown-unicast", [](P p) { return unknown_unicast(p); }},
    Kind{"arp-for-nobody", [](P p) { return request(p.offender, p.nobody.ip4, p.offender.mac); }},
    Kind{"arp-request", [](P p) { return request(p.offender, p.victim.ip4, p.offender.mac); }},
    Kind{"arp-for-virtual", [](P p) { return request(p.offender, p.virtual_ip, p.offender.mac); }},
};

}  // namespace

std::vector<std::string_view> abuse_names() {
  std::vector<std::string_view> names;
  names.reserve(kKinds.size());
  for (const Kind& kind : kKinds) names.push_back(kind.name);
  return names;
}

std::optional<std::vector<std::byte>> abuse_frame(std::string_view name,
                                                  const AbuseParties& parties) {
  const auto* const kind = std::ranges::find(kKinds, name, &Kind::name);
  if (kind == kKinds.end()) return std::nullopt;
  return kind->make(parties);
}

std::vector<std::byte> harmless_frame(const AbuseParty& from, const AbuseParty& to) {
  Packet made = packet(from.mac, to.mac, from.ip4, to.ip4);
  made.protocol = kTcp;
  made.src_port = 9;
  made.dst_port = 179;
  constexpr std::uint16_t kReset = 4;
  made.tcp_flags = kReset;
  return build(made);
}

}  // namespace fabrix::lab
