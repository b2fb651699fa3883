// Forms whose rows are entries of an array rather than of a hash map: an array look-up is a few
// instructions of the program's own, one in a hash map costs some 25 ns.
//
// Rows of one form often differ in a small number that each has for itself: the port that it is
// for, the router to which a tag leads. That number is the array's index; what else they differ in
// is compared. Such arrays belong to the program that reads them, and nobody writes to them.
//
// sharpened() says more of what rows of forms have in common, so that more of them are of this
// kind and packets that none of the rows is for are told apart before any look-up. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "fabric/linux_forms.h"
#include "fabric/linux_layout.h"

namespace fabrix::fabric {

// By what rows of a form are told apart.
struct LinuxIndex {
  LinuxField field = 0;
  unsigned shift = 0;
  std::uint64_t mask = 0;         // of the field, shifted
  std::uint64_t first = 0;        // the least that there is
  std::size_t size = 0;           // numbers from that on
  LinuxTest rest;                 // of the field's bits that all rows test alike; mask 0: none
  std::vector<LinuxTest> others;  // the key without the field: what is to be compared

  std::uint64_t place_of(std::uint64_t bits) const { return ((bits >> shift) & mask) - first; }
};

// None: the rows are better off in a hash map.
std::optional<LinuxIndex> index_of(const LinuxForm& form);

using LinuxArray = std::vector<fabrix_dense>;
using LinuxArrayPtr = std::shared_ptr<const LinuxArray>;
LinuxArrayPtr array_of(const LinuxForm& form, const LinuxIndex& index);

// The same rows in the same order of trial: forms parted by fields of which all their rows have one
// of few values, and with tests of bits that all rows test alike.
std::vector<LinuxForm> sharpened(std::vector<LinuxForm> forms);

}  // namespace fabrix::fabric
