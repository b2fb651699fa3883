#include "policy/scope.h"

#include <utility>

#include "base/suggest.h"
#include "policy/predicate.h"
#include "policy/vocabulary.h"

namespace fabrix::policy {
namespace {

ScopePtr with_binding(std::string_view name, Bound value, ScopePtr parent) {
  const std::size_t visible = parent->visible;
  return std::make_shared<const Scope>(
      Scope{std::move(parent), std::string(name), std::move(value), visible});
}

std::string number_of_arguments(const Definition& macro) {
  const std::size_t count = macro.parameters.size();
  return std::to_string(count) + (count == 1 ? " argument" : " arguments");
}

}  // namespace

std::vector<Bound> children_of(const Bound& bound) {
  std::vector<Bound> result;
  for (const SyntaxPtr& child : bound.syntax->children) result.push_back({child, bound.scope});
  return result;
}

ScopePtr Names::outermost(std::size_t visible) {
  return std::make_shared<const Scope>(Scope{nullptr, {}, {}, visible});
}

Names::Names(const File& file, Report& report) : file_(file), report_(report) {
  report.spend(file.definitions.size(), {});
  for (std::size_t i = 0; i < file.definitions.size(); ++i) {
    const Definition& each = file.definitions[i];
    definitions_.try_emplace(each.name, i);
    if (each.parameters.empty()) constants_.try_emplace(each.name, i);
  }
}

std::optional<Bound> Names::find(std::string_view name, const ScopePtr& scope) {
  constexpr std::size_t kBindingsAStep = 16;
  std::size_t bindings = 0;
  for (const Scope* each = scope.get(); each->parent != nullptr; each = each->parent.get()) {
    if (each->name == name) return each->value;
    if (++bindings % kBindingsAStep == 0) ++steps_;
  }
  const auto known = constants_.find(name);
  if (known == constants_.end() || known->second >= scope->visible) return std::nullopt;
  return Bound{file_.definitions[known->second].body, outermost(known->second)};
}

Bound Names::settle(Bound bound) {
  while (bound.syntax->kind == SyntaxKind::kName) {
    if (!spend(bound.syntax->at)) break;
    std::optional<Bound> next = find(bound.syntax->text, bound.scope);
    if (!next) break;
    bound = *std::move(next);
  }
  return bound;
}

std::vector<Bound> Names::members(const Bound& list) {
  const Bound settled = settle(list);
  if (settled.syntax->kind == SyntaxKind::kList) return children_of(settled);
  std::vector<Bound> result;
  if (settled.syntax->kind != SyntaxKind::kComprehension) return {settled};
  if (!has_depth(settled.syntax->at)) return {};
  ++depth_;
  for (Bound& item : members({settled.syntax->children[1], settled.scope})) {
    if (!spend(settled.syntax->at)) break;
    result.push_back({settled.syntax->children[0],
                      with_binding(settled.syntax->text, std::move(item), settled.scope)});
  }
  --depth_;
  return result;
}

const Definition* Names::definition(std::string_view name) const {
  const auto found = definitions_.find(name);
  return found == definitions_.end() ? nullptr : &file_.definitions[found->second];
}

std::optional<Bound> Names::expand(const Syntax& call, const ScopePtr& scope) {
  const Definition* macro = definition(call.text);
  if (macro == nullptr) return std::nullopt;
  const auto index = static_cast<std::size_t>(macro - file_.definitions.data());
  if (index >= scope->visible) {
    report_.error("P0209", call.at, "'" + call.text + "' is not defined before this",
                  "a definition sees only those above it");
    return std::nullopt;
  }
  if (macro->parameters.size() != call.children.size()) {
    report_.error("P0211", call.at,
                  "'" + call.text + "' takes " + number_of_arguments(*macro) + ", not " +
                      std::to_string(call.children.size()));
    return std::nullopt;
  }
  ScopePtr inner = outermost(index);
  for (std::size_t i = 0; i < macro->parameters.size(); ++i) {
    inner = with_binding(macro->parameters[i], {call.children[i], scope}, inner);
  }
  return Bound{macro->body, inner};
}

std::optional<std::string> Names::nearest_definition(std::string_view name) const {
  std::vector<std::string> known;
  for (const Definition& each : file_.definitions) known.push_back(each.name);
  return nearest(name, known);
}

void Names::report_unknown(std::string_view name, const SourceSpan& at) {
  const std::string quoted = "'" + std::string(name) + "'";
  if (const Definition* known = definition(name)) {
    if (known->parameters.empty()) {
      return report_.error("P0209", at, quoted + " is not defined before this",
                           "a definition sees only those above it");
    }
    return report_.error("P0211", at, quoted + " takes " + number_of_arguments(*known),
                         "write them in parentheses after it");
  }
  std::vector<std::string> known;
  for (const Definition& each : file_.definitions) known.push_back(each.name);
  for (const std::string_view each : builtin_names()) known.emplace_back(each);
  const auto close = nearest(name, known);
  report_.error("P0203", at, "unknown name " + quoted,
                close ? "did you mean '" + *close + "'?" : "");
}

void Names::report_no_fsm(std::string_view name, const SourceSpan& at) {
  const Definition* known = definition(name);
  if (known == nullptr) return report_unknown(name, at);
  // One that could not be read was reported.
  if (known->body->kind == SyntaxKind::kError) return;
  report_.error("P0204", at, "'" + std::string(name) + "' is no fsm");
}

bool Names::has_arguments(const Syntax& call, std::size_t least, std::size_t most) {
  const std::size_t given = call.children.size();
  if (given >= least && given <= most) return true;
  std::string range = std::to_string(least);
  if (most == kAnyNumber) {
    range = "at least " + range;
  } else if (most != least) {
    range += (most == least + 1 ? " or " : " to ") + std::to_string(most);
  }
  const bool one = most == 1 || (most == kAnyNumber && least == 1);
  report_.error("P0211", call.at,
                "'" + call.text + "' takes " + range + (one ? " argument" : " arguments") +
                    ", not " + std::to_string(given));
  return false;
}

bool Names::has_depth(const SourceSpan& at) {
  if (depth_ < kMaxDepth) return true;
  report_.error("P0402", at, "definitions are nested too deeply");
  return false;
}

bool Names::spend(const SourceSpan& at) {
  constexpr std::uint64_t kStepsOfSyntax = 2;
  if (!report_.spend(kStepsOfSyntax, at)) return false;
  if (++steps_ <= kMaxSteps) return true;
  if (!std::exchange(overspent_, true)) {
    report_.error("P0402", at, "the policy is too large once its definitions are written out",
                  "a definition is written out wherever it is used: use it less often");
  }
  return false;
}

}  // namespace fabrix::policy
