// Exports: sends on what a telemetry engine knows: records of flows, the largest flows, metrics and
// events to the sinks that are configured (exporter.h), and flows of definitions with
// ipfixCollectors to these (ipfix_sender.h).
//
// Loop's thread only.
#pragma once

#include <memory>
#include <vector>

#include "exchange/export_site.h"
#include "exports/exporter.h"
#include "exports/harvest.h"
#include "exports/ipfix_sender.h"
#include "io/event_loop.h"
#include "telemetry/engine.h"

namespace fabrix::exports {

class Exports {
 public:
  // The engine outlives it, and tells it alone of records and events.
  Exports(io::EventLoop& loop, telemetry::Engine& engine);
  ~Exports();
  Exports(const Exports&) = delete;
  Exports& operator=(const Exports&) = delete;
  Exports(Exports&&) = delete;
  Exports& operator=(Exports&&) = delete;

  // These from now on. One that was there already goes on; of one that is no more, what waits is
  // lost.
  void configure(const std::vector<exchange::ExportSite>& sites);

  // To be called several times a second, after the engine's.
  void tick();

  std::vector<ExportStatus> status() const;

 private:
  struct Row {
    std::unique_ptr<Exporter> exporter;
    Harvest harvest;
  };

  void add(const Entry& entry);
  bool wants(exchange::Exported what) const;

  io::EventLoop& loop_;
  telemetry::Engine* engine_;
  std::vector<Row> rows_;
  IpfixSender ipfix_;
};

}  // namespace fabrix::exports
