#include "fabric/linux_unit.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <set>
#include <string>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "ebpf/assembler.h"
#include "fabric/linux_actions.h"
#include "fabric/linux_entry.h"
#include "fabric/linux_forms.h"
#include "fabric/linux_search.h"

namespace fabrix::fabric {
namespace {

using ebpf::Assembler;
using ebpf::Operation;
using ebpf::Register;
using ebpf::Width;
using program::Row;
using program::TableId;
using Label = Assembler::Label;

constexpr std::uint64_t kMostForms = 1U << 16U;  // the low bits of an id say which form

// FNV-1a.
class Hash {
 public:
  void add(const void* data, std::size_t size) {
    std::vector<unsigned char> octets(size);
    if (size != 0) std::memcpy(octets.data(), data, size);
    for (const unsigned char octet : octets) value_ = (value_ ^ octet) * 0x100000001b3U;
  }
  template <typename Key>
  void add(const std::vector<std::pair<Key, fabrix_action>>& entries) {
    for (const auto& [key, action] : entries) {
      add(&key, sizeof(key));
      add(&action, sizeof(action));
    }
  }
  std::uint64_t value() const { return value_; }

 private:
  std::uint64_t value_ = 0xcbf29ce484222325U;
};

template <typename Key>
bool is_before(const Key& a, const Key& b) {
  if (a.form != b.form) return a.form < b.form;
  return std::ranges::lexicographical_compare(a.values, b.values);
}

template <typename Key>
void sort(std::vector<std::pair<Key, fabrix_action>>& entries) {
  std::ranges::sort(entries, is_before<Key>, &std::pair<Key, fabrix_action>::first);
}

template <typename Key>
const fabrix_action* find_in(const std::vector<std::pair<Key, fabrix_action>>& entries,
                             const Key& key) {
  const auto found =
      std::ranges::lower_bound(entries, key, is_before<Key>, &std::pair<Key, fabrix_action>::first);
  return found != entries.end() && !is_before(key, found->first) ? &found->second : nullptr;
}

template <typename Key>
std::pair<Key, fabrix_action> entry_of(const LinuxForm& form, const Row& row, std::uint64_t id) {
  Key key{};
  key.form = id;
  const auto tests = tests_of(row.match);
  for (std::size_t i = 0; i < form.key.size(); ++i) {
    key.values[i] = std::ranges::find(tests, form.key[i].field, &LinuxTest::field)->bits;
  }
  return {key, linux_action(row)};
}

struct FieldMask {
  LinuxField field = 0;
  std::uint64_t mask = 0;

  friend auto operator<=>(const FieldMask&, const FieldMask&) = default;
};

// Of an entry by the values of a key, and where to go on.
struct LookUp {
  std::vector<FieldMask> key;
  std::size_t miss = 0;
  std::size_t found = 0;

  friend auto operator<=>(const LookUp&, const LookUp&) = default;
};

std::vector<FieldMask> masks_of(const std::vector<LinuxTest>& key) {
  std::vector<FieldMask> masks;
  masks.reserve(key.size());
  for (const LinuxTest& each : key) masks.push_back({each.field, each.mask});
  return masks;
}

// The budget is spent.
Error too_much(TableId table, std::size_t rows, const Budget& budget) {
  return Error{fmt::format(
      "{} rows of table {} overlap in more ways than {} steps of making a program of eBPF can "
      "tell apart; let clauses that overlap test fewer fields by ranges, or make them exclude each "
      "other by one field",
      rows, program::name_of(table), budget.taken())};
}

std::size_t row_count(const LinuxPart& part) {
  std::size_t count = 0;
  for (const LinuxForm& form : part.forms) count += form.rows.size();
  return count;
}

class UnitWriter {
 public:
  UnitWriter(std::span<const LinuxPart* const> parts, Budget& budget)
      : parts_(parts), budget_(budget), actions_(out_) {}

  Result<ebpf::Code> write() {
    actions_.write_start();
    if (parts_.size() > 1) write_dispatch();
    for (const LinuxPart* part : parts_) {
      if (parts_.size() > 1) actions_.begin_table(part->table);
      write_part(*part);
      if (budget_.is_spent()) return fail(too_much(part->table, row_count(*part), budget_));
    }
    actions_.write_ends();
    return out_.finish();
  }

 private:
  void write_dispatch() {
    std::vector<program::TableId> tables;
    for (const LinuxPart* part : parts_) tables.push_back(part->table);
    actions_.write_dispatch(tables);
  }

  // What is the same for several forms is there once: to look entries up, and what they do.
  void write_part(const LinuxPart& part) {
    std::map<std::size_t, Label> acts;  // by the first form of those that do alike
    std::map<LookUp, Label> look_ups;
    std::map<std::size_t, std::size_t> first_of;  // by kind
    const auto label_in = [this](auto& labels, const auto& key) {
      const auto known = labels.find(key);
      return known != labels.end() ? known->second : labels[key] = out_.new_label();
    };
    const auto lead = [&](std::size_t number, Label miss) {
      const LinuxForm& form = part.forms[number];
      if (form.key.empty()) return out_.jump(label_in(acts, number));
      const std::size_t first = first_of.try_emplace(form.kind, number).first->second;
      const Label act = label_in(acts, first);
      if (part.indexes[number]) {
        look_up(*part.indexes[number], first_array_ + array_of(part, number), miss);
        return out_.jump(act);
      }
      out_.load_constant(Register::r1, part.entries->id + number);
      out_.jump(label_in(look_ups, LookUp{masks_of(form.key), miss.id, act.id}));
    };
    write_search(out_, part.forms, {.found = lead, .nothing = actions_.nothing()}, budget_);
    first_array_ += part.arrays.size();
    for (const auto& [what, label] : look_ups) {
      out_.bind(label);
      write_look_up(what);
    }
    for (const auto& [form, label] : acts) {
      out_.bind(label);
      write_actions(part.forms[form]);
    }
  }

  void write_actions(const LinuxForm& form) {
    if (form.key.empty()) {
      actions_.write_row(form.row());
    } else {
      actions_.write_entry(form);
    }
  }

  static std::size_t array_of(const LinuxPart& part, std::size_t form) {
    return static_cast<std::size_t>(std::ranges::count_if(
        std::span(part.indexes).first(form), [](const auto& index) { return index.has_value(); }));
  }

  // r1: the packet's.
  void load_value(LinuxField field, std::uint64_t mask) {
    out_.load(Width::k64, Register::r1, {Register::r7, static_cast<std::int16_t>(8 * field)});
    if (mask == max_of(field)) return;
    out_.load_constant(Register::r2, mask);
    out_.calculate(Operation::kAnd, Register::r1, Register::r2);
  }

  void compare_value(const LinuxTest& test, Label miss) {
    load_value(test.field, test.mask);
    out_.load_constant(Register::r2, test.bits);
    out_.jump_if(ebpf::Condition::kNotEqual, Register::r1, Register::r2, miss);
  }

  // r0: the step of the entry, with which it begins.
  void look_up(const LinuxIndex& index, std::size_t array, Label miss) {
    if (index.rest.mask != 0) compare_value(index.rest, miss);
    load_value(index.field, index.mask << index.shift);
    if (index.shift != 0) {
      out_.calculate(Operation::kShiftRight, Register::r1, static_cast<std::int32_t>(index.shift));
    }
    out_.load_constant(Register::r2, index.first);
    out_.calculate(Operation::kSubtract, Register::r1, Register::r2);
    out_.store(Width::k32, {Register::r10, -4}, Register::r1);
    out_.move(Register::r2, Register::r10);
    out_.calculate(Operation::kAdd, Register::r2, -4);
    out_.load_map(Register::r1, static_cast<std::uint32_t>(kLinuxMapCount + array));
    out_.call(ebpf::Helper::kMapLookup);
    out_.jump_if(ebpf::Condition::kEqual, Register::r0, 0, miss);
    out_.load(Width::k64, Register::r1, {Register::r0, offsetof(fabrix_dense, present)});
    out_.jump_if(ebpf::Condition::kEqual, Register::r1, 0, miss);
    for (std::size_t i = 0; i < index.others.size(); ++i) {
      load_value(index.others[i].field, index.others[i].mask);
      out_.load(Width::k64, Register::r2,
                {Register::r0, static_cast<std::int16_t>(offsetof(fabrix_dense, values) + 8 * i)});
      out_.jump_if(ebpf::Condition::kNotEqual, Register::r1, Register::r2, miss);
    }
  }

  // r1: the form's number; then r0: the entry.
  void write_look_up(const LookUp& what) {
    const bool narrow = what.key.size() <= FABRIX_NARROW;
    const std::size_t values = narrow ? FABRIX_NARROW : FABRIX_WIDE;
    auto place = static_cast<std::int16_t>(-8 * static_cast<int>(values + 1));
    const std::int16_t start = place;
    out_.store(Width::k64, {Register::r10, place}, Register::r1);
    for (std::size_t i = 0; i < values; ++i) {
      place = static_cast<std::int16_t>(place + 8);
      if (i >= what.key.size()) {
        out_.store(Width::k64, {Register::r10, place}, 0);
        continue;
      }
      load_value(what.key[i].field, what.key[i].mask);
      out_.store(Width::k64, {Register::r10, place}, Register::r1);
    }
    out_.move(Register::r2, Register::r10);
    out_.calculate(Operation::kAdd, Register::r2, start);
    out_.load_map(Register::r1,
                  static_cast<std::uint32_t>(narrow ? LinuxMap::kNarrow : LinuxMap::kWide));
    out_.call(ebpf::Helper::kMapLookup);
    out_.jump_if(ebpf::Condition::kEqual, Register::r0, 0, Label{what.miss});
    out_.jump(Label{what.found});
  }

  std::span<const LinuxPart* const> parts_;
  Budget& budget_;
  Assembler out_;
  LinuxActions actions_;
  std::size_t first_array_ = 0;  // of the part
};

void add_entries(const LinuxForm& form, std::uint64_t number, LinuxEntries& entries) {
  if (form.key.empty()) return;
  for (const Row* row : form.rows) {
    if (form.key.size() <= FABRIX_NARROW) {
      entries.narrow.push_back(entry_of<fabrix_narrow_key>(form, *row, number));
    } else {
      entries.wide.push_back(entry_of<fabrix_wide_key>(form, *row, number));
    }
  }
}

// What the form's key says of its number is behind what the hash says of all.
LinuxEntriesPtr entries_of(const LinuxPart& part) {
  LinuxEntries entries;
  for (std::size_t i = 0; i < part.forms.size(); ++i) {
    if (!part.indexes[i]) add_entries(part.forms[i], i, entries);
  }
  sort(entries.narrow);
  sort(entries.wide);
  Hash hash;
  hash.add(entries.narrow);
  hash.add(entries.wide);
  entries.id = hash.value() & ~(kMostForms - 1);
  for (auto& [key, action] : entries.narrow) key.form += entries.id;
  for (auto& [key, action] : entries.wide) key.form += entries.id;
  return std::make_shared<const LinuxEntries>(std::move(entries));
}

void note(const Row& row, LinuxPart& part, std::set<LinuxExit>& exits) {
  LinuxExit exit{.from = part.table, .to = {}, .copies = row.copies.size(), .to_controller = false};
  if (const auto* jump = std::get_if<program::Goto>(&row.next)) exit.to.push_back(jump->table);
  if (const auto* several = std::get_if<program::Fork>(&row.next)) {
    for (const program::Branch& branch : several->branches) exit.to.push_back(branch.table);
  }
  exit.to_controller = std::holds_alternative<program::ToController>(row.next);
  exits.insert(std::move(exit));
  if (row.meter && row.meter->counter != 0) {
    part.counters.push_back({beyond_key(*row.meter), {}, {row.meter->counter}});
  }
  if (row.queries.empty()) return;
  part.counters.push_back(
      {counter_key(row.origin.participant, row.queries), row.origin.participant, row.queries});
}

// Nothing is tested that is known.
void leave_out(const program::Metadata& known, LinuxForm& form) {
  const auto test = std::ranges::find(form.tests, kLinuxMetadata, &LinuxTest::field);
  if (test == form.tests.end() || ((test->bits ^ known.bits) & test->mask & known.mask) != 0)
    return;
  test->mask &= ~known.mask;
  test->bits &= test->mask;
  if (test->mask == 0) form.tests.erase(test);
}

// Packets that are to go on should do so quickly. A program may name 64 maps (MAX_USED_MAPS,
// linux/bpf.h): arrays are for these.
bool is_on_the_way(const Row& row) {
  return !row.meter && !std::holds_alternative<program::Discard>(row.next);
}

}  // namespace

const fabrix_action* LinuxEntries::find(const fabrix_narrow_key& key) const {
  return find_in(narrow, key);
}

const fabrix_action* LinuxEntries::find(const fabrix_wide_key& key) const {
  return find_in(wide, key);
}

std::uint64_t linux_entries_of(std::uint64_t form) {
  return form & ~(kMostForms - 1);
}

Result<LinuxPart> make_linux_part(program::TableId table, std::span<const Row* const> rows,
                                  Budget& budget, const program::Metadata& known) {
  LinuxPart part;
  part.table = table;
  auto forms = forms_of(rows, budget);
  if (budget.is_spent()) return fail(too_much(table, rows.size(), budget));
  part.forms = sharpened(std::move(forms));
  if (part.forms.size() >= kMostForms) {
    return fail(Error{fmt::format("table {} has rows of {} forms, more than {}",
                                  program::name_of(table), part.forms.size(), kMostForms)});
  }
  for (LinuxForm& form : part.forms) {
    leave_out(known, form);
    part.indexes.push_back(is_on_the_way(form.row()) ? index_of(form) : std::nullopt);
    if (part.indexes.back()) part.arrays.push_back(array_of(form, *part.indexes.back()));
  }
  part.entries = entries_of(part);
  std::set<LinuxExit> exits;
  for (const Row* row : rows) note(*row, part, exits);
  part.exits.assign(exits.begin(), exits.end());
  std::ranges::sort(part.counters, {}, &LinuxCounter::key);
  part.counters.erase(std::unique(part.counters.begin(), part.counters.end()), part.counters.end());
  return part;
}

Result<LinuxUnit> make_linux_unit(std::span<const LinuxPart* const> parts, Budget& budget) {
  LinuxUnit unit;
  FABRIX_TRY(unit.code, UnitWriter(parts, budget).write());
  Hash hash;
  hash.add(unit.code.data(), unit.code.size() * sizeof(ebpf::Instruction));
  for (const LinuxPart* part : parts) {
    for (const LinuxArrayPtr& each : part->arrays) {
      hash.add(each->data(), each->size() * sizeof(fabrix_dense));
      unit.arrays.push_back(each);
    }
  }
  unit.id = hash.value() & ~(kMostForms - 1);
  for (const LinuxPart* part : parts) {
    if (part->entries->size() != 0) unit.entries.push_back(part->entries);
    unit.counters.insert(unit.counters.end(), part->counters.begin(), part->counters.end());
    unit.exits.insert(unit.exits.end(), part->exits.begin(), part->exits.end());
  }
  return unit;
}

const LinuxOwner* linux_owner(program::TableId table) {
  // As program::Metadata has them.
  constexpr unsigned kSender = 0;
  constexpr unsigned kEgress = 12;
  constexpr auto kSlot = [](std::uint32_t number) {
    return FABRIX_SLOT_OWNERS + number * (FABRIX_ID_MASK + 1);
  };
  static constexpr std::array<LinuxOwner, FABRIX_OWNED_TABLES> kOwners{
      {{kSender, kSlot(0)}, {kSender, kSlot(1)}, {kEgress, kSlot(2)}, {kEgress, kSlot(3)}}};
  switch (table) {
    case program::TableId::kSent:
      return kOwners.data();
    case program::TableId::kOutbound:
      return &kOwners[1];
    case program::TableId::kDelivered:
      return &kOwners[2];
    case program::TableId::kInbound:
      return &kOwners[3];
    default:
      return nullptr;
  }
}

}  // namespace fabrix::fabric
