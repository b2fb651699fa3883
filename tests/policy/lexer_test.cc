#include "policy/lexer.h"

#include <string>

#include <gtest/gtest.h>

namespace fabrix::policy {
namespace {

// Tokens as "kind:text", the kind by its initial: Name, nUmber, String, Address, Prefix, Mac,
// symbol ".", Duration, Rate, Community, malformed "!".
std::string tokens(std::string_view text) {
  Report report("test");
  std::string result;
  for (const Token& each : lex(text, report).tokens) {
    if (each.kind == TokenKind::kEnd) break;
    constexpr std::string_view kLetters = "enusapm.drc!";
    if (!result.empty()) result += ' ';
    result += kLetters[static_cast<std::size_t>(each.kind)];
    result += each.text;
  }
  for (const Diagnostic& each : report.take()) result += " " + each.code;
  return result;
}

TEST(LexerTest, TellsLiteralsApart) {
  EXPECT_EQ(tokens("80 0x1f 10.0.0.1 10.0.0.0/8 ::1 2001:db8::/32 08:00:27:89:3b:9f"),
            "u80 u0x1f a10.0.0.1 p10.0.0.0/8 a::1 p2001:db8::/32 m08:00:27:89:3b:9f");
  EXPECT_EQ(tokens("10mbps 500kbps 1gbps 0x1kbps"), "r10mbps r500kbps r1gbps !0x1kbps P0003");
  EXPECT_EQ(tokens("10Mbps 1GBPS"), "r10Mbps r1GBPS");
  EXPECT_EQ(tokens("00-11-22-33-44-55 fe80::1 face"), "m00-11-22-33-44-55 afe80::1 nface");
  EXPECT_EQ(tokens("'B' \"C\""), "sB sC");
  EXPECT_EQ(tokens("a:bool bad:fe0 abc:fx ab:cd::1.2.3.4"),
            "na .: nbool !bad:fe0 nabc .: nfx aab:cd::1.2.3.4 P0004");
}

// RFC 1997 and RFC 8092 as people write them; anything with more colons is an address or a mistake.
TEST(LexerTest, CommunitiesAreTwoOrThreeNumbers) {
  EXPECT_EQ(tokens("64500:1 64500:1:2 {1:2, 3:4}"), "c64500:1 c64500:1:2 .{ c1:2 ., c3:4 .}");
  EXPECT_EQ(tokens("64500:1/64500:2"), "c64500:1 ./ c64500:2");
  EXPECT_EQ(tokens("1:2:3:4"), "!1:2:3:4 P0004");
  EXPECT_EQ(tokens("1:2:"), "!1:2: P0004");
  EXPECT_EQ(tokens("1::2"), "a1::2");
}

TEST(LexerTest, DurationsAreNumbersWithAUnit) {
  EXPECT_EQ(tokens("30s 5m 12h 1d 250ms"), "d30s d5m d12h d1d d250ms");
  EXPECT_EQ(tokens("5x 0x5s s5"), "!5x !0x5s ns5 P0003 P0003");
}

TEST(LexerTest, SetsAndRangesAreNotPrefixes) {
  EXPECT_EQ(tokens("4321/4322"), "u4321 ./ u4322");
  EXPECT_EQ(tokens("80..90"), "u80 ... u90");
  EXPECT_EQ(tokens("10.0.0.1..10.0.0.9"), "a10.0.0.1 ... a10.0.0.9");
  EXPECT_EQ(tokens("10.0.0.1/10.0.0.2"), "a10.0.0.1 ./ a10.0.0.2");
  EXPECT_EQ(tokens("10.0.0.0/8/11.0.0.0/8"), "p10.0.0.0/8 ./ p11.0.0.0/8");
  EXPECT_EQ(tokens("::1..::9"), "a::1 ... a::9");
}

TEST(LexerTest, OperatorsTakeTheLongestMatch) {
  EXPECT_EQ(tokens("a>>b//c|d&~e"), "na .>> nb .// nc .| nd .& .~ ne");
  EXPECT_EQ(tokens("<= < == = !="), ".<= .< .== .= .!=");
}

TEST(LexerTest, ReportsMalformedLiterals) {
  EXPECT_EQ(tokens("80x"), "!80x P0003");
  EXPECT_EQ(tokens("99999999999999999999"), "!99999999999999999999 P0003");
  EXPECT_EQ(tokens("300.0.0.1"), "!300.0.0.1 P0004");
  EXPECT_EQ(tokens("300.0.0.0/8"), "!300.0.0.0/8 P0004");
  EXPECT_EQ(tokens("1.5 1.5mbps 1.2.3"), "!1.5 !1.5mbps !1.2.3 P0003 P0003 P0004");
  EXPECT_EQ(tokens("10.0.0.0/33"), "!10.0.0.0/33 P0004");
  EXPECT_EQ(tokens("10.0.0.1/8"), "!10.0.0.1/8 P0004");
  EXPECT_EQ(tokens("'x"), "sx P0002");
  EXPECT_EQ(tokens("a $$ b"), "na nb P0001");
}

TEST(LexerTest, SeparatesPragmasFromComments) {
  Report report("test");
  const Lexed lexed =
      lex("#pragma overlap = first\n# pragma a=b\n# pragmatic\nx # pragma c=d", report);
  ASSERT_EQ(lexed.pragmas.size(), 2U);
  EXPECT_EQ(lexed.pragmas[0].name, "overlap");
  EXPECT_EQ(lexed.pragmas[0].value, "first");
  EXPECT_EQ(lexed.pragmas[1].value, "b");
}

TEST(LexerTest, KnowsLinesColumnsAndDepth) {
  Report report("test");
  const auto tokens = lex("a = (b\n  + c)", report).tokens;
  ASSERT_EQ(tokens.size(), 8U);
  EXPECT_EQ(tokens[4].at, (SourceSpan{2, 3, 1}));
  EXPECT_TRUE(tokens[4].starts_line);
  EXPECT_FALSE(tokens[5].starts_line);
  EXPECT_EQ(tokens[2].depth, 0U);
  EXPECT_EQ(tokens[3].depth, 1U);
  EXPECT_EQ(tokens[6].depth, 0U);
}

}  // namespace
}  // namespace fabrix::policy
