#include "compiler/shadowing.h"

#include <algorithm>
#include <optional>
#include <set>
#include <span>
#include <utility>

#include <fmt/format.h>

#include "compiler/place_text.h"
#include "compiler/witness.h"
#include "policy/balance.h"
#include "policy/extras.h"

namespace fabrix::compiler {
namespace {

using diagram::Diagram;
using policy::Clause;
using policy::ClauseList;

// Whether `earlier` takes whatever matches both from `later`, whatever the routes are.
bool hides(const ClauseAnalysis& analysis, std::uint32_t earlier, std::uint32_t later) {
  if (analysis.is_decisive(earlier)) return true;
  const auto writes_destination = [](const Clause& clause) {
    return std::ranges::any_of(clause.writes, [](const policy::Write& write) {
      return write.field == net::Field::kDstIp4 || write.field == net::Field::kDstIp6High ||
             write.field == net::Field::kDstIp6Low;
    });
  };
  const Clause& one = analysis.clause(earlier);
  const Clause& other = analysis.clause(later);
  return one.verdict == other.verdict && !writes_destination(one) && !writes_destination(other);
}

// Whether `hidden` is what police() or mirror() beside a clause left of it: one clause of the text
// parted in two, or the police() or mirror() itself, which `by` carries out.
bool is_in(const Clause& hidden, const Clause& by) {
  const bool gives_way = std::holds_alternative<policy::UseDefault>(hidden.verdict) &&
                         hidden.writes.empty() && !hidden.extras.empty();
  return hidden.at == by.at || (gives_way && policy::joined(by.extras, hidden.extras) == by.extras);
}

// What some clauses take, joined in blocks of 1, 2, 4, ... of them: one more costs a few joins of
// small diagrams, and not one with all that there is.
class Union {
 public:
  explicit Union(diagram::Store& store) : store_(store) {}

  void add(Diagram packets) {
    std::size_t size = 1;
    for (; !blocks_.empty() && blocks_.back().size == size; size *= 2) {
      packets = store_.disjunction(blocks_.back().packets, packets);
      blocks_.pop_back();
    }
    blocks_.push_back({size, packets});
  }
  bool contains(std::span<const std::uint64_t> point) const {
    return std::ranges::any_of(blocks_, [&](const Block& block) {
      return store_.evaluate(block.packets, point) != diagram::kNone;
    });
  }
  // What it leaves of them.
  Diagram without(Diagram packets) const {
    for (const Block& block : blocks_) packets = store_.difference(packets, block.packets);
    return packets;
  }

 private:
  struct Block {
    std::size_t size = 0;
    Diagram packets;
  };

  diagram::Store& store_;
  std::vector<Block> blocks_;
};

// What clauses take from later ones, joined as they come: with it each clause of many costs one
// look instead of one at each that is before it.
class Taken {
 public:
  explicit Taken(ClauseAnalysis& analysis) : analysis_(analysis), always_(analysis.store()) {}

  // Whether clauses before `later` take all its packets. To be asked in ascending order.
  bool all_of(std::uint32_t later) {
    for (; next_ < later; ++next_) add(next_);
    if (!analysis_.look_at(later, some_.size())) return false;
    std::vector<const Union*> taken{&always_};
    for (const Some& some : some_) {
      if (hides(analysis_, some.clause, later)) taken.push_back(&some.packets);
    }
    if (leaves_one_of_few(taken, later)) return false;
    Diagram rest = analysis_.diagram(later);
    for (const Union* each : taken) rest = each->without(rest);
    return rest == analysis_.store().none();
  }

 private:
  // Of clauses that hide the same later ones.
  struct Some {
    std::uint32_t clause = 0;
    Union packets;
  };

  void add(std::uint32_t i) {
    if (!analysis_.look_at(i, some_.size())) return;
    if (analysis_.is_decisive(i)) return always_.add(analysis_.diagram(i));
    const auto alike = std::ranges::find_if(some_, [&](const Some& some) {
      return hides(analysis_, i, some.clause) && hides(analysis_, some.clause, i);
    });
    Some& some = alike != some_.end()
                     ? *alike
                     : some_.emplace_back(Some{.clause = i, .packets = Union(analysis_.store())});
    some.packets.add(analysis_.diagram(i));
  }

  // Mostly a packet shows at once that some are left: its other fields are all zeros, or all ones.
  bool leaves_one_of_few(std::span<const Union* const> taken, std::uint32_t later) {
    const diagram::Store& store = analysis_.store();
    const Diagram packets = analysis_.diagram(later);
    const auto is_true = [](diagram::Leaf leaf) { return leaf == diagram::kTrue; };
    const auto found = store.find_point(packets, is_true);
    if (!found) return false;
    for (const std::uint64_t filling : {std::uint64_t{0}, ~std::uint64_t{0}}) {
      diagram::Point point = *found;
      for (std::size_t i = 0; i < point.size(); ++i) {
        if (point[i] == 0 && filling != 0) point[i] = filling & max_of(i);
      }
      if (store.evaluate(packets, point) != diagram::kTrue) continue;
      const auto takes = [&point](const Union* each) { return each->contains(point); };
      if (std::ranges::none_of(taken, takes)) return true;
    }
    return false;
  }
  static std::uint64_t max_of(std::size_t field) {
    return field < net::kFieldCount ? net::max_value(static_cast<net::Field>(field)) : 1;
  }

  ClauseAnalysis& analysis_;
  std::uint32_t next_ = 0;
  Union always_;
  std::vector<Some> some_;
};

// The clause that hides `later`: the first of those that together take all its packets.
std::optional<std::uint32_t> hiding(ClauseAnalysis& analysis, Taken& taken, std::uint32_t later) {
  if (!analysis.look_at(later, later)) return std::nullopt;
  std::vector<std::uint32_t> candidates;
  for (std::uint32_t earlier = 0; earlier < later; ++earlier) {
    if (analysis.are_apart(earlier, later)) continue;
    if (!hides(analysis, earlier, later) || !analysis.may_overlap(earlier, later)) continue;
    candidates.push_back(earlier);
  }
  const Diagram none = analysis.store().none();
  if (candidates.empty() || analysis.diagram(later) == none) return std::nullopt;
  constexpr std::size_t kFew = 32;
  if (candidates.size() > kFew) {
    return taken.all_of(later) ? std::optional(candidates.front()) : std::nullopt;
  }
  Diagram rest = analysis.diagram(later);
  for (const std::uint32_t earlier : candidates) {
    rest = analysis.store().difference(rest, analysis.diagram(earlier));
    if (rest == none) return candidates.front();
  }
  return std::nullopt;
}

bool is_share(const Clause& clause) {
  return !policy::hash_keys_of(*clause.when).empty();
}

// Of balance(), which is many clauses: the text of which not all is hidden.
std::set<SourceSpan> shares_that_apply(ClauseAnalysis& analysis, const ClauseList& list) {
  std::set<SourceSpan> found;
  Taken taken(analysis);
  for (std::uint32_t i = 0; i < list.clauses.size(); ++i) {
    const Clause& clause = analysis.clause(i);
    if (is_share(clause) && !hiding(analysis, taken, i)) found.insert(clause.at);
  }
  return found;
}

// Hidden in part only, or told already.
bool is_told(const Clause& share, const std::set<SourceSpan>& that_apply,
             const std::vector<Diagnostic>& findings) {
  return that_apply.contains(share.at) ||
         std::ranges::find(findings, share.at, &Diagnostic::at) != findings.end();
}

}  // namespace

std::vector<Diagnostic> find_shadowed(ClauseAnalysis& analysis) {
  const ClauseList& list = analysis.list();
  std::vector<Diagnostic> findings;
  const std::set<SourceSpan> shared = shares_that_apply(analysis, list);
  Taken taken(analysis);
  for (std::uint32_t i = 1; i < list.clauses.size() && findings.size() < kMaxFindings; ++i) {
    const auto by = hiding(analysis, taken, i);
    if (!by || is_in(analysis.clause(i), analysis.clause(*by))) continue;
    if (is_share(analysis.clause(i)) && is_told(analysis.clause(i), shared, findings)) continue;
    Diagnostic finding;
    finding.severity = Severity::kWarning;
    finding.code = "P0310";
    finding.message = fmt::format("this clause never applies: the one at {} hides it",
                                  place_beside(analysis.clause(*by).at, analysis.clause(i).at));
    finding.file = analysis.subject().file;
    finding.at = analysis.clause(i).at;
    const auto packet = witness(analysis.store(), analysis.diagram(i));
    if (packet) {
      finding.witness = fmt::format("{} {} already", net::to_string(*packet),
                                    deed_of(analysis.clause(*by), analysis.exchange()));
    }
    finding.help = "put it before the other one, or take it out";
    findings.push_back(std::move(finding));
  }
  return findings;
}

}  // namespace fabrix::compiler
