// MetricStore: what agents count, as metrics: rates and values by agent, data source and name, and
// how the agents' datagrams arrive.
//
// Which fields of which records are metrics say metric_rules.h, what follows from them
// derived_metrics.h. A rate is what a counter grew by since the sample before, by the time that
// passed: the first sample gives none. A counter that is less than before has wrapped, if by that
// it grew by less than half of what it can hold; else it began again, and there is no rate this
// time. So it is when the agent began again, or the numbers of the data source's samples did. A
// sample that comes twice or late says nothing. What an agent does not know (all bits are ones; of
// real numbers, less than nothing) is no metric.
//
// Bounded: kMaxSources data sources, kMaxMetrics metrics of all of them; what is beyond is left out
// and counted. As many fields of records are remembered; what is beyond has no rate. Metrics that
// are kLifetime old leave. Texts are cut at kLongestText, and what is not printable ASCII in them
// is '?'. Time is an input. Pure; one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include "net/ip_address.h"
#include "sflow/datagram.h"
#include "sflow/record.h"
#include "telemetry/adapter_table.h"
#include "telemetry/agent_health.h"
#include "telemetry/derived_metrics.h"
#include "telemetry/flow_cache.h"
#include "telemetry/flow_meter.h"
#include "telemetry/metric_rules.h"

namespace fabrix::telemetry {

using MetricValue = std::variant<double, std::string>;

struct Metric {
  MetricValue value;
  Time updated{};
};
using MetricMap = std::map<std::string, Metric, std::less<>>;

// A metric that is a number has a new value.
struct MetricUpdate {
  DataSource source;
  std::string_view name;  // "ifinoctets"
  double value = 0;
  Time time{};
};

class MetricStore {
 public:
  static constexpr std::size_t kMaxSources = 16'384;
  static constexpr std::size_t kMaxMetrics = 1'048'576;
  static constexpr std::size_t kLongestText = 255;
  static constexpr Time kLifetime = std::chrono::minutes(10);

  // All that a datagram says, whole: its header's sequence, its counter samples. `from` is where it
  // came from.
  void receive(const sflow::Datagram& datagram, const net::IpAddress& from, Time now);

  // The parts of datagrams, for those who go through them anyway: of each begin() with its header,
  // then its samples; and at last finish().
  void begin(const sflow::DatagramHeader& header, const net::IpAddress& from, Time now) {
    health_.begin(header, from, now);
  }
  void flow(const sflow::FlowSample& sample) { health_.flow(sample); }
  void discard(const sflow::DropSample& sample) { health_.discard(sample); }
  void counters(const sflow::DatagramHeader& header, const sflow::CounterSample& sample, Time now);
  void finish() { health_.finish(); }

  // Time has passed without datagrams, perhaps.
  void tick(Time now);

  // From now on told of every new value of a number. It must not change the store.
  void observe(std::function<void(const MetricUpdate&)> observer);

  // Every data source that has metrics: visit(const DataSource&, const MetricMap&), by agent, then
  // by data source.
  template <typename Visit>
  void for_each(Visit&& visit) const {
    for (const auto& [id, source] : sources_) {
      if (!source.metrics.empty()) visit(id, source.metrics);
    }
  }

  // The same, of one agent.
  template <typename Visit>
  void for_each_of(const net::IpAddress& agent, Visit&& visit) const {
    for (auto at = sources_.lower_bound(DataSource{agent, {}});
         at != sources_.end() && at->first.agent == agent; ++at) {
      if (!at->second.metrics.empty()) visit(at->first, at->second.metrics);
    }
  }

  // The same, of at most `count` data sources after one (none: from the first). Returns the last;
  // none if there are no more.
  template <typename Visit>
  std::optional<DataSource> for_each_after(const std::optional<DataSource>& after,
                                           std::size_t count, Visit&& visit) const {
    auto at = after ? sources_.upper_bound(*after) : sources_.begin();
    std::optional<DataSource> last;
    for (std::size_t i = 0; i < count && at != sources_.end(); ++i, ++at) {
      last = at->first;
      visit(at->first, at->second.metrics);
    }
    return at == sources_.end() ? std::nullopt : last;
  }

  // Null: it has none.
  const MetricMap* find(const DataSource& source) const;

  const AgentHealth& health() const { return health_; }
  // Whose MAC addresses they are. Good until a datagram comes.
  const AdapterTable& adapters() const { return adapters_; }
  std::size_t agents() const { return health_.size(); }
  std::size_t size() const { return metrics_; }

  // Data sources and metrics beyond the limits.
  std::uint64_t left_out() const { return left_out_; }

 private:
  // A field of a record, from sample to sample.
  struct Field {
    const sflow::FieldSchema* schema = nullptr;
    std::uint32_t repetition = 0;
    std::string name;      // of the metric
    bool is_told = false;  // the following two are known
    std::uint64_t number = 0;
    Time at{};
    Metric* metric = nullptr;  // null: it is to be found by its name
    Metric* other = nullptr;   // of a status, which is two
  };
  // Of one tag, in the order in which they are read; each stays where it is.
  using Fields = std::deque<Field>;
  // Of a sub-agent's samples of the source.
  struct Stream {
    std::uint32_t sequence = 0;
    std::uint32_t uptime_ms = 0;
  };
  struct Source {
    MetricMap metrics;
    std::map<sflow::Tag, Fields> fields;
    // Of metrics that follow from others; by the names' own places. Null: to be found.
    std::vector<std::pair<const char*, Metric*>> derived;
    std::map<std::uint32_t, Stream> streams;  // by sub-agent
  };
  // What a sample comes to, on its way.
  struct Reading;

  Source* source_of(const DataSource& id);
  void count(const sflow::DatagramHeader& header, const sflow::CounterSample& sample, Time now);
  static bool is_news(Source& source, const sflow::DatagramHeader& header,
                      const sflow::CounterSample& sample);
  void read(const sflow::Item& record, Reading& reading);
  Field& field_of(Fields& fields, std::size_t n, const sflow::Field& read, std::string_view name,
                  Reading& reading);
  void note(MetricKind kind, Field& field, std::uint64_t number, Reading& reading);
  void note_name(MetricKind kind, Field& field, std::uint64_t number, Reading& reading);
  static Metric*& metric_of(const MetricNumber& number, Source& source);
  bool forget_old(Source& source, Time now);
  static void note_rate(Field& field, std::uint64_t number, Reading& reading);
  Metric* put(Source& source, std::string_view name, MetricValue value, Time now);

  struct Hash {
    std::size_t operator()(const DataSource& source) const { return hash_of(source); }
  };

  std::map<DataSource, Source> sources_;
  std::unordered_map<DataSource, Source*, Hash> by_id_;  // of sources_
  AgentHealth health_;
  AdapterTable adapters_;
  std::size_t metrics_ = 0;
  std::size_t fields_ = 0;  // of all sources
  std::uint64_t left_out_ = 0;
  Time swept_{};
  std::function<void(const MetricUpdate&)> observer_;  // may be empty
};

}  // namespace fabrix::telemetry
