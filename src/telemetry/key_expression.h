// KeyExpression: what a flow is keyed by: an attribute, or a function of keys, in sFlow-RT's
// syntax:
//
//   ipsource                       mask:ipsource:24           first:stack:.:ip:ip6
//   prefix:stack:.:2               or:ipsource:ip6source      null:vlan:untagged
//   if:isunicast:true:macdestination:agent                    range:tcpsourceport:0:1023
//   prefix:[or:httpurl:httphost]:/:2                          eq:macsource:arpmacsender
//
// Arguments are separated by ':'; what has ':' in it stands in brackets, or, of a delimiter, after
// '\': "concat:\::ipsource:tcpsourceport".
//
//   mask:key:bits             the network of an address; without bits, as long as the agent's
//                             router says
//   or:key:key...             the first that is there
//   null:key[:text]           the text ("null") where there is none
//   if:key:text:then:else     one key or the other, as the first is the text or not
//   eq:key:key                "true" or "false"; the second may be a text that is no key
//   range:key:low:high        "true" or "false", of a number; either end may be left out
//   prefix:key:delim:n        the first n of the parts between delimiters; suffix: the last
//   first:key:delim:a:b...    which of the parts a, b, ... comes first
//   concat:delim:key:key...   the values of all of them, the delimiter between
//   bits:key:mask             of a number the bits that the mask has: bits:ip6flowlabel:261884
//
// and those that look a value up: key_lookup.h.
//
// A sample without a value for what it needs has no value. Pure.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "telemetry/attribute.h"
#include "telemetry/lookups.h"
#include "telemetry/sample.h"

namespace fabrix::telemetry {

class KeyExpression {
 public:
  // Functions in functions.
  static constexpr std::size_t kMaxDepth = 8;

  // What functions look values up in outlives the expression; without it there are only those that
  // need nothing but the value.
  static Result<KeyExpression> parse(std::string_view text, const Lookups* lookups = nullptr);

  // Whether it asks anything but the sample (key_lookup.h).
  bool looks_up() const;

  // Appends the value; false, and nothing, if the sample has none.
  bool append(const Sample& sample, std::string& out) const;

  // If it is that and nothing else; or null.
  const Attribute* attribute() const;

 private:
  struct Node;
  struct Parser;

  explicit KeyExpression(std::shared_ptr<const Node> root) : root_(std::move(root)) {}

  std::shared_ptr<const Node> root_;
};

// Keys separated by commas, none of them in brackets: "ipsource,mask:ipdestination:24".
Result<std::vector<KeyExpression>> parse_keys(std::string_view text,
                                              const Lookups* lookups = nullptr);

// The parts between separators that are in no brackets and not after '\'.
std::vector<std::string_view> split_outside_brackets(std::string_view text, char separator);

}  // namespace fabrix::telemetry
