// FlowTable: flow definitions by name, each at work: a meter of its active flows and, if it is to
// be logged, the records of those that have ended.
//
// Many samples that come together may be spread over threads by their agents. What they are told
// of, and in which order, is the same: rates above a threshold are noted, and told when all have
// been counted, sample by sample; of definitions that are logged, or have no rates, the samples are
// counted one after the other, after their keys have been made at once.
//
// Bounded: kMaxFlows definitions, and what each may keep (flow_meter.h, flow_log.h). The tables
// given outlive it. Time is an input. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "telemetry/flow_log.h"
#include "telemetry/flow_meter.h"
#include "telemetry/flow_spec.h"
#include "telemetry/journal.h"
#include "telemetry/lookups.h"
#include "telemetry/sample.h"
#include "telemetry/source_numbers.h"
#include "telemetry/spread.h"
#include "telemetry/threshold_table.h"

namespace fabrix::telemetry {

struct Flow {
  FlowSpec spec;
  FlowMeter meter;
  std::optional<FlowLog> log;   // if it is logged, or goes to IPFIX collectors
  std::optional<Time> until{};  // when it is removed; none: never
  // Of the samples at hand: the lowest threshold, if it is of rates.
  std::optional<double> noted_above{};
};

class FlowTable {
 public:
  static constexpr std::size_t kMaxFlows = 1000;
  static constexpr std::size_t kMaxTogether = 512;  // samples that are on their way

  FlowTable(const Lookups& lookups, ThresholdTable& thresholds)
      : lookups_(&lookups), thresholds_(&thresholds) {}

  // From now on; it outlives the table. To be called before there are definitions.
  void spread(Spread& spread);

  // In place of what was there, which is forgotten; what is the same goes on. Fails with what is
  // wrong with it.
  Result<void> set(const std::string& name, const FlowSpec& spec);
  bool remove(const std::string& name) { return flows_.erase(name) != 0; }  // whether it was there

  // A definition that there is leaves at that time, unless it is set again or lent for longer.
  void lend(const std::string& name, Time until);

  const Flow* find(const std::string& name) const;
  const std::map<std::string, std::unique_ptr<Flow>>& all() const { return flows_; }

  // Whether what is told of samples, or their keys, may depend on what happens between them.
  bool depends_on_order() const;

  // Of one kind: sampled packets, or dropped ones.
  void add(std::span<const Sample> samples, Time now);
  void add(const Sample& sample, Time now) { add({&sample, 1}, now); }
  void tick(Time now);

  // From now on told of every record, before the journal has it; empty: nobody is. It must not
  // change the table.
  using Observer = std::function<void(const Flow&, const FlowRecord&)>;
  void observe(Observer observer) { observer_ = std::move(observer); }

  // Of all definitions that are logged.
  const Journal<FlowRecord>& records() const { return records_; }

 private:
  // A definition at the samples at hand.
  struct Concerned {
    const std::string* name = nullptr;
    Flow* flow = nullptr;
    // It counts a sample before the other definitions have the next one.
    bool is_in_turn = false;
  };
  // What a threshold may want to know.
  struct Note {
    const std::string* name = nullptr;
    Flow* flow = nullptr;
    FlowUpdate update;  // whose key and values these are
    std::string key;
    std::vector<FlowTally> values;

    // The order of what happens: sample by sample, by the definitions' names.
    bool is_before(const Sample* sample, const std::string& of) const {
      return update.sample != sample ? update.sample < sample : *name < of;
    }
  };
  // Those of an agent are in one. Apart in memory: others are another thread's.
  struct alignas(64) Shard {
    SourceNumbers sources;
    std::vector<const Sample*> samples;
    std::vector<std::uint32_t> numbers;  // of their data sources
    std::vector<Note> notes;
    std::size_t counted = 0;  // in turn
  };
  enum class Which : std::uint8_t { kAlone, kOthers };

  void add_together(std::span<const Sample> samples, Time now);
  void find_concerned(bool are_drops);
  void take_steps(std::size_t shard, Which which);
  void take_steps(const FlowMeter::Some& some, Which which);
  void note(const std::string& name, Flow& flow, const FlowUpdate& update);
  std::vector<Note> take_notes();
  void tell(Note& note);
  void count_in_turn(std::span<const Sample> samples);
  std::size_t shard_of(const net::IpAddress& agent) const;
  bool is_in_turn(const std::string& name, const Flow& flow) const;
  void watch(const std::string& name, Flow& flow);
  void collect(const std::string& name, Flow& flow);

  const Lookups* lookups_;
  ThresholdTable* thresholds_;
  std::map<std::string, std::unique_ptr<Flow>> flows_;
  Spread* spread_ = nullptr;          // null: nobody's
  std::vector<Concerned> concerned_;  // those of flows_ that are of the samples at hand
  std::vector<Shard> shards_ = std::vector<Shard>(1);
  Journal<FlowRecord> records_;
  Observer observer_;  // may be empty
  Time forgot_{};      // when silent sources were last forgotten
};

}  // namespace fabrix::telemetry
