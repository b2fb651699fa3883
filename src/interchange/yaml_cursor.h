// YamlCursor: a place in a YAML document that another program wrote, with remarks about what is not
// understood. As JsonCursor, but it also knows which keys were asked for, so that what nobody asked
// for can be remarked.
//
// The document and the remarks must outlive the cursor.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "exchange/yaml.h"
#include "interchange/remark.h"

namespace fabrix::interchange {

class YamlCursor {
 public:
  YamlCursor(const exchange::YamlNode& node, std::string_view file, Remarks& remarks)
      : node_(&node), file_(file), remarks_(&remarks) {}

  // The value of `key`; nowhere if there is none, or this is no map.
  YamlCursor operator[](std::string_view key) const;

  // The items of a list; one value stands for a list of one. Nowhere has none.
  std::vector<YamlCursor> items() const;

  bool is_somewhere() const { return node_ != nullptr; }

  // None if nowhere; of a wrong type, none and a remark.
  std::optional<std::string> text() const;
  std::optional<std::uint64_t> number(std::uint64_t most) const;
  std::optional<bool> flag() const;  // YAML 1.1: yes, True, on

  // Remarks on each key of this map that is none of these, but for what is null or switched off.
  void others_have_no_counterpart(std::initializer_list<std::string_view> known) const;

  void remark(std::string what) const;

 private:
  YamlCursor at(const exchange::YamlNode* node) const;

  const exchange::YamlNode* node_;
  std::string_view file_;
  Remarks* remarks_;
};

}  // namespace fabrix::interchange
