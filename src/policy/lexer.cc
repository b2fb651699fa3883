#include "policy/lexer.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string>
#include <utility>

#include "net/ip_address.h"
#include "net/mac_address.h"
#include "net/prefix.h"
#include "policy/vocabulary.h"

namespace fabrix::policy {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_hex(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

bool is_word(char c) {
  return is_letter(c) || is_digit(c);
}

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\r';
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

// Longest first.
constexpr std::array<std::string_view, 29> kSymbols{
    ">>", "//", "==", "!=", "<=", ">=", "=~", "..", "->", "+", "|", "&", "-", "~", "(",
    ")",  "[",  "]",  "{",  "}",  ",",  "=",  "<",  ">",  "/", ".", ":", ";", "*"};

class Lexer {
 public:
  Lexer(std::string_view text, Report& report) : text_(text), report_(report) {}

  Lexed run() {
    // What some editors begin a file of UTF-8 with is no part of its first line.
    constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
    if (text_.starts_with(kByteOrderMark)) line_start_ = position_ = kByteOrderMark.size();
    while (position_ < text_.size()) step();
    const SourceSpan last = out_.tokens.empty() ? SourceSpan{} : out_.tokens.back().at;
    out_.tokens.push_back(
        {.kind = TokenKind::kEnd, .text = {}, .at = last, .starts_line = true, .spoiled = spoils_});
    return std::move(out_);
  }

 private:
  char peek(std::size_t ahead = 0) const {
    return position_ + ahead < text_.size() ? text_[position_ + ahead] : '\0';
  }

  SourceSpan span(std::size_t length) const {
    return {line_, static_cast<std::uint32_t>(position_ - line_start_ + 1),
            static_cast<std::uint32_t>(std::max<std::size_t>(length, 1))};
  }

  void step() {
    const char c = peek();
    if (c == '\n') return newline();
    if (is_space(c) || continues_line()) {
      ++position_;
    } else if (c == '#') {
      comment();
    } else if (starts_line_ && is_docstring()) {
      docstring();
    } else if (c == '"' || c == '\'') {
      string(c);
    } else if (is_digit(c) || starts_address()) {
      number();
    } else if (is_letter(c)) {
      emit(TokenKind::kName, run_length(is_word));
    } else {
      symbol();
    }
  }

  // Python's way to continue a line; here the newline means little anyway.
  bool continues_line() const {
    return peek() == '\\' && (peek(1) == '\n' || (peek(1) == '\r' && peek(2) == '\n'));
  }

  void newline() {
    ++position_;
    ++line_;
    line_start_ = position_;
    starts_line_ = true;
  }

  template <typename Class>
  std::size_t run_length(Class in_class) const {
    std::size_t length = 0;
    while (position_ + length < text_.size() && in_class(text_[position_ + length])) ++length;
    return length;
  }

  void emit(TokenKind kind, std::size_t length) {
    out_.tokens.push_back({.kind = kind,
                           .text = text_.substr(position_, length),
                           .at = span(length),
                           .depth = depth_,
                           .starts_line = starts_line_,
                           .spoiled = std::exchange(spoils_, false)});
    starts_line_ = false;
    position_ += length;
  }

  void comment() {
    const std::size_t length = run_length([](char c) { return c != '\n'; });
    const std::string_view line = trim(text_.substr(position_ + 1, length - 1));
    out_.comments.push_back({trim(text_.substr(position_, length)), span(length)});
    constexpr std::string_view kPragma = "pragma";
    if (starts_line_ && line.starts_with(kPragma) && line.size() > kPragma.size() &&
        is_space(line[kPragma.size()])) {
      const std::string_view body = trim(line.substr(kPragma.size()));
      const std::size_t equals = std::min(body.find('='), body.size());
      const std::string_view value = equals < body.size() ? body.substr(equals + 1) : "";
      out_.pragmas.push_back({trim(body.substr(0, equals)), trim(value), span(length)});
    }
    position_ += length;
  }

  // Three quotes where a line begins: a text that Python programs have for people.
  bool is_docstring() const {
    const char quote = peek();
    return (quote == '"' || quote == '\'') && peek(1) == quote && peek(2) == quote;
  }

  void docstring() {
    const std::string_view quotes = text_.substr(position_, 3);
    const std::size_t end = text_.find(quotes, position_ + quotes.size());
    const SourceSpan at = span(quotes.size());
    if (end == std::string_view::npos) {
      report_.error("P0002", at, "this string has no closing quote");
    }
    const std::size_t after = std::min(end, text_.size() - quotes.size()) + quotes.size();
    out_.comments.push_back({text_.substr(position_, after - position_), at});
    while (position_ < after) {
      if (peek() == '\n') {
        newline();
      } else {
        ++position_;
      }
    }
  }

  void string(char quote) {
    std::size_t length = 1;
    while (peek(length) != quote && peek(length) != '\n' && position_ + length < text_.size()) {
      ++length;
    }
    if (peek(length) != quote) {
      report_.error("P0002", span(length), "this string has no closing quote");
      emit(TokenKind::kString, length);
      spoils_ = true;
    } else {
      emit(TokenKind::kString, length + 1);
    }
    Token& token = out_.tokens.back();
    token.text = token.text.substr(1, length - 1);
  }

  // "::1", "fe80::1", "ab:00:...": hexadecimal digits, then a colon, where no policy has one
  // otherwise.
  bool starts_address() const {
    std::size_t length = run_length(is_hex);
    if (length > 4 || peek(length) != ':') return false;
    if (!is_hex(peek(length + 1)) && peek(length + 1) != ':') return false;
    // But for `event a:bool`.
    while (is_word(peek(length)) || peek(length) == ':') ++length;
    const std::string_view literal = text_.substr(position_, length);
    return std::all_of(literal.begin(), literal.end(),
                       [](char c) { return is_hex(c) || c == ':'; });
  }

  // The run of `more` characters, ending before "..", which is a range.
  template <typename Class>
  std::size_t literal_length(Class more) const {
    std::size_t length = 0;
    while (more(peek(length)) && !(peek(length) == '.' && peek(length + 1) == '.')) ++length;
    return length;
  }

  // Six pairs of hexadecimal digits with '-' between them.
  bool is_dashed_mac() const {
    constexpr std::size_t kLength = 17;
    for (std::size_t i = 0; i < kLength; ++i) {
      if (i % 3 == 2 ? peek(i) != '-' : !is_hex(peek(i))) return false;
    }
    return !is_word(peek(kLength));
  }

  void number() {
    if (is_dashed_mac()) return emit(TokenKind::kMac, 17);
    std::size_t length = literal_length([](char c) { return is_word(c) || c == ':' || c == '.'; });
    const std::string_view literal = text_.substr(position_, length);
    const bool colon = literal.find(':') != std::string_view::npos;
    if (!colon && literal.find('.') == std::string_view::npos) return plain_number(length);
    if (net::MacAddress::parse(literal)) return emit(TokenKind::kMac, length);
    if (is_community(literal)) return emit(TokenKind::kCommunity, length);
    if (!colon && std::count(literal.begin(), literal.end(), '.') == 1) {
      return malformed("P0003", length, "' is not a number", "only whole numbers are");
    }
    if (!net::IpAddress::parse(literal)) {
      length = with_prefix_length(length);
      return malformed("P0004", length, "' is not an address",
                       "addresses are such as 140.0.0.1 or 2001:db8::1");
    }
    address(length);
  }

  // Of what the parser and who reads it further then say nothing.
  void malformed(std::string code, std::size_t length, std::string_view what, std::string help) {
    report_.error(std::move(code), span(length),
                  "'" + std::string(text_.substr(position_, length)) + std::string(what),
                  std::move(help));
    spoils_ = true;
    emit(TokenKind::kMalformed, length);
  }

  // "30s", "12h".
  static bool is_duration(std::string_view literal) {
    constexpr std::array<std::string_view, 5> kUnits{"ms", "s", "m", "h", "d"};
    const std::size_t digits = std::min(literal.find_first_not_of("0123456789"), literal.size());
    return std::find(kUnits.begin(), kUnits.end(), literal.substr(digits)) != kUnits.end();
  }

  // Two or three decimal numbers with ':' between them: no IPv6 address has so few without "::".
  static bool is_community(std::string_view literal) {
    const auto colons = std::count(literal.begin(), literal.end(), ':');
    const bool plain =
        std::all_of(literal.begin(), literal.end(), [](char c) { return is_digit(c) || c == ':'; });
    const bool whole = literal.back() != ':' && literal.find("::") == std::string_view::npos;
    return plain && whole && (colons == 1 || colons == 2);
  }

  void plain_number(std::size_t length) {
    std::string_view digits = text_.substr(position_, length);
    if (is_duration(digits)) return emit(TokenKind::kDuration, length);
    int base = 10;
    if (digits.starts_with("0x") || digits.starts_with("0X")) {
      digits.remove_prefix(2);
      base = 16;
    }
    std::uint64_t value = 0;
    const auto* const end = digits.data() + digits.size();
    const auto parsed = std::from_chars(digits.data(), end, value, base);
    const std::string_view rest(parsed.ptr, static_cast<std::size_t>(end - parsed.ptr));
    const std::string unit = lower_case(rest);
    if (base == 10 && (unit == "kbps" || unit == "mbps" || unit == "gbps")) {
      return emit(TokenKind::kRate, length);
    }
    if (parsed.ec != std::errc{} || parsed.ptr != end) {
      return malformed("P0003", length, "' is not a number", "numbers are such as 80 or 0x50");
    }
    emit(TokenKind::kNumber, length);
  }

  // With the "/24" behind an address of `length` octets, if that is a prefix length and not the
  // next member of a set.
  std::size_t with_prefix_length(std::size_t length) const {
    std::size_t digits = 0;
    while (peek(length) == '/' && is_digit(peek(length + 1 + digits))) ++digits;
    const char after = peek(length + 1 + digits);
    const bool dotted = after == '.' && peek(length + 2 + digits) != '.';
    const bool is_other = digits == 0 || dotted || after == ':' || is_letter(after);
    return is_other ? length : length + 1 + digits;
  }

  void address(std::size_t address_length) {
    const std::size_t length = with_prefix_length(address_length);
    if (length == address_length) return emit(TokenKind::kAddress, length);
    const std::string_view text = text_.substr(position_, length);
    const auto prefix = net::Prefix::parse(text);
    if (prefix) return emit(TokenKind::kPrefix, length);
    std::string help;
    if (prefix.error() == net::PrefixError::kHostBitsSet) {
      const std::size_t slash = text.find('/');
      unsigned bits = 0;
      std::from_chars(text.data() + slash + 1, text.data() + text.size(), bits);
      const auto address = net::IpAddress::parse(text.substr(0, slash));
      help = "write " + address->masked(bits).to_string() + std::string(text.substr(slash));
    }
    malformed("P0004", length, "' is not a prefix: " + std::string(net::describe(prefix.error())),
              std::move(help));
  }

  void symbol() {
    const std::string_view rest = text_.substr(position_);
    const auto* const found =
        std::find_if(kSymbols.begin(), kSymbols.end(),
                     [rest](std::string_view each) { return rest.starts_with(each); });
    if (found == kSymbols.end()) return unknown();
    const char c = found->front();
    const bool closes = c == ')' || c == ']' || c == '}';
    if (closes && depth_ > 0) --depth_;
    emit(TokenKind::kSymbol, found->size());
    if (c == '(' || c == '[' || c == '{') ++depth_;
  }

  void unknown() {
    const std::size_t length = run_length([](char c) {
      constexpr std::string_view kKnown = "+|&-~()[]{},=<>/.:;*#'\"\\";
      return c != '\n' && !is_space(c) && !is_word(c) && kKnown.find(c) == std::string_view::npos;
    });
    const std::size_t taken = std::max<std::size_t>(length, 1);
    report_.error("P0001", span(taken), "a policy cannot contain this character",
                  "operators are // + >> | & - ~; a comment begins with #");
    spoils_ = true;
    position_ += taken;
  }

  std::string_view text_;
  Report& report_;
  Lexed out_;
  std::size_t position_ = 0;
  std::size_t line_start_ = 0;
  std::uint32_t line_ = 1;
  std::uint32_t depth_ = 0;
  bool starts_line_ = true;
  bool spoils_ = false;  // the next token
};

}  // namespace

Lexed lex(std::string_view text, Report& report) {
  return Lexer(text, report).run();
}

}  // namespace fabrix::policy
