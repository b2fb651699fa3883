#include "policy/fsm_policy.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "policy/chain_order.h"
#include "policy/clause_counters.h"
#include "policy/simplify.h"

namespace fabrix::policy {
namespace {

// What the expressions of a file say of its fsms.
struct Mentions {
  std::set<std::string, std::less<>> names;
  std::vector<const Syntax*> tests;  // in_state()
};

// NOLINTNEXTLINE(misc-no-recursion): as deep as the syntax, which the parser bounds.
void collect(const SyntaxPtr& syntax, Mentions& into) {
  if (syntax == nullptr) return;
  if (syntax->kind == SyntaxKind::kName) into.names.insert(syntax->text);
  if (syntax->kind == SyntaxKind::kInState) {
    into.names.insert(syntax->text);
    into.tests.push_back(syntax.get());
  }
  for (const SyntaxPtr& child : syntax->children) collect(child, into);
}

Mentions mentions_of(const File& file) {
  Mentions result;
  for (const Definition& each : file.definitions) collect(each.body, result);
  for (const Section& each : file.sections) collect(each.body, result);
  for (const MachineSyntax& machine : file.machines) {
    collect(machine.scope, result);
    for (const CaseSyntax& each : machine.cases) collect(each.body, result);
  }
  // To be claimed about is not to be used.
  Mentions claims;
  for (const InvariantSyntax& each : file.invariants) {
    for (const SyntaxPtr& operand : each.operands) collect(operand, claims);
  }
  result.tests.insert(result.tests.end(), claims.tests.begin(), claims.tests.end());
  return result;
}

// By state: the first reachable state of its kind, of those that the text tells apart; of the
// initial state's kind it is the initial one. A state that cannot come about stands for itself.
std::vector<StateId> kinds_of(const Machine& machine, const std::vector<StateSet>& tests) {
  const StateSet seen = reachable(machine);
  const auto signature = [&](StateId state) {
    std::vector<std::uint32_t> result{machine.case_of[state]};
    for (const StateSet& test : tests) result.push_back(test[state] ? 1 : 0);
    return result;
  };
  std::map<std::vector<std::uint32_t>, StateId> first{
      {signature(machine.initial), machine.initial}};
  std::vector<StateId> kinds;
  for (StateId state = 0; state < machine.states; ++state) {
    kinds.push_back(seen[state] ? first.emplace(signature(state), state).first->second : state);
  }
  return kinds;
}

// Those that stand for their kind, the initial one first.
std::vector<StateId> one_of_each(const Machine& machine, const std::vector<StateId>& kinds) {
  const StateSet seen = reachable(machine);
  std::vector<StateId> result{machine.initial};
  for (StateId state = 0; state < machine.states; ++state) {
    if (seen[state] && kinds[state] == state && state != machine.initial) result.push_back(state);
  }
  return result;
}

// Each with each.
std::vector<Combination> extended(const std::vector<Combination>& all,
                                  const std::vector<StateId>& states) {
  std::vector<Combination> result;
  for (const StateId state : states) {
    for (Combination each : all) {
      each.push_back(state);
      result.push_back(std::move(each));
    }
  }
  return result;
}

bool has_writable_key(const Machine& machine) {
  return std::any_of(machine.key.begin(), machine.key.end(),
                     [](const FieldWord& each) { return each.writable; });
}

// Whether packets may be in different states of it at one time.
bool parts_packets(const Machine& machine, const MachineSyntax& written) {
  return !machine.key.empty() || written.scope != nullptr;
}

bool writes_anything(const Policy& policy) {
  const auto writes = [](const Clause& each) { return !each.writes.empty(); };
  return std::any_of(policy.outbound.clauses.begin(), policy.outbound.clauses.end(), writes) ||
         std::any_of(policy.inbound.clauses.begin(), policy.inbound.clauses.end(), writes);
}

bool same_deed(const Clause& a, const Clause& b) {
  return a.verdict == b.verdict && a.writes == b.writes && a.extras == b.extras;
}

}  // namespace

std::shared_ptr<const FsmPolicy> FsmPolicy::create(std::string_view text,
                                                   const SymbolTable& symbols,
                                                   const Options& options, Report& report) {
  // tidy: the constructor is private, which make_shared cannot reach
  std::shared_ptr<FsmPolicy> policy(new FsmPolicy(text, symbols, options));
  Report unheard("");
  policy->lexed_ = lex(policy->text_, unheard);
  policy->file_ = parse_file(policy->lexed_, options.precedence, unheard);
  policy->fsms_ = check_fsms(policy->file_, report);
  // Where only a property fails, what tests the states is looked at, too.
  if (policy->machines().size() < policy->file_.machines.size()) return nullptr;
  policy->combine(report);
  if (report.failed()) return nullptr;
  policy->look_ahead(report);
  return report.failed() ? nullptr : policy;
}

void FsmPolicy::combine(Report& report) {
  const Mentions mentions = mentions_of(file_);
  combinations_ = {{}};
  for (const Machine& machine : fsms_.machines) {
    if (!mentions.names.contains(machine.name)) {
      report.warning("P0507", machine.at, "fsm '" + machine.name + "' is not used",
                     "name it in a section, as in outbound = " + machine.name + " >> fwd(B)");
    }
    std::vector<StateSet> tests;
    for (const Syntax* each : mentions.tests) {
      if (each->text != machine.name) continue;
      auto states = states_where(each->formula, machine, report);
      if (states) tests.push_back(*std::move(states));
    }
    kinds_.push_back(kinds_of(machine, tests));
    combinations_ = extended(combinations_, one_of_each(machine, kinds_.back()));
    if (combinations_.size() <= kMaxCombinations) continue;
    return report.error("P0510", machine.at,
                        "the states of this policy's fsms combine in more than " +
                            std::to_string(kMaxCombinations) + " ways that read differently",
                        "fewer cases, or fewer fsms");
  }
}

FsmContext FsmPolicy::context(const Combination& combination) const {
  FsmContext result;
  result.machines = &fsms_.machines;
  result.in_states = [combination](std::size_t machine, const StateSet& states,
                                   const PredicatePtr& /*scope*/) {
    return states[combination[machine]] ? always() : never();
  };
  return result;
}

Assembly FsmPolicy::read(const Combination& combination, Report& report) const {
  Assembly result = assemble(file_, symbols_, context(combination), report);
  result.policy.overlap_first = options_.overlap_first;
  result.policy.foreseen = foreseen_;
  return result;
}

// Reads the policy in every combination: what is wrong in one is an error, and what is odd in all
// of them a warning.
void FsmPolicy::look_ahead(Report& report) {
  std::vector<Diagnostic> odd;
  std::size_t clauses = 0;
  std::optional<ChainOrder> chains;
  bool parts = false;
  for (std::size_t i = 0; i < machines().size(); ++i) {
    parts = parts || parts_packets(machines()[i], file_.machines[i]);
  }
  const bool writable = std::any_of(machines().begin(), machines().end(), has_writable_key);
  for (std::size_t i = 0; i < combinations_.size(); ++i) {
    Report here = report.aside();
    const Assembly assembly = read(combinations_[i], here);
    std::vector<Diagnostic> found = here.take();
    for (Diagnostic& each : found) {
      if (each.severity == Severity::kError) report.add(each);
    }
    if (!parts || !chains) chains.emplace(symbols_, report);
    chains->add(assembly.policy);
    clauses += assembly.policy.outbound.clauses.size() + assembly.policy.inbound.clauses.size();
    if (clauses > kMaxCombinedClauses) {
      report.error("P0510", fsms_.machines.front().at,
                   "in all its states together this policy has more than " +
                       std::to_string(kMaxCombinedClauses) + " clauses",
                   "fewer cases, or fewer fsms");
    }
    if (report.failed()) return;
    const auto is_gone = [&found](const Diagnostic& each) {
      return std::find(found.begin(), found.end(), each) == found.end();
    };
    odd.erase(std::remove_if(odd.begin(), odd.end(), is_gone), odd.end());
    if (i == 0) odd = found;
    foresee(assembly.policy);
    may_reclassify_ = may_reclassify_ || (writable && writes_anything(assembly.policy));
  }
  for (Diagnostic& each : odd) report.add(std::move(each));
}

void FsmPolicy::foresee(const Policy& policy) {
  for (const Clause& clause : policy.outbound.clauses) {
    const auto same = [&clause](const Clause& each) { return same_deed(each, clause); };
    if (std::any_of(foreseen_.begin(), foreseen_.end(), same)) continue;
    foreseen_.push_back({never(), clause.writes, clause.verdict, clause.at, clause.extras});
  }
}

Result<Policy, std::vector<Diagnostic>> FsmPolicy::read(
    const std::vector<Instances>& instances) const {
  FsmContext context;
  context.machines = &fsms_.machines;
  context.in_states = [this, &instances](std::size_t machine, const StateSet& states,
                                         const PredicatePtr& scope) {
    return in_states(fsms_.machines[machine], instances[machine], states, scope);
  };
  Report report("");
  Policy policy = assemble(file_, symbols_, context, report).policy;
  if (report.failed()) return fail(report.take());
  policy.overlap_first = options_.overlap_first;
  policy.foreseen = foreseen_;
  if (options_.count_clauses) count_clauses(policy, symbols_);
  return policy;
}

std::string FsmPolicy::describe(const Combination& combination) const {
  std::string text;
  for (std::size_t i = 0; i < combination.size(); ++i) {
    if (!text.empty()) text += "; ";
    text += fsms_.machines[i].name + ": " + policy::describe(fsms_.machines[i], combination[i]);
  }
  return text;
}

}  // namespace fabrix::policy
