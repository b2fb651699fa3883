#include "analyzer/topology_routes.h"

#include <array>
#include <utility>

#include "analyzer/json_fields.h"
#include "analyzer/topology_json.h"

namespace fabrix::analyzer {
namespace {

http::Response topology(const Call& call) {
  return json_answer(to_json(call.engine.topology()));
}

http::Response put_topology(const Call& call) {
  const auto object = parse_object(call.request.body);
  if (!object) return bad_request(object.error());
  auto map = topology_of(*object);
  if (!map) return bad_request(map.error());
  return done_or_why(call.engine.set_topology(*std::move(map)));
}

}  // namespace

std::span<const Route> topology_routes() {
  static constexpr std::array kRoutes{
      Route{http::Method::kGet, "/topology/json", topology},
      Route{http::Method::kPut, "/topology/json", put_topology},
  };
  return kRoutes;
}

}  // namespace fabrix::analyzer
