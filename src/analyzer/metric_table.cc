#include "analyzer/metric_table.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "base/number.h"

namespace fabrix::analyzer {
namespace {

using telemetry::DataSource;
using telemetry::MetricRow;

constexpr std::string_view kSort = "sort:";
constexpr std::string_view kNull = "null:";
constexpr std::uint32_t kPhysical = 2;  // class of data sources: the host, the chassis

// "load_one:-10"; without a number all rows, the smallest first.
void take_sort(std::string_view text, TableColumn& column) {
  column.sort = INT64_MAX;
  const std::size_t colon = text.rfind(':');
  if (colon != std::string_view::npos) {
    if (const auto rows = parse_number<std::int64_t>(text.substr(colon + 1))) {
      column.sort = *rows;
      text = text.substr(0, colon);
    }
  }
  column.term = telemetry::parse_term(text);
}

// A column's cells, by data source; and those of hosts, by agent.
struct Cells {
  std::map<DataSource, MetricRow> own;
  std::map<net::IpAddress, MetricRow> of_host;
};

Cells cells_of(const TableColumn& column, const telemetry::MetricQuery& query) {
  Cells cells;
  for (MetricRow& row : query.rows(column.term)) {
    if (row.source.id.type == kPhysical) cells.of_host.emplace(row.source.agent, row);
    const DataSource source = row.source;
    cells.own.emplace(source, std::move(row));
  }
  return cells;
}

std::optional<TableRow> row_of(const DataSource& source, const std::vector<TableColumn>& columns,
                               const std::vector<Cells>& cells) {
  TableRow row(columns.size());
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const auto own = cells[i].own.find(source);
    const auto host = cells[i].of_host.find(source.agent);
    if (own != cells[i].own.end()) {
      row[i] = own->second;
    } else if (host != cells[i].of_host.end()) {
      row[i] = host->second;
    } else if (!columns[i].optional) {
      return std::nullopt;
    }
  }
  return row;
}

void sort_by(std::size_t column, std::int64_t count, std::vector<TableRow>& rows) {
  const bool descending = count < 0;
  std::ranges::stable_sort(rows, [&](const TableRow& left, const TableRow& right) {
    // What is not there comes last.
    if (!left[column] || !right[column]) return left[column].has_value() && !right[column];
    return descending ? left[column]->value > right[column]->value
                      : left[column]->value < right[column]->value;
  });
  const auto most = static_cast<std::uint64_t>(descending ? -(count + 1) : count - 1) + 1;
  if (rows.size() > most) rows.resize(most);
}

}  // namespace

std::vector<TableColumn> parse_columns(std::string_view text) {
  std::vector<TableColumn> columns;
  for (const std::string& part : telemetry::split_list(text, ',')) {
    if (columns.size() == telemetry::kMaxTerms) break;
    TableColumn column;
    std::string_view name = part;
    if (name.starts_with(kNull)) {
      column.optional = true;
      name.remove_prefix(kNull.size());
    }
    if (name.starts_with(kSort)) {
      take_sort(name.substr(kSort.size()), column);
    } else {
      column.term = telemetry::parse_term(name);
    }
    columns.push_back(std::move(column));
  }
  return columns;
}

std::vector<TableRow> metric_table(const std::vector<TableColumn>& columns,
                                   const telemetry::MetricQuery& query) {
  std::vector<Cells> cells;
  std::set<DataSource> sources;
  for (const TableColumn& column : columns) {
    cells.push_back(cells_of(column, query));
    for (const auto& [source, row] : cells.back().own) sources.insert(source);
  }
  std::vector<TableRow> rows;
  for (const DataSource& source : sources) {
    if (auto row = row_of(source, columns, cells)) rows.push_back(std::move(*row));
  }
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (columns[i].sort) sort_by(i, *columns[i].sort, rows);
  }
  return rows;
}

}  // namespace fabrix::analyzer
