// Whatever the octets of a request, the answer is one line, a JSON object with "ok", and data or an
// error; the exchange goes on, and says the same to the same question.
#include <cstdint>
#include <cstdlib>
#include <string>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include "api/protocol.h"
#include "exchange/load.h"
#include "fabric/simulated.h"

namespace {

constexpr const char* kExchange = R"(version: 1
exchange:
  name: fuzzed
  asn: 65000
  router_id: 172.0.255.254
  peering_lan: [172.0.0.0/16]
  virtual_next_hops: [172.0.1.0/24]
  route_server: {addresses: [172.0.255.254], policy: minimal}
participants:
  - {name: A, asn: 100, routers: [{name: a1, mac: "08:00:27:00:00:01", addresses: [172.0.0.1], port: 1}]}
  - {name: B, asn: 200, routers: [{name: b1, mac: "08:00:27:00:00:02", addresses: [172.0.0.2], port: 2}]}
)";

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string request(data, data + size);
  const auto exchange = fabrix::exchange::load(kExchange, "exchange.yaml");
  fabrix::fabric::SimulatedFabric fabric;
  fabrix::controller::Controller controller(*exchange, fabric);
  const fabrix::api::Handlers handlers{.sources = {.controller = &controller, .bgp = nullptr},
                                       .controller = &controller};
  const std::string line = fabrix::api::answer(handlers, request);
  if (line.find('\n') != line.size() - 1) std::abort();
  boost::system::error_code error;
  const auto reply = boost::json::parse(line, error);
  if (error || !reply.is_object()) std::abort();
  const bool ok = reply.at("ok").as_bool();
  if (!reply.as_object().contains(ok ? "data" : "error")) std::abort();
  controller.settle(fabrix::controller::Controller::Clock::now());
  return 0;
}
