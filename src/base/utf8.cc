#include "base/utf8.h"

#include <algorithm>

namespace fabrix {
namespace {

unsigned octet_at(std::string_view text, std::size_t at) {
  return at < text.size() ? static_cast<unsigned char>(text[at]) : 0;
}

// Of the character that begins here; 0: none does (RFC 3629 §4).
std::size_t length_of_character(std::string_view text) {
  const unsigned first = octet_at(text, 0);
  const unsigned second = octet_at(text, 1);
  if (first < 0x80) return 1;
  std::size_t length = 0;
  unsigned low = 0x80;
  unsigned high = 0xbf;
  if (first >= 0xc2 && first <= 0xdf) length = 2;
  if (first >= 0xe0 && first <= 0xef) length = 3;
  if (first >= 0xf0 && first <= 0xf4) length = 4;
  if (first == 0xe0) low = 0xa0;   // a shorter form
  if (first == 0xed) high = 0x9f;  // a surrogate
  if (first == 0xf0) low = 0x90;   // a shorter form
  if (first == 0xf4) high = 0x8f;  // beyond U+10FFFF
  if (length == 0 || second < low || second > high) return 0;
  for (std::size_t i = 2; i < length; ++i) {
    if ((octet_at(text, i) & 0xc0U) != 0x80) return 0;
  }
  return length;
}

}  // namespace

std::size_t utf8_prefix(std::string_view text) {
  std::size_t length = 0;
  while (length < text.size()) {
    const std::size_t next = length_of_character(text.substr(length));
    if (next == 0) break;
    length += next;
  }
  return length;
}

}  // namespace fabrix
