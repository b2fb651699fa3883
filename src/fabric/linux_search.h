// write_search(): code that finds the form whose rows a packet is to meet: a tree of comparisons.
//
// At each step the field that most forms test is looked up among all its values at once, by
// halving; then what remains of the forms for that value is done likewise. Where that would repeat
// too much, forms are tried one after the other. Parts that are alike are there once.
//
// Once the budget is spent, no more is written, and the code means nothing.
//
// Registers: r7 is the scratch memory; r1 to r5 are used.
#pragma once

#include <functional>
#include <span>

#include "base/budget.h"
#include "ebpf/assembler.h"
#include "fabric/linux_forms.h"

namespace fabrix::fabric {

struct LinuxSearch {
  // Where a packet goes whose tests of form `index` hold. Of a form with a key there may be no such
  // row: then it goes on at `miss`.
  std::function<void(std::size_t index, ebpf::Assembler::Label miss)> found;
  ebpf::Assembler::Label nothing;  // no form matches
};

// The code falls off nowhere.
void write_search(ebpf::Assembler& out, std::span<const LinuxForm> forms, const LinuxSearch& search,
                  Budget& budget);

}  // namespace fabrix::fabric
