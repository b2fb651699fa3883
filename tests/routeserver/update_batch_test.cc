#include "routeserver/update_batch.h"

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include <gtest/gtest.h>

#include "tests/routeserver/engine_world.h"

namespace fabrix::routeserver {
namespace {

class UpdateBatchTest : public EngineWorld {
 protected:
  UpdateBatchTest() { batch_.set_export_control(&control_); }

  // Clients of plain dialect.
  Hearers to(const ClientSet& clients) const { return {.dialect = &plain_, .clients = &clients}; }
  static ClientSet set(std::initializer_list<std::uint16_t> ids) {
    ClientSet clients(8);
    for (const std::uint16_t id : ids) clients.insert(PeerId{id});
    return clients;
  }
  EntryId entry(std::string_view what) {
    announce(1, what);
    return *rib_.find(prefix(what));
  }
  Told told(const bgp::PathAttributes& attributes) {
    return {.path = intern(PeerId{1}, attributes), .treatment = {}, .next_hop = std::nullopt};
  }
  // What one client is given, decoded.
  FakePeer flush(std::uint16_t client, const SessionInfo& info = kPlain) {
    FakePeer fake(info);
    pieces_ = 0;
    batch_.flush([&](const ClientSet& clients, const ChunkPtr& chunk) {
      ++pieces_;
      if (clients.contains(PeerId{client})) fake.take(chunk->bytes);
    });
    EXPECT_TRUE(fake.faults().empty());
    return fake;
  }

  Dialect plain_;
  UpdateBatch batch_{paths_, rib_};
  int pieces_ = 0;
};

TEST_F(UpdateBatchTest, Rfc4271_9_2_PrefixesOfOnePathLeaveTogether) {
  const ClientSet all = set({0, 2, 3});
  const Told one = told({.as_path = path({200})});
  const Told other = told({.as_path = path({200, 7})});
  batch_.announce(to(all), one, entry("10.0.0.0/24"));
  batch_.announce(to(all), other, entry("10.0.1.0/24"));
  batch_.announce(to(all), one, entry("10.0.2.0/24"));
  EXPECT_FALSE(batch_.empty());
  const FakePeer fake = flush(2);
  EXPECT_TRUE(batch_.empty());
  EXPECT_EQ(pieces_, 1) << "the same clients: one piece";
  EXPECT_EQ(fake.messages(), 2U);
  EXPECT_EQ(fake.table().size(), 3U);
}

TEST_F(UpdateBatchTest, FamiliesTreatmentsAndHearersArePartedAndWithdrawalsComeFirst) {
  const ClientSet some = set({0, 2});
  const ClientSet others = set({3});
  Told one = told({.as_path = path({200})});
  batch_.announce(to(some), one, entry("10.0.0.0/24"));
  one.treatment.prepends = 2;
  batch_.announce(to(others), one, entry("10.0.0.0/24"));
  batch_.withdraw(to(others), entry("10.0.1.0/24"), 0);
  batch_.withdraw(to(others), entry("2001:db8::/32"), 0);
  std::vector<std::byte> first;
  batch_.flush([&](const ClientSet& clients, const ChunkPtr& chunk) {
    if (clients == others) first = chunk->bytes;
    EXPECT_EQ(chunk->entries.size(), clients == others ? 3U : 1U);
  });
  ASSERT_GT(first.size(), 23U);
  EXPECT_NE(first[20], std::byte{0}) << "the withdrawn routes of the first message";
  FakePeer fake(kPlain);
  fake.take(first);
  EXPECT_EQ(fake.withdrawn(), 2U);
  ASSERT_EQ(fake.table().size(), 1U);
  EXPECT_EQ(fake.table().begin()->second.attributes.as_path, path({200, 200, 200}));
}

TEST_F(UpdateBatchTest, WhatDoesNotFitIsWithdrawn) {
  const ClientSet all = set({0});
  const bgp::PathAttributes large{.as_path = path({200}),
                                  .communities = std::vector(1100, bgp::community(7, 7))};
  batch_.announce(to(all), told(large), entry("10.0.0.0/24"));
  EXPECT_EQ(flush(0).withdrawn(), 1U);
  const Dialect extended{.max_message = 65535};
  batch_.announce({.dialect = &extended, .clients = &all}, told(large), entry("10.0.0.0/24"));
  EXPECT_EQ(flush(0, {.families = kBoth, .max_message = 65535}).table().size(), 1U);
}

TEST_F(UpdateBatchTest, Rfc8950_AnIpv6NextHopOfAnIpv4RouteIsSaidToWhomUnderstandsIt) {
  const ClientSet all = set({0});
  Told one = told({.as_path = path({200})});
  one.next_hop = address("2001:db8:ff::11");
  batch_.announce(to(all), one, entry("10.0.0.0/24"));
  EXPECT_EQ(flush(0).withdrawn(), 1U);
  const Dialect extended{.extended_next_hop = true};
  batch_.announce({.dialect = &extended, .clients = &all}, one, entry("10.0.0.0/24"));
  const FakePeer fake = flush(0, {.families = kBoth, .extended_next_hop = true});
  ASSERT_EQ(fake.table().size(), 1U);
  EXPECT_EQ(fake.table().begin()->second.next_hop, address("2001:db8:ff::11"));
}

TEST_F(UpdateBatchTest, Rfc7911_3_RoutesAreToldApartByTheirAnnouncer) {
  const ClientSet all = set({0});
  const Dialect dialect{.add_path = kBoth};
  const Hearers hearers{.dialect = &dialect, .clients = &all};
  const Told one = told({.as_path = path({200})});
  const Told other{
      .path = intern(PeerId{2}, {.as_path = path({300})}), .treatment = {}, .next_hop = {}};
  batch_.announce(hearers, one, entry("10.0.0.0/24"));
  batch_.announce(hearers, other, entry("10.0.0.0/24"));
  FakePeer fake = flush(0, {.families = kBoth, .add_path = kBoth});
  EXPECT_EQ(fake.routes(prefix("10.0.0.0/24")).size(), 2U);
  EXPECT_TRUE(fake.table().contains({prefix("10.0.0.0/24"), UpdateBatch::path_id(PeerId{2})}));
}

TEST_F(UpdateBatchTest, AnEntryIsToldLikeAnotherWhosePlacesAreKnown) {
  const ClientSet some = set({0, 2});
  const ClientSet others = set({3});
  const EntryId first = entry("10.0.0.0/24");
  const std::size_t mark = batch_.mark();
  batch_.announce(to(some), told({.as_path = path({200})}), first);
  batch_.withdraw(to(others), first, 0);
  const auto since = batch_.since(mark);
  const std::vector<std::size_t> places(since.begin(), since.end());
  batch_.announce(to(some), told({.as_path = path({200, 7})}), entry("10.0.1.0/24"));
  batch_.repeat(places, entry("10.0.2.0/24"));
  const FakePeer fake = flush(2);
  EXPECT_EQ(fake.messages(), 2U) << "the two that are alike leave together";
  EXPECT_EQ(fake.table().size(), 3U);
  EXPECT_EQ(batch_.mark(), 0U);
}

TEST_F(UpdateBatchTest, AnAudienceIsToldTheSameButForNextHops) {
  const Told one = told({.as_path = path({200}), .med = 7});
  const std::vector<Share> shares{{.next_hop = address("172.0.0.77"), .clients = set({0, 2})},
                                  {.next_hop = std::nullopt, .clients = set({3})},
                                  {.next_hop = address("172.0.0.78"), .clients = set({4})}};
  batch_.announce(plain_, one, shares, entry("10.0.0.0/24"));
  batch_.announce(plain_, one, shares, entry("10.0.1.0/24"));
  const net::IpAddress own = paths_[one.path].told_next_hop;
  std::map<std::uint16_t, FakePeer> peers;
  batch_.flush([&](const ClientSet& clients, const ChunkPtr& chunk) {
    EXPECT_EQ(chunk->entries.size(), 2U);
    clients.for_each(
        [&](PeerId id) { peers.try_emplace(id.value, kPlain).first->second.take(chunk->bytes); });
  });
  const std::map<std::uint16_t, net::IpAddress> next_hops{
      {0, *shares[0].next_hop}, {2, *shares[0].next_hop}, {3, own}, {4, *shares[2].next_hop}};
  ASSERT_EQ(peers.size(), next_hops.size());
  for (const auto& [id, peer] : peers) {
    SCOPED_TRACE(id);
    EXPECT_TRUE(peer.faults().empty());
    EXPECT_EQ(peer.messages(), 1U);
    ASSERT_EQ(peer.table().size(), 2U);
    for (const auto& [key, route] : peer.table()) {
      EXPECT_EQ(route.next_hop, next_hops.at(id));
      EXPECT_EQ(route.attributes.as_path, path({200}));
      EXPECT_EQ(route.attributes.med, 7U);
    }
  }
}

TEST_F(UpdateBatchTest, WhomOfAnAudienceCannotBeToldIsWithdrawnFromAlone) {
  const Told one = told({.as_path = path({200})});
  const std::vector<Share> shares{{.next_hop = address("2001:db8:ff::11"), .clients = set({0})},
                                  {.next_hop = address("172.0.0.78"), .clients = set({2})},
                                  {.next_hop = address("172.0.0.79"), .clients = set({3})}};
  batch_.announce(plain_, one, shares, entry("10.0.0.0/24"));
  std::map<std::uint16_t, FakePeer> peers;
  batch_.flush([&](const ClientSet& clients, const ChunkPtr& chunk) {
    clients.for_each(
        [&](PeerId id) { peers.try_emplace(id.value, kPlain).first->second.take(chunk->bytes); });
  });
  EXPECT_EQ(peers.at(0).withdrawn(), 1U) << "it does not understand RFC 8950";
  EXPECT_EQ(peers.at(2).table().begin()->second.next_hop, *shares[1].next_hop);
  EXPECT_EQ(peers.at(3).table().begin()->second.next_hop, *shares[2].next_hop);
}

TEST_F(UpdateBatchTest, AudiencesThatDifferInNextHopsAloneAreParted) {
  const Told one = told({.as_path = path({200})});
  const auto with = [](const net::IpAddress& next_hop) {
    return std::vector<Share>{{.next_hop = next_hop, .clients = set({0})}};
  };
  batch_.announce(plain_, one, with(address("172.0.0.77")), entry("10.0.0.0/24"));
  batch_.announce(plain_, one, with(address("172.0.0.78")), entry("10.0.1.0/24"));
  batch_.announce(plain_, one, with(address("172.0.0.77")), entry("10.0.2.0/24"));
  const FakePeer fake = flush(0);
  EXPECT_EQ(fake.messages(), 2U);
  EXPECT_EQ(fake.table().at({prefix("10.0.2.0/24"), 0}).next_hop, address("172.0.0.77"));
  EXPECT_EQ(fake.table().at({prefix("10.0.1.0/24"), 0}).next_hop, address("172.0.0.78"));
}

TEST_F(UpdateBatchTest, KeepsNothingFromOneFlushToTheNext) {
  const ClientSet all = set({0});
  batch_.announce(to(all), told({.as_path = path({200})}), entry("10.0.0.0/24"));
  flush(0);
  batch_.withdraw(to(all), entry("10.0.1.0/24"), 0);
  const FakePeer fake = flush(0);
  EXPECT_EQ(fake.announced(), 0U);
  EXPECT_EQ(fake.withdrawn(), 1U);
}

}  // namespace
}  // namespace fabrix::routeserver
