// RouteConditions: the tests of rib() and src_rib(), checked and typed.
//
// Equal conditions become one predicate, so that what is asked twice is known to be the same. Pure
// but for the report.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "policy/policy.h"
#include "policy/predicate.h"
#include "policy/report.h"
#include "policy/route_test.h"
#include "policy/scope.h"

namespace fabrix::policy {

class RouteConditions {
 public:
  // The addresses that a set spells out. None: reported.
  using AddressesOf = std::function<std::optional<AddressSet>(const Bound&)>;

  RouteConditions(Names& names, Report& report, AddressesOf addresses_of)
      : names_(names), report_(report), addresses_of_(std::move(addresses_of)) {}

  // All tests of a rib() or src_rib(), and an IP packet. Null: reported.
  PredicatePtr read(const Syntax& tests, const ScopePtr& scope);

  // best_via(): the best route for the destination comes from `announcer`.
  PredicatePtr best_via(net::ParticipantId announcer, const SourceSpan& at);

 private:
  struct Word;
  struct Values;

  static std::span<const Word> words();
  const Word* word(const FieldSyntax& test) const;
  std::optional<RouteTest> test(const FieldSyntax& test, const ScopePtr& scope);
  std::optional<RouteTest> prefix_test(const FieldSyntax& test, const ScopePtr& scope) const;
  std::optional<RouteTest> text_test(const FieldSyntax& test, const Word& word,
                                     const ScopePtr& scope);
  std::optional<RouteTest> value_test(const FieldSyntax& test, const Word& word,
                                      const ScopePtr& scope) const;
  bool collect(const Bound& value, const Word& word, Values& into) const;
  bool range(const Bound& value, const Word& word, Values& into) const;
  bool literal(const Syntax& syntax, const Word& word, Values& into) const;
  bool name(const Syntax& syntax, const Word& word, Values& into) const;
  bool compare(const FieldSyntax& test, const Word& word, Values& values) const;
  bool wrong_type(const Syntax& syntax, const Word& word) const;
  PredicatePtr predicate(RouteTests tests, Side side, const SourceSpan& at);

  Names& names_;
  Report& report_;
  AddressesOf addresses_of_;
  std::vector<PredicatePtr> known_;  // each an OnRoute
  std::map<std::string, std::shared_ptr<const TextPattern>, std::less<>> patterns_;
};

}  // namespace fabrix::policy
