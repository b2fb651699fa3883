#include "speaker/announcement.h"

#include <fmt/format.h>

namespace fabrix::speaker {
namespace {

constexpr std::uint32_t kUsualPreference = 100;

}  // namespace

Result<void> check(const bgp::PathAttributes& attributes) {
  std::size_t asns = 0;
  for (const bgp::AsPathSegment& segment : attributes.as_path.segments) {
    asns += segment.asns.size();
  }
  if (asns > kMostNumbers) {
    return fail(Error{fmt::format("an AS path has {} numbers at most", kMostNumbers)});
  }
  if (attributes.communities.size() > kMostNumbers ||
      attributes.extended_communities.size() > kMostNumbers ||
      attributes.large_communities.size() > kMostNumbers) {
    return fail(Error{fmt::format("a route has {} communities at most", kMostNumbers)});
  }
  return {};
}

Result<void> check(const net::Prefix& prefix, const Announcement& route) {
  if (route.next_hop.family() != prefix.family()) {
    return fail(Error{fmt::format("the next hop {} of {} is of the other family",
                                  route.next_hop.to_string(), prefix.to_string())});
  }
  if (route.next_hop == net::IpAddress::unspecified(prefix.family())) {
    return fail(Error{fmt::format("{} has no next hop", prefix.to_string())});
  }
  return check(*route.attributes);
}

bgp::PathAttributes told(const bgp::PathAttributes& attributes, net::Asn local_as, bool internal) {
  bgp::PathAttributes result = attributes;
  if (internal) {
    result.local_pref = attributes.local_pref.value_or(kUsualPreference);
  } else {
    result.local_pref.reset();
    result.as_path.prepend(local_as, 1);
  }
  return result;
}

}  // namespace fabrix::speaker
