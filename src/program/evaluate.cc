#include "program/evaluate.h"

#include <algorithm>

#include "base/assert.h"

namespace fabrix::program {
namespace {

const Row* find_row(const Rows& rows, const net::Packet& packet, std::uint64_t metadata) {
  const Row* best = nullptr;
  for (const Row& row : rows) {
    if (best != nullptr && row.priority <= best->priority) continue;
    if (matches(row.match, packet, metadata)) best = &row;
  }
  return best;
}

void apply(const Row& row, Outcome& outcome) {
  for (const SetField& set : row.set_fields) {
    net::set_value(outcome.packet, set.field, set.value);
  }
  const Metadata& write = row.write_metadata;
  outcome.metadata = (outcome.metadata & ~write.mask) | (write.bits & write.mask);
}

}  // namespace

bool matches(const Match& match, const net::Packet& packet, std::uint64_t metadata) {
  if ((metadata & match.metadata.mask) != match.metadata.bits) return false;
  return std::ranges::all_of(match.fields, [&](const FieldMatch& test) {
    return (net::value_of(packet, test.field) & test.mask) == test.bits;
  });
}

Outcome evaluate(const Program& program, const net::Packet& packet) {
  Outcome outcome;
  outcome.packet = packet;
  TableId table = TableId::kAdmit;
  // Bounded: a Goto leads strictly forward.
  while (true) {
    const Row* row = find_row(program.table(table), outcome.packet, outcome.metadata);
    outcome.steps.push_back({.table = table, .row = row});
    if (row == nullptr) return outcome;
    apply(*row, outcome);
    if (const auto* output = std::get_if<Output>(&row->next)) {
      if (output->port != packet.in_port) outcome.output = output->port;
      return outcome;
    }
    outcome.to_controller = std::holds_alternative<ToController>(row->next);
    const auto* jump = std::get_if<Goto>(&row->next);
    if (jump == nullptr) return outcome;
    FABRIX_ASSERT(jump->table > table);
    table = jump->table;
  }
}

}  // namespace fabrix::program
