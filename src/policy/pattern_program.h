// PatternProgram: a pattern (policy/text_pattern.h) as the steps of a nondeterministic automaton.
//
// Pure. Time and memory are linear in the steps, which kMaxSteps bounds; nesting is bounded by
// kMaxNesting.
#pragma once

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "policy/text_pattern.h"

namespace fabrix::policy {

using CharacterSet = std::bitset<TextPattern::kCharacters>;

struct PatternStep {
  enum class Kind : std::uint8_t {
    kCharacter,  // one of `set`, then the next step
    kSplit,      // `first` or `second`
    kBegin,      // only at the beginning of the text
    kEnd,        // only at its end
    kMatch,
  };
  Kind kind = Kind::kMatch;
  CharacterSet set;
  std::size_t first = 0;
  std::size_t second = 0;
};

inline constexpr std::size_t kMaxPatternSteps = 600;
inline constexpr unsigned kMaxPatternNesting = 32;

// Step 0 is the first; the last is the only kMatch.
Result<std::vector<PatternStep>, PatternError> pattern_steps(std::string_view pattern);

}  // namespace fabrix::policy
