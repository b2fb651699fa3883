#include "policy/explain.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "net/field.h"
#include "policy/describe.h"

namespace fabrix::policy {
namespace {

using Outcome = Trial::Outcome;

struct Answer {
  Outcome outcome = Outcome::kMatches;
  std::string reason;
};

bool contains(const std::vector<Interval>& intervals, std::uint64_t value) {
  return std::any_of(intervals.begin(), intervals.end(), [value](const Interval& each) {
    return each.low <= value && value <= each.high;
  });
}

// NOLINTBEGIN(misc-no-recursion): as deep as a predicate, at most kMaxDepth.
class Examiner {
 public:
  Examiner(const net::Packet& packet, const Viewpoint& viewpoint, const SymbolTable& symbols)
      : packet_(packet), viewpoint_(viewpoint), symbols_(symbols) {}

  Answer ask(const Predicate& predicate) const {
    return std::visit([this](const auto& node) { return this->answer(node); }, predicate.node);
  }

 private:
  // What only routes can answer.
  template <typename Question>
  Answer answer(const Question& question) const {
    return {Outcome::kDepends, describe(Predicate{question}, symbols_)};
  }

  static Answer answer(const Constant& constant) {
    if (constant.value) return {};
    return {Outcome::kDoesNotMatch, "it never applies"};
  }

  Answer answer(const FieldTest& test) const {
    const std::uint64_t value = net::value_of(packet_, test.field);
    if (contains(test.intervals, value)) return {};
    const Predicate present{FieldTest{test.field, {{value, value}}}};
    return {Outcome::kDoesNotMatch, "the packet has " + describe(present, symbols_)};
  }

  Answer answer(const FromParticipant& from) const {
    if (!viewpoint_.sender) return {Outcome::kDepends, describe(Predicate{from}, symbols_)};
    if (*viewpoint_.sender == from.participant) return {};
    const Predicate actual{FromParticipant{*viewpoint_.sender}};
    return {Outcome::kDoesNotMatch, "the packet is " + describe(actual, symbols_)};
  }

  Answer answer(const Not& negated) const {
    Answer inner = ask(*negated.operand);
    if (inner.outcome == Outcome::kDepends) return {Outcome::kDepends, "not " + inner.reason};
    if (inner.outcome == Outcome::kDoesNotMatch) return {};
    return {Outcome::kDoesNotMatch, describe(*negated.operand, symbols_) + " holds for the packet"};
  }

  Answer answer(const And& all) const {
    std::vector<Answer> answers;
    for (const PredicatePtr& each : earlier_fields_first(all.operands)) {
      answers.push_back(ask(*each));
      if (answers.back().outcome == Outcome::kDoesNotMatch) return answers.back();
    }
    return joined(answers, " and ");
  }

  Answer answer(const Or& any) const {
    std::vector<Answer> answers;
    for (const PredicatePtr& each : any.operands) {
      answers.push_back(ask(*each));
      if (answers.back().outcome == Outcome::kMatches) return {};
    }
    const Answer depends = joined(answers, " or ");
    return depends.outcome == Outcome::kDepends ? depends : none_of(answers);
  }

  // Those that depend, if any does.
  static Answer joined(const std::vector<Answer>& answers, std::string_view word) {
    Answer result;
    for (const Answer& each : answers) {
      if (each.outcome != Outcome::kDepends) continue;
      result.outcome = Outcome::kDepends;
      if (!result.reason.empty()) result.reason += word;
      result.reason += each.reason;
    }
    return result;
  }

  static Answer none_of(const std::vector<Answer>& answers) {
    Answer result{Outcome::kDoesNotMatch, {}};
    std::vector<std::string_view> said;
    for (const Answer& each : answers) {
      if (std::find(said.begin(), said.end(), each.reason) != said.end()) continue;
      said.push_back(each.reason);
      if (!result.reason.empty()) result.reason += "; ";
      result.reason += each.reason;
    }
    return result;
  }

  // A packet that is not IPv4 fails for that, and not for its lack of an address.
  static std::vector<PredicatePtr> earlier_fields_first(std::vector<PredicatePtr> operands) {
    const auto rank = [](const PredicatePtr& each) {
      const auto* test = std::get_if<FieldTest>(&each->node);
      return test == nullptr ? net::kFieldCount : static_cast<std::size_t>(test->field);
    };
    std::stable_sort(operands.begin(), operands.end(),
                     [&rank](const auto& a, const auto& b) { return rank(a) < rank(b); });
    return operands;
  }

  const net::Packet& packet_;
  const Viewpoint& viewpoint_;
  const SymbolTable& symbols_;
};
// NOLINTEND(misc-no-recursion)

bool always_applies(const Clause& clause, Direction direction) {
  return direction == Direction::kInbound || std::holds_alternative<Drop>(clause.verdict) ||
         std::holds_alternative<UseDefault>(clause.verdict);
}

}  // namespace

std::vector<Trial> explain(const ClauseList& list, const net::Packet& packet,
                           const Viewpoint& viewpoint, const SymbolTable& symbols) {
  const Examiner examiner(packet, viewpoint, symbols);
  std::vector<Trial> trials;
  for (std::uint32_t i = 0; i < list.clauses.size(); ++i) {
    const Clause& clause = list.clauses[i];
    Answer answer = examiner.ask(*clause.when);
    const bool last =
        answer.outcome == Outcome::kMatches && always_applies(clause, viewpoint.direction);
    trials.push_back({i, answer.outcome, std::move(answer.reason)});
    if (last) break;
  }
  return trials;
}

}  // namespace fabrix::policy
