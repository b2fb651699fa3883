// ValueClasses: the values of one Line (compiler/value_tests.h) as conditions tell them apart:
// values of one class are in the same sets, so that for all packets with one of them the
// conditions come to the same, without a test of the line.
//
// For policies that name very many values of a few kinds: hosts that are let in and hosts that are
// shut out, by lists or by the instances of an fsm. Linear in the intervals that are named. Values;
// any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "compiler/value_tests.h"
#include "policy/predicate.h"

namespace fabrix::compiler {

class ValueClasses {
 public:
  // The values of a class that lie side by side.
  struct Span {
    policy::Range128 values;
    std::size_t of = 0;  // class
  };

  // None: fewer than kManyValues spans, or more than kMaxKinds classes.
  static std::optional<ValueClasses> of(const Line& line, const std::vector<Values>& sets);

  const Line& line() const { return line_; }
  std::size_t count() const { return kinds_.size(); }
  const std::vector<Span>& spans() const { return spans_; }  // all values, ascending
  std::size_t widest() const { return widest_; }             // class of most values

  // Whether values of the class are in the set.
  bool is_in(std::size_t of, std::size_t set) const { return (kinds_[of] >> set & 1U) != 0; }

 private:
  using Kind = std::uint64_t;  // the sets, a bit each

  explicit ValueClasses(const Line& line) : line_(line) {}
  bool sweep(const std::vector<Values>& sets);
  std::size_t class_of(Kind kind);
  void find_widest();

  Line line_;
  std::vector<Kind> kinds_;  // by class
  std::vector<Span> spans_;
  std::size_t widest_ = 0;
};

// Of the field of which the conditions name most intervals; or of the addresses on one side, of
// each family of which there are many.
struct ClassifiedValues {
  std::vector<ValueClasses> lines;               // at least one
  std::vector<policy::PredicatePtr> conditions;  // as ValueTests has them, for each of the lines
};

// None: there are not many values, or they are of too many kinds. The conditions must outlive what
// is returned.
std::optional<ClassifiedValues> classify(std::span<const policy::Predicate* const> conditions);

inline constexpr std::size_t kManyValues = 64;
inline constexpr std::size_t kMaxKinds = 64;

}  // namespace fabrix::compiler
