// Actions: police(), mirror(), via() and multicast(), their arguments checked.
//
// Each police() of the text is one meter (with one rate: a macro may be given several), wherever
// its clauses end up. Pure but for the report.
#pragma once

#include <map>
#include <optional>
#include <string_view>
#include <utility>

#include "base/diagnostic.h"
#include "policy/chains.h"
#include "policy/policy.h"
#include "policy/report.h"
#include "policy/scope.h"
#include "policy/targets.h"
#include "policy/term.h"

namespace fabrix::policy {

// The meters of one policy, both halves.
class Meters {
 public:
  // None: more than kMaxMeters.
  std::optional<Police> number(const SourceSpan& at, std::uint64_t kbps);

 private:
  std::map<std::pair<SourceSpan, std::uint64_t>, std::uint32_t> numbers_;
};

class Actions {
 public:
  Actions(Names& names, const Targets& targets, Meters& meters, Report& report)
      : names_(names),
        targets_(targets),
        meters_(meters),
        chains_(names, targets, report),
        report_(report) {}

  static bool is_one(std::string_view word);
  // Whether it takes any number of arguments, but none.
  static bool takes_several(std::string_view word) { return word == "multicast" || word == "via"; }

  struct Made {
    Act act;
    bool other_half = false;  // in final_policy: it belongs to the other direction
  };
  // The action that a kCall names, with at least one argument. None: reported.
  std::optional<Made> make(const Bound& call, Mode mode) const;

 private:
  std::optional<Made> police(const Bound& call) const;
  std::optional<Made> mirror(const Bound& call) const;
  std::optional<Made> via(const Bound& call) const;
  std::optional<Made> multicast(const Bound& call, Mode mode) const;
  std::optional<std::uint64_t> rate(const Bound& argument) const;

  Names& names_;
  const Targets& targets_;
  Meters& meters_;
  Chains chains_;
  Report& report_;
};

}  // namespace fabrix::policy
