#include "policy/lower_queries.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <variant>

#include "base/fnv.h"
#include "policy/describe.h"
#include "policy/intervals.h"
#include "policy/route_test.h"
#include "policy/simplify.h"
#include "policy/vocabulary.h"

namespace fabrix::policy {
namespace {

// Of a query's condition, written out.
constexpr std::size_t kMaxTests = 1'000'000;

// Packets on their way through a term: those of `when`, with these writes done.
struct Stream {
  PredicatePtr when;
  std::vector<Write> writes;
  bool dropped = false;
};
using Streams = std::vector<Stream>;
using Values = std::vector<std::uint64_t>;
using Parts = std::vector<std::pair<Values, PredicatePtr>>;

PredicatePtr any_of(const Streams& streams) {
  std::vector<PredicatePtr> whens;
  for (const Stream& each : streams) whens.push_back(each.when);
  return disjunction(std::move(whens));
}

std::vector<Write> then_written(const std::vector<Write>& first, const std::vector<Write>& then) {
  std::vector<Write> result = then;
  for (const Write& each : first) {
    const bool overwritten = std::any_of(
        then.begin(), then.end(), [&](const Write& later) { return later.field == each.field; });
    if (!overwritten) result.push_back(each);
  }
  std::sort(result.begin(), result.end());
  return result;
}

// Follows the streams through a term, noting what arrives at its queries. What comes out is what
// interpret() calls candidates, whatever their verdict.
class Walk {
 public:
  explicit Walk(Report& report) : report_(report) {}

  // NOLINTBEGIN(misc-no-recursion): as deep as the term, at most kMaxDepth.
  Streams through(const Term& term, const Streams& in) {
    if (in.empty() || overflow_) return {};
    return std::visit([&](const auto& node) { return of(node, term.at, in); }, term.node);
  }

  struct Arrivals {
    QuerySpecPtr spec;
    Streams streams;
  };
  // Each query once.
  std::vector<Arrivals>& found() { return found_; }

 private:
  Streams of(const Filter& filter, const SourceSpan& at, const Streams& in) {
    return filtered(in, filter.when, at);
  }

  Streams of(const Act& act, const SourceSpan& at, const Streams& in) {
    Streams out = filtered(in, act.when, at);
    for (Stream& each : out) {
      if (each.dropped) continue;
      each.writes = then_written(each.writes, act.writes);
      each.dropped = std::holds_alternative<Drop>(act.verdict);
    }
    return out;
  }

  Streams of(const Count& count, const SourceSpan&, const Streams& in) {
    const auto same = [&count](const Arrivals& each) {
      const std::string& name = each.spec->name;
      return each.spec == count.query || (!name.empty() && name == count.query->name);
    };
    auto place = std::find_if(found_.begin(), found_.end(), same);
    if (place == found_.end()) place = found_.insert(place, {count.query, {}});
    check_same(*place->spec, *count.query);
    for (const Stream& each : in) {
      if (!each.dropped) place->streams.push_back(each);
    }
    return {};
  }

  Streams of(const Sequence& sequence, const SourceSpan&, const Streams& in) {
    Streams now = in;
    for (const TermPtr& part : sequence.parts) now = past_drops(*part, now);
    return now;
  }

  Streams of(const Parallel& parallel, const SourceSpan&, const Streams& in) {
    Streams out;
    for (const TermPtr& part : parallel.parts) append(out, through(*part, in));
    return out;
  }

  Streams of(const Ranked& ranked, const SourceSpan& at, const Streams& in) {
    Streams out;
    // One stream at a time: an opinion on one is none on another that has been written otherwise.
    for (const Stream& each : in) {
      Streams mine;
      for (const TermPtr& part : ranked.parts) {
        if (!report_.spend(1 + mine.size(), at)) return {};
        append(mine, through(*part, filtered({each}, negation(any_of(mine)), {}, at)));
      }
      append(out, std::move(mine));
    }
    return out;
  }

  Streams of(const Choice& choice, const SourceSpan& at, const Streams& in) {
    Streams out = through(*choice.then, filtered(in, choice.condition, at));
    append(out, through(*choice.otherwise, filtered(in, negation(choice.condition), at)));
    return out;
  }
  // NOLINTEND(misc-no-recursion)

  Streams past_drops(const Term& part, const Streams& in) {
    Streams going;
    Streams out;
    for (const Stream& each : in) (each.dropped ? out : going).push_back(each);
    append(out, through(part, going));
    return out;
  }

  Streams filtered(const Streams& in, const PredicatePtr& when, const SourceSpan& at) {
    Streams out;
    for (const Stream& each : in) append(out, filtered({each}, before(each, when, at), {}, at));
    return out;
  }

  // The condition as of before the writes.
  PredicatePtr before(const Stream& stream, const PredicatePtr& when, const SourceSpan& at) {
    PredicatePtr folded = before_writes(when, stream.writes);
    if (folded != nullptr) return folded;
    report_.error("P0309", at,
                  "the prefixes that a participant announces cannot be tested for an address "
                  "that modify() has set",
                  "test before the modify()");
    overflow_ = true;
    return never();
  }

  // `when` is about packets as they entered.
  Streams filtered(const Streams& in, const PredicatePtr& when, Streams out, const SourceSpan& at) {
    for (Stream each : in) {
      if (!report_.spend(weight_of(*each.when) + weight_of(*when), at)) break;
      each.when = conjunction(each.when, when);
      if (!is_never(*each.when)) out.push_back(std::move(each));
    }
    bound(out.size(), at);
    return out;
  }

  void append(Streams& into, Streams more) {
    std::move(more.begin(), more.end(), std::back_inserter(into));
    bound(into.size(), {});
  }

  void bound(std::size_t streams, const SourceSpan& at) {
    work_ += streams;
    constexpr std::size_t kMaxWork = 1'000'000;
    if (overflow_ || (streams <= kMaxClauses && work_ <= kMaxWork)) return;
    overflow_ = true;
    report_.error("P0401", at, "more than " + std::to_string(kMaxClauses) + " clauses",
                  "test sets of values in one match() instead of one match() for each");
  }

  void check_same(const QuerySpec& first, const QuerySpec& second) {
    const bool same = first.counted == second.counted && first.interval == second.interval &&
                      first.limit == second.limit && first.fields == second.fields;
    if (same) return;
    report_.error("P0322", second.at,
                  "another query in line " + std::to_string(first.at.line) + " is called '" +
                      first.name + "', and counts otherwise",
                  "queries of one name count together, so they must be alike");
  }

  Report& report_;
  std::vector<Arrivals> found_;
  std::size_t work_ = 0;
  bool overflow_ = false;
};

// The values of the field that `predicate` leaves; perhaps more.
// NOLINTNEXTLINE(misc-no-recursion): at most kMaxDepth.
std::vector<Interval> values_left(const Predicate& predicate, net::Field field) {
  std::vector<Interval> all{{0, net::max_value(field)}};
  if (const auto* value = std::get_if<Constant>(&predicate.node)) {
    return value->value ? all : std::vector<Interval>{};
  }
  if (const auto* test = std::get_if<FieldTest>(&predicate.node)) {
    return test->field == field ? test->intervals : all;
  }
  if (const auto* both = std::get_if<And>(&predicate.node)) {
    std::vector<Interval> left = all;
    for (const PredicatePtr& each : both->operands)
      left = intersect(left, values_left(*each, field));
    return left;
  }
  if (const auto* any = std::get_if<Or>(&predicate.node)) {
    std::vector<Interval> left;
    for (const PredicatePtr& each : any->operands) left = unite(left, values_left(*each, field));
    return left;
  }
  return all;
}

std::vector<Interval> ports_to_enter(Direction direction, const SymbolTable& symbols) {
  std::vector<Interval> ports;
  for (const auto& participant : symbols.participants) {
    if (direction != Direction::kInbound && participant.id != symbols.owner) continue;
    for (const auto& each : participant.ports) ports.push_back({each.port.value, each.port.value});
  }
  return normalize(std::move(ports));
}

// What the field of a packet that may enter the fabric can be.
std::vector<Interval> values_possible(net::Field field, Direction direction,
                                      const SymbolTable& symbols) {
  if (field == net::Field::kEthType) {
    return {{net::kEthTypeIpv4, net::kEthTypeIpv4}, {net::kEthTypeIpv6, net::kEthTypeIpv6}};
  }
  if (field == net::Field::kVlanId || field == net::Field::kVlanPcp) return {{0, 0}};
  if (field == net::Field::kInPort) return ports_to_enter(direction, symbols);
  return {{0, net::max_value(field)}};
}

// Over whatever says what a query is.
class Hash {
 public:
  void add(std::uint64_t number) { fnv_.add(number); }
  void add(std::string_view text) {
    fnv_.add(text);
    fnv_.add_octet(0);
  }
  // best_via() has no text but a number; what has a text is told by it.
  void add(const OnRoute& test) {
    add(static_cast<std::uint64_t>(test.side));
    add(std::string_view(test.tests->text));
    for (const RouteTest& each : test.tests->all) {
      const auto* number = std::get_if<RouteNumberTest>(&each);
      if (number == nullptr) continue;
      add(static_cast<std::uint64_t>(number->of));
      for (const Interval& interval : number->intervals) {
        add(interval.low);
        add(interval.high);
      }
    }
  }
  // NOLINTNEXTLINE(misc-no-recursion): at most kMaxDepth.
  void add(const Predicate& predicate) {
    add(predicate.node.index());
    if (const auto* value = std::get_if<Constant>(&predicate.node)) {
      add(std::uint64_t{value->value ? 1U : 0U});
    } else if (const auto* test = std::get_if<FieldTest>(&predicate.node)) {
      add(static_cast<std::uint64_t>(test->field));
      for (const Interval& each : test->intervals) {
        add(each.low);
        add(each.high);
      }
    } else if (const auto* from = std::get_if<FromParticipant>(&predicate.node)) {
      add(from->participant.value);
    } else if (const auto* prefixes = std::get_if<InPrefixesOf>(&predicate.node)) {
      add(prefixes->participant.value);
      add(static_cast<std::uint64_t>(prefixes->side));
    } else if (const auto* on_route = std::get_if<OnRoute>(&predicate.node)) {
      add(*on_route);
    } else if (const auto* negated = std::get_if<Not>(&predicate.node)) {
      add(*negated->operand);
    } else if (const auto* all = std::get_if<And>(&predicate.node)) {
      for (const PredicatePtr& each : all->operands) add(*each);
    } else if (const auto* any = std::get_if<Or>(&predicate.node)) {
      for (const PredicatePtr& each : any->operands) add(*each);
    }
    fnv_.add_octet(0xff);
  }
  std::uint64_t value() const { return fnv_.value(); }

 private:
  Fnv fnv_;
};

class Lowering {
 public:
  Lowering(Direction direction, const SymbolTable& symbols, Report& report)
      : direction_(direction), symbols_(symbols), report_(report) {}

  void add(const Walk::Arrivals& arrivals) {
    const QuerySpec& spec = *arrivals.spec;
    PredicatePtr when = any_of(arrivals.streams);
    if (is_never(*when)) {
      report_.warning("P0307", spec.at, "this can never count anything",
                      "no packet satisfies the conditions before it");
      return;
    }
    if (spec.fields.empty()) return finish(spec, "", std::move(when));
    std::map<Values, std::vector<PredicatePtr>> groups;
    for (const Stream& stream : arrivals.streams) {
      if (!add_groups(spec, stream, groups)) return;
    }
    for (auto& [values, whens] : groups) {
      PredicatePtr condition = disjunction(std::move(whens));
      if (!is_never(*condition)) finish(spec, text_of(spec.fields, values), std::move(condition));
    }
  }

  std::vector<Query> take() {
    std::sort(queries_.begin(), queries_.end(), [](const Query& a, const Query& b) {
      return std::tie(a.name, a.group, a.id) < std::tie(b.name, b.group, b.id);
    });
    // The same query written twice is one.
    const auto same = [](const Query& a, const Query& b) { return a.id == b.id; };
    queries_.erase(std::unique(queries_.begin(), queries_.end(), same), queries_.end());
    for (std::size_t i = 1; i < queries_.size(); ++i) {
      if (label_of(queries_[i - 1]) != label_of(queries_[i])) continue;
      report_.error("P0322", queries_[i].at,
                    "another query in line " + std::to_string(queries_[i - 1].at.line) +
                        " counts the same packets at another interval",
                    "name them: count_packets(1s) as NAME");
    }
    if (queries_.size() > kMaxQueries) {
      report_.error("P0409", queries_.front().at,
                    "more than " + std::to_string(kMaxQueries) + " counters",
                    "queries count together where they have one name");
    }
    return std::move(queries_);
  }

 private:
  // The values of one field in one stream. None: reported.
  std::optional<Values> values_of(const QuerySpec& spec, const Stream& stream, net::Field field) {
    const auto write = std::find_if(stream.writes.begin(), stream.writes.end(),
                                    [field](const Write& each) { return each.field == field; });
    if (write != stream.writes.end()) return Values{write->value};
    auto left =
        intersect(values_left(*stream.when, field), values_possible(field, direction_, symbols_));
    for (const FieldTest& need : prerequisites(field)) {
      if (need.field == field) left = intersect(left, need.intervals);
    }
    Values values;
    for (const Interval& each : left) {
      if (each.high - each.low >= kMaxQueries || values.size() > kMaxQueries) {
        complain(spec, std::string(net::name_of(field)));
        return std::nullopt;
      }
      for (std::uint64_t value = each.low; value <= each.high; ++value) values.push_back(value);
    }
    return values;
  }

  // Each part of the stream, parted by the values of a field.
  static Parts part(const Parts& all, net::Field field, const Values& values,
                    const Stream& stream) {
    Parts parts;
    for (const auto& [before, when] : all) {
      for (const std::uint64_t value : values) {
        PredicatePtr here = conjunction(when, before_writes(has(field, value), stream.writes));
        if (is_never(*here)) continue;
        parts.emplace_back(before, std::move(here));
        parts.back().first.push_back(value);
      }
    }
    return parts;
  }

  bool add_groups(const QuerySpec& spec, const Stream& stream,
                  std::map<Values, std::vector<PredicatePtr>>& groups) {
    Parts all{{Values{}, stream.when}};
    for (const net::Field field : spec.fields) {
      const auto values = values_of(spec, stream, field);
      if (!values) return false;
      all = part(all, field, *values, stream);
      if (all.size() > kMaxQueries) {
        complain(spec, "these fields together");
        return false;
      }
    }
    for (auto& [values, when] : all) groups[values].push_back(when);
    return true;
  }

  // The packet has the field, and this value in it.
  static PredicatePtr has(net::Field field, std::uint64_t value) {
    std::vector<PredicatePtr> all{test_field(field, {{value, value}})};
    for (const FieldTest& need : prerequisites(field)) {
      all.push_back(test_field(need.field, need.intervals));
    }
    return conjunction(std::move(all));
  }

  void complain(const QuerySpec& spec, const std::string& what) {
    report_.error("P0410", spec.at,
                  "the tests before this query leave more than " + std::to_string(kMaxQueries) +
                      " values of " + what + ", and each is a counter",
                  "test it before, as in match(dstport={80, 443}) >> count_packets(1s, dstport)");
  }

  std::string text_of(const std::vector<net::Field>& fields, const Values& values) const {
    std::string text;
    for (std::size_t i = 0; i < fields.size(); ++i) {
      if (i != 0) text += ", ";
      text += describe(*test_field(fields[i], {{values[i], values[i]}}), symbols_);
    }
    return text;
  }

  void finish(const QuerySpec& spec, std::string group, PredicatePtr when) {
    const auto extent = extent_of(*when, kMaxTests);
    if (extent && !report_.spend(extent->nodes + extent->values, spec.at)) return;
    if (!extent || extent->depth > kMaxDepth) {
      report_.error("P0402", spec.at, "the condition of this query is nested too deeply");
      return;
    }
    Query query;
    query.name = spec.name.empty() ? name_for(spec, group, *when) : spec.name;
    query.group = std::move(group);
    query.counted = spec.counted;
    query.interval = spec.interval;
    query.limit = spec.limit;
    query.at = spec.at;
    Hash hash;
    hash.add(static_cast<std::uint64_t>(direction_));
    hash.add(query.name);
    hash.add(query.group);
    hash.add(static_cast<std::uint64_t>(spec.counted));
    hash.add(static_cast<std::uint64_t>(spec.interval.count()));
    hash.add(spec.limit);
    hash.add(*when);
    query.id = hash.value() >> 1U;  // the rest is for other counters (program/drop.h)
    query.when = std::move(when);
    queries_.push_back(std::move(query));
  }

  // A query without a name is called by what it counts.
  std::string name_for(const QuerySpec& spec, const std::string& group,
                       const Predicate& when) const {
    if (!group.empty()) return std::string(name_of(spec.counted));
    std::string text = describe(when, symbols_);
    constexpr std::size_t kLongest = 60;
    if (text.size() > kLongest) {
      Hash hash;
      hash.add(when);
      text = text.substr(0, kLongest) + "...#" + std::to_string(hash.value() % 1'000'000);
    }
    return std::string(name_of(spec.counted)) + "(" + text + ")";
  }

  Direction direction_;
  const SymbolTable& symbols_;
  Report& report_;
  std::vector<Query> queries_;
};

}  // namespace

// NOLINTNEXTLINE(misc-no-recursion): as deep as the term, at most kMaxDepth.
bool counts(const Term& term) {
  const auto some = [](const std::vector<TermPtr>& parts) {
    return std::any_of(parts.begin(), parts.end(),
                       [](const TermPtr& part) { return counts(*part); });
  };
  if (const auto* sequence = std::get_if<Sequence>(&term.node)) return some(sequence->parts);
  if (const auto* parallel = std::get_if<Parallel>(&term.node)) return some(parallel->parts);
  if (const auto* ranked = std::get_if<Ranked>(&term.node)) return some(ranked->parts);
  if (const auto* choice = std::get_if<Choice>(&term.node)) {
    return counts(*choice->then) || counts(*choice->otherwise);
  }
  return std::holds_alternative<Count>(term.node);
}

std::vector<Query> lower_queries(const Term& term, Direction direction, const SymbolTable& symbols,
                                 Report& report) {
  if (!counts(term)) return {};
  Walk walk(report);
  walk.through(term, {{always(), {}, false}});
  if (report.failed()) return {};
  Lowering lowering(direction, symbols, report);
  for (const Walk::Arrivals& each : walk.found()) lowering.add(each);
  return lowering.take();
}

}  // namespace fabrix::policy
