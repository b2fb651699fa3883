#include "telemetry/key_expression.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>

#include <fmt/format.h>

#include "base/number.h"
#include "base/suggest.h"
#include "telemetry/key_lookup.h"
#include "telemetry/text.h"

namespace fabrix::telemetry {
namespace {

enum class Function : std::uint8_t {
  kAttribute,
  kText,
  kMask,
  kOr,
  kNull,
  kIf,
  kEqual,
  kRange,
  kPrefix,
  kSuffix,
  kFirst,
  kConcat,
  kBits,
  kLookup,  // key_lookup.h
};

struct FunctionRow {
  std::string_view name;
  Function function;
  std::size_t fewest;  // arguments
  std::size_t most;
};

constexpr std::size_t kAny = 32;
constexpr std::array kFunctions{
    FunctionRow{"mask", Function::kMask, 1, 2},
    FunctionRow{"or", Function::kOr, 2, kAny},
    FunctionRow{"null", Function::kNull, 1, 2},
    FunctionRow{"if", Function::kIf, 4, 4},
    FunctionRow{"eq", Function::kEqual, 2, 2},
    FunctionRow{"range", Function::kRange, 2, 3},
    FunctionRow{"prefix", Function::kPrefix, 3, 3},
    FunctionRow{"suffix", Function::kSuffix, 3, 3},
    FunctionRow{"first", Function::kFirst, 3, kAny},
    FunctionRow{"bits", Function::kBits, 2, 2},
    FunctionRow{"concat", Function::kConcat, 2, kAny},
};

std::string_view without_brackets(std::string_view text) {
  const bool whole = text.size() >= 2 && text.front() == '[' && text.back() == ']';
  return whole ? text.substr(1, text.size() - 2) : text;
}

// "\:" is ":".
std::string unescaped(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '\\' && at + 1 < text.size()) ++at;
    out += text[at];
  }
  return out;
}

std::vector<std::string_view> tokens_of(std::string_view text, std::string_view delimiter) {
  std::vector<std::string_view> tokens;
  for (std::size_t begin = 0;;) {
    const std::size_t end = text.find(delimiter, begin);
    tokens.push_back(text.substr(begin, end == std::string_view::npos ? end : end - begin));
    if (end == std::string_view::npos) return tokens;
    begin = end + delimiter.size();
  }
}

}  // namespace

// NOLINTBEGIN(misc-no-recursion): as deep as the parser lets brackets be, kMaxDepth.
struct KeyExpression::Node {
  Function function = Function::kText;
  std::optional<Attribute> attribute;
  std::optional<Attribute> mask_length;  // of kMask without bits
  std::vector<Node> keys;
  std::vector<std::string> texts;
  std::vector<std::optional<std::int64_t>> numbers;
  std::optional<KeyLookup> lookup;  // of kLookup

  bool looks_up() const {
    return (lookup && lookup->looks_up()) ||
           std::ranges::any_of(keys, [](const Node& key) { return key.looks_up(); });
  }

  bool append(const Sample& sample, std::string& out) const {
    switch (function) {
      case Function::kAttribute:
        return attribute->append(sample, out);
      case Function::kText:
        out += texts[0];
        return true;
      case Function::kOr:
        return std::ranges::any_of(keys, [&](const Node& key) { return key.append(sample, out); });
      case Function::kNull:
        if (!keys[0].append(sample, out)) out += texts[0];
        return true;
      case Function::kConcat:
        return append_all(sample, out);
      default:
        return append_function(sample, out);
    }
  }

  // Either all of them or nothing.
  bool append_all(const Sample& sample, std::string& out) const {
    const std::size_t begin = out.size();
    for (const Node& key : keys) {
      if (&key != keys.data()) out += texts[0];
      if (key.append(sample, out)) continue;
      out.resize(begin);
      return false;
    }
    return true;
  }

  // Functions of the first key's value.
  bool append_function(const Sample& sample, std::string& out) const {
    std::string value;
    if (!keys[0].append(sample, value)) return false;
    switch (function) {
      case Function::kMask:
        return append_mask(sample, value, out);
      case Function::kIf:
        return keys[value == texts[0] ? 1 : 2].append(sample, out);
      case Function::kEqual:
        return append_equal(sample, value, out);
      case Function::kRange:
        return append_range(value, out);
      case Function::kFirst:
        return append_first(value, out);
      case Function::kBits:
        return append_bits(value, out);
      case Function::kLookup:
        return lookup->append(sample, value, out);
      default:
        return append_part(value, out);
    }
  }

  bool append_mask(const Sample& sample, std::string_view value, std::string& out) const {
    const auto address = net::IpAddress::parse(value);
    if (!address) return false;
    std::int64_t bits = numbers.empty() ? -1 : numbers[0].value_or(-1);
    std::string told;
    if (mask_length && mask_length->append(sample, told))
      bits = parse_number<std::int64_t>(told).value_or(-1);
    if (bits < 0 || bits > net::width_of(address->family())) return false;
    const auto length = static_cast<unsigned>(bits);
    out += address->masked(length).to_string();
    out += '/';
    append_number(length, out);
    return true;
  }

  bool append_equal(const Sample& sample, std::string_view value, std::string& out) const {
    std::string other;
    if (!keys[1].append(sample, other)) return false;
    out += value == other ? "true" : "false";
    return true;
  }

  bool append_range(std::string_view value, std::string& out) const {
    const auto number = parse_number<std::int64_t>(value);
    if (!number) return false;
    const bool above = !numbers[0] || *number >= *numbers[0];
    const bool below = !numbers[1] || *number <= *numbers[1];
    out += above && below ? "true" : "false";
    return true;
  }

  bool append_bits(std::string_view value, std::string& out) const {
    const auto number = parse_number<std::uint64_t>(value);
    if (!number) return false;
    append_number(*number & static_cast<std::uint64_t>(*numbers[0]), out);
    return true;
  }

  bool append_first(std::string_view value, std::string& out) const {
    for (const std::string_view token : tokens_of(value, texts[0])) {
      if (std::find(texts.begin() + 1, texts.end(), token) == texts.end()) continue;
      out += token;
      return true;
    }
    return false;
  }

  // prefix and suffix.
  bool append_part(std::string_view value, std::string& out) const {
    const auto tokens = tokens_of(value, texts[0]);
    const auto wanted = static_cast<std::size_t>(*numbers[0]);
    const std::size_t count = std::min(wanted, tokens.size());
    const std::size_t begin = function == Function::kPrefix ? 0 : tokens.size() - count;
    for (std::size_t at = begin; at < begin + count; ++at) {
      if (at != begin) out += texts[0];
      out += tokens[at];
    }
    return true;
  }
};

struct KeyExpression::Parser {
  using Words = std::vector<std::string_view>;

  const Lookups* lookups = nullptr;

  Result<Node> parse(std::string_view text, std::size_t depth) const {
    if (depth > kMaxDepth) return fail(Error{"functions are nested too deeply"});
    text = without_brackets(text);
    if (std::ranges::count(text, '[') != std::ranges::count(text, ']')) {
      return fail(Error{fmt::format("brackets do not match in '{}'", text)});
    }
    const Words words = split_outside_brackets(text, ':');
    if (words.size() == 1) return attribute(text);
    if (KeyLookup::is_one(words[0])) return lookup(words, depth);
    const auto* const row = std::ranges::find(kFunctions, words[0], &FunctionRow::name);
    if (row == kFunctions.end()) {
      return fail(Error{fmt::format("unknown function '{}'", words[0])});
    }
    const std::size_t arguments = words.size() - 1;
    if (arguments < row->fewest || arguments > row->most) {
      return fail(
          Error{fmt::format("{} has {} arguments, not {}", row->name,
                            row->fewest == row->most ? fmt::to_string(row->fewest)
                                                     : fmt::format("{} or more", row->fewest),
                            arguments)});
    }
    return function(row->function, words, depth);
  }

  static Result<Node> attribute(std::string_view name) {
    Node node{.function = Function::kAttribute, .attribute = Attribute::find(name)};
    if (node.attribute) return node;
    const auto names = attribute_names();
    const auto near = nearest(name, std::vector<std::string>(names.begin(), names.end()));
    return fail(Error{fmt::format("no flow key is called '{}'{}", name,
                                  near ? "; did you mean " + *near + "?" : std::string())});
  }

  Result<Node> function(Function function, const Words& words, std::size_t depth) const {
    Node node{.function = function};
    const bool is_of_all = function == Function::kOr || function == Function::kConcat;
    const std::size_t first = function == Function::kConcat ? 2 : 1;
    const std::size_t end = is_of_all ? words.size() : 2;
    for (std::size_t at = first; at < end; ++at) {
      FABRIX_TRY(auto key, parse(words[at], depth + 1));
      node.keys.push_back(std::move(key));
    }
    return arguments(std::move(node), words, depth);
  }

  // What follows the first key.
  Result<Node> arguments(Node node, const Words& words, std::size_t depth) const {
    switch (node.function) {
      case Function::kMask:
        return mask(std::move(node), words);
      case Function::kNull:
        node.texts.emplace_back(words.size() == 3 ? words[2] : "null");
        return node;
      case Function::kIf: {
        node.texts.emplace_back(words[2]);
        FABRIX_TRY(auto then, parse(words[3], depth + 1));
        node.keys.push_back(std::move(then));
        FABRIX_TRY(auto otherwise, parse(words[4], depth + 1));
        node.keys.push_back(std::move(otherwise));
        return node;
      }
      case Function::kEqual: {
        auto other = parse(words[2], depth + 1);
        node.keys.push_back(other ? *std::move(other) : Node{.texts = {std::string(words[2])}});
        return node;
      }
      case Function::kRange:
        return range(std::move(node), words);
      case Function::kPrefix:
      case Function::kSuffix:
        return part(std::move(node), words);
      case Function::kFirst:
        if (words[2].empty()) return fail(Error{"a delimiter has a character at least"});
        for (const std::string_view word : std::span(words).subspan(2)) {
          node.texts.push_back(unescaped(word));
        }
        return node;
      case Function::kConcat:
        node.texts.push_back(unescaped(words[1]));
        return node;
      case Function::kBits:
        node.numbers.push_back(parse_number<std::int64_t>(words[2]));
        if (node.numbers[0] && *node.numbers[0] > 0) return node;
        return fail(Error{fmt::format("'{}' is no mask of bits, a number above 0", words[2])});
      default:
        return node;
    }
  }

  Result<Node> lookup(const Words& words, std::size_t depth) const {
    FABRIX_TRY(auto key, parse(words[1], depth + 1));
    FABRIX_TRY(auto found, KeyLookup::parse(words[0], std::span(words).subspan(2), lookups));
    Node node{.function = Function::kLookup, .lookup = std::move(found)};
    node.keys.push_back(std::move(key));
    return node;
  }

  static Result<Node> mask(Node node, const Words& words) {
    if (words.size() == 3) {
      node.numbers.push_back(parse_number<std::int64_t>(words[2]));
      const auto& of = node.keys[0].attribute;
      const int most = of && of->form() == OctetForm::kIpv4 ? 32 : 128;
      if (node.numbers[0] && *node.numbers[0] >= 0 && *node.numbers[0] <= most) return node;
      return fail(Error{fmt::format("'{}' is no prefix length", words[2])});
    }
    node.mask_length = Attribute::find(std::string(words[1]) + "maskbits");
    if (node.mask_length) return node;
    return fail(Error{"mask without bits is of ipsource or ipdestination"});
  }

  static Result<Node> range(Node node, const Words& words) {
    for (const std::size_t at : {std::size_t{2}, std::size_t{3}}) {
      const std::string_view end = at < words.size() ? words[at] : std::string_view();
      node.numbers.push_back(parse_number<std::int64_t>(end));
      if (!end.empty() && !node.numbers.back()) {
        return fail(Error{fmt::format("'{}' is no number", end)});
      }
    }
    return node;
  }

  static Result<Node> part(Node node, const Words& words) {
    if (words[2].empty()) return fail(Error{"a delimiter has a character at least"});
    node.texts.push_back(unescaped(words[2]));
    node.numbers.push_back(parse_number<std::int64_t>(words[3]));
    if (node.numbers[0] && *node.numbers[0] > 0) return node;
    return fail(Error{fmt::format("'{}' is no number of parts", words[3])});
  }
};

// NOLINTEND(misc-no-recursion)

Result<KeyExpression> KeyExpression::parse(std::string_view text, const Lookups* lookups) {
  FABRIX_TRY(auto root, Parser{.lookups = lookups}.parse(text, 0));
  return KeyExpression(std::make_shared<const Node>(std::move(root)));
}

bool KeyExpression::looks_up() const {
  return root_->looks_up();
}

bool KeyExpression::append(const Sample& sample, std::string& out) const {
  return root_->append(sample, out);
}

const Attribute* KeyExpression::attribute() const {
  return root_->attribute ? &*root_->attribute : nullptr;
}

std::vector<std::string_view> split_outside_brackets(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  std::size_t begin = 0;
  int depth = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '[') ++depth;
    if (text[at] == ']') --depth;
    if (text[at] == '\\') {
      ++at;
      continue;
    }
    if (text[at] != separator || depth > 0) continue;
    parts.push_back(text.substr(begin, at - begin));
    begin = at + 1;
  }
  parts.push_back(text.substr(begin));
  return parts;
}

Result<std::vector<KeyExpression>> parse_keys(std::string_view text, const Lookups* lookups) {
  std::vector<KeyExpression> keys;
  if (text.empty()) return keys;
  for (const std::string_view part : split_outside_brackets(text, ',')) {
    FABRIX_TRY(auto key, KeyExpression::parse(part, lookups));
    keys.push_back(std::move(key));
  }
  return keys;
}

}  // namespace fabrix::telemetry
