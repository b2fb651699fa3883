#include "api/bad_query.h"

#include <algorithm>
#include <iterator>
#include <span>
#include <string>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <fmt/format.h>

#include "api/bad_updates.h"
#include "api/find.h"
#include "api/neighbor_queries.h"
#include "api/time_text.h"

namespace fabrix::api {
namespace {

namespace json = boost::json;

using routeserver::PeerId;

std::string hex_of(std::span<const std::byte> octets) {
  std::string text;
  text.reserve(octets.size() * 2);
  for (const std::byte octet : octets) {
    fmt::format_to(std::back_inserter(text), "{:02x}", std::to_integer<unsigned>(octet));
  }
  return text;
}

json::object update_json(const BadUpdates::Entry& entry) {
  json::array faults;
  for (const bgp::BadUpdate::Fault& fault : entry.update.faults) {
    json::object object{{"what", fault.what}};
    if (!fault.rule.empty()) object["rule"] = fault.rule;
    faults.push_back(std::move(object));
  }
  json::object object{{"time", time_text(entry.time)},
                      {"reaction", bgp::name_of(entry.update.reaction)},
                      {"faults", std::move(faults)}};
  if (const auto& code = entry.update.notification) object["notification"] = describe(*code);
  object["octets"] = entry.update.message.size();
  object["hex"] = hex_of(entry.update.message);
  return object;
}

json::object record_json(const Sources& sources, PeerId peer) {
  const BadUpdates::Record none;
  const BadUpdates::Record* const record = sources.bad_updates->of(peer);
  const BadUpdates::Record& shown = record == nullptr ? none : *record;
  json::object object = neighbor_identity(*sources.controller, peer);
  object["attributes_discarded"] = shown.counts[0];
  object["treated_as_withdraw"] = shown.counts[1];
  object["session_resets"] = shown.counts[2];
  json::array updates;
  std::for_each(shown.kept.rbegin(), shown.kept.rend(),
                [&updates](const auto& entry) { updates.push_back(update_json(entry)); });
  object["updates"] = std::move(updates);
  return object;
}

std::vector<PeerId> all_with_any(const Sources& sources) {
  std::vector<PeerId> found;
  for (const routeserver::Peer& peer : sources.controller->route_server().peers()) {
    if (peer.present && sources.bad_updates->of(peer.id) != nullptr) found.push_back(peer.id);
  }
  return found;
}

}  // namespace

Answer show_bad(const Sources& sources, std::optional<std::string_view> neighbor) {
  if (sources.bad_updates == nullptr) return bad_request("malformed UPDATEs are not kept here");
  std::vector<PeerId> peers;
  if (neighbor) {
    FABRIX_TRY(peers, find_neighbors(*sources.controller, *neighbor));
  } else {
    peers = all_with_any(sources);
  }
  json::array rows;
  for (const PeerId peer : peers) rows.push_back(record_json(sources, peer));
  return json::value(std::move(rows));
}

}  // namespace fabrix::api
