// The policy language as C++ values: what a .policy file says, built by a program.
//
//     using namespace fabrix::policy::dsl;
//     const Target b{"B"};
//     const Target c{"C"};
//     const Policy out = (match(dstport = 80) >> fwd(b))
//                      + (match(dstport = {4321, 4322}) >> fwd(c));
//     const auto checked = check({.outbound = out}, "A", symbols);
//
// A value is the text of an expression, with brackets wherever two operators meet. check() gives
// that text to policy/parse.h, so that a policy means and is refused for what the same text would,
// and messages point into text that people can read. Names are looked up only there.
//
// C++ binds `+` tighter than `>>`, and `>>` tighter than `&` and `|`. What would be read otherwise
// than the language does, does not compile:
//
//     match(dstport = 80) >> fwd(b) + match(dstport = 443) >> fwd(c)      an action before `+`
//     (match(dstport = 80) >> fwd(b)) + match(dstport = 443) >> fwd(c)    a sum beside `>>`
//     match(dstport = 80) | match(dstport = 443) >> fwd(b)                `|` with a policy
//
// Each sequence wants parentheses; parallel(p, q) is a sum that may stand beside `>>`, as is a sum
// with a name of its own (Policy sum = p + q).
//
// Any thread: values, immutable but for assignment. Cost: the length of the text, for each
// operator.
#pragma once

#include <concepts>
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
#include "base/result.h"
#include "net/ip_address.h"
#include "net/mac_address.h"
#include "net/prefix.h"
#include "policy/parse.h"

namespace fabrix::policy::dsl {

// The operator at the root of an expression, loosest first; kAtom: none, or in brackets.
enum class Binding : std::uint8_t {
  kRanked,
  kParallel,
  kSequence,
  kOr,
  kAnd,
  kMinus,
  kNot,
  kAtom,
};

// Text that the language reads as one expression.
class Expression {
 public:
  explicit Expression(std::string text, Binding binding = Binding::kAtom)
      : text_(std::move(text)), binding_(binding) {}

  const std::string& text() const { return text_; }
  Binding binding() const { return binding_; }

  // a op b: with brackets around what is no atom, but for a's chain of the same operator.
  static Expression join(const Expression& a, Binding binding, const Expression& b);
  static Expression negate(const Expression& a);
  // word(arguments...)
  static Expression call(std::string_view word, std::initializer_list<std::string_view> arguments);

  friend bool operator==(const Expression&, const Expression&) = default;

 private:
  std::string bracketed() const;

  std::string text_;
  Binding binding_;
};

// Strings are written as in a policy: "10.0.0.0/8", "tcp", "80-90", "C1". What a name or value of
// the language cannot be is quoted, and what not even a quoted string can hold becomes '?'.
std::string word(std::string_view text);
std::string quoted(std::string_view text);

// One value of a field, or a range of them.
class Value {
 public:
  // NOLINTBEGIN(google-explicit-constructor): a value stands for itself in `dstport = 80`.
  template <std::integral Number>
  Value(Number number) : text_(std::to_string(number)) {}
  Value(const char* text) : text_(word(text)) {}
  Value(std::string_view text) : text_(word(text)) {}
  Value(const std::string& text) : text_(word(text)) {}
  Value(const net::IpAddress& address) : text_(address.to_string()) {}
  Value(const net::Prefix& prefix) : text_(prefix.to_string()) {}
  Value(const net::MacAddress& mac) : text_(mac.to_string()) {}
  // NOLINTEND(google-explicit-constructor)

  const std::string& text() const { return text_; }

 private:
  friend Value range(const Value& first, const Value& last);
  friend Value masked(const Value& bits, const Value& mask);
  struct AsItIs {};
  Value(AsItIs, std::string text) : text_(std::move(text)) {}

  std::string text_;
};

Value range(const Value& first, const Value& last);  // both included
// The values that agree with `bits` where `mask` has ones.
Value masked(const Value& bits, const Value& mask);

// What match() tests; an Assignment is also what modify() sets.
struct Comparison {
  std::string text;
};
struct Assignment {
  std::string text;
  operator Comparison() const { return {text}; }  // NOLINT(google-explicit-constructor)
};

class Field {
 public:
  explicit constexpr Field(std::string_view name) : name_(name) {}

  constexpr std::string_view name() const { return name_; }

  // NOLINTBEGIN(misc-unconventional-assign-operator): `dstport = 80` is a test, not an assignment.
  Assignment operator=(const Value& value) const { return {written("=", value.text())}; }
  Assignment operator=(std::initializer_list<Value> set) const { return *this = span_of(set); }
  Assignment operator=(std::span<const Value> set) const { return {written("=", listed(set))}; }
  // NOLINTEND(misc-unconventional-assign-operator)
  Comparison operator==(const Value& value) const { return {written("=", value.text())}; }
  Comparison operator!=(const Value& value) const { return {written("!=", value.text())}; }
  Comparison operator<(const Value& value) const { return {written("<", value.text())}; }
  Comparison operator<=(const Value& value) const { return {written("<=", value.text())}; }
  Comparison operator>(const Value& value) const { return {written(">", value.text())}; }
  Comparison operator>=(const Value& value) const { return {written(">=", value.text())}; }
  // None of the set: `dstport != {80, 443}` is no C++.
  Comparison not_in(std::initializer_list<Value> set) const { return not_in(span_of(set)); }
  Comparison not_in(std::span<const Value> set) const { return {written("!=", listed(set))}; }

 private:
  static std::span<const Value> span_of(std::initializer_list<Value> set) {
    return {set.begin(), set.size()};
  }
  static std::string listed(std::span<const Value> set);
  std::string written(std::string_view op, std::string_view value) const;

  std::string_view name_;
};

// NOLINTBEGIN(readability-identifier-naming): as policies spell them.
inline constexpr Field inport{"inport"};
inline constexpr Field srcmac{"srcmac"};
inline constexpr Field dstmac{"dstmac"};
inline constexpr Field ethtype{"ethtype"};
inline constexpr Field vlan_id{"vlan_id"};
inline constexpr Field vlan_pcp{"vlan_pcp"};
inline constexpr Field protocol{"protocol"};
inline constexpr Field dscp{"dscp"};
inline constexpr Field srcip{"srcip"};
inline constexpr Field dstip{"dstip"};
inline constexpr Field srcport{"srcport"};
inline constexpr Field dstport{"dstport"};
inline constexpr Field tcp_flags{"tcp_flags"};
inline constexpr Field icmp_type{"icmp_type"};
inline constexpr Field icmp_code{"icmp_code"};
// NOLINTEND(readability-identifier-naming)

// A participant, one of its ports, or with port() one of the owner's.
class Target {
 public:
  // NOLINTBEGIN(google-explicit-constructor): fwd("B") names B.
  Target(const char* name) : Target(std::string_view(name)) {}
  Target(std::string_view name);
  Target(const std::string& name) : Target(std::string_view(name)) {}
  // NOLINTEND(google-explicit-constructor)

  // Its port, from 0, as configured.
  Target operator[](std::size_t index) const;
  const std::string& text() const { return text_; }

 private:
  friend Target port(std::size_t index);
  Target() = default;

  std::string text_;
  std::string owner_;  // of its ports, as text
};

Target port(std::size_t index);

// Constants, which are no objects with constructors.
struct FilterWord {
  std::string_view text;
};
struct ActionWord {
  std::string_view text;
};
// NOLINTBEGIN(readability-identifier-naming): as policies spell them.
inline constexpr FilterWord identity{"identity"};
inline constexpr FilterWord none{"none"};
inline constexpr ActionWord drop{"drop"};
// NOLINTEND(readability-identifier-naming)

// A predicate: keeps the packets for which it holds.
class Filter : public Expression {
 public:
  explicit Filter(Expression expression) : Expression(std::move(expression)) {}
  // NOLINTNEXTLINE(google-explicit-constructor): identity is a predicate.
  Filter(const FilterWord& word) : Expression(std::string(word.text)) {}
};

// fwd(), modify(), drop.
class Action : public Expression {
 public:
  explicit Action(Expression expression) : Expression(std::move(expression)) {}
  // NOLINTNEXTLINE(google-explicit-constructor): drop is an action.
  Action(const ActionWord& word) : Expression(std::string(word.text)) {}
};

// p + q, of which C++ does not tell whether it stands in parentheses.
class Sum : public Expression {
 public:
  explicit Sum(Expression expression) : Expression(std::move(expression)) {}
};

// Any of them.
class Policy : public Expression {
 public:
  explicit Policy(Expression expression) : Expression(std::move(expression)) {}
  // NOLINTBEGIN(google-explicit-constructor): each of them is a policy.
  Policy(const Filter& filter) : Expression(filter) {}
  Policy(const Action& action) : Expression(action) {}
  Policy(const Sum& sum) : Expression(sum) {}
  Policy(const FilterWord& word) : Policy(Filter(word)) {}
  Policy(const ActionWord& word) : Policy(Action(word)) {}
  // NOLINTEND(google-explicit-constructor)
};

template <typename T, typename... Others>
concept OneOf = (std::same_as<T, Others> || ...);
template <typename T>
concept ActionLike = OneOf<T, Action, ActionWord>;
template <typename T>
concept NoPredicate = OneOf<T, Action, ActionWord, Policy, Sum>;
template <typename T>
concept AnyPolicy = std::convertible_to<T, Policy>;

// The names of these are what a compiler says of an expression that is read otherwise than it
// looks.
struct PlusBindsTighterThanShiftPutEachSequenceInParentheses {};
struct OnlyPredicatesTakeThisOperatorPutThemInParenthesesBeforeShift {};

inline Policy operator>>(const Policy& a, const Policy& b) {
  return Policy(Expression::join(a, Binding::kSequence, b));
}
template <typename T>
PlusBindsTighterThanShiftPutEachSequenceInParentheses operator>>(const Sum&, const T&) = delete;
template <typename T>
requires(!std::same_as<T, Sum>) PlusBindsTighterThanShiftPutEachSequenceInParentheses operator>>(
    const T&, const Sum&) = delete;

inline Sum operator+(const Policy& a, const Policy& b) {
  return Sum(Expression::join(a, Binding::kParallel, b));
}
// `fwd(b) + p` is what `match(...) >> fwd(b) + p` becomes; parallel(fwd(b), p) says it on purpose.
template <ActionLike A, typename T>
PlusBindsTighterThanShiftPutEachSequenceInParentheses operator+(const A&, const T&) = delete;

inline Filter operator|(const Filter& a, const Filter& b) {
  return Filter(Expression::join(a, Binding::kOr, b));
}
inline Filter operator&(const Filter& a, const Filter& b) {
  return Filter(Expression::join(a, Binding::kAnd, b));
}
// a and not b
inline Filter operator-(const Filter& a, const Filter& b) {
  return Filter(Expression::join(a, Binding::kMinus, b));
}
inline Filter operator~(const Filter& a) {
  return Filter(Expression::negate(a));
}
template <typename A, typename B>
requires(NoPredicate<A> ||
         NoPredicate<B>) OnlyPredicatesTakeThisOperatorPutThemInParenthesesBeforeShift
operator|(const A&, const B&) = delete;
template <typename A, typename B>
requires(NoPredicate<A> ||
         NoPredicate<B>) OnlyPredicatesTakeThisOperatorPutThemInParenthesesBeforeShift
operator&(const A&, const B&) = delete;
template <typename A, typename B>
requires(NoPredicate<A> ||
         NoPredicate<B>) OnlyPredicatesTakeThisOperatorPutThemInParenthesesBeforeShift
operator-(const A&, const B&) = delete;
template <NoPredicate A>
OnlyPredicatesTakeThisOperatorPutThemInParenthesesBeforeShift operator~(const A&) = delete;

// The first that applies: a // b.
inline Policy over(const Policy& a, const Policy& b) {
  return Policy(Expression::join(a, Binding::kRanked, b));
}
template <AnyPolicy... More>
Policy over(const Policy& a, const Policy& b, const More&... more) {
  return over(over(a, b), more...);
}
// a + b + ..., where it may stand beside >>.
inline Policy parallel(const Policy& only) {
  return only;
}
template <AnyPolicy... More>
Policy parallel(const Policy& a, const Policy& b, const More&... more) {
  return parallel(Policy(Expression::join(a, Binding::kParallel, b)), Policy(more)...);
}
// a >> b >> ...
inline Policy sequential(const Policy& only) {
  return only;
}
template <AnyPolicy... More>
Policy sequential(const Policy& a, const Policy& b, const More&... more) {
  return sequential(a >> b, Policy(more)...);
}
// Without `otherwise`, what does not hold passes.
// NOLINTNEXTLINE(readability-identifier-naming): as policies spell it.
Policy if_(const Filter& condition, const Policy& then, const Policy& otherwise = identity);

Filter match(std::initializer_list<Comparison> tests);
template <std::convertible_to<Comparison>... Tests>
Filter match(const Tests&... tests) {
  return match({Comparison(tests)...});
}
Action modify(std::initializer_list<Assignment> writes);
template <std::same_as<Assignment>... Writes>
Action modify(const Assignment& first, const Writes&... more) {
  return modify({first, more...});
}
Action fwd(const Target& target);

// Addresses: prefixes, or what a participant announces; joined with | & -.
class PrefixSet : public Expression {
 public:
  explicit PrefixSet(Expression expression) : Expression(std::move(expression)) {}
  explicit PrefixSet(std::span<const Value> members);
  PrefixSet(std::initializer_list<Value> members)
      : PrefixSet(std::span<const Value>(members.begin(), members.size())) {}
};
PrefixSet prefixes(const Target& participant);
inline PrefixSet operator|(const PrefixSet& a, const PrefixSet& b) {
  return PrefixSet(Expression::join(a, Binding::kOr, b));
}
inline PrefixSet operator&(const PrefixSet& a, const PrefixSet& b) {
  return PrefixSet(Expression::join(a, Binding::kAnd, b));
}
inline PrefixSet operator-(const PrefixSet& a, const PrefixSet& b) {
  return PrefixSet(Expression::join(a, Binding::kMinus, b));
}

Filter dst_in(const PrefixSet& set);
Filter src_in(const PrefixSet& set);
Filter announced_by(const Target& participant);  // the destination
Filter from(const Target& participant);          // inbound only: who sent it

// A member's policy.
struct Sections {
  std::optional<Policy> outbound;
  std::optional<Policy> inbound;
  std::optional<Policy> final_policy;  // instead of the two
};

// As a .policy file: a line for each part of a sum or of a ranking.
std::string to_text(const Sections& sections);

// What parse() makes of that text; `name` is for the messages.
Result<Parsed, std::vector<Diagnostic>> check(const Sections& sections, std::string_view name,
                                              const SymbolTable& symbols);

}  // namespace fabrix::policy::dsl
