// nearest(): the known name that a mistyped one was probably meant to be.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace fabrix {

// The name of `known` with the smallest edit distance (case ignored) to `name`, if that distance is
// at most 2 and less than half of name's length rounded up; else none. Ties go to the first. An
// edit adds, drops or replaces one octet, or swaps two neighbours. Cost: O(known * length^2).
std::optional<std::string> nearest(std::string_view name, std::span<const std::string> known);

}  // namespace fabrix
