#include "compiler/invariants.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "compiler/fate.h"
#include "compiler/judge.h"
#include "compiler/packet_space.h"
#include "policy/extras.h"

namespace fabrix::compiler {
namespace {

using diagram::Diagram;
using diagram::Leaf;
using policy::Clause;
using policy::ClauseList;
using policy::Direction;
using policy::Invariant;
using policy::InvariantKind;

bool is_default(const Clause& clause) {
  return std::holds_alternative<policy::UseDefault>(clause.verdict);
}

bool writes_as_much(const Clause& clause, const Clause& claimed) {
  return std::ranges::all_of(claimed.writes, [&clause](const policy::Write& write) {
    return std::ranges::find(clause.writes, write) != clause.writes.end();
  });
}

// Whether what goes to one target may go to the other: to a participant is to one of its ports.
bool may_be(const policy::Target& target, const policy::Target& claimed) {
  return target.participant == claimed.participant &&
         (!target.router || !claimed.router || target.router == claimed.router);
}

// A copy to the claimed target is enough; to several, a copy to each.
bool may_go(const Clause& clause, const Clause& claimed) {
  const auto wanted = policy::targets_of(claimed.verdict);
  if (wanted.empty()) return clause.verdict == claimed.verdict;
  const auto targets = policy::targets_of(clause.verdict);
  return std::ranges::all_of(wanted, [&targets](const policy::Target& each) {
    return std::ranges::any_of(
        targets, [&each](const policy::Target& target) { return may_be(target, each); });
  });
}

// Mirrors and limits like the claimed one.
bool adds_as_much(const Clause& clause, const Clause& claimed) {
  const auto& police = claimed.extras.police;
  const bool limits =
      !police || (clause.extras.police && clause.extras.police->kbps == police->kbps);
  const bool passes = claimed.extras.via.empty() || clause.extras.via == claimed.extras.via;
  return limits && passes && std::ranges::includes(clause.extras.mirrors, claimed.extras.mirrors);
}

// What is only police() or mirror() says nothing of where packets go.
bool says_where(const Clause& claimed) {
  return !is_default(claimed) || claimed.extras.empty() || !claimed.writes.empty();
}

bool may_do(const Clause& clause, const Clause& claimed) {
  return (!says_where(claimed) || may_go(clause, claimed)) && writes_as_much(clause, claimed) &&
         adds_as_much(clause, claimed);
}

bool does(const Clause& clause, const Clause& claimed) {
  return (!says_where(claimed) || clause.verdict == claimed.verdict) &&
         writes_as_much(clause, claimed) && adds_as_much(clause, claimed);
}

// What is left to BGP though no clause says so.
const Clause kNoClause{nullptr, {}, policy::UseDefault{}, {}};

// How a list of clauses and a claim meet in one packet.
struct Meeting {
  std::optional<std::uint32_t> clause;  // that breaks the claim; none: that no clause decides does
};

class Check {
 public:
  Check(const Invariant& invariant, const policy::SymbolTable& symbols, std::string_view file,
        Budget& budget)
      : invariant_(invariant), symbols_(symbols), file_(file), budget_(budget) {}

  std::optional<Diagnostic> compare_sets() {
    const auto& sides = invariant_.predicates;
    auto space = PacketSpace::create(symbols_, sides);
    if (!space) return unknown(space.error());
    diagram::Store& store = space->store();
    const diagram::Limited limited(store, budget_);
    const Diagram all =
        store.disjunction(space->all(Direction::kOutbound), space->all(Direction::kInbound));
    const Diagram left = store.conjunction(all, space->of(*sides[0]));
    const Diagram right = store.conjunction(all, space->of(*sides[1]));
    if (invariant_.kind == InvariantKind::kDiffer) {
      if (left != right) return std::nullopt;
      return unlike("", "both sides are the same packets");
    }
    const Diagram only_left = store.difference(left, right);
    if (const auto packet = space->example(only_left)) {
      return unlike(*packet + " is only in the left side", "the sides differ");
    }
    if (invariant_.kind == InvariantKind::kWithin) return std::nullopt;
    const auto packet = space->example(store.difference(right, left));
    if (!packet) return std::nullopt;
    return unlike(*packet + " is only in the right side", "the sides differ");
  }

  std::optional<Diagnostic> check_claim(const ClauseList& list, const ClauseList& claim,
                                        Direction direction) {
    if (claim.clauses.empty()) return std::nullopt;
    std::vector<policy::PredicatePtr> predicates;
    for (const ClauseList* each : {&list, &claim}) {
      for (const Clause& clause : each->clauses) predicates.push_back(clause.when);
    }
    auto space = PacketSpace::create(symbols_, predicates);
    if (!space) return unknown(space.error());
    const diagram::Limited limited(space->store(), budget_);
    const Fates done(*space, list, direction);
    const Fates claimed(*space, claim, direction);
    return judge(*space, done, claimed, direction);
  }

 private:
  std::optional<Diagnostic> judge(PacketSpace& space, const Fates& done, const Fates& claimed,
                                  Direction direction) {
    diagram::Store& store = space.store();
    std::vector<Meeting> meetings;
    const Diagram breaking = store.combine(done.diagram(), claimed.diagram(), [&](Leaf a, Leaf b) {
      const auto meeting = meet(done, done.fate(a), claimed, claimed.fate(b));
      if (!meeting) return diagram::kNone;
      meetings.push_back(*meeting);
      return static_cast<Leaf>(meetings.size());
    });
    const Diagram within = store.restrict(space.all(direction), breaking);
    for (const Leaf leaf : store.leaves(within)) {
      if (leaf == diagram::kNone) continue;
      const auto packets = store.map(
          within, [leaf](Leaf each) { return each == leaf ? diagram::kTrue : diagram::kNone; });
      return report(done, meetings[leaf - 1], space.example(packets).value_or(""));
    }
    return std::nullopt;
  }

  std::optional<Meeting> meet(const Fates& fates, const Fate& fate, const Fates& claims,
                              const Fate& claim) const {
    if (claim.empty()) return std::nullopt;
    return invariant_.kind == InvariantKind::kNever ? never(fates, fate, claims, claim)
                                                    : always(fates, fate, claims, claim);
  }

  static std::optional<Meeting> never(const Fates& fates, const Fate& fate, const Fates& claims,
                                      const Fate& claim) {
    for (const std::uint32_t claimed : claim) {
      for (const std::uint32_t clause : fate) {
        if (may_do(fates.clause(clause), claims.clause(claimed))) return Meeting{clause};
      }
      const bool falls_through = fate.empty() || !fates.always_applies(fate.back());
      if (falls_through && may_do(kNoClause, claims.clause(claimed))) return Meeting{std::nullopt};
    }
    return std::nullopt;
  }

  static std::optional<Meeting> always(const Fates& fates, const Fate& fate, const Fates& claims,
                                       const Fate& claim) {
    for (std::size_t rank = 0; rank < claim.size(); ++rank) {
      const Clause& claimed = claims.clause(claim[rank]);
      const bool decided = rank < fate.size();
      if (!does(decided ? fates.clause(fate[rank]) : kNoClause, claimed)) {
        return decided ? Meeting{fate[rank]} : Meeting{std::nullopt};
      }
      if (is_default(claimed)) break;
    }
    return std::nullopt;
  }

  Diagnostic report(const Fates& fates, const Meeting& meeting, const std::string& packet) const {
    const bool forbids = invariant_.kind == InvariantKind::kNever;
    const std::string_view verb = forbids ? "forbids this" : "wants something else";
    if (!meeting.clause) {
      return broken(invariant_.at, packet + " is left to BGP",
                    fmt::format("the invariant '{}' {}", invariant_.name, verb));
    }
    const Clause& clause = fates.clause(*meeting.clause);
    return broken(
        clause.at, fmt::format("{}: {}", packet, deed(clause, symbols_)),
        fmt::format("the invariant '{}' in line {} {}", invariant_.name, invariant_.at.line, verb));
  }

  Diagnostic unlike(std::string witness, std::string_view why) const {
    return broken(invariant_.at, std::move(witness),
                  fmt::format("the invariant '{}' does not hold: {}", invariant_.name, why));
  }

  Diagnostic broken(const SourceSpan& at, std::string witness, std::string message) const {
    return {.severity = Severity::kError,
            .code = "P0311",
            .message = std::move(message),
            .file = std::string(file_),
            .at = at,
            .witness = std::move(witness),
            .help = {}};
  }

  Diagnostic unknown(const Error& error) const {
    return {.severity = Severity::kError,
            .code = "P0402",
            .message = fmt::format("the invariant '{}' cannot be checked: {}", invariant_.name,
                                   error.message),
            .file = std::string(file_),
            .at = invariant_.at,
            .witness = {},
            .help = "test fewer conditions on routes"};
  }

  const Invariant& invariant_;
  const policy::SymbolTable& symbols_;
  std::string_view file_;
  Budget& budget_;
};

Diagnostic too_much_work(const Invariant& invariant, std::string_view file) {
  return {.severity = Severity::kError,
          .code = "P0412",
          .message = fmt::format("the invariant '{}' takes too much work to check", invariant.name),
          .file = std::string(file),
          .at = invariant.at,
          .witness = {},
          .help = "let it, and clauses that overlap, test fewer fields by ranges"};
}

}  // namespace

std::vector<Diagnostic> check_invariants(const policy::Policy& policy,
                                         const policy::SymbolTable& symbols,
                                         std::string_view file) {
  Budget budget(kPolicySteps);
  return check_invariants(policy, symbols, file, budget);
}

std::vector<Diagnostic> check_invariants(const policy::Policy& policy,
                                         const policy::SymbolTable& symbols, std::string_view file,
                                         Budget& budget) {
  std::vector<Diagnostic> findings;
  const auto add = [&findings](std::optional<Diagnostic> finding) {
    if (finding) findings.push_back(*std::move(finding));
  };
  for (const Invariant& each : policy.invariants) {
    constexpr std::uint64_t kStepsOfSpace = 2000;
    budget.spend(kStepsOfSpace);
    Check check(each, symbols, file, budget);
    const std::size_t before = findings.size();
    if (!each.predicates.empty()) {
      add(check.compare_sets());
    } else {
      add(check.check_claim(policy.outbound, each.outbound, Direction::kOutbound));
      add(check.check_claim(policy.inbound, each.inbound, Direction::kInbound));
    }
    if (!budget.is_spent()) continue;
    findings.resize(before);  // what was found last means nothing
    findings.push_back(too_much_work(each, file));
    break;
  }
  return findings;
}

}  // namespace fabrix::compiler
