#include "analyzer/agent_routes.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "telemetry/agent_health.h"

namespace fabrix::analyzer {
namespace {

namespace json = boost::json;

std::int64_t ms_between(telemetry::Time then, telemetry::Time now) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(now - then).count();
}

// "sFlowFlowSamples" and those beside it.
void put(const std::string& kind, const telemetry::SampleHealth& health, json::object& out) {
  const std::string prefix = "sFlow" + kind;
  out[prefix + "Samples"] = health.samples.received;
  out[prefix + "LostSamples"] = health.samples.lost;
  out[prefix + "DuplicateSamples"] = health.samples.duplicates;
  out[prefix + "OutOfOrderSamples"] = health.samples.out_of_order;
  out[prefix + "Drops"] = health.drops;
  out[prefix + "Datasources"] = health.data_sources;
}

json::object report(const telemetry::AgentReport& agent, telemetry::Time now) {
  json::object out{{"sFlowDatagramsReceived", agent.datagrams.received},
                   {"sFlowDatagramsLost", agent.datagrams.lost},
                   {"sFlowDatagramsDuplicates", agent.datagrams.duplicates},
                   {"sFlowDatagramsOutOfOrder", agent.datagrams.out_of_order}};
  put("Flow", agent.flows, out);
  put("Counter", agent.counters, out);
  put("Drop", agent.discards, out);
  out["firstSeen"] = ms_between(agent.first_seen, now);
  out["lastSeen"] = ms_between(agent.last_seen, now);
  out["uptime"] = agent.uptime_ms;
  out["restarts"] = agent.restarts;
  json::array senders;
  for (const net::IpAddress& sender : agent.senders) senders.emplace_back(sender.to_string());
  out["sFlowDatagramSource"] = std::move(senders);
  return out;
}

http::Response agents(const Call& call) {
  std::vector<std::string_view> asked;
  for (const http::Parameter& parameter : call.request.target.parameters) {
    if (parameter.name == "agent") asked.push_back(parameter.value);
  }
  json::object out;
  for (const telemetry::AgentReport& agent : call.engine.metrics().health().agents()) {
    const std::string name = agent.agent.to_string();
    const bool is_asked = asked.empty() || std::ranges::find(asked, name) != asked.end();
    if (is_asked) out[name] = report(agent, call.engine.now());
  }
  return json_answer(out);
}

}  // namespace

std::span<const Route> agent_routes() {
  static constexpr std::array kRoutes{Route{http::Method::kGet, "/agents/json", agents}};
  return kRoutes;
}

}  // namespace fabrix::analyzer
