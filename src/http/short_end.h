// What Beast's parser cannot be given: it asserts that what is left of a chunked body, once the
// last chunk was seen, is at least the five octets of the shortest end, "0\r\n\r\n" (RFC 9112
// §7.1), also where fewer have come so far.
#pragma once

#include <cstddef>

namespace fabrix::http {

// Whether more octets than these have to come before it makes sense to parse on: there are more.
template <typename Parser>
bool is_too_short(const Parser& parser, std::size_t octets) {
  constexpr std::size_t kShortestEnd = 5;
  return parser.is_header_done() && parser.chunked() && octets < kShortestEnd;
}

}  // namespace fabrix::http
