#include "policy/scope.h"

#include <algorithm>
#include <utility>

#include "base/suggest.h"
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

ScopePtr Names::outermost(std::size_t visible) {
  return std::make_shared<const Scope>(Scope{nullptr, {}, {}, visible});
}

std::optional<Bound> Names::find(std::string_view name, const ScopePtr& scope) const {
  for (const Scope* each = scope.get(); each->parent != nullptr; each = each->parent.get()) {
    if (each->name == name) return each->value;
  }
  for (std::size_t i = 0; i < scope->visible; ++i) {
    const Definition& known = file_.definitions[i];
    if (known.name == name && known.parameters.empty()) return Bound{known.body, outermost(i)};
  }
  return std::nullopt;
}

Bound Names::settle(Bound bound) const {
  while (bound.syntax->kind == SyntaxKind::kName) {
    std::optional<Bound> next = find(bound.syntax->text, bound.scope);
    if (!next) break;
    bound = *std::move(next);
  }
  return bound;
}

std::vector<Bound> Names::members(const Bound& list) {
  const Bound settled = settle(list);
  std::vector<Bound> result;
  if (settled.syntax->kind == SyntaxKind::kList) {
    for (const SyntaxPtr& child : settled.syntax->children) {
      result.push_back({child, settled.scope});
    }
    return result;
  }
  if (settled.syntax->kind != SyntaxKind::kComprehension) return {settled};
  for (Bound& item : members({settled.syntax->children[1], settled.scope})) {
    if (!spend(settled.syntax->at)) break;
    result.push_back({settled.syntax->children[0],
                      with_binding(settled.syntax->text, std::move(item), settled.scope)});
  }
  return result;
}

const Definition* Names::definition(std::string_view name) const {
  const auto found = std::find_if(file_.definitions.begin(), file_.definitions.end(),
                                  [name](const Definition& each) { return each.name == name; });
  return found == file_.definitions.end() ? nullptr : &*found;
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

bool Names::has_arguments(const Syntax& call, std::size_t least, std::size_t most) {
  const std::size_t given = call.children.size();
  if (given >= least && given <= most) return true;
  const std::string range =
      least == most ? std::to_string(least) : std::to_string(least) + " or " + std::to_string(most);
  report_.error("P0211", call.at,
                "'" + call.text + "' takes " + range + (most == 1 ? " argument" : " arguments") +
                    ", not " + std::to_string(given));
  return false;
}

bool Names::spend(const SourceSpan& at) {
  if (++steps_ <= kMaxSteps) return true;
  if (steps_ == kMaxSteps + 1) {
    report_.error("P0402", at, "the policy is too large once its definitions are written out",
                  "a definition is written out wherever it is used: use it less often");
  }
  return false;
}

}  // namespace fabrix::policy
