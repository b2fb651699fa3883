// Encoding: the codebook of one sender's tags through time.
//
// Tags live in routers for as long as these remember them, and packets with older tags are under
// way while a change is told. So a codebook is kept as long as it can say what is to be said, it is
// extended where that is enough, and other targets get bits that never said anything else; only
// where all that fails, or a new one would need far fewer rows, it is made anew. Where then bits
// mean something else than they ever did, the new one is of another generation, and older tags say
// nothing: their packets take the default route until the members have heard of the new next hops
// (FABRIC, "Tags" 4; the fence of a transition).
//
// Of each generation it remembers what its bits have meant, so a change and its reversal lead back
// to the same bits. The generation taken is the first whose bits the new codebook gives no other
// meaning; if there is none, the one longest out of use, of which all else is forgotten then.
// Values; not thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "compiler/codebook.h"

namespace fabrix::compiler {

class Encoding {
 public:
  const Codebook& book() const { return book_; }
  // What it would be after an update() without sets.
  Codebook book_for(std::span<const CodedTarget> targets) const;

  // What tags have to say from now on. `targets` sorted, `present` distinct; `width` as Codebook
  // has it. Whether any test, or the encoding of any set, may be another than before.
  bool update(std::span<const CodedTarget> targets, std::span<const Units> present,
              unsigned width = program::kReachBits);

  // Whether an update() for these targets changes nothing, as long as the book can say all sets.
  bool is_for(std::span<const CodedTarget> targets, unsigned width = program::kReachBits) const;

  // Nobody remembers tags of another codebook than the present one: bits that mean nothing in it
  // are free.
  void forget_past();

 private:
  bool extend(std::span<const Units> present);
  void remember();
  std::optional<Codebook> kept_for(std::span<const CodedTarget> targets) const;
  void replace(Codebook book);

  std::vector<CodedTarget> targets_;
  unsigned width_ = 0;
  Codebook book_;
  std::size_t plan_again_at_ = 0;  // shared units
  // By generation: what its bits have meant, and when it was last in use, counted in replacements.
  struct Past {
    Codebook meant;
    std::uint64_t used = 0;
  };
  std::array<std::optional<Past>, kGenerations> past_{};
  std::uint64_t replacements_ = 0;
};

}  // namespace fabrix::compiler
