#include "ebpf/assembler.h"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace fabrix::ebpf {
namespace {

using Label = Assembler::Label;

// RFC 9669: the octets of each, as the standard's tables give them.
TEST(Assembler, Rfc9669_3_InstructionsHaveTheirCodes) {
  Assembler out;
  out.move(Register::r1, Register::r2);
  out.move(Register::r3, 7);
  out.calculate32(Operation::kAnd, Register::r1, 255);
  out.load(Width::k64, Register::r1, {Register::r7, 16});
  out.store(Width::k32, {Register::r10, -4}, 5);
  out.store(Width::k64, {Register::r10, -16}, Register::r1);
  out.call(Helper::kTailCall);
  out.exit();
  const Code code = out.finish().value();
  const Code wanted{{0xbf, 0x21, 0, 0},  {0xb7, 0x03, 0, 7},  {0x54, 0x01, 0, 255},
                    {0x79, 0x71, 16, 0}, {0x62, 0x0a, -4, 5}, {0x7b, 0x1a, -16, 0},
                    {0x85, 0, 0, 12},    {0x95, 0, 0, 0}};
  EXPECT_EQ(code, wanted) << disassemble(code);
}

TEST(Assembler, Rfc9669_5_4_WideConstantsTakeTwoInstructions) {
  Assembler out;
  out.load_constant(Register::r2, 0x1122334455667788);
  out.load_constant(Register::r2, 9);
  out.load_map(Register::r1, 3);
  const Code wanted{{0x18, 0x02, 0, 0x55667788},
                    {0, 0, 0, 0x11223344},
                    {0xb7, 0x02, 0, 9},
                    {0x18, 0x11, 0, 3},
                    {0, 0, 0, 0}};
  EXPECT_EQ(out.finish().value(), wanted);
}

TEST(Assembler, JumpsLeadToTheirLabelsForwardAndBackward) {
  Assembler out;
  const Label start = out.new_label();
  const Label end = out.new_label();
  out.bind(start);
  out.jump_if32(Condition::kEqual, Register::r1, 0xffffffff, end);
  out.jump(start);
  out.bind(end);
  out.exit();
  EXPECT_EQ(disassemble(out.finish().value()), "0: if w1 == -1 goto 2\n1: goto 0\n2: exit\n");
}

// Jumps over 40,000 instructions, there and back, need more than 16 bits.
TEST(Assembler, Rfc9669_4_3_JumpsThatDoNotReachAreLong) {
  Assembler out;
  const Label far = out.new_label();
  const Label back = out.new_label();
  out.jump_if(Condition::kEqual, Register::r1, Register::r3, far);
  out.bind(back);
  for (int i = 0; i < 40'000; ++i) out.move(Register::r0, 0);
  out.exit();
  out.bind(far);
  out.move(Register::r0, 1);
  out.jump(back);
  const Code code = out.finish().value();
  ASSERT_EQ(code.size(), 40'006U);
  // Taken: over one, to the long jump. Not taken: over the long jump.
  const Code start(code.begin(), code.begin() + 3);
  const Code wanted{{0x1d, 0x31, 1, 0}, {0x05, 0, 1, 0}, {0x06, 0, 0, 40'001}};
  EXPECT_EQ(start, wanted) << disassemble(start);
  EXPECT_EQ(code.back(), (Instruction{0x06, 0, 0, -40'003}));
}

TEST(Assembler, WhatIsLikelyFollows) {
  Assembler out;
  const Label rare = out.new_label();
  const Label often = out.new_label();
  out.jump_if(Condition::kEqual, Register::r1, 0, rare);
  out.jump_if(Condition::kGreaterOrEqual, Register::r1, 5, often);
  out.is_likely();
  out.move(Register::r0, 1);
  out.exit();
  out.bind(rare);
  out.move(Register::r0, 2);
  out.bind(often);
  out.move(Register::r2, 3);
  out.exit();
  EXPECT_EQ(disassemble(out.finish().value()),
            "0: if r1 == 0 goto 6\n1: if r1 < 5 goto 4\n2: r2 = 3\n3: exit\n"
            "4: r0 = 1\n5: exit\n6: r0 = 2\n7: goto 2\n");
}

TEST(Assembler, EachConditionHasAnOpposite) {
  const std::vector<std::pair<Condition, std::string>> opposites{
      {Condition::kEqual, "!="}, {Condition::kNotEqual, "=="},      {Condition::kGreater, "<="},
      {Condition::kLess, ">="},  {Condition::kGreaterOrEqual, "<"}, {Condition::kLessOrEqual, ">"}};
  for (const auto& [condition, opposite] : opposites) {
    Assembler out;
    const Label often = out.new_label();
    out.jump_if32(condition, Register::r1, 7, often);
    out.is_likely();
    out.exit();
    out.bind(often);
    out.move(Register::r0, 1);
    out.exit();
    EXPECT_EQ(disassemble(out.finish().value()),
              "0: if w1 " + opposite + " 7 goto 3\n1: r0 = 1\n2: exit\n3: exit\n");
  }
}

TEST(Assembler, LeavesOutWhatNothingLeadsTo) {
  Assembler out;
  const Label end = out.new_label();
  const Label never = out.new_label();
  out.jump(end);
  out.bind(never);
  out.load_constant(Register::r1, ~std::uint64_t{0});
  out.jump(never);
  out.bind(end);
  out.exit();
  EXPECT_EQ(disassemble(out.finish().value()), "0: exit\n");
}

TEST(Assembler, LeadsWhereAJumpWouldLeadOn) {
  Assembler out;
  const Label first = out.new_label();
  const Label second = out.new_label();
  const Label end = out.new_label();
  out.jump_if(Condition::kEqual, Register::r1, 0, first);
  out.jump(second);
  out.bind(first);
  out.jump(end);
  out.bind(second);
  out.move(Register::r0, 1);
  out.bind(end);
  out.exit();
  EXPECT_EQ(disassemble(out.finish().value()), "0: if r1 == 0 goto 2\n1: r0 = 1\n2: exit\n");
}

TEST(Assembler, JumpsThatGoRoundStay) {
  Assembler out;
  const Label one = out.new_label();
  const Label other = out.new_label();
  out.bind(one);
  out.jump(other);
  out.bind(other);
  out.jump(one);
  EXPECT_NE(disassemble(out.finish().value()).find("goto"), std::string::npos);
}

// Two ways to one end, of which the second would lead back to it.
Assembler two_ways() {
  Assembler out;
  const Label rare = out.new_label();
  const Label end = out.new_label();
  out.jump_if(Condition::kEqual, Register::r1, 0, rare);
  out.load_constant(Register::r0, 0x1122334455667788);
  out.bind(end);
  out.exit();
  out.bind(rare);
  out.move(Register::r0, 2);
  out.jump(end);
  return out;
}

TEST(Assembler, InForwardOrderNothingLeadsBack) {
  EXPECT_EQ(disassemble(two_ways().finish().value()),
            "0: if r1 == 0 goto 4\n1: r0 = 1432778632\n3: exit\n"
            "4: r0 = 2\n5: goto 3\n");
  EXPECT_EQ(disassemble(two_ways().finish(Assembler::Order::kForward).value()),
            "0: if r1 == 0 goto 4\n1: r0 = 1432778632\n3: goto 5\n"
            "4: r0 = 2\n5: exit\n");
}

TEST(Assembler, FinishedCodeCanBePutInAnotherOrder) {
  const Code code = two_ways().finish().value();
  EXPECT_EQ(Assembler::reopen(code).finish().value(), code);
  EXPECT_EQ(Assembler::reopen(code).finish(Assembler::Order::kForward).value(),
            two_ways().finish(Assembler::Order::kForward).value());
}

// As the long jumps that it has become two instructions longer by.
TEST(Assembler, LongJumpsCanBePutInAnotherOrder) {
  Assembler out;
  const Label far = out.new_label();
  const Label end = out.new_label();
  out.jump_if(Condition::kEqual, Register::r1, Register::r3, far);
  for (int i = 0; i < 40'000; ++i) out.move(Register::r0, 0);
  out.bind(end);
  out.exit();
  out.bind(far);
  out.move(Register::r0, 1);
  out.jump(end);
  const Code forward =
      Assembler::reopen(out.finish().value()).finish(Assembler::Order::kForward).value();
  for (const Instruction& each : forward) {
    EXPECT_GE(each.offset, 0);
    EXPECT_TRUE(each.code != 0x06 || each.constant >= 0);
  }
  EXPECT_EQ(forward.back(), (Instruction{0x95, 0, 0, 0}));
}

TEST(Assembler, RefusesMoreThanTheKernelTakes) {
  Assembler out;
  for (std::size_t i = 0; i <= kMaxInstructions; ++i) out.move(Register::r0, 0);
  out.exit();
  EXPECT_FALSE(out.finish());
}

}  // namespace
}  // namespace fabrix::ebpf
