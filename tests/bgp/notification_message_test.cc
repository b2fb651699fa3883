#include "bgp/notification_message.h"

#include <string>

#include <gtest/gtest.h>

#include "tests/bgp/octets.h"

namespace fabrix::bgp {
namespace {

Bytes encoded(const NotificationMessage& notification) {
  ByteWriter out;
  encode_notification(notification, out);
  return out.take();
}

TEST(NotificationMessageTest, Rfc9003_2_AShutdownCarriesItsText) {
  const NotificationMessage shutdown = cease(Cease::kAdministrativeShutdown, "bye");
  EXPECT_EQ(encoded(shutdown), bytes({6, 2, 3, 'b', 'y', 'e'}));
  EXPECT_EQ(shutdown_text(shutdown), "bye");
  EXPECT_EQ(decode_notification(encoded(shutdown)), shutdown);
}

TEST(NotificationMessageTest, Rfc9003_2_OtherCeasesCarryNoText) {
  EXPECT_EQ(encoded(cease(Cease::kCollisionResolution, "text")), bytes({6, 7}));
  EXPECT_EQ(shutdown_text({{6, 7}, bytes({3, 'b', 'y', 'e'})}), std::nullopt);
}

TEST(NotificationMessageTest, Rfc4486_4_TooManyPrefixesNamesFamilyAndLimit) {
  EXPECT_EQ(encoded(maximum_prefixes_cease(net::Family::kIpv6, 70000)),
            bytes({6, 1, 0, 2, 1, 0, 1, 0x11, 0x70}));
}

TEST(NotificationMessageTest, Rfc9003_2_LongTextsAreCutAtACharacter) {
  const std::string text = std::string(254, 'x') + "\u00e9";  // 256 octets
  const auto sent = shutdown_text(cease(Cease::kAdministrativeReset, text));
  EXPECT_EQ(sent, std::string(254, 'x'));
  const std::string longest(255, 'x');
  EXPECT_EQ(shutdown_text(cease(Cease::kAdministrativeReset, longest)), longest);
  EXPECT_EQ(shutdown_text(cease(Cease::kAdministrativeReset, longest + "y")), longest);
}

TEST(NotificationMessageTest, Rfc9003_2_TextsOfTheWrongLengthAreNoTexts) {
  // CVE-2019-16159: the text of a peer that says it is longer than it is.
  EXPECT_EQ(shutdown_text({{6, 2}, bytes({255, 'x'})}), std::nullopt);
  EXPECT_EQ(shutdown_text({{6, 2}, bytes({0})}), std::nullopt);
  EXPECT_EQ(shutdown_text({{6, 2}, {}}), std::nullopt);
}

TEST(NotificationMessageTest, Rfc9003_4_CleansTextToPrintableUtf8) {
  const std::string bad = "\uFFFD";
  const struct {
    const char* what;
    std::string text;
    std::string clean;
  } rows[] = {
      {"plain", "caf\u00e9 \u20ac \U0001F600", "caf\u00e9 \u20ac \U0001F600"},
      {"terminal escape", "a\x1b[31mb", "a" + bad + "[31mb"},
      {"newline and DEL", "a\n\x7f", "a" + bad + bad},
      {"C1 control", "\u0085", bad},
      {"no-break space is no control", "\u00a0", "\u00a0"},
      {"second octet of two",
       "\xc3"
       "A",
       bad + "A"},
      {"lone continuation", "\x80", bad},
      {"overlong slash", "\xc0\xaf", bad + bad},
      {"overlong in three", "\xe0\x80\x80", bad + bad + bad},
      {"surrogate", "\xed\xa0\x80", bad + bad + bad},
      {"beyond U+10FFFF", "\xf4\x90\x80\x80", bad + bad + bad + bad},
      {"cut short", "a\xe2\x82", "a" + bad + bad},
      {"first octet alone", "\xf0", bad},
      {"bad third octet", "\xe2\x82z", bad + bad + "z"},
  };
  for (const auto& [what, text, clean] : rows) {
    SCOPED_TRACE(what);
    EXPECT_EQ(clean_utf8(text), clean);
  }
}

TEST(NotificationMessageTest, DataBeyondAMessageIsCutOff) {
  EXPECT_EQ(encoded({{3, 1}, Bytes(5000)}).size(), 4096U - 19);
}

TEST(NotificationMessageTest, RejectsEveryTruncationOfTheCode) {
  EXPECT_EQ(decode_notification({}), std::nullopt);
  EXPECT_EQ(decode_notification(bytes({6})), std::nullopt);
  EXPECT_EQ(decode_notification(bytes({6, 4})), cease(Cease::kAdministrativeReset));
}

TEST(NotificationMessageTest, CodesHaveNames) {
  // IANA "BGP Error Codes": in the order of the registry.
  const char* const names[] = {
      "1/0 message header error",
      "1/1 connection not synchronized",
      "1/2 bad message length",
      "1/3 bad message type",
      "2/0 OPEN message error",
      "2/1 unsupported version number",
      "2/2 bad peer AS",
      "2/3 bad BGP identifier",
      "2/4 unsupported optional parameter",
      "2/6 unacceptable hold time",
      "2/7 unsupported capability",
      "2/11 role mismatch",
      "3/0 UPDATE message error",
      "3/1 malformed attribute list",
      "3/2 unrecognized well-known attribute",
      "3/3 missing well-known attribute",
      "3/4 attribute flags error",
      "3/5 attribute length error",
      "3/6 invalid ORIGIN",
      "3/8 invalid NEXT_HOP",
      "3/9 optional attribute error",
      "3/10 invalid network field",
      "3/11 malformed AS_PATH",
      "4/0 hold timer expired",
      "5/0 finite state machine error",
      "5/1 unexpected message in open sent",
      "5/2 unexpected message in open confirm",
      "5/3 unexpected message in established",
      "6/0 cease",
      "6/1 maximum number of prefixes reached",
      "6/2 administrative shutdown",
      "6/3 peer de-configured",
      "6/4 administrative reset",
      "6/5 connection rejected",
      "6/6 other configuration change",
      "6/7 connection collision resolution",
      "6/8 out of resources",
      "6/9 hard reset",
      "6/10 BFD down",
      "7/0 ROUTE-REFRESH message error",
      "7/1 invalid ROUTE-REFRESH length",
  };
  for (const std::string name : names) {
    const std::size_t slash = name.find('/');
    const auto code = static_cast<std::uint8_t>(std::stoi(name));
    const auto subcode = static_cast<std::uint8_t>(std::stoi(name.substr(slash + 1)));
    EXPECT_EQ(describe(NotificationCode{code, subcode}), name);
  }
  EXPECT_EQ(describe(kSendHoldTimerExpired), "8/0 send hold timer expired");
  EXPECT_EQ(describe(NotificationCode{3, 99}), "3/99 UPDATE message error");
  EXPECT_EQ(describe(NotificationCode{99, 1}), "99/1");
}

TEST(NotificationMessageTest, Rfc8538_3_AHardResetHoldsAnotherNotification) {
  const NotificationMessage inner = cease(Cease::kAdministrativeShutdown, "bye");
  const NotificationMessage hard = hard_reset(inner);
  EXPECT_EQ(hard.code, kHardResetCode);
  EXPECT_EQ(hard.data, bytes({6, 2, 3, 'b', 'y', 'e'}));
  EXPECT_EQ(hard_reset_reason(hard), inner);
  EXPECT_EQ(shutdown_text(hard), "bye");
  EXPECT_EQ(describe(hard), "6/9 hard reset: 6/2 administrative shutdown: bye");
}

TEST(NotificationMessageTest, AHardResetMayHoldNothing) {
  for (const Bytes& data : {Bytes{}, bytes({6})}) {
    const NotificationMessage hard{.code = kHardResetCode, .data = data};
    EXPECT_EQ(hard_reset_reason(hard), std::nullopt);
    EXPECT_EQ(describe(hard), "6/9 hard reset");
  }
  EXPECT_EQ(hard_reset_reason(cease(Cease::kAdministrativeShutdown)), std::nullopt);
}

// Nobody nests them in good faith; a message full of them costs no more than one.
TEST(NotificationMessageTest, HardResetsWithinHardResetsAreNotFollowed) {
  NotificationMessage hard = cease(Cease::kAdministrativeShutdown, "deep");
  for (int depth = 0; depth < 2000; ++depth) hard = hard_reset(hard);
  EXPECT_EQ(shutdown_text(hard), std::nullopt);
  EXPECT_EQ(describe(hard), "6/9 hard reset: 6/9 hard reset");
  EXPECT_LE(hard.data.size(), 4075U);
}

TEST(NotificationMessageTest, Rfc8538_5_1_DecisionsCallForAHardReset) {
  using enum Cease;
  for (const Cease hard :
       {kMaximumPrefixes, kAdministrativeShutdown, kPeerDeconfigured, kBfdDown}) {
    EXPECT_TRUE(calls_for_hard_reset(cease(hard).code));
  }
  for (const Cease soft : {kAdministrativeReset, kConnectionRejected, kOtherConfigurationChange,
                           kCollisionResolution, kOutOfResources, kHardReset}) {
    EXPECT_FALSE(calls_for_hard_reset(cease(soft).code));
  }
  EXPECT_FALSE(calls_for_hard_reset(kHoldTimerExpired));
}

}  // namespace
}  // namespace fabrix::bgp
