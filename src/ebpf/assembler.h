// Assembler: eBPF code, instruction by instruction, with jumps to places that are not there yet.
//
// Jumps that do not reach with 16 bits are made of the long jump (RFC 9669 §4.3, JA of class JMP32;
// Linux 6.6). Maps are named by numbers of the caller's, in the place of descriptors.
//
// Code is laid out in the order in which it is likely to run: what comes after a jump, or where it
// leads if that is likely, follows it. A packet that meets a few of thousands of instructions finds
// them in few lines of the processor's cache. What nothing leads to is left out, as the kernel
// refuses it, and so are jumps to what comes next. finish() fails when the code has more
// instructions than kMaxInstructions. That every label that is jumped to is bound, and that the
// code ends with an exit, is the caller's business.
//
// Order::kForward has no jumps back, if there are no loops. Linux translates for x86 in rounds,
// making jumps shorter from round to round; a jump back may grow again, as the place behind it has
// moved already and its own not yet, and a long program in which that goes on for 15 rounds is
// refused (arch/x86/net/bpf_jit_comp.c, "unexpected jmp_cond padding").
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"
#include "ebpf/instruction.h"

namespace fabrix::ebpf {

// What the kernel takes of a privileged user (BPF_COMPLEXITY_LIMIT_INSNS).
inline constexpr std::size_t kMaxInstructions = 1'000'000;

class Assembler {
 public:
  // A place in the code.
  struct Label {
    std::size_t id = 0;
  };
  // A place in memory.
  struct Place {
    Register base = Register::r10;
    std::int16_t offset = 0;
  };

  Label new_label();
  // The next instruction's place. Once for each label.
  void bind(Label label);

  void calculate(Operation operation, Register to, Register by);
  void calculate(Operation operation, Register to, std::int32_t by);
  // In 32 bits; the upper half becomes 0.
  void calculate32(Operation operation, Register to, std::int32_t by);
  void move(Register to, Register from) { calculate(Operation::kMove, to, from); }
  void move(Register to, std::int32_t value) { calculate(Operation::kMove, to, value); }
  // In one instruction where it is small.
  void load_constant(Register to, std::uint64_t value);
  void load_map(Register to, std::uint32_t map);

  void load(Width width, Register to, Place from);
  void store(Width width, Place to, Register from);
  void store(Width width, Place to, std::int32_t value);
  void add_atomically(Place to, Register what);
  // Stores `what` where there is r0's value; r0 becomes what was there.
  void exchange_if_r0(Place to, Register what);

  void jump(Label to);
  void jump_if(Condition condition, Register left, Register right, Label to);
  // `right` is extended to 64 bits by its sign.
  void jump_if(Condition condition, Register left, std::int32_t right, Label to);
  // The last of these jumps is likely to be taken; else it is not.
  void is_likely() { jumps_.back().is_likely = true; }
  // Compares the lower halves.
  void jump_if32(Condition condition, Register left, std::uint32_t right, Label to);

  void call(Helper helper);
  void exit();

  std::size_t size() const { return code_.size(); }

  enum class Order : std::uint8_t { kLikely, kForward };
  Result<Code> finish(Order order = Order::kLikely);
  // As if the code, which finish() made, were not finished.
  static Assembler reopen(std::span<const Instruction> code);

 private:
  struct Jump {
    std::size_t at = 0;
    std::size_t label = 0;
    bool is_likely = false;
    bool is_long = false;
  };

  void add(std::uint8_t code, std::uint8_t registers, std::int16_t offset, std::int32_t constant);
  void add_jump(std::uint8_t code, std::uint8_t registers, std::int32_t constant, Label to);
  struct Layout;

  void thread_jumps();
  void lay_out();
  void lay_out_from(std::size_t at, Layout& layout, std::vector<std::size_t>& waiting) const;
  std::vector<std::size_t> forward_order(const std::vector<const Jump*>& jump_at) const;
  void lay_out_forward();
  void take(Layout layout);
  bool lengthen(const std::vector<std::size_t>& where);
  std::size_t after(std::size_t at) const;
  std::vector<std::size_t> places() const;
  Code encode(const std::vector<std::size_t>& where) const;

  Code code_;
  std::vector<Jump> jumps_;  // by place
  std::vector<std::size_t> labels_;
};

}  // namespace fabrix::ebpf
