// YamlReader: takes values out of a YamlNode tree and remembers what is wrong with them.
//
// A reading function returns none when the node is not what it should be; the reason has then been
// reported, once, and the caller goes on with what else there is to read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/diagnostic.h"
#include "exchange/yaml.h"

namespace fabrix::exchange {

struct NumberRange {
  std::uint64_t least = 0;
  std::uint64_t most = 0;
};

class YamlReader {
 public:
  // `file` is the name used in diagnostics.
  explicit YamlReader(std::string_view file) : file_(file) {}

  void error(const SourceSpan& at, std::string_view code, std::string message,
             std::string help = {});

  // Whether `node` is a map; reports keys that are not in `known` (C0110).
  bool expect_map(const YamlNode& node, std::span<const std::string> known);

  // The value of a key that must be there (C0111). `map` is a map.
  const YamlNode* require(const YamlNode& map, std::string_view key);

  // `expected` says what the text should be: "a name".
  std::optional<std::string> text(const YamlNode& node, std::string_view expected);

  // A whole number without quotes, sign or leading zeros (C0112), in `range` (C0113).
  std::optional<std::uint64_t> number(const YamlNode& node, const NumberRange& range);

  // The items of a list, or the one value that stands for a list of one. None if there is nothing.
  std::optional<std::span<const YamlNode>> list(const YamlNode& node, std::string_view expected);

  // true or false, without quotes (C0112).
  std::optional<bool> flag(const YamlNode& node);

  // The first of the words that the node is, as its index; else C0116.
  std::optional<std::size_t> word(const YamlNode& node, std::span<const std::string> known);

  // Says C0112: what was expected and what was found.
  void wrong_type(const YamlNode& node, std::string_view expected);

  std::size_t error_count() const { return errors_.size(); }
  bool has_errors() const { return !errors_.empty(); }

  // All that was reported, by position, leaving none.
  std::vector<Diagnostic> take_errors();

 private:
  std::string file_;
  std::vector<Diagnostic> errors_;
};

// Sets `to` to what `read(reader, *node)` returns, if there is a node and it is right.
template <typename Read, typename T>
void read_into(YamlReader& reader, const YamlNode* node, Read read, T& to) {
  if (node == nullptr) return;
  if (auto value = read(reader, *node)) to = *std::move(value);
}

// Readers for read_into(): whole numbers of a range, true or false, and one of several words.
template <typename T>
auto whole_number(const NumberRange& range) {
  return [range](YamlReader& reader, const YamlNode& node) -> std::optional<T> {
    const auto value = reader.number(node, range);
    if (!value) return std::nullopt;
    return static_cast<T>(*value);
  };
}

// What was written of a limit that there need not be. Not an optional of an optional, whose copies
// make g++ 12 warn of what is not so.
template <typename T>
struct Limit {
  bool given = false;
  T value{};

  // NOLINTNEXTLINE(google-explicit-constructor): it is read into an optional
  operator std::optional<T>() const {
    if (!given) return std::nullopt;
    return value;
  }
};

// Of such a limit: a whole number, or the word none.
template <typename T>
auto limit(const NumberRange& range) {
  return [range](YamlReader& reader, const YamlNode& node) -> std::optional<Limit<T>> {
    if (node.kind == YamlNode::Kind::kScalar && node.scalar == "none") return Limit<T>{};
    const auto value = reader.number(node, range);
    if (!value) return std::nullopt;
    return Limit<T>{.given = true, .value = static_cast<T>(*value)};
  };
}

inline std::optional<bool> read_flag(YamlReader& reader, const YamlNode& node) {
  return reader.flag(node);
}

// One of these enumerators, by its name_of().
template <typename T>
auto choice(std::initializer_list<T> all) {
  std::vector<std::string> words;
  for (const T one : all) words.emplace_back(name_of(one));
  return [words = std::move(words), values = std::vector<T>(all)](
             YamlReader& reader, const YamlNode& node) -> std::optional<T> {
    const auto index = reader.word(node, words);
    return index ? std::optional<T>(values[*index]) : std::nullopt;
  };
}

// 'text', shortened for a message.
std::string quote(std::string_view text);

// "did you mean 'x'?" if a known name is near, else "known ... are a, b, c".
std::string suggest_name(std::string_view written, std::span<const std::string> known,
                         std::string_view plural);

}  // namespace fabrix::exchange
