#include "routeserver/rib.h"

#include <gtest/gtest.h>

#include "tests/routeserver/world.h"

namespace fabrix::routeserver {
namespace {

class RibTest : public testing::Test {
 protected:
  // The route of a peer by a path of so many ASes. The test keeps holding the path.
  RouteRef route(std::uint16_t peer, const std::vector<std::uint32_t>& asns) {
    const PathKey key{.peer = PeerId{peer},
                      .next_hop = address("172.0.0.1"),
                      .attributes = std::make_shared<const bgp::PathAttributes>(
                          bgp::PathAttributes{.as_path = path(asns)})};
    const PathId id = paths_.intern(key, [](const PathKey& from) {
      Path made;
      made.peer = from.peer;
      made.next_hop = from.next_hop;
      made.attributes = from.attributes;
      made.preference = preference_of(*from.attributes, Standing::kNormal);
      return made;
    });
    return {.path = id, .peer = PeerId{peer}};
  }
  std::vector<std::uint16_t> peers(const net::Prefix& what) const {
    std::vector<std::uint16_t> all;
    const auto entry = rib_.find(what);
    if (!entry) return all;
    for (const RouteRef& each : rib_.routes(*entry)) all.push_back(each.peer.value);
    return all;
  }
  void publish_all() {
    for (const EntryId entry : rib_.take_changed(SIZE_MAX)) rib_.publish(entry, {});
  }

  const net::Prefix p_ = prefix("100.0.0.0/24");
  PathStore paths_;
  Rib rib_{paths_, [](PeerId peer, std::uint32_t) { return std::uint64_t{peer.value}; }};
};

TEST_F(RibTest, KeepsRoutesInOrderOfPreferenceWithRejectedLast) {
  auto rejected = route(0, {1});
  rejected.verdict = static_cast<std::uint8_t>(RejectReason::kNextHop);
  EXPECT_TRUE(rib_.announce(p_, rejected));
  EXPECT_TRUE(rib_.announce(p_, route(1, {1, 2, 3})));
  EXPECT_TRUE(rib_.announce(p_, route(2, {1, 2})));
  EXPECT_EQ(peers(p_), (std::vector<std::uint16_t>{2, 1, 0}));
  EXPECT_EQ(Rib::accepted(rib_.routes(*rib_.find(p_))).size(), 2U);
  EXPECT_EQ(rib_.count(PeerId{0}, net::Family::kIpv4).rejected, 1U);
}

TEST_F(RibTest, AReplacementIsOneRouteAndRepeatingItChangesNothing) {
  EXPECT_TRUE(rib_.announce(p_, route(1, {1})));
  EXPECT_FALSE(rib_.announce(p_, route(1, {1})));
  EXPECT_TRUE(rib_.announce(p_, route(1, {1, 2})));
  EXPECT_EQ(peers(p_), std::vector<std::uint16_t>{1});
  EXPECT_EQ(rib_.count(PeerId{1}, net::Family::kIpv4).routes, 1U);
}

TEST_F(RibTest, WithdrawingTheLastRouteForgetsThePrefixWhenThatIsPublished) {
  rib_.announce(p_, route(1, {1}));
  EXPECT_FALSE(rib_.withdraw(p_, PeerId{2}));
  EXPECT_TRUE(rib_.withdraw(p_, PeerId{1}));
  EXPECT_FALSE(rib_.withdraw(p_, PeerId{1}));
  EXPECT_EQ(rib_.prefix_count(), 0U);
  EXPECT_TRUE(peers(p_).empty());
  for (const EntryId entry : rib_.take_changed(SIZE_MAX)) {
    rib_.publish(entry, [](EntryId, auto before, auto now) {
      EXPECT_TRUE(before.empty());
      EXPECT_TRUE(now.empty());
    });
  }
  rib_.forget(rib_.take_forgettable());
  EXPECT_FALSE(rib_.find(p_));
}

TEST_F(RibTest, TheListAsItWasPublishedStaysUntilTheChangeIs) {
  rib_.announce(p_, route(1, {1}));
  publish_all();
  rib_.announce(p_, route(2, {1}));
  rib_.withdraw(p_, PeerId{1});
  const EntryId entry = *rib_.find(p_);
  ASSERT_EQ(rib_.published(entry).size(), 1U);
  EXPECT_EQ(rib_.published(entry).front().peer, PeerId{1});
  const auto taken = rib_.take_changed(SIZE_MAX);
  ASSERT_EQ(taken.size(), 1U);
  // It changes again before it is published: the older change waits for the newer.
  rib_.announce(p_, route(3, {1}));
  EXPECT_FALSE(rib_.publish(entry, {}));
  EXPECT_EQ(rib_.published(entry).front().peer, PeerId{1});
  EXPECT_EQ(rib_.take_changed(SIZE_MAX), taken);
  bool told = false;
  EXPECT_TRUE(rib_.publish(entry, [&](EntryId, auto before, auto now) {
    told = true;
    EXPECT_EQ(before.size(), 1U);
    EXPECT_EQ(now.size(), 2U);
  }));
  EXPECT_TRUE(told);
}

TEST_F(RibTest, ChangesAreTakenInPortions) {
  for (int i = 0; i < 5; ++i) {
    rib_.announce(prefix("100.0." + std::to_string(i) + ".0/24"), route(1, {1}));
  }
  EXPECT_EQ(rib_.take_changed(3).size(), 3U);
  EXPECT_TRUE(rib_.has_changed());
  EXPECT_EQ(rib_.take_changed(3).size(), 2U);
  EXPECT_FALSE(rib_.has_changed());
}

TEST_F(RibTest, PathsLiveAsLongAsRoutesHaveThem) {
  const RouteRef only = route(1, {1});
  rib_.announce(p_, only);
  paths_.release(only.path);
  EXPECT_EQ(paths_.size(), 1U);
  publish_all();
  rib_.withdraw(p_, PeerId{1});
  EXPECT_EQ(paths_.size(), 1U) << "clients may still know it";
  publish_all();
  EXPECT_EQ(paths_.size(), 0U);
}

TEST_F(RibTest, WhatMayWaitIsTakenOnceItIsReleased) {
  rib_.announce(p_, route(1, {1, 2}), Urgency::kMayWait);
  rib_.announce(p_, route(2, {1}), Urgency::kMayWait);
  EXPECT_FALSE(rib_.has_changed());
  EXPECT_EQ(rib_.waiting_count(), 1U);
  rib_.release_waiting();
  EXPECT_EQ(rib_.waiting_count(), 0U);
  EXPECT_EQ(rib_.take_changed(SIZE_MAX).size(), 1U);
}

TEST_F(RibTest, AChangeThatMayNotWaitTakesOneThatMayWithIt) {
  rib_.announce(p_, route(1, {1, 2}), Urgency::kMayWait);
  rib_.announce(p_, route(2, {1}));
  const auto taken = rib_.take_changed(SIZE_MAX);
  ASSERT_EQ(taken.size(), 1U);
  EXPECT_TRUE(rib_.publish(taken.front(), {}));
  rib_.release_waiting();
  EXPECT_TRUE(rib_.take_changed(SIZE_MAX).empty()) << "it was taken before";
}

TEST_F(RibTest, WhatChangesWhileItIsTakenIsPublishedLaterAlsoIfItMayWait) {
  rib_.announce(p_, route(1, {1}));
  publish_all();
  rib_.withdraw(p_, PeerId{1});
  const auto taken = rib_.take_changed(SIZE_MAX);
  rib_.announce(p_, route(2, {2}), Urgency::kMayWait);
  EXPECT_FALSE(rib_.publish(taken.front(), {}));
  rib_.release_waiting();
  std::size_t before_count = 0;
  for (const EntryId entry : rib_.take_changed(SIZE_MAX)) {
    EXPECT_TRUE(rib_.publish(
        entry, [&](EntryId, std::span<const RouteRef> before, std::span<const RouteRef> now) {
          before_count = before.size();
          EXPECT_EQ(now.front().peer, PeerId{2});
        }));
  }
  EXPECT_EQ(before_count, 1U) << "clients know of the first route still";
}

}  // namespace
}  // namespace fabrix::routeserver
