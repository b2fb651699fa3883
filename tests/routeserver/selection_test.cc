#include "routeserver/selection.h"

#include <random>

#include <gtest/gtest.h>

#include "tests/routeserver/engine_world.h"

namespace fabrix::routeserver {
namespace {

class SelectionTest : public EngineWorld {
 protected:
  const net::Prefix p_ = prefix("10.0.0.0/24");

  std::span<const RouteRef> routes() const { return rib_.routes(*rib_.find(p_)); }
  PeerId best_of(std::uint16_t client) {
    const auto choice = selection_.best(routes(), PeerId{client});
    return choice ? paths_[choice->path].peer : PeerId{99};
  }
  ClientSet everyone() const {
    ClientSet all(peers_.size());
    for (const Peer& peer : peers_) all.insert(peer.id);
    return all;
  }
};

TEST_F(SelectionTest, Rfc7947_2_3_2_TheBestGoesToAllButItsAnnouncerWhoGetsTheNext) {
  announce(1, p_, {.as_path = path({200})});
  announce(2, p_, {.as_path = path({300, 7})});
  ChoiceGroups groups;
  selection_.best(routes(), everyone(), groups);
  ASSERT_EQ(groups.view().size(), 2U);
  EXPECT_EQ(paths_[groups.view()[0].choice.path].peer, PeerId{1});
  EXPECT_EQ(groups.view()[0].clients.size(), 4U);
  EXPECT_EQ(paths_[groups.view()[1].choice.path].peer, PeerId{2});
  EXPECT_EQ(groups.view()[1].clients.size(), 1U);
}

TEST_F(SelectionTest, ClientsOfOneRouteArePartedByTreatment) {
  announce(1, p_, {.as_path = path({200}), .communities = {bgp::community(65511, 100)}});
  ChoiceGroups groups;
  selection_.best(routes(), everyone(), groups);
  ASSERT_EQ(groups.view().size(), 2U);
  EXPECT_EQ(selection_.treatment(routes().front().path, PeerId{0})->prepends, 1);
  EXPECT_EQ(selection_.treatment(routes().front().path, PeerId{4})->prepends, 0);
  EXPECT_EQ(selection_.treatment(routes().front().path, PeerId{1}), std::nullopt);
}

// RFC 4451 §2: of the routes that a client may have, the order may be another than of all.
TEST_F(SelectionTest, WhereMedsMakeTheOrderDependOnTheSetEachClientHasItsOwn) {
  announce(1, p_, {.as_path = path({200}), .med = 10});
  // The neighbour's better route, which client 0 must not have.
  announce(2, p_, {.as_path = path({200, 300}), .med = 5});
  announce(3, p_, {.as_path = path({300})});
  announce(4, p_, {.as_path = path({200}), .med = 0, .communities = {bgp::community(0, 100)}});
  EXPECT_TRUE(routes().front().set_dependent);
  // All: 1 loses to 4 by MED, so 3 has the lowest tie. Without 4, 1 has.
  EXPECT_EQ(best_of(0), PeerId{1});
  EXPECT_EQ(best_of(2), PeerId{4});
}

TEST_F(SelectionTest, RejectedRoutesAreNobodys) {
  const PathId path_id = intern(PeerId{1}, {.as_path = path({200})});
  rib_.announce(p_, {.path = path_id,
                     .peer = PeerId{1},
                     .verdict = static_cast<std::uint8_t>(RejectReason::kNextHop)});
  EXPECT_EQ(selection_.best(routes(), PeerId{0}), std::nullopt);
  EXPECT_TRUE(selection_.candidates(routes(), PeerId{0}).empty());
}

// For all clients at once as for each alone, with and without dependence on the set.
TEST_F(SelectionTest, AllAtOnceIsAsEachAlone) {
  constexpr unsigned kSeed = 3;
  SCOPED_TRACE(kSeed);
  std::mt19937 random(kSeed);
  ChoiceGroups groups;
  for (int round = 0; round < 2000; ++round) {
    const auto from = static_cast<std::uint16_t>(random() % 5);
    bgp::PathAttributes attributes{.as_path = path({random() % 2 == 0 ? 300U : 200U})};
    if (random() % 2 == 0) attributes.med = static_cast<std::uint32_t>(random() % 2);
    if (random() % 3 == 0) attributes.communities = {bgp::community(0, 100)};
    if (random() % 3 == 0) attributes.communities.push_back(bgp::community(65512, 400));
    announce(from, p_, attributes);
    selection_.best(routes(), everyone(), groups);
    ClientSet seen(peers_.size());
    for (const auto& group : groups.view()) {
      EXPECT_FALSE(group.clients.empty());
      EXPECT_FALSE(group.clients.intersects(seen));
      seen |= group.clients;
      group.clients.for_each(
          [&](PeerId client) { ASSERT_EQ(selection_.best(routes(), client), group.choice); });
    }
    for (const Peer& peer : peers_) {
      const auto all = selection_.candidates(routes(), peer.id);
      ASSERT_EQ(seen.contains(peer.id), !all.empty());
      if (all.empty()) continue;
      ASSERT_EQ(selection_.best(routes(), peer.id)->path, all.front().path);
    }
  }
}

}  // namespace
}  // namespace fabrix::routeserver
