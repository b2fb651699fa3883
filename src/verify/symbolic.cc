#include "verify/symbolic.h"

#include <algorithm>
#include <iterator>

namespace fabrix::verify {
namespace {

using diagram::Diagram;
using diagram::Leaf;
using program::Row;
using program::TableId;

constexpr std::uint64_t kIdMask = 0xfff;
constexpr unsigned kEgressShift = 12;
constexpr unsigned kEgressRouterShift = 24;

// The part of metadata that most rows of the table test; 0 for the tables where it is something
// else.
std::uint64_t key_mask(TableId table) {
  switch (table) {
    case TableId::kSent:
    case TableId::kOutbound:
      return kIdMask;
    case TableId::kDelivered:
    case TableId::kInbound:
      return kIdMask << kEgressShift;
    case TableId::kTransit:
      return kIdMask << kEgressRouterShift;
    default:
      return 0;
  }
}

std::optional<std::uint64_t> key_of(TableId table, const Row& row) {
  if (table == TableId::kAdmit) {
    const auto& fields = row.match.fields;
    const auto port = std::ranges::find(fields, net::Field::kInPort, &program::FieldMatch::field);
    const bool exact = port != fields.end() && port->mask == net::max_value(net::Field::kInPort);
    return exact ? std::optional(port->bits) : std::nullopt;
  }
  const std::uint64_t mask = key_mask(table);
  if (mask == 0 || (row.match.metadata.mask & mask) != mask) return std::nullopt;
  return row.match.metadata.bits & mask;
}

// What is left to test of a row, given what is known. None: it cannot match.
std::optional<std::vector<diagram::TernaryTest>> remaining_tests(const Row& row,
                                                                 const std::vector<Known>& known) {
  std::vector<diagram::TernaryTest> tests;
  for (const program::FieldMatch& match : row.match.fields) {
    std::uint64_t mask = match.mask;
    for (const Known& each : known) {
      if (each.field != match.field) continue;
      if (((each.bits ^ match.bits) & each.mask & mask) != 0) return std::nullopt;
      mask &= ~each.mask;
    }
    if (mask == 0) continue;
    tests.push_back({.field = index_of(match.field), .bits = match.bits & mask, .mask = mask});
  }
  return tests;
}

Effect effect_of(const Row& row, std::uint64_t metadata) {
  Effect effect;
  if (std::holds_alternative<program::Discard>(row.next)) return effect;
  for (const program::SetField& set : row.set_fields) {
    effect.writes = merge(effect.writes, {{.field = set.field, .value = set.value}});
  }
  if (const auto* output = std::get_if<program::Output>(&row.next)) {
    effect.kind = Effect::Kind::kOutput;
    effect.port = output->port;
  } else if (const auto* jump = std::get_if<program::Goto>(&row.next)) {
    const program::Metadata& write = row.write_metadata;
    effect.kind = Effect::Kind::kContinue;
    effect.table = jump->table;
    effect.metadata = (metadata & ~write.mask) | (write.bits & write.mask);
  } else {
    effect.kind = Effect::Kind::kController;
  }
  return effect;
}

}  // namespace

RowIndex::RowIndex(const program::Program& program) {
  for (std::size_t i = 0; i < program::kTableCount; ++i) {
    Table& table = tables_.at(i);
    for (const Row& row : program.tables.at(i)) table.by_priority.push_back(&row);
    std::ranges::stable_sort(table.by_priority, std::ranges::greater{},
                             [](const Row* row) { return row->priority; });
    for (std::uint32_t place = 0; place < table.by_priority.size(); ++place) {
      const auto key = key_of(static_cast<TableId>(i), *table.by_priority[place]);
      (key ? table.keyed[*key] : table.others).push_back(place);
    }
  }
}

std::vector<const Row*> RowIndex::rows(TableId id, std::uint64_t metadata,
                                       std::optional<std::uint64_t> in_port) const {
  const Table& table = tables_.at(static_cast<std::size_t>(id));
  if (id == TableId::kAdmit && !in_port) return table.by_priority;
  const std::uint64_t key = id == TableId::kAdmit ? *in_port : metadata & key_mask(id);
  std::vector<std::uint32_t> places = table.others;
  if (const auto keyed = table.keyed.find(key); keyed != table.keyed.end()) {
    places.clear();
    std::ranges::merge(table.others, keyed->second, std::back_inserter(places));
  }
  std::vector<const Row*> found;
  found.reserve(places.size());
  for (const std::uint32_t place : places) found.push_back(table.by_priority[place]);
  return found;
}

std::optional<Diagram> SymbolicProgram::read_table(const Start& start) {
  std::optional<std::uint64_t> in_port;
  for (const Known& each : start.known) {
    if (each.field == net::Field::kInPort) in_port = each.bits;
  }
  std::vector<diagram::Row> rows;
  for (const Row* row : index_.rows(start.table, start.metadata, in_port)) {
    const program::Metadata& metadata = row->match.metadata;
    if ((start.metadata & metadata.mask) != metadata.bits) continue;
    auto tests = remaining_tests(*row, start.known);
    if (!tests) continue;
    const Leaf leaf = effects_.leaf_of(effect_of(*row, start.metadata));
    const bool certain = tests->empty();
    rows.push_back({.tests = std::move(*tests), .leaf = leaf});
    if (certain) break;
  }
  return space_.store().from_rows(rows);
}

// NOLINTBEGIN(misc-no-recursion): a level for each table.
std::optional<Diagram> SymbolicProgram::go_on(const Start& start, const Effect& effect,
                                              TableId stop) {
  Start next{.table = effect.table, .metadata = effect.metadata, .known = {}};
  for (const Known& each : start.known) {
    const bool written = std::ranges::any_of(
        effect.writes, [&](const policy::Write& write) { return write.field == each.field; });
    if (!written) next.known.push_back(each);
  }
  for (const policy::Write& write : effect.writes) {
    next.known.push_back(
        {.field = write.field, .bits = write.value, .mask = net::max_value(write.field)});
  }
  const auto rest = run(next, stop);
  if (!rest) return std::nullopt;
  return space_.store().map(*rest, [&](Leaf leaf) {
    if (leaf == diagram::kNone) return leaf;
    Effect whole = effects_.at(leaf);
    whole.writes = merge(effect.writes, whole.writes);
    return effects_.leaf_of(whole);
  });
}

std::optional<Diagram> SymbolicProgram::run(const Start& start, TableId stop) {
  auto result = read_table(start);
  if (!result) return std::nullopt;
  // Bounded by the number of tables: a Goto leads forward, or it counts as a drop here.
  for (const Leaf leaf : space_.store().leaves(*result)) {
    const Effect effect = effects_.at(leaf);
    if (effect.kind != Effect::Kind::kContinue || effect.table >= stop) continue;
    const auto rest = effect.table > start.table ? go_on(start, effect, stop)
                                                 : std::optional(space_.store().none());
    if (!rest) return std::nullopt;
    const Diagram here = space_.store().map(
        *result, [leaf](Leaf other) { return other == leaf ? diagram::kTrue : diagram::kNone; });
    result = space_.store().if_then_else(here, *rest, *result);
  }
  return result;
}

// NOLINTEND(misc-no-recursion)

std::vector<Known> known(const Fixed& fixed) {
  std::vector<Known> result;
  for (const auto& [field, value] : fixed) {
    result.push_back({.field = field, .bits = value, .mask = net::max_value(field)});
  }
  return result;
}

}  // namespace fabrix::verify
