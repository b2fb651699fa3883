#include "compiler/effort.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include "compiler/box.h"
#include "policy/extras.h"
#include "policy/policy.h"

namespace fabrix::compiler {
namespace {

using diagram::Diagram;
using policy::Clause;

class Trial {
 public:
  explicit Trial(ClauseAnalysis& analysis)
      : analysis_(analysis), questions_(analysis.sense().questions.size()) {}

  void run() {
    std::vector<diagram::Case> cases;
    for (std::uint32_t i = 0; i < analysis_.list().clauses.size(); ++i) {
      if (!analysis_.look_at(i, 0)) return;
      const Clause& clause = analysis_.clause(i);
      const Diagram besides =
          analysis_.is_decisive(i) ? analysis_.store().always() : reachable(clause.verdict);
      cases.push_back({analysis_.diagram(i), besides, leaf_of(clause)});
    }
    analysis_.store().first_match(cases);
  }

 private:
  Diagram reachable(const policy::Verdict& verdict) {
    if (questions_ >= policy::kMaxRouteTests) return analysis_.store().always();
    std::vector<Diagram> any;
    for (const policy::Target& target : policy::targets_of(verdict)) any.push_back(bit_of(target));
    return analysis_.store().disjunction(any);
  }

  // Whether the target is reachable: by one of the bits that ask routes nothing.
  Diagram bit_of(const policy::Target& target) {
    const auto next = questions_ + bits_.size() % (policy::kMaxRouteTests - questions_);
    const auto [known, is_new] = bits_.try_emplace(target);
    if (is_new) known->second = analysis_.store().test(question_field(next), 1, 1);
    return known->second;
  }

  diagram::Leaf leaf_of(const Clause& clause) {
    const auto next = static_cast<diagram::Leaf>(leaves_.size() + 1);
    const Deed deed{clause.verdict, clause.writes, clause.extras};
    return leaves_.try_emplace(deed, next).first->second;
  }

  using Deed = std::tuple<policy::Verdict, std::vector<policy::Write>, policy::Extras>;

  ClauseAnalysis& analysis_;
  std::size_t questions_;
  std::map<policy::Target, Diagram> bits_;
  std::map<Deed, diagram::Leaf> leaves_;
};

// What conditions test, as far as they say so themselves.
class Tests {
 public:
  // False: they do not, or it takes a complement, which is more for diagrams than for boxes
  // (box.h).
  // NOLINTBEGIN(misc-no-recursion): as deep as a predicate, at most policy::kMaxDepth.

  bool add(const policy::Predicate& predicate) {
    ++nodes_;
    if (const auto* test = std::get_if<policy::FieldTest>(&predicate.node)) {
      nodes_ += test->intervals.size();
      for (const policy::Interval& each : test->intervals) cut(index_of(test->field), each);
      return true;
    }
    if (const auto* from = std::get_if<policy::FromParticipant>(&predicate.node)) {
      cut(kSenderField, {sender_value(from->participant), sender_value(from->participant)});
      return true;
    }
    const auto add_each = [this](const policy::PredicatePtr& operand) { return add(*operand); };
    if (const auto* all = std::get_if<policy::And>(&predicate.node)) {
      return std::ranges::all_of(all->operands, add_each);
    }
    if (const auto* any = std::get_if<policy::Or>(&predicate.node)) {
      return std::ranges::all_of(any->operands, add_each);
    }
    return std::holds_alternative<policy::Constant>(predicate.node);
  }

  // NOLINTEND(misc-no-recursion)
  std::size_t nodes() const { return nodes_; }
  // Into so many they part all packets. At most `most`.
  std::uint64_t cells(std::uint64_t most) {
    std::ranges::sort(cuts_);
    // clang 14 cannot read the library's std::ranges::unique().
    cuts_.erase(std::unique(cuts_.begin(), cuts_.end()), cuts_.end());
    std::uint64_t cells = 1;
    for (auto first = cuts_.begin(); first != cuts_.end() && cells < most;) {
      const auto last = std::find_if(
          first, cuts_.end(), [first](const Cut& each) { return each.first != first->first; });
      cells *= static_cast<std::uint64_t>(last - first) + 1;
      first = last;
    }
    return std::min(cells, most);
  }

 private:
  using Cut = std::pair<diagram::FieldIndex, std::uint64_t>;

  void cut(diagram::FieldIndex field, const policy::Interval& interval) {
    cuts_.emplace_back(field, interval.low);
    cuts_.emplace_back(field, interval.high + 1);
  }

  std::vector<Cut> cuts_;
  std::size_t nodes_ = 0;
};

bool are_all_apart(const ClauseAnalysis& analysis) {
  const auto count = static_cast<std::uint32_t>(analysis.list().clauses.size());
  for (std::uint32_t later = 1; later < count; ++later) {
    for (std::uint32_t earlier = 0; earlier < later; ++earlier) {
      if (analysis.may_overlap(earlier, later)) return false;
    }
  }
  return true;
}

}  // namespace

// Whatever diagram is made on the way, all of its edges lie where the tests cut: they are at most
// twice as many as the cells. In each cell at most one clause is left, followed by what says that
// its targets are reachable. An operation looks at each once, and at those of each part of it.
bool takes_at_most(std::uint64_t steps, const ClauseAnalysis& analysis) {
  Tests tests;
  std::uint64_t targets = 1;
  for (const Clause& clause : analysis.list().clauses) {
    if (!tests.add(*clause.when)) return false;
    if (const auto* several = std::get_if<policy::Multicast>(&clause.verdict)) {
      targets = std::max<std::uint64_t>(targets, several->targets.size());
    }
  }
  constexpr std::uint64_t kOfAClause = 4;  // its case, that among others, and what is left over
  const std::uint64_t operations =
      tests.nodes() + analysis.list().clauses.size() * (kOfAClause + targets);
  const std::uint64_t edges = 2 * tests.cells(steps) * (targets + 2);
  return edges <= steps / operations && are_all_apart(analysis);
}

void try_out(ClauseAnalysis& analysis) {
  Trial(analysis).run();
}

}  // namespace fabrix::compiler
