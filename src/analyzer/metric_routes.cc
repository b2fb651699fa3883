#include "analyzer/metric_routes.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <map>
#include <string>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "analyzer/metric_json.h"
#include "analyzer/metric_table.h"
#include "telemetry/metric_query.h"

namespace fabrix::analyzer {
namespace {

namespace json = boost::json;
using telemetry::DataSource;
using telemetry::MetricMap;
using telemetry::MetricQuery;
using telemetry::MetricRow;
using telemetry::MetricTerm;

// The parameters, all of which are conditions.
telemetry::MetricFilter filter_of(const Call& call) {
  telemetry::MetricFilter filter;
  for (const http::Parameter& parameter : call.request.target.parameters) {
    const auto found =
        std::ranges::find(filter, parameter.name, &telemetry::MetricFilter::value_type::first);
    if (found != filter.end()) {
      found->second.push_back(parameter.value);
    } else {
      filter.push_back({parameter.name, {parameter.value}});
    }
  }
  return filter;
}

MetricQuery query_of(const Call& call) {
  return {call.engine.metrics(), call.names[0], filter_of(call)};
}

http::Response metrics(const Call& call) {
  std::map<std::string, telemetry::Time> latest;
  call.engine.metrics().for_each([&](const DataSource&, const MetricMap& of_source) {
    for (const auto& [name, metric] : of_source) {
      telemetry::Time& time = latest[name];
      time = std::max(time, metric.updated);
    }
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
  for (const MetricRow& row : query_of(call).rows(telemetry::parse_term(telemetry::kAll))) {
    out[telemetry::data_source_name(row.source.id) + "." + row.name] = value_json(row.value);
  }
  return json_answer(out);
}

http::Response summaries(const Call& call) {
  const MetricQuery query = query_of(call);
  json::array out;
  for (const MetricTerm& term : telemetry::parse_terms(call.names[1])) {
    out.push_back(summary_json(term, query.rows(term), call.engine.now()));
  }
  return json_answer(out);
}

std::vector<MetricRow> rows_of(const Call& call) {
  const MetricQuery query = query_of(call);
  std::vector<MetricRow> rows;
  for (const MetricTerm& term : telemetry::parse_terms(call.names[1])) {
    for (MetricRow& row : query.rows(term)) rows.push_back(std::move(row));
  }
  return rows;
}

http::Response dump(const Call& call) {
  json::array out;
  for (const MetricRow& row : rows_of(call)) out.push_back(row_json(row, call.engine.now()));
  return json_answer(out);
}

http::Response table(const Call& call) {
  const std::vector<TableColumn> columns = parse_columns(call.names[1]);
  json::array out;
  for (const TableRow& row : metric_table(columns, query_of(call))) {
    json::array cells;
    for (std::size_t i = 0; i < columns.size(); ++i) {
      cells.push_back(row[i] ? row_json(*row[i], call.engine.now())
                             : json::object{{"metricName", columns[i].term.name}});
    }
    out.push_back(std::move(cells));
  }
  return json_answer(out);
}

http::Response prometheus(const Call& call) {
  return text_answer(prometheus_text(rows_of(call), call.engine.metrics()));
}

}  // namespace

std::span<const Route> metric_routes() {
  static constexpr std::array kRoutes{
      Route{http::Method::kGet, "/metrics/json", metrics},
      Route{http::Method::kGet, "/metric/{}/json", metrics_of_agent},
      Route{http::Method::kGet, "/metric/{}/{}/json", summaries},
      Route{http::Method::kGet, "/dump/{}/{}/json", dump},
      Route{http::Method::kGet, "/table/{}/{}/json", table},
      Route{http::Method::kGet, "/prometheus/metrics/{}/{}/txt", prometheus},
  };
  return kRoutes;
}

}  // namespace fabrix::analyzer
