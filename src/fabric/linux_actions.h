// LinuxActions: code for what rows do with a packet: what program::evaluate() does with one that
// matches.
//
// What rows' code ends with is there once in a program: the tail call to each table, and the end of
// a packet's way, where a branch that waits goes on.
//
// The code is the same at tc and at XDP. There a packet may yet go on to tc: what it counts for is
// noted, and what it is charged for, and a row that takes an skb leaves it to tc.
//
// Registers: r6 is the context, r7 the scratch memory; r0 to r5, r8 and r9 are used, and of the
// stack what is from kLinuxEntryPlace on.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>

#include "ebpf/assembler.h"
#include "fabric/linux_forms.h"
#include "fabric/linux_unit.h"

namespace fabrix::fabric {

// Where the stack keeps an entry while others are looked up.
inline constexpr std::int16_t kLinuxEntryPlace = -64;

class LinuxActions {
 public:
  using Label = ebpf::Assembler::Label;

  explicit LinuxActions(ebpf::Assembler& out);

  // The start of a program: r6 and r7.
  void write_start();
  // Of a program that has several tables, in their order: on to the one that fabrix_scratch.next
  // says. The code of each comes behind begin_table().
  void write_dispatch(std::span<const program::TableId> tables);
  void begin_table(program::TableId table);
  // What the row does.
  void write_row(const program::Row& row);
  // What the entry does that r0 points to, of rows of this form.
  void write_entry(const LinuxForm& form);
  // What was led to and is not in the program; after all rows.
  void write_ends();

  // Where a packet's way ends without an output.
  Label nothing() const { return nothing_; }

 private:
  // Where a row's numbers are: in its code, or in its entry (of which r0 or the stack knows).
  enum class Numbers : std::uint8_t { kInCode, kInEntry };

  void load_entry();
  void load_number(std::uint64_t number, std::int16_t place, Numbers where);
  void count_and_limit(const program::Row& row, Numbers where);
  void count(std::uint64_t key, std::int16_t place, Numbers where);
  void limit(const program::Meter& meter, Numbers where);
  Label discard_beyond(const program::Meter& meter, Numbers where);
  void charge(const program::Meter& meter, Label beyond);
  void look_up(LinuxMap map, std::int16_t key, Label missing);
  void begin_note(std::int16_t list, std::int16_t count, std::size_t size, Label full);
  void leave_to_tc(const program::Row& row);
  void mirror(net::PortNo port);
  void capture(std::int16_t list, std::int16_t count, std::size_t size, Label full);
  void set(const program::SetField& set);
  void store_field(net::Field field);
  void write_metadata(const program::Metadata& metadata);
  void go(const program::Row& row);
  void fork(const program::Fork& several);
  void wait(const program::Branch& branch);
  void lead_to(program::TableId table);
  void end(std::int32_t verdict);
  void write_lead(program::TableId table);
  void call_owner(const LinuxOwner& owner);
  void write_output_end();
  void write_waiting();
  void tail_call();
  void finish();

  ebpf::Assembler& out_;
  Label nothing_;
  Label output_;
  Label next_branch_;
  Label finish_;
  std::map<program::TableId, Label> tables_;  // that rows led to
  std::map<program::TableId, Label> here_;    // nobody's rows of those that are in the program
};

}  // namespace fabrix::fabric
