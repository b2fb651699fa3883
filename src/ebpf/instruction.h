// The instructions of eBPF: what the kernel's virtual machine executes.
//
//   Linux Documentation/bpf/standardization/instruction-set.rst (RFC 9669)
//
// An Instruction has the layout of the kernel's struct bpf_insn. A 64-bit constant takes two.
// Values; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace fabrix::ebpf {

struct Instruction {
  std::uint8_t code = 0;
  std::uint8_t registers = 0;  // destination in the low half, source in the high one
  std::int16_t offset = 0;
  std::int32_t constant = 0;

  friend bool operator==(const Instruction&, const Instruction&) = default;
};
static_assert(sizeof(Instruction) == 8);

using Code = std::vector<Instruction>;

// r0: result; r1 to r5: arguments, gone after a call; r6 to r9: kept; r10: the frame, read-only.
// NOLINTNEXTLINE(readability-identifier-naming): as everybody calls them.
enum class Register : std::uint8_t { r0, r1, r2, r3, r4, r5, r6, r7, r8, r9, r10 };

// RFC 9669 §3, §4.1, §5: the values of the instruction's fields.
enum class Operation : std::uint8_t {
  kAdd = 0x00,
  kSubtract = 0x10,
  kMultiply = 0x20,
  kDivide = 0x30,
  kOr = 0x40,
  kAnd = 0x50,
  kShiftLeft = 0x60,
  kShiftRight = 0x70,
  kMove = 0xb0,
};
enum class Condition : std::uint8_t {
  kEqual = 0x10,
  kGreater = 0x20,  // unsigned, as all here
  kGreaterOrEqual = 0x30,
  kNotEqual = 0x50,
  kLess = 0xa0,
  kLessOrEqual = 0xb0,
};
enum class Width : std::uint8_t { k32 = 0x00, k16 = 0x08, k8 = 0x10, k64 = 0x18 };

// Helper functions of the kernel (linux/bpf.h).
enum class Helper : std::int32_t {
  kMapLookup = 1,
  kTimeNs = 5,
  kTailCall = 12,
  kVlanPush = 18,
  kVlanPop = 19,
};

inline constexpr std::uint8_t kLoadConstant = 0x18;  // RFC 9669 §5.4
// The source field of a kLoadConstant that loads a map: its constant is the map's descriptor.
inline constexpr std::uint8_t kSourceMap = 1;

constexpr std::uint8_t source_of(const Instruction& instruction) {
  return instruction.registers >> 4U;
}

// One line an instruction, for people and tests: "3: if r1 != 7 goto 9".
std::string disassemble(std::span<const Instruction> code);

}  // namespace fabrix::ebpf
