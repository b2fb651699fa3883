// FewPackets: the packets to which a change of a list of clauses and of its rows may make a
// difference, where these are the packets with a few values of one field: somebody's who has come
// or gone, when a policy lists many.
//
// A packet that no row matches which came, went or changed meets the rows that it met before, and
// they do what they did. A clause whose tests say of a packet what they said before holds as it
// did. So where rows were right for the clauses before, they are right for all other packets still,
// and only these few are to be looked at. All that is unclear here makes the packets more, or
// unknown. Values; any thread.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "net/field.h"
#include "policy/policy.h"
#include "policy/predicate.h"
#include "program/program.h"

namespace fabrix::verify {

struct FewPackets {
  net::Field field = net::Field::kInPort;
  std::vector<policy::Interval> values;  // sorted, disjoint, at least one

  // Whether a packet of these may pass it.
  bool may_match(const program::Row& row) const;
  // Of all values of the field.
  double part() const;
  // What of these values passes the test, which is of the field; sorted.
  std::vector<policy::Interval> passing(const policy::FieldTest& test) const;
};

// Intervals of values that are few.
inline constexpr std::size_t kMaxFewValues = 16;

// `rows`: all that came, went or changed in a table. None: no row did, or the packets are others.
std::optional<FewPackets> packets_between(const policy::ClauseList& before,
                                          const policy::ClauseList& now,
                                          std::span<const program::Row* const> rows);

}  // namespace fabrix::verify
