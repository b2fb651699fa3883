// FlowKey: a flow of a data source, as the key of a hash table that can be asked with a view of it,
// so that a look-up copies nothing.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "telemetry/flow_meter.h"

namespace fabrix::telemetry {

struct FlowKeyView {
  DataSource source;
  std::string_view key;
};

struct FlowKey {
  DataSource source;
  std::string key;

  explicit FlowKey(const FlowKeyView& view) : source(view.source), key(view.key) {}
  FlowKeyView view() const { return {source, key}; }
};

struct FlowKeyHash {
  using is_transparent = void;  // NOLINT(readability-identifier-naming): the library's name
  std::size_t operator()(const FlowKeyView& flow) const noexcept {
    return std::hash<std::string_view>()(flow.key) ^ hash_of(flow.source);
  }
  std::size_t operator()(const FlowKey& flow) const noexcept { return (*this)(flow.view()); }
};

struct FlowKeyEqual {
  using is_transparent = void;  // NOLINT(readability-identifier-naming): the library's name
  bool operator()(const FlowKeyView& left, const FlowKeyView& right) const noexcept {
    return left.source == right.source && left.key == right.key;
  }
  bool operator()(const FlowKey& left, const FlowKey& right) const noexcept {
    return (*this)(left.view(), right.view());
  }
  bool operator()(const FlowKeyView& left, const FlowKey& right) const noexcept {
    return (*this)(left, right.view());
  }
  bool operator()(const FlowKey& left, const FlowKeyView& right) const noexcept {
    return (*this)(left.view(), right);
  }
};

}  // namespace fabrix::telemetry
