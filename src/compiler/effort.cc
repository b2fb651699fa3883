#include "compiler/effort.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <tuple>
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
  explicit Trial(ClauseAnalysis& analysis) : analysis_(analysis) {
    const std::size_t questions = analysis.sense().questions.size();
    for (std::size_t i = questions; i < policy::kMaxRouteTests; ++i) {
      bits_.push_back(analysis.store().test(question_field(i), 1, 1));
    }
  }

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
    if (bits_.empty()) return analysis_.store().always();
    std::vector<Diagram> any;
    for (const policy::Target& target : policy::targets_of(verdict)) {
      const auto next = targets_.size() % bits_.size();
      any.push_back(bits_[targets_.try_emplace(target, next).first->second]);
    }
    return analysis_.store().disjunction(any);
  }

  diagram::Leaf leaf_of(const Clause& clause) {
    const auto next = static_cast<diagram::Leaf>(leaves_.size() + 1);
    const Deed deed{clause.verdict, clause.writes, clause.extras};
    return leaves_.try_emplace(deed, next).first->second;
  }

  using Deed = std::tuple<policy::Verdict, std::vector<policy::Write>, policy::Extras>;

  ClauseAnalysis& analysis_;
  std::vector<Diagram> bits_;
  std::map<policy::Target, std::size_t> targets_;
  std::map<Deed, diagram::Leaf> leaves_;
};

}  // namespace

void try_out(ClauseAnalysis& analysis) {
  Trial(analysis).run();
}

}  // namespace fabrix::compiler
