// FlowLog: cuts the flows of a definition into records: from when to when, and how much in all.
//
// A flow's record is made when it has lasted for the active timeout, or been silent for the idle
// one; the next sample begins another. Or, at its start, once in that time: with the first sample's
// value, and the end at the start. Bounded: of more than kMaxFlows at once, the flow that has been
// silent for longest ends early. Time is an input, and flush() its timer. Pure.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <list>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "telemetry/flow_key.h"
#include "telemetry/flow_meter.h"

namespace fabrix::telemetry {

struct FlowRecord {
  std::uint64_t id = 0;  // the journal's
  std::string name;      // of the definition
  std::string key;
  double value = 0;  // of sums the total; of means and counts the last
  Time start{};
  Time end{};
  DataSource source;
  std::vector<double> values;
  // Of all that its samples stand for, whatever the value is.
  double octets = 0;
  double frames = 0;
};

struct FlowLogOptions {
  Time active_timeout = std::chrono::seconds(60);
  Time idle_timeout = std::chrono::seconds(15);
  enum class When : std::uint8_t { kAtEnd, kAtStart } when = When::kAtEnd;
  enum class Value : std::uint8_t { kTotal, kLast } value = Value::kTotal;
};

class FlowLog {
 public:
  static constexpr std::size_t kMaxFlows = 65536;

  explicit FlowLog(const FlowLogOptions& options) : options_(options) {}

  void update(const FlowUpdate& flow);

  // Ends those whose time has come.
  void flush(Time now);

  // The records that have been made, leaving none.
  std::vector<FlowRecord> take() { return std::exchange(done_, {}); }

 private:
  struct Open;
  using Node = std::pair<const FlowKey, Open>;
  using Order = std::list<Node*>;
  // A flow that has not ended, and its place in each order.
  struct Open {
    FlowRecord record;
    Order::iterator started;
    Order::iterator updated;
  };
  using Flows = std::unordered_map<FlowKey, Open, FlowKeyHash, FlowKeyEqual>;

  void begin(const FlowUpdate& flow);
  void end(Node& flow);

  FlowLogOptions options_;
  Flows flows_;
  Order by_start_;   // the oldest first
  Order by_update_;  // the most silent first
  std::vector<FlowRecord> done_;
};

}  // namespace fabrix::telemetry
