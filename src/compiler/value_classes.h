// ValueClasses: the values of one field as conditions tell them apart: values of one class pass the
// same tests of the field, so that for all packets with one of them the conditions come to the
// same, without a test of the field.
//
// For policies that name very many values of a few kinds: hosts that are let in and hosts that are
// shut out, by lists or by the instances of an fsm. Linear in the intervals that are named. Values;
// any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "net/field.h"
#include "policy/predicate.h"

namespace fabrix::compiler {

class ValueClasses {
 public:
  // The values of a class that lie side by side.
  struct Span {
    policy::Interval values;
    std::size_t of = 0;  // class
  };

  // Of the field of which the conditions name most intervals. None: these are fewer than
  // kManyValues; or the tests, or the classes, are more than kMaxKinds; or a condition asks for
  // routes, whose prefixes are no tests. The conditions must outlive this.
  static std::optional<ValueClasses> of(std::span<const policy::Predicate* const> conditions);

  net::Field field() const { return field_; }
  std::size_t count() const { return kinds_.size(); }
  const std::vector<Span>& spans() const { return spans_; }  // all values, ascending
  std::size_t widest() const { return widest_; }             // class of most values

  // Whether values of the class pass a test of the field that occurs in the conditions.
  bool pass(std::size_t of, const policy::FieldTest& test) const;

 private:
  using Kind = std::uint64_t;  // the tests that are passed, a bit each

  explicit ValueClasses(net::Field field) : field_(field) {}
  bool number(std::span<const policy::FieldTest* const> tests);
  bool sweep();
  std::size_t class_of(Kind kind);
  void find_widest();

  net::Field field_;
  std::vector<const policy::FieldTest*> unlike_;                           // no two are equal
  std::vector<std::pair<const policy::FieldTest*, std::size_t>> numbers_;  // sorted; into unlike_
  std::vector<Kind> kinds_;                                                // by class
  std::vector<Span> spans_;
  std::size_t widest_ = 0;
};

inline constexpr std::size_t kManyValues = 64;
inline constexpr std::size_t kMaxKinds = 64;

}  // namespace fabrix::compiler
