// Whatever the text, load_definition() returns a lab, each of whose steps can be told, or says what
// is wrong; and every message renders.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "exchange/load.h"
#include "lab/definition.h"

namespace {

constexpr const char* kExchange = R"(version: 1
exchange:
  name: small
  asn: 65000
  router_id: 172.0.255.254
  peering_lan: [172.0.0.0/16]
  route_server: {addresses: [172.0.255.254], policy: minimal}
participants:
  - {name: A, asn: 100, routers: [{name: a1, mac: "08:00:27:00:00:01", addresses: [172.0.0.1], port: 1}]}
  - {name: B, asn: 200, routers: [{name: b1, mac: "08:00:27:00:00:02", addresses: [172.0.0.2], port: 2}]}
)";

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto exchange = fabrix::exchange::load(kExchange, "exchange.yaml").value();
  const std::string text(data, data + size);
  const auto lab = fabrix::lab::load_definition(text, "lab.yaml", exchange);
  if (!lab) {
    if (lab.error().empty() || fabrix::render(lab.error(), text).empty()) std::abort();
    return 0;
  }
  for (const auto& step : lab->steps) {
    if (describe(step).empty()) std::abort();
  }
  return 0;
}
