#include "program/evaluate.h"

#include <algorithm>
#include <iterator>
#include <utility>

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

// One packet's way, and its branches'.
class Run {
 public:
  Run(const Program& program, net::PortNo in_port, const Gate& gate)
      : program_(program), in_port_(in_port), gate_(gate) {}

  // NOLINTBEGIN(misc-no-recursion): a Goto or Fork leads strictly forward, hence a level a table.
  void from(TableId table, Outcome& outcome) const {
    while (true) {
      const Row* row = find_row(program_.table(table), outcome.packet, outcome.metadata);
      outcome.steps.push_back({.table = table, .row = row});
      if (row == nullptr || (row->meter && gate_ && !gate_(*row->meter))) return;
      mirror(*row, outcome);
      apply(*row, outcome);
      if (const auto* output = std::get_if<Output>(&row->next)) {
        if (output->port != in_port_) outcome.output = output->port;
        return;
      }
      outcome.to_controller = std::holds_alternative<ToController>(row->next);
      if (const auto* several = std::get_if<Fork>(&row->next)) return fork(*several, outcome);
      const auto* jump = std::get_if<Goto>(&row->next);
      if (jump == nullptr) return;
      FABRIX_ASSERT(jump->table > table);
      table = jump->table;
    }
  }

 private:
  void mirror(const Row& row, Outcome& outcome) const {
    for (const net::PortNo port : row.copies) {
      if (port != in_port_) outcome.copies.push_back({.port = port, .packet = outcome.packet});
    }
  }

  void fork(const Fork& several, Outcome& outcome) const {
    const net::Packet packet = outcome.packet;
    const std::uint64_t metadata = outcome.metadata;
    for (const Branch& branch : several.branches) {
      Outcome next;
      next.packet = packet;
      next.metadata = (metadata & ~branch.metadata.mask) | branch.metadata.bits;
      from(branch.table, next);
      join(outcome, std::move(next));
    }
  }

  // NOLINTEND(misc-no-recursion)

  static void join(Outcome& outcome, Outcome branch) {
    outcome.steps.insert(outcome.steps.end(), branch.steps.begin(), branch.steps.end());
    std::ranges::move(branch.copies, std::back_inserter(outcome.copies));
    if (!branch.output) return;
    if (outcome.output) {
      outcome.copies.push_back({.port = *branch.output, .packet = branch.packet});
      return;
    }
    outcome.output = branch.output;
    outcome.packet = branch.packet;
    outcome.metadata = branch.metadata;
  }

  const Program& program_;
  net::PortNo in_port_;
  const Gate& gate_;
};

}  // namespace

bool matches(const Match& match, const net::Packet& packet, std::uint64_t metadata) {
  if ((metadata & match.metadata.mask) != match.metadata.bits) return false;
  return std::ranges::all_of(match.fields, [&](const FieldMatch& test) {
    return (net::value_of(packet, test.field) & test.mask) == test.bits;
  });
}

Outcome evaluate(const Program& program, const net::Packet& packet, const Gate& gate) {
  Outcome outcome;
  outcome.packet = packet;
  Run(program, packet.in_port, gate).from(TableId::kAdmit, outcome);
  return outcome;
}

}  // namespace fabrix::program
