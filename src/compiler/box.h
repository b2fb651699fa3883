// Box: a set of packets that is a product of ranges, one for each field tested; and predicates as
// unions of boxes.
//
// Most clauses that people write are a box or a few, and a box turns into rows without a diagram.
// boxes_of() gives up (none) when a predicate would need too many; then diagrams decide.
//
// Policy tables see IPv4 and IPv6 packets only (the admit table lets nothing else pass), so the
// complement of "IPv4" is "IPv6". What a complement leaves keeps the tests of the fields that make
// the tested header exist: not (IPv4, TCP, port 80) is IPv6; IPv4 and not TCP; IPv4, TCP, another
// port.
//
// Values; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "compiler/route_sense.h"
#include "diagram/diagram.h"
#include "exchange/reachability.h"
#include "net/field.h"
#include "net/ids.h"
#include "policy/predicate.h"

namespace fabrix::compiler {

// The fields that policies test: net::Field's, by number; the sending participant (id + 1, as in
// program::Metadata); and for each question about routes its answer, 1 for yes.
inline constexpr diagram::FieldIndex kSenderField = net::kFieldCount;
inline constexpr diagram::FieldIndex kFirstQuestionField = kSenderField + 1;
inline constexpr std::size_t kPolicyFieldCount = kFirstQuestionField + policy::kMaxRouteTests;
std::vector<unsigned> policy_field_widths();

static_assert(kPolicyFieldCount <= 64, "as many as a Store has");

constexpr diagram::FieldIndex index_of(net::Field field) {
  return static_cast<diagram::FieldIndex>(field);
}
constexpr diagram::FieldIndex question_field(std::size_t question) {
  return static_cast<diagram::FieldIndex>(kFirstQuestionField + question);
}
constexpr std::uint64_t sender_value(net::ParticipantId sender) {
  return sender.value + std::uint64_t{1};
}

using Intervals = std::vector<policy::Interval>;  // sorted, disjoint, not empty

struct FieldRange {
  diagram::FieldIndex field = 0;
  Intervals intervals;

  friend bool operator==(const FieldRange&, const FieldRange&) = default;
};

// Every packet whose fields lie in all the ranges; without ranges every packet.
struct Box {
  std::vector<FieldRange> ranges;  // sorted by field, each once

  friend bool operator==(const Box&, const Box&) = default;
};

bool overlap(const Box& a, const Box& b);
bool contains(const Box& outer, const Box& inner);
std::optional<Box> intersection(Box a, Box b);

inline constexpr std::size_t kMaxBoxes = 1024;
// Intervals of boxes looked at on the way, which a condition on routes may have very many of.
inline constexpr std::size_t kMaxBoxWork = 4'000'000;

// The packets for which the predicate holds; boxes may overlap. None: more than `most`, or an
// alternative of more than that, which takes the square of them; or more work than kMaxBoxWork or
// the budget, if any, which it is taken from.
std::optional<std::vector<Box>> boxes_of(const policy::Predicate& predicate,
                                         const RouteSense& sense, Budget* budget = nullptr,
                                         std::size_t most = kMaxBoxes);

// Boxes of the addresses in the participant's prefixes, on that side.
std::vector<Box> prefix_boxes(const policy::InPrefixesOf& test,
                              const exchange::Reachability& reachability);

// The fewest (bits, mask) pairs of prefix form that together match exactly [low, high].
struct Ternary {
  std::uint64_t bits = 0;
  std::uint64_t mask = 0;

  friend bool operator==(const Ternary&, const Ternary&) = default;
};
std::vector<Ternary> cover(const policy::Interval& interval, unsigned width);

// How many ternary rows the box needs; or more than `most`.
std::size_t row_count(const Box& box, std::size_t most);

}  // namespace fabrix::compiler
