// Exporter: hands entries to one sink: keeps what waits (export_buffer.h), sends it in batches, and
// again after a back-off when the sink does not take it.
//
// Nothing is lost while the sink is away for as long as the buffer has room. What may have been
// taken though no answer came is sent again: each sink sees to it that it is there once.
// What waits is in memory only. Loop's thread only.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "exchange/export_site.h"
#include "exports/entry.h"
#include "exports/export_buffer.h"
#include "exports/sink.h"
#include "io/event_loop.h"

namespace fabrix::exports {

struct ExportStatus {
  std::string kind;  // "influxdb", "ipfix"
  std::string url;   // without secrets
  std::uint64_t sent = 0;
  std::uint64_t dropped = 0;  // there was no room for them
  std::uint64_t failed = 0;   // the sink refused them
  std::uint64_t retries = 0;  // attempts after which a batch had to be sent again
  std::uint64_t waiting = 0;
  std::uint64_t waiting_octets = 0;
  std::string problem;  // why the latest attempt failed; empty: it did not
};

struct RetryDelays {
  std::chrono::milliseconds first{500};
  std::chrono::milliseconds last{30'000};  // it doubles until then
};

class Exporter {
 public:
  Exporter(io::EventLoop& loop, exchange::ExportSite site, std::unique_ptr<Sink> sink,
           const ExportBuffer::Limits& limits = {}, const RetryDelays& delays = {});

  // Entries of what is not exported are none of it.
  void add(const Entry& entry);

  bool wants(exchange::Exported what) const;
  const exchange::ExportSite& site() const { return site_; }
  ExportStatus status() const;

 private:
  void send();
  void sent(const SinkResult& result);
  void put_off(const std::string& why);
  void go_on();

  exchange::ExportSite site_;
  std::unique_ptr<Sink> sink_;
  ExportBuffer buffer_;
  RetryDelays delays_;
  std::chrono::milliseconds delay_;  // after the next failure
  io::Timer timer_;                  // until the next batch
  bool is_putting_off_ = false;      // the timer is that of a back-off
  ExportStatus counters_;
};

}  // namespace fabrix::exports
