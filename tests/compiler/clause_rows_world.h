// Clauses of one member's outbound policy, and the rows that are made of them.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "compiler/clause_rows.h"
#include "tests/compiler/world.h"

namespace fabrix::compiler {

class ClauseRowsWorld : public testing::Test {
 protected:
  static Scope scope() {
    return {.metadata = program::Metadata::sender(participant(0)),
            .tag = program::match_kind(program::TagKind::kInline),
            .kind = program::Origin::Kind::kOutboundClause,
            .participant = participant(0),
            .fall_through = {{}, {}, program::Goto{program::TableId::kResolve}}};
  }
  // Drops where `when` holds.
  static ClauseRows drop(const PredicatePtr& when, std::uint32_t index = 0) {
    return {.when = when.get(),
            .clause = index,
            .options = {{.tag = {}, .action = {{}, {}, program::Discard{}}}},
            .decisive = true};
  }
  std::optional<std::vector<program::Row>> rows(std::vector<ClauseRows> clauses) {
    return emit(std::move(clauses), scope(), store_, {world_.routes});
  }

  World world_{{1, 1}};
  diagram::Store store_{policy_field_widths()};
};

}  // namespace fabrix::compiler
