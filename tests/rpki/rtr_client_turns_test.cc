// What an RtrClient does when the cache's PDUs, its data's end and its bounds come in another order
// than usual: RFC 8210 §5.2, §6, §8, §12.
#include <set>
#include <string_view>

#include <gtest/gtest.h>

#include "rpki/rtr_client.h"
#include "tests/rpki/cache_script.h"

namespace fabrix::rpki {
namespace {

Bytes notify(std::uint32_t serial, std::uint16_t session = kSession) {
  return encode(SerialNotify{session, serial});
}

// `count` ASPAs of as many providers as one can have, of the customers from `first_customer`.
Bytes large_aspas(std::uint32_t first_customer, std::size_t count) {
  Aspa large = aspa(0, {});
  for (std::uint32_t i = 0; i < kMaxProvidersOfOne; ++i) large.providers.push_back(net::Asn{i + 1});
  ByteWriter out;
  for (std::size_t i = 0; i < count; ++i) {
    large.customer = net::Asn{first_customer + static_cast<std::uint32_t>(i)};
    encode_pdu({.version = kNewestVersion, .message = announce(large)}, out);
  }
  return out.take();
}

constexpr std::size_t kMostLargeAspas = kMaxAspaProviders / kMaxProvidersOfOne;

TEST_F(RtrClientTest, EveryStateHasANameOfItsOwn) {
  std::set<std::string_view> names;
  for (int state = 0; state <= static_cast<int>(RtrState::kRefused); ++state) {
    names.insert(to_string(static_cast<RtrState>(state)));
  }
  EXPECT_EQ(names.size(), 5U);
}

TEST_F(RtrClientTest, TheDeadlineIsTheFirstOfWhatItWaitsFor) {
  EXPECT_EQ(client_.deadline(), std::nullopt);
  client_.connected(now_);
  EXPECT_EQ(client_.deadline(), now_ + config_.answer_timeout);
  feed(load(5, {kA}));
  EXPECT_EQ(client_.deadline(), now_ + seconds(3600)) << "to refresh";
  client_.closed("lost");
  EXPECT_EQ(client_.deadline(), now_ + seconds(7200)) << "when the data expires";
}

TEST_F(RtrClientTest, Rfc8210_6_AFullLoadOutlivesTheDataThatItReplaces) {
  client_.connected(now_);
  const RtrIntervals shortest{.refresh = 300, .retry = 300, .expire = 600};
  feed(join({response(), encode(announce(kA)), encode(EndOfData{kSession, 5, shortest})}));
  tick(seconds(300));
  feed(encode(CacheReset{}));
  feed(response());
  for (const char* const slowly :
       {"10.1.0.0/16", "10.2.0.0/16", "10.3.0.0/16", "10.4.0.0/16", "10.5.0.0/16"}) {
    tick(seconds(50));
    feed(encode(announce(vrp(slowly, 1))));
  }
  EXPECT_EQ(vrps(), std::vector{kA});
  const RtrOutput output = tick(seconds(50));
  EXPECT_NE(first<VrpsDropped>(output), nullptr);
  EXPECT_EQ(first<Down>(output), nullptr);
  feed(end(9));
  EXPECT_EQ(vrps().size(), 5U);
}

TEST_F(RtrClientTest, Rfc8210_5_2_ACacheThatHadNoDataIsAskedWhenItNotifies) {
  sync_and_query(5, {kA});
  feed(error(RtrErrorCode::kNoDataAvailable));
  ASSERT_EQ(client_.state(), RtrState::kRefused);
  tick(config_.notify_spacing);
  EXPECT_EQ(only_message(feed(notify(5))), RtrMessage(SerialQuery{kSession, 5}));
}

TEST_F(RtrClientTest, Rfc8210_5_2_ANotificationOfAnySessionIsNewsToWhoHasNone) {
  sync_and_query(5, {kA});
  feed(encode(CacheReset{}));
  feed(error(RtrErrorCode::kNoDataAvailable));
  ASSERT_EQ(client_.state(), RtrState::kRefused);
  tick(config_.notify_spacing);
  EXPECT_EQ(only_message(feed(notify(1, 77))), RtrMessage(ResetQuery{}));
}

TEST_F(RtrClientTest, Rfc8210_12_NoDataAvailableMeansNothingToWhoHasNotAsked) {
  sync(5, {kA});
  const RtrOutput output = feed(error(RtrErrorCode::kNoDataAvailable));
  EXPECT_TRUE(output.events.empty());
  EXPECT_FALSE(output.close);
  EXPECT_EQ(client_.state(), RtrState::kSynced);
}

TEST_F(RtrClientTest, Rfc8210_12_NoDataAvailableAmidAnAnswerIsFatal) {
  sync_and_query(5, {kA});
  feed(response());
  const RtrOutput output = feed(error(RtrErrorCode::kNoDataAvailable));
  EXPECT_TRUE(output.close);
  ASSERT_NE(first<Down>(output), nullptr);
  EXPECT_EQ(first<Down>(output)->received, RtrErrorCode::kNoDataAvailable);
  EXPECT_EQ(vrps(), std::vector{kA});
}

TEST_F(RtrClientTest, Rfc8210_5_11_AnErrorReportNeedsNoText) {
  client_.connected(now_);
  const RtrOutput output =
      feed(encode(ErrorReport{.code = RtrErrorCode::kInternalError, .pdu = {}, .text = ""}));
  ASSERT_NE(first<Down>(output), nullptr);
  EXPECT_FALSE(first<Down>(output)->reason.ends_with(": ")) << first<Down>(output)->reason;
}

TEST_F(RtrClientTest, Rfc8210_5_1_ASessionMismatchWithoutDataDropsNone) {
  client_.connected(now_);
  feed(response());
  const Bytes other = end(6, 77);
  const RtrOutput output = feed(other);
  expect_complaint(output, RtrErrorCode::kCorruptData, other);
  EXPECT_EQ(first<VrpsDropped>(output), nullptr);
}

TEST_F(RtrClientTest, TheProvidersOfAnAnswerHaveABound) {
  client_.connected(now_);
  feed(response());
  EXPECT_FALSE(feed(large_aspas(1, kMostLargeAspas)).close);
  const RtrOutput output = feed(large_aspas(1000, 1));
  EXPECT_TRUE(output.close);
  EXPECT_EQ(first<Down>(output)->sent, RtrErrorCode::kInternalError);
}

TEST_F(RtrClientTest, TheProvidersOfATableHaveABound) {
  client_.connected(now_);
  feed(response());
  feed(large_aspas(1, kMostLargeAspas));
  feed(end(5));
  ASSERT_EQ(client_.aspas()->size(), kMostLargeAspas);
  tick(seconds(3600));
  feed(response());
  EXPECT_FALSE(feed(large_aspas(1000, 1)).close);
  const RtrOutput output = feed(end(6));
  EXPECT_TRUE(output.close);
  EXPECT_EQ(first<Down>(output)->sent, RtrErrorCode::kInternalError);
  EXPECT_EQ(client_.aspas()->size(), kMostLargeAspas) << "what was there holds on";
}

}  // namespace
}  // namespace fabrix::rpki
