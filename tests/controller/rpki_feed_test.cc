#include "controller/rpki_feed.h"

#include <optional>

#include <gtest/gtest.h>

#include "tests/controller/stayrtr.h"

namespace fabrix::controller {
namespace {

using std::chrono::milliseconds;

const rpki::Vrp kA = vrp("10.0.0.0/8", 64500);
const rpki::Vrp kB = vrp("2001:db8::/32", 64501);
const rpki::Vrp kC = vrp("192.0.2.0/24", 64502);

class RpkiFeedTest : public testing::Test {
 protected:
  void feed(const std::vector<io::IpEndpoint>& caches) {
    std::vector<RpkiCacheConfig> configs;
    configs.reserve(caches.size());
    for (const io::IpEndpoint& cache : caches) {
      configs.push_back(
          {.name = "cache" + std::to_string(configs.size() + 1),
           .connection = {
               .cache = cache, .connect = {}, .client = {}, .first_retry = milliseconds(20)}});
    }
    feed_.emplace(loop_, std::move(configs), [this](const rpki::RpkiTables& tables) {
      EXPECT_NE(tables, tables_);
      tables_ = tables;
    });
    feed_->start();
  }
  bool wait(const std::function<bool()>& done) {
    return loop_.run_until(done, io::testing::kPatience);
  }
  bool has(const std::vector<rpki::Vrp>& vrps) const {
    return tables_ && tables_->vrps->vrps() == vrps;
  }
  std::string said() const { return describe(feed_->status()); }

  io::EventLoop loop_;
  std::optional<rpki::RpkiTables> tables_;
  std::optional<RpkiFeed> feed_;
};

TEST_F(RpkiFeedTest, WithoutCachesTheFilesAreAllThereIs) {
  feed({});
  EXPECT_FALSE(tables_);
  feed_->set_static({.vrps = {{.vrp = kA}, {.vrp = kB}}});
  EXPECT_TRUE(has({kA, kB}));
  feed_->set_slurm({.filters = {{.asn = kA.asn}}, .assertions = {kC}});
  EXPECT_TRUE(has({kC, kB}));
  EXPECT_EQ(said(), "2 VRPs, all local: no cache has data");
}

TEST_F(RpkiFeedTest, AspasOfFilesAreTablesOfTheirOwn) {
  feed({});
  const rpki::Aspa aspa{.customer = net::Asn{1}, .providers = {net::Asn{2}}};
  feed_->set_static({.aspas = {{.aspa = aspa}}});
  ASSERT_TRUE(tables_);
  EXPECT_EQ(tables_->aspas->aspas(), std::vector{aspa});
  EXPECT_EQ(feed_->status().aspas, 1U);
}

TEST_F(RpkiFeedTest, AnUnreachableCacheIsVisible) {
  feed({free_endpoint(loop_)});
  ASSERT_TRUE(wait([this] {
    return feed_->status().caches.at(0).detail.find("Connection refused") != std::string::npos;
  }));
  EXPECT_EQ(feed_->status().caches.at(0).link, rpki::CacheLink::kDown);
  EXPECT_EQ(feed_->status().coverage, rpki::Coverage::kNone);
  EXPECT_FALSE(tables_);
}

TEST_F(RpkiFeedTest, StaticVrpsExpireByTheWallClock) {
  feed({});
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  feed_->set_static({.vrps = {{.vrp = kA, .expires = now + std::chrono::seconds(1)}, {.vrp = kB}}});
  EXPECT_TRUE(wait([this] { return has({kB}); }));
}

class TwoCachesTest : public RpkiFeedTest {
 protected:
  void SetUp() override {
    if (!StayRtr::is_installed()) GTEST_SKIP() << "stayrtr is not installed";
  }

  StayRtr first_{loop_};
  StayRtr second_{loop_};
};

TEST_F(TwoCachesTest, Rfc8210_10_ThePreferredCacheTakesOverWhenItComesUp) {
  second_.serve({kB});
  second_.start();
  feed({first_.endpoint(), second_.endpoint()});
  ASSERT_TRUE(wait([this] { return has({kB}); })) << second_.log();
  EXPECT_EQ(said(), "1 VRPs from cache cache2");
  first_.serve({kA});
  first_.start();
  ASSERT_TRUE(wait([this] { return has({kA}); })) << first_.log();
  EXPECT_EQ(said(), "1 VRPs from cache cache1");
}

TEST_F(TwoCachesTest, Rfc8210_6_DataOfALostCacheStaysInUse) {
  first_.serve({kA});
  first_.start();
  second_.serve({kB});
  second_.start();
  feed({first_.endpoint(), second_.endpoint()});
  ASSERT_TRUE(wait([this] { return has({kA}) && feed_->status().caches.at(1).vrps == 1; }));
  first_.kill();
  ASSERT_TRUE(wait([this] { return feed_->status().coverage == rpki::Coverage::kStale; }));
  EXPECT_TRUE(has({kA}));
  EXPECT_EQ(said(), "1 VRPs from cache cache1, connection lost");
  // Back with a new session and other data.
  first_.serve({kC});
  first_.start();
  ASSERT_TRUE(wait([this] { return has({kC}); })) << first_.log();
  EXPECT_EQ(feed_->status().coverage, rpki::Coverage::kCurrent);
}

}  // namespace
}  // namespace fabrix::controller
