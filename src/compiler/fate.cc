#include "compiler/fate.h"

#include <algorithm>
#include <set>
#include <utility>
#include <variant>

#include "compiler/balanced.h"
#include "compiler/judge.h"
#include "policy/describe.h"
#include "policy/simplify.h"

namespace fabrix::compiler {
namespace {

using diagram::Diagram;
using diagram::Leaf;
using policy::Clause;
using policy::ClauseList;
using policy::Direction;

constexpr std::string_view kAsBgpSays = "as BGP says";

bool may_be_unreachable(const Clause& clause) {
  return !std::holds_alternative<policy::Drop>(clause.verdict) &&
         !std::holds_alternative<policy::UseDefault>(clause.verdict);
}

bool writes_destination(const Clause& clause) {
  return std::ranges::any_of(clause.writes, [](const policy::Write& write) {
    using enum net::Field;
    return write.field == kDstIp4 || write.field == kDstIp6High || write.field == kDstIp6Low;
  });
}

std::string in_words(const Fates& fates, const Fate& fate, const policy::SymbolTable& symbols) {
  std::string text;
  bool ends = false;
  for (const std::uint32_t each : fate) {
    const std::string next = deed(fates.clause(each), symbols);
    ends = fates.always_applies(each);
    text += (text.empty() ? "" : ", else ") + next;
  }
  if (ends) return text;
  return text + (text.empty() ? "" : ", else ") + std::string(kAsBgpSays);
}

// The changes while they are found: by what happened before and after.
class Comparison {
 public:
  Comparison(PacketSpace& space, const Fates& before, const Fates& after, Direction direction,
             const policy::SymbolTable& symbols)
      : space_(space), before_(before), after_(after), direction_(direction), symbols_(symbols) {}

  std::vector<Change> run() {
    diagram::Store& store = space_.store();
    const Diagram pairs = store.combine(before_.diagram(), after_.diagram(),
                                        [this](Leaf a, Leaf b) { return number_of(a, b); });
    const Diagram differing = store.restrict(space_.all(direction_), pairs);
    std::map<std::pair<std::string, std::string>, std::set<Leaf>> groups;
    for (const Leaf leaf : store.leaves(differing)) {
      if (leaf == diagram::kNone) continue;
      const auto [a, b] = pairs_[leaf - 1];
      groups[{words(before_, a), words(after_, b)}].insert(leaf);
    }
    std::vector<Change> changes;
    for (const auto& [texts, leaves] : groups) {
      const Diagram packets = store.map(differing, [&leaves = leaves](Leaf leaf) {
        return leaves.contains(leaf) ? diagram::kTrue : diagram::kNone;
      });
      changes.push_back({.before = texts.first,
                         .after = texts.second,
                         .witness = space_.example(packets).value_or(""),
                         .clauses_before = first_clauses(leaves, Side::kBefore),
                         .clauses_after = first_clauses(leaves, Side::kAfter)});
    }
    return changes;
  }

 private:
  enum class Side : std::uint8_t { kBefore, kAfter };

  std::string words(const Fates& fates, Leaf leaf) const {
    return in_words(fates, fates.fate(leaf), symbols_);
  }

  // 0: both are the same.
  Leaf number_of(Leaf a, Leaf b) {
    if (words(before_, a) == words(after_, b)) return diagram::kNone;
    const auto [known, is_new] = numbers_.try_emplace({a, b}, static_cast<Leaf>(pairs_.size() + 1));
    if (is_new) pairs_.emplace_back(a, b);
    return known->second;
  }

  std::vector<std::uint32_t> first_clauses(const std::set<Leaf>& leaves, Side side) const {
    std::set<std::uint32_t> clauses;
    for (const Leaf leaf : leaves) {
      const auto [a, b] = pairs_[leaf - 1];
      const Fate& fate = side == Side::kBefore ? before_.fate(a) : after_.fate(b);
      if (!fate.empty()) clauses.insert(fate.front());
    }
    return {clauses.begin(), clauses.end()};
  }

  PacketSpace& space_;
  const Fates& before_;
  const Fates& after_;
  Direction direction_;
  const policy::SymbolTable& symbols_;
  std::vector<std::pair<Leaf, Leaf>> pairs_;
  std::map<std::pair<Leaf, Leaf>, Leaf> numbers_;  // 1 and up, in the order of pairs_
};

}  // namespace

std::string deed(const Clause& clause, const policy::SymbolTable& symbols) {
  Clause bare = clause;
  bare.when = policy::always();
  constexpr std::string_view kCondition = "any -> ";
  constexpr std::string_view kDefault = "default";
  std::string text = policy::describe(bare, symbols).substr(kCondition.size());
  if (text.ends_with(kDefault) && !may_be_unreachable(clause)) {
    text.replace(text.size() - kDefault.size(), kDefault.size(), kAsBgpSays);
  }
  return text;
}

Fates::Fates(PacketSpace& space, const ClauseList& list, Direction direction)
    : list_(&list), direction_(direction) {
  diagram::Store& store = space.store();
  std::vector<Diagram> parts;
  for (std::uint32_t i = 0; i < list.clauses.size(); ++i) {
    const Diagram mine = store.leaf(number_of({i}));
    parts.push_back(store.restrict(space.of(*list.clauses[i].when), mine));
  }
  diagram_ = balanced(store, std::move(parts), [this, &store](Leaf a, Leaf b) {
    const bool good = store.spend(1 + fates_[a].size() * fates_[b].size());
    return good ? joined(a, b) : diagram::kNone;
  });
}

Leaf Fates::number_of(Fate fate) {
  const auto known = numbers_.find(fate);
  if (known != numbers_.end()) return known->second;
  const auto number = static_cast<Leaf>(fates_.size());
  numbers_.emplace(fate, number);
  fates_.push_back(std::move(fate));
  return number;
}

Leaf Fates::joined(Leaf first, Leaf then) {
  Fate fate = fates_[first];
  for (const std::uint32_t next : fates_[then]) {
    if (!fate.empty() && always_applies(fate.back())) break;
    const bool hidden = std::ranges::any_of(
        fate, [this, next](std::uint32_t earlier) { return hides(clause(earlier), clause(next)); });
    if (!hidden) fate.push_back(next);
  }
  return number_of(std::move(fate));
}

bool Fates::always_applies(std::uint32_t index) const {
  return direction_ == Direction::kInbound || !may_be_unreachable(clause(index));
}

bool Fates::hides(const Clause& earlier, const Clause& later) {
  return earlier.verdict == later.verdict && !writes_destination(earlier) &&
         !writes_destination(later);
}

Result<std::vector<Change>> compare(const ClauseList& before, const ClauseList& after,
                                    Direction direction, const policy::SymbolTable& symbols) {
  std::vector<policy::PredicatePtr> predicates;
  for (const ClauseList* list : {&before, &after}) {
    for (const Clause& clause : list->clauses) predicates.push_back(clause.when);
  }
  FABRIX_TRY(PacketSpace space, PacketSpace::create(symbols, predicates));
  Budget budget(kPolicySteps);
  const diagram::Limited limited(space.store(), budget);
  const Fates was(space, before, direction);
  const Fates is(space, after, direction);
  auto changes = Comparison(space, was, is, direction, symbols).run();
  if (budget.is_spent()) {
    return fail(Error{"their clauses overlap in more ways than can be compared"});
  }
  return changes;
}

}  // namespace fabrix::compiler
