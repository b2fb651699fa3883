// Effect: what tables have done to a packet, as a leaf of a diagram.
//
// Effects numbers them: equal effects have equal leaves. Dropping is leaf diagram::kNone, so that a
// packet that no row matches and one that a row drops are the same; dropping what was mirrored or
// counted is a leaf of its own. Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include <boost/unordered/unordered_flat_set.hpp>

#include "diagram/diagram.h"
#include "net/ids.h"
#include "policy/policy.h"
#include "program/program.h"

namespace fabrix::verify {

using Writes = std::vector<policy::Write>;  // sorted by field, each once

// `first`, then `then`, which prevails.
Writes merge(const Writes& first, const Writes& then);

// A copy on its way out, past what follows.
struct Mirrored {
  net::PortNo port;
  Writes writes;  // before it left

  friend auto operator<=>(const Mirrored&, const Mirrored&) = default;
};

// Where a copy goes on.
struct Onward {
  program::TableId table = program::TableId::kAdmit;
  std::uint64_t metadata = 0;

  friend auto operator<=>(const Onward&, const Onward&) = default;
};

struct Effect {
  enum class Kind : std::uint8_t { kDrop, kContinue, kOutput, kController };
  Kind kind = Kind::kDrop;
  program::TableId table = program::TableId::kAdmit;  // kContinue
  std::uint64_t metadata = 0;                         // kContinue
  net::PortNo port;                                   // kOutput
  Writes writes;                                      // not kDrop
  std::vector<Onward> branches{};        // kContinue: further copies, sorted, after the first
  std::vector<program::Meter> meters{};  // passed, in order; of kDrop only with mirrors
  std::vector<Mirrored> mirrors{};       // in order
  // What counted it, of clauses (policy::ClauseCounter::id), in order.
  std::vector<std::uint64_t> counters{};

  friend auto operator<=>(const Effect&, const Effect&) = default;
};

// Makes it continue with the copies: at least one.
void continue_with(Effect& effect, std::vector<Onward> copies);

// What `first`, which continues with one copy, and then `then` do together.
Effect sequel(const Effect& first, Effect then);

// Whether they differ in what counts, and in nothing else.
bool differ_in_counters(const Effect& a, Effect b);

class Effects {
 public:
  Effects() : leaves_(0, Hash{this}, Equal{this}) {}
  Effects(const Effects&) = delete;
  Effects& operator=(const Effects&) = delete;
  Effects(Effects&&) = delete;
  Effects& operator=(Effects&&) = delete;
  ~Effects() = default;

  diagram::Leaf leaf_of(const Effect& effect);
  // The leaf must come from leaf_of(), or be kNone.
  const Effect& at(diagram::Leaf leaf) const;
  void clear();

 private:
  struct Hash {
    using is_transparent = void;
    const Effects* of;
    std::size_t operator()(diagram::Leaf leaf) const { return (*this)(of->at(leaf)); }
    std::size_t operator()(const Effect& effect) const noexcept;
  };
  struct Equal {
    using is_transparent = void;
    const Effects* of;
    bool operator()(diagram::Leaf a, diagram::Leaf b) const { return a == b; }
    bool operator()(const Effect& a, diagram::Leaf b) const { return a == of->at(b); }
    bool operator()(diagram::Leaf a, const Effect& b) const { return of->at(a) == b; }
  };

  diagram::Leaf intern(const Effect& effect);

  boost::unordered_flat_set<diagram::Leaf, Hash, Equal> leaves_;
  std::vector<Effect> effects_;
};

}  // namespace fabrix::verify
