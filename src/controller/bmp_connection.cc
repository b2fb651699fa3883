#include "controller/bmp_connection.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "io/log.h"

namespace fabrix::controller {
namespace {

using std::chrono::milliseconds;

constexpr std::string_view kComponent = "bmp";

// How long the table may be read before others get their turn, and how often that is looked at.
constexpr milliseconds kSlice{2};
constexpr std::size_t kPrefixesAtOnce = 64;

// The table is not read further than this ahead of what the connection takes.
constexpr std::size_t kReadAhead = std::size_t{256} << 10U;

monitoring::Timestamp wall_clock() {
  return std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
}

}  // namespace

BmpConnection::BmpConnection(io::EventLoop& loop, BmpStation station,
                             const monitoring::TableSource& source)
    : loop_(loop),
      station_(std::move(station)),
      source_(source),
      retry_(loop, [this] { dial(); }),
      turn_(loop, [this] { serve(); }),
      delay_(station_.first_retry) {}

void BmpConnection::start() {
  dial();
}

void BmpConnection::stop(monitoring::TerminationReason reason) {
  stopped_ = true;
  retry_.cancel();
  turn_.cancel();
  connector_.reset();
  if (!stream_) return;
  feed_->terminate(reason);
  // What does not fit belongs to a station that is too slow to hear why.
  while (feed_->queued() > 0 && stream_->write(feed_->take())) {
  }
  stream_->close_gracefully();
  stream_.reset();
  feed_.reset();
}

void BmpConnection::dial() {
  ++counters_.attempts;
  io::ConnectOptions options;
  options.source = station_.source;
  connector_.emplace(loop_, station_.endpoint, std::move(options),
                     [this](Result<io::ByteStream> connected) {
                       if (connected) {
                         begin(*std::move(connected));
                       } else {
                         over(connected.error().message);
                       }
                     });
}

void BmpConnection::begin(io::ByteStream stream) {
  ++counters_.connections;
  io::log_info(kComponent, fmt::format("connected station={}", to_string(station_.endpoint)));
  stream_.emplace(std::move(stream));
  feed_.emplace(station_.feed, source_);
  stream_->start({.on_data = {},  // RFC 7854 §3.2: what a station says means nothing
                  .on_end = [this](const io::StreamEnd& end) { over(end.text); },
                  .on_drained = [this] { told(); }});
  told();
}

void BmpConnection::serve() {
  if (!stream_) return;
  const bool under_way = !feed_->table_complete();
  read_table();
  write_queue();
  if (feed_->lost()) {
    ++counters_.too_slow;
    over("it is too slow");
    return;
  }
  if (!feed_->table_complete() && !stream_->congested()) {
    told();
  } else if (under_way && feed_->table_complete()) {
    // It keeps up with a whole table: the next failure is a new one.
    delay_ = station_.first_retry;
  }
}

void BmpConnection::read_table() {
  const auto until = io::EventLoop::now() + kSlice;
  while (!feed_->table_complete() && !feed_->lost() && feed_->queued() < kReadAhead) {
    feed_->advance(kPrefixesAtOnce, wall_clock());
    if (io::EventLoop::now() >= until) return;
  }
}

void BmpConnection::write_queue() {
  while (feed_->queued() > 0 && !stream_->congested()) {
    // A refusal means that the connection is broken; on_end follows.
    if (!stream_->write(feed_->take())) return;
  }
}

// There is something to do: soon, together with what comes until then.
void BmpConnection::told() {
  if (!turn_.is_running()) turn_.start(milliseconds(0));
}

void BmpConnection::over(const std::string& reason) {
  turn_.cancel();
  connector_.reset();
  if (feed_) counters_.routes_left += feed_->counters().left_out;
  feed_.reset();
  if (stream_) stream_->abort();
  stream_.reset();
  if (stopped_) return;
  io::log_warning(kComponent, fmt::format("no connection station={} reason=\"{}\" retry={}ms",
                                          to_string(station_.endpoint), reason, delay_.count()));
  retry_.start(delay_);
  delay_ = std::min(2 * delay_, station_.last_retry);
}

BmpConnectionCounters BmpConnection::counters() const {
  BmpConnectionCounters result = counters_;
  if (feed_) result.routes_left += feed_->counters().left_out;
  return result;
}

void BmpConnection::peer_up(const monitoring::PeerSession& session) {
  if (!feed_) return;
  feed_->peer_up(session);
  told();
}

void BmpConnection::peer_down(monitoring::PeerKey peer, const monitoring::DownReason& reason,
                              monitoring::Timestamp time) {
  if (!feed_) return;
  feed_->peer_down(peer, reason, time);
  told();
}

void BmpConnection::routes_changed(const monitoring::RouteChange& change) {
  if (!feed_) return;
  feed_->routes_changed(change);
  told();
}

void BmpConnection::routes_judged(const monitoring::RouteChange& change) {
  if (!feed_) return;
  feed_->routes_judged(change);
  told();
}

void BmpConnection::end_of_rib(monitoring::PeerKey peer, net::Family family,
                               monitoring::Timestamp time) {
  if (!feed_) return;
  feed_->end_of_rib(peer, family, time);
  told();
}

void BmpConnection::statistics(monitoring::PeerKey peer,
                               std::span<const monitoring::Statistic> values,
                               monitoring::Timestamp time) {
  if (!feed_) return;
  feed_->statistics(peer, values, time);
  told();
}

}  // namespace fabrix::controller
