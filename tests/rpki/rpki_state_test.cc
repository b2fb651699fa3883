#include "rpki/rpki_state.h"

#include <gtest/gtest.h>

#include "tests/rpki/octets.h"

namespace fabrix::rpki {
namespace {

using std::chrono::seconds;
using std::chrono::sys_seconds;

constexpr CacheId kFirst{0};
constexpr CacheId kSecond{1};
const Vrp kV1 = vrp("10.0.0.0/8", 1);
const Vrp kV2 = vrp("11.0.0.0/8", 2);
const Vrp kV3 = vrp("12.0.0.0/8", 3);

// Two caches and a clock.
class VrpSourcesTest : public testing::Test {
 protected:
  void give(CacheId cache, std::vector<Vrp> vrps, seconds expire) {
    const auto table = std::make_shared<const VrpTable>(VrpTable::build(std::move(vrps)));
    sources_.cache_link(cache, CacheLink::kUp, "synced");
    sources_.cache_current(cache,
                           {.table = table,
                            .aspas = std::make_shared<const AspaTable>(),
                            .expires = now_ + expire,
                            .session = {.id = 7, .serial = 1}},
                           now_);
  }
  void give_aspas(CacheId cache, std::vector<Aspa> aspas, RtrVersion version) {
    const auto table = std::make_shared<const AspaTable>(AspaTable::build(std::move(aspas)));
    sources_.cache_current(cache,
                           {.table = std::make_shared<const VrpTable>(),
                            .aspas = table,
                            .expires = now_ + seconds(600),
                            .session = {.version = version, .id = 7, .serial = 1}},
                           now_);
  }
  std::vector<Aspa> aspas() { return sources_.tables(now_).aspas->aspas(); }
  std::vector<Vrp> vrps() { return sources_.tables(now_).vrps->vrps(); }
  Coverage coverage() {
    sources_.tables(now_);
    return sources_.status(now_).coverage;
  }
  void set_static(const std::vector<StaticVrp>& vrps) {
    sources_.set_static({.vrps = vrps}, now_, sys_seconds(seconds(1000)));
  }

  VrpSources sources_{{"first", "second"}};
  TimePoint now_{};
};

TEST_F(VrpSourcesTest, WithoutAnythingEveryRouteIsNotFoundAndTheStatusSaysSo) {
  EXPECT_EQ(sources_.tables(now_).vrps->validate(prefix("10.0.0.0/8"), net::Asn{1}),
            OriginState::kNotFound);
  EXPECT_EQ(coverage(), Coverage::kNone);
  EXPECT_EQ(describe(sources_.status(now_)),
            "no VRPs: every route is NotFound, none is rejected as Invalid");
  EXPECT_EQ(sources_.deadline(), std::nullopt);
}

TEST_F(VrpSourcesTest, Rfc8210_10_UsesTheMostPreferredCacheThatHasData) {
  give(kSecond, {kV2}, seconds(600));
  EXPECT_EQ(vrps(), std::vector{kV2});
  give(kFirst, {kV1}, seconds(600));
  EXPECT_EQ(vrps(), std::vector{kV1});
  const RpkiStatus status = sources_.status(now_);
  EXPECT_EQ(status.coverage, Coverage::kCurrent);
  EXPECT_EQ(describe(status), "1 VRPs from cache first");
  EXPECT_TRUE(status.caches[0].in_use);
  EXPECT_FALSE(status.caches[1].in_use);
  EXPECT_EQ(status.caches[1].vrps, 1U);
}

TEST_F(VrpSourcesTest, Rfc8210_6_ALostCachesDataIsUsedUntilItExpiresAndNoLonger) {
  give(kFirst, {kV1}, seconds(600));
  give(kSecond, {kV2}, seconds(7200));
  sources_.cache_link(kFirst, CacheLink::kDown, "connection refused");
  now_ += seconds(599);
  EXPECT_EQ(vrps(), std::vector{kV1});
  EXPECT_EQ(coverage(), Coverage::kStale);
  EXPECT_EQ(describe(sources_.status(now_)), "1 VRPs from cache first, connection lost");
  EXPECT_EQ(sources_.status(now_).caches[0].expires_in, seconds(1));
  EXPECT_EQ(sources_.status(now_).caches[0].age, seconds(599));
  EXPECT_EQ(sources_.deadline(), now_ + seconds(1));
  now_ += seconds(1);
  EXPECT_EQ(vrps(), std::vector{kV2});
  EXPECT_EQ(coverage(), Coverage::kCurrent);
  EXPECT_EQ(sources_.status(now_).caches[0].session, std::nullopt);
  EXPECT_EQ(sources_.status(now_).caches[0].detail, "connection refused");
  now_ += seconds(6600);
  EXPECT_EQ(vrps(), std::vector<Vrp>());
  EXPECT_EQ(coverage(), Coverage::kNone);
  EXPECT_EQ(sources_.deadline(), std::nullopt);
}

TEST_F(VrpSourcesTest, DroppedDataIsNotUsedAnyMore) {
  give(kFirst, {kV1}, seconds(600));
  give(kSecond, {kV2}, seconds(600));
  sources_.cache_dropped(kFirst);
  EXPECT_EQ(vrps(), std::vector{kV2});
}

TEST_F(VrpSourcesTest, TheTableIsTheSameObjectUntilSomethingChanges) {
  give(kFirst, {kV1}, seconds(600));
  const auto table = sources_.tables(now_).vrps;
  give(kSecond, {kV2}, seconds(600));
  now_ += seconds(1);
  EXPECT_EQ(sources_.tables(now_).vrps, table);
  set_static({{.vrp = kV3}});
  const auto other = sources_.tables(now_).vrps;
  EXPECT_NE(other, table);
  EXPECT_EQ(sources_.tables(now_).vrps, other);
}

TEST_F(VrpSourcesTest, StaticVrpsAreAddedUntilTheyExpire) {
  set_static({{.vrp = kV2},
              {.vrp = kV3, .expires = sys_seconds(seconds(1100))},
              {.vrp = vrp("13.0.0.0/8", 4), .expires = sys_seconds(seconds(1000))}});
  EXPECT_EQ(vrps(), (std::vector{kV2, kV3}));
  EXPECT_EQ(coverage(), Coverage::kLocalOnly);
  EXPECT_EQ(describe(sources_.status(now_)), "2 VRPs, all local: no cache has data");
  give(kFirst, {kV1}, seconds(600));
  EXPECT_EQ(vrps(), (std::vector{kV1, kV2, kV3}));
  EXPECT_EQ(sources_.deadline(), now_ + seconds(100));
  now_ += seconds(100);
  EXPECT_EQ(vrps(), (std::vector{kV1, kV2}));
  EXPECT_EQ(sources_.status(now_).static_vrps, 1U);
  set_static({});
  EXPECT_EQ(vrps(), std::vector{kV1});
}

TEST_F(VrpSourcesTest, ExpiryOfManyStaticVrpsIsNotARebuildEach) {
  std::vector<StaticVrp> many;
  for (int i = 1; i <= 120; ++i) {
    many.push_back(
        {vrp("10.0.0.0/8", static_cast<std::uint32_t>(i)), sys_seconds(seconds(1000 + i))});
  }
  set_static(many);
  int rebuilds = 0;
  const VrpTable* last = nullptr;
  for (int i = 0; i <= 200; ++i, now_ += seconds(1)) {
    const VrpTable* const table = sources_.tables(now_).vrps.get();
    if (std::exchange(last, table) != table) ++rebuilds;
  }
  EXPECT_LE(rebuilds, 5);
  EXPECT_TRUE(vrps().empty());
}

TEST_F(VrpSourcesTest, AnExpiryBeyondTheClockIsLate) {
  set_static({{.vrp = kV1, .expires = sys_seconds(seconds(std::int64_t{1} << 62U))}});
  now_ += std::chrono::years(50);
  EXPECT_EQ(vrps(), std::vector{kV1});
}

TEST_F(VrpSourcesTest, Rfc8416_SlurmComesLast) {
  give(kFirst, {kV1, kV2}, seconds(600));
  set_static({{.vrp = kV3}});
  sources_.set_slurm({.filters = {{.asn = net::Asn{2}}, {.prefix = kV3.prefix}},
                      .assertions = {vrp("10.1.0.0/16", 9)}});
  EXPECT_EQ(vrps(), (std::vector{kV1, vrp("10.1.0.0/16", 9)}));
  const RpkiStatus status = sources_.status(now_);
  EXPECT_EQ(status.slurm_filters, 2U);
  EXPECT_EQ(status.slurm_assertions, 1U);
  EXPECT_EQ(status.vrps, 2U);
}

TEST_F(VrpSourcesTest, AspasAreOfTheMostPreferredCacheThatSpeaksVersion2) {
  give_aspas(kSecond, {aspa(1, {2})}, kNewestVersion);
  EXPECT_EQ(aspas(), std::vector{aspa(1, {2})});
  give_aspas(kFirst, {}, RtrVersion::kRfc8210);
  EXPECT_EQ(aspas(), std::vector{aspa(1, {2})});
  give_aspas(kFirst, {aspa(1, {3})}, kNewestVersion);
  EXPECT_EQ(aspas(), std::vector{aspa(1, {3})});
  EXPECT_EQ(sources_.status(now_).aspas, 1U);
  EXPECT_EQ(sources_.status(now_).caches[1].aspas, 1U);
  now_ += seconds(600);
  EXPECT_EQ(aspas(), std::vector<Aspa>());
}

TEST_F(VrpSourcesTest, StaticAspasAreAddedToTheCachesUntilTheyExpire) {
  give_aspas(kFirst, {aspa(1, {2})}, kNewestVersion);
  sources_.set_static({.aspas = {{.aspa = aspa(1, {3})},
                                 {.aspa = aspa(4, {5}), .expires = sys_seconds(seconds(1100))}}},
                      now_, sys_seconds(seconds(1000)));
  EXPECT_EQ(aspas(), (std::vector{aspa(1, {2, 3}), aspa(4, {5})}));
  EXPECT_EQ(sources_.status(now_).static_aspas, 2U);
  EXPECT_EQ(sources_.deadline(), now_ + seconds(100));
  now_ += seconds(100);
  EXPECT_EQ(aspas(), (std::vector{aspa(1, {2, 3})}));
}

TEST_F(VrpSourcesTest, AspasThatSayTheSameAreTheSameObject) {
  give_aspas(kFirst, {aspa(1, {2})}, kNewestVersion);
  const auto before = sources_.tables(now_).aspas;
  give_aspas(kFirst, {aspa(1, {2})}, kNewestVersion);
  EXPECT_EQ(sources_.tables(now_).aspas, before);
}

}  // namespace
}  // namespace fabrix::rpki
