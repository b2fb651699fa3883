#include "policy/interpret.h"

#include <algorithm>
#include <iterator>
#include <variant>

#include "policy/extras.h"

namespace fabrix::policy {
namespace {

using Candidates = std::vector<Candidate>;

bool may_fail(const Candidate& candidate) {
  return may_be_unreachable(candidate.verdict);
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

using Arrivals = std::vector<Arrival>;

// `arrivals` is null where nobody asks for queries.
Candidates run(const Term& term, const net::Packet& packet, const PacketContext& context,
               Arrivals* arrivals);

// What `next` makes of one candidate of what comes before it.
Candidates follow(const Candidate& before, const Term& next, const PacketContext& context,
                  Arrivals* arrivals) {
  if (std::holds_alternative<Drop>(before.verdict)) return {before};
  Candidates result = run(next, before.packet, context, arrivals);
  for (Candidate& each : result) {
    each.writes = each.writes || before.writes;
    each.extras = sequenced(before.extras, each.extras);
    if (is_default(each.verdict)) each.verdict = before.verdict;
  }
  return result;
}

// Leaves the choice of where to go to what stands beside it.
bool gives_way(const Candidate& candidate) {
  return is_default(candidate.verdict) && !candidate.writes;
}

void accompany(Candidate& candidate, const Candidates& others) {
  for (const Candidate& each : others) {
    if (gives_way(each)) candidate.extras = joined(candidate.extras, each.extras);
  }
}

// What the part `own` decides, beside what the others do.
Candidate beside(Candidate candidate, const std::vector<Candidates>& parts, std::size_t own) {
  for (std::size_t other = 0; other < parts.size(); ++other) {
    if (other != own) accompany(candidate, parts[other]);
  }
  return candidate;
}

struct Interpreter {
  const net::Packet& packet;
  const PacketContext& context;
  Arrivals* arrivals;

  Candidates operator()(const Count& count) const {
    if (arrivals != nullptr) arrivals->push_back({count.query, packet});
    return {};
  }

  Candidates operator()(const Filter& filter) const {
    if (!holds(*filter.when, packet, context)) return {};
    return {{packet, UseDefault{}, false, {}}};
  }

  Candidates operator()(const Act& act) const {
    if (!holds(*act.when, packet, context)) return {};
    Candidate result{packet, act.verdict, !act.writes.empty(), act.extras};
    for (const Write& write : act.writes) net::set_value(result.packet, write.field, write.value);
    return {result};
  }

  // Equal candidates have equal futures, and all but the first are never chosen. Kept, they could
  // double with every part.
  Candidates operator()(const Sequence& sequence) const {
    Candidates now{{packet, UseDefault{}, false, {}}};
    for (const TermPtr& part : sequence.parts) {
      Candidates next;
      for (const Candidate& each : now) {
        append_new(next, follow(each, *part, context, arrivals));
      }
      now = std::move(next);
    }
    return now;
  }

  // What only polices or mirrors does so to what its neighbours decide.
  Candidates operator()(const Parallel& parallel) const {
    std::vector<Candidates> parts;
    for (const TermPtr& part : parallel.parts) {
      parts.push_back(run(*part, packet, context, arrivals));
    }
    Candidates all;
    for (std::size_t i = 0; i < parts.size(); ++i) {
      for (const Candidate& each : parts[i]) all.push_back(beside(each, parts, i));
    }
    return all;
  }

  // A later alternative is worth looking at only while the earlier ones may all turn out
  // unreachable.
  Candidates operator()(const Ranked& ranked) const {
    Candidates all;
    for (const TermPtr& part : ranked.parts) {
      append(all, run(*part, packet, context, all.empty() ? arrivals : nullptr));
      if (!std::all_of(all.begin(), all.end(), may_fail)) break;
    }
    return all;
  }

  Candidates operator()(const Choice& choice) const {
    const bool chosen = holds(*choice.condition, packet, context);
    return run(chosen ? *choice.then : *choice.otherwise, packet, context, arrivals);
  }
};

Candidates run(const Term& term, const net::Packet& packet, const PacketContext& context,
               Arrivals* arrivals) {
  return std::visit(Interpreter{packet, context, arrivals}, term.node);
}

bool is_reachable(const Candidate& candidate, const Reachable& reachable) {
  const auto to = [&](const Target& target) {
    return reachable(target.participant, candidate.packet);
  };
  if (const auto* forward = std::get_if<Forward>(&candidate.verdict)) return to(forward->target);
  const auto* several = std::get_if<Multicast>(&candidate.verdict);
  return several == nullptr || std::any_of(several->targets.begin(), several->targets.end(), to);
}

}  // namespace

std::vector<Candidate> interpret(const Term& term, const net::Packet& packet,
                                 const PacketContext& context) {
  return run(term, packet, context, nullptr);
}

std::vector<Arrival> queries_reached(const Term& term, const net::Packet& packet,
                                     const PacketContext& context) {
  Arrivals arrivals;
  run(term, packet, context, &arrivals);
  return arrivals;
}

std::vector<Candidate> essence(const std::vector<Candidate>& candidates) {
  Candidates ordered = candidates;
  std::stable_partition(ordered.begin(), ordered.end(),
                        [](const Candidate& each) { return !gives_way(each); });
  Candidates result;
  for (Candidate& each : ordered) {
    // What a discarded packet would have looked like is no difference.
    if (std::holds_alternative<Drop>(each.verdict)) {
      each = {{}, Drop{}, false, normal(each.extras, each.verdict)};
    }
    if (std::find(result.begin(), result.end(), each) == result.end()) result.push_back(each);
    if (!may_fail(each)) break;
  }
  return result;
}

std::optional<Candidate> decide(const std::vector<Candidate>& candidates,
                                const Reachable& reachable) {
  for (const Candidate& each : essence(candidates)) {
    if (is_reachable(each, reachable)) return each;
  }
  return std::nullopt;
}

std::optional<Candidate> first_applicable(const ClauseList& list, const net::Packet& packet,
                                          const PacketContext& context,
                                          const Reachable& reachable) {
  for (const Clause& clause : list.clauses) {
    if (!holds(*clause.when, packet, context)) continue;
    Candidate result{packet, clause.verdict, !clause.writes.empty(), clause.extras};
    for (const Write& write : clause.writes) {
      net::set_value(result.packet, write.field, write.value);
    }
    if (is_reachable(result, reachable)) return result;
  }
  return std::nullopt;
}

}  // namespace fabrix::policy
