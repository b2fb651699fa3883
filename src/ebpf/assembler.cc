#include "ebpf/assembler.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "base/assert.h"

namespace fabrix::ebpf {
namespace {

// RFC 9669 §3: classes, and where the second operand is.
constexpr std::uint8_t kClassLoad = 0x61;   // LDX | MEM
constexpr std::uint8_t kClassStore = 0x62;  // ST | MEM
constexpr std::uint8_t kClassStoreRegister = 0x63;
constexpr std::uint8_t kClassAlu32 = 0x04;
constexpr std::uint8_t kClassJump = 0x05;
constexpr std::uint8_t kClassJump32 = 0x06;
constexpr std::uint8_t kClassAlu64 = 0x07;
constexpr std::uint8_t kByRegister = 0x08;
constexpr std::uint8_t kCall = 0x85;
constexpr std::uint8_t kExit = 0x95;
constexpr std::uint8_t kAtomic64 = 0xdb;  // STX | ATOMIC | DW
constexpr std::int32_t kAtomicAdd = 0x00;
constexpr std::int32_t kAtomicCompareAndExchange = 0xf1;

constexpr std::uint8_t pair(Register to, Register from) {
  return static_cast<std::uint8_t>(static_cast<unsigned>(to) | static_cast<unsigned>(from) << 4U);
}
constexpr std::uint8_t with(std::uint8_t code, auto bits) {
  return static_cast<std::uint8_t>(code | static_cast<unsigned>(bits));
}
constexpr bool is_unconditional(std::uint8_t code) {
  return code == kClassJump;
}
constexpr std::uint64_t kLowHalf = 0xffffffff;

constexpr bool is_jump(std::uint8_t code) {
  constexpr std::uint8_t kClass = 0x07;
  const std::uint8_t of = code & kClass;
  return (of == kClassJump || of == kClassJump32) && code != kCall && code != kExit;
}

// The jump that is taken when this one is not.
std::uint8_t opposite(std::uint8_t code) {
  constexpr std::uint8_t kConditions = 0xf0;
  const auto with_condition = [code](Condition condition) {
    return with(static_cast<std::uint8_t>(code & ~kConditions), condition);
  };
  switch (static_cast<Condition>(code & kConditions)) {
    case Condition::kEqual:
      return with_condition(Condition::kNotEqual);
    case Condition::kNotEqual:
      return with_condition(Condition::kEqual);
    case Condition::kGreater:
      return with_condition(Condition::kLessOrEqual);
    case Condition::kLessOrEqual:
      return with_condition(Condition::kGreater);
    case Condition::kGreaterOrEqual:
      return with_condition(Condition::kLess);
    case Condition::kLess:
      break;
  }
  return with_condition(Condition::kGreaterOrEqual);
}

}  // namespace

void Assembler::add(std::uint8_t code, std::uint8_t registers, std::int16_t offset,
                    std::int32_t constant) {
  code_.push_back({code, registers, offset, constant});
}

void Assembler::add_jump(std::uint8_t code, std::uint8_t registers, std::int32_t constant,
                         Label to) {
  jumps_.push_back({.at = code_.size(), .label = to.id, .is_long = false});
  add(code, registers, 0, constant);
}

Assembler::Label Assembler::new_label() {
  labels_.push_back(std::numeric_limits<std::size_t>::max());
  return {labels_.size() - 1};
}

void Assembler::bind(Label label) {
  FABRIX_ASSERT(labels_[label.id] == std::numeric_limits<std::size_t>::max());
  labels_[label.id] = code_.size();
}

void Assembler::calculate(Operation operation, Register to, Register by) {
  add(with(kClassAlu64 | kByRegister, operation), pair(to, by), 0, 0);
}

void Assembler::calculate(Operation operation, Register to, std::int32_t by) {
  add(with(kClassAlu64, operation), pair(to, Register::r0), 0, by);
}

void Assembler::calculate32(Operation operation, Register to, std::int32_t by) {
  add(with(kClassAlu32, operation), pair(to, Register::r0), 0, by);
}

void Assembler::load_constant(Register to, std::uint64_t value) {
  if (value <= std::uint64_t{std::numeric_limits<std::int32_t>::max()}) {
    return move(to, static_cast<std::int32_t>(value));
  }
  add(kLoadConstant, pair(to, Register::r0), 0, static_cast<std::int32_t>(value & kLowHalf));
  add(0, 0, 0, static_cast<std::int32_t>(value >> 32U));
}

void Assembler::load_map(Register to, std::uint32_t map) {
  add(kLoadConstant, static_cast<std::uint8_t>(static_cast<unsigned>(to) | kSourceMap << 4U), 0,
      static_cast<std::int32_t>(map));
  add(0, 0, 0, 0);
}

void Assembler::load(Width width, Register to, Place from) {
  add(with(kClassLoad, width), pair(to, from.base), from.offset, 0);
}

void Assembler::store(Width width, Place to, Register from) {
  add(with(kClassStoreRegister, width), pair(to.base, from), to.offset, 0);
}

void Assembler::store(Width width, Place to, std::int32_t value) {
  add(with(kClassStore, width), pair(to.base, Register::r0), to.offset, value);
}

void Assembler::add_atomically(Place to, Register what) {
  add(kAtomic64, pair(to.base, what), to.offset, kAtomicAdd);
}

void Assembler::exchange_if_r0(Place to, Register what) {
  add(kAtomic64, pair(to.base, what), to.offset, kAtomicCompareAndExchange);
}

void Assembler::jump(Label to) {
  add_jump(kClassJump, 0, 0, to);
}

void Assembler::jump_if(Condition condition, Register left, Register right, Label to) {
  add_jump(with(kClassJump | kByRegister, condition), pair(left, right), 0, to);
}

void Assembler::jump_if(Condition condition, Register left, std::int32_t right, Label to) {
  add_jump(with(kClassJump, condition), pair(left, Register::r0), right, to);
}

void Assembler::jump_if32(Condition condition, Register left, std::uint32_t right, Label to) {
  add_jump(with(kClassJump32, condition), pair(left, Register::r0),
           static_cast<std::int32_t>(right), to);
}

void Assembler::call(Helper helper) {
  add(kCall, 0, 0, static_cast<std::int32_t>(helper));
}

void Assembler::exit() {
  add(kExit, 0, 0, 0);
}

// What follows the instruction there.
std::size_t Assembler::after(std::size_t at) const {
  return at + (code_[at].code == kLoadConstant ? 2U : 1U);
}

// Where the instruction that was added as number i is, long jumps being longer: at places()[i].
std::vector<std::size_t> Assembler::places() const {
  std::vector<std::size_t> where(code_.size() + 1);
  std::size_t extra = 0;
  std::size_t jump = 0;
  for (std::size_t i = 0; i < code_.size(); ++i) {
    where[i] = i + extra;
    if (jump == jumps_.size() || jumps_[jump].at != i) continue;
    // "If it holds, over the next; over the one after that; there."
    if (jumps_[jump].is_long && !is_unconditional(code_[i].code)) extra += 2;
    ++jump;
  }
  where[code_.size()] = code_.size() + extra;
  return where;
}

// Whether a jump had to be made long: then others may not reach any more.
bool Assembler::lengthen(const std::vector<std::size_t>& where) {
  // The kernel's own rewriting makes code longer, and jumps with it.
  constexpr std::ptrdiff_t kReach = std::numeric_limits<std::int16_t>::max() / 3;
  bool changed = false;
  for (Jump& jump : jumps_) {
    const auto from = static_cast<std::ptrdiff_t>(where[jump.at]);
    const auto to = static_cast<std::ptrdiff_t>(where[labels_[jump.label]]);
    const std::ptrdiff_t distance = to > from ? to - from : from - to;
    if (jump.is_long || distance < kReach) continue;
    jump.is_long = true;
    changed = true;
  }
  return changed;
}

Code Assembler::encode(const std::vector<std::size_t>& where) const {
  Code out;
  out.reserve(where.back());
  std::size_t next = 0;
  for (std::size_t i = 0; i < code_.size(); ++i) {
    out.push_back(code_[i]);
    if (next == jumps_.size() || jumps_[next].at != i) continue;
    const Jump& jump = jumps_[next++];
    if (jump.is_long && !is_unconditional(code_[i].code)) {
      out.back().offset = 1;
      out.push_back({kClassJump, 0, 1, 0});
      out.push_back({});
    }
    const auto distance = static_cast<std::ptrdiff_t>(where[labels_[jump.label]]) -
                          static_cast<std::ptrdiff_t>(out.size());
    if (jump.is_long) {
      out.back() = {kClassJump32, 0, 0, static_cast<std::int32_t>(distance)};
    } else {
      out.back().offset = static_cast<std::int16_t>(distance);
    }
  }
  return out;
}

// What leads to a jump leads where that does.
void Assembler::thread_jumps() {
  std::vector<std::size_t> leads(code_.size(), code_.size());
  for (const Jump& jump : jumps_) {
    if (is_unconditional(code_[jump.at].code)) leads[jump.at] = labels_[jump.label];
  }
  constexpr int kMostSteps = 64;  // of those that go round for ever
  for (std::size_t& place : labels_) {
    for (int i = 0; i < kMostSteps && place < leads.size() && leads[place] < leads.size(); ++i) {
      place = leads[place];
    }
  }
}

// The code in a new order, as far as it is known.
struct Assembler::Layout {
  static constexpr std::size_t kNowhere = std::numeric_limits<std::size_t>::max();

  explicit Layout(const Assembler& old)
      : jump_at(old.code_.size(), nullptr), now(old.code_.size() + 1, kNowhere) {
    for (const Jump& jump : old.jumps_) jump_at[jump.at] = &jump;
  }

  // Where the last instruction jumps to: an old place.
  void add_target(std::size_t place) {
    jumps.push_back({.at = code.size() - 1, .label = targets.size()});
    targets.push_back(place);
  }

  void take_back_jump() {
    code.pop_back();
    jumps.pop_back();
    targets.pop_back();
  }

  std::vector<const Jump*> jump_at;  // by old place
  std::vector<std::size_t> now;      // by old place
  Code code;
  std::vector<Jump> jumps;
  std::vector<std::size_t> targets;  // of the jumps, by label
};

void Assembler::take(Layout layout) {
  for (std::size_t& place : layout.targets) place = layout.now[place];
  code_ = std::move(layout.code);
  jumps_ = std::move(layout.jumps);
  labels_ = std::move(layout.targets);
}

// From each place on as it is likely to go; what may follow else, the last first.
void Assembler::lay_out() {
  Layout layout(*this);
  std::vector<std::size_t> waiting{0};
  while (!waiting.empty()) {
    const std::size_t at = waiting.back();
    waiting.pop_back();
    if (layout.now[at] == Layout::kNowhere) lay_out_from(at, layout, waiting);
  }
  take(std::move(layout));
}

// Up to an exit, or to what is laid out already.
void Assembler::lay_out_from(std::size_t at, Layout& layout,
                             std::vector<std::size_t>& waiting) const {
  while (at < code_.size() && layout.now[at] == Layout::kNowhere) {
    layout.now[at] = layout.code.size();
    const std::uint8_t code = code_[at].code;
    const Jump* jump = layout.jump_at[at];
    const std::size_t to = jump == nullptr ? Layout::kNowhere : labels_[jump->label];
    if (jump != nullptr && is_unconditional(code)) {
      at = to;
      continue;
    }
    for (const std::size_t end = after(at); at < end; ++at) layout.code.push_back(code_[at]);
    if (code == kExit) return;
    if (jump == nullptr) continue;
    const std::size_t other = jump->is_likely ? std::exchange(at, to) : to;
    if (jump->is_likely) layout.code.back().code = opposite(code);
    layout.add_target(other);
    waiting.push_back(other);
  }
  if (at == code_.size()) {
    layout.now[at] = layout.code.size();
    return;
  }
  layout.code.push_back({kClassJump, 0, 0, 0});
  layout.add_target(at);
}

// What each leads to comes after it; of two ways the likely one at once.
std::vector<std::size_t> Assembler::forward_order(const std::vector<const Jump*>& jump_at) const {
  enum class State : std::uint8_t { kNew, kOpen, kDone };
  std::vector<State> states(code_.size(), State::kNew);
  std::vector<std::size_t> order;
  std::vector<std::size_t> waiting{0};
  while (!waiting.empty()) {
    const std::size_t at = waiting.back();
    if (states[at] != State::kNew) {
      waiting.pop_back();
      if (states[at] == State::kOpen) order.push_back(at);
      states[at] = State::kDone;
      continue;
    }
    states[at] = State::kOpen;
    const bool goes_on = code_[at].code != kExit && !is_unconditional(code_[at].code);
    if (goes_on) waiting.push_back(after(at));
    if (jump_at[at] != nullptr) waiting.push_back(labels_[jump_at[at]->label]);
  }
  std::ranges::reverse(order);
  std::erase_if(order, [this](std::size_t at) { return is_unconditional(code_[at].code); });
  return order;
}

void Assembler::lay_out_forward() {
  Layout layout(*this);
  const std::vector<std::size_t> order = forward_order(layout.jump_at);
  const auto add_target = [&](std::size_t place) {
    while (is_unconditional(code_[place].code)) place = labels_[layout.jump_at[place]->label];
    layout.add_target(place);
    return place;
  };
  for (std::size_t i = 0; i < order.size(); ++i) {
    const std::size_t at = order[i];
    layout.now[at] = layout.code.size();
    for (std::size_t part = at; part < after(at); ++part) layout.code.push_back(code_[part]);
    if (layout.jump_at[at] != nullptr) add_target(labels_[layout.jump_at[at]->label]);
    if (code_[at].code == kExit) continue;
    layout.code.push_back({kClassJump, 0, 0, 0});
    const std::size_t comes_next = i + 1 < order.size() ? order[i + 1] : code_.size();
    if (add_target(after(at)) == comes_next) layout.take_back_jump();
  }
  take(std::move(layout));
}

Assembler Assembler::reopen(std::span<const Instruction> code) {
  Assembler assembler;
  assembler.code_.assign(code.begin(), code.end());
  for (std::size_t i = 0; i < code.size(); i = assembler.after(i)) {
    if (!is_jump(code[i].code)) continue;
    const bool is_long = code[i].code == kClassJump32;
    const std::ptrdiff_t distance = is_long ? code[i].constant : code[i].offset;
    assembler.jumps_.push_back({.at = i, .label = assembler.labels_.size()});
    assembler.labels_.push_back(i + 1 + static_cast<std::size_t>(distance));
    if (is_long) assembler.code_[i] = {kClassJump, 0, 0, 0};
    assembler.code_[i].offset = 0;
  }
  return assembler;
}

Result<Code> Assembler::finish(Order order) {
  thread_jumps();
  if (order == Order::kForward) {
    lay_out_forward();
  } else {
    lay_out();
  }
  auto where = places();
  while (lengthen(where)) where = places();
  if (where.back() > kMaxInstructions) {
    return fail(Error{"more than " + std::to_string(kMaxInstructions) + " instructions of eBPF"});
  }
  return encode(where);
}

}  // namespace fabrix::ebpf
