// FlowTable: flow definitions by name, each at work: a meter of its active flows and, if it is to
// be logged, the records of those that have ended.
//
// Bounded: kMaxFlows definitions, and what each may keep (flow_meter.h, flow_log.h). The tables
// given outlive it. Time is an input. Pure.
#pragma once

#include <cstddef>
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
#include "telemetry/threshold_table.h"

namespace fabrix::telemetry {

struct Flow {
  FlowSpec spec;
  FlowMeter meter;
  std::optional<FlowLog> log;   // if it is logged, or goes to IPFIX collectors
  std::optional<Time> until{};  // when it is removed; none: never
};

class FlowTable {
 public:
  static constexpr std::size_t kMaxFlows = 1000;

  FlowTable(const Lookups& lookups, ThresholdTable& thresholds)
      : lookups_(&lookups), thresholds_(&thresholds) {}

  // In place of what was there, which is forgotten; what is the same goes on. Fails with what is
  // wrong with it.
  Result<void> set(const std::string& name, const FlowSpec& spec);
  bool remove(const std::string& name) { return flows_.erase(name) != 0; }  // whether it was there

  // A definition that there is leaves at that time, unless it is set again or lent for longer.
  void lend(const std::string& name, Time until);

  const Flow* find(const std::string& name) const;
  const std::map<std::string, std::unique_ptr<Flow>>& all() const { return flows_; }

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
  void add_together(std::span<const Sample> samples, Time now);
  void watch(const std::string& name, Flow& flow);
  void collect(const std::string& name, Flow& flow);

  const Lookups* lookups_;
  ThresholdTable* thresholds_;
  std::map<std::string, std::unique_ptr<Flow>> flows_;
  // Those of flows_ that are of the samples at hand.
  std::vector<std::map<std::string, std::unique_ptr<Flow>>::value_type*> concerned_;
  Journal<FlowRecord> records_;
  Observer observer_;  // may be empty
  Time forgot_{};      // when silent sources were last forgotten
};

}  // namespace fabrix::telemetry
