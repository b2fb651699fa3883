#include "analyzer/flow_routes.h"

#include <array>
#include <chrono>

#include <boost/json/object.hpp>

#include "analyzer/json_fields.h"
#include "analyzer/spec_json.h"
#include "exports/ipfix_template.h"

namespace fabrix::analyzer {
namespace {

namespace json = boost::json;

http::Response all(const Call& call) {
  json::object object;
  for (const auto& [name, flow] : call.engine.flows().all()) object[name] = to_json(flow->spec);
  return json_answer(object);
}

http::Response one(const Call& call) {
  const auto* const flow = call.engine.flows().find(call.names[0]);
  return flow == nullptr ? missing("flow", call.names[0]) : json_answer(to_json(flow->spec));
}

http::Response put(const Call& call) {
  const auto object = parse_object(call.request.body);
  if (!object) return bad_request(object.error());
  const auto spec = flow_spec_of(*object);
  if (!spec) return bad_request(spec.error());
  if (!spec->ipfix_collectors.empty()) {
    const auto form = exports::IpfixTemplate::of(*spec, net::Family::kIpv4);
    if (!form) return bad_request(form.error());
  }
  return done_or_why(call.engine.flows().set(call.names[0], *spec));
}

http::Response remove(const Call& call) {
  return call.engine.flows().remove(call.names[0]) ? no_content() : missing("flow", call.names[0]);
}

http::Response keys(const Call& call) {
  json::object object;
  for (const auto& [name, last] : call.engine.keys().seen()) {
    object[name] = std::chrono::floor<std::chrono::milliseconds>(call.engine.now() - last).count();
  }
  return json_answer(object);
}

}  // namespace

std::span<const Route> flow_routes() {
  static constexpr std::array kRoutes{
      Route{http::Method::kGet, "/flow/json", all},
      Route{http::Method::kGet, "/flow/{}/json", one},
      Route{http::Method::kPut, "/flow/{}/json", put},
      Route{http::Method::kDelete, "/flow/{}/json", remove},
      Route{http::Method::kGet, "/flowkeys/json", keys},
  };
  return kRoutes;
}

}  // namespace fabrix::analyzer
