// SymbolicProgram: what the tables of a Program do, for all packets at once: their rows read back,
// in priority order, into diagrams.
//
// The rows are read as program::evaluate() reads them; of rows of equal priority that overlap the
// first in the Program counts (that they do not differ is checked elsewhere, I6). Neither the
// Program nor the space or the effects are owned; they must outlive this. Not thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "diagram/diagram.h"
#include "net/field.h"
#include "program/program.h"
#include "verify/effect.h"
#include "verify/packet_space.h"
#include "verify/row_index.h"

namespace fabrix::verify {

// Bits of a field that are known.
struct Known {
  net::Field field = net::Field::kInPort;
  std::uint64_t bits = 0;
  std::uint64_t mask = 0;
};

// How the destination MAC is told: as an address, or as an inline tag, by the fields of tags.
enum class Destination : std::uint8_t { kAddress, kTag };

class SymbolicProgram {
 public:
  SymbolicProgram(const RowIndex& index, PacketSpace& space, Effects& effects)
      : index_(index), space_(space), effects_(effects) {}

  struct Start {
    program::TableId table = program::TableId::kAdmit;
    std::uint64_t metadata = 0;
    std::vector<Known> known;
    Destination destination = Destination::kAddress;
  };

  // From packets to leaves of Effects: what the tables from start.table on, before `stop`, do.
  // Fields known in full are not tested; for packets that contradict what is known the answer means
  // nothing. None: a row's test cannot be expressed (diagram::Store::ternary), or
  // a Fork leads to a table before `stop`.
  std::optional<diagram::Diagram> run(const Start& start, program::TableId stop);

  // The same of one table that has these rows, highest priority first.
  std::optional<diagram::Diagram> read(const std::vector<const program::Row*>& rows,
                                       const Start& start);

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
