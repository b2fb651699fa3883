// Codebook: what the 32 reach bits of one sender's tags mean (FABRIC, "Tags" 4).
//
// A unit is what a tag can say about a policy target: "this target is reachable, and this router is
// its best". The bits are parted into fields; each field serves some targets and its value is a
// code, which stands for a set of units (0: none of its targets is reachable). From the roomiest to
// the tightest:
//
//   1. a field for each target, a code for each of its routers: means the same whatever the routes
//   are;
//   2. targets that no present class reaches together share a field (greedy graph colouring);
//   3. one field for all, a code for each set of units that a present class has;
//   4. colouring as in 2, without the targets that find no room: dropped(), they cannot be matched.
//
// A pure function of the targets and the sets, whatever their history. In case 1 a target keeps its
// bits when others come and go, as long as its home is free: packets under way with an older tag
// are not misread. Values; any thread.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "net/ids.h"
#include "policy/policy.h"

namespace fabrix::compiler {

// "`target` is reachable and `router` is its best." For a port target both name the same router.
struct Unit {
  policy::Target target;
  net::RouterId router;

  friend auto operator<=>(const Unit&, const Unit&) = default;
};
using Units = std::vector<Unit>;  // sorted; a target at most once

// A target of a policy, with the routers that can be its best.
struct CodedTarget {
  policy::Target target;
  std::vector<net::RouterId> routers;  // sorted, at least one
  unsigned home = 0;                   // the reach bit where its field would like to begin: 0..31

  friend bool operator==(const CodedTarget&, const CodedTarget&) = default;
};

// A ternary test of the reach bits.
struct ReachTest {
  std::uint32_t bits = 0;
  std::uint32_t mask = 0;

  friend auto operator<=>(const ReachTest&, const ReachTest&) = default;
};

class Codebook {
 public:
  Codebook() = default;
  // `targets` sorted by target; `present`: the sets of units that classes have now.
  Codebook(std::span<const CodedTarget> targets, std::span<const Units> present);

  // Whether the meaning of the bits is the same for any `present`.
  static bool fits_without_sharing(std::span<const CodedTarget> targets);

  // The reach bits that say exactly `units` (units of dropped targets are left out).
  std::uint32_t encode(const Units& units) const;

  // The tags that say `unit`: one holds, or none does. Empty for a dropped target, or a unit that
  // no tag says.
  std::vector<ReachTest> tests(const Unit& unit) const;

  const std::vector<policy::Target>& dropped() const { return dropped_; }

  friend bool operator==(const Codebook&, const Codebook&) = default;

 private:
  // `codes[i]` is what the value i + 1 says.
  struct CodeField {
    unsigned offset = 0;
    unsigned width = 0;
    std::vector<policy::Target> targets;  // sorted
    std::vector<Units> codes;             // sorted

    friend bool operator==(const CodeField&, const CodeField&) = default;
  };

  static CodeField field_of(std::span<const CodedTarget> targets);
  bool place_at_home(std::span<const CodedTarget> targets);
  void place_in_order();
  void colour(std::span<const CodedTarget> targets, std::span<const Units> present);
  bool index(std::span<const CodedTarget> targets, std::span<const Units> present);

  std::vector<CodeField> fields_;
  std::vector<policy::Target> dropped_;
};

}  // namespace fabrix::compiler
