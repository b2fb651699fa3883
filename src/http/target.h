// Target: what a request asks for, as a list of names and a list of parameters (RFC 9112 §3.2,
// RFC 3986 §3.3, §3.4).
//
//   /routes/prefix/192.0.2.0%2F24?limit=10&q=a+b
//   segments  {"routes", "prefix", "192.0.2.0/24"}     parameters  {{"limit","10"}, {"q","a b"}}
//
// Decoded once, after splitting: a segment may contain a slash, but no octet below 0x20 and no
// 0x7f. No segment is "." or "..", and none is empty: several slashes are one, as clients join a
// base that ends with a slash and a path that begins with one (Alice-LG does); a slash at the end
// is ignored. So segments can name files. '+' is a space in parameters only. The absolute form that
// proxies use is taken, its authority ignored. Fragments, the asterisk and the authority form are
// refused. A value.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace fabrix::http {

inline constexpr std::size_t kMaxTarget = 8192;
inline constexpr std::size_t kMaxSegments = 32;
inline constexpr std::size_t kMaxParameters = 64;

struct Parameter {
  std::string name;
  std::string value;  // empty without '='

  friend bool operator==(const Parameter&, const Parameter&) = default;
};

struct Target {
  std::vector<std::string> segments;
  std::vector<Parameter> parameters;  // in the order given; names may repeat

  // The first parameter of that name.
  std::optional<std::string_view> parameter(std::string_view name) const;

  friend bool operator==(const Target&, const Target&) = default;
};

enum class TargetError : std::uint8_t {
  kTooLong,
  kNotAPath,           // does not begin with a slash
  kBadOctet,           // a control character, space, fragment, or not ASCII
  kBadEscape,          // '%' without two hexadecimal digits, or for a control character
  kBadSegment,         // "." or ".."
  kTooManySegments,    // more than kMaxSegments
  kTooManyParameters,  // more than kMaxParameters
};

std::string_view describe(TargetError error);

Result<Target, TargetError> parse_target(std::string_view text);

// `text` with everything but the unreserved octets of RFC 3986 §2.3 as %XX.
std::string percent_encode(std::string_view text);

}  // namespace fabrix::http
