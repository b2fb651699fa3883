#include "policy/interpret.h"

#include <algorithm>
#include <iterator>
#include <variant>

namespace fabrix::policy {
namespace {

using Candidates = std::vector<Candidate>;

bool is_forward(const Candidate& candidate) {
  return std::holds_alternative<Forward>(candidate.verdict);
}

bool is_default(const Verdict& verdict) {
  return std::holds_alternative<UseDefault>(verdict);
}

void append(Candidates& into, Candidates more) {
  std::move(more.begin(), more.end(), std::back_inserter(into));
}

void append_new(Candidates& into, const Candidates& more) {
  for (const Candidate& each : more) {
    if (std::find(into.begin(), into.end(), each) == into.end()) into.push_back(each);
  }
}

// What `next` makes of one candidate of what comes before it.
Candidates follow(const Candidate& before, const Term& next, const PacketContext& context) {
  if (std::holds_alternative<Drop>(before.verdict)) return {before};
  Candidates result = interpret(next, before.packet, context);
  for (Candidate& each : result) {
    each.writes = each.writes || before.writes;
    if (is_default(each.verdict)) each.verdict = before.verdict;
  }
  return result;
}

struct Interpreter {
  const net::Packet& packet;
  const PacketContext& context;

  Candidates operator()(const Filter& filter) const {
    if (!holds(*filter.when, packet, context)) return {};
    return {{packet, UseDefault{}, false}};
  }

  Candidates operator()(const Act& act) const {
    if (!holds(*act.when, packet, context)) return {};
    Candidate result{packet, act.verdict, !act.writes.empty()};
    for (const Write& write : act.writes) net::set_value(result.packet, write.field, write.value);
    return {result};
  }

  // Equal candidates have equal futures, and all but the first are never chosen. Kept, they could
  // double with every part.
  Candidates operator()(const Sequence& sequence) const {
    Candidates now{{packet, UseDefault{}, false}};
    for (const TermPtr& part : sequence.parts) {
      Candidates next;
      for (const Candidate& each : now) {
        append_new(next, follow(each, *part, context));
      }
      now = std::move(next);
    }
    return now;
  }

  Candidates operator()(const Parallel& parallel) const {
    Candidates all;
    for (const TermPtr& part : parallel.parts) append(all, interpret(*part, packet, context));
    return all;
  }

  // A later alternative is worth looking at only while the earlier ones may all turn out
  // unreachable.
  Candidates operator()(const Ranked& ranked) const {
    Candidates all;
    for (const TermPtr& part : ranked.parts) {
      append(all, interpret(*part, packet, context));
      if (!std::all_of(all.begin(), all.end(), is_forward)) break;
    }
    return all;
  }

  Candidates operator()(const Choice& choice) const {
    const bool chosen = holds(*choice.condition, packet, context);
    return interpret(chosen ? *choice.then : *choice.otherwise, packet, context);
  }
};

bool says_nothing(const Candidate& candidate) {
  return is_default(candidate.verdict) && !candidate.writes;
}

}  // namespace

std::vector<Candidate> interpret(const Term& term, const net::Packet& packet,
                                 const PacketContext& context) {
  return std::visit(Interpreter{packet, context}, term.node);
}

std::vector<Candidate> essence(const std::vector<Candidate>& candidates) {
  Candidates ordered = candidates;
  std::stable_partition(ordered.begin(), ordered.end(),
                        [](const Candidate& each) { return !says_nothing(each); });
  Candidates result;
  for (Candidate& each : ordered) {
    // What a discarded packet would have looked like is no difference.
    if (std::holds_alternative<Drop>(each.verdict)) each = {{}, Drop{}, false};
    if (std::find(result.begin(), result.end(), each) == result.end()) result.push_back(each);
    if (!is_forward(each)) break;
  }
  return result;
}

std::optional<Candidate> decide(const std::vector<Candidate>& candidates,
                                const Reachable& reachable) {
  for (const Candidate& each : essence(candidates)) {
    const auto* forward = std::get_if<Forward>(&each.verdict);
    if (forward == nullptr || reachable(forward->target.participant, each.packet)) return each;
  }
  return std::nullopt;
}

std::optional<Candidate> first_applicable(const ClauseList& list, const net::Packet& packet,
                                          const PacketContext& context,
                                          const Reachable& reachable) {
  for (const Clause& clause : list.clauses) {
    if (!holds(*clause.when, packet, context)) continue;
    Candidate result{packet, clause.verdict, !clause.writes.empty()};
    for (const Write& write : clause.writes) {
      net::set_value(result.packet, write.field, write.value);
    }
    const auto* forward = std::get_if<Forward>(&clause.verdict);
    if (forward == nullptr || reachable(forward->target.participant, result.packet)) return result;
  }
  return std::nullopt;
}

}  // namespace fabrix::policy
