#include "speaker/announcement.h"

#include <fmt/format.h>

namespace fabrix::speaker {
namespace {

constexpr std::uint32_t kUsualPreference = 100;

// `what` is of `family`.
Result<void> check_next_hop(const std::string& what, net::Family family,
                            const net::IpAddress& next_hop) {
  if (next_hop.family() != family) {
    return fail(Error{
        fmt::format("the next hop {} of {} is of the other family", next_hop.to_string(), what)});
  }
  if (next_hop == net::IpAddress::unspecified(family)) {
    return fail(Error{fmt::format("{} has no next hop", what)});
  }
  return {};
}

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
  if (auto done = check_next_hop(prefix.to_string(), prefix.family(), route.next_hop); !done)
    return done;
  return check(*route.attributes);
}

Result<void> check(const bgp::FlowSpecRule& rule, const FlowAnnouncement& flow) {
  if (flow.next_hop) {
    if (auto done = check_next_hop(rule.to_string(), rule.family(), *flow.next_hop); !done)
      return done;
  }
  return check(*flow.attributes);
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
