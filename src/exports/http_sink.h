// InfluxSink and ClickhouseSink: batches by HTTP.
//
//   InfluxDB    POST /write?db=..., POST /api/v2/write?org=...&bucket=...: the line protocol
//   ClickHouse  POST /?query=INSERT INTO fabrix_flows FORMAT JSONEachRow; the tables are made first
//               (CREATE TABLE IF NOT EXISTS), and again after one was missing. Each row has a
//               number
//               (`row`) of its own: before what may have been taken though no answer came is sent
//               again, the server is asked which of its rows it has
//
// A batch that the server calls wrong (400, 413, 422) is refused; whatever else is not a success is
// tried again, as is one that is not answered within kPatience. Loop's thread only.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "exports/sink.h"
#include "http/client.h"

namespace fabrix::exports {

// Posts to one site, one request at a time.
class Poster {
 public:
  static constexpr std::chrono::seconds kPatience{30};
  static constexpr std::size_t kLongestAnswer = std::size_t{64} << 10U;

  // Once, from the loop, unless this is destroyed before. It may post again. Null: there was no
  // answer.
  using OnResult = std::function<void(const SinkResult&, const http::IncomingResponse* answer)>;

  Poster(io::EventLoop& loop, const exchange::ExportSite& site);

  // The one before has been answered.
  void post(const std::string& target, const std::string& body, OnResult on_result);

 private:
  io::EventLoop& loop_;
  http::OutgoingRequest request_;
  std::unique_ptr<http::Client> under_way_;  // or the last one
};

class InfluxSink final : public Sink {
 public:
  InfluxSink(io::EventLoop& loop, const exchange::ExportSite& site);

  std::string encode(const Entry& entry) const override;
  void send(std::span<const Item> batch, OnDone on_done) override;

 private:
  exchange::ExportSite site_;
  Poster poster_;
};

class ClickhouseSink final : public Sink {
 public:
  ClickhouseSink(io::EventLoop& loop, const exchange::ExportSite& site);

  std::string encode(const Entry& entry) const override;
  Mixture mixture() const override { return Mixture::kOneKind; }
  void send(std::span<const Item> batch, OnDone on_done) override;

 private:
  void make_table();
  void begin();
  void ask();
  void insert(const std::set<std::uint64_t>& stored);
  std::uint64_t row_of(const Item& item) const { return first_row_ + item.id; }

  exchange::ExportSite site_;
  Poster poster_;
  std::vector<exchange::Exported> tables_;  // that are known to be there
  std::span<const Item> batch_;             // under way
  OnDone on_done_;
  std::uint64_t first_row_;        // random: others' rows have other numbers
  std::uint64_t last_insert_ = 0;  // the last item of what has been sent
};

}  // namespace fabrix::exports
