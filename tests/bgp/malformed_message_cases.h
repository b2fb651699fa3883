// Cases of whole messages: headers, OPEN, ROUTE-REFRESH, NOTIFICATION.
#pragma once

#include "tests/bgp/malformed_case.h"

namespace fabrix::bgp {

inline void add_header_cases(Cases& cases) {
  CaseList list;
  const Bytes ones(16, std::byte{0xff});
  const Bytes zeros(16);
  const Bytes almost = join({Bytes(15, std::byte{0xff}), bytes({0xfe})});
  const Bytes keepalive = bytes({0, 19, 4});
  list.reset("RFC4271-6.1 marker of zeros", {1, 1}, join({zeros, keepalive}));
  list.reset("RFC4271-6.1 marker with one bit clear", {1, 1}, join({almost, keepalive}));
  for (const std::size_t length : {0UL, 1UL, 18UL}) {
    list.reset("RFC4271-6.1 length " + std::to_string(length), {1, 2}, raw_message(length, 2, {}));
  }
  for (const std::size_t length : {4097UL, 32768UL, 65535UL}) {
    list.reset("RFC8654-5 length " + std::to_string(length) + ", not offered", {1, 2},
               raw_message(length, 2, Bytes(length - kHeaderSize)));
  }
  list.reset("RFC4271-6.1 KEEPALIVE of 20", {1, 2}, raw_message(20, 4, Bytes(1)));
  list.reset("RFC4271-6.1 KEEPALIVE of 4096", {1, 2}, raw_message(4096, 4, Bytes(4077)));
  list.reset("RFC4271-6.1 UPDATE of 19", {1, 2}, raw_message(19, 2, {}));
  list.reset("RFC4271-6.1 UPDATE of 22", {1, 2}, raw_message(22, 2, Bytes(3)));
  list.reset("RFC4271-6.1 OPEN of 28", {1, 2}, raw_message(28, 1, Bytes(9)));
  list.reset("RFC4271-6.1 NOTIFICATION of 20", {1, 2}, raw_message(20, 3, Bytes(1)));
  for (const int type : {0, 6, 128, 255}) {
    list.reset("RFC4271-6.1 type " + std::to_string(type), {1, 3}, raw_message(19, type, {}));
  }
  list.reset("RFC6608-3 OPEN when established", {5, 3},
             raw_message(29, 1, bytes({4, 0xfb, 0xf4, 0, 90, 1, 1, 1, 1, 0})));
  list.ignore("RFC4271-4.4 KEEPALIVE", raw_message(19, 4, {}));
  list.accept("RFC4271-4.1 UPDATE of 4096", update_message(Bytes(4096 - kHeaderSize - 4), {}, {}));
  std::move(list).append_to(cases);
}

inline void add_extended_message_cases(Cases& cases) {
  CaseList list({.extended_messages = true});
  const auto withdrawing = [](std::size_t size) {
    return update_message(Bytes(size - kHeaderSize - 4), {}, {});
  };
  list.accept("RFC8654-4 UPDATE of 4097", withdrawing(4097));
  list.accept("RFC8654-4 UPDATE of 65535", withdrawing(65535));
  list.reset("RFC8654-4 OPEN of 4097", {1, 2}, raw_message(4097, 1, Bytes(4078)));
  list.reset("RFC8654-4 KEEPALIVE of 4097", {1, 2}, raw_message(4097, 4, Bytes(4078)));
  list.reset("RFC7313-5 ROUTE-REFRESH of 4097", {7, 1}, raw_message(4097, 5, Bytes(4078)));
  list.closed("RFC8654-4 NOTIFICATION of 4097",
              raw_message(4097, 3, join({bytes({6, 4}), Bytes(4076)})));
  // 2009, AS 47868: many prepends. 2026, CVE-2026-49943: more than 2,048 AS numbers.
  Bytes long_path;
  for (int segment = 0; segment < 16; ++segment) {
    long_path = join({long_path, bytes({2, 255})});
    for (int i = 0; i < 255; ++i) long_path = join({long_path, bytes({0, 0, 0xfb, 0xf4})});
  }
  Bytes sixteen = bytes({2, 16});
  for (int i = 0; i < 16; ++i) sixteen = join({sixteen, bytes({0, 0, 0xfb, 0xf4})});
  const auto announce_path = [](const Bytes& path) {
    return announce_with(join({origin(), attribute(0x50, 2, path), next_hop()}));
  };
  list.accept("RFC4271-4.3 AS_PATH of 4096 AS numbers", announce_path(join({long_path, sixteen})));
  list.withdraw("limit AS_PATH of 4097 AS numbers",
                announce_path(join({long_path, sixteen, bytes({2, 1, 0, 0, 0xfb, 0xf4})})));
  std::move(list).append_to(cases);
}

inline void add_refresh_cases(Cases& cases) {
  CaseList list;
  const auto refresh = [](const Bytes& body) {
    return encode_message(MessageType::kRouteRefresh, body);
  };
  list.ignore("RFC2918-4 request", refresh(bytes({0, 1, 0, 1})));
  list.ignore("RFC2918-4 request for a family nobody negotiated", refresh(bytes({0, 1, 0, 4})));
  list.ignore("RFC2918-4 request for AFI 16397", refresh(bytes({0x40, 0x0d, 0, 71})));
  list.ignore("RFC7313-4 beginning", refresh(bytes({0, 1, 1, 1})));
  list.ignore("RFC7313-4 end without a beginning", refresh(bytes({0, 2, 2, 1})));
  list.ignore("RFC7313-5 subtype 3", refresh(bytes({0, 1, 3, 1})));
  list.ignore("RFC7313-5 subtype 255", refresh(bytes({0, 1, 255, 1})));
  list.reset("RFC7313-5 beginning of 5 octets", {7, 1}, refresh(bytes({0, 1, 1, 1, 0})));
  list.reset("RFC7313-5 end of 3 octets", {7, 1}, refresh(bytes({0, 1, 2})));
  list.reset("RFC7313-5 nothing", {7, 1}, refresh({}));
  list.reset("RFC5291-4 a filter nobody offered", {7, 1},
             refresh(bytes({0, 1, 0, 1, 1, 64, 0, 1, 0x80})));
  std::move(list).append_to(cases);
}

inline void add_notification_cases(Cases& cases) {
  CaseList list;
  const auto notification = [](const Bytes& body) {
    return encode_message(MessageType::kNotification, body);
  };
  list.closed("RFC4271-6.4 unknown code", notification(bytes({99, 99})));
  list.closed("RFC4271-6.4 code 0", notification(bytes({0, 0})));
  list.closed("RFC9003-2 shutdown text longer than the message",
              notification(bytes({6, 2, 255, 'x'})));
  list.closed("RFC9003-2 shutdown text of no UTF-8", notification(bytes({6, 2, 3, 0xff, 0xc0, 1})));
  list.closed("RFC9003-2 shutdown text of 255 octets",
              notification(join({bytes({6, 4, 255}), Bytes(255, std::byte{'a'})})));
  list.closed("RFC8538-3 hard reset that holds nothing", notification(bytes({6, 9})));
  list.closed("RFC8538-3 hard reset within a hard reset", notification(bytes({6, 9, 6, 9, 6, 9})));
  list.closed("RFC4271-4.5 data up to 4096", notification(join({bytes({6, 1}), Bytes(4075)})));
  std::move(list).append_to(cases);
}

// The member's OPEN with these optional parameters.
inline Bytes open_with(const Bytes& parameters) {
  const int size = static_cast<int>(parameters.size());
  return encode_message(MessageType::kOpen,
                        join({bytes({4, 0xfb, 0xf4, 0, 90, 192, 0, 2, 1, size}), parameters}));
}

inline Bytes open_with_capability(const Bytes& capability) {
  // Beside IPv4 unicast, so that there is something to talk about.
  const Bytes all = join({bytes({1, 4, 0, 1, 0, 1}), capability});
  return open_with(join({bytes({2, static_cast<int>(all.size())}), all}));
}

inline void add_open_cases(Cases& cases) {
  CaseList list({.stage = CaseSetup::Stage::kOpenSent});
  const auto fixed = [](std::initializer_list<int> octets) {
    return encode_message(MessageType::kOpen, bytes(octets));
  };
  list.reset("RFC4271-6.2 version 3", {2, 1}, fixed({3, 0xfb, 0xf4, 0, 90, 192, 0, 2, 1, 0}));
  list.reset("RFC4271-6.2 version 5", {2, 1}, fixed({5, 0xfb, 0xf4, 0, 90, 192, 0, 2, 1, 0}));
  list.reset("RFC7607-2 AS 0 in the OPEN", {2, 2}, fixed({4, 0, 0, 0, 90, 192, 0, 2, 1, 0}));
  list.reset("RFC4271-6.2 another AS", {2, 2}, fixed({4, 0xfb, 0xf5, 0, 90, 192, 0, 2, 1, 0}));
  list.reset("RFC6286-2.2 identifier 0", {2, 3}, fixed({4, 0xfb, 0xf4, 0, 90, 0, 0, 0, 0, 0}));
  list.accept("RFC6286-2.1 identifier 224.0.0.1", fixed({4, 0xfb, 0xf4, 0, 90, 224, 0, 0, 1, 0}));
  list.reset("RFC4271-6.2 hold time 1", {2, 6}, fixed({4, 0xfb, 0xf4, 0, 1, 192, 0, 2, 1, 0}));
  list.reset("RFC4271-6.2 hold time 2", {2, 6}, fixed({4, 0xfb, 0xf4, 0, 2, 192, 0, 2, 1, 0}));
  list.accept("RFC4271-4.2 hold time 0", fixed({4, 0xfb, 0xf4, 0, 0, 192, 0, 2, 1, 0}));
  list.accept("RFC4271-4.2 hold time 65535", fixed({4, 0xfb, 0xf4, 255, 255, 192, 0, 2, 1, 0}));
  list.reset("RFC4271-6.2 parameters shorter than they say", {2, 0},
             fixed({4, 0xfb, 0xf4, 0, 90, 192, 0, 2, 1, 9}));
  list.reset("RFC4271-6.2 octets after the parameters", {2, 0},
             fixed({4, 0xfb, 0xf4, 0, 90, 192, 0, 2, 1, 0, 7}));
  list.reset("RFC4271-6.2 authentication parameter", {2, 4}, open_with(bytes({1, 1, 0})));
  list.reset("RFC4271-6.2 unknown parameter", {2, 4}, open_with(bytes({77, 0})));
  list.reset("RFC4271-6.2 a parameter without a length", {2, 0}, open_with(bytes({2})));
  list.reset("RFC4271-6.2 a parameter that overruns", {2, 0}, open_with(bytes({2, 9, 2, 0})));
  list.accept("RFC5492-4 no capabilities", open_with(bytes({2, 0})));
  list.accept("RFC5492-4 each in a parameter of its own",
              open_with(bytes({2, 6, 1, 4, 0, 1, 0, 1, 2, 2, 2, 0})));
  list.accept("RFC9072-2 long form of short parameters",
              open_with(bytes({255, 0, 5, 2, 0, 2, 2, 0})));
  list.reset("RFC9072-2 long form that overruns", {2, 0},
             open_with(bytes({255, 0, 9, 2, 0, 2, 2, 0})));
  list.reset("RFC9072-2 long form without a length", {2, 0}, open_with(bytes({255, 0})));
  list.reset("RFC5492-3 nothing in common", {2, 7}, open_with(bytes({2, 6, 1, 4, 0, 25, 0, 70})));
  list.reset("RFC4271-6.1 UPDATE before OPEN", {5, 1}, witness_message());
  std::move(list).append_to(cases);
}

inline void add_malformed_capability_cases(Cases& cases) {
  CaseList list({.stage = CaseSetup::Stage::kOpenSent});
  const struct {
    const char* name;
    Bytes capability;
  } malformed[] = {
      {"without a length", bytes({2})},
      {"that overruns", bytes({200, 9, 1})},
      {"of 255 octets that are not there", bytes({64, 255, 0})},
      {"multiprotocol of 3 octets", bytes({1, 3, 0, 1, 0})},
      {"multiprotocol of 5 octets", bytes({1, 5, 0, 1, 0, 1, 0})},
      {"route refresh of 1 octet", bytes({2, 1, 0})},
      {"extended next hop of 5 octets", bytes({5, 5, 0, 1, 0, 1, 0})},
      {"extended message of 1 octet", bytes({6, 1, 0})},
      {"role of no octets", bytes({9, 0})},
      {"role of 2 octets", bytes({9, 2, 2, 2})},
      {"graceful restart of no octets", bytes({64, 0})},
      {"graceful restart of 1 octet", bytes({64, 1, 0})},
      {"graceful restart of 3 octets", bytes({64, 3, 0, 120, 0})},
      {"four-octet AS of 2 octets", bytes({65, 2, 0xfb, 0xf4})},
      {"four-octet AS of 5 octets", bytes({65, 5, 0, 0, 0xfb, 0xf4, 0})},
      {"ADD-PATH of 3 octets", bytes({69, 3, 0, 1, 1})},
      {"enhanced route refresh of 1 octet", bytes({70, 1, 0})},
      {"long-lived graceful restart of 6 octets", bytes({71, 6, 0, 1, 1, 0, 0, 1})},
  };
  for (const auto& [name, capability] : malformed) {
    list.reset(std::string("RFC5492-4 capability ") + name, {2, 0},
               open_with_capability(capability));
  }
  std::move(list).append_to(cases);
}

inline void add_capability_cases(Cases& cases) {
  CaseList list({.stage = CaseSetup::Stage::kOpenSent});
  const struct {
    const char* name;
    Bytes capability;
  } harmless[] = {
      {"RFC5492-3 unknown capability", bytes({200, 4, 1, 2, 3, 4})},
      {"RFC5492-3 unknown capability of no octets", bytes({255, 0})},
      {"RFC5291-5 outbound filters, as in CVE-2012-1820", bytes({3, 7, 0, 1, 0, 1, 9, 1, 3})},
      {"host name of garbage", bytes({73, 3, 255, 0, 0})},
      {"software version of no octets, as in CVE-2025-43971", bytes({75, 0})},
      {"RFC7911-4 ADD-PATH with direction 9", bytes({69, 4, 0, 1, 1, 9})},
      {"RFC7911-4 ADD-PATH of no families", bytes({69, 0})},
      {"RFC4724-3 graceful restart twice", bytes({64, 2, 0, 120, 64, 2, 0, 60})},
      {"RFC9494-4.5 long-lived without graceful restart", bytes({71, 7, 0, 1, 1, 0, 0, 0, 9})},
      {"RFC5492-4 the same capability twice", bytes({1, 4, 0, 1, 0, 1})},
      {"RFC4760-8 reserved octet set", bytes({1, 4, 0, 2, 99, 1})},
      {"RFC9234-4.1 a role to a server without one", bytes({9, 1, 77})},
  };
  for (const auto& [name, capability] : harmless) {
    list.accept(name, open_with_capability(capability));
  }
  list.reset("RFC7607-2 four-octet AS 0", {2, 2}, open_with_capability(bytes({65, 4, 0, 0, 0, 0})));
  list.reset("RFC6793-3 another four-octet AS", {2, 2},
             open_with_capability(bytes({65, 4, 0, 1, 0xfb, 0xf4})));
  std::move(list).append_to(cases);
}

inline void add_role_cases(Cases& cases) {
  CaseList roles({.stage = CaseSetup::Stage::kOpenSent, .role = true});
  roles.accept("RFC9234-4.2 role RS-client", open_with_capability(bytes({9, 1, 2})));
  roles.accept("RFC9234-4.2 no role", open_with_capability({}));
  for (const int role : {0, 1, 3, 4, 77}) {
    roles.reset("RFC9234-4.2 role " + std::to_string(role), {2, 11},
                open_with_capability(bytes({9, 1, role})));
  }
  roles.reset("RFC9234-4.2 two roles", {2, 11}, open_with_capability(bytes({9, 1, 2, 9, 1, 4})));
  std::move(roles).append_to(cases);
}

}  // namespace fabrix::bgp
