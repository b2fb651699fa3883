#include "analyzer/record_routes.h"

#include <array>
#include <string>
#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "analyzer/journal_routes.h"
#include "analyzer/json_fields.h"

namespace fabrix::analyzer {
namespace {

namespace json = boost::json;
using telemetry::FlowRecord;

JournalView<FlowRecord> view_of(const Call& call) {
  const std::string names(call.parameter("name").value_or(""));
  return {.journal = call.engine.flows().records(),
          .matches = [names](const FlowRecord& r) { return is_listed(r.name, names); },
          .to_json = record_json};
}

http::Response records(const Call& call) {
  constexpr std::size_t kAll = telemetry::Journal<FlowRecord>::kCapacity;
  return newest(call, view_of(call), "flowID", count_of(call, "maxFlows", kAll, kAll));
}

http::Response record_stream(const Call& call) {
  return stream(call, view_of(call));
}

}  // namespace

json::object record_json(const FlowRecord& record) {
  json::object object{{"flowID", record.id},
                      {"name", record.name},
                      {"flowKeys", record.key},
                      {"value", number_json(record.value)},
                      {"start", milliseconds(record.start)},
                      {"end", milliseconds(record.end)},
                      {"agent", record.source.agent.to_string()},
                      {"dataSource", telemetry::data_source_name(record.source.id)}};
  if (!record.values.empty()) object["values"] = numbers_json(record.values);
  return object;
}

std::span<const Route> record_routes() {
  static constexpr std::array kRoutes{
      Route{http::Method::kGet, "/flows/json", records},
      Route{http::Method::kGet, "/flows/sse", record_stream},
  };
  return kRoutes;
}

}  // namespace fabrix::analyzer
