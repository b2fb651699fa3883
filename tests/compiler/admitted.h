// The rows of an exchange's admit table in one piece.
#pragma once

#include <iterator>
#include <vector>

#include "compiler/admit.h"

namespace fabrix::compiler {

// `passages` by participant; those beyond have none.
inline std::vector<program::Row> all_admit_rows(const exchange::Exchange& exchange,
                                                std::vector<Passage> passages = {}) {
  passages.resize(exchange.participants.size());
  std::vector<program::Row> all = site_admit_rows(exchange);
  for (const exchange::Participant& each : exchange.participants) {
    std::vector<program::Row> rows = admit_rows(exchange, each.id, passages[each.id.index()]);
    std::move(rows.begin(), rows.end(), std::back_inserter(all));
  }
  return all;
}

}  // namespace fabrix::compiler
