// FewPackets: the packets to which a change of a list of clauses and of its rows may make a
// difference, where these are the packets with a few values of one Key (verify/extent.h):
// somebody's who has come or gone, when a policy lists many.
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
#include "verify/extent.h"

namespace fabrix::verify {

// Values of a key: these of its field and, if it has one, these of its low half.
struct ValueBlock {
  policy::Interval first;
  policy::Interval low;

  friend auto operator<=>(const ValueBlock&, const ValueBlock&) = default;
};

class FewPackets {
 public:
  FewPackets(const Key& key, std::vector<ValueBlock> blocks);

  const Key& key() const { return key_; }
  const std::vector<ValueBlock>& blocks() const { return blocks_; }  // sorted, at least one

  // Whether a packet of these may pass it.
  bool may_match(const program::Row& row) const;
  // Of all values of the key.
  double part() const;
  // What of these packets' values passes the test; sorted. None: it is of no field of the key.
  std::optional<std::vector<policy::Interval>> passing(const policy::FieldTest& test) const;

 private:
  Key key_;
  std::vector<ValueBlock> blocks_;
  std::vector<policy::Interval> firsts_;  // of all blocks, sorted and disjoint
  std::vector<policy::Interval> lows_;    // likewise
};

// Blocks that are few.
inline constexpr std::size_t kMaxFewValues = 16;

// `rows`: all that came, went or changed in a table of IPv4 and IPv6 packets. The packets of all
// that are returned together, one or two. Empty: no row did, or the packets are others.
std::vector<FewPackets> packets_between(const policy::ClauseList& before,
                                        const policy::ClauseList& now,
                                        std::span<const program::Row* const> rows);

}  // namespace fabrix::verify
