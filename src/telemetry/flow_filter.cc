#include "telemetry/flow_filter.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <regex>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "telemetry/key_expression.h"

namespace fabrix::telemetry {
namespace {

enum class Operator : std::uint8_t { kEqual, kUnequal, kMatch, kNoMatch };

bool is_digit(char character) {
  return character >= '0' && character <= '9';
}

// Whether libstdc++ can read the numbers in it, which it adds up in a long without a look whether
// they fit: of {m,n}. Of references back (\1) there is none that __polynomial takes.
bool has_fair_numbers(std::string_view pattern) {
  constexpr std::size_t kMostDigits = 9;
  std::size_t digits = 0;
  bool in_braces = false;
  for (std::size_t at = 0; at < pattern.size(); ++at) {
    if (pattern[at] == '\\') {
      ++at;
      if (at < pattern.size() && pattern[at] != '0' && is_digit(pattern[at])) return false;
      // \cX is a control character, whatever X is: another backslash, too.
      if (at < pattern.size() && pattern[at] == 'c') ++at;
      continue;
    }
    in_braces = pattern[at] == '{' || (in_braces && pattern[at] != '}');
    digits = is_digit(pattern[at]) ? digits + 1 : 0;
    if (in_braces && digits > kMostDigits) return false;
  }
  return true;
}

// None for what is no regular expression.
std::optional<std::regex> compile(const std::string& pattern) {
  if (!has_fair_numbers(pattern)) return std::nullopt;
  try {
    // __polynomial is libstdc++'s: matching by breadth, which does not explode.
    return std::regex(pattern, std::regex::ECMAScript | std::regex_constants::__polynomial);
  } catch (const std::regex_error&) {
    return std::nullopt;
  }
}

}  // namespace

// NOLINTBEGIN(misc-no-recursion): as deep as the parser lets parentheses be, kMaxDepth.
struct FlowFilter::Node {
  enum class Kind : std::uint8_t { kAnd, kOr, kComparison };

  Kind kind = Kind::kComparison;
  std::vector<Node> parts;

  std::optional<KeyExpression> key;
  Operator compare = Operator::kEqual;
  bool with_null = false;  // "null" is one of the texts
  std::vector<std::string> texts;
  std::vector<std::regex> patterns;

  bool is_alone() const {
    return !patterns.empty() || (key && key->looks_up()) ||
           std::ranges::any_of(parts, [](const Node& part) { return part.is_alone(); });
  }

  bool matches(const Sample& sample) const {
    const auto match = [&](const Node& part) { return part.matches(sample); };
    if (kind == Kind::kAnd) return std::ranges::all_of(parts, match);
    if (kind == Kind::kOr) return std::ranges::any_of(parts, match);
    const bool negative = compare == Operator::kUnequal || compare == Operator::kNoMatch;
    return is_any(sample) != negative;
  }

  bool is_any(const Sample& sample) const {
    std::string value;
    if (!key->append(sample, value)) return with_null;
    if (compare == Operator::kEqual || compare == Operator::kUnequal) {
      return std::ranges::find(texts, value) != texts.end();
    }
    if (value.size() > kLongestText) return false;
    return std::ranges::any_of(
        patterns, [&](const std::regex& pattern) { return std::regex_match(value, pattern); });
  }
};

struct FlowFilter::Parser {
  std::string_view text;
  const Lookups* lookups = nullptr;
  std::size_t at = 0;

  bool at_end() const { return at == text.size(); }
  bool take(char character) {
    const bool there = !at_end() && text[at] == character;
    at += there ? 1 : 0;
    return there;
  }
  void skip_spaces() {
    while (take(' ')) {
    }
  }

  Result<Node> alternatives(std::size_t depth) { return joined(Node::Kind::kOr, depth); }

  // Parts with '|' between them, each of which are parts with '&' between them.
  Result<Node> joined(Node::Kind kind, std::size_t depth) {
    if (depth > kMaxDepth) return fail(Error{"parentheses are nested too deeply"});
    Node node{.kind = kind};
    do {
      auto part = kind == Node::Kind::kOr ? joined(Node::Kind::kAnd, depth) : term(depth);
      if (!part) return part;
      node.parts.push_back(*std::move(part));
      skip_spaces();
    } while (take(kind == Node::Kind::kOr ? '|' : '&'));
    return node;
  }

  Result<Node> term(std::size_t depth) {
    skip_spaces();
    if (!take('(')) return comparison();
    FABRIX_TRY(auto node, alternatives(depth + 1));
    if (!take(')')) return fail(Error{fmt::format("a ')' is missing at character {}", at + 1)});
    return node;
  }

  Result<Node> comparison() {
    FABRIX_TRY(auto name, quoted_text());
    if (!name) name = bare_key();
    const bool negative = take('!');
    const bool pattern = !at_end() && text[at] == '~';
    if (!take('=') && !take('~')) {
      return fail(Error{fmt::format("at character {}: =, !=, ~ or !~ is expected", at + 1)});
    }
    FABRIX_TRY(auto key, KeyExpression::parse(*name, lookups));
    Node node{.key = std::move(key)};
    if (pattern) {
      node.compare = negative ? Operator::kNoMatch : Operator::kMatch;
    } else {
      node.compare = negative ? Operator::kUnequal : Operator::kEqual;
    }
    do {
      FABRIX_TRY(auto value, one_text());
      node.with_null = node.with_null || (!pattern && value == "null");
      node.texts.push_back(std::move(value));
    } while (take(','));
    if (pattern) return with_patterns(std::move(node));
    return node;
  }

  std::string_view bare_key() {
    const std::size_t begin = at;
    while (!at_end() && std::string_view("=~!&|()").find(text[at]) == std::string_view::npos) ++at;
    return trimmed(text.substr(begin, at - begin));
  }

  static std::string_view trimmed(std::string_view name) {
    while (name.ends_with(' ')) name.remove_suffix(1);
    return name;
  }

  static Result<Node> with_patterns(Node node) {
    for (const std::string& pattern : node.texts) {
      auto compiled = pattern.size() <= kMaxPattern ? compile(pattern) : std::nullopt;
      if (!compiled) return fail(Error{fmt::format("'{}' is no regular expression", pattern)});
      node.patterns.push_back(*std::move(compiled));
    }
    return node;
  }

  // What stands in quotation marks of either kind; none: nothing does here.
  Result<std::optional<std::string_view>> quoted_text() {
    const char mark = at_end() ? '\0' : text[at];
    if (!take('"') && !take('\'')) return std::nullopt;
    const auto end = text.find(mark, at);
    if (end == std::string_view::npos) return fail(Error{"a quotation mark is not closed"});
    const auto quoted = text.substr(at, end - at);
    at = end + 1;
    skip_spaces();
    return quoted;
  }

  // Up to a comma, operator or parenthesis that is not its own; or in quotation marks.
  Result<std::string> one_text() {
    skip_spaces();
    FABRIX_TRY(const auto quoted, quoted_text());
    if (quoted) return std::string(*quoted);
    const std::size_t begin = at;
    for (int depth = 0; !at_end(); ++at) {
      const char character = text[at];
      if (character == '(') ++depth;
      if (depth == 0 && std::string_view(",&|)").find(character) != std::string_view::npos) break;
      if (character == ')') --depth;
    }
    return std::string(trimmed(text.substr(begin, at - begin)));
  }
};

// NOLINTEND(misc-no-recursion)

Result<FlowFilter> FlowFilter::parse(std::string_view text, const Lookups* lookups) {
  if (text.empty()) return FlowFilter(nullptr);
  Parser parser{.text = text, .lookups = lookups};
  FABRIX_TRY(auto root, parser.alternatives(0));
  if (!parser.at_end()) {
    return fail(Error{fmt::format("at character {}: & or | is expected", parser.at + 1)});
  }
  return FlowFilter(std::make_shared<const Node>(std::move(root)));
}

bool FlowFilter::is_alone() const {
  return root_ != nullptr && root_->is_alone();
}

bool FlowFilter::root_matches(const Sample& sample) const {
  return root_->matches(sample);
}

}  // namespace fabrix::telemetry
