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
#include "fabric/linux_forms.h"
#include "fabric/linux_search.h"

namespace fabrix::fabric {
namespace {

using ebpf::Assembler;
using ebpf::Operation;
using ebpf::Register;
using ebpf::Width;
using program::Row;
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
std::pair<Key, fabrix_action> entry_of(const LinuxForm& form, const Row& row, std::uint64_t id) {
  Key key{};
  key.form = id;
  const auto tests = tests_of(row.match);
  for (std::size_t i = 0; i < form.key.size(); ++i) {
    key.values[i] = std::ranges::find(tests, form.key[i].field, &LinuxTest::field)->bits;
  }
  return {key, linux_action(row)};
}

class UnitWriter {
 public:
  UnitWriter(std::span<const LinuxForm> forms, std::uint64_t id)
      : forms_(forms), id_(id), actions_(out_) {}

  Result<LinuxUnit> write() {
    unit_.id = id_;
    actions_.write_start();
    write_search(out_, forms_,
                 {.found = [this](std::size_t form, Label miss) { lead(form, miss); },
                  .nothing = actions_.nothing()});
    for (const auto& [form, label] : labels_) {
      out_.bind(label);
      if (forms_[form].key.empty()) {
        actions_.write_row(forms_[form].row());
      } else {
        actions_.write_entry(forms_[form]);
      }
    }
    actions_.write_ends();
    for (std::size_t i = 0; i < forms_.size(); ++i) add_entries(i);
    FABRIX_TRY(unit_.code, out_.finish());
    return std::move(unit_);
  }

 private:
  void lead(std::size_t form, Label miss) {
    if (!forms_[form].key.empty()) look_up(form, miss);
    const auto known = labels_.find(form);
    const Label label = known == labels_.end() ? out_.new_label() : known->second;
    labels_.emplace(form, label);
    out_.jump(label);
  }

  // r0: the entry.
  void look_up(std::size_t number, Label miss) {
    const LinuxForm& form = forms_[number];
    const bool narrow = form.key.size() <= FABRIX_NARROW;
    const std::size_t values = narrow ? FABRIX_NARROW : FABRIX_WIDE;
    auto place = static_cast<std::int16_t>(-8 * static_cast<int>(values + 1));
    const std::int16_t start = place;
    out_.load_constant(Register::r1, id_ + number);
    out_.store(Width::k64, {Register::r10, place}, Register::r1);
    for (std::size_t i = 0; i < values; ++i) {
      place = static_cast<std::int16_t>(place + 8);
      if (i >= form.key.size()) {
        out_.store(Width::k64, {Register::r10, place}, 0);
        continue;
      }
      out_.load(Width::k64, Register::r1,
                {Register::r7, static_cast<std::int16_t>(8 * form.key[i].field)});
      out_.load_constant(Register::r2, form.key[i].mask);
      out_.calculate(Operation::kAnd, Register::r1, Register::r2);
      out_.store(Width::k64, {Register::r10, place}, Register::r1);
    }
    out_.move(Register::r2, Register::r10);
    out_.calculate(Operation::kAdd, Register::r2, start);
    out_.load_map(Register::r1,
                  static_cast<std::uint32_t>(narrow ? LinuxMap::kNarrow : LinuxMap::kWide));
    out_.call(ebpf::Helper::kMapLookup);
    out_.jump_if(ebpf::Condition::kEqual, Register::r0, 0, miss);
  }

  void add_entries(std::size_t number) {
    const LinuxForm& form = forms_[number];
    if (form.key.empty()) return;
    for (const Row* row : form.rows) {
      if (form.key.size() <= FABRIX_NARROW) {
        unit_.narrow.push_back(entry_of<fabrix_narrow_key>(form, *row, id_ + number));
      } else {
        unit_.wide.push_back(entry_of<fabrix_wide_key>(form, *row, id_ + number));
      }
    }
  }

  std::span<const LinuxForm> forms_;
  std::uint64_t id_;
  Assembler out_;
  LinuxActions actions_;
  LinuxUnit unit_;
  std::map<std::size_t, Label> labels_;
};

void note(const Row& row, LinuxUnit& unit, std::set<LinuxExit>& exits) {
  LinuxExit exit{.to = {}, .copies = row.copies.size(), .to_controller = false};
  if (const auto* jump = std::get_if<program::Goto>(&row.next)) exit.to.push_back(jump->table);
  if (const auto* several = std::get_if<program::Fork>(&row.next)) {
    for (const program::Branch& branch : several->branches) exit.to.push_back(branch.table);
  }
  exit.to_controller = std::holds_alternative<program::ToController>(row.next);
  exits.insert(std::move(exit));
  if (row.queries.empty()) return;
  unit.counters.push_back(
      {counter_key(row.origin.participant, row.queries), row.origin.participant, row.queries});
}

}  // namespace

Result<LinuxUnit> make_linux_unit(program::TableId table, std::span<const Row* const> rows) {
  const std::vector<LinuxForm> forms = forms_of(rows);
  if (forms.size() >= kMostForms) {
    return fail(Error{fmt::format("table {} has rows of {} forms, more than {}",
                                  program::name_of(table), forms.size(), kMostForms)});
  }
  // Written twice, as the id is a hash of what is written.
  FABRIX_TRY(LinuxUnit unit, UnitWriter(forms, 0).write());
  Hash hash;
  hash.add(unit.code.data(), unit.code.size() * sizeof(ebpf::Instruction));
  hash.add(unit.narrow);
  hash.add(unit.wide);
  const std::uint64_t id = hash.value() & ~(kMostForms - 1);
  if (unit.narrow.empty() && unit.wide.empty()) {
    unit.id = id;
  } else {
    FABRIX_TRY(unit, UnitWriter(forms, id).write());
  }
  std::set<LinuxExit> exits;
  for (const Row* row : rows) note(*row, unit, exits);
  unit.exits.assign(exits.begin(), exits.end());
  std::ranges::sort(unit.counters, {}, &LinuxCounter::key);
  unit.counters.erase(std::unique(unit.counters.begin(), unit.counters.end()), unit.counters.end());
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
