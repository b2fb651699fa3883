// Counting: the rows of the two tables that count for queries (policy/query.h), `sent` before the
// outbound and `delivered` before the inbound table.
//
// The queries of one participant are one function from packets to sets of queries; a row stands for
// a set, carries it, writes nothing and goes on to the table behind. So whatever is counted, what
// happens to packets is what the other tables say.
//
// A participant without queries has no rows there, and its packets do not come by. Not thread-safe.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "compiler/route_answers.h"
#include "diagram/diagram.h"
#include "exchange/reachability.h"
#include "policy/policy.h"
#include "program/program.h"

namespace fabrix::compiler {

// One participant's queries of one direction, with the rows they have under present routes.
struct CountedPolicy {
  std::shared_ptr<const policy::Policy> policy;  // null: no queries
  std::vector<net::ParticipantId> prefix_sets;   // that its conditions mention
  std::vector<std::vector<net::Prefix>> prefixes;
  RouteAnswers answers;
  std::vector<policy::AddressSet> regions;  // of the answers that the rows are made of
  program::Rows::Block rows;
  bool too_many_rows = false;  // then it lets everything pass, uncounted
};

// The queries of all participants in one direction.
class Counting {
 public:
  explicit Counting(policy::Direction direction) : direction_(direction) {}

  // For participants 0 .. count - 1; those that are there stay as they are.
  void resize(std::size_t count) { counted_.resize(count); }

  // None: more than kMaxPolicyRows. Changes nothing.
  std::optional<CountedPolicy> compile(net::ParticipantId owner,
                                       const std::shared_ptr<const policy::Policy>& policy,
                                       diagram::Store& store,
                                       const exchange::Reachability& reachability) const;
  // Says whether the rows may be others than before.
  bool adopt(net::ParticipantId owner, CountedPolicy compiled);
  // Routes have changed; says whose rows may be others.
  std::vector<net::ParticipantId> refresh(const RouteChange& change, diagram::Store& store,
                                          const exchange::Reachability& reachability);

  // Whether somebody's rows depend on routes.
  bool watches_routes() const { return !watching_.empty(); }

  // Null: its packets do not come by.
  const program::Rows::Block& rows_of(net::ParticipantId owner) const {
    return counted_[owner.index()].rows;
  }
  // Those that have too many rows.
  const std::set<net::ParticipantId>& troubled() const { return troubled_; }
  bool has_too_many_rows(net::ParticipantId owner) const {
    return counted_[owner.index()].too_many_rows;
  }
  // Why compile() gave none; and what to say of a participant that has too many rows.
  Diagnostic refusal_of(const policy::Policy& policy, std::string_view file,
                        const diagram::Store& store) const;
  Diagnostic problem_of(std::string_view participant) const;

 private:
  void note(net::ParticipantId owner);

  policy::Direction direction_;
  std::vector<CountedPolicy> counted_;     // by participant
  std::set<net::ParticipantId> watching_;  // whose rows depend on routes
  std::set<net::ParticipantId> troubled_;
};

}  // namespace fabrix::compiler
