// RouteView: what routing knows of a sample's addresses: the route that a packet takes to its
// destination, and the one back to its source. Attributes of flows ask it (routing_attribute.h)
// when the agent did not say with the sample.
//
// Values, and an interface; who implements it says whose routes they are.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "net/ip_address.h"
#include "telemetry/route_texts.h"

namespace fabrix::telemetry {

struct Sample;

// What many routes have in common, in the texts that flows are keyed by.
struct RouteInfo {
  std::optional<net::IpAddress> next_hop;
  std::string as_path;            // "65254-65002-64700", sets in parentheses; may be empty
  std::uint32_t neighbor_as = 0;  // the first of the path; 0: none
  std::uint32_t origin_as = 0;    // the last; 0: none
  std::string communities;        // "65002:7-65002:8"; may be empty
  std::string origin;             // "IGP", "EGP", "INCOMPLETE"; empty: not known
  std::optional<std::uint32_t> local_pref;
  std::optional<std::uint32_t> med;

  friend bool operator==(const RouteInfo&, const RouteInfo&) = default;
};
using RouteInfoPtr = std::shared_ptr<const RouteInfo>;

// The longest prefix that an address is in.
struct RouteMatch {
  unsigned length = 0;                // of the prefix
  const RouteInfo* route = nullptr;   // never null; good until the routes change
  std::uint32_t id = 0;               // in the table that it is of
  bool has_long_texts = false;        // those of `texts` (RouteTexts::is_long)
  const RouteTexts* texts = nullptr;  // of the route; or null

  // What the route says, from where it is quicker had.
  const auto& next_hop() const { return texts != nullptr ? texts->next_hop : route->next_hop; }
  std::string_view as_path() const { return texts != nullptr ? texts->as_path() : route->as_path; }
  std::string_view communities() const {
    return texts != nullptr ? texts->communities() : route->communities;
  }
  std::uint32_t neighbor_as() const {
    return texts != nullptr ? texts->neighbor_as : route->neighbor_as;
  }
  std::uint32_t origin_as() const { return texts != nullptr ? texts->origin_as : route->origin_as; }
  const auto& local_pref() const {
    return texts != nullptr ? texts->local_pref : route->local_pref;
  }
};

// What has been looked up for a sample, so that several keys cost one look-up.
struct RouteMemo {
  struct Entry {
    bool is_known = false;
    bool is_asked_for = false;
    std::optional<RouteMatch> match;
  };
  Entry to_destination;
  Entry to_source;
};

class RouteView {
 public:
  RouteView() = default;
  virtual ~RouteView() = default;
  RouteView(const RouteView&) = delete;
  RouteView& operator=(const RouteView&) = delete;
  RouteView(RouteView&&) = delete;
  RouteView& operator=(RouteView&&) = delete;

  // By longest match; the default route is a route. None: there is none, or nothing is known of the
  // sample's agent.
  virtual std::optional<RouteMatch> to_destination(const Sample& sample,
                                                   const net::IpAddress& address) const = 0;
  virtual std::optional<RouteMatch> to_source(const Sample& sample,
                                              const net::IpAddress& address) const = 0;

  // The AS of the router whose routes they are; 0: not known.
  virtual std::uint32_t own_as(const Sample& sample) const = 0;
};

}  // namespace fabrix::telemetry
