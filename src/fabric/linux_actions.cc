#include "fabric/linux_actions.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <variant>

#include "base/assert.h"
#include "fabric/linux_entry.h"

namespace fabrix::fabric {
namespace {

using ebpf::Assembler;
using ebpf::Condition;
using ebpf::Helper;
using ebpf::Operation;
using ebpf::Width;
using enum ebpf::Register;
using program::Row;

// NOLINTBEGIN(cppcoreguidelines-macro-usage): offsetof() is one.
#define FABRIX_OFFSET(member) static_cast<std::int16_t>(offsetof(fabrix_scratch, member))
// NOLINTEND(cppcoreguidelines-macro-usage)

constexpr std::int16_t kWritten = FABRIX_FIRST_WRITTEN * 8;
constexpr std::int16_t kMeterPlace = -4;  // where the stack keeps a meter's id
constexpr std::int16_t kMetadata = FABRIX_OFFSET(metadata);
static_assert(FABRIX_OFFSET(fields) == 0 && kMetadata == 8 * kLinuxMetadata);

constexpr int kNotReached = 2;  // TC_ACT_SHOT; XDP_PASS
static_assert(program::kTableCount * 2 <= FABRIX_MAX_NOTED);

constexpr int kTries = 4;           // of a meter that several CPUs charge at a time
constexpr unsigned kFraction = 16;  // bits of a nanosecond's fractions

Assembler::Place scratch(std::int16_t offset) {
  return {r7, offset};
}

std::int16_t offset_of(net::Field field) {
  return static_cast<std::int16_t>(8 * static_cast<int>(field));
}

}  // namespace

LinuxActions::LinuxActions(Assembler& out)
    : out_(out),
      nothing_(out.new_label()),
      output_(out.new_label()),
      next_branch_(out.new_label()),
      finish_(out.new_label()) {}

void LinuxActions::write_start() {
  const Label found = out_.new_label();
  out_.move(r6, r1);
  out_.store(Width::k32, {r10, -4}, 0);
  const Label missing = out_.new_label();
  look_up(LinuxMap::kScratch, -4, missing);
  out_.move(r7, r0);
  out_.jump(found);
  out_.bind(missing);
  out_.move(r0, kNotReached);
  out_.exit();
  out_.bind(found);
}

void LinuxActions::write_dispatch(std::span<const program::TableId> tables) {
  out_.load(Width::k64, r1, scratch(FABRIX_OFFSET(next)));
  for (const program::TableId table : tables) {
    here_[table] = out_.new_label();
    out_.jump_if32(Condition::kEqual, r1, static_cast<std::uint32_t>(table), here_[table]);
  }
  out_.jump(nothing_);
}

// Owners' rows come first, where those led to that have not been there.
void LinuxActions::begin_table(program::TableId table) {
  const auto led = tables_.extract(table);
  if (!led.empty()) {
    out_.bind(led.mapped());
    if (const LinuxOwner* owner = linux_owner(table)) call_owner(*owner);
  }
  out_.bind(here_.at(table));
}

// r0: the value.
void LinuxActions::look_up(LinuxMap map, std::int16_t key, Label missing) {
  out_.move(r2, r10);
  out_.calculate(Operation::kAdd, r2, key);
  out_.load_map(r1, static_cast<std::uint32_t>(map));
  out_.call(Helper::kMapLookup);
  out_.jump_if(Condition::kEqual, r0, 0, missing);
}

// What leaves several times, or goes several ways, takes an skb.
void LinuxActions::leave_to_tc(const Row& row) {
  if (row.copies.empty() && !std::holds_alternative<program::Fork>(row.next)) return;
  const Label is_at_tc = out_.new_label();
  out_.load(Width::k64, r1, scratch(FABRIX_OFFSET(at_xdp)));
  out_.jump_if(Condition::kEqual, r1, 0, is_at_tc);
  out_.is_likely();
  end(FABRIX_VERDICT_AT_TC);
  out_.bind(is_at_tc);
}

void LinuxActions::write_row(const Row& row) {
  leave_to_tc(row);
  count_and_limit(row, Numbers::kInCode);
  for (const net::PortNo port : row.copies) mirror(port);
  for (const program::SetField& each : row.set_fields) set(each);
  if (row.write_metadata.mask != 0) write_metadata(row.write_metadata);
  go(row);
}

// r0 = the entry.
void LinuxActions::load_entry() {
  out_.load(Width::k64, r0, {r10, kLinuxEntryPlace});
}

// r1 = the number.
void LinuxActions::load_number(std::uint64_t number, std::int16_t place, Numbers where) {
  if (where == Numbers::kInCode) return out_.load_constant(r1, number);
  load_entry();
  out_.load(Width::k64, r1, {r0, place});
}

void LinuxActions::count_and_limit(const Row& row, Numbers where) {
  if (!row.queries.empty()) {
    count(counter_key(row.origin.participant, row.queries), offsetof(fabrix_step, counter), where);
  }
  if (row.meter) limit(*row.meter, where);
}

void LinuxActions::count(std::uint64_t key, std::int16_t place, Numbers where) {
  const Label missing = out_.new_label();
  load_number(key, place, where);
  out_.store(Width::k64, {r10, -8}, r1);
  const Label is_at_tc = out_.new_label();
  out_.load(Width::k64, r2, scratch(FABRIX_OFFSET(at_xdp)));
  out_.jump_if(Condition::kEqual, r2, 0, is_at_tc);
  out_.is_likely();
  begin_note(FABRIX_OFFSET(counts), FABRIX_OFFSET(noted_counts), sizeof(std::uint64_t), missing);
  out_.store(Width::k64, {r3, 0}, r1);
  out_.jump(missing);
  out_.bind(is_at_tc);
  look_up(LinuxMap::kCounters, -8, missing);
  // The CPU's own.
  out_.load(Width::k64, r1, {r0, 0});
  out_.load(Width::k64, r2, scratch(FABRIX_OFFSET(packets)));
  out_.calculate(Operation::kAdd, r1, r2);
  out_.store(Width::k64, {r0, 0}, r1);
  out_.load(Width::k64, r1, {r0, 8});
  out_.load(Width::k64, r2, scratch(FABRIX_OFFSET(octets)));
  out_.calculate(Operation::kAdd, r1, r2);
  out_.store(Width::k64, {r0, 8}, r1);
  out_.bind(missing);
}

// A token bucket, as the time at which it is full again: (ITU-T I.371, Annex A, the generic cell
// rate algorithm; RFC 3290 §A). A packet passes if the bucket has its octets. A train of segments
// passes if it has those of one, and is charged for all: it is never longer than a bucket can be.
// A limit of packets is the same with packets in place of octets.
void LinuxActions::limit(const program::Meter& meter, Numbers where) {
  const Label beyond = meter.counter == 0 ? nothing_ : discard_beyond(meter, where);
  load_number(meter.id, offsetof(fabrix_action, meter), where);
  out_.store(Width::k32, {r10, kMeterPlace}, r1);
  look_up(LinuxMap::kMeters, kMeterPlace, nothing_);
  charge(meter, beyond);
}

// Code beside the way, which counts what is discarded.
LinuxActions::Label LinuxActions::discard_beyond(const program::Meter& meter, Numbers where) {
  const Label beyond = out_.new_label();
  const Label past = out_.new_label();
  out_.jump(past);
  out_.bind(beyond);
  count(beyond_key(meter), offsetof(fabrix_action, beyond), where);
  out_.jump(nothing_);
  out_.bind(past);
  return beyond;
}

// r0: the bucket.
void LinuxActions::charge(const program::Meter& meter, Label beyond) {
  constexpr std::uint64_t kNanoseconds = 1'000'000'000;  // in a second
  const bool by_packets = meter.pps != 0;
  const std::uint64_t rate = by_packets ? meter.pps : std::max<std::uint64_t>(meter.kbps, 1);
  const std::uint64_t unit = by_packets ? kNanoseconds : 8 * kNanoseconds / 1000;
  const std::uint64_t burst = by_packets ? meter.burst_packets() : meter.burst_kbits();
  const Label pass = out_.new_label();
  out_.move(r8, r0);
  out_.call(Helper::kTimeNs);
  out_.move(r9, r0);
  // r5: of all octets, r4: of a frame's.
  out_.load(Width::k64, r5, scratch(by_packets ? FABRIX_OFFSET(packets) : FABRIX_OFFSET(octets)));
  out_.load_constant(r1, (unit << kFraction) / rate);
  out_.calculate(Operation::kMultiply, r5, r1);
  out_.calculate(Operation::kShiftRight, r5, static_cast<std::int32_t>(kFraction));
  out_.move(r4, r5);
  out_.load(Width::k64, r1, scratch(FABRIX_OFFSET(packets)));
  out_.calculate(Operation::kDivide, r4, r1);
  for (int i = 0; i < kTries; ++i) {
    const Label late = out_.new_label();
    out_.load(Width::k64, r0, {r8, 0});
    out_.move(r1, r0);
    out_.jump_if(Condition::kGreaterOrEqual, r1, r9, late);
    out_.move(r1, r9);
    out_.bind(late);
    out_.move(r2, r1);
    out_.calculate(Operation::kSubtract, r2, r9);
    out_.calculate(Operation::kAdd, r2, r4);
    out_.load_constant(r3, burst * kNanoseconds / rate);
    out_.jump_if(Condition::kGreater, r2, r3, beyond);
    out_.calculate(Operation::kAdd, r1, r5);
    out_.move(r3, r0);
    out_.exchange_if_r0({r8, 0}, r1);
    out_.jump_if(Condition::kEqual, r0, r3, pass);
  }
  out_.add_atomically({r8, 0}, r5);
  out_.bind(pass);
  const Label is_at_tc = out_.new_label();
  out_.load(Width::k64, r1, scratch(FABRIX_OFFSET(at_xdp)));
  out_.jump_if(Condition::kEqual, r1, 0, is_at_tc);
  out_.is_likely();
  begin_note(FABRIX_OFFSET(charges), FABRIX_OFFSET(noted_charges), sizeof(fabrix_charge), is_at_tc);
  out_.load(Width::k32, r1, {r10, kMeterPlace});
  out_.store(Width::k64, {r3, offsetof(fabrix_charge, meter)}, r1);
  out_.store(Width::k64, {r3, offsetof(fabrix_charge, time)}, r5);
  out_.bind(is_at_tc);
}

// r3: the next element of a list, which counts as there; r2 is used.
void LinuxActions::begin_note(std::int16_t list, std::int16_t count, std::size_t size, Label full) {
  out_.load(Width::k64, r2, scratch(count));
  out_.jump_if(Condition::kGreaterOrEqual, r2, FABRIX_MAX_NOTED, full);
  out_.move(r3, r2);
  out_.calculate(Operation::kMultiply, r3, static_cast<std::int32_t>(size));
  out_.calculate(Operation::kAdd, r3, r7);
  out_.calculate(Operation::kAdd, r3, list);
  out_.calculate(Operation::kAdd, r2, 1);
  out_.store(Width::k64, scratch(count), r2);
}

// r8: the next element of a list, with the written fields of the packet; r9: its number.
void LinuxActions::capture(std::int16_t list, std::int16_t count, std::size_t size, Label full) {
  const bool is_output = list == FABRIX_OFFSET(outputs);
  out_.load(Width::k64, r9, scratch(count));
  out_.jump_if(Condition::kGreaterOrEqual, r9, is_output ? FABRIX_MAX_OUTPUTS : FABRIX_MAX_BRANCHES,
               full);
  out_.move(r8, r9);
  out_.calculate(Operation::kMultiply, r8, static_cast<std::int32_t>(size));
  out_.calculate(Operation::kAdd, r8, r7);
  out_.calculate(Operation::kAdd, r8, list);
  for (std::int16_t i = 0; i < FABRIX_WRITTEN; ++i) {
    const auto offset = static_cast<std::int16_t>(8 * i);
    out_.load(Width::k64, r1, scratch(static_cast<std::int16_t>(kWritten + offset)));
    out_.store(Width::k64, {r8, static_cast<std::int16_t>(8 + offset)}, r1);
  }
  out_.calculate(Operation::kAdd, r9, 1);
  out_.store(Width::k64, scratch(count), r9);
}
static_assert(offsetof(fabrix_output, written) == 8 && offsetof(fabrix_branch, written) == 8);

void LinuxActions::mirror(net::PortNo port) {
  const Label done = out_.new_label();
  out_.load(Width::k64, r1, scratch(offset_of(net::Field::kInPort)));
  out_.jump_if32(Condition::kEqual, r1, port.value, done);
  capture(FABRIX_OFFSET(outputs), FABRIX_OFFSET(output_count), sizeof(fabrix_output), done);
  out_.load_constant(r1, port.value);
  out_.store(Width::k64, {r8, 0}, r1);
  out_.bind(done);
}

void LinuxActions::set(const program::SetField& set) {
  out_.load_constant(r1, set.value);
  store_field(set.field);
}

// r1, and that it was set.
void LinuxActions::store_field(net::Field field) {
  out_.store(Width::k64, scratch(offset_of(field)), r1);
  const bool is_mac = field == net::Field::kSrcMac || field == net::Field::kDstMac;
  out_.store(Width::k64, scratch(is_mac ? FABRIX_OFFSET(macs_set) : FABRIX_OFFSET(others_set)), 1);
}

void LinuxActions::write_metadata(const program::Metadata& metadata) {
  out_.load(Width::k64, r1, scratch(kMetadata));
  out_.load_constant(r2, ~metadata.mask);
  out_.calculate(Operation::kAnd, r1, r2);
  out_.load_constant(r2, metadata.bits & metadata.mask);
  out_.calculate(Operation::kOr, r1, r2);
  out_.store(Width::k64, scratch(kMetadata), r1);
}

void LinuxActions::go(const Row& row) {
  if (const auto* jump = std::get_if<program::Goto>(&row.next)) return lead_to(jump->table);
  if (const auto* several = std::get_if<program::Fork>(&row.next)) return fork(*several);
  if (const auto* output = std::get_if<program::Output>(&row.next)) {
    out_.load_constant(r1, output->port.value);
    out_.store(Width::k64, scratch(FABRIX_OFFSET(port)), r1);
    return out_.jump(output_);
  }
  if (std::holds_alternative<program::Discard>(row.next)) return out_.jump(nothing_);
  out_.load_constant(r1, linux_number(row.origin.participant));
  out_.store(Width::k64, scratch(FABRIX_OFFSET(punter)), r1);
  end(FABRIX_VERDICT_CONTROLLER);
}

void LinuxActions::write_entry(const LinuxForm& form) {
  const Row& row = form.row();
  leave_to_tc(row);
  if (!row.queries.empty() || row.meter) {
    out_.store(Width::k64, {r10, kLinuxEntryPlace}, r0);
    count_and_limit(row, Numbers::kInEntry);
    load_entry();
  }
  if (!row.set_fields.empty()) {
    out_.load(Width::k64, r1, {r0, offsetof(fabrix_step, value)});
    store_field(row.set_fields.front().field);
  }
  if (row.write_metadata.mask != 0) {
    out_.load(Width::k64, r1, scratch(kMetadata));
    out_.load_constant(r2, ~row.write_metadata.mask);
    out_.calculate(Operation::kAnd, r1, r2);
    out_.load(Width::k64, r2, {r0, offsetof(fabrix_step, metadata)});
    out_.calculate(Operation::kOr, r1, r2);
    out_.store(Width::k64, scratch(kMetadata), r1);
  }
  const bool is_output = std::holds_alternative<program::Output>(row.next);
  if (!is_output && !std::holds_alternative<program::ToController>(row.next)) return go(row);
  out_.load(Width::k64, r1, {r0, offsetof(fabrix_step, port)});
  out_.store(Width::k64, scratch(is_output ? FABRIX_OFFSET(port) : FABRIX_OFFSET(punter)), r1);
  if (is_output) return out_.jump(output_);
  end(FABRIX_VERDICT_CONTROLLER);
}

// The others wait, the last one first.
void LinuxActions::fork(const program::Fork& several) {
  FABRIX_ASSERT(!several.branches.empty());
  for (std::size_t i = several.branches.size(); i-- > 1;) wait(several.branches[i]);
  write_metadata(several.branches.front().metadata);
  lead_to(several.branches.front().table);
}

void LinuxActions::wait(const program::Branch& branch) {
  const Label full = out_.new_label();
  capture(FABRIX_OFFSET(branches), FABRIX_OFFSET(branch_count), sizeof(fabrix_branch), full);
  out_.load(Width::k64, r1, scratch(kMetadata));
  out_.load_constant(r2, ~branch.metadata.mask);
  out_.calculate(Operation::kAnd, r1, r2);
  out_.load_constant(r2, branch.metadata.bits & branch.metadata.mask);
  out_.calculate(Operation::kOr, r1, r2);
  out_.store(Width::k64, {r8, offsetof(fabrix_branch, metadata)}, r1);
  out_.store(Width::k64, {r8, offsetof(fabrix_branch, table)},
             static_cast<std::int32_t>(branch.table));
  if (const LinuxOwner* owner = linux_owner(branch.table)) {
    out_.calculate(Operation::kShiftRight, r1, static_cast<std::int32_t>(owner->shift));
    out_.calculate(Operation::kAnd, r1, FABRIX_ID_MASK);
    out_.calculate(Operation::kAdd, r1, static_cast<std::int32_t>(owner->first_slot));
    out_.store(Width::k64, {r8, offsetof(fabrix_branch, slot)}, r1);
  } else {
    out_.store(Width::k64, {r8, offsetof(fabrix_branch, slot)}, FABRIX_SLOT_COMMON);
  }
  out_.bind(full);
}

void LinuxActions::lead_to(program::TableId table) {
  const auto known = tables_.find(table);
  const Label label = known == tables_.end() ? out_.new_label() : known->second;
  tables_.emplace(table, label);
  out_.jump(label);
}

void LinuxActions::end(std::int32_t verdict) {
  out_.store(Width::k64, scratch(FABRIX_OFFSET(verdict)), verdict);
  out_.jump(finish_);
}

void LinuxActions::write_ends() {
  for (const auto& [table, label] : tables_) {
    out_.bind(label);
    write_lead(table);
  }
  out_.bind(nothing_);
  out_.load(Width::k64, r9, scratch(FABRIX_OFFSET(branch_count)));
  out_.jump_if(Condition::kNotEqual, r9, 0, next_branch_);
  out_.jump(finish_);
  write_output_end();
  write_waiting();
  out_.bind(finish_);
  finish();
}

// r3 is the slot in the version; back if there is no program.
void LinuxActions::tail_call() {
  out_.load(Width::k64, r1, scratch(FABRIX_OFFSET(base)));
  out_.calculate(Operation::kAdd, r3, r1);
  out_.move(r1, r6);
  out_.load_map(r2, static_cast<std::uint32_t>(LinuxMap::kPrograms));
  out_.call(Helper::kTailCall);
}

// Back if there is no such program.
void LinuxActions::call_owner(const LinuxOwner& owner) {
  out_.load(Width::k64, r3, scratch(kMetadata));
  out_.calculate(Operation::kShiftRight, r3, static_cast<std::int32_t>(owner.shift));
  out_.calculate(Operation::kAnd, r3, FABRIX_ID_MASK);
  out_.calculate(Operation::kAdd, r3, static_cast<std::int32_t>(owner.first_slot));
  tail_call();
}

void LinuxActions::write_lead(program::TableId table) {
  if (const LinuxOwner* owner = linux_owner(table)) call_owner(*owner);
  out_.store(Width::k64, scratch(FABRIX_OFFSET(next)), static_cast<std::int32_t>(table));
  out_.move(r3, FABRIX_SLOT_COMMON);
  tail_call();
  out_.jump(nothing_);
}

// The frame leaves now if it is the only one; else it is noted, and the next branch goes on.
void LinuxActions::write_output_end() {
  const Label noted = out_.new_label();
  out_.bind(output_);
  out_.store(Width::k64, scratch(FABRIX_OFFSET(verdict)), FABRIX_VERDICT_OUTPUT);
  out_.load(Width::k64, r9, scratch(FABRIX_OFFSET(branch_count)));
  out_.jump_if(Condition::kEqual, r9, 0, finish_);
  out_.is_likely();
  out_.store(Width::k64, scratch(FABRIX_OFFSET(verdict)), FABRIX_VERDICT_NONE);
  out_.load(Width::k64, r1, scratch(FABRIX_OFFSET(port)));
  out_.load(Width::k64, r2, scratch(offset_of(net::Field::kInPort)));
  out_.jump_if(Condition::kEqual, r1, r2, noted);
  capture(FABRIX_OFFSET(outputs), FABRIX_OFFSET(output_count), sizeof(fabrix_output), noted);
  out_.load(Width::k64, r1, scratch(FABRIX_OFFSET(port)));
  out_.store(Width::k64, {r8, 0}, r1);
  out_.bind(noted);
  out_.jump(next_branch_);
}

void LinuxActions::write_waiting() {
  out_.bind(next_branch_);
  out_.load(Width::k64, r9, scratch(FABRIX_OFFSET(branch_count)));
  out_.calculate(Operation::kSubtract, r9, 1);
  out_.jump_if(Condition::kGreaterOrEqual, r9, FABRIX_MAX_BRANCHES, finish_);
  out_.store(Width::k64, scratch(FABRIX_OFFSET(branch_count)), r9);
  out_.move(r8, r9);
  out_.calculate(Operation::kMultiply, r8, sizeof(fabrix_branch));
  out_.calculate(Operation::kAdd, r8, r7);
  out_.calculate(Operation::kAdd, r8, FABRIX_OFFSET(branches));
  out_.load(Width::k64, r1, {r8, offsetof(fabrix_branch, metadata)});
  out_.store(Width::k64, scratch(kMetadata), r1);
  for (std::int16_t i = 0; i < FABRIX_WRITTEN; ++i) {
    const auto offset = static_cast<std::int16_t>(8 * i);
    out_.load(Width::k64, r1, {r8, static_cast<std::int16_t>(8 + offset)});
    out_.store(Width::k64, scratch(static_cast<std::int16_t>(kWritten + offset)), r1);
  }
  out_.load(Width::k64, r1, {r8, offsetof(fabrix_branch, table)});
  out_.store(Width::k64, scratch(FABRIX_OFFSET(next)), r1);
  out_.load(Width::k64, r3, {r8, offsetof(fabrix_branch, slot)});
  tail_call();
  out_.move(r3, FABRIX_SLOT_COMMON);
  tail_call();
}

// Of nobody's rows by a constant, which the kernel makes a plain jump of; the program is the same
// in both versions. To write such a jump it stops all CPUs several times, and waits for them: that
// is not for programs of owners, which an edit of a policy replaces, and where few packets' ways
// end.
void LinuxActions::finish() {
  const bool is_nobodys = !here_.empty();
  out_.move(r3, FABRIX_SLOT_FINISH);
  if (is_nobodys) {
    out_.move(r1, r6);
    out_.load_map(r2, static_cast<std::uint32_t>(LinuxMap::kPrograms));
    out_.call(Helper::kTailCall);
  } else {
    tail_call();
  }
  out_.move(r0, kNotReached);
  out_.exit();
}

}  // namespace fabrix::fabric
