// forms_of(): rows of a table by their form, for the Linux fabric.
//
// Many rows say the same of different values: "from this port with this source MAC", "to this MAC".
// Such rows of one priority are one form, and of any priority where there are many rows
// (linux_gathering.h): what all test alike, fields whose values are a key, and what each does with
// it, which may be counted and limited: the same limit, by a meter and counters of the row's own.
// They become entries of a map; rows that have no companions become code.
//
// Forms come in the order in which they are to be tried, and the first that matches acts. Pure.
#pragma once

#include <compare>
#include <cstdint>
#include <span>
#include <vector>

#include "base/budget.h"
#include "program/program.h"

namespace fabrix::fabric {

// A field's number in the scratch memory; metadata is the one behind the fields.
using LinuxField = std::uint8_t;
inline constexpr LinuxField kLinuxMetadata = net::kFieldCount;
std::uint64_t max_of(LinuxField field);

// (field & mask) == bits.
struct LinuxTest {
  LinuxField field = 0;
  std::uint64_t bits = 0;
  std::uint64_t mask = 0;

  friend auto operator<=>(const LinuxTest&, const LinuxTest&) = default;
};

struct LinuxForm {
  std::vector<const program::Row*> rows;  // not empty; one, or of the same actions but for values
  std::vector<LinuxTest> tests;           // of all; a field once
  std::vector<LinuxTest> key;             // fields and masks of which rows test different bits
  // Forms with keys of one kind do the same but for values that are in entries.
  std::size_t kind = 0;

  const program::Row& row() const { return *rows.front(); }
};

// All tests of a match, by field, metadata last.
std::vector<LinuxTest> tests_of(const program::Match& match);

// `rows` by falling priority. Once the budget is spent, what it returns means nothing.
std::vector<LinuxForm> forms_of(std::span<const program::Row* const> rows, Budget& budget);

}  // namespace fabrix::fabric
