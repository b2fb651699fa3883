// Cases of routes: fields of the UPDATE, the list of attributes, MP_REACH_NLRI and MP_UNREACH_NLRI,
// FlowSpec (RFC 7606 §3 to §5, RFC 8950, RFC 8955).
#pragma once

#include "tests/bgp/malformed_case.h"

namespace fabrix::bgp {

inline void add_field_cases(Cases& cases) {
  CaseList list;
  const auto raw = [](std::initializer_list<int> body) {
    return encode_message(MessageType::kUpdate, bytes(body));
  };
  list.reset("RFC7606-3.b withdrawn routes overrun", {3, 1}, raw({255, 255, 0, 0}));
  list.reset("RFC7606-3.b withdrawn routes take the attributes' length", {3, 1}, raw({0, 2, 0, 0}));
  list.reset("RFC7606-3.b one octet left for the attributes' length", {3, 1}, raw({0, 1, 0, 0}));
  list.reset("RFC7606-3.b attributes overrun by one", {3, 1}, raw({0, 0, 0, 1}));
  list.reset("RFC7606-3.b attributes overrun", {3, 1}, raw({0, 0, 255, 255, 1}));
  for (const int length : {33, 64, 255}) {
    const std::string name = std::to_string(length);
    list.reset("RFC7606-5.3 withdrawn prefix of " + name + " bits", {3, 10},
               update_message(join({bytes({length}), Bytes(32)}), {}, {}));
    list.reset("RFC7606-5.3 announced prefix of " + name + " bits", {3, 10},
               update_message({}, mandatory(), join({bytes({length}), Bytes(32)})));
  }
  list.reset("RFC7606-5.3 withdrawn prefix runs over", {3, 10},
             update_message(bytes({24, 198, 51}), {}, {}));
  list.reset("RFC7606-5.3 second withdrawn prefix runs over", {3, 10},
             update_message(bytes({24, 198, 51, 100, 1}), {}, {}));
  list.reset("RFC7606-5.3 announced prefix runs over", {3, 10},
             update_message({}, mandatory(), bytes({32, 198, 51, 100})));
  list.reset("RFC7606-3.a NLRI error beside a bad ORIGIN", {3, 10},
             update_message({}, join({attribute(0x40, 1, bytes({9})), as_path(), next_hop()}),
                            bytes({33})));
  list.accept("RFC4271-4.3 default route", update_message({}, mandatory(), bytes({0})));
  list.accept("RFC4271-4.3 host route",
              update_message({}, mandatory(), bytes({32, 198, 51, 100, 7})));
  list.accept("RFC4271-4.3 bits after the length",
              update_message({}, mandatory(), bytes({9, 10, 255})));
  list.accept("RFC4271-4.3 the same prefix twice",
              update_message({}, mandatory(), join({kWitnessNlri, kWitnessNlri})));
  list.accept("RFC4271-4.3 withdrawn and announced",
              update_message(kWitnessNlri, mandatory(), kWitnessNlri));
  list.accept("RFC4271-4.3 withdrawn alone", update_message(kWitnessNlri, {}, {}));
  list.accept("RFC4271-4.3 a route never heard of, withdrawn",
              update_message(bytes({8, 99}), {}, {}));
  list.accept("RFC4271-4.3 withdrawn beside attributes without routes",
              update_message(kWitnessNlri, mandatory(), {}));
  list.ignore("RFC4724-2 End-of-RIB", update_message({}, {}, {}));
  list.ignore("RFC4724-2 End-of-RIB of IPv6",
              update_message({}, attribute(0x80, 15, bytes({0, 2, 1})), {}));
  list.ignore("RFC4271-4.3 attributes without routes", update_message({}, mandatory(), {}));
  std::move(list).append_to(cases);
}

inline void add_list_cases(Cases& cases) {
  CaseList list;
  for (const auto& left : {bytes({0xc0}), bytes({0xc0, 8}), bytes({0xd0, 8, 0})}) {
    const std::string name = std::to_string(left.size()) + " octets left in the attributes";
    list.withdraw("RFC7606-4 " + name, announce_and(left));
    list.reset("RFC7606-5.2 " + name + ", no routes", {3, 1},
               update_message({}, join({mandatory(), left}), {}));
  }
  const Bytes overrun = bytes({0xc0, 8, 8, 0, 1, 0, 2});
  const Bytes long_overrun = bytes({0xd0, 8, 255, 255, 0, 1, 0, 2});
  list.withdraw("RFC7606-4 the last attribute overruns", announce_and(overrun));
  list.withdraw("RFC7606-4 the last attribute overruns by much", announce_and(long_overrun));
  list.withdraw("RFC7606-4 the first attribute overruns", announce_with(bytes({0x40, 1, 200, 0})));
  list.reset("RFC7606-5.2 an attribute overruns, no routes", {3, 1},
             update_message({}, overrun, {}));
  list.reset("RFC7606-5.2 routes hidden behind the error", {3, 1},
             update_message({}, join({origin(), as_path(), bytes({0x40, 3, 99}), mp_reach()}), {}));
  list.reset("RFC7606-5.2 a bad ORIGIN without routes", {3, 6},
             update_message({}, join({attribute(0x40, 1, bytes({9})), as_path()}), {}));
  list.reset("RFC7606-5.2 a bad ORIGIN beside withdrawn routes", {3, 6},
             update_message(kWitnessNlri, attribute(0x40, 1, bytes({9})), {}));
  list.ignore("RFC7606-5.2 an attribute discarded without routes",
              update_message({}, attribute(0x40, 6, bytes({1})), {}));

  list.withdraw("RFC7606-3.d no ORIGIN", announce_with(join({as_path(), next_hop()})));
  list.withdraw("RFC7606-3.d no AS_PATH", announce_with(join({origin(), next_hop()})));
  list.withdraw("RFC7606-3.d no NEXT_HOP", announce_with(join({origin(), as_path()})));
  list.withdraw("RFC7606-3.d no attributes, as in CVE-2023-41358", announce_with({}));
  list.accept("RFC4271-5 attributes in another order",
              announce_with(join({next_hop(), as_path(), origin()})));

  list.discard("RFC7606-3.g ORIGIN twice, the second bad",
               announce_and(attribute(0x40, 1, bytes({9}))));
  list.discard("RFC7606-3.g AS_PATH twice, the second bad",
               announce_and(attribute(0x40, 2, bytes({9, 9}))));
  list.discard("RFC7606-3.g COMMUNITIES twice",
               announce_and(join({attribute(0xc0, 8, Bytes(4)), attribute(0xc0, 8, Bytes(8))})));
  list.discard("RFC7606-3.g unknown attribute twice",
               announce_and(join({attribute(0xc0, 99, {}), attribute(0xc0, 99, {})})));
  list.withdraw("RFC7606-3.g ORIGIN twice, the first bad",
                announce_with(join({attribute(0x40, 1, bytes({9})), mandatory()})));
  list.withdraw("RFC7606-3.h discard and withdraw together",
                announce_and(join({attribute(0x40, 6, bytes({1})), attribute(0x80, 4, {})})));
  std::move(list).append_to(cases);
}

// MP_REACH_NLRI of IPv6 unicast with this next hop and these routes.
inline Bytes reach_of(const Bytes& hop, const Bytes& routes, int reserved = 0) {
  return attribute(
      0x80, 14,
      join({bytes({0, 2, 1, static_cast<int>(hop.size())}), hop, bytes({reserved}), routes}));
}

inline Bytes ipv6(std::initializer_list<int> first, int last) {
  Bytes result = bytes(first);
  result.resize(15);
  result.push_back(static_cast<std::byte>(last));
  return result;
}

inline Bytes announce_ipv6(const Bytes& reach) {
  return update_message({}, join({reach, origin(), as_path()}), {});
}

inline const Bytes kHop = ipv6({0x20, 1, 0x0d, 0xb8}, 1);
inline const Bytes kLinkLocal = ipv6({0xfe, 0x80}, 1);
inline const Bytes kIpv6Route = bytes({48, 0x20, 1, 0x0d, 0xb8, 0, 1});

inline void add_next_hop_size_cases(Cases& cases) {
  CaseList list;
  for (int size = 0; size < 5; ++size) {
    const Bytes whole = bytes({0, 2, 1, 0, 0});
    list.reset("RFC7606-5.3 MP_REACH_NLRI of " + std::to_string(size), {3, 9},
               announce_ipv6(attribute(0x80, 14, {whole.begin(), whole.begin() + size})));
  }
  for (const std::size_t size : {0UL, 4UL, 15UL, 17UL, 24UL, 31UL, 33UL, 48UL}) {
    list.reset("RFC7606-7.11 next hop of " + std::to_string(size), {3, 9},
               announce_ipv6(reach_of(Bytes(size, std::byte{0x20}), kIpv6Route)));
  }
  list.reset("RFC7606-7.11 next hop overruns", {3, 9},
             announce_ipv6(attribute(0x80, 14, join({bytes({0, 2, 1, 255}), kHop, kIpv6Route}))));
  list.reset("RFC7606-5.3 IPv6 prefix of 129 bits", {3, 9},
             announce_ipv6(reach_of(kHop, join({bytes({129}), Bytes(20)}))));
  list.reset("RFC7606-5.3 IPv6 prefix runs over", {3, 9},
             announce_ipv6(reach_of(kHop, bytes({48, 0x20, 1}))));
  std::move(list).append_to(cases);
}

inline void add_reach_cases(Cases& cases) {
  CaseList list;
  list.withdraw("RFC4760-3 next hop ::", announce_ipv6(reach_of(ipv6({}, 0), kIpv6Route)));
  list.withdraw("RFC4760-3 next hop ::1", announce_ipv6(reach_of(ipv6({}, 1), kIpv6Route)));
  list.withdraw("RFC4760-3 next hop ff02::1",
                announce_ipv6(reach_of(ipv6({0xff, 2}, 1), kIpv6Route)));
  list.withdraw("RFC2545-3 next hop link-local only",
                announce_ipv6(reach_of(kLinkLocal, kIpv6Route)));
  list.accept("RFC2545-3 next hop with its link-local address",
              announce_ipv6(reach_of(join({kHop, kLinkLocal}), kIpv6Route)));
  list.accept("RFC4760-3 reserved octet set", announce_ipv6(reach_of(kHop, kIpv6Route, 99)));
  list.accept("RFC4760-3 ::/0", announce_ipv6(reach_of(kHop, bytes({0}))));
  list.accept("RFC4760-3 a NEXT_HOP beside it",
              update_message({}, join({reach_of(kHop, kIpv6Route), mandatory()}), {}));
  list.accept("RFC7606-5.1 both families",
              update_message({}, join({reach_of(kHop, kIpv6Route), mandatory()}), kWitnessNlri));
  list.accept("RFC4760-3 IPv4 routes",
              update_message(
                  {},
                  join({attribute(0x80, 14, bytes({0, 1, 1, 4, 192, 0, 2, 1, 0, 24, 198, 51, 100})),
                        origin(), as_path()}),
                  {}));
  std::move(list).append_to(cases);
}

inline void add_reach_list_cases(Cases& cases) {
  CaseList list;
  list.withdraw("RFC7606-3.d IPv6 without ORIGIN",
                update_message({}, join({reach_of(kHop, kIpv6Route), as_path()}), {}));
  list.withdraw("RFC7606-3.d IPv6 without AS_PATH",
                update_message({}, join({reach_of(kHop, kIpv6Route), origin()}), {}));
  list.withdraw(
      "RFC7606-4 an overrun after MP_REACH_NLRI",
      update_message({}, join({reach_of(kHop, kIpv6Route), origin(), bytes({0x40, 2, 9})}), {}));
  list.withdraw("RFC7606-7.2 both families with a bad AS_PATH",
                update_message({},
                               join({reach_of(kHop, kIpv6Route), origin(),
                                     attribute(0x40, 2, bytes({9})), next_hop()}),
                               kWitnessNlri));
  list.reset("RFC7606-3.g MP_REACH_NLRI twice", {3, 1},
             announce_ipv6(join({reach_of(kHop, kIpv6Route), reach_of(kHop, kIpv6Route)})));
  list.reset("RFC7606-3.g the second MP_REACH_NLRI overruns", {3, 1},
             announce_ipv6(join({reach_of(kHop, kIpv6Route), bytes({0x80, 14, 255})})));
  list.reset(
      "RFC7606-3.h a bad ORIGIN before a bad MP_REACH_NLRI", {3, 9},
      update_message({}, join({attribute(0x40, 1, bytes({9})), reach_of({}, kIpv6Route)}), {}));
  list.ignore("RFC4760-7 IPv6 multicast, not negotiated",
              announce_ipv6(
                  attribute(0x80, 14, join({bytes({0, 2, 2, 16}), kHop, bytes({0}), kIpv6Route}))));
  list.ignore("RFC4760-7 AFI 25, not negotiated",
              announce_ipv6(attribute(0x80, 14, bytes({0, 25, 70, 4, 1, 2, 3, 4, 0, 9, 9}))));
  list.ignore("RFC4760-7 IPv6 VPN, with a next hop of its kind",
              announce_ipv6(
                  attribute(0x80, 14, join({bytes({0, 2, 128, 24}), Bytes(24), bytes({0, 255})}))));
  list.ignore("RFC8955-4 FlowSpec, not negotiated",
              announce_ipv6(attribute(0x80, 14, bytes({0, 1, 133, 0, 0, 0}))));
  std::move(list).append_to(cases);
}

inline void add_unreach_cases(Cases& cases) {
  CaseList list;
  const auto unreach = [](const Bytes& value) {
    return update_message({}, attribute(0x80, 15, value), {});
  };
  for (int size = 0; size < 3; ++size) {
    list.reset("RFC7606-5.3 MP_UNREACH_NLRI of " + std::to_string(size), {3, 9},
               unreach(Bytes(static_cast<std::size_t>(size))));
  }
  list.reset("RFC7606-5.3 withdrawn IPv6 prefix of 129 bits", {3, 9},
             unreach(join({bytes({0, 2, 1, 129}), Bytes(17)})));
  list.reset("RFC7606-5.3 withdrawn IPv6 prefix runs over", {3, 9},
             unreach(bytes({0, 2, 1, 48, 0x20, 1})));
  list.reset("RFC7606-3.g MP_UNREACH_NLRI twice", {3, 1},
             update_message({}, join({mp_unreach(), mp_unreach()}), {}));
  list.accept("RFC4760-4 IPv6 withdrawn", unreach(bytes({0, 2, 1, 48, 0x20, 1, 0x0d, 0xb8, 0, 1})));
  list.accept("RFC4760-4 IPv4 withdrawn", unreach(bytes({0, 1, 1, 24, 198, 51, 100})));
  list.accept("RFC4760-4 withdrawn and announced in one",
              update_message({}, join({mp_unreach(), mp_reach(), origin(), as_path()}), {}));
  list.ignore("RFC4760-7 withdrawn of AFI 25", unreach(bytes({0, 25, 70, 1, 2, 3})));
  std::move(list).append_to(cases);
}

inline void add_next_hop_cases(Cases& cases) {
  const auto ipv4_reach = [](const Bytes& hop) {
    return update_message({},
                          join({attribute(0x80, 14,
                                          join({bytes({0, 1, 1, static_cast<int>(hop.size())}), hop,
                                                bytes({0}), kWitnessNlri})),
                                origin(), as_path()}),
                          {});
  };
  CaseList plain;
  plain.reset("RFC8950-4 IPv6 next hop of IPv4, not negotiated", {3, 9}, ipv4_reach(kHop));
  std::move(plain).append_to(cases);
  CaseList list({.extended_next_hop = true});
  list.accept("RFC8950-3 IPv6 next hop of IPv4", ipv4_reach(kHop));
  list.accept("RFC8950-3 IPv6 next hop of IPv4 with its link-local address",
              ipv4_reach(join({kHop, kLinkLocal})));
  list.accept("RFC8950-3 IPv4 next hop of IPv4", ipv4_reach(bytes({192, 0, 2, 1})));
  for (const std::size_t size : {0UL, 5UL, 12UL, 24UL}) {
    list.reset("RFC8950-3 next hop of " + std::to_string(size), {3, 9},
               ipv4_reach(Bytes(size, std::byte{0x20})));
  }
  list.withdraw("RFC8950-3 link-local next hop of IPv4", ipv4_reach(kLinkLocal));
  std::move(list).append_to(cases);
}

inline void add_flowspec_cases(Cases& cases) {
  CaseList list({.flowspec = true});
  const auto rules = [](const Bytes& nlri) {
    return update_message(
        {},
        join({attribute(0x80, 14, join({bytes({0, 1, 133, 0, 0}), nlri})), origin(), as_path()}),
        {});
  };
  list.accept("RFC8955-4.2 destination", rules(bytes({5, 1, 24, 198, 51, 100})));
  list.accept("RFC8955-4.2 destination and protocol",
              rules(bytes({8, 1, 24, 198, 51, 100, 3, 0x81, 17})));
  list.accept("RFC8955-4.1 length of two octets", rules(bytes({0xf0, 5, 1, 24, 198, 51, 100})));
  list.reset("RFC8955-4.2 no components: everything", {3, 9}, rules(bytes({0})));
  list.reset("RFC8955-4.1 length overruns", {3, 9}, rules(bytes({9, 1, 24, 198, 51, 100})));
  list.reset("RFC8955-4.1 half a length", {3, 9}, rules(bytes({0xf0})));
  list.reset("RFC8955-4.2 prefix of 33 bits", {3, 9}, rules(bytes({7, 1, 33, 1, 2, 3, 4, 5})));
  list.reset("RFC8955-4.2 prefix overruns", {3, 9}, rules(bytes({3, 1, 24, 198})));
  list.reset("RFC8955-4.2 components out of order", {3, 9},
             rules(bytes({8, 3, 0x81, 17, 1, 24, 198, 51, 100})));
  list.reset("RFC8955-4.2 component twice", {3, 9}, rules(bytes({6, 3, 0x81, 17, 3, 0x81, 6})));
  list.reset("RFC8955-4.2 component type 0", {3, 9}, rules(bytes({3, 0, 0x81, 17})));
  list.reset("RFC8955-4.2 component type 255", {3, 9}, rules(bytes({3, 255, 0x81, 17})));
  list.reset("RFC8955-4.2.1.1 list without an end", {3, 9}, rules(bytes({3, 3, 0x01, 17})));
  list.reset("RFC8955-4.2.1.1 value overruns", {3, 9}, rules(bytes({3, 3, 0xb1, 17})));
  list.withdraw(
      "RFC7606-3.d a rule without AS_PATH",
      update_message(
          {},
          join({attribute(0x80, 14, bytes({0, 1, 133, 0, 0, 5, 1, 24, 198, 51, 100})), origin()}),
          {}));
  list.ignore(
      "RFC8955-4 rules of IPv6, not negotiated",
      update_message(
          {}, join({attribute(0x80, 14, bytes({0, 2, 133, 0, 0, 0})), origin(), as_path()}), {}));
  std::move(list).append_to(cases);
}

}  // namespace fabrix::bgp
