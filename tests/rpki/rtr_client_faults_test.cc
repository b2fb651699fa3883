// What an RtrClient does with errors, mismatches and versions: RFC 8210 §5.1, §5.11, §7, §12.
#include <gtest/gtest.h>

#include "rpki/rtr_client.h"
#include "tests/rpki/cache_script.h"

namespace fabrix::rpki {
namespace {

TEST_F(RtrClientTest, Rfc8210_5_1_ASessionMismatchIsError0AndTheDataGoes) {
  const struct {
    const char* what;
    Bytes before;
    Bytes pdu;
  } rows[] = {
      {"Cache Response", {}, response(77)},
      {"End of Data", response(), end(6, 77)},
      {"Serial Notify", {}, encode(SerialNotify{77, 6})},
      {"Serial Notify while receiving", response(), encode(SerialNotify{77, 6})},
  };
  for (const auto& [what, before, pdu] : rows) {
    SCOPED_TRACE(what);
    client_ = RtrClient(config_);
    sync_and_query(5, {kA});
    feed(before);
    const RtrOutput output = feed(pdu);
    // Before the version is settled on a connection only notifications are ignored; here it is.
    expect_complaint(output, RtrErrorCode::kCorruptData, pdu);
    EXPECT_NE(first<VrpsDropped>(output), nullptr);
    EXPECT_EQ(client_.table(), nullptr);
    EXPECT_EQ(first<Down>(output)->reconnect, Reconnect::kSoon);
    EXPECT_EQ(only_message(client_.connected(now_)), RtrMessage(ResetQuery{}));
  }
}

TEST_F(RtrClientTest, Rfc8210_12_ErrorsOfPayloadEndTheConnectionAndKeepTheOldData) {
  const struct {
    const char* what;
    Bytes answer;
    RtrErrorCode code;
    Bytes pdu;
  } rows[] = {
      {"7 duplicate of current data", join({encode(announce(kA)), end(6)}),
       RtrErrorCode::kDuplicateAnnouncement, encode(announce(kA))},
      {"7 duplicate within the update", join({encode(announce(kB)), encode(announce(kB)), end(6)}),
       RtrErrorCode::kDuplicateAnnouncement, encode(announce(kB))},
      {"6 withdrawal of unknown", join({encode(withdraw(kC)), end(6)}),
       RtrErrorCode::kUnknownWithdrawal, encode(withdraw(kC))},
      {"6 twice withdrawn", join({encode(withdraw(kA)), encode(withdraw(kA)), end(6)}),
       RtrErrorCode::kUnknownWithdrawal, encode(withdraw(kA))},
  };
  for (const auto& [what, answer, code, pdu] : rows) {
    SCOPED_TRACE(what);
    client_ = RtrClient(config_);
    sync_and_query(5, {kA});
    feed(response());
    const RtrOutput output = feed(answer);
    expect_complaint(output, code, pdu);
    EXPECT_EQ(first<Down>(output)->reconnect, Reconnect::kAfterRetryInterval);
    EXPECT_EQ(vrps(), std::vector{kA});
    EXPECT_EQ(only_message(client_.connected(now_)), RtrMessage(ResetQuery{}));
  }
}

TEST_F(RtrClientTest, Rfc8210_5_5_AFullLoadAnnouncesOnly) {
  client_.connected(now_);
  feed(join({response(), encode(announce(kA))}));
  expect_complaint(feed(encode(withdraw(kA))), RtrErrorCode::kUnknownWithdrawal,
                   encode(withdraw(kA)));
}

TEST_F(RtrClientTest, Rfc8210_5_6_ADuplicateInAFullLoadIsAnError) {
  client_.connected(now_);
  expect_complaint(feed(load(1, {kA, kB, kA})), RtrErrorCode::kDuplicateAnnouncement,
                   encode(announce(kA)));
  EXPECT_EQ(client_.table(), nullptr);
}

TEST_F(RtrClientTest, Rfc8210_5_1_AMaximumLengthBelowThePrefixLengthDropsTheSession) {
  client_.connected(now_);
  feed(response());
  Bytes pdu = encode(announce(kA));
  pdu[10] = std::byte{7};
  expect_complaint(feed(pdu), RtrErrorCode::kCorruptData, pdu);
}

TEST_F(RtrClientTest, PdusOutOfTurnDropTheSession) {
  for (const Bytes& pdu :
       {encode(announce(kA)), end(6), response(), encode(CacheReset{}), encode(RouterKey{})}) {
    client_ = RtrClient(config_);
    sync(5, {kA});
    expect_complaint(feed(pdu), RtrErrorCode::kCorruptData, pdu);
  }
  for (const Bytes& pdu : {encode(ResetQuery{}), encode(SerialQuery{})}) {
    client_ = RtrClient(config_);
    sync(5, {kA});
    expect_complaint(feed(pdu), RtrErrorCode::kInvalidRequest, pdu);
  }
}

TEST_F(RtrClientTest, Rfc8210_12_UnknownPduTypesAreError5) {
  client_.connected(now_);
  Bytes pdu = encode(CacheReset{});
  pdu[1] = std::byte{5};
  expect_complaint(feed(pdu), RtrErrorCode::kUnsupportedPduType, pdu);
}

TEST_F(RtrClientTest, AnImpossibleLengthIsReportedWithTheHeaderOnly) {
  client_.connected(now_);
  Bytes pdu = encode(announce(kA));
  pdu[4] = std::byte{1};
  expect_complaint(feed(pdu), RtrErrorCode::kCorruptData, Bytes(pdu.begin(), pdu.begin() + 8));
}

TEST_F(RtrClientTest, Rfc8210_5_11_AnErrorReportIsNeverAnswered) {
  Bytes torn = error(RtrErrorCode::kInternalError);
  torn[11] = std::byte{200};
  Bytes huge = error(RtrErrorCode::kInternalError);
  huge[4] = std::byte{1};
  for (const Bytes& pdu : {error(RtrErrorCode::kInternalError), torn, huge, error(RtrErrorCode{99}),
                           error(RtrErrorCode::kUnexpectedVersion)}) {
    client_ = RtrClient(config_);
    sync(5, {kA});
    const RtrOutput output = feed(pdu);
    EXPECT_TRUE(output.bytes.empty());
    EXPECT_TRUE(output.close);
    EXPECT_EQ(vrps(), std::vector{kA});
    EXPECT_FALSE(client_.session());
  }
}

TEST_F(RtrClientTest, Rfc8210_12_AFatalErrorOfTheCacheIsToldToPeople) {
  sync_and_query(5, {kA});
  const RtrOutput output = feed(error(RtrErrorCode::kCorruptData));
  const Down* const down = first<Down>(output);
  ASSERT_NE(down, nullptr);
  EXPECT_EQ(down->reason, "cache reports error 0 (corrupt data): why");
  EXPECT_EQ(down->received, RtrErrorCode::kCorruptData);
}

TEST_F(RtrClientTest, Rfc8210_7_AVersion0AnswerDowngradesTheConnection) {
  client_.connected(now_);
  feed(join(
      {response(kSession, kV0), encode(announce(kA), kV0), encode(EndOfData{kSession, 5}, kV0)}));
  EXPECT_EQ(client_.session(), (RtrSession{kV0, kSession, 5}));
  EXPECT_EQ(client_.deadline(), now_ + seconds(3600));
  const auto pdus = decode_all(tick(seconds(3600)).bytes);
  EXPECT_EQ(pdus.at(0), (RtrPdu{kV0, SerialQuery{kSession, 5}}));
  // The next connection asks for the newest again, and goes on if that is refused.
  client_.closed("lost");
  EXPECT_EQ(decode_all(client_.connected(now_).bytes).at(0),
            (RtrPdu{kNewestVersion, ResetQuery{}}));
  feed(error(RtrErrorCode::kUnsupportedVersion, kV0));
  EXPECT_EQ(decode_all(client_.connected(now_).bytes).at(0),
            (RtrPdu{kV0, SerialQuery{kSession, 5}}));
}

TEST_F(RtrClientTest, Rfc8210_7_AVersion0ErrorReportDowngradesTheNextConnection) {
  client_.connected(now_);
  const RtrOutput output = feed(error(RtrErrorCode::kUnsupportedVersion, kV0));
  EXPECT_TRUE(output.close);
  EXPECT_TRUE(output.bytes.empty());
  EXPECT_EQ(first<Down>(output)->reconnect, Reconnect::kSoon);
  EXPECT_EQ(decode_all(client_.connected(now_).bytes).at(0), (RtrPdu{kV0, ResetQuery{}}));
  // If that fails as well, the newest version has its turn again.
  client_.closed("lost");
  EXPECT_EQ(decode_all(client_.connected(now_).bytes).at(0),
            (RtrPdu{kNewestVersion, ResetQuery{}}));
}

TEST_F(RtrClientTest, Rfc8210_5_1_ASessionOfAnotherVersionIsAnotherSession) {
  sync(5, {kA});
  client_.closed("lost");
  client_.connected(now_);
  const RtrOutput output = feed(response(kSession, kV0));
  EXPECT_TRUE(output.close);
  EXPECT_EQ(vrps(), std::vector{kA});
  EXPECT_EQ(decode_all(client_.connected(now_).bytes).at(0), (RtrPdu{kV0, ResetQuery{}}));
}

TEST_F(RtrClientTest, Rfc8210_7_NotificationsAreIgnoredUntilTheVersionIsSettled) {
  sync(5, {kA});
  client_.closed("lost");
  client_.connected(now_);
  Bytes strange = encode(SerialNotify{77, 9});
  strange[0] = std::byte{3};
  for (const Bytes& pdu :
       {encode(SerialNotify{77, 9}), encode(SerialNotify{77, 9}, kV0), strange}) {
    const RtrOutput output = feed(pdu);
    EXPECT_TRUE(output.bytes.empty());
    EXPECT_FALSE(output.close);
  }
  EXPECT_EQ(client_.state(), RtrState::kQuerying);
}

TEST_F(RtrClientTest, Rfc8210_7_AnUnknownVersionIsError4) {
  client_.connected(now_);
  Bytes pdu = response();
  pdu[0] = std::byte{3};
  expect_complaint(feed(pdu), RtrErrorCode::kUnsupportedVersion, pdu);
}

TEST_F(RtrClientTest, Rfc8210_7_AnErrorReportOfAnUnknownVersionEndsItSilently) {
  client_.connected(now_);
  Bytes pdu = error(RtrErrorCode::kUnsupportedVersion);
  pdu[0] = std::byte{3};
  const RtrOutput output = feed(pdu);
  EXPECT_TRUE(output.close);
  EXPECT_TRUE(output.bytes.empty());
}

TEST_F(RtrClientTest, Rfc8210_7_AChangeOfVersionLaterIsError8) {
  client_.connected(now_);
  feed(response());
  const Bytes pdu = encode(announce(kA), kV0);
  expect_complaint(feed(pdu), RtrErrorCode::kUnexpectedVersion, pdu);
}

}  // namespace
}  // namespace fabrix::rpki
