#include "compiler/codebook.h"

#include <algorithm>
#include <bit>
#include <iterator>
#include <optional>
#include <set>
#include <utility>

#include "base/assert.h"
#include "compiler/box.h"
#include "program/tag.h"

namespace fabrix::compiler {
namespace {

using policy::Target;
using program::kReachBits;

// A set of units as one code costs rows in each clause that it says something about.
constexpr std::size_t kMaxIndexedCodes = 1024;

unsigned width_for(std::size_t codes) {
  return static_cast<unsigned>(std::bit_width(codes));  // 0 is a value too
}

std::uint32_t bits_from(unsigned offset, unsigned width) {
  return static_cast<std::uint32_t>(((std::uint64_t{1} << width) - 1) << offset);
}

unsigned total_width(std::span<const CodedTarget> targets) {
  unsigned total = 0;
  for (const CodedTarget& target : targets) total += width_for(target.routers.size());
  return total;
}

bool knows(const std::vector<Target>& targets, const Target& target) {
  return std::ranges::binary_search(targets, target);
}

// Which targets occur together in a class.
class Conflicts {
 public:
  explicit Conflicts(std::span<const Units> present) {
    for (const Units& units : present) {
      for (const Unit& a : units) {
        for (const Unit& b : units) pairs_.emplace(a.target, b.target);
      }
    }
  }
  bool together(const Target& a, const std::vector<CodedTarget>& group) const {
    return std::ranges::any_of(group, [&](const CodedTarget& b) {
      return pairs_.contains({a, b.target});
    });
  }

 private:
  std::set<std::pair<Target, Target>> pairs_;
};

// Targets that share a field.
struct Group {
  std::vector<CodedTarget> members;
  std::size_t codes = 0;

  unsigned width() const { return width_for(codes); }
  unsigned width_with(const CodedTarget& more) const {
    return width_for(codes + more.routers.size());
  }
  void add(const CodedTarget& target) {
    members.push_back(target);
    codes += target.routers.size();
  }
};

// The group that grows least by taking `target` in; the first of those. None: all are in conflict.
std::optional<std::size_t> cheapest(const std::vector<Group>& groups, const CodedTarget& target,
                                    const Conflicts& conflicts) {
  std::optional<std::size_t> best;
  unsigned best_growth = 0;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    if (conflicts.together(target.target, groups[i].members)) continue;
    const unsigned growth = groups[i].width_with(target) - groups[i].width();
    if (!best || growth < best_growth) {
      best = i;
      best_growth = growth;
    }
  }
  return best;
}

}  // namespace

Codebook::Codebook(std::span<const CodedTarget> targets, std::span<const Units> present) {
  FABRIX_ASSERT(std::ranges::is_sorted(targets, {}, &CodedTarget::target));
  if (fits_without_sharing(targets)) {
    if (place_at_home(targets)) return;
    fields_.clear();
    for (const CodedTarget& target : targets) fields_.push_back(field_of({&target, 1}));
    place_in_order();
    return;
  }
  colour(targets, present);
  if (dropped_.empty() || !index(targets, present)) return;
  dropped_.clear();
}

bool Codebook::fits_without_sharing(std::span<const CodedTarget> targets) {
  return total_width(targets) <= kReachBits;
}

Codebook::CodeField Codebook::field_of(std::span<const CodedTarget> targets) {
  CodeField field;
  for (const CodedTarget& target : targets) {
    field.targets.push_back(target.target);
    for (const net::RouterId router : target.routers) {
      field.codes.push_back({Unit{.target = target.target, .router = router}});
    }
  }
  std::ranges::sort(field.targets);
  std::ranges::sort(field.codes);
  field.width = width_for(field.codes.size());
  return field;
}

// First fit from each target's home, around the end. False if fragments leave no room for one.
bool Codebook::place_at_home(std::span<const CodedTarget> targets) {
  std::uint32_t taken = 0;
  for (const CodedTarget& target : targets) {
    CodeField field = field_of({&target, 1});
    bool placed = false;
    for (unsigned step = 0; step < kReachBits && !placed; ++step) {
      field.offset = (target.home + step) % kReachBits;
      placed = field.offset + field.width <= kReachBits &&
               (taken & bits_from(field.offset, field.width)) == 0;
    }
    if (!placed) return false;
    taken |= bits_from(field.offset, field.width);
    fields_.push_back(std::move(field));
  }
  return true;
}

void Codebook::place_in_order() {
  unsigned offset = 0;
  for (CodeField& field : fields_) {
    field.offset = offset;
    offset += field.width;
  }
  FABRIX_ASSERT(offset <= kReachBits);
}

void Codebook::colour(std::span<const CodedTarget> targets, std::span<const Units> present) {
  const Conflicts conflicts(present);
  std::vector<Group> groups;
  unsigned used = 0;
  for (const CodedTarget& target : targets) {
    const unsigned alone = width_for(target.routers.size());
    const auto shared = cheapest(groups, target, conflicts);
    const unsigned growth =
        shared ? groups[*shared].width_with(target) - groups[*shared].width() : alone;
    if (used + std::min(growth, alone) > kReachBits) {
      dropped_.push_back(target.target);
      continue;
    }
    if (!shared || alone < growth) {
      groups.emplace_back().add(target);
    } else {
      groups[*shared].add(target);
    }
    used += std::min(growth, alone);
  }
  for (const Group& group : groups) fields_.push_back(field_of(group.members));
  place_in_order();
}

// False if there are too many sets.
bool Codebook::index(std::span<const CodedTarget> targets, std::span<const Units> present) {
  CodeField field;
  for (const CodedTarget& target : targets) field.targets.push_back(target.target);
  field.codes.assign(present.begin(), present.end());
  std::erase(field.codes, Units{});
  std::ranges::sort(field.codes);
  field.codes.erase(std::unique(field.codes.begin(), field.codes.end()), field.codes.end());
  if (field.codes.size() > kMaxIndexedCodes) return false;
  field.width = width_for(field.codes.size());
  fields_ = {std::move(field)};
  return true;
}

std::uint32_t Codebook::encode(const Units& units) const {
  std::uint32_t reach = 0;
  for (const CodeField& field : fields_) {
    Units said;
    std::ranges::copy_if(units, std::back_inserter(said),
                         [&field](const Unit& unit) { return knows(field.targets, unit.target); });
    if (said.empty()) continue;
    const auto code = std::ranges::lower_bound(field.codes, said);
    FABRIX_ASSERT(code != field.codes.end() && *code == said);
    const auto value = static_cast<std::uint32_t>(code - field.codes.begin() + 1);
    reach |= value << field.offset;
  }
  return reach;
}

std::vector<ReachTest> Codebook::tests(const Unit& unit) const {
  std::vector<ReachTest> tests;
  const auto field = std::ranges::find_if(
      fields_, [&unit](const CodeField& each) { return knows(each.targets, unit.target); });
  if (field == fields_.end()) return tests;
  const auto says = [&](std::size_t value) {
    return value != 0 && std::ranges::binary_search(field->codes[value - 1], unit);
  };
  for (std::size_t low = 1; low <= field->codes.size(); ++low) {
    if (!says(low)) continue;
    std::size_t high = low;
    while (high < field->codes.size() && says(high + 1)) ++high;
    for (const Ternary& code : cover({low, high}, field->width)) {
      tests.push_back({.bits = static_cast<std::uint32_t>(code.bits) << field->offset,
                       .mask = static_cast<std::uint32_t>(code.mask) << field->offset});
    }
    low = high;
  }
  return tests;
}

}  // namespace fabrix::compiler
