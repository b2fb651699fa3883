// Codebook: what the reach bits of one sender's tags mean (FABRIC, "Tags" 4).
//
// A unit is what a tag can say about a policy target: "this target is reachable, and this router is
// its best". The bits are parted into fields; each field serves some targets and its value is a
// code, which stands for a set of units (0: none of its targets is reachable). While all targets
// fit, each has a field of its own and a code for each of its routers, which means the same
// whatever the routes are. Else targets share fields (compiler/field_plan.h), and what no field can
// say is a code of the overflow field, one for each whole set of units; then the other fields are
// 0.
//
// The two highest bits are the generation: a tag of another generation says nothing, so that where
// bits change their meaning, packets under way with older tags take their default route
// (compiler/encoding.h).
//
// A pure function of the targets and the sets, whatever their history, but for extended() and
// with(). Values; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "net/ids.h"
#include "policy/policy.h"
#include "program/tag.h"

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

inline constexpr unsigned kGenerationBits = 2;
inline constexpr unsigned kGenerations = 1U << kGenerationBits;

class Codebook {
 public:
  Codebook() = default;
  // `targets` sorted by target; `present`: the sets of units that classes have now, distinct;
  // `width`: it uses the reach bits below that one, at least 8. Of generation 0.
  Codebook(std::span<const CodedTarget> targets, std::span<const Units> present,
           unsigned width = program::kReachBits);

  // Whether the meaning of the bits is the same for any `present`.
  static bool fits_without_sharing(std::span<const CodedTarget> targets,
                                   unsigned width = program::kReachBits);

  // Whether encode() can say the set (less what is dropped).
  bool can_say(const Units& units) const;
  // With codes for those of the sets that need one; what was said is said as before. None: there is
  // no room.
  std::optional<Codebook> extended(std::span<const Units> present) const;

  // For these targets instead, sorted: whoever has a field keeps it, or gets again what it had in
  // `meant`, and others get bits that say nothing there, as near to their homes as can be. `meant`
  // says at least what this does. None: there is no room, or fields are shared.
  std::optional<Codebook> with(std::span<const CodedTarget> targets, const Codebook& meant) const;
  // Says also what the other does, which must not contradict it, and is of its generation. It is
  // for asking what bits have meant, not for encoding.
  void remember(const Codebook& other);
  // Whether each of them has a field of its own.
  bool has_said(std::span<const CodedTarget> targets) const;

  // What sharing costs in rows: the units in codes that say more than one target of a field, and in
  // those of the overflow field.
  std::size_t shared_units() const;

  // What each unit adds to the reach bits of all tags, `always`, if that is how encode() makes
  // them.
  struct UnitBits {
    Unit unit;
    std::uint32_t bits = 0;
  };
  struct BitsOfUnits {
    std::uint32_t always = 0;
    std::vector<UnitBits> units;
  };
  std::optional<BitsOfUnits> bits_of_units() const;

  // The reach bits that say exactly `units` (units of dropped targets are left out). can_say().
  std::uint32_t encode(const Units& units) const;

  // The tags that say `unit`: one holds, or none does. Empty for a dropped target, or a unit that
  // no tag says.
  std::vector<ReachTest> tests(const Unit& unit) const;

  // Targets that found no room: they cannot be matched. Sorted.
  const std::vector<policy::Target>& dropped() const { return dropped_; }

  unsigned generation() const { return generation_; }
  void set_generation(unsigned generation) { generation_ = generation % kGenerations; }

  // The targets that both code, but otherwise; sorted. None: what it says of any target may be
  // something else.
  std::optional<std::vector<policy::Target>> coded_otherwise(const Codebook& other) const;

  // Whether a tag of the other, generations apart, could say something here that it did not mean.
  bool contradicts(const Codebook& other) const;

  friend bool operator==(const Codebook&, const Codebook&) = default;

 private:
  struct Code {
    Units units;
    std::uint32_t value = 0;  // from 1

    friend bool operator==(const Code&, const Code&) = default;
  };
  struct CodeField {
    unsigned offset = 0;
    unsigned width = 0;
    std::vector<policy::Target> targets;  // sorted
    std::vector<Code> codes;              // sorted by units

    const Code* find(const Units& units) const;  // null: none
    bool has_room() const { return codes.size() + 1 < std::size_t{1} << width; }
    void add(Units units);
    Units part_of(const Units& units) const;  // those of its targets
    bool can_say(const Units& units) const;

    friend bool operator==(const CodeField&, const CodeField&) = default;
  };

  static CodeField field_of(const CodedTarget& target);
  static bool compatible(const CodeField& a, const CodeField& b);
  static bool fits(const CodeField& field, const std::vector<CodeField>& others);
  bool place_at_home(const CodedTarget& target, const std::vector<CodeField>& meant);
  bool place_as_in(const Codebook& other, const CodedTarget& target,
                   const std::vector<CodeField>& meant);
  void remember(const CodeField& field);
  void place_in_order();
  void share(std::span<const CodedTarget> targets, std::span<const Units> present, unsigned width);
  static std::size_t units_in(const CodeField& field);
  bool has_a_field_for_each() const;
  std::uint32_t encode_one_by_one(const Units& units) const;
  bool fields_can_say(const Units& units) const;
  bool add(const Units& units);
  Units without_dropped(const Units& units) const;
  void add_tests(const CodeField& field, const Unit& unit, std::vector<ReachTest>& tests) const;
  std::uint32_t generation_bits(unsigned generation) const;

  std::vector<CodeField> fields_;
  CodeField overflow_;  // width 0: there is none
  std::vector<policy::Target> dropped_;
  unsigned width_ = program::kReachBits;
  unsigned generation_ = 0;
};

}  // namespace fabrix::compiler
