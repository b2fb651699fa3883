// Scope: what the names in a policy text stand for: definitions, parameters, loop variables.
//
// Substitution is by name: a bound name stands for its syntax in the scope where that was written.
// A definition sees only the ones before it, so nothing is recursive; but expansion can still
// explode, and kMaxSteps bounds it (P0402), as kMaxDepth bounds its depth.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
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
  Names(const File& file, Report& report) : file_(file), report_(report) {}

  // What a section or definition at this place of the file sees.
  static ScopePtr outermost(std::size_t visible);

  // None: not a name of the text.
  std::optional<Bound> find(std::string_view name, const ScopePtr& scope) const;

  // Follows names to what they stand for; unbound names and everything else stay as they are.
  Bound settle(Bound bound) const;

  // The members of a list or comprehension; anything else is its own only member.
  std::vector<Bound> members(const Bound& list);

  // The body of the macro that a kCall names, its parameters bound to the arguments. None: there is
  // no such macro, or (then reported) not one of so many parameters.
  std::optional<Bound> expand(const Syntax& call, const ScopePtr& scope);

  // Is there a definition or macro of that name, visible or not?
  bool knows(std::string_view name) const { return definition(name) != nullptr; }

  // Says that `name` is unknown, defined only later, or wants parameters.
  void report_unknown(std::string_view name, const SourceSpan& at);

  // Says so if a call has fewer or more arguments.
  bool has_arguments(const Syntax& call, std::size_t least, std::size_t most);

  // Accounts for one step of work; false (and reported) when it is one too many.
  bool spend(const SourceSpan& at);

 private:
  const Definition* definition(std::string_view name) const;

  const File& file_;
  Report& report_;
  std::size_t steps_ = 0;
};

}  // namespace fabrix::policy
