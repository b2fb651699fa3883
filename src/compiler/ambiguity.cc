#include "compiler/ambiguity.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "compiler/place_text.h"
#include "compiler/witness.h"
#include "policy/balance.h"

namespace fabrix::compiler {
namespace {

using diagram::Diagram;
using policy::Clause;
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

// NOLINTBEGIN(misc-no-recursion): as deep as a predicate or Shape, at most policy::kMaxDepth.
// Walks a Shape for pairs of clauses that no `//` ranks.
class AmbiguitySearch {
 public:
  explicit AmbiguitySearch(ClauseAnalysis& analysis) : analysis_(analysis) {}

  void visit(const Shape& shape) {
    for (const Shape& part : shape.parts) visit(part);
    if (shape.kind != Shape::Kind::kParallel) return;
    std::vector<Part> parts;
    for (const Shape& part : shape.parts) parts.push_back({&part, extent_of(part)});
    const std::vector<std::size_t> open = open_of(parts);
    for (std::size_t later = 0, next = 0; later < parts.size(); ++later) {
      const bool is_open = next < open.size() && open[next] == later;
      const Extent extent = parts[later].extent;
      const std::size_t others = is_open ? extent.first - parts.front().extent.first : next;
      if (!analysis_.look_at(extent.first, others * (extent.last - extent.first))) return;
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

  // What those of these clauses leave that always decide.
  Diagram left_by(const Extent& before, std::uint32_t clause, Diagram rest) {
    for (std::uint32_t i = before.first; i < before.last; ++i) {
      if (!analysis_.is_decisive(i) || !analysis_.may_overlap(i, clause)) continue;
      rest = analysis_.store().difference(rest, analysis_.diagram(i));
    }
    return rest;
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
        const Extent before{extent_of(*at).first, extent_of(*inner).first};
        if (!analysis_.look_at(clause, before.last - before.first)) return rest;
        rest = left_by(before, clause, rest);
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
    const std::string first = deed_of(a, analysis_.exchange());
    const std::string second = deed_of(b, analysis_.exchange());
    Diagnostic finding;
    finding.code = "P0301";
    finding.message = fmt::format(
        "a packet would {} (the other clause is at {})",
        targets && a.verdict != b.verdict ? "go to two targets" : "be treated in two ways",
        place_beside(a.at, b.at));
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

  ClauseAnalysis& analysis_;
  std::map<std::pair<const Shape*, std::uint32_t>, Diagram> reaching_;
  std::vector<Diagnostic> findings_;
};

// NOLINTEND(misc-no-recursion)

}  // namespace

std::vector<Diagnostic> find_ambiguities(ClauseAnalysis& analysis) {
  AmbiguitySearch search(analysis);
  search.visit(analysis.list().shape);
  return search.take();
}

}  // namespace fabrix::compiler
