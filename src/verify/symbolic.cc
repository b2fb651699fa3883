#include "verify/symbolic.h"

#include <algorithm>

#include "verify/tag_fields.h"

namespace fabrix::verify {
namespace {

using diagram::Diagram;
using diagram::Leaf;
using program::Row;
using program::TableId;

// What is left to test of a row. None: it cannot match.
std::optional<std::vector<diagram::TernaryTest>> remaining_tests(
    const Row& row, const SymbolicProgram::Start& start) {
  std::vector<diagram::TernaryTest> tests;
  tests.reserve(row.match.fields.size());
  std::vector<diagram::TernaryTest> of_tag;
  for (const program::FieldMatch& match : row.match.fields) {
    if (match.field == net::Field::kDstMac && start.destination == Destination::kTag) {
      auto split = tag_tests({.bits = match.bits, .mask = match.mask});
      if (!split) return std::nullopt;
      of_tag = *std::move(split);
      continue;
    }
    std::uint64_t mask = match.mask;
    for (const Known& each : start.known) {
      if (each.field != match.field) continue;
      if (((each.bits ^ match.bits) & each.mask & mask) != 0) return std::nullopt;
      mask &= ~each.mask;
    }
    if (mask == 0) continue;
    tests.push_back({.field = index_of(match.field), .bits = match.bits & mask, .mask = mask});
  }
  tests.insert(tests.end(), of_tag.begin(), of_tag.end());
  return tests;
}

void continue_to_each(const program::Fork& fork, std::uint64_t metadata, Effect& effect) {
  std::vector<Onward> copies;
  for (const program::Branch& branch : fork.branches) {
    const program::Metadata& write = branch.metadata;
    copies.push_back({branch.table, (metadata & ~write.mask) | (write.bits & write.mask)});
  }
  if (!copies.empty()) continue_with(effect, std::move(copies));
}

bool is_of_clause(const Row& row) {
  return row.origin.kind == program::Origin::Kind::kOutboundClause ||
         row.origin.kind == program::Origin::Kind::kInboundClause;
}

Effect effect_of(const Row& row, std::uint64_t metadata) {
  Effect effect;
  if (is_of_clause(row)) effect.counters = row.queries;
  for (const net::PortNo port : row.copies) effect.mirrors.push_back({.port = port, .writes = {}});
  const bool drops = std::holds_alternative<program::Discard>(row.next);
  if (row.meter && !(drops && effect.mirrors.empty())) effect.meters.push_back(*row.meter);
  if (drops) return effect;
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
  } else if (const auto* fork = std::get_if<program::Fork>(&row.next)) {
    continue_to_each(*fork, metadata, effect);
  } else {
    effect.kind = Effect::Kind::kController;
  }
  return effect;
}

}  // namespace

std::optional<Diagram> SymbolicProgram::read_table(const Start& start) {
  std::optional<std::uint64_t> in_port;
  for (const Known& each : start.known) {
    if (each.field == net::Field::kInPort) in_port = each.bits;
  }
  return read(index_.rows(start.table, start.metadata, in_port), start);
}

std::optional<Diagram> SymbolicProgram::read(const std::vector<const Row*>& rows,
                                             const Start& start) {
  std::vector<diagram::Row> left;
  left.reserve(rows.size());
  for (const Row* row : rows) {
    const program::Metadata& metadata = row->match.metadata;
    if ((start.metadata & metadata.mask) != metadata.bits) continue;
    auto tests = remaining_tests(*row, start);
    if (!tests) continue;
    const Leaf leaf = effects_.leaf_of(effect_of(*row, start.metadata));
    const bool certain = tests->empty();
    if (certain && left.empty()) return space_.store().leaf(leaf);
    left.push_back({.tests = std::move(*tests), .leaf = leaf});
    if (certain) break;
  }
  return space_.store().from_rows(left);
}

// NOLINTBEGIN(misc-no-recursion): a level for each table.
std::optional<Diagram> SymbolicProgram::go_on(const Start& start, const Effect& effect,
                                              TableId stop) {
  Start next{.table = effect.table,
             .metadata = effect.metadata,
             .known = {},
             .destination = start.destination};
  for (const Known& each : start.known) {
    const bool written = std::ranges::any_of(
        effect.writes, [&](const policy::Write& write) { return write.field == each.field; });
    if (!written) next.known.push_back(each);
  }
  for (const policy::Write& write : effect.writes) {
    if (write.field == net::Field::kDstMac) next.destination = Destination::kAddress;
    next.known.push_back(
        {.field = write.field, .bits = write.value, .mask = net::max_value(write.field)});
  }
  const auto rest = run(next, stop);
  if (!rest) return std::nullopt;
  return space_.store().map(
      *rest, [&](Leaf leaf) { return effects_.leaf_of(sequel(effect, effects_.at(leaf))); });
}

std::optional<Diagram> SymbolicProgram::run(const Start& start, TableId stop) {
  auto result = read_table(start);
  if (!result) return std::nullopt;
  // Bounded by the number of tables: a Goto leads forward, or it counts as a drop here.
  for (const Leaf leaf : space_.store().leaves(*result)) {
    const Effect effect = effects_.at(leaf);
    if (effect.kind != Effect::Kind::kContinue || effect.table >= stop) continue;
    if (!effect.branches.empty()) return std::nullopt;
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
