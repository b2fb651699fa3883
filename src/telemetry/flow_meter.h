// FlowMeter: one flow definition at work: samples in, the active flows of every data source out.
//
// A definition has keys (none: one flow with the key "" a data source), a value
// (value_expression.h), perhaps further values, and a filter. A sample for which a key, or the
// value, has none makes no flow. Of a value that is no sum (a mean, a count), the flows with the
// most frames are kept.
//
// The data sources (agent and interface) keep their flows apart, because several see one packet:
// active_flows() tells where a flow is largest, or the sum. Bounded: kMaxSources sources a shard,
// and a cache each (flow_cache.h).
//
// The data sources of an agent are in one shard of as many as it is spread over, one by default.
// Steps of different shards may run at once (flow_table.h). Pure.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "base/result.h"
#include "sflow/datagram.h"
#include "telemetry/data_source.h"
#include "telemetry/flow_cache.h"
#include "telemetry/flow_filter.h"
#include "telemetry/flow_tally.h"
#include "telemetry/key_form.h"
#include "telemetry/lookups.h"
#include "telemetry/place_index.h"
#include "telemetry/sample.h"
#include "telemetry/source_numbers.h"
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
  std::vector<double> values{};      // the further ones; of kSum those of all sources together
};

// What one source has of a flow.
struct LocatedFlow {
  double value = 0;
  std::vector<double> values{};

  friend bool operator==(const LocatedFlow&, const LocatedFlow&) = default;
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
  static constexpr std::size_t kMaxTogether = 32;  // samples in one step, for the memory's sake
  static constexpr std::chrono::seconds kForgetAfter{3600};

  using Smoothing = std::optional<std::chrono::duration<double>>;

  // Fails with what is wrong, and in which part of the definition.
  // `lookups` as for KeyExpression.
  static Result<FlowMeter> create(const FlowDefinition& definition,
                                  const Lookups* lookups = nullptr);

  // All samples of a datagram; what cannot be read of it is left out.
  void add(sflow::Bytes datagram, Time now);

  void add(const Sample& sample, Time now);

  // From now on there are so many shards. To be called before there are samples.
  void spread(std::size_t shards);
  std::size_t shard_of(const net::IpAddress& agent) const;

  // Whether samples are asked for what others may change at any time (lookups.h): then its shards
  // do not run at once.
  bool is_alone() const { return is_alone_; }

  // The same of some samples, in steps, so that what the memory is asked for comes while other
  // samples, and other meters, are looked at: advance(); for each shard and some samples of its
  // agents all of the steps in this order, and nothing else between; then count() of each sample,
  // in turn. `first` is the place that the first of these samples has among those that are on their
  // way in the shard.
  void advance(Time now) { clock_.advance(now); }
  struct Some {
    std::size_t shard = 0;
    std::size_t first = 0;
    std::span<const Sample* const> samples;
    std::span<const std::uint32_t> numbers;  // of their data sources; empty: not known
  };
  void prepare(const Some& some);
  void fetch_index(const Some& some) const;
  void fetch_flows(const Some& some);
  void fetch_smallest(const Some& some);
  void count(std::size_t shard, std::size_t place);

  // The t of its rates; none: its values are something else.
  Smoothing decays() const;

  // From now on told of every sample that counts, or of those after which the flow's value is above
  // this one.
  void observe(std::function<void(const FlowUpdate&)> observer);
  void tell_above(double value) { told_above_ = value; }
  static constexpr double kTellAll = std::numeric_limits<double>::quiet_NaN();  // none is below it
  static constexpr double kTellNone = std::numeric_limits<double>::infinity();

  // The largest flows, by what they have at least, then by key.
  std::vector<ReportedFlow> active_flows(const FlowQuery& query, Time now) const;
  std::vector<ReportedFlow> active_flows(std::size_t count, Aggregation aggregation,
                                         Time now) const {
    return active_flows({.count = count, .aggregation = aggregation}, now);
  }

  // Every source, with the largest of its flows, and when its last sample that counts came. Keys
  // are as they are kept: text_of().
  void for_each_source(std::size_t count, Time now,
                       const std::function<void(const DataSource&, std::vector<ActiveFlow>,
                                                Time last)>& visit) const;

  std::string text_of(std::string_view key) const { return keys_.text_of(key); }

  // What this flow is worth at each source that has it.
  std::map<DataSource, LocatedFlow> values_of(std::string_view text, Time now) const;

  // Forgets sources without a sample for kForgetAfter, and the numbers of all.
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
  // All that a sample changes but the flow: one line of memory.
  struct alignas(64) Source {
    FlowCache cache;
    Time last{};
  };
  static_assert(sizeof(Source) == 64);

  // Of sources, a place that there is not.
  static constexpr std::uint32_t kNone = UINT32_MAX;

  // A sample on its way.
  struct Pending {
    const Sample* sample = nullptr;
    std::uint32_t source = kNone;           // its place; kNone: the sample does not count
    std::optional<FlowCache::Guess> place;  // in the source's cache
    std::uint64_t hash = 0;                 // of the key
    double amount = 0;
    std::string text;  // the key's, as it is kept

    HashedKey key() const {
      return {.text = std::string_view(text).substr(0, HashedKey::kLongest), .hash = hash};
    }
  };

  // Some agents' sources. Apart in memory: others are another thread's.
  struct alignas(64) Shard {
    Shard() = default;
    Shard(const Shard&) = delete;
    Shard& operator=(const Shard&) = delete;
    Shard(Shard&&) = default;
    Shard& operator=(Shard&&) = delete;  // the memory must leave last
    ~Shard() = default;

    std::unique_ptr<Arena> memory = std::make_unique<Arena>();
    std::vector<Source> sources;
    std::vector<DataSource> ids;                // by the source's place, as are the next
    std::vector<std::vector<Tallies>> tallies;  // by the flow's place in the cache; or none
    PlaceIndex index;                           // of ids
    std::vector<std::uint32_t> by_number;       // places; kNone: to be found
    std::vector<Pending> pending;
    std::string text;  // of the value of the sample at hand, or of its key
    std::uint64_t left_out = 0;
  };
  // A source, as it is asked for.
  struct Kept {
    const DataSource* id = nullptr;
    const Source* source = nullptr;
    const std::vector<Tallies>* tallies = nullptr;  // null: there are none
  };

  FlowMeter(FlowDefinition definition, FlowFilter filter, ValueExpression value, KeyForm keys);

  std::optional<double> weight_of(const Sample& sample, std::string& text) const;
  bool prepare(const Sample& sample, Shard& shard, Pending& pending) const;
  std::span<Pending> pending_of(const Some& some);
  std::span<const Pending> pending_of(const Some& some) const;
  std::uint32_t source_of(Shard& shard, const Sample& sample, std::uint32_t number) const;
  std::uint32_t source_of(Shard& shard, const Sample& sample) const;
  static void index(Shard& shard, std::size_t place);
  // By agent, then by interface.
  void for_each(const std::function<void(const Kept&)>& visit) const;
  bool has_tallies() const {
    return !values_.empty() || value_.kind() != ValueExpression::Kind::kSum;
  }
  Tallies new_tallies() const;
  Tallies& tally(std::vector<Tallies>& all, const AddedFlow& added, const Sample& sample,
                 Time now) const;
  static std::span<const FlowTally> further_of(const Kept& kept, std::size_t place);
  std::vector<ActiveFlow> flows_of(const Kept& kept, const FlowQuery& query, Time now) const;

  FlowDefinition definition_;
  FlowFilter filter_;
  KeyForm keys_;
  ValueExpression value_;
  std::vector<ValueExpression> values_;
  bool is_apart_;  // the sources are interfaces
  bool is_alone_ = false;
  std::vector<Shard> shards_;                        // one at least
  DecayClock clock_;                                 // of all caches
  std::function<void(const FlowUpdate&)> observer_;  // may be empty
  double told_above_ = kTellAll;
};

}  // namespace fabrix::telemetry
