#include "compiler/ambiguity.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "compiler/box.h"
#include "compiler/predicate_diagram.h"
#include "compiler/witness.h"
#include "policy/balance.h"
#include "policy/extras.h"

namespace fabrix::compiler {
namespace {

using diagram::Diagram;
using policy::Clause;
using policy::ClauseList;
using policy::Direction;
using policy::Shape;

// The clauses under a part of a Shape: [first, last), since leaves are numbered left to right.
struct Extent {
  std::uint32_t first = 0;
  std::uint32_t last = 0;
};

// NOLINTBEGIN(misc-no-recursion): as deep as a predicate or Shape, at most policy::kMaxDepth.
Extent extent_of(const Shape& shape) {
  if (shape.kind == Shape::Kind::kClause) return {shape.clause, shape.clause + 1};
  Extent all{~std::uint32_t{0}, 0};
  for (const Shape& part : shape.parts) {
    const Extent extent = extent_of(part);
    all = {std::min(all.first, extent.first), std::max(all.last, extent.last)};
  }
  return all.first > all.last ? Extent{} : all;
}

// NOLINTEND(misc-no-recursion)

bool decides_alike(const Clause& a, const Clause& b) {
  return a.verdict == b.verdict && a.writes == b.writes && a.extras == b.extras;
}

// The clauses of one list with what is asked about them, worked out when first needed.
class Analysis {
 public:
  Analysis(const ClauseList& list, const Subject& subject, const Surroundings& surroundings)
      : list_(list),
        subject_(subject),
        surroundings_(surroundings),
        questions_(route_tests_of(list)),
        diagrams_(list.clauses.size()) {
    boxes_.reserve(list.clauses.size());
    for (const Clause& clause : list.clauses) {
      boxes_.push_back(boxes_of(*clause.when, sense()));
    }
    constexpr std::size_t kFew = 32;  // pairs are looked at in no time
    values_.resize(list.clauses.size());
    if (list.clauses.size() > kFew) find_telling_field();
  }

  const Clause& clause(std::uint32_t i) const { return list_.clauses[i]; }
  const Subject& subject() const { return subject_; }
  const exchange::Exchange& exchange() const { return surroundings_.exchange; }
  diagram::Store& store() { return surroundings_.store; }

  // What routes answer is not known ahead: it may be anything.
  RouteSense sense() const {
    return {.reachability = surroundings_.reachability, .questions = questions_};
  }

  // Quicker yet, of many clauses that want one port or prefix each: true means that no packet
  // matches both.
  bool are_apart(std::uint32_t a, std::uint32_t b) const {
    return values_[a] != 0 && values_[b] != 0 && values_[a] != values_[b];
  }

  // 0: none.
  std::uint32_t telling_value(std::uint32_t i) const { return values_[i]; }

  // Quick and one-sided: false means that no packet matches both.
  bool may_overlap(std::uint32_t a, std::uint32_t b) const {
    if (are_apart(a, b)) return false;
    if (!boxes_[a] || !boxes_[b]) return true;
    return std::ranges::any_of(*boxes_[a], [&](const Box& left) {
      return std::ranges::any_of(*boxes_[b], [&](const Box& right) {
        return overlap(left, right) && !exclude(left, right);
      });
    });
  }

  bool asks_routes(std::uint32_t i) const {
    return std::ranges::any_of(questions_, [&](const policy::OnRoute& question) {
      return asks(*clause(i).when, question);
    });
  }

  Diagram diagram(std::uint32_t i) {
    if (!diagrams_[i]) {
      diagrams_[i] = diagram_of(store(), *clause(i).when, sense());
    }
    return *diagrams_[i];
  }

  // Whether it acts on every packet that matches it, whatever the routes are.
  bool is_decisive(std::uint32_t i) const {
    return subject_.direction == Direction::kInbound ||
           !policy::may_be_unreachable(clause(i).verdict);
  }

  // Whether `earlier` takes whatever matches both from `later`, whatever the routes are.
  bool hides(std::uint32_t earlier, std::uint32_t later) const {
    if (is_decisive(earlier)) return true;
    const auto writes_destination = [](const Clause& clause) {
      return std::ranges::any_of(clause.writes, [](const policy::Write& write) {
        return write.field == net::Field::kDstIp4 || write.field == net::Field::kDstIp6High ||
               write.field == net::Field::kDstIp6Low;
      });
    };
    return clause(earlier).verdict == clause(later).verdict &&
           !writes_destination(clause(earlier)) && !writes_destination(clause(later));
  }

 private:
  // The only value of the field that the clause takes. None: several, or any.
  std::optional<std::uint64_t> value_of(std::uint32_t clause, diagram::FieldIndex field) const {
    const auto& boxes = boxes_[clause];
    std::optional<std::uint64_t> value;
    for (const Box& box : boxes ? *boxes : std::vector<Box>{}) {
      const auto range = std::ranges::find(box.ranges, field, &FieldRange::field);
      if (range == box.ranges.end()) return std::nullopt;
      const policy::Interval& only = range->intervals.front();
      if (range->intervals.size() != 1 || only.low != only.high) return std::nullopt;
      if (value.value_or(only.low) != only.low) return std::nullopt;
      value = only.low;
    }
    return value;
  }

  // The field of which the clauses take most values, one each.
  void find_telling_field() {
    std::size_t most = 0;
    for (diagram::FieldIndex field = 0; field < net::kFieldCount; ++field) {
      std::vector<std::uint32_t> numbers;
      std::map<std::uint64_t, std::uint32_t> known;
      for (std::uint32_t i = 0; i < list_.clauses.size(); ++i) {
        const auto value = value_of(i, field);
        const auto next = static_cast<std::uint32_t>(known.size() + 1);
        numbers.push_back(value ? known.try_emplace(*value, next).first->second : 0);
      }
      if (known.size() <= most) continue;
      most = known.size();
      values_ = std::move(numbers);
    }
  }

  // Whether no route answers what both ask with yes.
  bool exclude(const Box& left, const Box& right) const {
    const auto is_yes = [](const FieldRange& range) {
      return range.field >= kFirstQuestionField && range.intervals.front().low == 1;
    };
    return std::ranges::any_of(left.ranges, [&](const FieldRange& a) {
      return is_yes(a) && std::ranges::any_of(right.ranges, [&](const FieldRange& b) {
               return is_yes(b) && policy::exclude(questions_[a.field - kFirstQuestionField],
                                                   questions_[b.field - kFirstQuestionField]);
             });
    });
  }

  const ClauseList& list_;
  const Subject& subject_;
  const Surroundings& surroundings_;
  std::vector<policy::OnRoute> questions_;
  std::vector<std::optional<std::vector<Box>>> boxes_;
  std::vector<std::uint32_t> values_;  // of one field, numbered, by clause; 0: not just one
  std::vector<std::optional<Diagram>> diagrams_;
};

std::string name_of(const policy::Target& target, const exchange::Exchange& exchange) {
  return target.router ? exchange.router(*target.router).name
                       : exchange.participant(target.participant).name;
}

std::string describe(const Clause& clause, const exchange::Exchange& exchange) {
  if (const auto* forward = std::get_if<policy::Forward>(&clause.verdict)) {
    return "goes to " + name_of(forward->target, exchange);
  }
  if (std::holds_alternative<policy::Drop>(clause.verdict)) return "is dropped";
  if (const auto* several = std::get_if<policy::Multicast>(&clause.verdict)) {
    return fmt::format("is copied to {} targets", several->targets.size());
  }
  return "goes by BGP";
}

// NOLINTBEGIN(misc-no-recursion): as deep as a predicate or Shape, at most policy::kMaxDepth.
// Walks a Shape for pairs of clauses that no `//` ranks.
class AmbiguitySearch {
 public:
  explicit AmbiguitySearch(Analysis& analysis) : analysis_(analysis) {}

  void visit(const Shape& shape) {
    for (const Shape& part : shape.parts) visit(part);
    if (shape.kind != Shape::Kind::kParallel) return;
    std::vector<Part> parts;
    for (const Shape& part : shape.parts) parts.push_back({&part, extent_of(part)});
    const std::vector<std::size_t> open = open_of(parts);
    for (std::size_t later = 0, next = 0; later < parts.size(); ++later) {
      const bool is_open = next < open.size() && open[next] == later;
      if (is_open) ++next;
      for (std::size_t i = 0; i < (is_open ? later : next); ++i) {
        compare(parts[is_open ? i : open[i]], parts[later]);
      }
    }
  }

  std::vector<Diagnostic> take() { return std::move(findings_); }

 private:
  struct Part {
    const Shape* shape = nullptr;
    Extent extent;
  };

  // The parts that may overlap another: all but clauses that are apart from all others like them.
  std::vector<std::size_t> open_of(const std::vector<Part>& parts) const {
    std::map<std::uint32_t, std::size_t> takers;
    const auto value = [this](const Part& part) {
      const bool alone = part.extent.last == part.extent.first + 1;
      return alone ? analysis_.telling_value(part.extent.first) : 0;
    };
    for (const Part& part : parts) ++takers[value(part)];
    std::vector<std::size_t> open;
    for (std::size_t i = 0; i < parts.size(); ++i) {
      const std::uint32_t own = value(parts[i]);
      if (own == 0 || takers[own] > 1) open.push_back(i);
    }
    return open;
  }

  void compare(const Part& left, const Part& right) {
    for (std::uint32_t later = right.extent.first; later < right.extent.last; ++later) {
      for (std::uint32_t earlier = left.extent.first; earlier < left.extent.last; ++earlier) {
        if (findings_.size() == kMaxFindings) return;
        if (analysis_.are_apart(earlier, later)) continue;
        if (decides_alike(analysis_.clause(earlier), analysis_.clause(later))) continue;
        if (!analysis_.may_overlap(earlier, later)) continue;
        check(*left.shape, earlier, *right.shape, later);
      }
    }
  }

  void check(const Shape& left, std::uint32_t earlier, const Shape& right, std::uint32_t later) {
    const Diagram both =
        analysis_.store().conjunction(reaching(left, earlier), reaching(right, later));
    const auto packet = witness(analysis_.store(), both);
    if (packet) report(earlier, later, *packet);
  }

  // The packets of `clause` that clauses ranked before it within `part` leave to it.
  Diagram reaching(const Shape& part, std::uint32_t clause) {
    const auto [known, is_new] = reaching_.try_emplace({&part, clause});
    if (is_new) known->second = left_to(part, clause);
    return known->second;
  }

  Diagram left_to(const Shape& part, std::uint32_t clause) {
    Diagram rest = analysis_.diagram(clause);
    const Shape* at = &part;
    while (at->kind != Shape::Kind::kClause) {
      const auto inner = std::ranges::find_if(at->parts, [clause](const Shape& each) {
        const Extent extent = extent_of(each);
        return extent.first <= clause && clause < extent.last;
      });
      if (inner == at->parts.end()) return rest;
      if (at->kind == Shape::Kind::kRanked) {
        for (std::uint32_t i = extent_of(*at).first; i < extent_of(*inner).first; ++i) {
          if (!analysis_.is_decisive(i) || !analysis_.may_overlap(i, clause)) continue;
          rest = analysis_.store().difference(rest, analysis_.diagram(i));
        }
      }
      at = &*inner;
    }
    return rest;
  }

  void report(std::uint32_t earlier, std::uint32_t later, const net::Packet& packet) {
    const Clause& a = analysis_.clause(earlier);
    const Clause& b = analysis_.clause(later);
    const bool targets = std::holds_alternative<policy::Forward>(a.verdict) &&
                         std::holds_alternative<policy::Forward>(b.verdict);
    const std::string first = describe(a, analysis_.exchange());
    const std::string second = describe(b, analysis_.exchange());
    Diagnostic finding;
    finding.code = "P0301";
    finding.message = fmt::format(
        "a packet would {} (the other clause is at line {})",
        targets && a.verdict != b.verdict ? "go to two targets" : "be treated in two ways",
        a.at.line);
    finding.file = analysis_.subject().file;
    finding.at = b.at;
    // "goes to B and to C"
    const bool repeats = first.starts_with("goes ") && second.starts_with("goes ");
    const auto hashed = policy::hash_keys_of(*a.when) | policy::hash_keys_of(*b.when);
    finding.witness =
        fmt::format("{}{} {} and {}", net::to_string(packet), net::bucket_text(packet, hashed),
                    first, repeats ? second.substr(5) : second);
    if (analysis_.asks_routes(earlier) || analysis_.asks_routes(later)) {
      finding.witness += ", by a route that is what the clauses ask for";
    }
    finding.help = "rank them with '//', or make them exclude each other";
    if (targets && a.verdict != b.verdict) finding.help = ranked_or_both(a, b);
    findings_.push_back(std::move(finding));
  }

  std::string ranked_or_both(const Clause& a, const Clause& b) const {
    const auto name = [this](const Clause& clause) {
      return name_of(std::get<policy::Forward>(clause.verdict).target, analysis_.exchange());
    };
    return fmt::format("rank them with '//', or write multicast({}, {}) to send to both", name(a),
                       name(b));
  }

  Analysis& analysis_;
  std::map<std::pair<const Shape*, std::uint32_t>, Diagram> reaching_;
  std::vector<Diagnostic> findings_;
};

// NOLINTEND(misc-no-recursion)

// Whether `hidden` is what police() or mirror() beside a clause left of it: one clause of the text
// parted in two, or the police() or mirror() itself, which `by` carries out.
bool is_in(const Clause& hidden, const Clause& by) {
  const bool gives_way = std::holds_alternative<policy::UseDefault>(hidden.verdict) &&
                         hidden.writes.empty() && !hidden.extras.empty();
  return hidden.at == by.at || (gives_way && policy::joined(by.extras, hidden.extras) == by.extras);
}

// What clauses take from later ones, joined clause by clause: with it each clause of many costs one
// look instead of one at each that is before it.
class Taken {
 public:
  explicit Taken(Analysis& analysis) : analysis_(analysis), always_(analysis.store().none()) {}

  // Whether clauses before `later` take all its packets. To be asked in ascending order.
  bool all_of(std::uint32_t later) {
    for (; next_ < later; ++next_) add(next_);
    diagram::Store& store = analysis_.store();
    Diagram rest = store.difference(analysis_.diagram(later), always_);
    for (const Some& some : some_) {
      if (analysis_.hides(some.clause, later)) rest = store.difference(rest, some.packets);
    }
    return rest == store.none();
  }

 private:
  // Of clauses that hide the same later ones.
  struct Some {
    std::uint32_t clause = 0;
    Diagram packets;
  };

  void add(std::uint32_t i) {
    diagram::Store& store = analysis_.store();
    if (analysis_.is_decisive(i)) {
      always_ = store.disjunction(always_, analysis_.diagram(i));
      return;
    }
    const auto alike = std::ranges::find_if(some_, [&](const Some& some) {
      return analysis_.hides(i, some.clause) && analysis_.hides(some.clause, i);
    });
    if (alike == some_.end()) {
      some_.push_back({.clause = i, .packets = analysis_.diagram(i)});
    } else {
      alike->packets = store.disjunction(alike->packets, analysis_.diagram(i));
    }
  }

  Analysis& analysis_;
  std::uint32_t next_ = 0;
  Diagram always_;
  std::vector<Some> some_;
};

// The clause that hides `later`: the first of those that together take all its packets.
std::optional<std::uint32_t> hiding(Analysis& analysis, Taken& taken, std::uint32_t later) {
  std::vector<std::uint32_t> candidates;
  for (std::uint32_t earlier = 0; earlier < later; ++earlier) {
    if (analysis.are_apart(earlier, later)) continue;
    if (!analysis.hides(earlier, later) || !analysis.may_overlap(earlier, later)) continue;
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
std::set<SourceSpan> shares_that_apply(Analysis& analysis, const ClauseList& list) {
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

std::vector<Diagnostic> ambiguities_in(const ClauseList& list, Analysis& analysis) {
  AmbiguitySearch search(analysis);
  search.visit(list.shape);
  return search.take();
}

std::vector<Diagnostic> shadowed_in(const ClauseList& list, Analysis& analysis) {
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
    finding.message = fmt::format("this clause never applies: the one at line {} hides it",
                                  analysis.clause(*by).at.line);
    finding.file = analysis.subject().file;
    finding.at = analysis.clause(i).at;
    const auto packet = witness(analysis.store(), analysis.diagram(i));
    if (packet) {
      finding.witness = fmt::format("{} {} already", net::to_string(*packet),
                                    describe(analysis.clause(*by), analysis.exchange()));
    }
    finding.help = "put it before the other one, or take it out";
    findings.push_back(std::move(finding));
  }
  return findings;
}

void append(std::vector<Diagnostic>& all, std::vector<Diagnostic> more) {
  for (Diagnostic& each : more) all.push_back(std::move(each));
}

}  // namespace

std::vector<Diagnostic> find_ambiguities(const ClauseList& list, const Subject& subject,
                                         const Surroundings& surroundings) {
  Analysis analysis(list, subject, surroundings);
  return ambiguities_in(list, analysis);
}

std::vector<Diagnostic> find_shadowed(const ClauseList& list, const Subject& subject,
                                      const Surroundings& surroundings) {
  Analysis analysis(list, subject, surroundings);
  return shadowed_in(list, analysis);
}

Findings judge(net::ParticipantId owner, const policy::Policy& policy, std::string_view file,
               const Surroundings& surroundings) {
  Findings findings;
  for (const Direction direction : {Direction::kOutbound, Direction::kInbound}) {
    const ClauseList& list = policy.of(direction);
    if (list.clauses.size() < 2) continue;
    const Subject subject{owner, direction, file};
    Analysis analysis(list, subject, surroundings);
    if (!policy.overlap_first) append(findings.errors, ambiguities_in(list, analysis));
    append(findings.warnings, shadowed_in(list, analysis));
  }
  surroundings.store.collect({});
  return findings;
}

}  // namespace fabrix::compiler
