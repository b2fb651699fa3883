#include "exports/exporter.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "io/log.h"

namespace fabrix::exports {
namespace {

constexpr std::string_view kComponent = "exports";

}  // namespace

Exporter::Exporter(io::EventLoop& loop, exchange::ExportSite site, std::unique_ptr<Sink> sink,
                   const ExportBuffer::Limits& limits, const RetryDelays& delays)
    : site_(std::move(site)),
      sink_(std::move(sink)),
      buffer_(limits),
      delays_(delays),
      delay_(delays.first),
      timer_(loop, [this] { send(); }) {
  counters_.kind = name_of(site_.kind);
  counters_.url = url_of(site_);
}

bool Exporter::wants(exchange::Exported what) const {
  return std::ranges::find(site_.what, what) != site_.what.end();
}

void Exporter::add(const Entry& entry) {
  if (!wants(entry.kind)) return;
  std::string octets = sink_->encode(entry);
  if (octets.empty()) return;
  buffer_.push(entry.kind, std::move(octets));
  go_on();
}

// There is something to send: together with what comes until then.
void Exporter::go_on() {
  if (is_putting_off_ || buffer_.under_way() != 0 || buffer_.waiting() == 0) return;
  const bool is_full = buffer_.waiting() >= site_.batch;
  if (!timer_.is_running() || is_full) {
    timer_.start(is_full ? std::chrono::milliseconds(0) : sink_->linger());
  }
}

void Exporter::send() {
  is_putting_off_ = false;
  if (buffer_.waiting() == 0) return;
  const auto& batch = buffer_.take(site_.batch, sink_->mixture());
  sink_->send(batch, [this](const SinkResult& result) { sent(result); });
}

void Exporter::sent(const SinkResult& result) {
  const std::size_t count = buffer_.under_way();
  switch (result.delivery) {
    case Delivery::kTaken:
      if (!counters_.problem.empty()) {
        io::log_info(kComponent, fmt::format("taken again url={}", counters_.url));
      }
      counters_.sent += count;
      counters_.problem.clear();
      break;
    case Delivery::kLater:
      buffer_.give_back();
      return put_off(result.why);
    case Delivery::kRefused:
      io::log_warning(kComponent, fmt::format("refused url={} entries={} reason=\"{}\"",
                                              counters_.url, count, result.why));
      counters_.failed += count;
      counters_.problem = result.why;
      break;
  }
  buffer_.done();
  delay_ = delays_.first;
  go_on();
}

void Exporter::put_off(const std::string& why) {
  // Once, however long it is away.
  if (counters_.problem.empty()) {
    io::log_warning(kComponent, fmt::format("not taken url={} reason=\"{}\"", counters_.url, why));
  }
  ++counters_.retries;
  counters_.problem = why;
  is_putting_off_ = true;
  timer_.start(delay_);
  delay_ = std::min(2 * delay_, delays_.last);
}

ExportStatus Exporter::status() const {
  ExportStatus status = counters_;
  status.dropped = buffer_.dropped();
  status.waiting = buffer_.waiting();
  status.waiting_octets = buffer_.octets();
  return status;
}

}  // namespace fabrix::exports
