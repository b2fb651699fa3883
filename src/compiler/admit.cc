#include "compiler/admit.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>
#include <optional>
#include <utility>

#include "compiler/port_refusals.h"
#include "compiler/source_sets.h"
#include "program/drop.h"
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

constexpr std::uint64_t kArpRequest = 1;
constexpr std::uint64_t kNeighborSolicitation = 135;
constexpr std::uint64_t kNeighborAdvertisement = 136;
constexpr std::uint64_t kBgpPort = 179;
constexpr std::array<std::uint64_t, 3> kBfdPorts{3784, 3785, 4784};  // RFC 5881, 5883

constexpr std::array kIpFamilies{Family::kIpv4, Family::kIpv6};

// Where a port's control traffic may go.
enum class Reach : std::uint8_t { kEverybody, kRouteServer };

// A port with a MAC: a router's, or the route server's.
struct Attachment {
  net::PortNo port;
  net::MacAddress mac;
  const std::vector<net::IpAddress>* addresses = nullptr;
  Metadata metadata;  // that control traffic from it carries
  net::ParticipantId participant;
  std::optional<program::Meter> lookups;  // limits ARP and ND
  std::optional<program::Meter> punts;    // limits what goes to Fabrix
};

constexpr std::size_t kTestsOfAddress = 2;  // or one
constexpr std::uint64_t kGroupBit = std::uint64_t{1} << 40U;

class AdmitRows {
 public:
  AdmitRows(const exchange::Exchange& exchange, std::size_t ports) : exchange_(exchange) {
    constexpr std::size_t kOfAPort = 52;  // or some more
    rows_.reserve(kOfAPort * ports);
  }

  void add_router(const exchange::Router& router, const Passage& passage) {
    const Metadata sender = Metadata::sender(router.participant);
    const Attachment at{.port = router.port,
                        .mac = router.mac,
                        .addresses = &router.addresses,
                        .metadata = sender | Metadata::control(),
                        .participant = router.participant,
                        .lookups = program::lookup_meter(router.id, router.port),
                        .punts = program::punt_meter(router.id, router.port)};
    if (router.standing != exchange::Standing::kOpen) return add_closed(router, at);
    add_requests_for_fabrix(at);
    add_address_lookup(at, Reach::kEverybody);
    add_control_plane(at, from(at), exchange_.peering_lan);
    const exchange::SourceCheck check =
        passage.sources == nullptr ? exchange::SourceCheck::kOff : router.sources.mode;
    for (const Family family : kIpFamilies) {
      add_own_data(at, family, passage);
      if (check == exchange::SourceCheck::kOff) {
        add_data(at, of_family(at, family), passage, {.tagged = kTagged, .plain = kPlainIp});
      } else {
        add_rest(at, family, passage, check);
      }
    }
    if (check != exchange::SourceCheck::kOff) {
      for (const net::Prefix& each : sources_at(router, *passage.sources)) {
        Match match = of_family(at, each.family(), tests_of(each));
        match_prefix(match, AddressField::kSource, each);
        add_data(at, std::move(match), passage, {.tagged = kTagged, .plain = kPlainIp});
      }
    }
    add_refusals(exchange_, at.port, {at.mac}, rows_);
  }

  // `routers`: of the owner.
  void add_middlebox(const exchange::Router& box, const std::vector<net::RouterId>& routers,
                     const Passage& passage) {
    if (box.standing != exchange::Standing::kOpen) return add_rows(closed_rows(box));
    add_refusals_at(box);
    const auto step = std::ranges::find(passage.onward, std::optional(box.id), &Detour::from);
    const Metadata via = step == passage.onward.end() ? Metadata{} : Metadata::via(step->to);
    std::vector<net::MacAddress> macs;
    for (const net::RouterId id : routers) {
      const exchange::Router& router = exchange_.router(id);
      macs.push_back(router.mac);
      const Attachment sent{.port = box.port,
                            .mac = router.mac,
                            .addresses = &router.addresses,
                            .metadata = {},
                            .participant = router.participant,
                            .lookups = {},
                            .punts = {}};
      for (const Family family : kIpFamilies) {
        add_data(sent, family,
                 {.has_outbound = passage.has_outbound,
                  .is_counted = false,
                  .hashes = passage.hashes,
                  .onward = {},
                  .sources = nullptr});
        add(kReturned,
            untagged_at(box.port)
                .exact(Field::kEthType, ether_type(family))
                .exact(Field::kDstMac, router.mac.to_u64()),
            Metadata::egress(router.participant) | Metadata::egress_router(id) | via,
            TableId::kTransit, {Origin::Kind::kAntiSpoof, box.participant, 0});
      }
    }
    add_refusals(exchange_, box.port, macs, rows_);
  }

  // Whatever the route server says is control traffic.
  void add_route_server() {
    const exchange::RouteServerSite& site = exchange_.route_server;
    const Attachment at{.port = site.port,
                        .mac = site.mac,
                        .addresses = &site.addresses,
                        .metadata = Metadata::control(),
                        .participant = {},
                        .lookups = {},
                        .punts = {}};
    add_address_lookup(at, Reach::kEverybody);
    const Origin origin{Origin::Kind::kControlPlane, {}, 0};
    for (const net::IpAddress& address : site.addresses) {
      add(kOwnPlain, from_own(at, address), at.metadata, TableId::kResolve, origin);
    }
    for (const Family family : kIpFamilies) {
      add(kPlainIp, from(at).exact(Field::kEthType, ether_type(family)), at.metadata,
          TableId::kResolve, origin);
    }
    add_refusals(exchange_, at.port, {at.mac}, rows_);
  }

  std::vector<Row> take() { return std::move(rows_); }

 private:
  // With room for so many tests more, as are the next.
  static Match from(const Attachment& at, std::size_t more = 0) {
    return untagged_from(at.port, at.mac, more);
  }

  // IP from that address.
  static Match from_own(const Attachment& at, const net::IpAddress& address) {
    Match match = of_family(at, address.family(), kTestsOfAddress);
    match_address(match, AddressField::kSource, address);
    return match;
  }

  // RELIABILITY: quarantine is a conversation with the route server.
  void add_closed(const exchange::Router& router, const Attachment& at) {
    if (router.standing == exchange::Standing::kQuarantined) {
      std::vector<net::Prefix> site;
      for (const net::IpAddress& address : exchange_.route_server.addresses) {
        site.push_back(*net::Prefix::containing(address, width_of(address.family())));
      }
      add_address_lookup(at, Reach::kRouteServer);
      Match from_router = from(at);
      from_router.exact(Field::kDstMac, exchange_.route_server.mac.to_u64());
      add_control_plane(at, from_router, site);
    }
    add_rows(closed_rows(router));
  }

  static Match of_family(const Attachment& at, Family family, std::size_t more = 0) {
    Match match = from(at, 1 + more);
    match.exact(Field::kEthType, ether_type(family));
    return match;
  }

  void add_data(const Attachment& at, Family family, const Passage& passage) {
    add_own_data(at, family, passage);
    add_data(at, of_family(at, family), passage, {.tagged = kTagged, .plain = kPlainIp});
  }

  void add_own_data(const Attachment& at, Family family, const Passage& passage) {
    for (const net::IpAddress& address : *at.addresses) {
      if (address.family() != family) continue;
      add_data(at, from_own(at, address), passage, {.tagged = kOwnTagged, .plain = kOwnPlain});
    }
  }

  // From where its owner announces nothing.
  void add_rest(const Attachment& at, Family family, const Passage& passage,
                exchange::SourceCheck check) {
    if (check == exchange::SourceCheck::kDrop) {
      rows_.push_back(program::drop_row(kUnannounced, of_family(at, family),
                                        {at.port, program::DropReason::kUnannounced}));
      return;
    }
    const std::size_t first = rows_.size();
    add_data(at, of_family(at, family), passage,
             {.tagged = kUnannouncedTagged, .plain = kUnannounced});
    for (std::size_t i = first; i < rows_.size(); ++i) {
      program::count_as({at.port, program::DropReason::kUnannouncedPassed}, rows_[i]);
    }
  }

  struct DataPriority {
    AdmitPriority tagged;
    AdmitPriority plain;
  };
  void add_data(const Attachment& at, Match plain, const Passage& passage, DataPriority priority) {
    const Metadata sender = Metadata::sender(at.participant);
    const Origin origin{Origin::Kind::kAntiSpoof, at.participant, 0};
    if (passage.has_outbound && !passage.is_counted) {
      const auto tag = program::match_kind(program::TagKind::kInline);
      Match tagged = roomy(plain, 1);
      tagged.ternary(Field::kDstMac, tag.bits, tag.mask);
      add(priority.tagged, std::move(tagged), sender, TableId::kOutbound, origin);
      rows_.back().hashes = passage.hashes;
    }
    add(priority.plain, std::move(plain), sender,
        passage.is_counted ? TableId::kSent : TableId::kResolve, origin);
    rows_.back().hashes = passage.hashes;
  }

  void add_refusals_at(const exchange::Router& box) {
    const Match at_port = untagged_at(box.port);
    const auto refuse = [this, &box](AdmitPriority priority, Match match) {
      rows_.push_back(program::drop_row(priority, std::move(match),
                                        {box.port, program::DropReason::kMiddlebox}));
    };
    constexpr std::uint64_t kFirstDiscovery = 133;  // to 137
    for (std::uint64_t type = kFirstDiscovery; type <= kFirstDiscovery + 4; ++type) {
      refuse(kAddressLookup, icmp6(at_port, type));
    }
    Match arp = at_port;
    refuse(kAddressLookup, arp.exact(Field::kEthType, net::kEthTypeArp));
    Match group = at_port;
    refuse(kGroupAtMiddlebox, group.ternary(Field::kDstMac, kGroupBit, kGroupBit));
    for_each_control(at_port, exchange_.peering_lan, refuse);
  }

  static Match arp(const Attachment& at, const net::IpAddress& sender, std::size_t more = 0) {
    Match match = from(at, 3 + more);
    match.exact(Field::kEthType, net::kEthTypeArp).exact(Field::kArpSenderMac, at.mac.to_u64());
    match_address(match, AddressField::kSource, sender);
    return match;
  }

  void add_requests_for_fabrix(const Attachment& at) {
    for (const net::Prefix& range : exchange_.virtual_next_hops) {
      for (const net::IpAddress& address : *at.addresses) {
        if (address.family() == range.family()) add_request_for_fabrix(at, address, range);
      }
      if (range.family() == Family::kIpv6) {
        Match match = icmp6(from(at), kNeighborSolicitation, 1 + tests_of(range));
        match_prefix(match, AddressField::kSource, link_local());
        match_prefix(match, AddressField::kNdTarget, range);
        to_fabrix(at, std::move(match));
      }
    }
  }

  void add_request_for_fabrix(const Attachment& at, const net::IpAddress& address,
                              const net::Prefix& range) {
    if (range.family() == Family::kIpv4) {
      Match match = arp(at, address, 2);
      match.exact(Field::kProtocol, kArpRequest);
      match_prefix(match, AddressField::kDestination, range);
      to_fabrix(at, std::move(match));
    } else {
      Match match = icmp6(from(at), kNeighborSolicitation, kTestsOfAddress + tests_of(range));
      match_address(match, AddressField::kSource, address);
      match_prefix(match, AddressField::kNdTarget, range);
      to_fabrix(at, std::move(match));
    }
  }

  void add_address_lookup(const Attachment& at, Reach reach) {
    for (const net::IpAddress& address : *at.addresses) {
      if (address.family() != Family::kIpv4) continue;
      add_lookup(at, arp(at, address), AddressField::kDestination, reach);
    }
    // A solicitation makes the receiver learn its source (RFC 4861 7.2.3), an advertisement its
    // target; `::` asks whether an address is free.
    std::vector<net::Prefix> own{link_local()};
    for (const net::IpAddress& address : *at.addresses) {
      if (address.family() == Family::kIpv6) own.push_back(*net::Prefix::containing(address, 128));
    }
    for (const net::Prefix& target : own) {
      Match told = icmp6(from(at), kNeighborAdvertisement, tests_of(target));
      match_prefix(told, AddressField::kNdTarget, target);
      add_answer(at, std::move(told), reach);
    }
    own.push_back(*net::Prefix::containing(net::IpAddress::unspecified(Family::kIpv6), 128));
    for (const net::Prefix& source : own) {
      Match asked = icmp6(from(at), kNeighborSolicitation, tests_of(source));
      match_prefix(asked, AddressField::kSource, source);
      add_lookup(at, std::move(asked), AddressField::kNdTarget, reach);
    }
  }

  // A question, or an answer by ARP: about the address in `field`.
  void add_lookup(const Attachment& at, Match match, AddressField field, Reach reach) {
    if (reach == Reach::kEverybody) return add_lookup(at, std::move(match));
    const bool is_ip6 = field == AddressField::kNdTarget;
    for (const net::IpAddress& address : exchange_.route_server.addresses) {
      if ((address.family() == Family::kIpv6) != is_ip6) continue;
      Match one = match;
      match_address(one, field, address);
      add_lookup(at, std::move(one));
    }
  }

  // An advertisement may answer a link-local address.
  void add_answer(const Attachment& at, Match match, Reach reach) {
    if (reach == Reach::kEverybody) return add_lookup(at, std::move(match));
    for (const net::IpAddress& address : exchange_.route_server.addresses) {
      if (address.family() == Family::kIpv6) add_answer_to(at, match, address);
    }
    match.exact(Field::kDstMac, exchange_.route_server.mac.to_u64());
    match_prefix(match, AddressField::kDestination, link_local());
    add_lookup(at, std::move(match));
  }

  void add_answer_to(const Attachment& at, Match match, const net::IpAddress& asker) {
    match_address(match, AddressField::kDestination, asker);
    add_lookup(at, std::move(match));
  }

  void add_lookup(const Attachment& at, Match match) {
    add(kAddressLookup, std::move(match), at.metadata, TableId::kResolve,
        {Origin::Kind::kAddressLookup, at.participant, 0});
    rows_.back().meter = at.lookups;
  }

  // From its own addresses to those of `destinations`.
  void add_control_plane(const Attachment& at, const Match& from_router,
                         const std::vector<net::Prefix>& destinations) {
    const Origin origin{Origin::Kind::kControlPlane, at.participant, 0};
    for (const net::IpAddress& address : *at.addresses) {
      Match match = roomy(from_router, kTestsOfAddress);
      match_address(match, AddressField::kSource, address);
      std::vector<net::Prefix> to = destinations;
      std::erase_if(to, [&](const auto& each) { return each.family() != address.family(); });
      for_each_control(match, to, [&](AdmitPriority priority, Match one) {
        add(priority, std::move(one), at.metadata, TableId::kResolve, origin);
      });
    }
  }

  // Calls visit(priority, match) for BGP and BFD to those destinations.
  template <typename Visit>
  static void for_each_control(const Match& from, const std::vector<net::Prefix>& destinations,
                               const Visit& visit) {
    for (const net::Prefix& to : destinations) {
      Match to_lan = roomy(from, 1 + tests_of(to));
      to_lan.exact(Field::kEthType, ether_type(to.family()));
      match_prefix(to_lan, AddressField::kDestination, to);
      const auto add_port = [&](AdmitPriority priority, std::uint64_t protocol, Field field,
                                std::uint64_t port) {
        Match match = roomy(to_lan, 2);
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

  void add_rows(std::vector<Row> rows) { std::ranges::move(rows, std::back_inserter(rows_)); }

  void add(AdmitPriority priority, Match match, Metadata write, TableId next, Origin origin) {
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
                        .origin = {Origin::Kind::kAddressLookup, at.participant, 0},
                        .meter = at.punts});
  }

  const exchange::Exchange& exchange_;
  std::vector<Row> rows_;
};

}  // namespace

std::vector<Row> admit_rows(const exchange::Exchange& exchange, net::ParticipantId owner,
                            const Passage& passage) {
  AdmitRows rows(exchange, exchange.participant(owner).routers.size());
  for (const net::RouterId id : exchange.participant(owner).routers) {
    const exchange::Router& router = exchange.router(id);
    if (!router.present) continue;
    if (router.middlebox) {
      rows.add_middlebox(router, exchange.routers_of(owner), passage);
    } else {
      rows.add_router(router, passage);
    }
  }
  return rows.take();
}

std::vector<Row> site_admit_rows(const exchange::Exchange& exchange) {
  AdmitRows rows(exchange, 1);
  rows.add_route_server();
  return rows.take();
}

}  // namespace fabrix::compiler
