#include "diagram/row_sharing.h"

#include <algorithm>
#include <bit>
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

// How many bits the tests fix. A row contains another only if it fixes fewer, or if both are the
// same.
int fixed_bits(const std::vector<TernaryTest>& tests) {
  int bits = 0;
  for (const TernaryTest& test : tests) bits += std::popcount(test.mask);
  return bits;
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
bool may_move(const std::vector<Row>& rows, std::size_t from, std::size_t to, Budget* budget) {
  const std::size_t start = to > kRowWindow ? to - kRowWindow : 0;
  if (budget != nullptr && !budget->spend(from - to)) return false;
  for (std::size_t k = to; k < from; ++k) {
    if (rows[k].leaf == rows[from].leaf) continue;
    const auto lost = intersection(rows[k].tests, rows[from].tests);
    if (!lost) continue;
    if (budget != nullptr && !budget->spend(k - start)) return false;
    bool had = false;
    for (std::size_t m = start; m < k && !had; ++m) {
      had = (m < to || rows[m].leaf == rows[from].leaf) && contains(rows[m].tests, *lost);
    }
    if (!had) return false;
  }
  return true;
}

// Rows in their new order, and how many bits each fixes: most are no special ones by that alone.
class Settled {
 public:
  Settled(std::size_t size, Budget* budget) : budget_(budget) {
    rows_.reserve(size);
    bits_.reserve(size);
  }

  void add(Row row) {
    bits_.push_back(fixed_bits(row.tests));
    rows_.push_back(std::move(row));
  }

  // Moves the last row up, if that makes rows superfluous; removes them.
  void settle_last() {
    const std::size_t from = rows_.size() - 1;
    const int own = bits_.back();
    for (std::size_t to = from > kRowWindow ? from - kRowWindow : 0; to < from; ++to) {
      if (bits_[to] <= own) continue;
      if (!is_special(to) || !may_move(rows_, from, to, budget_)) continue;
      return move_last(to);
    }
  }

  std::vector<Row> take() { return std::move(rows_); }

 private:
  // Whether the last row does the work of this one.
  bool is_special(std::size_t at) const {
    return bits_[at] > bits_.back() && rows_[at].leaf == rows_.back().leaf &&
           contains(rows_.back().tests, rows_[at].tests);
  }

  void move_last(std::size_t to) {
    std::size_t kept = to;
    for (std::size_t at = to; at + 1 < rows_.size(); ++at) {
      if (is_special(at)) continue;
      if (kept != at) {
        rows_[kept] = std::move(rows_[at]);
        bits_[kept] = bits_[at];
      }
      ++kept;
    }
    rows_[kept] = std::move(rows_.back());
    bits_[kept] = bits_.back();
    rows_.resize(kept + 1);
    bits_.resize(kept + 1);
    const auto first = static_cast<std::ptrdiff_t>(to);
    std::rotate(rows_.begin() + first, rows_.end() - 1, rows_.end());
    std::rotate(bits_.begin() + first, bits_.end() - 1, bits_.end());
  }

  std::vector<Row> rows_;
  std::vector<int> bits_;
  Budget* budget_;
};

}  // namespace

void share_rows(std::vector<Row>& rows, Budget* budget) {
  Settled settled(rows.size(), budget);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    settled.add(std::move(rows[i]));
    if (i + 1 < rows.size()) settled.settle_last();
  }
  rows = settled.take();
}

}  // namespace fabrix::diagram
