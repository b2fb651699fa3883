// Encoding: the codebook of one sender's tags through time.
//
// Tags live in routers for as long as these remember them, and packets with older tags are under
// way while a change is told. So a codebook is kept as long as it can say what is to be said, it is
// extended where that is enough, and only where both fail, or the targets are others, or a new one
// would need far fewer rows, it is made anew. Where then bits mean something else than before, the
// new one is of another generation, and older tags say nothing: their packets take the default
// route until the members have heard of the new next hops (FABRIC, "Tags" 4; the fence of a
// transition).
//
// The generation taken is the first whose last codebook does not contradict the new one, so a
// change and its reversal lead back to the same bits. Values; not thread-safe.
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

  // What tags have to say from now on. `targets` sorted, `present` distinct; `width` as Codebook
  // has it. Whether any test, or the encoding of any set, may be another than before.
  bool update(std::span<const CodedTarget> targets, std::span<const Units> present,
              unsigned width = program::kReachBits);

 private:
  bool extend(std::span<const Units> present);
  void replace(Codebook book);

  std::vector<CodedTarget> targets_;
  unsigned width_ = 0;
  Codebook book_;
  std::size_t plan_again_at_ = 0;  // shared units
  // By generation, with the time it was last in use, counted in replacements.
  struct Past {
    Codebook book;
    std::uint64_t used = 0;
  };
  std::array<std::optional<Past>, kGenerations> past_{};
  std::uint64_t replacements_ = 0;
};

}  // namespace fabrix::compiler
