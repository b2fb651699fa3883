// AsPath: the autonomous systems that a route has come through, the nearest first (RFC 4271
// §5.1.2). AS numbers are four octets (RFC 6793).
//
// A regular value type.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "net/asn.h"

namespace fabrix::net {

// 1 to 255 AS numbers, none of them 0. Confederation segments do not exist between members.
struct AsPathSegment {
  enum class Kind : std::uint8_t { kSet = 1, kSequence = 2 };  // as on the wire
  Kind kind = Kind::kSequence;
  std::vector<Asn> asns;

  friend bool operator==(const AsPathSegment&, const AsPathSegment&) = default;
};

struct AsPath {
  std::vector<AsPathSegment> segments;

  // A set counts as one (RFC 4271 §9.1.2.2).
  std::size_t length() const;

  // The neighbour that sent the route: the first AS of a leading sequence.
  std::optional<Asn> first() const;

  // The last AS of a trailing sequence; none for an empty path or after an aggregation into a set.
  std::optional<Asn> origin() const;

  bool contains(Asn asn) const;

  // Puts `count` times `asn` in front.
  void prepend(Asn asn, std::size_t count);

  // "64500 64501 {64502 64503}".
  std::string to_string() const;

  friend bool operator==(const AsPath&, const AsPath&) = default;
};

}  // namespace fabrix::net
