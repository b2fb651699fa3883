#include "rpki/rtr_client.h"

#include <random>
#include <set>

#include <gtest/gtest.h>

#include "tests/rpki/cache_script.h"

namespace fabrix::rpki {
namespace {

TEST_F(RtrClientTest, Rfc8210_8_1_StartsWithAResetQueryAndLoadsAll) {
  EXPECT_EQ(only_message(client_.connected(now_)), RtrMessage(ResetQuery{}));
  EXPECT_TRUE(feed(response()).events.empty());
  EXPECT_EQ(client_.state(), RtrState::kReceiving);
  EXPECT_TRUE(feed(join({encode(announce(kC)), encode(announce(kA))})).events.empty());
  EXPECT_EQ(client_.table(), nullptr);
  const RtrOutput output = feed(end(5));
  const auto* const current = first<VrpsCurrent>(output);
  ASSERT_NE(current, nullptr);
  EXPECT_EQ(current->table->vrps(), (std::vector{kA, kC}));
  EXPECT_EQ(current->session, (RtrSession{kNewestVersion, kSession, 5}));
  EXPECT_EQ(current->expires, now_ + seconds(7200));
  EXPECT_FALSE(output.close);
}

TEST_F(RtrClientTest, PortionsDoNotShow) {
  const Bytes stream = load(5, {kA, kB, kC});
  for (std::size_t portion = 1; portion <= stream.size(); ++portion) {
    RtrClient client{config_};
    client.connected(now_);
    for (std::span<const std::byte> rest(stream); !rest.empty();) {
      const auto bytes = rest.first(std::min(portion, rest.size()));
      rest = rest.subspan(bytes.size());
      EXPECT_FALSE(client.received(bytes, now_).close);
    }
    ASSERT_NE(client.table(), nullptr) << portion;
    EXPECT_EQ(client.table()->size(), 3U);
  }
}

TEST_F(RtrClientTest, Rfc8210_8_2_RefreshesWithASerialQuery) {
  sync(5, {kA, kB});
  EXPECT_EQ(client_.deadline(), now_ + seconds(3600));
  EXPECT_TRUE(tick(seconds(3599)).bytes.empty());
  EXPECT_EQ(only_message(tick(seconds(1))), RtrMessage(SerialQuery{kSession, 5}));
  feed(join({response(), encode(withdraw(kA)), encode(announce(kC)), end(6)}));
  EXPECT_EQ(vrps(), (std::vector{kB, kC}));
  EXPECT_EQ(client_.session()->serial, 6U);
  EXPECT_EQ(client_.counters().full_loads, 1U);
  EXPECT_EQ(client_.counters().updates, 1U);
}

TEST_F(RtrClientTest, AnUpdateWithoutChangesRenewsTheSameTable) {
  sync(5, {kA});
  const auto table = client_.table();
  tick(seconds(3600));
  const RtrOutput output = feed(join({response(), end(5)}));
  EXPECT_EQ(first<VrpsCurrent>(output)->table, table);
  EXPECT_EQ(first<VrpsCurrent>(output)->expires, now_ + seconds(7200));
}

TEST_F(RtrClientTest, NothingHoldsBeforeEndOfData) {
  sync_and_query(5, {kA});
  const auto table = client_.table();
  feed(join({response(), encode(withdraw(kA)), encode(announce(kB))}));
  EXPECT_EQ(client_.table(), table);
  const RtrOutput lost = client_.closed("reset by peer");
  EXPECT_NE(first<Down>(lost), nullptr);
  EXPECT_EQ(client_.table(), table);
  // The next connection goes on from where the data is.
  EXPECT_EQ(only_message(client_.connected(now_)), RtrMessage(SerialQuery{kSession, 5}));
  feed(join({response(), encode(withdraw(kA)), end(7)}));
  EXPECT_EQ(vrps(), std::vector<Vrp>());
}

TEST_F(RtrClientTest, Rfc8210_5_2_ANewerSerialNotifyIsAskedAboutAtOnce) {
  sync(5, {kA});
  now_ += seconds(10);
  EXPECT_TRUE(feed(encode(SerialNotify{kSession, 5})).bytes.empty());
  EXPECT_TRUE(feed(encode(SerialNotify{kSession, 4})).bytes.empty());
  EXPECT_EQ(only_message(feed(encode(SerialNotify{kSession, 6}))),
            RtrMessage(SerialQuery{kSession, 5}));
}

TEST_F(RtrClientTest, Rfc1982_SerialNumbersWrap) {
  EXPECT_TRUE(serial_before(0xffffffff, 0));
  EXPECT_TRUE(serial_before(0, 0x7fffffff));
  EXPECT_FALSE(serial_before(0, 0x80000000));
  EXPECT_FALSE(serial_before(0x80000000, 0));
  EXPECT_FALSE(serial_before(7, 7));
  EXPECT_FALSE(serial_before(0, 0xffffffff));
  sync(0xffffffff, {kA});
  now_ += seconds(10);
  EXPECT_EQ(only_message(feed(encode(SerialNotify{kSession, 0}))),
            RtrMessage(SerialQuery{kSession, 0xffffffff}));
}

TEST_F(RtrClientTest, ACacheThatNotifiesAllTheTimeIsNotAskedAllTheTime) {
  sync(5, {kA});
  EXPECT_TRUE(feed(encode(SerialNotify{kSession, 6})).bytes.empty());
  EXPECT_EQ(client_.deadline(), now_ + seconds(1));
  EXPECT_EQ(only_message(tick(seconds(1))), RtrMessage(SerialQuery{kSession, 5}));
  // What is notified meanwhile, and not yet answered, is asked about afterwards.
  EXPECT_TRUE(feed(encode(SerialNotify{kSession, 8})).bytes.empty());
  feed(join({response(), end(7)}));
  EXPECT_EQ(client_.deadline(), now_ + seconds(1));
  tick(seconds(1));
  feed(join({response(), encode(SerialNotify{kSession, 8}), end(8)}));
  EXPECT_EQ(client_.deadline(), now_ + seconds(3600));
}

TEST_F(RtrClientTest, Rfc8210_8_3_CacheResetLeadsToAFullLoadOnTheSameConnection) {
  sync_and_query(5, {kA});
  EXPECT_EQ(only_message(feed(encode(CacheReset{}))), RtrMessage(ResetQuery{}));
  EXPECT_EQ(vrps(), std::vector{kA});  // until the load is complete
  feed(join({response(77), encode(announce(kB)), end(1, 77)}));
  EXPECT_EQ(vrps(), std::vector{kB});
  EXPECT_EQ(client_.session()->id, 77U);
}

TEST_F(RtrClientTest, CacheResetForAResetQueryIsNonsense) {
  client_.connected(now_);
  expect_complaint(feed(encode(CacheReset{})), RtrErrorCode::kCorruptData, encode(CacheReset{}));
}

TEST_F(RtrClientTest, Rfc8210_8_4_NoDataAvailableIsAskedAgainAfterTheRetryInterval) {
  client_.connected(now_);
  const RtrOutput output = feed(error(RtrErrorCode::kNoDataAvailable));
  EXPECT_FALSE(output.close);
  ASSERT_NE(first<NoDataAvailable>(output), nullptr);
  EXPECT_EQ(first<NoDataAvailable>(output)->text, "why");
  EXPECT_EQ(client_.state(), RtrState::kRefused);
  EXPECT_TRUE(tick(seconds(599)).bytes.empty());
  EXPECT_EQ(only_message(tick(seconds(1))), RtrMessage(ResetQuery{}));
  feed(load(1, {kA}));
  EXPECT_EQ(vrps(), std::vector{kA});
}

TEST_F(RtrClientTest, Rfc8210_8_4_EarlierDataOutlivesNoDataAvailable) {
  sync_and_query(5, {kA});
  feed(error(RtrErrorCode::kNoDataAvailable));
  EXPECT_EQ(vrps(), std::vector{kA});
}

TEST_F(RtrClientTest, Rfc8210_6_TheCachesIntervalsRuleWithinTheirRanges) {
  client_.connected(now_);
  const RtrOutput output =
      feed(join({response(), encode(EndOfData{kSession, 1, RtrIntervals{0, 0, 5}})}));
  EXPECT_EQ(client_.intervals(), (RtrIntervals{1, 1, 600}));
  EXPECT_EQ(first<VrpsCurrent>(output)->expires, now_ + seconds(600));
  EXPECT_EQ(client_.deadline(), now_ + seconds(1));
}

TEST_F(RtrClientTest, Rfc8210_6_DataExpiresAlsoWithoutAConnection) {
  sync(5, {kA});
  client_.closed("lost");
  EXPECT_EQ(client_.deadline(), now_ + seconds(7200));
  EXPECT_TRUE(tick(seconds(7199)).events.empty());
  EXPECT_EQ(vrps(), std::vector{kA});
  const RtrOutput output = tick(seconds(1));
  ASSERT_NE(first<VrpsDropped>(output), nullptr);
  EXPECT_EQ(first<VrpsDropped>(output)->reason, "expired");
  EXPECT_EQ(client_.table(), nullptr);
  EXPECT_EQ(client_.deadline(), std::nullopt);
  EXPECT_EQ(only_message(client_.connected(now_)), RtrMessage(ResetQuery{}));
}

TEST_F(RtrClientTest, AnUpdateOfDataThatExpiresMeanwhileIsGivenUp) {
  sync(5, {kA});
  client_.closed("lost");
  now_ += seconds(7190);
  client_.connected(now_);
  feed(response());
  const RtrOutput output = tick(seconds(10));
  EXPECT_NE(first<VrpsDropped>(output), nullptr);
  EXPECT_TRUE(output.close);
  EXPECT_TRUE(std::holds_alternative<Down>(output.events.back()));
}

TEST_F(RtrClientTest, AnAnswerThatStallsEndsTheConnection) {
  client_.connected(now_);
  now_ += seconds(59);
  feed(response());
  now_ += seconds(59);
  feed(encode(announce(kA)));
  EXPECT_FALSE(tick(seconds(59)).close);
  const RtrOutput output = tick(seconds(1));
  EXPECT_TRUE(output.close);
  EXPECT_EQ(first<Down>(output)->reason, "no answer in 60 s");
}

TEST_F(RtrClientTest, ATableHasABound) {
  config_.max_vrps = 2;
  client_ = RtrClient(config_);
  client_.connected(now_);
  expect_complaint(feed(load(1, {kA, kB, kC})), RtrErrorCode::kInternalError, {});
  sync_and_query(5, {kA, kB});
  expect_complaint(feed(join({response(), encode(announce(kC)), end(6)})),
                   RtrErrorCode::kInternalError, {});
  EXPECT_EQ(vrps(), (std::vector{kA, kB}));
}

TEST_F(RtrClientTest, Rfc8210_5_10_RouterKeysAreTakenAndIgnored) {
  client_.connected(now_);
  feed(join({response(), encode(RouterKey{.asn = net::Asn{1}}), encode(announce(kA)), end(1)}));
  EXPECT_EQ(vrps(), std::vector{kA});
  EXPECT_EQ(client_.counters().router_keys, 1U);
}

TEST_F(RtrClientTest, IsSilentWhileDisconnected) {
  for (const RtrOutput& output : {feed(load(1, {kA})), client_.closed("again"), tick(seconds(9))}) {
    EXPECT_TRUE(output.bytes.empty() && output.events.empty() && !output.close);
  }
  client_.connected(now_);
  EXPECT_TRUE(client_.connected(now_).bytes.empty());
}

TEST_F(RtrClientTest, FollowsACacheThroughRandomHistories) {
  constexpr unsigned kSeed = 323;
  SCOPED_TRACE(kSeed);
  std::mt19937 random(kSeed);
  std::set<Vrp> before;
  std::uint32_t serial = 0xfffffff0;
  sync(serial, {});
  for (int round = 0; round < 300; ++round) {
    std::set<Vrp> after = before;
    Bytes changes;
    for (auto count = draw(random, 8); count > 0; --count) {
      const Vrp one = vrp(draw(random, 2) == 0 ? "10.0.0.0/8" : "2001:db8::/32", draw(random, 20));
      const bool was = before.contains(one);
      if (was != after.contains(one)) continue;  // changed in this update already
      was ? static_cast<void>(after.erase(one)) : static_cast<void>(after.insert(one));
      changes = join({changes, encode(was ? withdraw(one) : announce(one))});
    }
    now_ += seconds(2);
    const RtrOutput asked = feed(encode(SerialNotify{kSession, serial + 1}));
    ASSERT_EQ(only_message(asked), RtrMessage(SerialQuery{kSession, serial}));
    ASSERT_FALSE(feed(join({response(), changes, end(++serial)})).close) << round;
    before = after;
    ASSERT_EQ(vrps(), std::vector<Vrp>(before.begin(), before.end())) << round;
  }
}

}  // namespace
}  // namespace fabrix::rpki
