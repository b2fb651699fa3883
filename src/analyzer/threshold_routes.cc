#include "analyzer/threshold_routes.h"

#include <array>
#include <string>
#include <utility>

#include <boost/json/object.hpp>

#include "analyzer/journal_routes.h"
#include "analyzer/json_fields.h"
#include "analyzer/spec_json.h"
#include "telemetry/threshold_table.h"

namespace fabrix::analyzer {
namespace {

namespace json = boost::json;
using telemetry::Event;

http::Response all(const Call& call) {
  json::object object;
  const telemetry::ThresholdTable& thresholds = call.engine.thresholds();
  for (const std::string& name : thresholds.names()) {
    object[name] = to_json(*thresholds.find(name));
  }
  return json_answer(object);
}

http::Response one(const Call& call) {
  const auto* const spec = call.engine.thresholds().find(call.names[0]);
  return spec == nullptr ? missing("threshold", call.names[0]) : json_answer(to_json(*spec));
}

http::Response put(const Call& call) {
  const auto object = parse_object(call.request.body);
  if (!object) return bad_request(object.error());
  const auto spec = threshold_spec_of(*object);
  if (!spec) return bad_request(spec.error());
  return done_or_why(call.engine.thresholds().set(call.names[0], *spec));
}

http::Response remove(const Call& call) {
  return call.engine.thresholds().remove(call.names[0]) ? no_content()
                                                        : missing("threshold", call.names[0]);
}

JournalView<Event> view_of(const Call& call) {
  const std::string names(call.parameter("thresholdID").value_or(""));
  return {.journal = call.engine.thresholds().events(),
          .matches = [names](const Event& e) { return is_listed(e.threshold_name, names); },
          .to_json = event_json};
}

http::Response events(const Call& call) {
  constexpr std::size_t kAll = telemetry::Journal<Event>::kCapacity;
  return newest(call, view_of(call), "eventID", count_of(call, "maxEvents", kAll, kAll));
}

http::Response event_stream_of(const Call& call) {
  return stream(call, view_of(call));
}

}  // namespace

json::object event_json(const Event& event) {
  json::object object{{"eventID", event.id},
                      {"thresholdID", event.threshold_name},
                      {"metric", event.metric},
                      {"value", number_json(event.value)},
                      {"threshold", number_json(event.threshold)},
                      {"agent", event.source.agent.to_string()},
                      {"dataSource", telemetry::data_source_name(event.source.id)},
                      {"timestamp", milliseconds(event.time)}};
  if (event.is_of_flow) object["flowKey"] = event.flow_key;
  if (!event.values.empty()) object["values"] = numbers_json(event.values);
  return object;
}

std::span<const Route> threshold_routes() {
  static constexpr std::array kRoutes{
      Route{http::Method::kGet, "/threshold/json", all},
      Route{http::Method::kGet, "/thresholds/json", all},
      Route{http::Method::kGet, "/threshold/{}/json", one},
      Route{http::Method::kPut, "/threshold/{}/json", put},
      Route{http::Method::kDelete, "/threshold/{}/json", remove},
      Route{http::Method::kGet, "/events/json", events},
      Route{http::Method::kGet, "/events/sse", event_stream_of},
  };
  return kRoutes;
}

}  // namespace fabrix::analyzer
