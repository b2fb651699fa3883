#include "bgp/notification_message.h"

#include <gtest/gtest.h>

#include "tests/bgp/octets.h"

namespace fabrix::bgp {
namespace {

Bytes encoded(const NotificationMessage& notification) {
  ByteWriter out;
  encode_notification(notification, out);
  return out.take();
}

TEST(NotificationMessageTest, AShutdownCarriesItsText) {
  const NotificationMessage shutdown = cease(Cease::kAdministrativeShutdown, "bye");
  EXPECT_EQ(encoded(shutdown), bytes({6, 2, 3, 'b', 'y', 'e'}));
  EXPECT_EQ(shutdown_text(shutdown), "bye");
  EXPECT_EQ(decode_notification(encoded(shutdown)), shutdown);
}

TEST(NotificationMessageTest, OtherCeasesCarryNoText) {
  EXPECT_EQ(encoded(cease(Cease::kCollisionResolution, "text")), bytes({6, 7}));
  EXPECT_EQ(shutdown_text({{6, 7}, bytes({3, 'b', 'y', 'e'})}), std::nullopt);
}

TEST(NotificationMessageTest, TooManyPrefixesNamesFamilyAndLimit) {
  EXPECT_EQ(encoded(maximum_prefixes_cease(net::Family::kIpv6, 70000)),
            bytes({6, 1, 0, 2, 1, 0, 1, 0x11, 0x70}));
}

TEST(NotificationMessageTest, LongTextsAreCutAtACharacter) {
  const std::string text = std::string(254, 'x') + "\u00e9";  // 256 octets
  const auto sent = shutdown_text(cease(Cease::kAdministrativeReset, text));
  EXPECT_EQ(sent, std::string(254, 'x'));
}

TEST(NotificationMessageTest, TextsOfTheWrongLengthAreNoTexts) {
  // CVE-2019-16159: the text of a peer that says it is longer than it is.
  EXPECT_EQ(shutdown_text({{6, 2}, bytes({255, 'x'})}), std::nullopt);
  EXPECT_EQ(shutdown_text({{6, 2}, bytes({0})}), std::nullopt);
  EXPECT_EQ(shutdown_text({{6, 2}, {}}), std::nullopt);
}

TEST(NotificationMessageTest, CleansTextToPrintableUtf8) {
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
  EXPECT_EQ(describe(NotificationCode{6, 2}), "6/2 administrative shutdown");
  EXPECT_EQ(describe(kSendHoldTimerExpired), "8/0 send hold timer expired");
  EXPECT_EQ(describe(NotificationCode{3, 99}), "3/99 UPDATE message error");
  EXPECT_EQ(describe(NotificationCode{99, 1}), "99/1");
}

}  // namespace
}  // namespace fabrix::bgp
