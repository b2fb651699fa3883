#include "routeserver/path_store.h"

#include <gtest/gtest.h>

#include "tests/routeserver/world.h"

namespace fabrix::routeserver {
namespace {

class PathStoreTest : public testing::Test {
 protected:
  static PathKey key(std::uint16_t peer, const std::vector<std::uint32_t>& asns = {1}) {
    return {.peer = PeerId{peer},
            .next_hop = address("172.0.0.1"),
            .attributes = std::make_shared<const bgp::PathAttributes>(
                bgp::PathAttributes{.as_path = path(asns)})};
  }
  PathStore::Judge judge() {
    return [this](const PathKey& from) {
      ++judged_;
      return Path{.peer = from.peer,
                  .liveness = from.liveness,
                  .family = from.family,
                  .bgp_identifier = from.bgp_identifier,
                  .next_hop = from.next_hop,
                  .attributes = from.attributes,
                  .preference = {.before_med = preference_},
                  .told = from.attributes};
    };
  }

  PathStore store_;
  int judged_ = 0;
  std::uint64_t preference_ = 0;
};

TEST_F(PathStoreTest, EqualPathsAreOneAndJudgedOnce) {
  const PathId first = store_.intern(key(1), judge());
  EXPECT_EQ(store_.intern(key(1), judge()), first) << "equal, though not the same object";
  EXPECT_EQ(judged_, 1);
  EXPECT_EQ(store_.size(), 1U);
}

TEST_F(PathStoreTest, EveryPartOfTheKeyCounts) {
  std::vector<PathKey> keys{key(1), key(2), key(1, {1, 2}), key(1), key(1), key(1), key(1)};
  keys[3].next_hop = address("172.0.0.2");
  keys[4].liveness = Liveness::kLongLivedStale;
  keys[5].family = net::Family::kIpv6;
  keys[6].bgp_identifier = 1;
  for (const PathKey& each : keys) store_.intern(each, judge());
  EXPECT_EQ(store_.size(), keys.size());
}

TEST_F(PathStoreTest, APathLivesWhileItIsHeldAndItsPlaceIsUsedAgain) {
  const PathId id = store_.intern(key(1), judge());
  store_.hold(id);
  store_.release(id);
  EXPECT_EQ(store_.size(), 1U);
  store_.release(id);
  EXPECT_EQ(store_.size(), 0U);
  EXPECT_TRUE(store_.all().empty());
  EXPECT_EQ(store_.intern(key(2), judge()), id);
  EXPECT_EQ(store_[id].peer, PeerId{2});
}

TEST_F(PathStoreTest, JudgedAgainWithoutADifferenceItStays) {
  const PathId id = store_.intern(key(1), judge());
  EXPECT_EQ(store_.judge_again(id, judge()), id);
  EXPECT_EQ(judged_, 2);
  store_.release(id);
  store_.release(id);
  EXPECT_EQ(store_.size(), 0U);
}

TEST_F(PathStoreTest, JudgedAgainWithADifferenceAnotherTakesItsPlaceForNewcomers) {
  const PathId old = store_.intern(key(1), judge());
  preference_ = 7;
  const PathId fresh = store_.judge_again(old, judge());
  EXPECT_NE(fresh, old);
  EXPECT_EQ(store_[old].preference.before_med, 0U) << "as it was for those who hold it";
  EXPECT_EQ(store_[fresh].preference.before_med, 7U);
  EXPECT_EQ(store_.intern(key(1), judge()), fresh);
  EXPECT_EQ(store_.all(), std::vector{fresh});
  store_.release(old);
  store_.release(fresh);
  store_.release(fresh);
  EXPECT_EQ(store_.size(), 0U);
}

TEST_F(PathStoreTest, EqualExportClassesAreOneObject) {
  const auto made = [](std::uint16_t client) {
    ClientSet clients(8);
    clients.insert(PeerId{client});
    return ExportClass{.rules = {{.treatment = {}, .clients = clients}}, .all = clients};
  };
  const auto one = store_.intern(made(1));
  EXPECT_EQ(store_.intern(made(1)), one);
  EXPECT_NE(store_.intern(made(2)), one);
  auto prepended = made(1);
  prepended.rules.front().treatment.prepends = 1;
  EXPECT_NE(store_.intern(prepended), one) << "the treatment counts";
}

// Classes that nobody uses are swept; those in use stay the one object.
TEST_F(PathStoreTest, ManyExportClassesAreSwept) {
  const auto made = [](std::uint32_t number) {
    ClientSet clients(16);
    for (std::uint16_t bit = 0; bit < 16; ++bit) {
      if ((number >> bit) % 2 == 1) clients.insert(PeerId{bit});
    }
    return ExportClass{.rules = {{.treatment = {}, .clients = clients}}, .all = clients};
  };
  const auto kept = store_.intern(made(5));
  for (std::uint32_t i = 0; i < 5000; ++i) store_.intern(made(i));
  EXPECT_EQ(store_.intern(made(5)), kept);
}

}  // namespace
}  // namespace fabrix::routeserver
