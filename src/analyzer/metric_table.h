// MetricTable: metrics side by side: a row for each data source that has them, as sFlow-RT's
// table():
//
//   host_name,sort:load_one:-10      sorted by load_one, the largest first, ten rows
//   ifname,null:ifinoctets           also those without ifinoctets
//
// A data source without a metric takes it of its agent's host (data sources of class 2: its name,
// its load), if at least one of the row's is its own; a row that has not all metrics is left out,
// but for those with null:. Rows are in the order of agents and data sources. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "telemetry/metric_query.h"

namespace fabrix::analyzer {

struct TableColumn {
  telemetry::MetricTerm term;
  bool optional = false;             // null:
  std::optional<std::int64_t> sort;  // rows to give, the smallest or (negative) the largest first
};

std::vector<TableColumn> parse_columns(std::string_view text);

// Cells as wide as there are columns; none where there is no value.
using TableRow = std::vector<std::optional<telemetry::MetricRow>>;

std::vector<TableRow> metric_table(const std::vector<TableColumn>& columns,
                                   const telemetry::MetricQuery& query);

}  // namespace fabrix::analyzer
