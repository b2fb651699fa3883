#include "exports/exports.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace fabrix::exports {
namespace {

using exchange::Exported;

Harvest::Of harvested(const Exporter& exporter) {
  const bool top = exporter.wants(Exported::kTop);
  const bool metrics = exporter.wants(Exported::kMetrics);
  if (top && metrics) return Harvest::Of::kBoth;
  if (top) return Harvest::Of::kFlows;
  return metrics ? Harvest::Of::kMetrics : Harvest::Of::kNothing;
}

}  // namespace

Exports::Exports(io::EventLoop& loop, telemetry::Engine& engine) : loop_(loop), engine_(&engine) {
  engine.flows().observe([this](const telemetry::Flow& flow, const telemetry::FlowRecord& record) {
    const bool is_logged = flow.spec.log != telemetry::FlowSpec::Log::kNone;
    if (is_logged && wants(Exported::kFlows)) add(entry_of(flow.spec, record));
    if (!flow.spec.ipfix_collectors.empty()) ipfix_.add(flow.spec, record, engine_->now());
  });
  engine.thresholds().observe([this](const telemetry::Event& event) {
    if (!wants(Exported::kEvents)) return;
    const telemetry::Flow* const flow = engine_->flows().find(event.metric);
    add(entry_of(flow == nullptr ? nullptr : &flow->spec, event));
  });
}

Exports::~Exports() {
  engine_->flows().observe({});
  engine_->thresholds().observe({});
}

void Exports::configure(const std::vector<exchange::ExportSite>& sites) {
  std::vector<Row> rows;
  for (const exchange::ExportSite& site : sites) {
    const auto found = std::ranges::find_if(rows_, [&](const Row& row) {
      return row.exporter != nullptr && row.exporter->site() == site;
    });
    if (found != rows_.end()) {
      rows.push_back(std::move(*found));
      continue;
    }
    auto exporter = std::make_unique<Exporter>(loop_, site, make_sink(loop_, site));
    const auto interval = std::chrono::seconds(site.interval_seconds);
    const Harvest::Of of = harvested(*exporter);
    rows.push_back({.exporter = std::move(exporter), .harvest = Harvest(*engine_, interval, of)});
  }
  rows_ = std::move(rows);
}

void Exports::tick() {
  for (Row& row : rows_) {
    row.harvest.turn([&row](const Entry& entry) { row.exporter->add(entry); });
  }
  ipfix_.tick(engine_->now());
}

void Exports::add(const Entry& entry) {
  for (Row& row : rows_) row.exporter->add(entry);
}

bool Exports::wants(Exported what) const {
  return std::ranges::any_of(rows_, [&](const Row& row) { return row.exporter->wants(what); });
}

std::vector<ExportStatus> Exports::status() const {
  std::vector<ExportStatus> all;
  for (const Row& row : rows_) all.push_back(row.exporter->status());
  for (ExportStatus& one : ipfix_.status()) all.push_back(std::move(one));
  return all;
}

}  // namespace fabrix::exports
