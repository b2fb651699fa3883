#include "api/birdwatcher_json.h"

#include <iterator>
#include <string_view>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "http/message.h"

namespace fabrix::api {
namespace {

using std::chrono::system_clock;

// Alice shows it, and takes it for birdwatcher's.
constexpr std::string_view kVersion = "2.2.5";

// Second parts of informational communities (Euro-IX; RS:1103 is ours).
constexpr std::uint32_t kRpki = 1000;
constexpr std::uint32_t kFiltered = 1101;
constexpr std::uint32_t kNotExported = 1103;
constexpr std::uint32_t kFirstInformational = 1000;
constexpr std::uint32_t kLastInformational = 1999;

std::string rfc3339(system_clock::time_point time) {
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}Z", std::chrono::floor<std::chrono::seconds>(time));
}

std::string_view bird_state(NeighborState state) {
  switch (state) {
    case NeighborState::kUp:
      return "up";
    case NeighborState::kStarting:
      return "start";
    case NeighborState::kDown:
      break;
  }
  return "down";
}

std::string_view bgp_state(NeighborState state) {
  switch (state) {
    case NeighborState::kUp:
      return "Established";
    case NeighborState::kStarting:
      return "Active";
    case NeighborState::kDown:
      break;
  }
  return "Idle";
}

std::string_view table_of(net::Family family) {
  return family == net::Family::kIpv4 ? "master4" : "master6";
}

boost::json::object counts(const RouteCounts& routes) {
  return {{"accepted", routes.accepted},
          {"imported", routes.accepted},
          {"filtered", routes.filtered},
          {"exported", routes.exported},
          {"preferred", routes.preferred}};
}

RouteCounts sum(const std::vector<NeighborChannel>& channels) {
  RouteCounts all;
  for (const NeighborChannel& channel : channels) {
    all.accepted += channel.routes.accepted;
    all.filtered += channel.routes.filtered;
    all.exported += channel.routes.exported;
    all.preferred += channel.routes.preferred;
  }
  return all;
}

boost::json::object changes(const NeighborChannel& channel) {
  return {{"import_updates", {{"received", channel.updates_received}}},
          {"import_withdraws", {{"received", channel.withdrawals_received}}},
          {"export_updates", {{"accepted", channel.updates_sent}}},
          {"export_withdraws", {{"accepted", channel.withdrawals_sent}}}};
}

std::string_view origin_of(bgp::Origin origin) {
  switch (origin) {
    case bgp::Origin::kIgp:
      return "IGP";
    case bgp::Origin::kEgp:
      return "EGP";
    case bgp::Origin::kIncomplete:
      break;
  }
  return "Incomplete";
}

template <typename... Args>
void add(std::string& out, fmt::format_string<Args...> text, Args&&... args) {
  fmt::format_to(std::back_inserter(out), text, std::forward<Args>(args)...);
}

// Alice reads the path with a parser of strings; numbers would vanish. A set's members stand in
// line, because braces would make zeros of them.
void add_as_path(std::string& out, const bgp::AsPath& path) {
  std::string_view comma;
  out += R"("as_path":[)";
  for (const bgp::AsPathSegment& segment : path.segments) {
    for (const net::Asn asn : segment.asns) {
      add(out, R"({}"{}")", comma, asn.value);
      comma = ",";
    }
  }
  out += ']';
}

void add_communities(std::string& out, const std::vector<bgp::Community>& communities) {
  std::string_view comma;
  out += R"(,"communities":[)";
  for (const bgp::Community community : communities) {
    add(out, "{}[{},{}]", comma, community.value >> 16U, community.value & 0xffffU);
    comma = ",";
  }
  out += ']';
}

// What the route server itself says by communities is its own to say.
bool is_ours(const bgp::LargeCommunity& community, net::Asn route_server) {
  return community.global == route_server.value && community.local_1 >= kFirstInformational &&
         community.local_1 <= kLastInformational;
}

void add_large_communities(std::string& out, const RouteView& route, net::Asn route_server) {
  std::vector<bgp::LargeCommunity> shown;
  for (const bgp::LargeCommunity& community : route.attributes->large_communities) {
    if (!is_ours(community, route_server)) shown.push_back(community);
  }
  const auto say = [&](std::uint32_t what, std::uint32_t code) {
    shown.push_back({route_server.value, what, code});
  };
  if (route.rpki) say(kRpki, static_cast<std::uint32_t>(*route.rpki));
  if (route.reason && route.reason->code != 0 && route.status != RouteStatus::kAccepted) {
    say(route.status == RouteStatus::kFiltered ? kFiltered : kNotExported, route.reason->code);
  }
  std::string_view comma;
  out += R"(,"large_communities":[)";
  for (const bgp::LargeCommunity& community : shown) {
    add(out, "{}[{},{},{}]", comma, community.global, community.local_1, community.local_2);
    comma = ",";
  }
  out += ']';
}

// As BIRD writes them (RFC 4360 §3.1 to §3.3, §4, §5; RFC 5668): route targets and origins are
// taken apart, the rest is two numbers.
void add_extended_community(std::string& out, bgp::ExtendedCommunity community) {
  const auto type = static_cast<unsigned>(community.value >> 56U);
  const auto subtype = static_cast<unsigned>(community.value >> 48U & 0xffU);
  const auto low = static_cast<std::uint32_t>(community.value);
  if (type > 2 || (subtype != 2 && subtype != 3)) {
    add(out, R"(["generic","{:#x}","{:#x}"])", community.value >> 32U, low);
    return;
  }
  const std::string_view kind = subtype == 2 ? "rt" : "ro";
  const auto first = static_cast<std::uint32_t>(community.value >> 16U);
  if (type == 0) {
    add(out, R"(["{}","{}","{}"])", kind, first >> 16U, low);
  } else if (type == 1) {
    add(out, R"(["{}","{}.{}.{}.{}","{}"])", kind, first >> 24U, first >> 16U & 0xffU,
        first >> 8U & 0xffU, first & 0xffU, low & 0xffffU);
  } else {
    add(out, R"(["{}","{}","{}"])", kind, first, low & 0xffffU);
  }
}

void add_extended_communities(std::string& out,
                              const std::vector<bgp::ExtendedCommunity>& communities) {
  std::string_view comma;
  out += R"(,"ext_communities":[)";
  for (const bgp::ExtendedCommunity community : communities) {
    out += comma;
    add_extended_community(out, community);
    comma = ",";
  }
  out += ']';
}

// Alice takes local_pref, med and otc as strings only. There is no LOCAL_PREF between autonomous
// systems; 100 is what BIRD shows then.
void add_bgp(std::string& out, const RouteView& route, net::Asn route_server) {
  const bgp::PathAttributes& attributes = *route.attributes;
  add(out, R"("bgp":{{"origin":"{}",)", origin_of(attributes.origin));
  add_as_path(out, attributes.as_path);
  add(out, R"(,"next_hop":"{}","local_pref":"100")", route.next_hop.to_string());
  if (attributes.med) add(out, R"(,"med":"{}")", *attributes.med);
  if (attributes.only_to_customer) {
    add(out, R"(,"otc":"{}")", attributes.only_to_customer->value);
  }
  if (attributes.atomic_aggregate) out += R"(,"atomic_aggr":"")";
  if (attributes.aggregator) {
    add(out, R"(,"aggregator":"{} AS{}")", attributes.aggregator->address.to_string(),
        attributes.aggregator->asn.value);
  }
  add_communities(out, attributes.communities);
  add_large_communities(out, route, route_server);
  add_extended_communities(out, attributes.extended_communities);
  out += '}';
}

}  // namespace

std::string bird_time(system_clock::time_point time) {
  return fmt::format("{:%Y-%m-%d %H:%M:%S}", std::chrono::floor<std::chrono::seconds>(time));
}

// Nothing is cached: every answer is of this moment.
std::string birdwatcher_envelope(system_clock::time_point now) {
  const std::string date = rfc3339(now);
  return fmt::format(
      R"("api":{{"Version":"{}","result_from_cache":false,"cache_status":{{"cached_at":)"
      R"({{"date":"{}","timezone_type":"UTC","timezone":"UTC"}}}}}},"ttl":"{}")",
      kVersion, date, date);
}

boost::json::object birdwatcher_status(const RouteServerStatus& status,
                                       system_clock::time_point now) {
  return {{"current_server", bird_time(now)},
          {"last_reboot", bird_time(status.started)},
          {"last_reconfig", bird_time(status.configured)},
          {"version", status.version},
          {"message", status.message},
          {"router_id", status.router_id}};
}

boost::json::object birdwatcher_protocol(const Neighbor& neighbor) {
  boost::json::object channels;
  boost::json::object route_changes;
  for (const NeighborChannel& channel : neighbor.channels) {
    boost::json::object shown{{"state", neighbor.state == NeighborState::kUp ? "UP" : "DOWN"},
                              {"table", table_of(channel.family)},
                              {"preference", 100},
                              {"routes_count", counts(channel.routes)},
                              {"route_changes", changes(channel)}};
    if (channel.max_prefix) shown["import_limit"] = *channel.max_prefix;
    if (route_changes.empty()) route_changes = changes(channel);
    channels[channel.family == net::Family::kIpv4 ? "ipv4" : "ipv6"] = std::move(shown);
  }
  boost::json::object protocol{{"protocol", neighbor.name},
                               {"bird_protocol", "BGP"},
                               {"table", table_of(neighbor.address.family())},
                               {"state", bird_state(neighbor.state)},
                               {"state_changed", bird_time(neighbor.since)},
                               {"connection", bgp_state(neighbor.state)},
                               {"bgp_state", bgp_state(neighbor.state)},
                               {"description", neighbor.description},
                               {"neighbor_address", neighbor.address.to_string()},
                               {"neighbor_as", neighbor.asn.value},
                               {"preference", 100},
                               {"routes", counts(sum(neighbor.channels))},
                               {"route_changes", std::move(route_changes)},
                               {"channels", std::move(channels)}};
  if (!neighbor.last_error.empty()) protocol["last_error"] = neighbor.last_error;
  return protocol;
}

boost::json::object birdwatcher_short_protocol(const Neighbor& neighbor) {
  std::string info(bgp_state(neighbor.state));
  if (!neighbor.last_error.empty() && neighbor.state != NeighborState::kUp) {
    info += ' ' + neighbor.last_error;
  }
  return {{"proto", "BGP"},
          {"table", "---"},
          {"state", bird_state(neighbor.state)},
          {"since", bird_time(neighbor.since)},
          {"info", info}};
}

void append_route(std::string& out, const RouteView& route, const RouteContext& context) {
  const std::string from = route.from_address.to_string();
  add(out,
      R"({{"network":"{}","gateway":"{}","interface":"","metric":100,"from_protocol":{},)"
      R"("learnt_from":"{}","age":"{}","type":["BGP","univ"],"primary":{},)",
      route.prefix.to_string(), from, http::json_string(route.from_name), from,
      bird_time(context.now - route.age), route.is_primary);
  if (route.reason) add(out, R"("reason":{},)", http::json_string(route.reason->text));
  add_bgp(out, route, context.route_server);
  out += '}';
}

}  // namespace fabrix::api
