// A question about routes that routes of a RandomWorld answer one way or another.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "net/prefix.h"
#include "policy/route_test.h"

namespace fabrix::verify {

// `below(n)` is a random number less than n.
inline policy::RouteTest random_route_test(const std::function<std::uint64_t(std::uint64_t)>& below,
                                           const net::Prefix& prefix) {
  const auto number = [&below](policy::RouteNumber of, std::uint64_t first) {
    const std::uint64_t low = first + below(3);
    return policy::RouteNumberTest{of, {{low, low + below(2)}}};
  };
  switch (below(8)) {
    case 0:
      return number(policy::RouteNumber::kCommunity, 0);
    case 1:
      return number(policy::RouteNumber::kMed, 0);
    case 2:
      return number(policy::RouteNumber::kPathLength, 1);
    case 3:
      return number(policy::RouteNumber::kRpki, 0);
    case 4:
      return number(policy::RouteNumber::kAnnouncer, 0);
    case 5:
      return policy::RouteNumberTest{policy::RouteNumber::kPrefixLength, {{0, 8 + below(50)}}};
    case 6:
      return policy::RoutePrefixTest{policy::block(prefix)};
    default:
      return policy::RouteTextTest{
          policy::RouteText::kPath,
          std::make_shared<const policy::TextPattern>(
              *policy::TextPattern::compile(below(2) == 0 ? "^65001_" : "_6500[23]$"))};
  }
}

}  // namespace fabrix::verify
