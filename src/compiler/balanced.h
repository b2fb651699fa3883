// Diagrams combined in pairs, then pairs of pairs: the same as one after the other where the join
// is associative, with small operands.
//
// Not thread-safe: as the Store.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "diagram/diagram.h"

namespace fabrix::compiler {

// `join` is of two leaves, the first of what stands first. No parts: diagram::kNone.
template <typename Join>
diagram::Diagram balanced(diagram::Store& store, std::vector<diagram::Diagram> parts,
                          const Join& join) {
  if (parts.empty()) return store.none();
  while (parts.size() > 1) {
    std::vector<diagram::Diagram> next;
    for (std::size_t i = 0; i + 1 < parts.size(); i += 2) {
      next.push_back(store.combine(parts[i], parts[i + 1], join));
    }
    if (parts.size() % 2 == 1) next.push_back(parts.back());
    parts = std::move(next);
  }
  return parts.front();
}

}  // namespace fabrix::compiler
