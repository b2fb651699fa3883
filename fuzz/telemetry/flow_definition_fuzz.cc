// Whatever a definition says and a datagram holds, the meter takes it or refuses it, keeps no more
// flows than it may, and finds each by the key that it tells.
//
// Input: keys, value (a further one, too) and filter, a line each, then a datagram.
#include <cstdlib>
#include <string>

#include "sflow/xdr.h"
#include "telemetry/flow_meter.h"

namespace fabrix::telemetry {
namespace {

std::string take_line(sflow::Bytes& rest) {
  const std::string_view text = sflow::as_text(rest);
  const auto end = std::min(text.find('\n'), text.size());
  std::string line(text.substr(0, end));
  rest = rest.subspan(std::min(end + 1, rest.size()));
  return line;
}

void run(sflow::Bytes rest) {
  FlowDefinition definition{.cache = {.capacity = 4, .smoothing = std::chrono::seconds(2)}};
  definition.keys = take_line(rest);
  definition.value = take_line(rest);
  definition.values = definition.value;
  definition.filter = take_line(rest);
  for (const auto of : {FlowDefinition::Of::kSamples, FlowDefinition::Of::kDrops}) {
    definition.of = of;
    auto meter = FlowMeter::create(definition);
    if (!meter) return;
    Time now{};
    for (int round = 0; round < 3; ++round) {
      meter->add(rest, now);
      now += std::chrono::seconds(200);
    }
    const auto flows = meter->active_flows(3, Aggregation::kSum, now);
    if (flows.size() > 3) std::abort();
    // What is told can be asked for.
    for (const auto& flow : flows) {
      if (meter->values_of(flow.key, now).empty()) std::abort();
    }
  }
}

}  // namespace
}  // namespace fabrix::telemetry

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fabrix::telemetry::run(std::as_bytes(std::span(data, size)));
  return 0;
}
