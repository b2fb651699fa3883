#include "lab/rib_json.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string>

#include <boost/json.hpp>

namespace fabrix::lab {
namespace {

namespace json = boost::json;

// gobgp's number for it (api.PeerState.SessionState).
constexpr int kGoBgpEstablished = 6;

Result<json::value> parse(std::string_view text) {
  json::error_code error;
  json::value value = json::parse(json::string_view(text.data(), text.size()), error);
  if (error) return fail(Error{"not JSON: " + error.message()});
  return value;
}

// The member, or null if there is none.
const json::value& member(const json::value& value, std::string_view name) {
  static const json::value nothing;
  const json::object* object = value.if_object();
  if (object == nullptr) return nothing;
  const json::value* found = object->if_contains(json::string_view(name.data(), name.size()));
  return found == nullptr ? nothing : *found;
}

// The elements; none if it is no array.
const json::array& elements(const json::value& value) {
  static const json::array none;
  const json::array* array = value.if_array();
  return array == nullptr ? none : *array;
}

std::string_view text_of(const json::value& value) {
  const json::string* text = value.if_string();
  return text == nullptr ? std::string_view() : std::string_view(text->data(), text->size());
}

bool is_true(const json::value& value) {
  return value.is_bool() && value.get_bool();
}

std::optional<LearnedRoute> learned_route(std::string_view destination, std::string_view gateway) {
  const auto prefix = net::Prefix::parse(destination);
  const auto address = net::IpAddress::parse(gateway);
  if (!prefix || !address) return std::nullopt;
  return LearnedRoute{*prefix, *address};
}

// The next hop is in the NEXT_HOP attribute or in MP_REACH_NLRI.
std::string_view gobgp_gateway(const json::value& path) {
  for (const json::value& attribute : elements(member(path, "attrs"))) {
    const std::string_view gateway = text_of(member(attribute, "nexthop"));
    if (!gateway.empty()) return gateway;
  }
  return {};
}

// Our own paths have no neighbour.
bool is_learned_best(const json::value& path) {
  return is_true(member(path, "best")) && !text_of(member(path, "neighbor-ip")).empty();
}

std::size_t count_state(const json::array& neighbors) {
  return static_cast<std::size_t>(std::ranges::count_if(neighbors, [](const json::value& one) {
    return text_of(member(one, "state")) == "Established";
  }));
}

}  // namespace

Result<std::vector<LearnedRoute>> openbgpd_routes(std::string_view text) {
  FABRIX_TRY(const json::value answer, parse(text));
  std::vector<LearnedRoute> routes;
  for (const json::value& path : elements(member(answer, "rib"))) {
    const bool usable = is_true(member(path, "valid")) && is_true(member(path, "best")) &&
                        text_of(member(path, "source")) == "external";
    const auto route =
        learned_route(text_of(member(path, "prefix")), text_of(member(path, "exit_nexthop")));
    if (usable && route) routes.push_back(*route);
  }
  return routes;
}

Result<std::vector<LearnedRoute>> gobgp_routes(std::string_view text) {
  FABRIX_TRY(const json::value answer, parse(text));
  std::vector<LearnedRoute> routes;
  if (!answer.is_object()) return routes;
  for (const json::key_value_pair& destination : answer.get_object()) {
    const json::array& paths = elements(destination.value());
    const auto* const best = std::ranges::find_if(paths, is_learned_best);
    if (best == paths.end()) continue;
    const std::string_view prefix(destination.key().data(), destination.key().size());
    const auto route = learned_route(prefix, gobgp_gateway(*best));
    if (route) routes.push_back(*route);
  }
  return routes;
}

Result<std::size_t> openbgpd_established(std::string_view text) {
  FABRIX_TRY(const json::value answer, parse(text));
  return count_state(elements(member(answer, "neighbors")));
}

Result<std::size_t> gobgp_established(std::string_view text) {
  FABRIX_TRY(const json::value answer, parse(text));
  const json::array& neighbors = elements(answer);
  return static_cast<std::size_t>(std::ranges::count_if(neighbors, [](const json::value& one) {
    return member(member(one, "state"), "session_state") == json::value(kGoBgpEstablished);
  }));
}

Result<std::size_t> frr_established(std::string_view text) {
  FABRIX_TRY(const json::value answer, parse(text));
  json::array neighbors;
  std::set<std::string, std::less<>> seen;  // one session may carry both families
  for (const char* family : {"ipv4Unicast", "ipv6Unicast"}) {
    const json::object* peers = member(member(answer, family), "peers").if_object();
    if (peers == nullptr) continue;
    for (const json::key_value_pair& peer : *peers) {
      if (seen.emplace(peer.key()).second) neighbors.push_back(peer.value());
    }
  }
  return count_state(neighbors);
}

}  // namespace fabrix::lab
