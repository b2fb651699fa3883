// Fields: the tests of match() and the writes of modify(), checked and typed.
//
// A test brings its prerequisites with it, and two tests whose prerequisites exclude each other are
// an error (P0206) that says why. Pure but for the report.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "policy/address_set.h"
#include "policy/policy.h"
#include "policy/predicate.h"
#include "policy/report.h"
#include "policy/scope.h"
#include "policy/vocabulary.h"

namespace fabrix::policy {

class Fields {
 public:
  Fields(Names& names, Report& report) : names_(names), report_(report) {}

  // All tests of a match(). Null: reported.
  PredicatePtr match(const Syntax& fields, const ScopePtr& scope) const;

  struct Modification {
    PredicatePtr when;  // the packet has the fields
    std::vector<Write> writes;
  };
  // None: reported.
  std::optional<Modification> modify(const Syntax& fields, const ScopePtr& scope) const;

  // modify() of the DSCP alone.
  std::optional<Modification> mark(const Syntax& fields, const ScopePtr& scope) const;

  // Addresses and prefixes, in lists or alone, all of them as one set. False: reported.
  bool addresses(const std::vector<Bound>& all, std::string_view what, AddressSet& into) const;

 private:
  struct Values;
  struct Fact;

  std::optional<FieldWord> field(const FieldSyntax& test) const;
  bool collect(const Bound& value, const FieldWord& word, Values& into) const;
  // The same in the order of the text, as a set is sorted but once.
  bool gather(const Bound& value, const FieldWord& word, Values& into) const;
  bool name(const Syntax& syntax, const FieldWord& word, Values& into) const;
  bool literal(const Syntax& syntax, const FieldWord& word, Values& into) const;
  bool number(const Syntax& syntax, const FieldWord& word, std::uint64_t value, Values& into) const;
  bool range(const Bound& value, const FieldWord& word, Values& into) const;
  bool masked(const Bound& value, const FieldWord& word, Values& into) const;
  bool pair(const Bound& value, const FieldWord& word, Values& first, Values& second) const;
  bool compare(const FieldSyntax& test, const FieldWord& word, Values& values) const;
  std::optional<Values> written(const FieldSyntax& test, const FieldWord& word,
                                const ScopePtr& scope) const;
  static void add_writes(const FieldWord& word, const Values& values, std::vector<Write>& writes);
  bool add_facts(const FieldSyntax& test, const FieldWord& word, const Values& values,
                 std::vector<Fact>& facts) const;
  bool add_fact(Fact fact, const SourceSpan& at, std::vector<Fact>& facts) const;
  bool wrong_type(const Syntax& syntax, std::string_view name, FieldKind kind) const;

  Names& names_;
  Report& report_;
};

}  // namespace fabrix::policy
