#include "fabric/linux_gathering.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <set>
#include <utility>

#include <boost/unordered/unordered_flat_set.hpp>

#include "fabric/linux_forms.h"

namespace fabrix::fabric {
namespace {

using Tests = std::vector<LinuxTest>;

// Steps of looking at one row, or for one, among those of a group.
constexpr std::uint64_t kLook = 8;

struct FieldMask {
  LinuxField field = 0;
  std::uint64_t mask = 0;
  friend auto operator<=>(const FieldMask&, const FieldMask&) = default;
};
using Masks = std::vector<FieldMask>;  // by field

Masks masks_of(const Tests& tests) {
  Masks masks;
  for (const LinuxTest& test : tests) masks.push_back({test.field, test.mask});
  return masks;
}

// The bits that both test.
Masks common(const Masks& a, const Masks& b) {
  Masks both;
  for (const FieldMask& each : a) {
    const auto found = std::ranges::find(b, each.field, &FieldMask::field);
    if (found == b.end() || (found->mask & each.mask) == 0) continue;
    both.push_back({each.field, found->mask & each.mask});
  }
  return both;
}

std::uint64_t mixed(std::uint64_t value) {
  value = (value ^ (value >> 30U)) * 0xbf58476d1ce4e5b9U;
  value = (value ^ (value >> 27U)) * 0x94d049bb133111ebU;
  return value ^ (value >> 31U);
}

// Of the values under these masks.
std::uint64_t hash_of(const Tests& tests, const Masks& masks) {
  std::uint64_t hash = 0;
  auto test = tests.begin();
  for (const FieldMask& each : masks) {
    while (test->field != each.field) ++test;
    hash = mixed(hash + mixed((test->bits & each.mask) + each.field));
  }
  return hash;
}

// Rows of one kind, with the same masks.
class Group {
 public:
  Group(LinuxKind kind, Masks masks) : kind_(kind), masks_(std::move(masks)) {}

  bool is_of(LinuxKind kind, const Masks& masks) const { return kind_ == kind && masks_ == masks; }
  bool has(const Tests& tests) const { return matches_.contains(tests); }

  // Whether some row may overlap one of these tests.
  bool overlaps(const Tests& tests, const Masks& masks, Budget& budget) {
    const auto [found, is_new] = views_.try_emplace(masks);
    View& view = found->second;
    if (is_new) {
      view.common = common(masks_, masks);
      budget.spend(kLook * matches_.size());
      for (const Tests& each : matches_) view.seen.insert(hash_of(each, view.common));
    }
    return view.seen.contains(hash_of(tests, view.common));
  }

  void add(const program::Row* row, const Tests& tests, Budget& budget) {
    budget.spend(kLook * views_.size());
    rows_.push_back(row);
    matches_.insert(tests);
    for (auto& [masks, view] : views_) view.seen.insert(hash_of(tests, view.common));
  }

  std::vector<const program::Row*> take() { return std::move(rows_); }

 private:
  // As rows with other masks see it.
  struct View {
    Masks common;
    boost::unordered_flat_set<std::uint64_t> seen;
  };

  LinuxKind kind_;
  Masks masks_;
  std::vector<const program::Row*> rows_;
  std::set<Tests> matches_;
  std::map<Masks, View> views_;
};

class Gathering {
 public:
  explicit Gathering(Budget& budget) : budget_(budget) {}

  void add(const LinuxCandidate& one) {
    const Tests tests = tests_of(one.row->match);
    const Masks masks = masks_of(tests);
    const std::size_t last = groups_.size() - std::min(groups_.size(), kMostBetween);
    for (std::size_t i = groups_.size(); i-- > last;) {
      Group& group = groups_[i];
      budget_.spend(kLook);
      if (group.is_of(one.kind, masks)) {
        // The one before it takes all its packets.
        if (!group.has(tests)) group.add(one.row, tests, budget_);
        return;
      }
      if (group.overlaps(tests, masks, budget_)) break;
    }
    groups_.emplace_back(one.kind, masks);
    groups_.back().add(one.row, tests, budget_);
  }

  std::vector<std::vector<const program::Row*>> take() {
    std::vector<std::vector<const program::Row*>> all;
    for (Group& group : groups_) all.push_back(group.take());
    return all;
  }

 private:
  Budget& budget_;
  std::vector<Group> groups_;
};

}  // namespace

std::vector<std::vector<const program::Row*>> gather(std::span<const LinuxCandidate> rows,
                                                     Budget& budget) {
  Gathering gathering(budget);
  for (const LinuxCandidate& each : rows) {
    if (budget.is_spent()) break;
    gathering.add(each);
  }
  return gathering.take();
}

}  // namespace fabrix::fabric
