#include "base/utf8.h"

#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace fabrix {
namespace {

using std::string_view_literals::operator""sv;

TEST(Utf8Test, TakesCharactersOfEveryLength) {
  for (const std::string_view text :
       {""sv, "a\0b\n"sv, "\u00e9"sv, "\u20ac"sv, "\U0001f600"sv, "\x7f\u0080\u07ff\u0800\ud7ff"sv,
        "\ue000\uffff\U00010000\U0010ffff"sv}) {
    EXPECT_EQ(utf8_prefix(text), text.size()) << text;
  }
}

// RFC 3629 §3: no octets C0, C1 and F5 to FF, no surrogates, no form but the shortest.
TEST(Utf8Test, EndsBeforeWhatIsNone) {
  for (const std::string_view wrong :
       {"\xff"sv, "\x80"sv, "\xc3"sv, "\xc3z"sv, "\xc0\x80"sv, "\xc1\xbf"sv, "\xe0\x80\x80"sv,
        "\xe2\x82"sv, "\xed\xa0\x80"sv, "\xf0\x80\x80\x80"sv, "\xf0\x9f\x98"sv,
        "\xf4\x90\x80\x80"sv, "\xf5\x80\x80\x80"sv, "\xfc\x80\x80\x80\x80\x80"sv}) {
    const std::string text = "a\u00e9" + std::string(wrong) + "b";
    EXPECT_EQ(utf8_prefix(text), 3U) << text;
    EXPECT_EQ(utf8_prefix(std::string_view(text).substr(0, 3 + wrong.size())), 3U) << text;
  }
}

// By what defines it: a character is the shortest way to write its number.
TEST(Utf8Test, TakesTwoAndThreeOctetsAsTheirNumbersSay) {
  const auto is_character = [](unsigned a, unsigned b, unsigned c) {
    const bool shape = (a & 0xf0U) == 0xe0 && (b & 0xc0U) == 0x80 && (c & 0xc0U) == 0x80;
    const unsigned number = (a & 0x0fU) << 12U | (b & 0x3fU) << 6U | (c & 0x3fU);
    return shape && number >= 0x800 && (number < 0xd800 || number > 0xdfff);
  };
  for (unsigned a = 0xe0; a < 0xf0; ++a) {
    for (unsigned b = 0; b < 256; ++b) {
      for (const unsigned c : {0x00U, 0x7fU, 0x80U, 0xbfU, 0xc0U, 0xffU}) {
        const std::string text{static_cast<char>(a), static_cast<char>(b), static_cast<char>(c)};
        EXPECT_EQ(utf8_prefix(text) == 3, is_character(a, b, c)) << a << ' ' << b << ' ' << c;
      }
    }
  }
}

}  // namespace
}  // namespace fabrix
