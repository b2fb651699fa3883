#include "routeserver/emission_check.h"

#include <random>

#include <gtest/gtest.h>

#include "tests/routeserver/engine_world.h"
#include "tests/routeserver/random_exchange.h"

namespace fabrix::routeserver {
namespace {

using Vigilance = EmissionCheck::Vigilance;

// A meaning, and the UPDATEs that say it.
struct Said {
  std::vector<net::Prefix> prefixes;
  Meaning meaning;
  bgp::EncodeOptions options;
  std::vector<std::byte> octets;
};

std::vector<std::byte> encode(const Said& said) {
  const std::vector<std::uint32_t> ids(said.prefixes.size(), said.meaning.path_id);
  const bgp::NlriList nlri{.prefixes = said.prefixes, .path_ids = ids};
  ByteWriter out;
  if (said.meaning.attributes == nullptr) {
    bgp::encode_withdrawal(said.prefixes.front().family(), nlri, said.options, out);
  } else {
    EXPECT_TRUE(bgp::encode_announcement(*said.meaning.attributes, said.meaning.next_hop, nlri,
                                         said.options, out));
  }
  return out.take();
}

Said random_said(Dice& dice) {
  Said said;
  const auto family = dice.of(prefix_pool()).family();
  for (std::uint32_t n = 1 + dice.below(4); n > 0 || said.prefixes.empty();) {
    const auto& prefix = dice.of(prefix_pool());
    if (prefix.family() == family) said.prefixes.push_back(prefix);
    if (n > 0) --n;
  }
  const auto info = random_session(dice, 1);
  said.options = {.asn_width = info.asn_width,
                  .max_message = 65535,
                  .add_path = info.add_path.contains(family),
                  .ipv4_over_ipv6_next_hop = info.extended_next_hop};
  said.meaning.path_id = said.options.add_path ? 1 + dice.below(500) : 0;
  if (dice.one_in(4)) return said;
  said.meaning.attributes =
      std::make_shared<const bgp::PathAttributes>(random_attributes(dice, net::Asn{100}));
  const bool classic =
      family == net::Family::kIpv4 && !(said.options.ipv4_over_ipv6_next_hop && dice.one_in(2));
  said.meaning.next_hop = address(classic ? "172.0.0.1" : "2001:db8:ff::1");
  return said;
}

TEST(EmissionCheckTest, WhatTheEncoderWritesPassesInEveryDialect) {
  constexpr unsigned kSeed = 20261123;
  SCOPED_TRACE(kSeed);
  Dice dice(kSeed);
  for (int i = 0; i < 500; ++i) {
    Said said = random_said(dice);
    said.octets = encode(said);
    said.meaning.prefixes = said.prefixes;
    EXPECT_TRUE(says(said.octets, said.meaning, said.options)) << i;
  }
}

// Any octet that is another one is noticed, but for what no receiver looks at: bits of a prefix
// beyond its length, and flags of attributes that are reserved (RFC 4271 §4.3) or Partial.
TEST(EmissionCheckTest, EveryOctetThatMattersIsLookedAt) {
  constexpr unsigned kSeed = 20261124;
  SCOPED_TRACE(kSeed);
  Dice dice(kSeed);
  std::size_t changed = 0;
  std::size_t missed = 0;
  for (int i = 0; i < 60; ++i) {
    Said said = random_said(dice);
    if (said.meaning.attributes && said.meaning.attributes->communities.size() > 9) continue;
    said.octets = encode(said);
    said.meaning.prefixes = said.prefixes;
    for (std::size_t at = 0; at < said.octets.size(); ++at) {
      auto damaged = said.octets;
      damaged[at] ^= std::byte{0x41};
      ++changed;
      missed += says(damaged, said.meaning, said.options) ? 1U : 0U;
      const auto cut = std::span(said.octets).first(at);
      EXPECT_FALSE(says(cut, said.meaning, said.options));
    }
  }
  EXPECT_GT(changed, 3000U);
  EXPECT_LT(missed, changed / 50);
}

TEST(EmissionCheckTest, OtherPrefixesAttributesNextHopsAndPathIdentifiersAreNoticed) {
  const std::vector prefixes{prefix("10.0.0.0/24"), prefix("10.0.1.0/24")};
  Said said{.prefixes = prefixes,
            .meaning = {.prefixes = prefixes,
                        .path_id = 7,
                        .attributes = std::make_shared<const bgp::PathAttributes>(
                            bgp::PathAttributes{.as_path = path({100, 200})}),
                        .next_hop = address("172.0.0.1")},
            .options = {.add_path = true}};
  said.octets = encode(said);
  EXPECT_TRUE(says(said.octets, said.meaning, said.options));
  Meaning other = said.meaning;
  other.prefixes = std::span(prefixes).first(1);
  EXPECT_FALSE(says(said.octets, other, said.options));
  other = said.meaning;
  other.path_id = 8;
  EXPECT_FALSE(says(said.octets, other, said.options));
  other = said.meaning;
  other.next_hop = address("172.0.0.2");
  EXPECT_FALSE(says(said.octets, other, said.options));
  other = said.meaning;
  other.attributes = nullptr;
  EXPECT_FALSE(says(said.octets, other, said.options));
  EXPECT_FALSE(says(said.octets, said.meaning, {})) << "for who does not know ADD-PATH";
}

TEST(EmissionCheckTest, LooksAtSamplesOrAtEverything) {
  EmissionCheck samples(Vigilance::kSamples);
  EmissionCheck everything(Vigilance::kEverything);
  std::uint32_t due = 0;
  for (std::uint32_t i = 0; i < 10 * EmissionCheck::kSampled; ++i) {
    due += samples.is_due() ? 1U : 0U;
    EXPECT_TRUE(everything.is_due());
  }
  EXPECT_EQ(due, 10U);
}

// An engine whose attributes are not what they must be: AS 0 (RFC 7607).
class EmissionTest : public EngineWorld {
 protected:
  EmissionTest() { batch_.set_export_control(&control_); }

  void announce_to_all(const bgp::PathAttributes& attributes, std::string_view what) {
    announce(1, what);
    const PathId id = intern(PeerId{1}, attributes);
    batch_.announce({.dialect = &dialect_, .clients = &clients_},
                    {.path = id, .treatment = {}, .next_hop = std::nullopt},
                    *rib_.find(prefix(what)));
  }
  FakePeer flush() {
    FakePeer fake(kPlain);
    batch_.flush([&](const ClientSet&, const ChunkPtr& chunk) { fake.take(chunk->bytes); });
    EXPECT_TRUE(fake.faults().empty());
    return fake;
  }

  Dialect dialect_;
  ClientSet clients_{8};
  UpdateBatch batch_{paths_, rib_};
};

TEST_F(EmissionTest, Rfc7606_2_WhatIsMalformedIsWithdrawnInsteadOfSentAndCounted) {
  batch_.set_vigilance(Vigilance::kSamples);
  clients_.insert(PeerId{0});
  for (std::uint32_t i = 0; i < EmissionCheck::kSampled; ++i) {
    const bool last = i + 1 == EmissionCheck::kSampled;
    announce_to_all({.as_path = path({200, last ? 0U : i + 1})}, numbered(i).to_string());
  }
  const FakePeer fake = flush();
  EXPECT_EQ(fake.announced(), EmissionCheck::kSampled - 1);
  EXPECT_EQ(fake.withdrawn(), 1U);
  EXPECT_EQ(batch_.emissions().checked, 1U);
  EXPECT_EQ(batch_.emissions().violations, 1U);
  EXPECT_EQ(batch_.emissions().last, numbered(EmissionCheck::kSampled - 1));
}

using EmissionDeathTest = EmissionTest;

TEST_F(EmissionDeathTest, WhereEverythingIsLookedAtWhatIsMalformedStopsTheProcess) {
  batch_.set_vigilance(Vigilance::kEverything);
  clients_.insert(PeerId{0});
  announce_to_all({.as_path = path({200, 0})}, "10.0.0.0/24");
  EXPECT_DEATH(flush(), "passed");
}

}  // namespace
}  // namespace fabrix::routeserver
