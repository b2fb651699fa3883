#include "exports/sink.h"

#include "exports/http_sink.h"
#include "exports/nats_sink.h"

namespace fabrix::exports {

std::unique_ptr<Sink> make_sink(io::EventLoop& loop, const exchange::ExportSite& site) {
  switch (site.kind) {
    case exchange::ExportKind::kInfluxdb:
      return std::make_unique<InfluxSink>(loop, site);
    case exchange::ExportKind::kClickhouse:
      return std::make_unique<ClickhouseSink>(loop, site);
    case exchange::ExportKind::kNats:
      break;
  }
  return std::make_unique<NatsSink>(loop, site);
}

}  // namespace fabrix::exports
