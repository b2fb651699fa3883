#include "sflow/header_layers.h"

#include <algorithm>

namespace fabrix::sflow {
namespace {

constexpr std::size_t kLongest = 0xffff;  // what offsets can say
constexpr int kMaxExtensionHeaders = 8;

constexpr std::array<std::string_view, 17> kNames{
    "eth", "8021q", "pppoe", "mpls",  "arp", "ip",    "ip6",    "",   "tcp",
    "udp", "sctp",  "icmp",  "icmp6", "gre", "vxlan", "geneve", "dns"};

enum EtherType : std::uint16_t {
  kIpv4Type = 0x0800,
  kArpType = 0x0806,
  kVlanType = 0x8100,
  kTransparentEthernet = 0x6558,
  kIpv6Type = 0x86dd,
  kMplsType = 0x8847,
  kMplsMulticast = 0x8848,
  kPppoeSession = 0x8864,
  kServiceVlan = 0x88a8,
  kOldServiceVlan = 0x9100,
};
constexpr std::uint16_t kLargestLength = 1500;  // of IEEE 802.3; above are types

enum IpProtocol : std::uint8_t {
  kHopByHop = 0,
  kIcmpProtocol = 1,
  kIpInIp = 4,
  kTcpProtocol = 6,
  kUdpProtocol = 17,
  kIpv6InIp = 41,
  kRouting = 43,
  kFragment = 44,
  kGreProtocol = 47,
  kAuthentication = 51,
  kIcmp6Protocol = 58,
  kDestinationOptions = 60,
  kSctpProtocol = 132,
};

constexpr std::uint16_t kDnsPort = 53;
constexpr std::uint16_t kVxlanPort = 4789;
constexpr std::uint16_t kOldVxlanPort = 8472;  // Linux's default
constexpr std::uint16_t kGenevePort = 6081;

bool is_vlan(std::uint16_t type) {
  return type == kVlanType || type == kServiceVlan || type == kOldServiceVlan;
}

}  // namespace

HeaderLayers::Step HeaderLayers::first_step(std::uint32_t protocol) {
  switch (static_cast<HeaderProtocol>(protocol)) {
    case HeaderProtocol::kEthernet:
      return {What::kFrame};
    case HeaderProtocol::kPpp:
      return {What::kPpp};
    case HeaderProtocol::kIpv4:
      return {What::kType, kIpv4Type};
    case HeaderProtocol::kIpv6:
      return {What::kType, kIpv6Type};
    case HeaderProtocol::kMpls:
      return {What::kMpls};
  }
  return {};
}

// Where the walk is. What is left is always within the header.
struct HeaderLayers::Walk {
  static constexpr Step kStop{};

  const HeaderLayers& out;
  std::size_t at = 0;
  std::size_t end = 0;

  bool has(std::size_t octets) const { return end - at >= octets; }
  const std::byte* here() const { return out.header_.data() + at; }
  std::uint8_t u8(std::size_t offset) const {
    return std::to_integer<std::uint8_t>(out.header_[at + offset]);
  }
  std::uint16_t u16(std::size_t offset) const { return load_u16(here() + offset); }
  void skip(std::size_t octets) { at += std::min(octets, end - at); }

  Layer& add(LayerKind kind) {
    Layer& layer = out.layers_.at(out.count_);
    layer = {kind, static_cast<std::uint16_t>(at), 0};
    ++out.count_;
    return layer;
  }
  bool full() const { return out.count_ == kMaxLayers; }

  Step take(Step step) {
    switch (step.what) {
      case What::kFrame:
        return frame();
      case What::kType:
        return by_type(step.number);
      case What::kTransport:
        return by_protocol(step.number);
      case What::kMpls:
        return mpls();
      case What::kPpp:
      case What::kNothing:  // which nobody takes
        break;
    }
    return ppp();
  }

  Step frame() {
    if (!has(14)) return kStop;
    Layer& layer = add(LayerKind::kEthernet);
    std::uint16_t type = u16(12);
    skip(14);
    while (is_vlan(type) && has(4) && !full()) {
      add(LayerKind::kVlan).detail = type;
      type = u16(2);
      skip(4);
    }
    if (type <= kLargestLength) type = snap();
    layer.detail = type;
    return {What::kType, type};
  }

  // The type in a SNAP header of RFC 1042, or 0.
  std::uint16_t snap() {
    constexpr std::uint32_t kUnnumberedSnap = 0xaaaa03;
    if (!has(8) || load_u32(here()) != kUnnumberedSnap << 8U || u16(4) != 0) return 0;
    const std::uint16_t type = u16(6);
    skip(8);
    return type;
  }

  Step by_type(std::uint16_t type) {
    switch (type) {
      case kIpv4Type:
        return ipv4();
      case kIpv6Type:
        return ipv6();
      case kArpType:
        if (has(28)) add(LayerKind::kArp);
        return kStop;
      case kMplsType:
      case kMplsMulticast:
        return {What::kMpls};
      case kPppoeSession:
        if (!has(6)) return kStop;
        add(LayerKind::kPppoe);
        skip(6);
        return {What::kPpp};
      case kTransparentEthernet:
        return {What::kFrame};
      default:
        return kStop;
    }
  }

  // RFC 1661 §2, RFC 1662 §3.1: the address and control octets may be there.
  Step ppp() {
    if (has(2) && u16(0) == 0xff03) skip(2);
    if (!has(2)) return kStop;
    const std::uint16_t protocol = u16(0);
    skip(2);
    if (protocol == 0x0021) return {What::kType, kIpv4Type};
    if (protocol == 0x0057) return {What::kType, kIpv6Type};
    return protocol == 0x0281 ? Step{What::kMpls} : kStop;
  }

  // One label. What is below the last is told by its first bits: IP, or Ethernet behind a control
  // word (RFC 4448 §4.6, RFC 4928 §3).
  Step mpls() {
    if (!has(4)) return kStop;
    add(LayerKind::kMpls);
    const bool bottom = (u8(2) & 1U) != 0;
    skip(4);
    if (!bottom) return {What::kMpls};
    if (!has(1)) return kStop;
    const unsigned version = u8(0) >> 4U;
    if (version == 4) return {What::kType, kIpv4Type};
    if (version == 6) return {What::kType, kIpv6Type};
    if (version != 0 || !has(4)) return kStop;
    skip(4);
    return {What::kFrame};
  }

  Step ipv4() {
    if (!has(20) || u8(0) >> 4U != 4) return kStop;
    const std::size_t header_size = (u8(0) & 0xfU) * std::size_t{4};
    const std::size_t total = u16(2);
    if (header_size < 20) return kStop;
    const bool later_fragment = (u16(6) & 0x1fffU) != 0;
    Layer& layer = add(LayerKind::kIpv4);
    layer.detail = u8(9);
    // 0: what the host's network card cuts into packets later.
    if (total >= header_size) end = std::min(end, at + total);
    if (!has(header_size) || later_fragment) return kStop;
    const std::uint16_t protocol = layer.detail;
    skip(header_size);
    return {What::kTransport, protocol};
  }

  Step ipv6() {
    if (!has(40) || u8(0) >> 4U != 6) return kStop;
    Layer& layer = add(LayerKind::kIpv6);
    std::uint16_t next = u8(6);
    skip(40);
    bool later_fragment = false;
    for (int seen = 0; seen < kMaxExtensionHeaders && has(8) && !full(); ++seen) {
      std::size_t size = 8;
      if (next == kHopByHop || next == kRouting || next == kDestinationOptions) {
        size = (u8(1) + std::size_t{1}) * 8;
      } else if (next == kAuthentication) {
        size = (u8(1) + std::size_t{2}) * 4;  // RFC 4302 §2.2
      } else if (next == kFragment) {
        add(LayerKind::kIpv6Fragment);
        later_fragment = (u16(2) & 0xfff8U) != 0;
      } else {
        break;
      }
      if (!has(size)) return kStop;
      next = u8(0);
      skip(size);
    }
    layer.detail = next;
    return later_fragment ? kStop : Step{What::kTransport, next};
  }

  Step by_protocol(std::uint16_t protocol) {
    switch (protocol) {
      case kTcpProtocol:
        return tcp();
      case kUdpProtocol:
        return udp();
      case kSctpProtocol:
        if (has(4)) add(LayerKind::kSctp);
        return kStop;
      case kIcmpProtocol:
        if (has(2)) add(LayerKind::kIcmp);
        return kStop;
      case kIcmp6Protocol:
        if (has(2)) add(LayerKind::kIcmp6);
        return kStop;
      case kIpInIp:
        return {What::kType, kIpv4Type};
      case kIpv6InIp:
        return {What::kType, kIpv6Type};
      case kGreProtocol:
        return gre();
      default:
        return kStop;
    }
  }

  Step tcp() {
    if (!has(4)) return kStop;
    add(LayerKind::kTcp);
    const bool dns = u16(0) == kDnsPort || u16(2) == kDnsPort;
    if (!dns || !has(20)) return kStop;
    // RFC 1035 §4.2.2: two octets of length before the message.
    skip((u8(12) >> 4U) * std::size_t{4});
    if (full() || !has(2 + 12)) return kStop;
    skip(2);
    add(LayerKind::kDns);
    return kStop;
  }

  Step udp() {
    if (!has(4)) return kStop;
    add(LayerKind::kUdp);
    const std::uint16_t source = u16(0);
    const std::uint16_t destination = u16(2);
    if (!has(8) || full()) return kStop;
    skip(8);
    if (destination == kVxlanPort || destination == kOldVxlanPort) return vxlan();
    if (destination == kGenevePort) return geneve();
    if ((source == kDnsPort || destination == kDnsPort) && has(12)) add(LayerKind::kDns);
    return kStop;
  }

  // RFC 7348 §5: the I flag.
  Step vxlan() {
    if (!has(8) || (u8(0) & 0x08U) == 0) return kStop;
    add(LayerKind::kVxlan);
    skip(8);
    return {What::kFrame};
  }

  // RFC 8926 §3.4: version, length of options in words, protocol type.
  Step geneve() {
    if (!has(8) || u8(0) >> 6U != 0) return kStop;
    add(LayerKind::kGeneve);
    const std::size_t options = (u8(0) & 0x3fU) * std::size_t{4};
    const std::uint16_t type = u16(2);
    if (!has(8 + options)) return kStop;
    skip(8 + options);
    return {What::kType, type};
  }

  // RFC 2784 §2.1, RFC 2890 §2: checksum, key and sequence number where flags say so. Version 0.
  Step gre() {
    if (!has(4) || (u8(1) & 0x7U) != 0) return kStop;
    add(LayerKind::kGre);
    const unsigned flags = u8(0);
    const std::uint16_t type = u16(2);
    std::size_t size = 4;
    for (const unsigned flag : {0x80U, 0x20U, 0x10U}) size += (flags & flag) != 0 ? 4 : 0;
    if (!has(size)) return kStop;
    skip(size);
    return {What::kType, type};
  }
};

HeaderLayers::HeaderLayers(std::uint32_t protocol, Bytes header)
    : header_(header.first(std::min(header.size(), kLongest))),
      next_(first_step(protocol)),
      end_(header_.size()) {}

const Layer* HeaderLayers::find_further(std::uint32_t kinds, unsigned nth) const {
  Walk walk{.out = *this, .at = at_, .end = end_};
  const Layer* found = nullptr;
  Step next = next_;
  while (next.what != What::kNothing && found == nullptr) {
    std::size_t at = count_;
    next = walk.full() ? Step{} : walk.take(next);
    for (; at < count_ && found == nullptr; ++at) {
      if ((bit_of(layers_[at].kind) & kinds) != 0 && nth-- == 0) found = &layers_[at];
    }
  }
  next_ = next;
  at_ = walk.at;
  end_ = walk.end;
  return found;
}

void HeaderLayers::find_all() const {
  Walk walk{.out = *this, .at = at_, .end = end_};
  while (next_.what != What::kNothing) next_ = walk.full() ? Step{} : walk.take(next_);
}

std::string HeaderLayers::stack() const {
  std::string text;
  append_stack(text);
  return text;
}

void HeaderLayers::append_stack(std::string& out) const {
  bool is_first = true;
  for (const Layer& layer : layers()) {
    const std::string_view name = name_of(layer.kind);
    if (name.empty()) continue;
    if (!is_first) out += '.';
    is_first = false;
    out += name;
  }
}

std::string_view name_of(LayerKind kind) {
  return kNames.at(static_cast<std::size_t>(kind));
}

}  // namespace fabrix::sflow
