// Questions about metrics, in sFlow-RT's syntax:
//
//   agents   ALL, or addresses and host names: 192.0.2.1;leaf2; by the topology (topology.h) EDGE
//   and
//            CORE, its ports, and TOPOLOGY, all of its nodes
//   metrics  max:load_one,sum:ifinoctets,37.ifinoctets,any:os_name
//   filter   host_name=web*&os_name=linux
//
// A metric is asked for as a summary of the data sources that have it: max: (as without any), min:,
// sum:, avg:, var: and sdev: (of all there are, not of a sample), med: (q2:), q1:, q3: (between two
// values in proportion), iqr: (q3 less q1), any: (the latest). Texts have max:, min: and any: only.
// "37.ifinoctets" is of one data source.
//
// A filter takes data sources of which each name has a value that fits one of its patterns ('*' any
// text); of a name that the data source does not have, another data source of its agent may have
// it: so os_name=linux takes the interfaces of hosts.
//
// Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "telemetry/metric_store.h"

namespace fabrix::telemetry {

class Topology;

enum class Summary : std::uint8_t {
  kMax,
  kMin,
  kSum,
  kAvg,
  kVar,
  kSdev,
  kMedian,
  kQ1,
  kQ3,
  kIqr,
  kAny,
};

struct MetricTerm {
  std::string text;  // as it was asked
  Summary summary = Summary::kMax;
  std::string source;  // "37", "2.1"; empty: any
  std::string name;    // "ALL": of all metrics, where that makes sense
};

inline constexpr std::string_view kAll = "ALL";
inline constexpr std::size_t kMaxTerms = 256;

// Separated by commas, or semicolons; what is beyond kMaxTerms is ignored.
std::vector<MetricTerm> parse_terms(std::string_view text);
MetricTerm parse_term(std::string_view text);

// Parts of "a;b"; none is empty.
std::vector<std::string> split_list(std::string_view text, char separator);

// '*' is any text, and all else itself.
bool fits(std::string_view pattern, std::string_view text);

struct TopKey {
  std::string key;
  double value = 0;
  Time updated{};
};

struct MetricRow {
  DataSource source;
  std::string name;
  MetricValue value;
  Time updated{};
  std::vector<TopKey> top_keys;  // of flows
};

// A filter's names, each with its patterns.
using MetricFilter = std::vector<std::pair<std::string, std::vector<std::string>>>;

// Metrics that are not in the store (flows), of that name ("ALL": all): calls add() for each.
using MoreMetrics =
    std::function<void(std::string_view name, const std::function<void(MetricRow)>& add)>;

class MetricQuery {
 public:
  // The store and the topology outlive the query.
  MetricQuery(const MetricStore& store, std::string_view agents, MetricFilter filter = {},
              MoreMetrics more = {}, const Topology* topology = nullptr);

  // By data source, then by name.
  std::vector<MetricRow> rows(const MetricTerm& term) const;

  // Whether the agents asked for have this one among them, and the filter takes the source.
  bool takes(const DataSource& source) const;

 private:
  bool takes_agent(const net::IpAddress& agent) const;
  bool takes_place(const DataSource& source) const;
  bool passes(const DataSource& source) const;
  // The values of a name: of the source, or else of all of the agent.
  std::vector<std::string> values_of(const DataSource& source, std::string_view name) const;

  const MetricStore* store_;
  std::vector<std::string> agents_;  // empty: all
  MetricFilter filter_;
  MoreMetrics more_;          // may be empty
  const Topology* topology_;  // may be null
};

// What one term comes to.
struct MetricSummary {
  std::size_t count = 0;  // of the rows it is of
  std::optional<MetricValue> value;
  const MetricRow* row = nullptr;  // of max, min and any: where it is
  Time oldest{};                   // of the rows' updates
  Time latest{};
};

MetricSummary summarize(Summary summary, const std::vector<MetricRow>& rows);

// "12.5": the shortest that reads back; a text as it is.
std::string text_of(const MetricValue& value);

}  // namespace fabrix::telemetry
