#include "analyzer/ixp_routes.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <fmt/format.h>

#include "analyzer/json_fields.h"
#include "analyzer/metric_json.h"
#include "base/number.h"
#include "telemetry/exchange_traffic.h"

namespace fabrix::analyzer {
namespace {

namespace json = boost::json;
using telemetry::ExchangeTraffic;
using telemetry::Traffic;
using telemetry::TrafficField;
using telemetry::TrafficKey;
using telemetry::TrafficView;
using telemetry::TrafficViewInfo;

constexpr std::size_t kRows = 1000;  // unless others are asked for

std::optional<TrafficView> view_named(std::string_view name) {
  for (std::size_t i = 0; i < telemetry::kTrafficViews; ++i) {
    const auto view = static_cast<TrafficView>(i);
    if (telemetry::info_of(view).name == name) return view;
  }
  return std::nullopt;
}

Result<std::size_t> most_of(const Call& call) {
  const auto text = call.parameter("maxRows");
  if (!text) return kRows;
  const auto most = parse_number<std::size_t>(*text);
  if (!most) return fail(Error{"maxRows is a whole number"});
  return *most;
}

struct Row {
  const TrafficKey* key;
  const Traffic* traffic;
  double rate;
};

// The largest now, then the largest so far.
std::vector<Row> rows_of(const Call& call, TrafficView view, std::size_t most) {
  std::vector<Row> rows;
  for (const auto& [key, traffic] : call.engine.traffic().table(view).rows()) {
    rows.push_back({&key, &traffic, traffic.octet_rate(call.engine.now())});
  }
  const auto count = static_cast<std::ptrdiff_t>(std::min(most, rows.size()));
  std::ranges::partial_sort(rows, rows.begin() + count, [](const Row& left, const Row& right) {
    if (left.rate != right.rate) return left.rate > right.rate;
    if (left.traffic->octets() != right.traffic->octets()) {
      return left.traffic->octets() > right.traffic->octets();
    }
    return *left.key < *right.key;
  });
  rows.resize(static_cast<std::size_t>(count));
  return rows;
}

std::string text_of(const Call& call, TrafficField field, std::uint64_t value) {
  return ExchangeTraffic::text_of(call.engine.routers().members(), field, value);
}

void add_numbers(json::object& out, const Traffic& traffic, telemetry::Time now) {
  out["bytesPerSecond"] = number_json(traffic.octet_rate(now));
  out["framesPerSecond"] = number_json(traffic.frame_rate(now));
  out["bytes"] = traffic.octets();
  out["frames"] = traffic.frames();
}

json::object row_json(const Call& call, TrafficView view, const Row& row) {
  json::object out;
  const TrafficViewInfo& info = telemetry::info_of(view);
  for (std::size_t i = 0; i < info.columns.size(); ++i) {
    const auto& column = info.columns[i];
    if (column.field == TrafficField::kNone) continue;
    out[column.name] = text_of(call, column.field, (*row.key)[i]);
  }
  add_numbers(out, *row.traffic, call.engine.now());
  return out;
}

http::Response views(const Call& call) {
  json::array out;
  for (std::size_t i = 0; i < telemetry::kTrafficViews; ++i) {
    const auto view = static_cast<TrafficView>(i);
    const TrafficViewInfo& info = telemetry::info_of(view);
    out.push_back({{"view", info.name},
                   {"about", info.about},
                   {"rows", call.engine.traffic().table(view).rows().size()}});
  }
  return json_answer(out);
}

http::Response one_view(const Call& call) {
  const auto view = view_named(call.names[0]);
  if (!view) return missing("view", call.names[0]);
  const auto most = most_of(call);
  if (!most) return bad_request(most.error());
  json::array rows;
  for (const Row& row : rows_of(call, *view, *most)) rows.push_back(row_json(call, *view, row));
  json::object others;
  const auto& table = call.engine.traffic().table(*view);
  add_numbers(others, table.others(), call.engine.now());
  return json_answer(json::object{
      {"view", call.names[0]}, {"rows", std::move(rows)}, {"others", std::move(others)}});
}

// {source="A",destination="B"}
std::string labels_of(const Call& call, TrafficView view, const TrafficKey& key) {
  std::string labels;
  const TrafficViewInfo& info = telemetry::info_of(view);
  for (std::size_t i = 0; i < info.columns.size(); ++i) {
    const auto& column = info.columns[i];
    if (column.field == TrafficField::kNone) continue;
    // No text of a key has quotes or backslashes.
    labels += fmt::format("{}{}=\"{}\"", labels.empty() ? "" : ",", column.name,
                          text_of(call, column.field, key[i]));
  }
  return "{" + labels + "}";
}

http::Response prometheus(const Call& call) {
  const auto view = view_named(call.names[0]);
  if (!view) return missing("view", call.names[0]);
  const auto rows = rows_of(call, *view, telemetry::TrafficTable::kMaxRows);
  std::string text;
  const auto add = [&](std::string_view what, std::uint64_t (Traffic::*number)() const) {
    const std::string name = fmt::format("fabrix_ixp_{}_{}_total", call.names[0], what);
    text += fmt::format("# HELP {0} {1}: {2}, by samples.\n# TYPE {0} counter\n", name,
                        telemetry::info_of(*view).about, what);
    for (const Row& row : rows) {
      text += fmt::format("{}{} {}\n", name, labels_of(call, *view, *row.key),
                          (row.traffic->*number)());
    }
  };
  add("bytes", &Traffic::octets);
  add("frames", &Traffic::frames);
  return text_answer(std::move(text));
}

}  // namespace

std::span<const Route> ixp_routes() {
  static constexpr std::array kRoutes{
      Route{http::Method::kGet, "/ixp/json", views},
      Route{http::Method::kGet, "/ixp/{}/json", one_view},
      Route{http::Method::kGet, "/prometheus/ixp/{}/txt", prometheus},
  };
  return kRoutes;
}

}  // namespace fabrix::analyzer
