// HeaderLayers: which protocols the first octets of a packet hold, one inside the other, and where.
//
//   IEEE 802.3, 802.1Q, 802.1ad; RFC 1042 SNAP; RFC 826 ARP; RFC 791 IPv4; RFC 8200 IPv6; RFC 9293
//   TCP; RFC 768 UDP; RFC 9260 SCTP; RFC 792, 4443 ICMP; RFC 3032 MPLS; RFC 2784, 2890 GRE (and RFC
//   7637 NVGRE); RFC 7348 VXLAN; RFC 8926 Geneve; RFC 2003, 2473, 4213 IP in IP; RFC 2516 PPPoE;
//   RFC 1661 PPP; RFC 1035 DNS
//
// It only finds them, as far as it is asked: fields are read from the layer's octets by whoever
// needs them. A layer is here if enough of it is: its whole fixed header, but of TCP, UDP and SCTP
// the ports are enough and of ICMP the type and code, because agents cut headers off. Beyond IPv4's
// total length there is nothing (padding). Later fragments have no transport layer.
//
// Bounded: kMaxLayers layers (VLAN tags and MPLS labels count as layers), 8 IPv6 extension headers.
// Pure; accepts arbitrary octets; fuzzed in fuzz/sflow/header_layers_fuzz.cc. The octets must
// outlive it. Not for two threads at once, even of readers.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "sflow/flow_records.h"

namespace fabrix::sflow {

enum class LayerKind : std::uint8_t {
  kEthernet,
  kVlan,  // detail: the TPID
  kPppoe,
  kMpls,  // one label
  kArp,
  kIpv4,          // detail: the protocol
  kIpv6,          // detail: the protocol after the extension headers
  kIpv6Fragment,  // the extension header; not in stack()
  kTcp,
  kUdp,
  kSctp,
  kIcmp,
  kIcmp6,
  kGre,
  kVxlan,
  kGeneve,
  kDns,
};

struct Layer {
  LayerKind kind = LayerKind::kEthernet;
  std::uint16_t offset = 0;  // of the header's octets
  std::uint16_t detail = 0;  // of Ethernet: the type after VLAN tags and SNAP
};

class HeaderLayers {
 public:
  static constexpr std::size_t kMaxLayers = 24;

  // Of nothing.
  HeaderLayers() = default;

  // `protocol` is what the octets begin with: a HeaderProtocol; none are found of others.
  HeaderLayers(std::uint32_t protocol, Bytes header);

  std::span<const Layer> layers() const {
    find_all();
    return {layers_.data(), count_};
  }
  Bytes header() const { return header_; }

  // The nth of a kind, from 0. Null if there are not so many.
  const Layer* find(LayerKind kind, unsigned nth = 0) const { return find_one(bit_of(kind), nth); }

  // The first IP header, of either family. Null if there is none.
  const Layer* first_ip() const {
    return find_one(bit_of(LayerKind::kIpv4) | bit_of(LayerKind::kIpv6), 0);
  }

  // The octets from the nth layer of a kind to the end. Empty if there is none.
  Bytes octets(LayerKind kind, unsigned nth = 0) const {
    const Layer* const layer = find(kind, nth);
    return layer != nullptr ? octets(*layer) : Bytes{};
  }
  Bytes octets(const Layer& layer) const { return header_.subspan(layer.offset); }

  // "eth.8021q.ip.udp.vxlan.eth.ip6.tcp".
  std::string stack() const;
  void append_stack(std::string& out) const;

 private:
  struct Walk;

  // What comes next, and the number that says so: an EtherType or an IP protocol.
  enum class What : std::uint8_t { kNothing, kFrame, kType, kTransport, kMpls, kPpp };
  struct Step {
    What what = What::kNothing;
    std::uint16_t number = 0;
  };

  static Step first_step(std::uint32_t protocol);
  // Kinds as bits.
  static std::uint32_t bit_of(LayerKind kind) {
    return std::uint32_t{1} << static_cast<unsigned>(kind);
  }
  const Layer* find_one(std::uint32_t kinds, unsigned nth) const {
    for (std::size_t at = 0; at < count_; ++at) {
      if ((bit_of(layers_[at].kind) & kinds) != 0 && nth-- == 0) return &layers_[at];
    }
    return next_.what != What::kNothing ? find_further(kinds, nth) : nullptr;
  }
  // After the layers that are known.
  const Layer* find_further(std::uint32_t kinds, unsigned nth) const;
  void find_all() const;

  Bytes header_;
  // As far as it has been walked.
  mutable Step next_;
  mutable std::size_t count_ = 0;
  mutable std::size_t at_ = 0;
  mutable std::array<Layer, kMaxLayers> layers_{};
  mutable std::size_t end_ = 0;
};

std::string_view name_of(LayerKind kind);

}  // namespace fabrix::sflow
