// Whatever a datagram counts, the store takes what it can, and numbers that it tells are numbers.
//
// Input: a datagram, which comes again, with all numbers of its last quarter one higher.
#include <cmath>
#include <cstdlib>
#include <vector>

#include "sflow/datagram.h"
#include "telemetry/metric_store.h"

namespace fabrix::telemetry {
namespace {

void run(sflow::Bytes bytes) {
  std::vector<std::byte> octets(bytes.begin(), bytes.end());
  MetricStore store;
  store.observe([](const MetricUpdate& update) {
    if (!std::isfinite(update.value)) std::abort();
  });
  const auto from = net::IpAddress::unspecified(net::Family::kIpv4);
  for (int round = 1; round <= 3; ++round) {
    const auto datagram = sflow::Datagram::open(octets);
    if (!datagram) return;
    store.receive(*datagram, from, std::chrono::seconds(round));
    for (std::size_t at = octets.size() / 4 * 3; at < octets.size(); ++at) {
      octets[at] = std::byte(std::to_integer<unsigned>(octets[at]) + 1);
    }
  }
  store.tick(std::chrono::hours(1));
  if (store.size() != 0) std::abort();
}

}  // namespace
}  // namespace fabrix::telemetry

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fabrix::telemetry::run(std::as_bytes(std::span(data, size)));
  return 0;
}
