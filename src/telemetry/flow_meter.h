// FlowMeter: one flow definition at work: samples in, the active flows of every data source out.
//
// A definition has keys (none: one flow with the key "" a data source), a value, and a filter. A
// sample for which a key has no value makes no flow. Values: "bytes" and "frames", scaled by the
// sampling rate of the sample; "requests", one a transaction record, scaled likewise; or any key
// that is a number, as it is.
//
// The data sources (agent and interface) keep their flows apart, because several see one packet:
// active_flows() tells where a flow is largest, or the sum. Bounded: kMaxSources sources, and a
// cache each (flow_cache.h). Pure.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "sflow/datagram.h"
#include "telemetry/flow_cache.h"
#include "telemetry/flow_filter.h"
#include "telemetry/key_expression.h"
#include "telemetry/sample.h"

namespace fabrix::telemetry {

// As it is written.
struct FlowDefinition {
  std::string keys;
  std::string value = "bytes";
  std::string filter;
  std::string separator = ",";  // of the keys' values
  enum class Of : std::uint8_t { kSamples, kDrops } of = Of::kSamples;
  FlowCacheOptions cache;  // of each data source
};

struct DataSource {
  net::IpAddress agent = net::IpAddress::unspecified(net::Family::kIpv4);
  sflow::SourceId id;

  friend auto operator<=>(const DataSource&, const DataSource&) = default;
};

// "37" of an interface, else with the type: "2.1".
std::string data_source_name(const sflow::SourceId& id);

enum class Aggregation : std::uint8_t {
  kMaximum,  // of each flow the data source where it is largest
  kSum,
};

struct ReportedFlow {
  std::string key;
  double value = 0;
  double error = 0;
  std::size_t sources = 0;           // that report the flow
  std::optional<DataSource> source;  // of kMaximum
};

// A flow has changed: what it is worth now, at least.
struct FlowUpdate {
  DataSource source;
  std::string_view key;
  double value = 0;
  Time time{};
};

class FlowMeter {
 public:
  static constexpr std::size_t kMaxSources = 65536;

  // Fails with what is wrong, and in which part of the definition.
  static Result<FlowMeter> create(const FlowDefinition& definition);

  // All samples of a datagram; what cannot be read of it is left out.
  void add(sflow::Bytes datagram, Time now);

  void add(const Sample& sample, Time now);

  // From now on told of every sample that counts.
  void observe(std::function<void(const FlowUpdate&)> observer);

  std::vector<ReportedFlow> active_flows(std::size_t count, Aggregation aggregation,
                                         Time now) const;

  // Samples without sampling rate, of sources beyond the limit, and with new keys in full caches
  // that ignore them: they count nowhere.
  std::uint64_t left_out() const;

 private:
  enum class Value : std::uint8_t { kBytes, kFrames, kRequests, kKey };

  FlowMeter(FlowDefinition definition, FlowFilter filter);

  bool append_key(const Sample& sample, std::string& out) const;
  std::optional<double> value_of(const Sample& sample) const;
  std::optional<double> value_of_key(const Sample& sample) const;
  FlowCache* cache_of(const DataSource& source);

  FlowDefinition definition_;
  FlowFilter filter_;
  std::vector<KeyExpression> keys_;
  Value value_ = Value::kBytes;
  std::optional<KeyExpression> value_key_;
  std::map<DataSource, FlowCache> sources_;
  std::function<void(const FlowUpdate&)> observer_;  // may be empty
  std::uint64_t left_out_ = 0;
  std::string key_;  // of the sample at hand
};

}  // namespace fabrix::telemetry
