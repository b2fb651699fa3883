#include "analyzer/forward_routes.h"

#include <array>
#include <cmath>

#include <boost/json/object.hpp>

#include "analyzer/json_fields.h"
#include "sflow/datagram.h"
#include "telemetry/engine.h"

namespace fabrix::analyzer {
namespace {

namespace json = boost::json;
using telemetry::ForwardTarget;

json::object to_json(const ForwardTarget& target) {
  return {{"address", target.address.to_string()}, {"port", target.port}};
}

Result<ForwardTarget> target_in(const Call& call) {
  FABRIX_TRY(const auto object, parse_object(call.request.body));
  FABRIX_TRY(const auto text, text_in(object, "address"));
  FABRIX_TRY(const auto port, number_in(object, "port"));
  const auto address = net::IpAddress::parse(text.value_or(""));
  if (!address) return fail(Error{"'address' is an IP address"});
  const double number = port.value_or(sflow::kDefaultPort);
  if (number < 1 || number > 65535 || number != std::floor(number)) {
    return fail(Error{"'port' is 1 .. 65535"});
  }
  return ForwardTarget{.address = *address, .port = static_cast<std::uint16_t>(number)};
}

http::Response all(const Call& call) {
  json::object object;
  for (const auto& [name, target] : call.engine.forwards()) object[name] = to_json(target);
  return json_answer(object);
}

http::Response one(const Call& call) {
  const auto found = call.engine.forwards().find(call.names[0]);
  return found == call.engine.forwards().end() ? missing("forwarding", call.names[0])
                                               : json_answer(to_json(found->second));
}

http::Response put(const Call& call) {
  const auto target = target_in(call);
  if (!target) return bad_request(target.error());
  return done_or_why(call.engine.set_forward(call.names[0], *target));
}

http::Response remove(const Call& call) {
  return call.engine.remove_forward(call.names[0]) ? no_content()
                                                   : missing("forwarding", call.names[0]);
}

}  // namespace

std::span<const Route> forward_routes() {
  static constexpr std::array kRoutes{
      Route{http::Method::kGet, "/forwarding/json", all},
      Route{http::Method::kGet, "/forwarding/{}/json", one},
      Route{http::Method::kPut, "/forwarding/{}/json", put},
      Route{http::Method::kDelete, "/forwarding/{}/json", remove},
  };
  return kRoutes;
}

}  // namespace fabrix::analyzer
