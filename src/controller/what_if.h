// What-if: the effect of a policy, or of a withdrawn route, before it happens.
//
// A second compiler makes the Program of the present and the one of what might be, over the same
// routes, and the verifier judges the latter; nothing of the exchange changes. Withdrawing is seen
// as members' lists of routes without that one: where the order of the others depends on it (MED
// among routes of one neighbouring AS, RFC 4271 9.1.2.2), the prediction may name the wrong one.
//
// As long as two compilations from nothing and a full audit: the control thread does nothing else
// meanwhile.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "base/result.h"
#include "controller/controller.h"
#include "net/prefix.h"
#include "program/program.h"
#include "verify/comparison.h"
#include "verify/validate.h"

namespace fabrix::controller {

struct WhatIf {
  struct Table {
    std::size_t rows = 0;  // afterwards
    std::size_t added = 0;
    std::size_t removed = 0;
    std::size_t modified = 0;
  };
  std::array<Table, program::kTableCount> tables;
  std::size_t rows_before = 0;
  std::size_t rows_after = 0;
  std::size_t max_rows = 0;
  std::size_t next_hops_before = 0;  // virtual ones
  std::size_t next_hops_after = 0;
  verify::Comparison packets;
  // Of the policy, of its compilation; and notes about who announces nothing now (P0317).
  std::vector<Diagnostic> problems;
  std::vector<verify::Violation> violations;  // for which it would be refused
};

// Fails with what is wrong with the text.
Result<WhatIf, std::vector<Diagnostic>> what_if_policy(const Controller& controller,
                                                       net::ParticipantId participant,
                                                       std::string_view text,
                                                       std::string_view file);

// Without the participant's routes for the prefix. None: it has none.
std::optional<WhatIf> what_if_withdrawn(const Controller& controller, const net::Prefix& prefix,
                                        net::ParticipantId announcer);

}  // namespace fabrix::controller
