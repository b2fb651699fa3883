#include "compiler/encoding.h"

#include <algorithm>
#include <utility>

namespace fabrix::compiler {

bool Encoding::is_for(std::span<const CodedTarget> targets, unsigned width) const {
  // Targets without room may find some now.
  return width == width_ && std::ranges::equal(targets, targets_) && book_.dropped().empty();
}

Codebook Encoding::book_for(std::span<const CodedTarget> targets) const {
  if (is_for(targets)) return book_;
  Encoding after = *this;
  after.update(targets, {});
  return std::move(after.book_);
}

bool Encoding::update(std::span<const CodedTarget> targets, std::span<const Units> present,
                      unsigned width) {
  if (is_for(targets, width)) {
    if (std::ranges::all_of(present, [this](const Units& each) { return book_.can_say(each); })) {
      return false;
    }
    if (extend(present)) return true;
  }
  targets_.assign(targets.begin(), targets.end());
  const bool same_width = std::exchange(width_, width) == width;
  const Codebook before = book_;
  remember();
  auto kept = same_width ? kept_for(targets) : std::nullopt;
  if (kept) {
    book_ = *std::move(kept);
  } else {
    replace(Codebook(targets, present, width));
  }
  plan_again_at_ = 0;
  return book_ != before;
}

// False: the codebook is to be made anew. Whether that pays is asked each time that what sharing
// costs has doubled, so the work of asking is bounded by the growth.
bool Encoding::extend(std::span<const Units> present) {
  constexpr std::size_t kUnitsNotWorthIt = 16;
  auto more = book_.extended(present);
  const auto& past = past_.at(book_.generation());
  if (!more || (past && more->contradicts(past->meant))) return false;
  const std::size_t units = more->shared_units();
  if (units > plan_again_at_ + kUnitsNotWorthIt) {
    if (2 * Codebook(targets_, present, width_).shared_units() <= units) return false;
    plan_again_at_ = 2 * units;
  }
  book_ = *std::move(more);
  return true;
}

void Encoding::forget_past() {
  past_ = {};
}

void Encoding::remember() {
  auto& past = past_.at(book_.generation());
  if (!past) past = Past{};  // clang 14 cannot emplace() it
  past->meant.remember(book_);
  past->used = ++replacements_;
}

// Without any other meaning of bits: of the present generation; or of another one in which all of
// them have had theirs. None: that cannot be.
std::optional<Codebook> Encoding::kept_for(std::span<const CodedTarget> targets) const {
  const Codebook& meant = past_.at(book_.generation())->meant;
  if (!meant.has_said(targets)) {
    for (const auto& past : past_) {
      if (past && past->meant.has_said(targets)) return past->meant.with(targets, past->meant);
    }
  }
  return book_.with(targets, meant);
}

void Encoding::replace(Codebook book) {
  const unsigned present = book_.generation();
  const auto fits = [&](unsigned generation) {
    const auto& past = past_.at(generation);
    return !past || !book.contradicts(past->meant);
  };
  unsigned chosen = present;
  if (!fits(present)) {
    const auto used = [this](unsigned generation) {
      const auto& past = past_.at(generation);
      return past ? past->used : 0;
    };
    std::vector<unsigned> others;
    for (unsigned each = 0; each < kGenerations; ++each) {
      if (each != present) others.push_back(each);
    }
    const auto fitting = std::ranges::find_if(others, fits);
    chosen = fitting != others.end() ? *fitting : *std::ranges::min_element(others, {}, used);
    if (fitting == others.end()) past_.at(chosen).reset();
  }
  book.set_generation(chosen);
  book_ = std::move(book);
}

}  // namespace fabrix::compiler
