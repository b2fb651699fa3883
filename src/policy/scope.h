// Scope: what the names in a policy text stand for: definitions, parameters, loop variables.
//
// Substitution is by name: a bound name stands for its syntax in the scope where that was written.
// A definition sees only the ones before it, so nothing is recursive; but expansion can still
// explode, and kMaxSteps bounds it (P0402), as kMaxDepth bounds its depth.
#pragma once

#include <cstddef>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "policy/report.h"
#include "policy/syntax.h"

namespace fabrix::policy {

struct Scope;
using ScopePtr = std::shared_ptr<const Scope>;

// Syntax and where its names are looked up.
struct Bound {
  SyntaxPtr syntax;
  ScopePtr scope;
};

std::vector<Bound> children_of(const Bound& bound);

// One binding and the scope around it. The outermost binds nothing and sees `visible` definitions.
struct Scope {
  ScopePtr parent;
  std::string name;
  Bound value;
  std::size_t visible = 0;
};

inline constexpr std::size_t kMaxSteps = 100'000;

class Names {
 public:
  Names(const File& file, Report& report);

  // What a section or definition at this place of the file sees.
  static ScopePtr outermost(std::size_t visible);

  // None: not a name of the text.
  std::optional<Bound> find(std::string_view name, const ScopePtr& scope);

  // Follows names to what they stand for; unbound names and everything else stay as they are, and
  // names that it takes too many steps to follow.
  Bound settle(Bound bound);

  // The members of a list or comprehension; anything else is its own only member.
  std::vector<Bound> members(const Bound& list);

  // The body of the macro that a kCall names, its parameters bound to the arguments. None: there is
  // no such macro, or (then reported) not one of so many parameters.
  std::optional<Bound> expand(const Syntax& call, const ScopePtr& scope);

  // Is there a definition or macro of that name, visible or not?
  bool knows(std::string_view name) const { return definition(name) != nullptr; }

  // Which a name may be meant to be.
  std::optional<std::string> nearest_definition(std::string_view name) const;

  static constexpr std::size_t kAnyNumber = std::numeric_limits<std::size_t>::max();
  // Says so (P0211) if the call has fewer arguments than `least` or more than `most`.
  bool has_arguments(const Syntax& call, std::size_t least, std::size_t most);

  // Says that `name` is unknown, defined only later, or wants parameters.
  void report_unknown(std::string_view name, const SourceSpan& at);

  // The same where an fsm is meant.
  void report_no_fsm(std::string_view name, const SourceSpan& at);

  // Accounts for one step of work; false (and reported) when it is one too many.
  bool spend(const SourceSpan& at);

 private:
  const Definition* definition(std::string_view name) const;
  bool has_depth(const SourceSpan& at);

  // Of each name the first.
  using Index = std::unordered_map<std::string_view, std::size_t>;

  const File& file_;
  Report& report_;
  Index definitions_;
  Index constants_;  // without parameters
  std::size_t steps_ = 0;
  bool overspent_ = false;  // is reported
  std::size_t depth_ = 0;   // of lists in lists
};

}  // namespace fabrix::policy
