// ClauseAnalysis: the clauses of one checked list, with what is asked about all packets at once,
// each worked out when first needed.
//
// Diagrams answer exactly; boxes first sort out the many pairs that obviously do not overlap. All
// of it takes steps from the store's budget; once that is spent, no answer means anything. Nothing
// is owned; `store` is scratch. Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/box.h"
#include "compiler/route_sense.h"
#include "diagram/diagram.h"
#include "exchange/exchange.h"
#include "exchange/reachability.h"
#include "policy/policy.h"

namespace fabrix::compiler {

// At most this many diagnostics of each code for a list.
inline constexpr std::size_t kMaxFindings = 16;

// What a policy is judged by.
struct Surroundings {
  const exchange::Exchange& exchange;
  const exchange::Reachability& reachability;
  diagram::Store& store;
};

// Whose policy, which half, and the name of its file for the diagnostics.
struct Subject {
  net::ParticipantId owner;
  policy::Direction direction = policy::Direction::kOutbound;
  std::string_view file;
};

class ClauseAnalysis {
 public:
  // All of it must outlive this.
  ClauseAnalysis(const policy::ClauseList& list, const Subject& subject,
                 const Surroundings& surroundings);

  const policy::ClauseList& list() const { return list_; }
  const policy::Clause& clause(std::uint32_t i) const { return list_.clauses[i]; }
  const Subject& subject() const { return subject_; }
  const exchange::Exchange& exchange() const { return surroundings_.exchange; }
  diagram::Store& store() const { return surroundings_.store; }

  // Before a look at that clause beside so many others: takes steps for it. False: the budget is
  // spent.
  bool look_at(std::uint32_t clause, std::size_t others);
  // The clause that was last looked at.
  std::uint32_t reached() const { return reached_; }

  // What routes answer is not known ahead: it may be anything.
  RouteSense sense() const {
    return {.reachability = surroundings_.reachability, .questions = questions_};
  }
  bool asks_routes(std::uint32_t i) const;

  // Quicker yet, of many clauses that want a port or prefix each: true means that no packet matches
  // both.
  bool are_apart(std::uint32_t a, std::uint32_t b) const {
    return values_[a] != 0 && values_[b] != 0 && values_[a] != values_[b];
  }
  // 0: none.
  std::uint32_t telling_value(std::uint32_t i) const { return values_[i]; }

  // Quick and one-sided: false means that no packet matches both.
  bool may_overlap(std::uint32_t a, std::uint32_t b) const;

  // The packets for which the clause's condition holds.
  diagram::Diagram diagram(std::uint32_t i);

  // Whether it acts on every packet that matches it, whatever the routes are.
  bool is_decisive(std::uint32_t i) const;

 private:
  std::optional<policy::Interval> span_of(std::uint32_t clause, diagram::FieldIndex field) const;
  void find_telling_field();
  bool exclude(const Box& left, const Box& right) const;

  const policy::ClauseList& list_;
  const Subject& subject_;
  const Surroundings& surroundings_;
  std::vector<policy::OnRoute> questions_;
  std::vector<std::optional<std::vector<Box>>> boxes_;
  std::vector<std::uint32_t> values_;  // ranges of one field, numbered, by clause; 0: any value
  std::vector<std::optional<diagram::Diagram>> diagrams_;
  std::uint32_t reached_ = 0;
};

// "goes to B"
std::string deed_of(const policy::Clause& clause, const exchange::Exchange& exchange);
std::string name_of(const policy::Target& target, const exchange::Exchange& exchange);

}  // namespace fabrix::compiler
