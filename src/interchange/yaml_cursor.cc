#include "interchange/yaml_cursor.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/number.h"

namespace fabrix::interchange {
namespace {

using exchange::YamlNode;

std::string lower(std::string text) {
  for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return text;
}

bool is_null(const YamlNode& node) {
  const bool word = node.kind == YamlNode::Kind::kScalar && !node.quoted;
  return node.kind == YamlNode::Kind::kNull ||
         (word && (node.scalar == "~" || lower(node.scalar) == "null"));
}

bool is_off(const YamlNode& node) {
  const std::string word = lower(node.scalar);
  return word == "false" || word == "no" || word == "off";
}

}  // namespace

YamlCursor YamlCursor::at(const YamlNode* node) const {
  YamlCursor cursor = *this;
  cursor.node_ = node != nullptr && is_null(*node) ? nullptr : node;
  return cursor;
}

YamlCursor YamlCursor::operator[](std::string_view key) const {
  return at(node_ == nullptr ? nullptr : node_->find(key));
}

std::vector<YamlCursor> YamlCursor::items() const {
  if (node_ == nullptr) return {};
  if (node_->kind != YamlNode::Kind::kList) return {*this};
  std::vector<YamlCursor> all;
  for (const YamlNode& item : node_->items) all.push_back(at(&item));
  return all;
}

std::optional<std::string> YamlCursor::text() const {
  if (node_ == nullptr) return std::nullopt;
  if (node_->kind == YamlNode::Kind::kScalar) return node_->scalar;
  remark("this is no text");
  return std::nullopt;
}

std::optional<std::uint64_t> YamlCursor::number(std::uint64_t most) const {
  if (node_ == nullptr) return std::nullopt;
  const auto value = parse_number<std::uint64_t>(node_->scalar);
  if (value && *value <= most) return value;
  remark(fmt::format("this is no whole number up to {}", most));
  return std::nullopt;
}

std::optional<bool> YamlCursor::flag() const {
  if (node_ == nullptr) return std::nullopt;
  const std::string word = lower(node_->scalar);
  if (word == "true" || word == "yes" || word == "on") return true;
  if (word == "false" || word == "no" || word == "off") return false;
  remark("this is neither true nor false");
  return std::nullopt;
}

void YamlCursor::others_have_no_counterpart(std::initializer_list<std::string_view> known) const {
  if (node_ == nullptr) return;
  for (const YamlNode::Entry& entry : node_->entries) {
    if (std::find(known.begin(), known.end(), entry.key) != known.end()) continue;
    if (is_null(entry.value) || is_off(entry.value)) continue;
    remarks_->push_back({.file = std::string(file_),
                         .where = fmt::format("{}:{}", entry.key_at.line, entry.key_at.column),
                         .what = fmt::format("'{}' has no counterpart", entry.key)});
  }
}

void YamlCursor::remark(std::string what) const {
  const SourceSpan span = node_ == nullptr ? SourceSpan{} : node_->at;
  remarks_->push_back({.file = std::string(file_),
                       .where = fmt::format("{}:{}", span.line, span.column),
                       .what = std::move(what)});
}

}  // namespace fabrix::interchange
