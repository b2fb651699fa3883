#include "ebpf/instruction.h"

#include <gtest/gtest.h>

#include "ebpf/assembler.h"

namespace fabrix::ebpf {
namespace {

TEST(Disassemble, TellsEachInstruction) {
  Assembler out;
  out.calculate(Operation::kAdd, Register::r1, Register::r2);
  out.calculate32(Operation::kShiftRight, Register::r1, 4);
  out.load(Width::k8, Register::r0, {Register::r6, 3});
  out.store(Width::k16, {Register::r10, -2}, 1);
  out.add_atomically({Register::r8, 8}, Register::r1);
  out.load_map(Register::r1, 2);
  out.call(Helper::kMapLookup);
  out.exit();
  EXPECT_EQ(disassemble(out.finish().value()),
            "0: r1 += r2\n1: w1 >>= 4\n2: r0 = 8[r6+3]\n3: 16[r10-2] = 1\n"
            "4: 64[r8+8] atomic r1\n5: r1 = map 2\n7: call 1\n8: exit\n");
}

}  // namespace
}  // namespace fabrix::ebpf
