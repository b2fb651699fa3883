#include "compiler/admit.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>

#include "base/assert.h"
#include "program/tag.h"

namespace fabrix::compiler {
namespace {

using net::Family;
using net::Field;
using program::Goto;
using program::Match;
using program::Metadata;
using program::Origin;
using program::Row;
using program::TableId;

// What matches several of these goes by the highest.
enum Priority : std::uint16_t {
  kForFabrix = 90,        // ARP, ND for a virtual next hop
  kAddressLookup = 80,    // other ARP, ND
  kForbiddenNd = 75,      // what only routers of a LAN with hosts may say
  kGroupAddress = 70,     // broadcast and multicast
  kToPeeringPort = 60,    // BGP and BFD by destination port
  kFromPeeringPort = 55,  // BGP by source port
  kTagged = 40,
  kReturned = 35,  // to the owner of a middlebox port
  kPlainIp = 30,
};

constexpr std::uint64_t kGroupBit = std::uint64_t{1} << 40U;
constexpr std::uint64_t kArpRequest = 1;
constexpr std::uint64_t kRouterSolicitation = 133;
constexpr std::uint64_t kRouterAdvertisement = 134;
constexpr std::uint64_t kNeighborSolicitation = 135;
constexpr std::uint64_t kNeighborAdvertisement = 136;
constexpr std::uint64_t kRedirect = 137;
constexpr std::uint64_t kBgpPort = 179;
constexpr std::array<std::uint64_t, 3> kBfdPorts{3784, 3785, 4784};  // RFC 5881, 5883

std::uint16_t ether_type(Family family) {
  return family == Family::kIpv4 ? net::kEthTypeIpv4 : net::kEthTypeIpv6;
}

constexpr std::array kIpFamilies{Family::kIpv4, Family::kIpv6};

struct Fields {
  std::optional<Field> ip4;
  Field high = Field::kNdTargetHigh;
  Field low = Field::kNdTargetLow;
};

Fields fields_of(AddressField field) {
  switch (field) {
    case AddressField::kSource:
      return {Field::kSrcIp4, Field::kSrcIp6High, Field::kSrcIp6Low};
    case AddressField::kDestination:
      return {Field::kDstIp4, Field::kDstIp6High, Field::kDstIp6Low};
    case AddressField::kNdTarget:
      return {std::nullopt, Field::kNdTargetHigh, Field::kNdTargetLow};
  }
  return {std::nullopt, Field::kNdTargetHigh, Field::kNdTargetLow};
}

void match_leading_bits(Match& match, Field field, std::uint64_t bits, unsigned length) {
  if (length == 0) return;
  const std::uint64_t max = net::max_value(field);
  match.ternary(field, bits, max & ~((max >> (length - 1)) >> 1U));
}

std::uint64_t number_of(std::span<const std::uint8_t> octets) {
  std::uint64_t value = 0;
  for (const std::uint8_t octet : octets) value = value << 8U | octet;
  return value;
}

// A port with a MAC: a router's, or the route server's.
struct Attachment {
  net::PortNo port;
  net::MacAddress mac;
  const std::vector<net::IpAddress>* addresses = nullptr;
  Metadata metadata;  // that control traffic from it carries
  net::ParticipantId participant;
};

class AdmitRows {
 public:
  explicit AdmitRows(const exchange::Exchange& exchange) : exchange_(exchange) {}

  void add_router(const exchange::Router& router, const Passage& passage) {
    const Metadata sender = Metadata::sender(router.participant);
    const Attachment at{router.port, router.mac, &router.addresses, sender | Metadata::control(),
                        router.participant};
    add_requests_for_fabrix(at);
    add_address_lookup(at);
    add_control_plane(at);
    for (const Family family : kIpFamilies) add_data(at, family, passage);
  }

  // `routers`: of the owner.
  void add_middlebox(const exchange::Router& box, const std::vector<net::RouterId>& routers,
                     const Passage& passage) {
    add_refusals_at(box);
    for (const net::RouterId id : routers) {
      const exchange::Router& router = exchange_.router(id);
      const Attachment sent{box.port, router.mac, nullptr, {}, router.participant};
      for (const Family family : kIpFamilies) {
        add_data(
            sent, family,
            {.has_outbound = passage.has_outbound, .is_counted = false, .hashes = passage.hashes});
        add(kReturned,
            at_port(box)
                .exact(Field::kEthType, ether_type(family))
                .exact(Field::kDstMac, router.mac.to_u64()),
            Metadata::egress(router.participant) | Metadata::egress_router(id), TableId::kTransit,
            {Origin::Kind::kAntiSpoof, box.participant, 0});
      }
    }
  }

  // Whatever the route server says is control traffic.
  void add_route_server() {
    const exchange::RouteServerSite& site = exchange_.route_server;
    const Attachment at{site.port, site.mac, &site.addresses, Metadata::control(), {}};
    add_address_lookup(at);
    for (const Family family : kIpFamilies) {
      add(kPlainIp, from(at).exact(Field::kEthType, ether_type(family)), at.metadata,
          TableId::kResolve, {Origin::Kind::kControlPlane, {}, 0});
    }
  }

  void add_refusals() {
    for (const std::uint64_t type : {kRouterSolicitation, kRouterAdvertisement, kRedirect}) {
      discard(kForbiddenNd, nd(Match{}, type));
    }
    for (const Family family : kIpFamilies) {
      discard(kGroupAddress, Match{}
                                 .exact(Field::kEthType, ether_type(family))
                                 .ternary(Field::kDstMac, kGroupBit, kGroupBit));
    }
  }

  std::vector<Row> take() { return std::move(rows_); }

 private:
  static Match from(const Attachment& at) {
    return Match{}
        .exact(Field::kInPort, at.port.value)
        .exact(Field::kSrcMac, at.mac.to_u64())
        .exact(Field::kVlanId, 0);
  }

  static Match at_port(const exchange::Router& router) {
    return Match{}.exact(Field::kInPort, router.port.value).exact(Field::kVlanId, 0);
  }

  void add_data(const Attachment& at, Family family, const Passage& passage) {
    const Metadata sender = Metadata::sender(at.participant);
    const Origin origin{Origin::Kind::kAntiSpoof, at.participant, 0};
    Match plain = from(at).exact(Field::kEthType, ether_type(family));
    if (passage.has_outbound && !passage.is_counted) {
      const auto tag = program::match_kind(program::TagKind::kInline);
      Match tagged = plain;
      tagged.ternary(Field::kDstMac, tag.bits, tag.mask);
      add(kTagged, std::move(tagged), sender, TableId::kOutbound, origin);
      rows_.back().hashes = passage.hashes;
    }
    add(kPlainIp, std::move(plain), sender, passage.is_counted ? TableId::kSent : TableId::kResolve,
        origin);
    rows_.back().hashes = passage.hashes;
  }

  void add_refusals_at(const exchange::Router& box) {
    for (const std::uint64_t type : {kNeighborSolicitation, kNeighborAdvertisement}) {
      discard(kAddressLookup, nd(at_port(box), type));
    }
    for_each_control(at_port(box), [this](Priority priority, Match match) {
      discard(priority, std::move(match));
    });
  }

  static Match nd(Match match, std::uint64_t type) {
    return match.exact(Field::kEthType, net::kEthTypeIpv6)
        .exact(Field::kProtocol, net::kProtocolIcmpv6)
        .exact(Field::kIcmpType, type);
  }

  static Match arp(const Attachment& at, const net::IpAddress& sender) {
    Match match = from(at)
                      .exact(Field::kEthType, net::kEthTypeArp)
                      .exact(Field::kArpSenderMac, at.mac.to_u64());
    match_address(match, AddressField::kSource, sender);
    return match;
  }

  void add_requests_for_fabrix(const Attachment& at) {
    for (const net::Prefix& range : exchange_.virtual_next_hops) {
      for (const net::IpAddress& address : *at.addresses) {
        if (address.family() == range.family()) add_request_for_fabrix(at, address, range);
      }
      if (range.family() == Family::kIpv6) {
        Match match = nd(from(at), kNeighborSolicitation);
        constexpr std::uint64_t kLinkLocal = 0xfe80000000000000;  // fe80::/10, RFC 4291 2.4
        match_leading_bits(match, Field::kSrcIp6High, kLinkLocal, 10);
        match_prefix(match, AddressField::kNdTarget, range);
        to_fabrix(at, std::move(match));
      }
    }
  }

  void add_request_for_fabrix(const Attachment& at, const net::IpAddress& address,
                              const net::Prefix& range) {
    if (range.family() == Family::kIpv4) {
      Match match = arp(at, address).exact(Field::kProtocol, kArpRequest);
      match_prefix(match, AddressField::kDestination, range);
      to_fabrix(at, std::move(match));
    } else {
      Match match = nd(from(at), kNeighborSolicitation);
      match_address(match, AddressField::kSource, address);
      match_prefix(match, AddressField::kNdTarget, range);
      to_fabrix(at, std::move(match));
    }
  }

  void add_address_lookup(const Attachment& at) {
    const Origin origin{Origin::Kind::kAddressLookup, at.participant, 0};
    for (const net::IpAddress& address : *at.addresses) {
      if (address.family() != Family::kIpv4) continue;
      add(kAddressLookup, arp(at, address), at.metadata, TableId::kResolve, origin);
    }
    for (const std::uint64_t type : {kNeighborSolicitation, kNeighborAdvertisement}) {
      add(kAddressLookup, nd(from(at), type), at.metadata, TableId::kResolve, origin);
    }
  }

  void add_control_plane(const Attachment& at) {
    const Origin origin{Origin::Kind::kControlPlane, at.participant, 0};
    for_each_control(from(at), [&](Priority priority, Match match) {
      add(priority, std::move(match), at.metadata, TableId::kResolve, origin);
    });
  }

  // Calls visit(priority, match) for BGP and BFD on the LAN.
  template <typename Visit>
  void for_each_control(const Match& from, const Visit& visit) const {
    for (const net::Prefix& lan : exchange_.peering_lan) {
      Match to_lan = from;
      to_lan.exact(Field::kEthType, ether_type(lan.family()));
      match_prefix(to_lan, AddressField::kDestination, lan);
      const auto add_port = [&](Priority priority, std::uint64_t protocol, Field field,
                                std::uint64_t port) {
        Match match = to_lan;
        match.exact(Field::kProtocol, protocol).exact(field, port);
        visit(priority, std::move(match));
      };
      add_port(kToPeeringPort, net::kProtocolTcp, Field::kDstPort, kBgpPort);
      add_port(kFromPeeringPort, net::kProtocolTcp, Field::kSrcPort, kBgpPort);
      for (const std::uint64_t port : kBfdPorts) {
        add_port(kToPeeringPort, net::kProtocolUdp, Field::kDstPort, port);
      }
    }
  }

  void add(Priority priority, Match match, Metadata write, TableId next, Origin origin) {
    rows_.push_back(Row{.priority = priority,
                        .match = std::move(match),
                        .set_fields = {},
                        .write_metadata = write,
                        .next = Goto{next},
                        .origin = origin});
  }

  void to_fabrix(const Attachment& at, Match match) {
    rows_.push_back(Row{.priority = kForFabrix,
                        .match = std::move(match),
                        .set_fields = {},
                        .write_metadata = {},
                        .next = program::ToController{},
                        .origin = {Origin::Kind::kAddressLookup, at.participant, 0}});
  }

  void discard(Priority priority, Match match) {
    rows_.push_back(Row{.priority = priority,
                        .match = std::move(match),
                        .set_fields = {},
                        .write_metadata = {},
                        .next = program::Discard{},
                        .origin = {Origin::Kind::kAntiSpoof, {}, 0}});
  }

  const exchange::Exchange& exchange_;
  std::vector<Row> rows_;
};

}  // namespace

std::vector<Row> admit_rows(const exchange::Exchange& exchange,
                            const std::vector<Passage>& passages) {
  AdmitRows rows(exchange);
  for (const exchange::Router& router : exchange.routers) {
    if (!router.present) continue;
    const Passage& passage = passages[router.participant.index()];
    if (router.middlebox) {
      rows.add_middlebox(router, exchange.routers_of(router.participant), passage);
    } else {
      rows.add_router(router, passage);
    }
  }
  rows.add_route_server();
  rows.add_refusals();
  return rows.take();
}

void match_prefix(Match& match, AddressField field, const net::Prefix& prefix) {
  const Fields fields = fields_of(field);
  const auto octets = prefix.address().octets();
  if (prefix.family() == Family::kIpv4) {
    FABRIX_ASSERT(fields.ip4);
    return match_leading_bits(match, *fields.ip4, number_of(octets), prefix.length());
  }
  constexpr unsigned kHalf = 64;
  const unsigned high = std::min(prefix.length(), kHalf);
  match_leading_bits(match, fields.high, number_of(octets.first(8)), high);
  match_leading_bits(match, fields.low, number_of(octets.last(8)), prefix.length() - high);
}

void match_address(Match& match, AddressField field, const net::IpAddress& address) {
  match_prefix(match, field, *net::Prefix::containing(address, width_of(address.family())));
}

}  // namespace fabrix::compiler
