// How memory comes to the processor.
#pragma once

#include <cstddef>

namespace fabrix {

// So many octets at once.
inline constexpr std::size_t kCacheLine = 64;

}  // namespace fabrix
