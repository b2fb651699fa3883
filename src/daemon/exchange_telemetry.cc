#include "daemon/exchange_telemetry.h"

#include <vector>

#include "io/log.h"

namespace fabrix::daemon {

ExchangeTelemetry::ExchangeTelemetry(io::EventLoop& loop, controller::Controller& controller,
                                     fabric::Fabric& fabric)
    : controller_(controller), join_(loop, controller), sflow_(loop, controller, fabric) {}

Result<void> ExchangeTelemetry::configured(const exchange::TelemetrySite& site) {
  auto served = host_.configured(site);
  join_.configured(host_.service(), site);
  feed();
  if (const auto done = sflow_.configured(); !done) {
    io::log_warning("sflow", done.error().message);
  }
  return served;
}

void ExchangeTelemetry::feed() {
  sflow_.on_datagram = nullptr;
  const bool has_sampler = controller_.exchange().fabric.type == exchange::FabricType::kLinux;
  if (host_.service() == nullptr || !has_sampler) return;
  sflow_.on_datagram = [this](const std::vector<std::byte>& datagram, const net::IpAddress& agent) {
    host_.receive(datagram, agent);
  };
}

}  // namespace fabrix::daemon
