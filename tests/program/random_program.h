// Random Programs for properties: well formed (rows canonical, identities unique), not sensible.
#pragma once

#include <algorithm>
#include <cstdint>
#include <random>
#include <vector>

#include "program/delta.h"
#include "program/program.h"

namespace fabrix::program {

class RandomProgram {
 public:
  explicit RandomProgram(std::uint32_t seed) : engine_(seed) {}

  Program program() {
    Program result;
    for (std::size_t table = 0; table < kTableCount; ++table) {
      const std::uint64_t rows = below(12);
      for (std::uint64_t i = 0; i < rows; ++i) result.tables.at(table).edit().push_back(row(table));
    }
    unique(result);
    return result;
  }

  // `program` with some rows changed, removed and added.
  Program edit(const Program& program) {
    Program result = program;
    for (std::size_t table = 0; table < kTableCount; ++table) {
      auto& rows = result.tables.at(table).edit();
      for (auto& row : rows) {
        if (below(4) == 0) row.next = next(table);
      }
      if (!rows.empty() && below(2) == 0) rows.erase(rows.begin());
      if (below(2) == 0) rows.push_back(row(table));
    }
    unique(result);
    return result;
  }

  std::uint64_t below(std::uint64_t bound) {
    return std::uniform_int_distribution<std::uint64_t>(0, bound - 1)(engine_);
  }

 private:
  Row row(std::size_t table) {
    Row result;
    result.priority = static_cast<std::uint16_t>(below(4));
    if (below(2) == 0) result.match.exact(net::Field::kDstPort, below(3));
    if (below(2) == 0) result.match.ternary(net::Field::kDstMac, below(2) << 8U, 0x300);
    if (below(2) == 0) result.match.metadata = Metadata::sender(participant());
    if (below(2) == 0) result.set_fields.push_back({.field = net::Field::kDscp, .value = below(4)});
    if (below(2) == 0) result.write_metadata = Metadata::egress(participant());
    result.next = next(table);
    result.origin = {.kind = Origin::Kind::kOutboundClause,
                     .participant = participant(),
                     .clause = static_cast<std::uint32_t>(below(3))};
    return result;
  }

  Next next(std::size_t table) {
    const std::uint64_t kind = below(4);
    if (kind == 0) return Output{net::PortNo{static_cast<std::uint32_t>(below(5))}};
    if (kind == 1) return ToController{};
    if (kind == 2 || table + 1 == kTableCount) return Discard{};
    return Goto{static_cast<TableId>(table + 1 + below(kTableCount - table - 1))};
  }

  net::ParticipantId participant() {
    return net::ParticipantId{static_cast<std::uint16_t>(below(3))};
  }

  static void unique(Program& program) {
    program.canonicalize();
    for (auto& table : program.tables) {
      auto& rows = table.edit();
      const auto same = [](const Row& a, const Row& b) {
        return a.priority == b.priority && a.match == b.match;
      };
      rows.erase(std::unique(rows.begin(), rows.end(), same), rows.end());
    }
  }

  std::mt19937 engine_;
};

}  // namespace fabrix::program
