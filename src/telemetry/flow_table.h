// FlowTable: flow definitions by name, each at work: a meter of its active flows and, if it is to
// be logged, the records of those that have ended.
//
// Bounded: kMaxFlows definitions, and what each may keep (flow_meter.h, flow_log.h). The tables
// given outlive it. Time is an input. Pure.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "telemetry/flow_log.h"
#include "telemetry/flow_meter.h"
#include "telemetry/flow_spec.h"
#include "telemetry/journal.h"
#include "telemetry/name_table.h"
#include "telemetry/sample.h"
#include "telemetry/threshold_table.h"

namespace fabrix::telemetry {

struct Flow {
  FlowSpec spec;
  FlowMeter meter;
  std::optional<FlowLog> log;
};

class FlowTable {
 public:
  static constexpr std::size_t kMaxFlows = 1000;

  FlowTable(const NameTable& names, ThresholdTable& thresholds)
      : names_(&names), thresholds_(&thresholds) {}

  // In place of what was there, which is forgotten; what is the same goes on. Fails with what is
  // wrong with it.
  Result<void> set(const std::string& name, const FlowSpec& spec);
  bool remove(const std::string& name) { return flows_.erase(name) != 0; }  // whether it was there

  const Flow* find(const std::string& name) const;
  const std::map<std::string, std::unique_ptr<Flow>>& all() const { return flows_; }

  void add(const Sample& sample, Time now);
  void tick(Time now);

  // Of all definitions that are logged.
  const Journal<FlowRecord>& records() const { return records_; }

 private:
  void observe(const std::string& name, Flow& flow);
  void collect(const std::string& name, FlowLog& log);

  const NameTable* names_;
  ThresholdTable* thresholds_;
  std::map<std::string, std::unique_ptr<Flow>> flows_;
  Journal<FlowRecord> records_;
  Time forgot_{};  // when silent sources were last forgotten
};

}  // namespace fabrix::telemetry
