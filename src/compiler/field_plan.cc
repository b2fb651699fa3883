#include "compiler/field_plan.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <map>
#include <numeric>
#include <optional>
#include <set>
#include <utility>

namespace fabrix::compiler {
namespace {

constexpr unsigned kSpareForSetsToCome = 3;

unsigned width_for(std::size_t codes) {
  return static_cast<unsigned>(std::bit_width(codes));  // 0 is a value too
}

// How many present sets have both targets, by their numbers.
class Conflicts {
 public:
  Conflicts(std::span<const CodedTarget> targets, std::span<const Units> present)
      : count_(targets.size()), weights_(count_ * count_) {
    std::vector<std::size_t> members;
    for (const Units& units : present) {
      members.clear();
      for (const Unit& unit : units) {
        const auto at = std::ranges::lower_bound(targets, unit.target, {}, &CodedTarget::target);
        members.push_back(static_cast<std::size_t>(at - targets.begin()));
      }
      for (const std::size_t a : members) {
        for (const std::size_t b : members) weights_[a * count_ + b] += a == b ? 0 : 1;
      }
    }
  }

  std::uint32_t weight(std::size_t a, std::size_t b) const { return weights_[a * count_ + b]; }
  std::uint32_t heaviest() const {
    return weights_.empty() ? 0 : *std::ranges::max_element(weights_);
  }
  // With how many others it is in conflict, if those of at most `passed` sets do not count.
  std::size_t degree(std::size_t target, std::uint32_t passed) const {
    const auto row = weights_.begin() + static_cast<std::ptrdiff_t>(target * count_);
    return static_cast<std::size_t>(
        std::count_if(row, row + static_cast<std::ptrdiff_t>(count_),
                      [passed](std::uint32_t weight) { return weight > passed; }));
  }

 private:
  std::size_t count_;
  std::vector<std::uint32_t> weights_;
};

// Targets that share a field, by their numbers.
struct Group {
  std::vector<std::size_t> members;
  std::size_t codes = 0;

  unsigned growth(std::size_t more) const { return width_for(codes + more) - width_for(codes); }
};

// The groups for one choice of conflicts that are passed over.
class Colouring {
 public:
  Colouring(std::span<const CodedTarget> targets, const Conflicts& conflicts, std::uint32_t passed)
      : targets_(targets), conflicts_(conflicts), passed_(passed) {}

  // A target that `width` bits have no room for is left out.
  void run(unsigned width) {
    for (const std::size_t target : by_degree()) place(target, width);
  }

  const std::vector<Group>& groups() const { return groups_; }
  const std::vector<std::size_t>& left_out() const { return left_out_; }

 private:
  std::vector<std::size_t> by_degree() const {
    std::vector<std::pair<std::size_t, std::size_t>> order;
    for (std::size_t i = 0; i < targets_.size(); ++i) {
      order.emplace_back(targets_.size() - conflicts_.degree(i, passed_), i);
    }
    std::ranges::sort(order);
    std::vector<std::size_t> result;
    result.reserve(order.size());
    for (const auto& [rank, target] : order) result.push_back(target);
    return result;
  }

  void place(std::size_t target, unsigned width) {
    const std::size_t codes = targets_[target].routers.size();
    const unsigned alone = width_for(codes);
    const auto shared = cheapest(target, codes);
    const unsigned growth = shared ? groups_[*shared].growth(codes) : alone;
    if (used_ + std::min(growth, alone) > width) {
      left_out_.push_back(target);
      return;
    }
    Group& group = !shared || alone < growth ? groups_.emplace_back() : groups_[*shared];
    group.members.push_back(target);
    group.codes += codes;
    used_ += std::min(growth, alone);
  }

  // The group that grows least by taking the target in; the first of those.
  std::optional<std::size_t> cheapest(std::size_t target, std::size_t codes) const {
    std::optional<std::size_t> best;
    for (std::size_t i = 0; i < groups_.size(); ++i) {
      const bool conflict = std::ranges::any_of(groups_[i].members, [&](std::size_t member) {
        return conflicts_.weight(target, member) > passed_;
      });
      if (conflict) continue;
      if (!best || groups_[i].growth(codes) < groups_[*best].growth(codes)) best = i;
    }
    return best;
  }

  std::span<const CodedTarget> targets_;
  const Conflicts& conflicts_;
  std::uint32_t passed_;
  std::vector<Group> groups_;
  std::vector<std::size_t> left_out_;
  unsigned used_ = 0;
};

// A field under construction, with what present sets would like it to say.
struct Draft {
  PlannedField field;
  std::vector<std::pair<std::size_t, Units>> wishes;  // how many sets, negated; most first

  std::size_t room() const { return (std::size_t{1} << field.width) - 1 - field.codes.size(); }
};

bool has(const PlannedField& field, const policy::Target& target) {
  return std::ranges::binary_search(field.targets, target, {}, &CodedTarget::target);
}

Units part_of(const PlannedField& field, const Units& units) {
  Units part;
  std::ranges::copy_if(units, std::back_inserter(part),
                       [&field](const Unit& unit) { return has(field, unit.target); });
  return part;
}

Draft draft_of(const Group& group, std::span<const CodedTarget> targets,
               std::span<const Units> present) {
  Draft draft;
  PlannedField& field = draft.field;
  for (const std::size_t member : group.members) field.targets.push_back(targets[member]);
  std::ranges::sort(field.targets, {}, &CodedTarget::target);
  for (const CodedTarget& target : field.targets) {
    for (const net::RouterId router : target.routers) {
      field.codes.push_back({Unit{.target = target.target, .router = router}});
    }
  }
  field.width = width_for(field.codes.size());
  if (field.targets.size() == 1) return draft;
  std::map<Units, std::size_t> wished;
  for (const Units& units : present) {
    Units part = part_of(field, units);
    if (part.size() > 1) ++wished[std::move(part)];
  }
  for (const auto& [part, sets] : wished) draft.wishes.emplace_back(~sets, part);
  std::ranges::sort(draft.wishes);
  return draft;
}

// Aliases for the most frequent wishes, while there are codes.
void grant(Draft& draft) {
  const std::size_t granted = std::min(draft.room(), draft.wishes.size());
  const auto end = draft.wishes.begin() + static_cast<std::ptrdiff_t>(granted);
  for (auto wish = draft.wishes.begin(); wish != end; ++wish) {
    draft.field.codes.push_back(wish->second);
  }
  draft.wishes.erase(draft.wishes.begin(), end);
}

class Planner {
 public:
  Planner(std::span<const CodedTarget> targets, std::span<const Units> present, unsigned width)
      : targets_(targets), present_(present), width_(width), conflicts_(targets, present) {}

  FieldPlan run() {
    for (const unsigned spare : {kSpareForSetsToCome, 0U}) {
      const std::uint32_t heaviest = conflicts_.heaviest();
      for (std::uint32_t passed = 0;; passed = std::min(passed * 2 + 1, heaviest)) {
        if (auto plan = with_overflow(passed, spare)) return *std::move(plan);
        if (passed >= heaviest) break;
      }
    }
    return without_overflow();
  }

 private:
  std::optional<FieldPlan> with_overflow(std::uint32_t passed, unsigned spare) const {
    Colouring colouring(targets_, conflicts_, passed);
    colouring.run(width_);
    if (!colouring.left_out().empty()) return std::nullopt;
    FieldPlan plan = drafted(colouring, present_);
    const std::size_t used = used_bits(plan);
    std::size_t overflow_units = 0;
    for (const Units& units : plan.overflow) overflow_units += units.size();
    const unsigned needed = width_for(plan.overflow.size()) + spare;
    if (used + needed > width_ || overflow_units > kMaxOverflowUnits) return std::nullopt;
    constexpr unsigned kMostOverflowBits = 13;  // as many codes as units
    plan.overflow_width = std::min(width_ - static_cast<unsigned>(used), kMostOverflowBits);
    return plan;
  }

  // Some targets are left out, so that the others can be told whatever occurs together.
  FieldPlan without_overflow() const {
    Colouring colouring(targets_, conflicts_, 0);
    colouring.run(width_);
    std::vector<policy::Target> dropped;
    for (const std::size_t each : colouring.left_out()) dropped.push_back(targets_[each].target);
    std::ranges::sort(dropped);
    FieldPlan plan = drafted(colouring, {});
    plan.dropped = std::move(dropped);
    return plan;
  }

  static std::size_t used_bits(const FieldPlan& plan) {
    std::size_t used = 0;
    for (const PlannedField& field : plan.fields) used += field.width;
    return used;
  }

  FieldPlan drafted(const Colouring& colouring, std::span<const Units> present) const {
    FieldPlan plan;
    std::set<Units> overflow;
    for (const Group& group : colouring.groups()) {
      Draft draft = draft_of(group, targets_, present);
      grant(draft);
      if (!draft.wishes.empty()) add_overflow(draft, present, overflow);
      plan.fields.push_back(std::move(draft.field));
    }
    plan.overflow.assign(overflow.begin(), overflow.end());
    return plan;
  }

  // The sets for which the field lacks a code.
  static void add_overflow(const Draft& draft, std::span<const Units> present,
                           std::set<Units>& overflow) {
    std::set<Units> refused;
    for (const auto& [sets, part] : draft.wishes) refused.insert(part);
    for (const Units& units : present) {
      if (refused.contains(part_of(draft.field, units))) overflow.insert(units);
    }
  }

  std::span<const CodedTarget> targets_;
  std::span<const Units> present_;
  unsigned width_;
  Conflicts conflicts_;
};

}  // namespace

FieldPlan plan_fields(std::span<const CodedTarget> targets, std::span<const Units> present,
                      unsigned width) {
  return Planner(targets, present, width).run();
}

}  // namespace fabrix::compiler
