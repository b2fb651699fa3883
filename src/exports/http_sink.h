// InfluxSink and ClickhouseSink: batches by HTTP.
//
//   InfluxDB    POST /write?db=..., POST /api/v2/write?org=...&bucket=...: the line protocol
//   ClickHouse  POST /?query=INSERT INTO fabrix_flows FORMAT JSONEachRow; the tables are made first
//               (CREATE TABLE IF NOT EXISTS), and again after one was missing
//
// A batch that the server calls wrong (400, 413, 422) is refused; whatever else is not a success is
// tried again. Loop's thread only.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "exports/http_client.h"
#include "exports/sink.h"

namespace fabrix::exports {

class InfluxSink final : public Sink {
 public:
  InfluxSink(io::EventLoop& loop, const exchange::ExportSite& site);

  std::string encode(const Entry& entry) const override;
  void send(std::span<const Item> batch, OnDone on_done) override;

 private:
  exchange::ExportSite site_;
  HttpClient client_;
};

class ClickhouseSink final : public Sink {
 public:
  ClickhouseSink(io::EventLoop& loop, const exchange::ExportSite& site);

  std::string encode(const Entry& entry) const override;
  Mixture mixture() const override { return Mixture::kOneKind; }
  void send(std::span<const Item> batch, OnDone on_done) override;

 private:
  void make_table();
  void insert();

  exchange::ExportSite site_;
  HttpClient client_;
  std::vector<exchange::Exported> tables_;  // that are known to be there
  std::span<const Item> batch_;             // under way
  OnDone on_done_;
};

}  // namespace fabrix::exports
