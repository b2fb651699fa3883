// Which version an RtrClient speaks, and what only version 2 has: draft-ietf-sidrops-8210bis-27 §7,
// §5.12.
#include <gtest/gtest.h>

#include "rpki/rtr_client.h"
#include "tests/rpki/cache_script.h"

namespace fabrix::rpki {
namespace {

constexpr auto kV1 = RtrVersion::kRfc8210;
constexpr auto kV2 = RtrVersion::kDraft8210bis;

Bytes v1_load(std::uint32_t serial, std::uint16_t session = kSession) {
  return join({response(session, kV1), encode(announce(kA), kV1),
               encode(EndOfData{session, serial, RtrIntervals{}}, kV1)});
}

class RtrVersionsTest : public RtrClientTest {
 protected:
  RtrPdu query_of_next_connection() { return decode_all(client_.connected(now_).bytes).at(0); }
  void answer(const std::vector<Bytes>& payload, std::uint32_t serial) {
    feed(response());
    for (const Bytes& pdu : payload) feed(pdu);
    feed(end(serial));
  }
  std::vector<Aspa> aspas() const { return client_.aspas()->aspas(); }
};

TEST_F(RtrVersionsTest, Draft8210bis_7_GoesFrom2To1To0AsTheCacheRefuses) {
  EXPECT_EQ(query_of_next_connection(), (RtrPdu{kV2, ResetQuery{}}));
  RtrOutput output = feed(error(RtrErrorCode::kUnsupportedVersion, kV1));
  EXPECT_EQ(first<Down>(output)->reconnect, Reconnect::kSoon);
  EXPECT_EQ(first<Down>(output)->reason, "cache wants protocol version 1");
  EXPECT_EQ(query_of_next_connection(), (RtrPdu{kV1, ResetQuery{}}));
  feed(error(RtrErrorCode::kUnsupportedVersion, kV0));
  EXPECT_EQ(query_of_next_connection(), (RtrPdu{kV0, ResetQuery{}}));
  // "If a version 0 query gets this error, the router MUST abort the transport."
  output = feed(error(RtrErrorCode::kUnsupportedVersion, kV0));
  EXPECT_TRUE(output.close);
  EXPECT_EQ(first<Down>(output)->reconnect, Reconnect::kAfterRetryInterval);
  EXPECT_EQ(query_of_next_connection(), (RtrPdu{kV2, ResetQuery{}}));
}

TEST_F(RtrVersionsTest, ACacheThatRefusesInOurOwnVersionIsAskedOneLower) {
  client_.connected(now_);
  feed(error(RtrErrorCode::kUnsupportedVersion, kV2));
  EXPECT_EQ(query_of_next_connection(), (RtrPdu{kV1, ResetQuery{}}));
  feed(error(RtrErrorCode::kUnsupportedVersion, kV1));
  EXPECT_EQ(query_of_next_connection(), (RtrPdu{kV0, ResetQuery{}}));
}

TEST_F(RtrVersionsTest, ACacheThatHangsUpOnAVersionIsAskedOneLower) {
  client_.connected(now_);
  client_.closed("reset by peer");
  EXPECT_EQ(query_of_next_connection(), (RtrPdu{kV1, ResetQuery{}}));
  feed(v1_load(5));
  EXPECT_EQ(client_.session(), (RtrSession{kV1, kSession, 5}));
  // What was spoken once is not given up because a connection is lost.
  client_.closed("lost");
  client_.connected(now_);
  feed(error(RtrErrorCode::kUnsupportedVersion, kV1));
  EXPECT_EQ(query_of_next_connection(), (RtrPdu{kV1, SerialQuery{kSession, 5}}));
  client_.closed("lost");
  EXPECT_EQ(query_of_next_connection().version, kV2);
}

TEST_F(RtrVersionsTest, Draft8210bis_7_EveryConnectionAsksForTheNewestVersionFirst) {
  client_.connected(now_);
  feed(error(RtrErrorCode::kUnsupportedVersion, kV1));
  client_.connected(now_);
  feed(v1_load(5));
  client_.closed("the cache is upgraded");
  EXPECT_EQ(query_of_next_connection(), (RtrPdu{kV2, ResetQuery{}}));
  // It has nothing yet: what version 1 had said holds meanwhile.
  feed(error(RtrErrorCode::kNoDataAvailable));
  EXPECT_EQ(vrps(), std::vector{kA});
  EXPECT_EQ(only_message(tick(seconds(600))), RtrMessage(ResetQuery{}));
  answer({encode(announce(kB)), encode(announce(aspa(1, {2})))}, 1);
  EXPECT_EQ(vrps(), std::vector{kB});
  EXPECT_EQ(client_.session()->version, kV2);
}

TEST_F(RtrVersionsTest, Rfc8210_5_1_ASessionOfVersion1IsNoMismatchInVersion2) {
  client_.connected(now_);
  feed(error(RtrErrorCode::kUnsupportedVersion, kV1));
  client_.connected(now_);
  feed(v1_load(5));
  client_.closed("lost");
  client_.connected(now_);
  feed(response(77));
  EXPECT_FALSE(feed(encode(SerialNotify{77, 1})).close);
  EXPECT_EQ(vrps(), std::vector{kA});
  feed(end(1, 77));
  EXPECT_EQ(client_.session(), (RtrSession{kV2, 77, 1}));
}

TEST_F(RtrVersionsTest, Rfc8210_7_TheVersionIsSettledOnceAndStays) {
  client_.connected(now_);
  feed(error(RtrErrorCode::kUnsupportedVersion, kV1));
  client_.connected(now_);
  feed(v1_load(5));
  const Bytes later = encode(SerialNotify{kSession, 6}, kV0);
  expect_complaint(feed(later), RtrErrorCode::kUnexpectedVersion, later);
  // A refusal that comes too late is an error as any other.
  client_ = RtrClient(config_);
  sync(5, {kA});
  const RtrOutput output = feed(error(RtrErrorCode::kUnsupportedVersion, kV1));
  EXPECT_EQ(first<Down>(output)->reconnect, Reconnect::kAfterRetryInterval);
  EXPECT_EQ(query_of_next_connection(), (RtrPdu{kV2, ResetQuery{}}));
}

TEST_F(RtrVersionsTest, Draft8210bis_5_12_AspasAreLoadedReplacedAndWithdrawn) {
  client_.connected(now_);
  answer({encode(announce(kA)), encode(announce(aspa(1, {2, 3}))), encode(announce(aspa(4, {0})))},
         5);
  EXPECT_EQ(aspas(), (std::vector{aspa(1, {2, 3}), aspa(4, {0})}));
  tick(seconds(3600));
  answer({encode(announce(aspa(1, {5}))), encode(withdraw_aspa(4))}, 6);
  EXPECT_EQ(aspas(), std::vector{aspa(1, {5})});
  EXPECT_EQ(vrps(), std::vector{kA});
  const auto table = client_.aspas();
  tick(seconds(3600));
  answer({encode(announce(kB))}, 7);
  EXPECT_EQ(client_.aspas(), table);
}

TEST_F(RtrVersionsTest, AnAnswerHoldsAsAWholeOrNotAtAll) {
  client_.connected(now_);
  answer({encode(announce(kA)), encode(announce(aspa(1, {2})))}, 5);
  tick(seconds(3600));
  feed(response());
  feed(encode(announce(kB)));
  feed(encode(withdraw_aspa(9)));
  expect_complaint(feed(end(6)), RtrErrorCode::kUnknownWithdrawal, encode(withdraw_aspa(9)));
  EXPECT_EQ(vrps(), std::vector{kA});
  EXPECT_EQ(aspas(), std::vector{aspa(1, {2})});
}

TEST_F(RtrVersionsTest, Draft8210bis_5_12_ABadProviderListIsError9) {
  client_.connected(now_);
  feed(response());
  Bytes pdu = encode(announce(aspa(1, {2, 8})));
  pdu[15] = std::byte{0};
  expect_complaint(feed(pdu), RtrErrorCode::kAspaProviderList, pdu);
  // "... unless it has already failed at that version" (§7).
  EXPECT_EQ(query_of_next_connection(), (RtrPdu{kV1, ResetQuery{}}));
}

TEST_F(RtrVersionsTest, AspasOutOfPlaceEndTheConnection) {
  sync(5, {kA});
  const Bytes pdu = encode(announce(aspa(1, {2})));
  expect_complaint(feed(pdu), RtrErrorCode::kCorruptData, pdu);
  client_.connected(now_);
  feed(response());
  expect_complaint(feed(encode(withdraw_aspa(1))), RtrErrorCode::kUnknownWithdrawal,
                   encode(withdraw_aspa(1)));
}

TEST_F(RtrVersionsTest, Rfc8210_6_AspasExpireWithTheVrps) {
  client_.connected(now_);
  answer({encode(announce(aspa(1, {2})))}, 5);
  client_.closed("lost");
  tick(seconds(7199));
  EXPECT_EQ(aspas(), std::vector{aspa(1, {2})});
  EXPECT_NE(first<VrpsDropped>(tick(seconds(1))), nullptr);
  EXPECT_EQ(client_.aspas(), nullptr);
  EXPECT_EQ(client_.table(), nullptr);
}

}  // namespace
}  // namespace fabrix::rpki
