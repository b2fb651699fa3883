#include "routeserver/dialect.h"

#include <gtest/gtest.h>

#include "tests/routeserver/random_exchange.h"
#include "tests/routeserver/world.h"

namespace fabrix::routeserver {
namespace {

// Attributes of all sizes around 4096 octets, by all that they can be made of.
bgp::PathAttributes attributes_of_any_size(Dice& dice) {
  auto made = random_attributes(dice, net::Asn{dice.one_in(2) ? 100U : 70'000U});
  made.med = 1;
  made.atomic_aggregate = true;
  made.aggregator = {net::Asn{90'000}, address("9.9.9.9")};
  const std::size_t octets = dice.below(4500);
  switch (dice.below(4)) {
    case 0:
      made.communities.resize(octets / 4, bgp::community(1, 1));
      break;
    case 1:
      made.extended_communities.resize(octets / 8);
      break;
    case 2:
      made.large_communities.clear();
      for (std::uint32_t i = 0; i < octets / 12; ++i) made.large_communities.push_back({1, 1, i});
      break;
    default:
      for (std::size_t i = 0; i < octets / 4; ++i) {
        auto& last = made.as_path.segments.back();
        if (last.asns.size() == 255 || dice.one_in(100)) {
          made.as_path.segments.push_back({.asns = {net::Asn{80'000}}});
        } else {
          last.asns.push_back(net::Asn{80'000});
        }
      }
  }
  return made;
}

TEST(DialectTest, WhatCanAlwaysBeSaidCanBeSaidInEveryDialectWithEveryTreatment) {
  constexpr unsigned kSeed = 20261121;
  SCOPED_TRACE(kSeed);
  Dice dice(kSeed);
  const auto exchange = small_exchange();
  const ExportControl control(exchange, {});
  const Treatment most{
      .prepends = 3, .no_export = true, .no_advertise = true, .only_to_customer = true};
  int always = 0;
  int never = 0;
  for (int i = 0; i < 2000; ++i) {
    const auto attributes = attributes_of_any_size(dice);
    const auto family = dice.one_in(2) ? net::Family::kIpv4 : net::Family::kIpv6;
    const Sayable route{
        attributes, address(family == net::Family::kIpv4 ? "172.0.0.1" : "2001:db8:ff::1"), family};
    const auto info = random_session(dice, 1);
    const Heard heard{.attributes = attributes, .next_hop = route.next_hop};
    const bool fits = Oracle::fits(heard, net::Prefix::all(family), info);
    EXPECT_EQ(can_say(dialect_of(info), route), fits);
    never += fits ? 0 : 1;
    if (!can_always_say(route)) continue;
    ++always;
    auto treated = control.exported(attributes, most);
    treated.communities.push_back({0xffff0006});
    EXPECT_TRUE(Oracle::fits({.attributes = treated, .next_hop = route.next_hop},
                             net::Prefix::all(family), info));
  }
  EXPECT_GT(always, 500);
  EXPECT_GT(never, 50);
}

TEST(DialectTest, Rfc8950_4_AnIpv6NextHopOfAnIpv4RouteIsForWhomUnderstandsIt) {
  const bgp::PathAttributes attributes{.as_path = path({100})};
  const Sayable route{attributes, address("2001:db8:ff::1"), net::Family::kIpv4};
  EXPECT_FALSE(can_say({}, route));
  EXPECT_TRUE(can_say({.extended_next_hop = true}, route));
  EXPECT_FALSE(can_always_say(route));
  EXPECT_TRUE(can_always_say({attributes, address("2001:db8:ff::1"), net::Family::kIpv6}));
}

TEST(SpeakersTest, AClientSpeaksWhatItSpokeLast) {
  const auto exchange = small_exchange();
  const ExportControl control(exchange, {});
  const bgp::PathAttributes attributes{.as_path = path({100})};
  const Sayable route{attributes, address("2001:db8:ff::1"), net::Family::kIpv4};
  Speakers speakers;
  speakers.grow(3);
  EXPECT_FALSE(speakers.learn(PeerId{0}, {})) << "what everyone is taken to speak";
  EXPECT_TRUE(speakers.learn(PeerId{1}, {.extended_next_hop = true}));
  EXPECT_FALSE(speakers.learn(PeerId{1}, {.extended_next_hop = true}));
  ClientSet all(5);
  for (std::uint16_t id = 0; id < 5; ++id) all.insert(PeerId{id});
  const auto kept = [&] {
    std::vector<ExportRule> rules{{.treatment = {}, .clients = all}};
    speakers.keep_sayable(control, route, rules);
    std::vector<std::uint16_t> ids;
    for (const ExportRule& rule : rules) {
      rule.clients.for_each([&](PeerId id) { ids.push_back(id.value); });
    }
    return ids;
  };
  EXPECT_EQ(kept(), (std::vector<std::uint16_t>{1, 3, 4})) << "3 and 4 have no sessions";
  EXPECT_TRUE(speakers.learn(PeerId{1}, {}));
  EXPECT_TRUE(speakers.learn(PeerId{2}, {.max_message = 65535, .extended_next_hop = true}));
  speakers.grow(4);
  EXPECT_EQ(kept(), (std::vector<std::uint16_t>{2, 4}));
}

}  // namespace
}  // namespace fabrix::routeserver
