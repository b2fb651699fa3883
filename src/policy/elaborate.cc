#include "policy/elaborate.h"

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "policy/actions.h"
#include "policy/balance.h"
#include "policy/fields.h"
#include "policy/fsm_elaborate.h"
#include "policy/prefix_sets.h"
#include "policy/query_term.h"
#include "policy/route_conditions.h"
#include "policy/scope.h"
#include "policy/simplify.h"
#include "policy/targets.h"
#include "policy/term_place.h"

namespace fabrix::policy {
namespace {

template <typename Node>
TermPtr make(Node node, const SourceSpan& at) {
  return std::make_shared<const Term>(Term{std::move(node), at});
}

class Elaborator {
 public:
  struct Input {
    const File& file;
    const SymbolTable& symbols;
    const FsmContext& fsms;
    Meters& meters;
  };

  Elaborator(const Input& input, Mode mode, Report& report)
      : file_(input.file),
        fsms_(input.fsms),
        names_(input.file, report),
        targets_(input.symbols, names_, report),
        fields_(names_, report),
        actions_(names_, targets_, input.meters, report),
        balance_(names_, targets_, report),
        prefix_sets_(names_, targets_, fields_, report),
        routes_(names_, report, [this](const Bound& set) { return prefix_sets_.literal(set); }),
        mode_(mode),
        report_(report) {}

  TermPtr section(const Section& section) {
    return term({section.body, Names::outermost(section.definitions_before)});
  }

  TermPtr claim(const InvariantSyntax& invariant) {
    return term({invariant.operands.front(), Names::outermost(invariant.definitions_before)});
  }

  // The two sides of a comparison; fewer: reported.
  std::vector<PredicatePtr> sides(const InvariantSyntax& invariant) {
    std::vector<PredicatePtr> result;
    for (const SyntaxPtr& each : invariant.operands) {
      PredicatePtr side =
          predicate({each, Names::outermost(invariant.definitions_before)}, "an invariant");
      if (side != nullptr) result.push_back(std::move(side));
    }
    return result;
  }

  // What isolated() forbids, as far as this half goes.
  TermPtr isolation(const InvariantSyntax& invariant) {
    const ScopePtr scope = Names::outermost(invariant.definitions_before);
    return targets_.isolation({invariant.operands[0], scope}, {invariant.operands[1], scope},
                              mode_);
  }

 private:
  // Null: reported, here and in all that follows.
  TermPtr term(const Bound& bound) {
    if (!enter(*bound.syntax)) return nullptr;
    TermPtr result = term_here(bound);
    --depth_;
    return result;
  }

  bool enter(const Syntax& syntax) {
    if (!names_.spend(syntax.at)) return false;
    if (depth_ >= kMaxDepth) {
      report_.error("P0402", syntax.at, "definitions are nested too deeply");
      return false;
    }
    ++depth_;
    return true;
  }

  TermPtr term_here(const Bound& bound) {
    const Syntax& syntax = *bound.syntax;
    switch (syntax.kind) {
      case SyntaxKind::kError:
        return nullptr;
      case SyntaxKind::kRanked:
        return combine<Ranked>(children_of(bound), syntax.at);
      case SyntaxKind::kParallel:
        return combine<Parallel>(children_of(bound), syntax.at);
      case SyntaxKind::kSequence:
        return sequence(children_of(bound), syntax.at);
      case SyntaxKind::kList:
      case SyntaxKind::kComprehension:
        return combine<Parallel>(names_.members(bound), syntax.at);
      case SyntaxKind::kOr:
      case SyntaxKind::kAnd:
      case SyntaxKind::kMinus:
      case SyntaxKind::kNot:
        return predicates(bound);
      case SyntaxKind::kName:
        return name(bound);
      case SyntaxKind::kFields:
        return fields(bound);
      case SyntaxKind::kQuery:
        return query(syntax);
      case SyntaxKind::kCall:
        return call(bound);
      case SyntaxKind::kMachine:
        return machine(syntax);
      case SyntaxKind::kInState:
        return in_state(syntax);
      default:
        report_.error("P0204", syntax.at, "this is neither a policy nor a predicate");
        return nullptr;
    }
  }

  template <typename Node>
  TermPtr combine(const std::vector<Bound>& parts, const SourceSpan& at) {
    Node node;
    bool good = true;
    for (const Bound& part : parts) {
      TermPtr each = term(part);
      good = good && each != nullptr;
      node.parts.push_back(std::move(each));
    }
    return good ? make(std::move(node), at) : nullptr;
  }

  TermPtr sequence(const std::vector<Bound>& parts, const SourceSpan& at) {
    TermPtr made = combine<Sequence>(parts, at);
    const bool good = made != nullptr && check_queries(std::get<Sequence>(made->node), report_);
    return good ? made : nullptr;
  }

  TermPtr query(const Syntax& syntax) {
    auto spec = query_spec(syntax, report_);
    return spec == nullptr ? nullptr : make(Count{std::move(spec)}, syntax.at);
  }

  static TermPtr filter(PredicatePtr when, const SourceSpan& at) {
    return when == nullptr ? nullptr : make(Filter{std::move(when), false}, at);
  }

  static TermPtr literal(PredicatePtr when, const SourceSpan& at) {
    return make(Filter{std::move(when), true}, at);
  }

  // `where` is the operator or function that wants a predicate.
  PredicatePtr predicate(const Bound& bound, std::string_view where) {
    const TermPtr found = term(bound);
    if (found == nullptr) return nullptr;
    if (const auto* test = std::get_if<Filter>(&found->node)) return test->when;
    report_.error("P0204", bound.syntax->at,
                  "'" + std::string(where) + "' needs a predicate, and this is a policy",
                  where == "~" ? "negate the predicate before '>>'; use `|` between predicates"
                               : "use `|` between predicates, and + or // between policies");
    return nullptr;
  }

  TermPtr predicates(const Bound& bound) {
    const SyntaxKind kind = bound.syntax->kind;
    std::string_view symbol = "~";
    if (kind == SyntaxKind::kOr) symbol = "|";
    if (kind == SyntaxKind::kAnd) symbol = "&";
    if (kind == SyntaxKind::kMinus) symbol = "-";
    std::vector<PredicatePtr> operands;
    bool good = true;
    for (const Bound& child : children_of(bound)) {
      // One operand that is a policy shows the mistake.
      operands.push_back(good ? predicate(child, symbol) : nullptr);
      if (!good) term(child);
      good = good && operands.back() != nullptr;
    }
    if (!good || !report_.spend(weight_of(operands), bound.syntax->at)) return nullptr;
    if (kind == SyntaxKind::kOr) return filter(disjunction(std::move(operands)), bound.syntax->at);
    if (kind == SyntaxKind::kNot) return filter(negation(operands[0]), bound.syntax->at);
    if (kind == SyntaxKind::kMinus) {
      for (std::size_t i = 1; i < operands.size(); ++i) operands[i] = negation(operands[i]);
    }
    return filter(conjunction(std::move(operands)), bound.syntax->at);
  }

  TermPtr name(const Bound& bound) {
    const std::string& word = bound.syntax->text;
    const SourceSpan& at = bound.syntax->at;
    const auto is_one_of = [&word](const auto& words) {
      return std::find(words.begin(), words.end(), word) != words.end();
    };
    constexpr std::array<std::string_view, 5> kAll{"identity", "passthrough", "true", "all_packets",
                                                   "True"};
    constexpr std::array<std::string_view, 4> kNone{"none", "false", "no_packets", "False"};
    if (const auto known = names_.find(word, bound.scope)) {
      if (known->syntax->kind != SyntaxKind::kChain) return named(term(*known), at);
      report_.error("P0204", at, quoted(word) + " is a chain: via(" + word + ") goes by it");
      return nullptr;
    }
    if (is_one_of(kAll)) return literal(always(), at);
    if (is_one_of(kNone)) return literal(never(), at);
    if (word == "drop") return drop(at);
    if (word == "bgp") return make(Act{always(), {}, UseDefault{}}, at);
    names_.report_unknown(word, at);
    return nullptr;
  }

  // What the outermost of macros in macros makes is where that is used.
  TermPtr expansion(const Bound& body, const SourceSpan& at) {
    ++macros_;
    const TermPtr made = term(body);
    return --macros_ == 0 ? moved(made, at) : made;
  }

  // final_policy says what it drops of what the owner sends.
  TermPtr drop(const SourceSpan& at) const {
    return mode_ == Mode::kFinalInbound ? literal(never(), at)
                                        : make(Act{always(), {}, Drop{}}, at);
  }

  TermPtr fields(const Bound& bound) {
    const Syntax& syntax = *bound.syntax;
    if (syntax.text == "match") return filter(fields_.match(syntax, bound.scope), syntax.at);
    const bool of_route = syntax.text == "rib" || syntax.text == "src_rib";
    if (of_route) return filter(routes_.read(syntax, bound.scope), syntax.at);
    auto change = syntax.text == "mark" ? fields_.mark(syntax, bound.scope)
                                        : fields_.modify(syntax, bound.scope);
    if (!change) return nullptr;
    return make(Act{std::move(change->when), std::move(change->writes), UseDefault{}}, syntax.at);
  }

  TermPtr call(const Bound& bound) {
    const Syntax& syntax = *bound.syntax;
    const std::string& word = syntax.text;
    if (const auto body = names_.expand(syntax, bound.scope)) return expansion(*body, syntax.at);
    if (word == "fwd" || word == "xfwd" || word == "sdx.fwd") return forward(bound);
    if (Actions::is_one(word)) return action(bound);
    if (word == "balance") return balance_.make(bound, mode_);
    if (word == "match_prefixes_set" || word == "dst_in") return in_set(bound, Side::kDestination);
    if (word == "src_in") return in_set(bound, Side::kSource);
    if (word == "announced_by") return announced_by(bound);
    if (word == "best_via") return best_via(bound);
    if (word == "from") return from(bound);
    if (word == "if_") return choice(bound);
    if (word == "parallel") return combine<Parallel>(listed(bound), syntax.at);
    if (word == "sequential") return sequence(listed(bound), syntax.at);
    if (word == "union" || word == "intersection") return set_of(bound);
    // Of one that is known expand() has said what is wrong.
    if (!names_.knows(word)) names_.report_unknown(word, syntax.at);
    return nullptr;
  }

  TermPtr forward(const Bound& bound) {
    const Syntax& syntax = *bound.syntax;
    if (!names_.has_arguments(syntax, 1, 1)) return nullptr;
    const auto checked = targets_.check({syntax.children[0], bound.scope}, mode_);
    if (!checked) return nullptr;
    if (checked->other_half) return literal(never(), syntax.at);
    return make(Act{always(), {}, Forward{*checked->target}}, syntax.at);
  }

  TermPtr action(const Bound& bound) {
    const Syntax& syntax = *bound.syntax;
    const std::size_t most = Actions::takes_several(syntax.text) ? Names::kAnyNumber : 1;
    if (!names_.has_arguments(syntax, 1, most)) return nullptr;
    auto made = actions_.make(bound, mode_);
    if (!made) return nullptr;
    return made->other_half ? literal(never(), syntax.at) : make(std::move(made->act), syntax.at);
  }

  TermPtr in_set(const Bound& bound, Side side) {
    const Syntax& syntax = *bound.syntax;
    if (!names_.has_arguments(syntax, 1, 1)) return nullptr;
    const auto set = prefix_sets_.read({syntax.children[0], bound.scope}, side);
    return set ? filter(set->predicate(side), syntax.at) : nullptr;
  }

  TermPtr announced_by(const Bound& bound) {
    const Syntax& syntax = *bound.syntax;
    if (!names_.has_arguments(syntax, 1, 1)) return nullptr;
    const auto set = prefix_sets_.announced({syntax.children[0], bound.scope}, Side::kDestination);
    return set ? filter(set->dynamic, syntax.at) : nullptr;
  }

  TermPtr best_via(const Bound& bound) {
    const Syntax& syntax = *bound.syntax;
    if (!names_.has_arguments(syntax, 1, 1)) return nullptr;
    const auto announcer = targets_.participant({syntax.children[0], bound.scope});
    if (mode_ == Mode::kInbound) {
      report_.error("P0306", syntax.at,
                    "best_via() is for outbound: the owner has no route to its own destinations",
                    "rib(...) tests the routes that it announces");
      return nullptr;
    }
    if (!announcer) return nullptr;
    if (mode_ == Mode::kFinalInbound) return literal(never(), syntax.at);
    return filter(routes_.best_via(*announcer, syntax.at), syntax.at);
  }

  TermPtr from(const Bound& bound) {
    const Syntax& syntax = *bound.syntax;
    if (!names_.has_arguments(syntax, 1, 1)) return nullptr;
    const auto sender = targets_.participant({syntax.children[0], bound.scope});
    if (mode_ == Mode::kOutbound) {
      report_.error("P0306", syntax.at, "from() is for inbound: outbound is what the owner sends",
                    "src_in([...]) tests the source address");
      return nullptr;
    }
    if (!sender) return nullptr;
    if (mode_ == Mode::kFinalOutbound) return literal(never(), syntax.at);
    return filter(std::make_shared<const Predicate>(Predicate{FromParticipant{*sender}}),
                  syntax.at);
  }

  TermPtr choice(const Bound& bound) {
    const Syntax& syntax = *bound.syntax;
    if (!names_.has_arguments(syntax, 2, 3)) return nullptr;
    const std::vector<Bound> arguments = children_of(bound);
    PredicatePtr condition = predicate(arguments[0], "if_");
    TermPtr then = term(arguments[1]);
    // As in Pyretic, what has no branch passes.
    TermPtr otherwise = arguments.size() == 3 ? term(arguments[2]) : literal(always(), syntax.at);
    if (condition == nullptr || then == nullptr || otherwise == nullptr) return nullptr;
    return make(Choice{std::move(condition), std::move(then), std::move(otherwise)}, syntax.at);
  }

  // f([a, b]) and f(a, b) alike.
  std::vector<Bound> listed(const Bound& call) {
    const std::vector<Bound> arguments = children_of(call);
    return arguments.size() == 1 ? names_.members(arguments[0]) : arguments;
  }

  // union and intersection of predicates; the union of policies is their parallel composition.
  TermPtr set_of(const Bound& bound) {
    const Syntax& syntax = *bound.syntax;
    const TermPtr parts = combine<Parallel>(listed(bound), syntax.at);
    if (parts == nullptr) return nullptr;
    std::vector<PredicatePtr> operands;
    for (const TermPtr& part : std::get<Parallel>(parts->node).parts) {
      if (const auto* test = std::get_if<Filter>(&part->node)) operands.push_back(test->when);
    }
    const bool only_predicates = operands.size() == std::get<Parallel>(parts->node).parts.size();
    if (syntax.text == "union") {
      return only_predicates ? filter(disjunction(std::move(operands)), syntax.at) : parts;
    }
    if (only_predicates) return filter(conjunction(std::move(operands)), syntax.at);
    report_.error("P0204", syntax.at,
                  "'intersection' needs predicates, and one of these is a policy",
                  "sequential(...) composes policies");
    return nullptr;
  }

  struct Found {
    std::size_t index = 0;
    const Machine* machine = nullptr;
    PredicatePtr scope;
  };

  // An fsm by its name, and the packets that it is about. None: reported, here or before.
  std::optional<Found> find_machine(std::string_view name, const SourceSpan& at) {
    const auto syntax =
        std::find_if(file_.machines.begin(), file_.machines.end(),
                     [name](const MachineSyntax& each) { return each.name.text == name; });
    if (syntax == file_.machines.end()) {
      names_.report_no_fsm(name, at);
      return std::nullopt;
    }
    Found found{static_cast<std::size_t>(syntax - file_.machines.begin()), nullptr, always()};
    if (fsms_.machines == nullptr || found.index >= fsms_.machines->size()) return std::nullopt;
    found.machine = &(*fsms_.machines)[found.index];
    if (syntax->scope == nullptr) return found;
    found.scope = predicate({syntax->scope, Names::outermost(syntax->definitions_before)}, "per");
    if (found.scope == nullptr) return std::nullopt;
    return found;
  }

  // Each case for the packets whose instance is in one of its states.
  TermPtr machine(const Syntax& syntax) {
    const auto found = find_machine(syntax.text, syntax.at);
    if (!found) return nullptr;
    const MachineSyntax& written = file_.machines[found->index];
    Parallel cases;
    bool good = true;
    for (std::uint32_t i = 0; i < written.cases.size(); ++i) {
      const CaseSyntax& each = written.cases[i];
      TermPtr body = term({each.body, Names::outermost(written.definitions_before)});
      good = good && body != nullptr;
      StateSet states(found->machine->states, false);
      for (StateId state = 0; state < states.size(); ++state)
        states[state] = found->machine->case_of[state] == i;
      TermPtr when = literal(fsms_.in_states(found->index, states, found->scope), each.body->at);
      cases.parts.push_back(make(Sequence{{std::move(when), std::move(body)}}, syntax.at));
    }
    return good ? make(std::move(cases), syntax.at) : nullptr;
  }

  TermPtr in_state(const Syntax& syntax) {
    const auto found = find_machine(syntax.text, syntax.at);
    if (!found) return nullptr;
    const auto states = states_where(syntax.formula, *found->machine, report_);
    if (!states) return nullptr;
    return filter(fsms_.in_states(found->index, *states, found->scope), syntax.at);
  }

  const File& file_;
  const FsmContext& fsms_;
  Names names_;
  Targets targets_;
  Fields fields_;
  Actions actions_;
  Balance balance_;
  PrefixSets prefix_sets_;
  RouteConditions routes_;
  Mode mode_;
  Report& report_;
  unsigned depth_ = 0;
  unsigned macros_ = 0;  // around this
};

// Null halves: reported.
CheckedInvariant elaborate(const InvariantSyntax& invariant, const File& file,
                           const SymbolTable& symbols, const FsmContext& fsms, Report& report) {
  Meters meters;  // a claim needs none of the policy's
  const auto in_mode = [&](Mode mode) {
    return Elaborator({file, symbols, fsms, meters}, mode, report);
  };
  CheckedInvariant checked{&invariant, {}, nullptr, nullptr};
  const auto in_both = [&](auto half) {
    checked.outbound = (in_mode(Mode::kFinalOutbound).*half)(invariant);
    checked.inbound = (in_mode(Mode::kFinalInbound).*half)(invariant);
  };
  switch (invariant.kind) {
    case InvariantKind::kNever:
    case InvariantKind::kAlways:
      in_both(&Elaborator::claim);
      break;
    case InvariantKind::kIsolated:
      in_both(&Elaborator::isolation);
      break;
    case InvariantKind::kWithin:
    case InvariantKind::kEqual:
    case InvariantKind::kDiffer:
      checked.predicates = in_mode(Mode::kInbound).sides(invariant);
      break;
  }
  return checked;
}

}  // namespace

Checked elaborate(const File& file, const SymbolTable& symbols, Report& report,
                  const FsmContext& fsms) {
  Checked result;
  Meters meters;
  for (const Section& section : file.sections) {
    const auto in_mode = [&](Mode mode) {
      return Elaborator({file, symbols, fsms, meters}, mode, report).section(section);
    };
    switch (section.kind) {
      case SectionKind::kOutbound:
        result.outbound = in_mode(Mode::kOutbound);
        break;
      case SectionKind::kInbound:
        result.inbound = in_mode(Mode::kInbound);
        break;
      case SectionKind::kFinal:
        result.outbound = in_mode(Mode::kFinalOutbound);
        result.inbound = in_mode(Mode::kFinalInbound);
        result.from_final = true;
        break;
    }
  }
  for (const InvariantSyntax& each : file.invariants) {
    CheckedInvariant invariant = elaborate(each, file, symbols, fsms, report);
    if (invariant.is_whole()) result.invariants.push_back(std::move(invariant));
  }
  return result;
}

}  // namespace fabrix::policy
