// UTF-8 (RFC 3629).
#pragma once

#include <cstddef>
#include <string_view>

namespace fabrix {

// How many octets of `text`, from its beginning, are UTF-8: all of them, if it is.
std::size_t utf8_prefix(std::string_view text);

}  // namespace fabrix
