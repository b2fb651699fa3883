#include "analyzer/metric_routes.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <map>
#include <string>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "analyzer/metric_call.h"
#include "analyzer/metric_json.h"
#include "analyzer/metric_table.h"
#include "telemetry/flow_metrics.h"

namespace fabrix::analyzer {
namespace {

namespace json = boost::json;
using telemetry::DataSource;
using telemetry::MetricMap;
using telemetry::MetricRow;
using telemetry::MetricTerm;

http::Response metrics(const Call& call) {
  std::map<std::string, telemetry::Time> latest;
  call.engine.metrics().for_each([&](const DataSource&, const MetricMap& of_source) {
    for (const auto& [name, metric] : of_source) {
      telemetry::Time& time = latest[name];
      time = std::max(time, metric.updated);
    }
  });
  telemetry::flow_metrics(call.engine.flows(), call.engine.now())(
      telemetry::kAll, [&](const MetricRow& row) {
        telemetry::Time& time = latest[row.name];
        time = std::max(time, row.updated);
      });
  json::object out;
  for (const auto& [name, time] : latest) {
    out[name] =
        std::chrono::duration_cast<std::chrono::milliseconds>(call.engine.now() - time).count();
  }
  return json_answer(out);
}

http::Response metrics_of_agent(const Call& call) {
  json::object out;
  for (const MetricRow& row : metric_rows(call, call.names[0], telemetry::kAll)) {
    out[telemetry::data_source_name(row.source.id) + "." + row.name] = value_json(row.value);
  }
  return json_answer(out);
}

http::Response summaries(const Call& call) {
  const auto query = metric_query(call, call.names[0]);
  json::array out;
  for (const MetricTerm& term : telemetry::parse_terms(call.names[1])) {
    out.push_back(summary_json(term, query.rows(term), call.engine.now()));
  }
  return json_answer(out);
}

http::Response dump(const Call& call) {
  json::array out;
  for (const MetricRow& row : metric_rows(call, call.names[0], call.names[1])) {
    out.push_back(row_json(row, call.engine.now()));
  }
  return json_answer(out);
}

http::Response table(const Call& call) {
  const std::vector<TableColumn> columns = parse_columns(call.names[1]);
  json::array out;
  for (const TableRow& row : metric_table(columns, metric_query(call, call.names[0]))) {
    json::array cells;
    for (std::size_t i = 0; i < columns.size(); ++i) {
      cells.push_back(row[i] ? json::value(row_json(*row[i], call.engine.now())) : json::value());
    }
    out.push_back(std::move(cells));
  }
  return json_answer(out);
}

}  // namespace

std::span<const Route> metric_routes() {
  static constexpr std::array kRoutes{
      Route{http::Method::kGet, "/metrics/json", metrics},
      Route{http::Method::kGet, "/metric/{}/json", metrics_of_agent},
      Route{http::Method::kGet, "/metric/{}/{}/json", summaries},
      Route{http::Method::kGet, "/dump/{}/{}/json", dump},
      Route{http::Method::kGet, "/table/{}/{}/json", table},
  };
  return kRoutes;
}

}  // namespace fabrix::analyzer
