// SymbolicProgram: what the tables of a Program do, for all packets at once: their rows read back,
// in priority order, into diagrams.
//
// The rows are read as program::evaluate() reads them; of rows of equal priority that overlap the
// first in the Program counts (that they do not differ is checked elsewhere, I6). Neither the
// Program nor the space or the effects are owned; they must outlive this. Not thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "diagram/diagram.h"
#include "net/field.h"
#include "program/program.h"
#include "verify/effect.h"
#include "verify/packet_space.h"

namespace fabrix::verify {

// Rows of a Program by what most of them test exactly, so that a question looks only at rows that
// may matter: the ingress port in the admit table, the sender in the outbound table and the one
// before it, the egress participant in the inbound table and the one before it, the egress router in the transit table.
class RowIndex {
 public:
  explicit RowIndex(const program::Program& program);

  // Rows of the table that may match such a packet, highest priority first.
  std::vector<const program::Row*> rows(program::TableId id, std::uint64_t metadata,
                                        std::optional<std::uint64_t> in_port) const;

 private:
  struct Table {
    std::vector<const program::Row*> by_priority;
    std::map<std::uint64_t, std::vector<std::uint32_t>> keyed;  // positions in by_priority
    std::vector<std::uint32_t> others;
  };

  std::array<Table, program::kTableCount> tables_;
};

// Bits of a field that are known.
struct Known {
  net::Field field = net::Field::kInPort;
  std::uint64_t bits = 0;
  std::uint64_t mask = 0;
};

class SymbolicProgram {
 public:
  SymbolicProgram(const RowIndex& index, PacketSpace& space, Effects& effects)
      : index_(index), space_(space), effects_(effects) {}

  struct Start {
    program::TableId table = program::TableId::kAdmit;
    std::uint64_t metadata = 0;
    std::vector<Known> known;
  };

  // From packets to leaves of Effects: what the tables from start.table on, before `stop`, do.
  // Fields known in full are not tested; for packets that contradict what is known the answer means
  // nothing. None: a row's test cannot be expressed (diagram::Store::ternary).
  std::optional<diagram::Diagram> run(const Start& start, program::TableId stop);

 private:
  std::optional<diagram::Diagram> read_table(const Start& start);
  std::optional<diagram::Diagram> go_on(const Start& start, const Effect& effect,
                                        program::TableId stop);

  const RowIndex& index_;
  PacketSpace& space_;
  Effects& effects_;
};

std::vector<Known> known(const Fixed& fixed);

}  // namespace fabrix::verify
