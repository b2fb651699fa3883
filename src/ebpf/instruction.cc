#include "ebpf/instruction.h"

#include <string_view>

#include <fmt/format.h>

namespace fabrix::ebpf {
namespace {

enum Class : std::uint8_t {
  kLoadImmediate,
  kLoad,
  kStore,
  kStoreRegister,
  kAlu32,
  kJump,
  kJump32,
  kAlu64
};

Class class_of(const Instruction& code) {
  return static_cast<Class>(code.code & 0x07U);
}

unsigned to_of(const Instruction& code) {
  return code.registers & 0x0fU;
}

std::string_view operator_of(std::uint8_t code) {
  switch (static_cast<Operation>(code & 0xf0U)) {
    case Operation::kAdd:
      return "+=";
    case Operation::kSubtract:
      return "-=";
    case Operation::kDivide:
      return "/=";
    case Operation::kMultiply:
      return "*=";
    case Operation::kOr:
      return "|=";
    case Operation::kAnd:
      return "&=";
    case Operation::kShiftLeft:
      return "<<=";
    case Operation::kShiftRight:
      return ">>=";
    case Operation::kMove:
      return "=";
  }
  return "?=";
}

std::string_view comparison_of(std::uint8_t code) {
  switch (static_cast<Condition>(code & 0xf0U)) {
    case Condition::kEqual:
      return "==";
    case Condition::kGreater:
      return ">";
    case Condition::kGreaterOrEqual:
      return ">=";
    case Condition::kNotEqual:
      return "!=";
    case Condition::kLess:
      return "<";
    case Condition::kLessOrEqual:
      return "<=";
  }
  return "?";
}

unsigned bits_of(std::uint8_t code) {
  switch (static_cast<Width>(code & 0x18U)) {
    case Width::k8:
      return 8;
    case Width::k16:
      return 16;
    case Width::k32:
      return 32;
    case Width::k64:
      return 64;
  }
  return 0;
}

std::string operand(const Instruction& code) {
  if ((code.code & 0x08U) != 0) return fmt::format("r{}", source_of(code));
  return std::to_string(code.constant);
}

std::string jump_text(const Instruction& code, std::size_t next) {
  if (code.code == 0x85) return fmt::format("call {}", code.constant);
  if (code.code == 0x95) return "exit";
  const auto at = static_cast<std::ptrdiff_t>(next);
  if (code.code == 0x05) return fmt::format("goto {}", at + code.offset);
  if (code.code == 0x06) return fmt::format("goto {}", at + code.constant);
  const char kind = class_of(code) == kJump32 ? 'w' : 'r';
  return fmt::format("if {}{} {} {} goto {}", kind, to_of(code), comparison_of(code.code),
                     operand(code), at + code.offset);
}

std::string text_of(const Instruction& code, std::size_t next) {
  const auto memory = [&](unsigned base) {
    return fmt::format("{}[r{}{:+}]", bits_of(code.code), base, code.offset);
  };
  switch (class_of(code)) {
    case kLoadImmediate:
      return fmt::format("r{} = {}{}", to_of(code), source_of(code) == kSourceMap ? "map " : "",
                         code.constant);
    case kLoad:
      return fmt::format("r{} = {}", to_of(code), memory(source_of(code)));
    case kStore:
      return fmt::format("{} = {}", memory(to_of(code)), code.constant);
    case kStoreRegister:
      return fmt::format("{} {} r{}", memory(to_of(code)),
                         (code.code & 0xe0U) == 0xc0 ? "atomic" : "=", source_of(code));
    case kAlu32:
    case kAlu64:
      return fmt::format("{}{} {} {}", class_of(code) == kAlu32 ? 'w' : 'r', to_of(code),
                         operator_of(code.code), operand(code));
    case kJump:
    case kJump32:
      return jump_text(code, next);
  }
  return "?";
}

}  // namespace

std::string disassemble(std::span<const Instruction> code) {
  std::string text;
  for (std::size_t i = 0; i < code.size(); ++i) {
    text += fmt::format("{}: {}\n", i, text_of(code[i], i + 1));
    if (code[i].code == kLoadConstant) ++i;
  }
  return text;
}

}  // namespace fabrix::ebpf
