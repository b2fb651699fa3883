#include "base/suggest.h"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace fabrix {
namespace {

constexpr std::size_t kMaxDistance = 2;

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool same(char a, char b) {
  return lower(a) == lower(b);
}

// Optimal string alignment: Levenshtein's distance, two neighbours swapped being one edit.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1);
  std::vector<std::size_t> above(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    before.swap(above);
    above.swap(row);
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = above[j - 1] + (same(a[i - 1], b[j - 1]) ? 0 : 1);
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, replaced});
      const bool swapped = i > 1 && j > 1 && same(a[i - 1], b[j - 2]) && same(a[i - 2], b[j - 1]);
      if (swapped) row[j] = std::min(row[j], before[j - 2] + 1);
    }
  }
  return row[b.size()];
}

bool lengths_are_close(std::size_t a, std::size_t b) {
  return std::max(a, b) - std::min(a, b) <= kMaxDistance;
}

}  // namespace

std::optional<std::string> nearest(std::string_view name, std::span<const std::string> known) {
  const std::size_t limit = std::min(kMaxDistance + 1, (name.size() + 1) / 2);
  std::size_t best = limit;
  std::optional<std::string> found;
  for (const std::string& candidate : known) {
    if (!lengths_are_close(name.size(), candidate.size())) continue;
    const std::size_t edits = distance(name, candidate);
    if (edits >= best) continue;
    best = edits;
    found = candidate;
  }
  return found;
}

}  // namespace fabrix
