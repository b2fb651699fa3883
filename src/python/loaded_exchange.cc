#include "python/loaded_exchange.h"

#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "exchange/load.h"

namespace fabrix::python {
namespace {

namespace json = boost::json;

json::object describe(const exchange::Router& router) {
  json::array addresses;
  for (const net::IpAddress& each : router.addresses) {
    addresses.push_back(json::string(each.to_string()));
  }
  return {{"name", router.name},
          {"mac", router.mac.to_string()},
          {"port", router.port.value},
          {"addresses", std::move(addresses)}};
}

}  // namespace

Result<ExchangePtr, Failure> load_exchange(std::string_view text, const std::string& file) {
  auto loaded = exchange::load(text, file);
  if (loaded) return std::make_shared<const exchange::Exchange>(*std::move(loaded));
  return fail(Failure{.kind = FailureKind::kConfiguration,
                      .message = {},
                      .diagnostics = std::move(loaded).error(),
                      .source = std::string(text)});
}

json::value describe(const exchange::Exchange& exchange) {
  json::array participants;
  for (const exchange::Participant& participant : exchange.participants) {
    json::array routers;
    for (const net::RouterId id : participant.routers)
      routers.push_back(describe(exchange.router(id)));
    json::array peers;
    for (const exchange::Participant& other : exchange.participants) {
      if (exchange.may_peer(participant.id, other.id)) peers.push_back(json::string(other.name));
    }
    json::object object{{"name", participant.name},
                        {"asn", participant.asn.value},
                        {"routers", std::move(routers)},
                        {"peers", std::move(peers)}};
    object["policy"] = participant.policy_file ? json::value(json::string(*participant.policy_file))
                                               : json::value(nullptr);
    participants.push_back(std::move(object));
  }
  return json::object{{"name", exchange.name},
                      {"asn", exchange.asn.value},
                      {"participants", std::move(participants)}};
}

}  // namespace fabrix::python
