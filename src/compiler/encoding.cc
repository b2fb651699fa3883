#include "compiler/encoding.h"

#include <algorithm>
#include <utility>

namespace fabrix::compiler {

bool Encoding::update(std::span<const CodedTarget> targets, std::span<const Units> present,
                      unsigned width) {
  const bool same = width == width_ && std::ranges::equal(targets, targets_);
  // Targets without room may find some now.
  if (same && book_.dropped().empty()) {
    if (std::ranges::all_of(present, [this](const Units& each) { return book_.can_say(each); })) {
      return false;
    }
    if (extend(present)) return true;
  }
  targets_.assign(targets.begin(), targets.end());
  width_ = width;
  const Codebook before = book_;
  replace(Codebook(targets, present, width));
  plan_again_at_ = 0;
  return book_ != before;
}

// False: the codebook is to be made anew. Whether that pays is asked each time that what sharing
// costs has doubled, so the work of asking is bounded by the growth.
bool Encoding::extend(std::span<const Units> present) {
  constexpr std::size_t kUnitsNotWorthIt = 16;
  auto more = book_.extended(present);
  if (!more) return false;
  const std::size_t units = more->shared_units();
  if (units > plan_again_at_ + kUnitsNotWorthIt) {
    if (2 * Codebook(targets_, present, width_).shared_units() <= units) return false;
    plan_again_at_ = 2 * units;
  }
  book_ = *std::move(more);
  return true;
}

void Encoding::replace(Codebook book) {
  const unsigned present = book_.generation();
  past_.at(present) = Past{.book = book_, .used = ++replacements_};
  const auto fits = [&](unsigned generation) {
    const auto& past = past_.at(generation);
    return !past || !book.contradicts(past->book);
  };
  unsigned chosen = present;
  if (!fits(present)) {
    const auto used = [this](unsigned generation) {
      const auto& past = past_.at(generation);
      return past ? past->used : 0;
    };
    chosen = present == 0 ? 1 : 0;
    for (unsigned each = 0; each < kGenerations; ++each) {
      if (each != present && used(each) < used(chosen)) chosen = each;
    }
    for (unsigned each = kGenerations; each > 0; --each) {
      if (each - 1 != present && fits(each - 1)) chosen = each - 1;
    }
  }
  book.set_generation(chosen);
  book_ = std::move(book);
}

}  // namespace fabrix::compiler
