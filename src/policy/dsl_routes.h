// What routes carry, for policy/dsl.h: docs/policy.md, "What routes carry".
//
//     rib(route::community = "64500:666") >> drop
//     (match(dstport = 443) & rib(route::as_path.matches("_64501_"), route::rpki != "invalid")) >>
//     fwd(b)
//
// Any thread.
#pragma once

#include <concepts>
#include <initializer_list>
#include <string>
#include <string_view>

#include "policy/dsl.h"

namespace fabrix::policy::dsl {

// An attribute of a route: compared as fields are, or as text.
class Attribute : public Field {
 public:
  explicit constexpr Attribute(std::string_view name) : Field(name), attribute_(name) {}
  using Field::operator=;

  Comparison matches(std::string_view pattern) const;
  Comparison in(const PrefixSet& set) const;

 private:
  std::string_view attribute_;
};

namespace route {
// NOLINTBEGIN(readability-identifier-naming): as policies spell them.
inline constexpr Attribute prefix{"prefix"};
inline constexpr Attribute prefix_len{"prefix_len"};
inline constexpr Attribute as_path{"as_path"};
inline constexpr Attribute as_path_len{"as_path_len"};
inline constexpr Attribute origin_as{"origin_as"};
inline constexpr Attribute neighbor_as{"neighbor_as"};
inline constexpr Attribute community{"community"};
inline constexpr Attribute large_community{"large_community"};
inline constexpr Attribute ext_community{"ext_community"};
inline constexpr Attribute med{"med"};
inline constexpr Attribute origin{"origin"};
inline constexpr Attribute rpki{"rpki"};
// NOLINTEND(readability-identifier-naming)
}  // namespace route

// All tests hold on the route of the destination, or of the source.
Filter rib(std::initializer_list<Comparison> tests);
template <std::convertible_to<Comparison>... Tests>
Filter rib(const Tests&... tests) {
  return rib({Comparison(tests)...});
}
Filter src_rib(std::initializer_list<Comparison> tests);
template <std::convertible_to<Comparison>... Tests>
Filter src_rib(const Tests&... tests) {
  return src_rib({Comparison(tests)...});
}
// The best route for the destination comes from the participant; not inbound.
Filter best_via(const Target& participant);

}  // namespace fabrix::policy::dsl
