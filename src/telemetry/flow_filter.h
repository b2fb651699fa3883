// FlowFilter: which samples a flow definition is about, in sFlow-RT's syntax:
//
//   ipprotocol=17&udpsourceport=53,123
//   (vlan=10|vlan=null)&tcpflags~.......1.
//   mask:ipsource:8!=10.0.0.0/8
//
// Comparisons of a key (key_expression.h) with texts separated by commas, of which any will do: =,
// != (it is one of them, or none), ~, !~ (it matches a regular expression as a whole, or none);
// joined by & and |, & first; in parentheses. `key=null` is of samples without a value, `key!=null`
// of those with one. Otherwise a sample without a value is unequal and does not match. What a text
// has of & | ) , is written in quotation marks: "a|b" or 'a|b'; so may a key be, as sFlow-RT's
// applications write it. Parentheses of a regular expression may stand bare.
//
// Regular expressions are ECMAScript's without back-references, in time that grows with the product
// of pattern and text. Pure.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "telemetry/lookups.h"
#include "telemetry/sample.h"

namespace fabrix::telemetry {

class FlowFilter {
 public:
  static constexpr std::size_t kMaxDepth = 16;       // parentheses
  static constexpr std::size_t kMaxPattern = 256;    // characters of a regular expression
  static constexpr std::size_t kLongestText = 1024;  // what is longer matches none

  // An empty text takes every sample. `lookups` as for KeyExpression.
  static Result<FlowFilter> parse(std::string_view text, const Lookups* lookups = nullptr);

  bool matches(const Sample& sample) const { return root_ == nullptr || root_matches(sample); }

  // Whether no two threads may ask it at once: a key looks something up, or there is a regular
  // expression, of which the C++ library keeps notes.
  bool is_alone() const;

 private:
  struct Node;
  struct Parser;

  bool root_matches(const Sample& sample) const;

  explicit FlowFilter(std::shared_ptr<const Node> root) : root_(std::move(root)) {}

  std::shared_ptr<const Node> root_;  // null: every sample
};

}  // namespace fabrix::telemetry
