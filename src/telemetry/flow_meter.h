// FlowMeter: one flow definition at work: samples in, the active flows of every data source out.
//
// A definition has keys (none: one flow with the key "" a data source), a value
// (value_expression.h), perhaps further values, and a filter. A sample for which a key, or the
// value, has none makes no flow. Of a value that is a mean or a count, the flows with the most
// frames are kept.
//
// The data sources (agent and interface) keep their flows apart, because several see one packet:
// active_flows() tells where a flow is largest, or the sum. Bounded: kMaxSources sources, and a
// cache each (flow_cache.h). Pure.
#pragma once

#include <array>
#include <chrono>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "sflow/datagram.h"
#include "telemetry/flow_cache.h"
#include "telemetry/flow_filter.h"
#include "telemetry/flow_tally.h"
#include "telemetry/key_expression.h"
#include "telemetry/lookups.h"
#include "telemetry/place_index.h"
#include "telemetry/sample.h"
#include "telemetry/value_expression.h"

namespace fabrix::telemetry {

// As it is written.
struct FlowDefinition {
  std::string keys;
  std::string value = "bytes";
  std::string values;  // further ones, told beside the value
  std::string filter;
  std::string separator = ",";  // of the keys' values
  enum class Of : std::uint8_t { kSamples, kDrops } of = Of::kSamples;
  // What keeps its flows apart from others. An agent's is told as source 0.
  enum class Sources : std::uint8_t { kInterfaces, kAgents } sources = Sources::kInterfaces;
  FlowCacheOptions cache;  // of each data source
};

struct DataSource {
  net::IpAddress agent = net::IpAddress::unspecified(net::Family::kIpv4);
  sflow::SourceId id;

  friend auto operator<=>(const DataSource&, const DataSource&) = default;
};

std::uint64_t hash_of(const DataSource& source);

// "37" of an interface, else with the type: "2.1".
std::string data_source_name(const sflow::SourceId& id);

// The inverse; none if it is no such name.
std::optional<sflow::SourceId> parse_data_source(std::string_view name);

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

// What is asked of a meter.
struct FlowQuery {
  std::size_t count = 100;
  Aggregation aggregation = Aggregation::kMaximum;
  double minimum = 0;  // of the value
  // Of each source at most so many flows, the largest; none: all that are kept.
  std::optional<std::size_t> top_of_source{};
  std::vector<net::IpAddress> agents{};            // empty: all
  std::optional<DataSource> source{};              // only this one
  std::function<bool(const DataSource&)> takes{};  // only these; empty: all
};

// A flow has changed.
struct FlowUpdate {
  DataSource source;
  std::string_view key;
  double value = 0;  // that it has now, at least
  Time time{};
  double amount = 0;                               // by which it has changed
  const std::vector<FlowTally>* values = nullptr;  // the further ones; null: none
  const Sample* sample = nullptr;                  // by which; null: it is not told
};

class FlowMeter {
 public:
  static constexpr std::size_t kMaxSources = 65536;
  static constexpr std::size_t kMaxTogether = 32;  // samples
  static constexpr std::chrono::seconds kForgetAfter{3600};

  using Smoothing = std::optional<std::chrono::duration<double>>;

  // Fails with what is wrong, and in which part of the definition.
  // `lookups` as for KeyExpression.
  static Result<FlowMeter> create(const FlowDefinition& definition,
                                  const Lookups* lookups = nullptr);

  // All samples of a datagram; what cannot be read of it is left out.
  void add(sflow::Bytes datagram, Time now);

  void add(const Sample& sample, Time now);

  // The same of some samples, kMaxTogether at most, in steps, so that what the memory is asked for
  // comes while other samples, and other meters, are looked at: all of the steps in this order,
  // then count() of each sample in turn, and nothing else between.
  void prepare(std::span<const Sample> samples, Time now);
  void find_sources();
  void fetch_index() const;
  void fetch_flows() const;
  void count(std::size_t sample);

  // The t of its rates; none: its values are sums, means or counts.
  Smoothing decays() const;

  // From now on told of every sample that counts, while it is on.
  void observe(std::function<void(const FlowUpdate&)> observer);
  enum class Telling : std::uint8_t { kOn, kOff };
  void tell(Telling telling) { telling_ = telling; }

  // The largest flows, by what they have at least, then by key.
  std::vector<ReportedFlow> active_flows(const FlowQuery& query, Time now) const;
  std::vector<ReportedFlow> active_flows(std::size_t count, Aggregation aggregation,
                                         Time now) const {
    return active_flows({.count = count, .aggregation = aggregation}, now);
  }

  // Every source, with the largest of its flows, and when its last sample that counts came.
  void for_each_source(std::size_t count, Time now,
                       const std::function<void(const DataSource&, std::vector<ActiveFlow>,
                                                Time last)>& visit) const;

  // What this flow is worth at each source that has it.
  std::map<DataSource, double> values_of(std::string_view key, Time now) const;

  // Forgets sources without a sample for kForgetAfter.
  void forget_silent(Time now);

  // Samples without sampling rate, of sources beyond the limit, and with new keys in full caches
  // that ignore them: they count nowhere.
  std::uint64_t left_out() const;

 private:
  // Of one flow, beside what the cache has.
  struct Tallies {
    std::optional<FlowTally> value;  // unless it is a sum
    std::vector<FlowTally> values;
  };
  // What every sample changes comes first.
  struct alignas(64) Source {
    FlowCache cache;
    Time last{};
    std::vector<Tallies> tallies;  // by the flow's place in the cache; empty if there are none
  };

  using Sources = std::map<DataSource, Source>;

  // A source by its place.
  struct Placed {
    DataSource id;
    Source* source;
  };

  // A sample on its way.
  struct Pending {
    const Sample* sample = nullptr;
    bool counts = false;  // it makes a flow
    DataSource id;
    std::uint64_t id_hash = 0;
    Source* source = nullptr;  // null: it does not count
    std::string text;
    HashedKey key;  // a view of the text
    double amount = 0;
  };

  FlowMeter(FlowDefinition definition, FlowFilter filter, ValueExpression value);

  bool append_key(const Sample& sample, std::string& out) const;
  std::optional<double> amount_of(const Sample& sample);
  void prepare(const Sample& sample, Pending& pending);
  Source* source_of(const DataSource& id, std::uint64_t hash);
  void index(Sources::value_type& source);
  bool has_tallies() const;
  Tallies new_tallies() const;
  Tallies& tally(Source& source, const AddedFlow& added, const Sample& sample, Time now) const;
  std::vector<ActiveFlow> flows_of(const Source& source, const FlowQuery& query, Time now) const;

  FlowDefinition definition_;
  FlowFilter filter_;
  std::vector<KeyExpression> keys_;
  ValueExpression value_;
  std::vector<ValueExpression> values_;
  bool is_apart_;  // the sources are interfaces
  Sources sources_;
  std::vector<Placed> places_;                       // of sources_
  PlaceIndex index_;                                 // of places_
  DecayClock clock_;                                 // of all caches
  std::function<void(const FlowUpdate&)> observer_;  // may be empty
  Telling telling_ = Telling::kOn;
  std::uint64_t left_out_ = 0;
  std::array<Pending, kMaxTogether> pending_;
  std::size_t prepared_ = 0;
  std::string text_;  // of the value of the sample at hand
};

}  // namespace fabrix::telemetry
