#include "policy/lower.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <string>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include "policy/extras.h"
#include "policy/simplify.h"

namespace fabrix::policy {
namespace {

// Pairs of clauses looked at while multiplying sequences out, before most of them cancel; many
// tests of one count as more.
constexpr std::size_t kMaxWork = 1'000'000;
constexpr std::size_t kTestsAStep = 16;
// Of the conditions of all clauses, written out.
constexpr std::size_t kMaxTests = 1'000'000;

struct Leaf {
  PredicatePtr when;
  std::vector<Write> writes;
  Verdict verdict;
  SourceSpan at;
  bool guarded = false;  // `at` is a condition: the better place to point at
  bool meant = false;    // a constant such as `none` takes part: never applying is no surprise
  Extras extras{};
};

struct Tree {
  Shape::Kind kind = Shape::Kind::kClause;
  Leaf leaf;                // kClause
  std::vector<Tree> parts;  // otherwise; without any, the tree says nothing
  bool guarded = false;     // as guarded_ranks() has it; what follows clauses leaves that so
};

using Leaves = std::vector<Leaf>;

bool is_default(const Leaf& leaf) {
  return std::holds_alternative<UseDefault>(leaf.verdict);
}

// Leaves the choice of where to go to what stands beside it.
bool gives_way(const Leaf& leaf) {
  return is_default(leaf) && leaf.writes.empty();
}

bool is_companion(const Leaf& leaf) {
  return gives_way(leaf) && !leaf.extras.empty();
}

Tree leaf_tree(Leaf leaf) {
  return {Shape::Kind::kClause, std::move(leaf), {}};
}

Tree branch(Shape::Kind kind, std::vector<Tree> parts) {
  return {kind, {}, std::move(parts)};
}

// With other parts.
Tree branch(const Tree& like, std::vector<Tree> parts) {
  return {like.kind, {}, std::move(parts), like.guarded};
}

void collect_defaults(const Tree& tree, std::vector<PredicatePtr>& into) {
  if (tree.kind == Shape::Kind::kClause) {
    if (is_default(tree.leaf)) into.push_back(tree.leaf.when);
    return;
  }
  for (const Tree& part : tree.parts) collect_defaults(part, into);
}

bool forwards(const Tree& tree) {
  if (tree.kind == Shape::Kind::kClause) return may_be_unreachable(tree.leaf.verdict);
  return std::any_of(tree.parts.begin(), tree.parts.end(), forwards);
}

void collect_decisive(const Tree& tree, std::vector<PredicatePtr>& into) {
  if (tree.kind == Shape::Kind::kClause) {
    if (!may_be_unreachable(tree.leaf.verdict)) into.push_back(tree.leaf.when);
    return;
  }
  for (const Tree& part : tree.parts) collect_decisive(part, into);
}

bool is_nothing(const Tree& tree) {
  return tree.kind != Shape::Kind::kClause && tree.parts.empty();
}

// Without parts that say nothing, and none around a single one: a long sequence leaves little.
Tree tidied(const Tree& like, std::vector<Tree> parts) {
  std::erase_if(parts, is_nothing);
  const bool single = parts.size() == 1 && (parts.front().kind == Shape::Kind::kClause ||
                                            parts.front().kind == like.kind);
  if (!single) return branch(like, std::move(parts));
  Tree only = std::move(parts.front());
  return only;
}

class Lowering {
 public:
  Lowering(Keep keep, Report& report) : keep_(keep), report_(report) {}

  ClauseList run(const Term& term) {
    Tree tree = normalized(lower(term));
    ClauseList list;
    if (report_.is_spent()) return list;
    list.shape = flattened(std::move(tree), list);
    if (overflow_) {
      report_.error("P0401", term.at, "more than " + std::to_string(kMaxClauses) + " clauses",
                    "test sets of values in one match() instead of one match() for each");
      return {};
    }
    report_unused(list);
    check_extent(list);
    return list;
  }

 private:
  Tree lower(const Term& term) {
    at_ = term.at;
    if (!visit()) return branch(Shape::Kind::kRanked, {});
    return std::visit([this, &term](const auto& node) { return this->lower(node, term.at); },
                      term.node);
  }

  Tree lower(const Filter& filter, const SourceSpan& at) {
    return kept({filter.when, {}, UseDefault{}, at, true, filter.literal, {}});
  }

  Tree lower(const Act& act, const SourceSpan& at) {
    return kept({act.when, act.writes, act.verdict, at, false, false, act.extras});
  }

  // It has no opinion: see lower_queries.h.
  static Tree lower(const Count&, const SourceSpan&) { return branch(Shape::Kind::kRanked, {}); }

  Tree lower(const Parallel& parallel, const SourceSpan&) {
    return accompanied(joined(Shape::Kind::kParallel, parallel.parts));
  }

  Tree lower(const Ranked& ranked, const SourceSpan&) {
    return joined(Shape::Kind::kRanked, ranked.parts);
  }

  Tree lower(const Sequence& sequence, const SourceSpan&) {
    Tree result = lower(*sequence.parts.front());
    for (std::size_t i = 1; i < sequence.parts.size(); ++i) {
      result = then(std::move(result), lower(*sequence.parts[i]));
      if (!visit()) break;
    }
    return result;
  }

  Tree lower(const Choice& choice, const SourceSpan& at) {
    const Leaf yes{choice.condition, {}, UseDefault{}, at, true, false, {}};
    const Leaf no{negation(choice.condition), {}, UseDefault{}, at, true, true, {}};
    std::vector<Tree> parts;
    parts.push_back(then(kept(yes), lower(*choice.then)));
    parts.push_back(then(kept(no), lower(*choice.otherwise)));
    return branch(Shape::Kind::kParallel, std::move(parts));
  }

  Tree joined(Shape::Kind kind, const std::vector<TermPtr>& terms) {
    std::vector<Tree> parts;
    parts.reserve(terms.size());
    for (const TermPtr& term : terms) parts.push_back(lower(*term));
    return branch(kind, std::move(parts));
  }

  // What only polices or mirrors does so to what the other parts decide.
  Tree accompanied(Tree parallel) {
    struct Companions {
      std::size_t part;
      std::vector<Leaf> leaves;
    };
    std::vector<Companions> companions;  // of few parts: most decide
    for (std::size_t i = 0; i < parallel.parts.size(); ++i) {
      std::vector<Leaf> leaves;
      std::vector<PredicatePtr> taken;
      collect_companions(parallel.parts[i], taken, leaves);
      if (!leaves.empty()) companions.push_back({i, std::move(leaves)});
    }
    for (std::size_t i = 0; i < parallel.parts.size(); ++i) {
      for (const auto& [other, leaves] : companions) {
        if (other == i) continue;
        for (const Leaf& each : leaves) parallel.parts[i] = with(parallel.parts[i], each);
      }
    }
    return parallel;
  }

  // `taken`: what earlier ranks have decided.
  void collect_companions(const Tree& tree, std::vector<PredicatePtr>& taken,
                          std::vector<Leaf>& into) {
    if (!visit()) return;
    if (tree.kind == Shape::Kind::kClause) {
      if (!is_companion(tree.leaf)) return;
      into.push_back(tree.leaf);
      if (taken.empty() || !visit(taken.size())) return;
      into.back().when = conjunction(into.back().when, negation(disjunction(taken)));
      return;
    }
    const std::size_t before = taken.size();
    for (const Tree& part : tree.parts) {
      collect_companions(part, taken, into);
      if (tree.kind == Shape::Kind::kRanked) collect_decisive(part, taken);
    }
    taken.resize(before);
  }

  // Each leaf first for the packets that it shares with the companion, then for all of its own.
  Tree with(const Tree& tree, const Leaf& companion) {
    if (!visit()) return branch(Shape::Kind::kRanked, {});
    if (tree.kind != Shape::Kind::kClause) {
      std::vector<Tree> parts;
      for (const Tree& part : tree.parts) parts.push_back(with(part, companion));
      return branch(tree, std::move(parts));
    }
    if (!work(*tree.leaf.when)) return branch(Shape::Kind::kRanked, {});
    Leaf both = tree.leaf;
    both.when = conjunction(both.when, companion.when);
    both.extras = policy::joined(both.extras, companion.extras);
    both.meant = true;
    if (is_never(*both.when)) return tree;
    check_beside(tree.leaf, companion);
    if (both.extras == tree.leaf.extras) return tree;
    if (is_always(*companion.when)) return leaf_tree(std::move(both));
    std::vector<Tree> ranks;
    ranks.push_back(leaf_tree(std::move(both)));
    ranks.push_back(tree);
    return branch(Shape::Kind::kRanked, std::move(ranks));
  }

  // Nothing in place of a leaf that can never apply.
  Tree kept(Leaf leaf) {
    if (!is_never(*leaf.when)) return leaf_tree(std::move(leaf));
    if (!leaf.meant) unused_.push_back(leaf.at);
    return branch(Shape::Kind::kRanked, {});
  }

  // a >> b.
  Tree then(Tree a, const Tree& b) {
    a = guarded_ranks(std::move(a));
    leaves_ = 0;
    // What b leaves as it is goes on to a's target. Should that be unreachable, b's later ranks are
    // still not asked: b has decided.
    if (!forwards(a)) return replaced(a, {b, b});
    return replaced(a, {b, guarded_ranks(b)});
  }

  // A later rank is reached only where no earlier one has decided to leave the packet as it is.
  Tree guarded_ranks(Tree tree) {
    if (!visit()) return tree;
    std::vector<PredicatePtr> taken;
    const bool known = std::exchange(tree.guarded, true);
    for (Tree& part : tree.parts) {
      std::vector<PredicatePtr> own;
      const bool guards = tree.kind == Shape::Kind::kRanked && !known;
      // As they are without guard: what earlier ranks take of them is taken already.
      if (guards && &part != &tree.parts.back()) collect_defaults(part, own);
      part = guarded_ranks(std::move(part));
      if (!guards) continue;
      if (!visit(taken.size())) break;
      if (!taken.empty()) part = restricted(part, negation(disjunction(taken)));
      taken.insert(taken.end(), own.begin(), own.end());
    }
    return tree;
  }

  Tree restricted(const Tree& tree, const PredicatePtr& when) {
    if (!visit()) return branch(Shape::Kind::kRanked, {});
    if (tree.kind == Shape::Kind::kClause) {
      Leaf leaf = tree.leaf;
      leaf.when = conjunction(leaf.when, when);
      return work(*leaf.when) ? kept(std::move(leaf)) : branch(Shape::Kind::kRanked, {});
    }
    std::vector<Tree> parts;
    for (const Tree& part : tree.parts) parts.push_back(restricted(part, when));
    return tidied(tree, std::move(parts));
  }

  // What follows a leaf: `guarded` after one that forwards.
  struct Next {
    const Tree& plain;
    const Tree& guarded;
  };

  // `tree` with each leaf replaced by what `next` makes of it.
  Tree replaced(const Tree& tree, const Next& next) {
    if (!visit()) return branch(Shape::Kind::kRanked, {});
    if (tree.kind == Shape::Kind::kClause) {
      return followed(tree.leaf, forwards(tree) ? next.guarded : next.plain);
    }
    std::vector<Tree> parts;
    for (const Tree& part : tree.parts) parts.push_back(replaced(part, next));
    return tidied(tree, std::move(parts));
  }

  Tree followed(const Leaf& before, const Tree& next) {
    if (!visit()) return branch(Shape::Kind::kRanked, {});
    if (std::holds_alternative<Drop>(before.verdict)) return leaf_tree(before);
    if (next.kind == Shape::Kind::kClause) {
      return work(*before.when) ? followed_by(before, next.leaf) : branch(Shape::Kind::kRanked, {});
    }
    std::vector<Tree> parts;
    for (const Tree& part : next.parts) {
      parts.push_back(followed(before, part));
      if (is_nothing(parts.back())) parts.pop_back();
    }
    return tidied(next, std::move(parts));
  }

  Tree followed_by(const Leaf& before, const Leaf& next) {
    PredicatePtr when = before_writes(next.when, before.writes);
    if (when == nullptr) {
      report_.error("P0309", next.at,
                    "routes, and the prefixes that a participant announces, cannot be tested for "
                    "an address that modify() has set",
                    "test before the modify()");
      return branch(Shape::Kind::kRanked, {});
    }
    Leaf result;
    result.when = conjunction(before.when, when);
    result.verdict = is_default(next) ? before.verdict : next.verdict;
    const bool drops = std::holds_alternative<Drop>(result.verdict);
    result.extras = sequenced(before.extras, next.extras);
    check_sequence(before, next);
    if (!drops) result.writes = composed(before.writes, next.writes);
    result.at = next.guarded || !before.guarded ? next.at : before.at;
    result.guarded = next.guarded || before.guarded;
    result.meant = before.meant || next.meant;
    if (!is_never(*result.when) && ++leaves_ > kMaxClauses) overflow_ = true;
    return kept(std::move(result));
  }

  void check_beside(const Leaf& one, const Leaf& other) {
    const bool agree = one.extras.via.empty() || other.extras.via.empty();
    if (agree || one.extras.via == other.extras.via) return;
    misled(other.at, "a packet would pass middleboxes of both, and nothing says which first",
           "via(P, Q) says it; or send different packets through each");
  }

  void check_sequence(const Leaf& before, const Leaf& next) {
    const auto all = passed(before.extras, next.extras);
    if (!all) {
      misled(next.at, "a packet would pass a middlebox twice",
             "each one of a chain is passed once");
    } else if (all->size() > kMaxPassed) {
      report_.error("P0408", next.at,
                    "a packet passes at most " + std::to_string(kMaxPassed) + " middleboxes");
    }
  }

  // Once: the same mistake shows in many clauses.
  void misled(const SourceSpan& at, std::string message, std::string help) {
    if (std::exchange(misled_, true)) return;
    report_.error("P0315", at, std::move(message), std::move(help));
  }

  bool work(const Predicate& when) {
    const std::size_t weight = weight_of(when);
    work_ += 1 + weight / kTestsAStep;
    if (work_ > kMaxWork) overflow_ = true;
    return visit(1 + weight);
  }

  // Before a look at so many parts of trees. False: it is too much, in whatever way.
  bool visit(std::size_t parts = 1) { return !overflow_ && report_.spend(2 * parts, at_); }

  // Under `+`, what only says "as BGP says" goes behind what decides.
  Tree normalized(Tree tree) {
    if (tree.kind == Shape::Kind::kRanked) {
      for (Tree& part : tree.parts) part = normalized(std::move(part));
    }
    if (tree.kind != Shape::Kind::kParallel) return tree;
    Leaves defaults;
    Tree deciding = without_defaults(tree, defaults);
    if (defaults.empty()) return deciding;
    std::vector<Tree> behind;
    // Those that police or mirror stand in order: what is both is first.
    const bool alike = std::none_of(defaults.begin(), defaults.end(), is_companion);
    for (Leaf& leaf : defaults) behind.push_back(leaf_tree(std::move(leaf)));
    std::vector<Tree> ranks;
    ranks.push_back(std::move(deciding));
    ranks.push_back(
        branch(alike ? Shape::Kind::kParallel : Shape::Kind::kRanked, std::move(behind)));
    return branch(Shape::Kind::kRanked, std::move(ranks));
  }

  // Moves the plain defaults of `tree` to `defaults`, keeping later ranks from taking their
  // packets.
  Tree without_defaults(const Tree& tree, Leaves& defaults) {
    if (tree.kind == Shape::Kind::kClause) {
      if (!gives_way(tree.leaf)) return tree;
      defaults.push_back(tree.leaf);
      return branch(Shape::Kind::kRanked, {});
    }
    const std::size_t first = defaults.size();
    std::vector<Tree> parts;
    for (const Tree& part : tree.parts) {
      std::vector<PredicatePtr> taken;
      const bool ranked = tree.kind == Shape::Kind::kRanked && first < defaults.size();
      if (!visit(ranked ? defaults.size() - first : 1)) break;
      for (std::size_t i = first; ranked && i < defaults.size(); ++i) {
        taken.push_back(defaults[i].when);
      }
      Tree deciding = without_defaults(part, defaults);
      if (ranked) deciding = restricted(deciding, negation(disjunction(std::move(taken))));
      parts.push_back(std::move(deciding));
    }
    return branch(tree.kind, std::move(parts));
  }

  bool is_kept(const Leaf& leaf) const {
    const bool says_nothing = gives_way(leaf) && leaf.extras.empty();
    return keep_ == Keep::kEverything || may_be_unreachable(leaf.verdict) || says_nothing;
  }

  Shape flattened(Tree tree, ClauseList& list) {
    if (tree.kind == Shape::Kind::kClause) {
      if (list.clauses.size() >= kMaxClauses) overflow_ = true;
      if (overflow_ || !is_kept(tree.leaf)) return {};
      const auto index = static_cast<std::uint32_t>(list.clauses.size());
      Leaf& leaf = tree.leaf;
      list.clauses.push_back({std::move(leaf.when), std::move(leaf.writes), leaf.verdict, leaf.at,
                              normal(leaf.extras, leaf.verdict)});
      return {Shape::Kind::kClause, index, {}};
    }
    Shape shape{tree.kind, 0, {}};
    for (Tree& part : tree.parts) {
      Shape next = flattened(std::move(part), list);
      if (next.kind == tree.kind) {
        std::move(next.parts.begin(), next.parts.end(), std::back_inserter(shape.parts));
      } else if (next.kind == Shape::Kind::kClause || !next.parts.empty()) {
        shape.parts.push_back(std::move(next));
      }
    }
    if (shape.parts.size() != 1) return shape;
    Shape only = std::move(shape.parts.front());
    return only;
  }

  // Text of which no clause is left, though somebody wrote it.
  void report_unused(const ClauseList& list) {
    std::vector<SourceSpan> used;
    for (const Clause& clause : list.clauses) used.push_back(clause.at);
    std::sort(used.begin(), used.end());
    for (const SourceSpan& at : unused_) {
      if (std::binary_search(used.begin(), used.end(), at)) continue;
      report_.warning("P0307", at, "this can never apply", "no packet satisfies its conditions");
    }
  }

  void check_extent(const ClauseList& list) {
    std::size_t tests = kMaxTests;
    for (const Clause& clause : list.clauses) {
      const auto extent = extent_of(*clause.when, tests);
      if (!extent) {
        return report_.error("P0402", clause.at,
                             "the conditions of the clauses up to this one are too large once they "
                             "are written out",
                             "what later ranks of a '//' leave to earlier ones is written out in "
                             "each: rank fewer, or let them test one field");
      }
      tests -= extent->nodes;
      if (extent->depth <= kMaxDepth) continue;
      report_.error("P0402", clause.at, "the condition of this clause is nested too deeply");
    }
  }

  Keep keep_;
  Report& report_;
  std::vector<SourceSpan> unused_;
  std::size_t leaves_ = 0;
  std::size_t work_ = 0;
  SourceSpan at_;  // of what is being lowered
  bool overflow_ = false;
  bool misled_ = false;  // by middleboxes, is reported
};

}  // namespace

ClauseList lower(const Term& term, Keep keep, Report& report) {
  return Lowering(keep, report).run(term);
}

}  // namespace fabrix::policy
