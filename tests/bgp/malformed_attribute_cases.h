// Cases of single attributes: flags, lengths, values (RFC 7606 §3.c, §7).
#pragma once

#include "tests/bgp/malformed_case.h"

namespace fabrix::bgp {

// Attribute flags with one of the two bits that are judged wrong, or both (RFC 7606 §3.c), and with
// those that are not: Partial, and the low four (RFC 4271 §4.3).
struct FlagSample {
  const char* name;
  int type;
  int flags;  // the right ones
  Bytes value;
};

inline std::vector<FlagSample> flag_samples() {
  return {{"ORIGIN", 1, 0x40, bytes({0})},
          {"AS_PATH", 2, 0x40, bytes({2, 1, 0, 0, 0xfb, 0xf4})},
          {"NEXT_HOP", 3, 0x40, bytes({192, 0, 2, 1})},
          {"MED", 4, 0x80, bytes({0, 0, 0, 1})},
          {"ATOMIC_AGGREGATE", 6, 0x40, {}},
          {"AGGREGATOR", 7, 0xc0, bytes({0, 0, 0xfb, 0xf4, 192, 0, 2, 1})},
          {"COMMUNITIES", 8, 0xc0, bytes({0xfb, 0xf4, 0, 1})},
          {"EXTENDED COMMUNITIES", 16, 0xc0, bytes({0, 2, 0xfb, 0xf4, 0, 0, 0, 1})},
          {"LARGE COMMUNITIES", 32, 0xc0, bytes({0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3})},
          {"ONLY_TO_CUSTOMER", 35, 0xc0, bytes({0, 0, 0xfb, 0xf4})}};
}

// The witness with this attribute in place of, or beside, the mandatory ones.
inline Bytes announce_replacing(int type, const Bytes& whole) {
  Bytes attributes;
  const Bytes parts[] = {origin(), as_path(), next_hop()};
  for (int i = 1; i <= 3; ++i) {
    attributes = join({attributes, i == type ? whole : parts[i - 1]});
  }
  if (type > 3) attributes = join({attributes, whole});
  return announce_with(attributes);
}

inline void add_flag_cases(Cases& cases) {
  CaseList list;
  for (const FlagSample& sample : flag_samples()) {
    const std::string prefix = std::string("RFC7606-3.c ") + sample.name;
    const auto with_flipped = [&sample](unsigned bits) {
      const auto flags = static_cast<int>(static_cast<unsigned>(sample.flags) ^ bits);
      return announce_replacing(sample.type, attribute(flags, sample.type, sample.value));
    };
    list.withdraw(prefix + ", Optional wrong", with_flipped(0x80));
    list.withdraw(prefix + ", Transitive wrong", with_flipped(0x40));
    list.withdraw(prefix + ", both wrong", with_flipped(0xc0));
    list.accept(prefix + ", Partial", with_flipped(0x20));
    // 2010: OpenBGPD reset for reserved bits in AGGREGATOR.
    list.accept(prefix + ", reserved bits", with_flipped(0x0f));
    list.accept(prefix + ", a longer length field than needed", with_flipped(0x10));
  }
  const auto reach_with = [](int flags) {
    return update_message({}, join({attribute(flags, 14, mp_reach_value()), mandatory()}), {});
  };
  list.reset("RFC7606-3.c MP_REACH_NLRI, Transitive wrong", {3, 4}, reach_with(0xc0));
  list.reset("RFC7606-3.c MP_REACH_NLRI, Optional wrong", {3, 4}, reach_with(0x00));
  list.reset("RFC7606-3.c MP_UNREACH_NLRI, Transitive wrong", {3, 4},
             update_message({}, attribute(0xc0, 15, bytes({0, 2, 1})), {}));
  list.accept("RFC4271-4.3 MP_REACH_NLRI, Partial", reach_with(0xa0));
  std::move(list).append_to(cases);
}

inline void add_path_cases(Cases& cases) {
  CaseList list;
  const auto path = [](const Bytes& value) {
    return announce_with(join({origin(), attribute(0x40, 2, value), next_hop()}));
  };
  const Bytes good = bytes({2, 1, 0, 0, 0xfb, 0xf4});
  for (const int kind : {0, 5, 255}) {
    list.withdraw("RFC7606-7.2 segment type " + std::to_string(kind),
                  path(bytes({kind, 1, 0, 0, 0xfb, 0xf4})));
  }
  list.withdraw("RFC5065-5 AS_CONFED_SEQUENCE", path(join({bytes({3, 1, 0, 0, 1, 1}), good})));
  list.withdraw("RFC5065-5 AS_CONFED_SET", path(join({good, bytes({4, 1, 0, 0, 1, 1})})));
  list.withdraw("RFC7606-7.2 segment of no AS", path(bytes({2, 0})));
  list.withdraw("RFC7606-7.2 segment of no AS after another", path(join({good, bytes({2, 0})})));
  list.withdraw("RFC7606-7.2 segment that overruns", path(bytes({2, 2, 0, 0, 0xfb, 0xf4})));
  list.withdraw("RFC7606-7.2 segment of 255 that overruns",
                path(bytes({2, 255, 0, 0, 0xfb, 0xf4})));
  list.withdraw("RFC7606-7.2 one octet left", path(join({good, bytes({2})})));
  list.withdraw("RFC7606-7.2 AS numbers of two octets", path(bytes({2, 1, 0xfb, 0xf4})));
  list.withdraw("RFC7607-2 AS 0", path(bytes({2, 2, 0, 0, 0xfb, 0xf4, 0, 0, 0, 0})));
  list.withdraw("RFC7607-2 AS 0 in a set", path(join({good, bytes({1, 1, 0, 0, 0, 0})})));
  list.accept("RFC4271-4.3 AS_SET", path(join({good, bytes({1, 2, 0, 0, 0, 9, 0, 0, 0, 8})})));
  list.accept("RFC4271-5.1.2 empty path", path({}));
  list.accept("RFC6793-9 AS 23456", path(join({good, bytes({2, 1, 0, 0, 0x5b, 0xa0})})));
  list.accept("RFC7300 AS 4294967295", path(join({good, bytes({2, 1, 255, 255, 255, 255})})));

  Bytes full = bytes({2, 255});
  for (int i = 0; i < 255; ++i) full = join({full, bytes({0, 0, 0xfb, 0xf4})});
  list.accept("RFC4271-4.3 segment of 255",
              announce_with(join({origin(), attribute(0x50, 2, full), next_hop()})));
  std::move(list).append_to(cases);
}

// Attributes whose length is all that can be wrong with them.
struct LengthRule {
  const char* name;
  int flags;
  int type;
  std::vector<std::size_t> good;
  std::vector<std::size_t> bad;
  CaseReaction on_good;
  CaseReaction on_bad;
};

inline std::vector<LengthRule> length_rules() {
  using enum CaseReaction;
  return {
      {"RFC7606-7.4 MED", 0x80, 4, {4}, {0, 3, 5, 8}, kAccept, kWithdraw},
      {"RFC7606-7.5 LOCAL_PREF", 0x40, 5, {4}, {0, 3, 5}, kDiscard, kDiscard},
      {"RFC7606-7.6 ATOMIC_AGGREGATE", 0x40, 6, {0}, {1, 4}, kAccept, kDiscard},
      {"RFC7606-7.8 COMMUNITIES", 0xc0, 8, {4, 8, 252}, {0, 1, 3, 5, 6}, kAccept, kWithdraw},
      {"RFC7606-7.9 ORIGINATOR_ID", 0x80, 9, {4}, {0, 3, 5}, kDiscard, kDiscard},
      {"RFC7606-7.10 CLUSTER_LIST", 0x80, 10, {4, 8}, {0, 3, 6}, kDiscard, kDiscard},
      {"RFC7606-7.14 EXTENDED COMMUNITIES",
       0xc0,
       16,
       {8, 16},
       {0, 4, 7, 9, 12},
       kAccept,
       kWithdraw},
      {"RFC7606-7.15 IPv6 EXTENDED COMMUNITIES",
       0xc0,
       25,
       {20, 40},
       {0, 8, 19, 21},
       kDiscard,
       kWithdraw},
      {"RFC8092-6 LARGE COMMUNITIES", 0xc0, 32, {12, 24}, {0, 4, 8, 11, 13}, kAccept, kWithdraw},
      {"RFC9234-5 ONLY_TO_CUSTOMER", 0xc0, 35, {4}, {0, 1, 3, 5, 8}, kAccept, kWithdraw},
  };
}

inline void add_length_cases(Cases& cases) {
  for (const LengthRule& rule : length_rules()) {
    const auto add = [&](std::size_t size, CaseReaction reaction) {
      const Bytes value(size, std::byte{1});
      cases.push_back({std::string(rule.name) + " of " + std::to_string(size),
                       announce_and(attribute(rule.flags, rule.type, value)), reaction});
    };
    for (const std::size_t size : rule.good) add(size, rule.on_good);
    for (const std::size_t size : rule.bad) add(size, rule.on_bad);
  }
  // 2025: ONLY_TO_CUSTOMER re-emitted with a length of 1024.
  cases.push_back({"RFC9234-5 ONLY_TO_CUSTOMER of 1024",
                   announce_and(attribute(0xd0, 35, Bytes(1024))), CaseReaction::kWithdraw});
}

inline void add_value_cases(Cases& cases) {
  CaseList list;
  const auto origin_of = [](const Bytes& value) {
    return announce_replacing(1, attribute(0x40, 1, value));
  };
  list.accept("RFC4271-5.1.1 ORIGIN EGP", origin_of(bytes({1})));
  list.accept("RFC4271-5.1.1 ORIGIN INCOMPLETE", origin_of(bytes({2})));
  list.withdraw("RFC7606-7.1 ORIGIN of no octets", origin_of({}));
  list.withdraw("RFC7606-7.1 ORIGIN of 2 octets", origin_of(bytes({0, 0})));
  list.withdraw("RFC7606-7.1 ORIGIN 3", origin_of(bytes({3})));
  list.withdraw("RFC7606-7.1 ORIGIN 255", origin_of(bytes({255})));

  const auto hop = [](const Bytes& value) {
    return announce_replacing(3, attribute(0x40, 3, value));
  };
  for (const std::size_t size : {0UL, 3UL, 5UL, 16UL}) {
    list.withdraw("RFC7606-7.3 NEXT_HOP of " + std::to_string(size),
                  hop(Bytes(size, std::byte{192})));
  }
  list.withdraw("RFC4271-6.3 NEXT_HOP 0.0.0.0", hop(bytes({0, 0, 0, 0})));
  list.withdraw("RFC4271-6.3 NEXT_HOP 127.0.0.1", hop(bytes({127, 0, 0, 1})));
  list.withdraw("RFC4271-6.3 NEXT_HOP 224.0.0.1", hop(bytes({224, 0, 0, 1})));
  list.withdraw("RFC4271-6.3 NEXT_HOP 240.0.0.1", hop(bytes({240, 0, 0, 1})));
  list.withdraw("RFC4271-6.3 NEXT_HOP 255.255.255.255", hop(bytes({255, 255, 255, 255})));

  const auto aggregator = [](const Bytes& value) {
    return announce_and(attribute(0xc0, 7, value));
  };
  list.accept("RFC4271-5.1.7 AGGREGATOR", aggregator(bytes({0, 0, 0xfb, 0xf4, 192, 0, 2, 1})));
  list.discard("RFC7607-2 AGGREGATOR with AS 0", aggregator(bytes({0, 0, 0, 0, 192, 0, 2, 1})));
  for (const std::size_t size : {0UL, 6UL, 7UL, 9UL}) {
    list.discard("RFC7606-7.7 AGGREGATOR of " + std::to_string(size),
                 aggregator(Bytes(size, std::byte{1})));
  }
  list.discard("RFC6793-6 AS4_PATH from a four-octet speaker",
               announce_and(attribute(0xc0, 17, bytes({2, 1, 0, 0, 0xfb, 0xf4}))));
  list.discard("RFC6793-6 AS4_AGGREGATOR from a four-octet speaker",
               announce_and(attribute(0xc0, 18, bytes({0, 0, 0xfb, 0xf4, 192, 0, 2, 1}))));
  list.accept("RFC8092-5 LARGE COMMUNITIES twice the same",
              announce_and(attribute(0xc0, 32, join({Bytes(12), Bytes(12)}))));
  std::move(list).append_to(cases);
}

// Between speakers of which one knows AS numbers of two octets only (RFC 6793 §4.2.3, §6).
inline void add_two_octet_cases(Cases& cases) {
  CaseList list({.four_octet_as = false});
  const auto with = [](const Bytes& attributes) {
    return announce_with(join({origin(), attribute(0x40, 2, bytes({2, 2, 0xfb, 0xf4, 0x5b, 0xa0})),
                               next_hop(), attributes}));
  };
  const Bytes aggregator = attribute(0xc0, 7, bytes({0x5b, 0xa0, 192, 0, 2, 1}));
  list.accept("RFC6793-4.2.3 AS_TRANS alone", with({}));
  list.accept("RFC6793-4.2.3 AS4_PATH", with(attribute(0xc0, 17, bytes({2, 1, 0, 4, 0, 0}))));
  list.accept("RFC6793-6 AS4_PATH longer than AS_PATH",
              with(attribute(0xc0, 17, bytes({2, 3, 0, 4, 0, 0, 0, 4, 0, 0, 0, 4, 0, 0}))));
  // 2008: AS 35320.
  list.accept("RFC6793-6 AS4_PATH with a confederation segment",
              with(attribute(0xc0, 17, bytes({3, 1, 0, 4, 0, 1, 2, 1, 0, 4, 0, 0}))));
  list.discard("RFC6793-6 AS4_PATH that overruns", with(attribute(0xc0, 17, bytes({2, 2, 0, 4}))));
  list.discard("RFC6793-6 AS4_PATH of segment type 9",
               with(attribute(0xc0, 17, bytes({9, 1, 0, 4, 0, 0}))));
  list.discard("RFC6793-6 AS4_PATH, segment of no AS", with(attribute(0xc0, 17, bytes({2, 0}))));
  list.discard("RFC6793-6 AS4_PATH with wrong flags",
               with(attribute(0x40, 17, bytes({2, 1, 0, 4, 0, 0}))));
  list.accept("RFC6793-4.2.3 AGGREGATOR of 6", with(aggregator));
  list.discard("RFC7606-7.7 AGGREGATOR of 8 from a two-octet speaker",
               with(attribute(0xc0, 7, bytes({0, 0, 0xfb, 0xf4, 192, 0, 2, 1}))));
  list.accept("RFC6793-4.2.3 AS4_AGGREGATOR",
              with(join({aggregator, attribute(0xc0, 18, bytes({0, 4, 0, 0, 192, 0, 2, 1}))})));
  for (const std::size_t size : {0UL, 6UL, 9UL}) {
    list.discard("RFC6793-6 AS4_AGGREGATOR of " + std::to_string(size),
                 with(join({aggregator, attribute(0xc0, 18, Bytes(size, std::byte{1}))})));
  }
  std::move(list).append_to(cases);
}

// What Fabrix does not know, or scrubs (RELIABILITY: everything outside an allow-list).
inline void add_unknown_cases(Cases& cases) {
  CaseList list;
  const Bytes garbage = bytes({0xde, 0xad, 0, 0xff, 1});
  for (const int type :
       {0, 21, 22, 23, 24, 26, 27, 28, 29, 30, 33, 36, 37, 38, 39, 40, 41, 99, 128, 129, 255}) {
    const std::string name = "attribute " + std::to_string(type);
    list.discard("RFC4271-5 " + name + ", optional transitive garbage",
                 announce_and(attribute(0xc0, type, garbage)));
  }
  list.discard("RFC4271-5 optional non-transitive", announce_and(attribute(0x80, 99, garbage)));
  list.discard("RFC4271-5 of no octets", announce_and(attribute(0xc0, 28, {})));
  // 2010: RIPE NCC and Duke University. 2025: a prefix-SID of zeros.
  list.discard("RFC4271-5 attribute 99 of 3000 octets",
               announce_and(attribute(0xd0, 99, Bytes(3000))));
  list.discard("RFC8669-6 prefix-SID of zeros", announce_and(attribute(0xc0, 40, Bytes(40))));
  list.withdraw("RFC7606-3 unknown well-known", announce_and(attribute(0x40, 99, garbage)));
  list.withdraw("RFC7606-3 unknown well-known of type 0", announce_and(attribute(0x40, 0, {})));
  list.withdraw("RFC7606-3 unknown, no flag set", announce_and(attribute(0x00, 200, garbage)));
  std::move(list).append_to(cases);
}

}  // namespace fabrix::bgp
