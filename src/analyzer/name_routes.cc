#include "analyzer/name_routes.h"

#include <array>
#include <utility>

#include <boost/json/array.hpp>

#include "analyzer/json_fields.h"
#include "telemetry/name_table.h"

namespace fabrix::analyzer {
namespace {

namespace json = boost::json;
using telemetry::NameTable;

Result<NameTable::Lists> lists_in(const Call& call) {
  FABRIX_TRY(const auto object, parse_object(call.request.body));
  return lists_of(object);
}

http::Response groups(const Call& call) {
  const auto* const lists = call.engine.names().groups(call.names[0]);
  return lists == nullptr ? missing("group", call.names[0]) : json_answer(to_json(*lists));
}

http::Response put_groups(const Call& call) {
  auto lists = lists_in(call);
  if (!lists) return bad_request(lists.error());
  return done_or_why(call.engine.names().set_groups(call.names[0], *std::move(lists)));
}

http::Response remove_groups(const Call& call) {
  return call.engine.names().remove_groups(call.names[0]) ? no_content()
                                                          : missing("group", call.names[0]);
}

http::Response all_groups(const Call& call) {
  json::object object;
  for (const std::string& name : call.engine.names().group_tables()) {
    object[name] = to_json(*call.engine.names().groups(name));
  }
  return json_answer(object);
}

http::Response map(const Call& call) {
  const auto* const lists = call.engine.names().map(call.names[0]);
  return lists == nullptr ? missing("map", call.names[0]) : json_answer(to_json(*lists));
}

http::Response put_map(const Call& call) {
  auto lists = lists_in(call);
  if (!lists) return bad_request(lists.error());
  return done_or_why(call.engine.names().set_map(call.names[0], *std::move(lists)));
}

http::Response remove_map(const Call& call) {
  return call.engine.names().remove_map(call.names[0]) ? no_content()
                                                       : missing("map", call.names[0]);
}

}  // namespace

std::span<const Route> name_routes() {
  static constexpr std::array kRoutes{
      Route{http::Method::kGet, "/group/{}/json", groups},
      Route{http::Method::kPut, "/group/{}/json", put_groups},
      Route{http::Method::kDelete, "/group/{}/json", remove_groups},
      Route{http::Method::kGet, "/groups/json", all_groups},
      Route{http::Method::kGet, "/map/{}/json", map},
      Route{http::Method::kPut, "/map/{}/json", put_map},
      Route{http::Method::kDelete, "/map/{}/json", remove_map},
  };
  return kRoutes;
}

}  // namespace fabrix::analyzer
