#include "analyzer/script_bgp.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>

#include <boost/json/object.hpp>

#include "analyzer/flow_json.h"
#include "analyzer/json_fields.h"
#include "analyzer/route_json.h"

namespace fabrix::analyzer {
namespace {

namespace json = boost::json;
using speaker::NeighborOptions;
using speaker::NeighborState;

std::string text_at(const json::array& arguments, std::size_t index) {
  const bool is_text = index < arguments.size() && arguments[index].is_string();
  return is_text ? std::string(arguments[index].get_string()) : std::string();
}

json::object object_at(const json::array& arguments, std::size_t index) {
  const bool is_object = index < arguments.size() && arguments[index].is_object();
  return is_object ? arguments[index].get_object() : json::object();
}

// "match" or "then" of a flow.
json::object part_of(const json::array& arguments, std::string_view key) {
  const json::object flow = object_at(arguments, 1);
  const auto* const part = flow.if_contains(key);
  return part != nullptr && part->is_object() ? part->get_object() : json::object();
}

Result<net::IpAddress> router_at(const json::array& arguments) {
  const auto address = net::IpAddress::parse(text_at(arguments, 0));
  if (!address) return fail(Error{"a router is an address"});
  return *address;
}

Result<std::optional<double>> whole_in(const json::object& object, std::string_view key,
                                       double most) {
  FABRIX_TRY(const auto number, number_in(object, key));
  if (number && (*number < 1 || *number > most || *number != std::floor(*number))) {
    return fail(Error{"'" + std::string(key) + "' is out of range"});
  }
  return number;
}

// 65000 or "65000".
std::optional<net::Asn> asn_of(const json::array& arguments, std::size_t index) {
  const json::object object{{"as", index < arguments.size() ? arguments[index] : nullptr}};
  const auto number = whole_in(object, "as", std::numeric_limits<std::uint32_t>::max());
  if (!number || !*number) return std::nullopt;
  return net::Asn{static_cast<std::uint32_t>(**number)};
}

// Ours. Scripts leave it out where nobody has set it; then it is the one that sFlow-RT's
// ddos-protect has. None: what is there is no identifier.
std::optional<net::IpAddress> identifier_at(const json::array& arguments, std::size_t index) {
  if (index >= arguments.size() || arguments[index].is_null()) {
    return net::IpAddress::v4({0, 6, 6, 6});
  }
  const auto id = net::IpAddress::parse(text_at(arguments, index));
  return id && id->family() == net::Family::kIpv4 ? id : std::nullopt;
}

std::uint32_t identifier_of(const net::IpAddress& address) {
  std::uint32_t identifier = 0;
  for (const std::uint8_t octet : address.octets()) identifier = identifier << 8U | octet;
  return identifier;
}

Result<void> read_options(const json::object& object, NeighborOptions& options) {
  FABRIX_TRY(const auto ipv6, flag_in(object, "ipv6"));
  FABRIX_TRY(const auto flowspec, flag_in(object, "flowspec"));
  FABRIX_TRY(const auto flowspec6, flag_in(object, "flowspec6"));
  FABRIX_TRY(const auto peer, whole_in(object, "peerAs", 4294967295.0));
  FABRIX_TRY(const auto port, whole_in(object, "port", 65535));
  FABRIX_TRY(const auto most, whole_in(object, "maxPrefixes", 8'000'000));
  FABRIX_TRY(const auto password, text_in(object, "password"));
  options.families.ipv6 = ipv6.value_or(false);
  options.flowspec = {.ipv4 = flowspec.value_or(false), .ipv6 = flowspec6.value_or(false)};
  if (peer) options.peer_as = net::Asn{static_cast<std::uint32_t>(*peer)};
  if (port) options.dial = static_cast<std::uint16_t>(*port);
  if (most) options.most_prefixes = static_cast<std::size_t>(*most);
  options.password = password.value_or("");
  return {};
}

}  // namespace

struct ScriptBgp::Function {
  std::string_view name;
  Result<json::value> (ScriptBgp::*answer)(const Arguments& arguments);
};

std::optional<Result<json::value>> ScriptBgp::call(std::string_view name,
                                                   const Arguments& arguments) {
  static constexpr std::array kFunctions{
      Function{"bgpAddNeighbor", &ScriptBgp::add_neighbor},
      Function{"bgpRemoveNeighbor", &ScriptBgp::remove_neighbor},
      Function{"bgpAddRoute", &ScriptBgp::add_route},
      Function{"bgpRemoveRoute", &ScriptBgp::remove_route},
      Function{"bgpRouteCount", &ScriptBgp::route_count},
      Function{"bgpAddFlow", &ScriptBgp::add_flow},
      Function{"bgpRemoveFlow", &ScriptBgp::remove_flow},
      Function{"bgpFlowCount", &ScriptBgp::flow_count},
  };
  const auto* const found = std::ranges::find(kFunctions, name, &Function::name);
  if (found == kFunctions.end()) return std::nullopt;
  return (this->*found->answer)(arguments);
}

bool ScriptBgp::is_up(const net::IpAddress& router) const {
  const auto view = sessions_.speaker().view(router);
  return view && view->state == NeighborState::kEstablished;
}

// bgpAddNeighbor(address, as, id[, {ipv6, flowspec, flowspec6}]): whether there is a session now.
Result<json::value> ScriptBgp::add_neighbor(const Arguments& arguments) {
  NeighborOptions options;
  FABRIX_TRY(options.address, router_at(arguments));
  const auto as = asn_of(arguments, 1);
  const auto id = identifier_at(arguments, 2);
  if (!as) return fail(Error{"'as' is our AS, 1 to 4294967295"});
  if (!id) return fail(Error{"'id' is our identifier, an IPv4 address"});
  options.local_as = *as;
  options.identifier = identifier_of(*id);
  if (auto done = read_options(object_at(arguments, 3), options); !done) return fail(done.error());
  if (auto done = sessions_.add(options); !done) return fail(done.error());
  routers_.insert(options.address);
  return json::value(is_up(options.address));
}

Result<json::value> ScriptBgp::remove_neighbor(const Arguments& arguments) {
  FABRIX_TRY(const auto router, router_at(arguments));
  routers_.erase(router);
  closed(router);
  return json::value(sessions_.remove(router));
}

// bgpAddRoute(router, route): false without a session.
Result<json::value> ScriptBgp::add_route(const Arguments& arguments) {
  FABRIX_TRY(const auto router, router_at(arguments));
  FABRIX_TRY(const auto pushed, parse_route(object_at(arguments, 1)));
  if (!is_up(router)) return json::value(false);
  auto done = sessions_.speaker().announce(router, pushed.prefix, pushed.route);
  if (!done) return fail(done.error());
  routes_.emplace(router, pushed.prefix);
  return json::value(true);
}

Result<json::value> ScriptBgp::remove_route(const Arguments& arguments) {
  FABRIX_TRY(const auto router, router_at(arguments));
  FABRIX_TRY(const auto prefix, parse_prefix(text_at(arguments, 1)));
  routes_.erase({router, prefix});
  return json::value(sessions_.speaker().withdraw(router, prefix));
}

Result<json::value> ScriptBgp::route_count(const Arguments& arguments) {
  FABRIX_TRY(const auto router, router_at(arguments));
  return json::value(sessions_.speaker().route_count(router));
}

// bgpAddFlow(router, {match, then}): false without a session.
Result<json::value> ScriptBgp::add_flow(const Arguments& arguments) {
  FABRIX_TRY(const auto router, router_at(arguments));
  FABRIX_TRY(const auto rule, parse_match(part_of(arguments, "match")));
  FABRIX_TRY(const auto flow, parse_then(part_of(arguments, "then")));
  if (!is_up(router)) return json::value(false);
  auto done = sessions_.speaker().announce_flow(router, rule, flow);
  if (!done) return fail(done.error());
  flows_.emplace(router, rule);
  return json::value(true);
}

Result<json::value> ScriptBgp::remove_flow(const Arguments& arguments) {
  FABRIX_TRY(const auto router, router_at(arguments));
  FABRIX_TRY(const auto rule, parse_match(part_of(arguments, "match")));
  flows_.erase({router, rule});
  return json::value(sessions_.speaker().withdraw_flow(router, rule));
}

Result<json::value> ScriptBgp::flow_count(const Arguments& arguments) {
  FABRIX_TRY(const auto router, router_at(arguments));
  return json::value(sessions_.speaker().flow_count(router));
}

void ScriptBgp::closed(const net::IpAddress& router) {
  std::erase_if(routes_, [&](const auto& route) {
    if (route.first != router) return false;
    sessions_.speaker().withdraw(router, route.second);
    return true;
  });
  std::erase_if(flows_, [&](const auto& flow) {
    if (flow.first != router) return false;
    sessions_.speaker().withdraw_flow(router, flow.second);
    return true;
  });
}

void ScriptBgp::clear() {
  for (const auto& [router, prefix] : routes_) sessions_.speaker().withdraw(router, prefix);
  for (const auto& [router, rule] : flows_) sessions_.speaker().withdraw_flow(router, rule);
  routes_.clear();
  flows_.clear();
  routers_.clear();
}

}  // namespace fabrix::analyzer
