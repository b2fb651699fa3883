#include "diagram/row_sharing.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <optional>
#include <utility>

namespace fabrix::diagram {
namespace {

constexpr std::size_t kRowWindow = 256;

// Whether every point that `special` matches is one that `general` matches.
bool contains(const std::vector<TernaryTest>& general, const std::vector<TernaryTest>& special) {
  auto at = special.begin();
  return std::ranges::all_of(general, [&](const TernaryTest& wanted) {
    while (at != special.end() && at->field < wanted.field) ++at;
    return at != special.end() && at->field == wanted.field && (wanted.mask & ~at->mask) == 0 &&
           (at->bits & wanted.mask) == wanted.bits;
  });
}

// The tests that hold where both hold; none if nowhere.
std::optional<std::vector<TernaryTest>> intersection(const std::vector<TernaryTest>& a,
                                                     const std::vector<TernaryTest>& b) {
  std::vector<TernaryTest> both;
  both.reserve(a.size() + b.size());
  std::ranges::merge(a, b, std::back_inserter(both), {}, &TernaryTest::field, &TernaryTest::field);
  std::size_t kept = 0;
  for (const TernaryTest& test : both) {
    if (kept == 0 || both[kept - 1].field != test.field) {
      both[kept++] = test;
      continue;
    }
    TernaryTest& before = both[kept - 1];
    if (((before.bits ^ test.bits) & before.mask & test.mask) != 0) return std::nullopt;
    before.bits |= test.bits;
    before.mask |= test.mask;
  }
  both.resize(kept);
  return both;
}

// Whether rows[from] may stand before rows[to], to < from, all else staying in order.
//
// A row between that would lose points to it must not have had them: an earlier row has, either one
// that still comes first, or one with the same leaf.
bool may_move(const std::vector<Row>& rows, std::size_t from, std::size_t to) {
  const std::size_t start = to > kRowWindow ? to - kRowWindow : 0;
  for (std::size_t k = to; k < from; ++k) {
    if (rows[k].leaf == rows[from].leaf) continue;
    const auto lost = intersection(rows[k].tests, rows[from].tests);
    if (!lost) continue;
    bool had = false;
    for (std::size_t m = start; m < k && !had; ++m) {
      had = (m < to || rows[m].leaf == rows[from].leaf) && contains(rows[m].tests, *lost);
    }
    if (!had) return false;
  }
  return true;
}

// Moves the last of `rows` up, if that makes rows superfluous; removes them.
void settle_last(std::vector<Row>& rows) {
  const std::size_t from = rows.size() - 1;
  const Row general = rows[from];
  const auto is_special = [&general](const Row& row) {
    return row.leaf == general.leaf && contains(general.tests, row.tests);
  };
  for (std::size_t to = from > kRowWindow ? from - kRowWindow : 0; to < from; ++to) {
    if (!is_special(rows[to]) || !may_move(rows, from, to)) continue;
    const auto first = rows.begin() + static_cast<std::ptrdiff_t>(to);
    rows.erase(std::remove_if(first, rows.end(), is_special), rows.end());
    rows.insert(rows.begin() + static_cast<std::ptrdiff_t>(to), general);
    return;
  }
}

}  // namespace

void share_rows(std::vector<Row>& rows) {
  std::vector<Row> settled;
  settled.reserve(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    settled.push_back(std::move(rows[i]));
    if (i + 1 < rows.size()) settle_last(settled);
  }
  rows = std::move(settled);
}

}  // namespace fabrix::diagram
