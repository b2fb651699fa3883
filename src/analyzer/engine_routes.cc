#include "analyzer/engine_routes.h"

#include <array>

#include <boost/json/object.hpp>

#include "analyzer/process_use.h"

namespace fabrix::analyzer {
namespace {

http::Response version(const Call& /*call*/) {
  return text_answer(FABRIX_VERSION);
}

// The names are sFlow-RT's; those of the last line are ours. The heap is the process's memory, of
// which nothing is collected as garbage.
http::Response analyzer(const Call& call) {
  const telemetry::IngestCounters& counters = call.engine.counters();
  const ProcessUse use = process_use();
  return json_answer(
      boost::json::object{{"sFlowDatagramsReceived", counters.datagrams},
                          {"sFlowDatagramsDiscarded", counters.discarded},
                          {"sFlowAgents", call.engine.metrics().agents()},
                          {"sFlowBytesReceived", counters.octets},
                          {"sFlowParseErrors", counters.parse_errors},
                          {"sFlowUnsupportedVersion", counters.unsupported_versions},
                          {"eventsGenerated", call.engine.thresholds().events().total()},
                          {"flowsGenerated", call.engine.flows().records().total()},
                          {"cpuTime", use.processor.count()},
                          {"heapUsed", use.resident_octets},
                          {"heapMax", use.memory_octets},
                          {"gcCount", 0},
                          {"gcTime", 0},
                          {"uptime", milliseconds(call.engine.now() - call.engine.since())},
                          {"sFlowFlowSamples", counters.flow_samples},
                          {"sFlowCounterSamples", counters.counter_samples},
                          {"sFlowDropSamples", counters.drop_samples}});
}

}  // namespace

std::span<const Route> engine_routes() {
  static constexpr std::array kRoutes{
      Route{http::Method::kGet, "/version", version},
      Route{http::Method::kGet, "/analyzer/json", analyzer},
  };
  return kRoutes;
}

}  // namespace fabrix::analyzer
