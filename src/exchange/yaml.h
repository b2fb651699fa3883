// YamlNode: a YAML document as a tree with source positions; the only face of yaml-cpp in Fabrix.
//
// Used by exchange/load and by lab definitions. Duplicate keys, merge keys, anchors and aliases,
// tags, and more than one document are errors. Nesting is limited to 64 levels.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/diagnostic.h"
#include "base/result.h"

namespace fabrix::exchange {

struct YamlNode {
  enum class Kind : std::uint8_t { kNull, kScalar, kList, kMap };

  struct Entry;

  Kind kind = Kind::kNull;
  std::string scalar;           // kScalar: the text, unquoted
  bool quoted = false;          // kScalar: was in quotes, hence a string whatever it looks like
  std::vector<YamlNode> items;  // kList
  std::vector<Entry> entries;   // kMap, in the order written; keys are unique
  SourceSpan at;

  // The value of `key`, or null.
  const YamlNode* find(std::string_view key) const;
};

struct YamlNode::Entry {
  std::string key;
  SourceSpan key_at;
  YamlNode value;
};

Result<YamlNode, std::vector<Diagnostic>> parse_yaml(std::string_view text, std::string_view file);

}  // namespace fabrix::exchange
