#include "exchange/yaml_reader.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/number.h"
#include "base/suggest.h"

namespace fabrix::exchange {
namespace {

constexpr std::size_t kLongestQuote = 40;
constexpr std::size_t kMostNamesListed = 12;

std::string describe(const YamlNode& node) {
  switch (node.kind) {
    case YamlNode::Kind::kNull:
      return "nothing";
    case YamlNode::Kind::kScalar:
      return node.quoted ? fmt::format("the text {}", quote(node.scalar)) : quote(node.scalar);
    case YamlNode::Kind::kList:
      return "a list";
    case YamlNode::Kind::kMap:
      return "a map";
  }
  return "something else";
}

bool is_whole_number(const YamlNode& node) {
  if (node.kind != YamlNode::Kind::kScalar || node.quoted || node.scalar.empty()) return false;
  const bool padded = node.scalar.size() > 1 && node.scalar.front() == '0';
  return !padded && std::all_of(node.scalar.begin(), node.scalar.end(),
                                [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

std::string quote(std::string_view text) {
  if (text.size() <= kLongestQuote) return fmt::format("'{}'", text);
  return fmt::format("'{}...'", text.substr(0, kLongestQuote));
}

std::string suggest_name(std::string_view written, std::span<const std::string> known,
                         std::string_view plural) {
  if (const auto near = nearest(written, known)) return fmt::format("did you mean '{}'?", *near);
  if (known.empty()) return fmt::format("there are no {}", plural);
  const auto listed = known.first(std::min(known.size(), kMostNamesListed));
  const std::string_view more = listed.size() < known.size() ? ", ..." : "";
  return fmt::format("known {} are {}{}", plural, fmt::join(listed, ", "), more);
}

void YamlReader::error(const SourceSpan& at, std::string_view code, std::string message,
                       std::string help) {
  Diagnostic diagnostic;
  diagnostic.code = code;
  diagnostic.message = std::move(message);
  diagnostic.file = file_;
  diagnostic.at = at;
  diagnostic.help = std::move(help);
  errors_.push_back(std::move(diagnostic));
}

void YamlReader::wrong_type(const YamlNode& node, std::string_view expected) {
  error(node.at, "C0112", fmt::format("expected {}, found {}", expected, describe(node)));
}

bool YamlReader::expect_map(const YamlNode& node, std::span<const std::string> known) {
  if (node.kind != YamlNode::Kind::kMap) {
    wrong_type(node, fmt::format("a map with the keys {}", fmt::join(known, ", ")));
    return false;
  }
  for (const YamlNode::Entry& entry : node.entries) {
    if (std::find(known.begin(), known.end(), entry.key) != known.end()) continue;
    error(entry.key_at, "C0110", fmt::format("unknown key {}", quote(entry.key)),
          suggest_name(entry.key, known, "keys"));
  }
  return true;
}

const YamlNode* YamlReader::require(const YamlNode& map, std::string_view key) {
  const YamlNode* const value = map.find(key);
  if (value == nullptr) error(map.at, "C0111", fmt::format("the key '{}' is missing", key));
  return value;
}

std::optional<std::string> YamlReader::text(const YamlNode& node, std::string_view expected) {
  if (node.kind == YamlNode::Kind::kScalar && !node.scalar.empty()) return node.scalar;
  wrong_type(node, expected);
  return std::nullopt;
}

std::optional<std::uint64_t> YamlReader::number(const YamlNode& node, const NumberRange& range) {
  if (!is_whole_number(node)) {
    wrong_type(node, fmt::format("a whole number from {} to {}", range.least, range.most));
    return std::nullopt;
  }
  const auto value = parse_number<std::uint64_t>(node.scalar);
  if (value && *value >= range.least && *value <= range.most) return value;
  error(node.at, "C0113",
        fmt::format("{} is not from {} to {}", quote(node.scalar), range.least, range.most));
  return std::nullopt;
}

std::optional<std::span<const YamlNode>> YamlReader::list(const YamlNode& node,
                                                          std::string_view expected) {
  switch (node.kind) {
    case YamlNode::Kind::kList:
      return std::span<const YamlNode>(node.items);
    case YamlNode::Kind::kScalar:
      return std::span<const YamlNode>(&node, 1);
    case YamlNode::Kind::kNull:
    case YamlNode::Kind::kMap:
      break;
  }
  wrong_type(node, expected);
  return std::nullopt;
}

std::optional<bool> YamlReader::flag(const YamlNode& node) {
  const bool plain = node.kind == YamlNode::Kind::kScalar && !node.quoted;
  if (plain && node.scalar == "true") return true;
  if (plain && node.scalar == "false") return false;
  wrong_type(node, "true or false");
  return std::nullopt;
}

std::optional<std::size_t> YamlReader::word(const YamlNode& node,
                                            std::span<const std::string> known) {
  const auto written = text(node, fmt::format("one of {}", fmt::join(known, ", ")));
  if (!written) return std::nullopt;
  const auto found = std::find(known.begin(), known.end(), *written);
  if (found != known.end()) return static_cast<std::size_t>(found - known.begin());
  error(node.at, "C0116", fmt::format("{} is none of {}", quote(*written), fmt::join(known, ", ")),
        suggest_name(*written, known, "words"));
  return std::nullopt;
}

std::vector<Diagnostic> YamlReader::take_errors() {
  std::stable_sort(errors_.begin(), errors_.end(),
                   [](const Diagnostic& a, const Diagnostic& b) { return a.at < b.at; });
  return std::exchange(errors_, {});
}

}  // namespace fabrix::exchange
