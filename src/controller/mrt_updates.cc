#include "controller/mrt_updates.h"

#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <unistd.h>

#include "base/assert.h"
#include "io/log.h"

namespace fabrix::controller {
namespace {

using std::chrono::seconds;

// Written at once when so much waits.
constexpr std::size_t kPiece = std::size_t{256} << 10U;
constexpr mode_t kMode = 0644;

std::chrono::sys_seconds begin_of_period(monitoring::Timestamp time, seconds period) {
  const auto count = std::chrono::floor<seconds>(time).time_since_epoch() / period;
  return std::chrono::sys_seconds(count * period);
}

// All of `octets` or nothing of them.
Result<void> append(int file, std::span<const std::byte> octets) {
  const off_t before = lseek(file, 0, SEEK_END);
  while (!octets.empty()) {
    const ssize_t count = write(file, octets.data(), octets.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) {
      const auto error = io::errno_error("write");
      // Should that fail, too, a reader finds a truncated record: no worse than the full disk.
      std::ignore = ftruncate(file, before);
      return fail(error);
    }
    octets = octets.subspan(static_cast<std::size_t>(count));
  }
  return {};
}

}  // namespace

MrtUpdates::MrtUpdates(io::EventLoop& loop, MrtUpdatesOptions options,
                       std::span<const monitoring::PeerSession> peers)
    : options_(std::move(options)), timer_(loop, [this] { tick(); }) {
  FABRIX_ASSERT(options_.period > seconds(0));
  log_.start(peers);
  period_begin_ = begin_of_period(now(), options_.period);
  open_file();
  timer_.start(options_.delay);
}

MrtUpdates::~MrtUpdates() {
  flush();
}

void MrtUpdates::peer_up(const monitoring::PeerSession& session) {
  turn_to(session.since);
  log_.peer_up(session);
  recorded();
}

void MrtUpdates::peer_down(monitoring::PeerKey peer, const monitoring::DownReason& reason,
                           monitoring::Timestamp time) {
  turn_to(time);
  log_.peer_down(peer, reason, time);
  recorded();
}

void MrtUpdates::routes_changed(const monitoring::RouteChange& change) {
  turn_to(change.time);
  log_.routes_changed(change);
  recorded();
}

void MrtUpdates::routes_judged(const monitoring::RouteChange& change) {
  log_.routes_judged(change);
}

void MrtUpdates::end_of_rib(monitoring::PeerKey peer, net::Family family,
                            monitoring::Timestamp time) {
  turn_to(time);
  log_.end_of_rib(peer, family, time);
  recorded();
}

void MrtUpdates::statistics(monitoring::PeerKey peer, std::span<const monitoring::Statistic> values,
                            monitoring::Timestamp time) {
  log_.statistics(peer, values, time);
}

MrtUpdatesCounters MrtUpdates::counters() const {
  return {.records = log_.counters().records,
          .left_out = log_.counters().left_out,
          .files = files_,
          .octets_lost = octets_lost_};
}

// The file of an event is that of its time, unless the clock goes back: files only follow each
// other.
void MrtUpdates::turn_to(monitoring::Timestamp time) {
  const auto begin = begin_of_period(time, options_.period);
  if (begin <= period_begin_) return;
  flush();
  period_begin_ = begin;
  open_file();
}

void MrtUpdates::open_file() {
  path_ = fmt::format("{}/updates.{:%Y%m%d.%H%M}.mrt", options_.directory,
                      fmt::gmtime(std::chrono::system_clock::to_time_t(period_begin_)));
  file_ = io::FileDescriptor(open(path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, kMode));
  if (!file_.valid()) return failed(io::errno_error("open"));
  ++files_;
}

void MrtUpdates::flush() {
  const auto octets = log_.take();
  if (octets.empty()) return;
  if (!file_.valid()) {
    octets_lost_ += octets.size();
    return;
  }
  const auto written = append(file_.get(), octets);
  if (written) {
    failing_ = false;
  } else {
    octets_lost_ += octets.size();
    failed(written.error());
  }
}

void MrtUpdates::recorded() {
  if (log_.pending() >= kPiece) flush();
}

void MrtUpdates::tick() {
  flush();
  turn_to(now());
  timer_.start(options_.delay);
}

void MrtUpdates::failed(const Error& error) {
  if (std::exchange(failing_, true)) return;
  io::log_error("mrt",
                fmt::format("cannot record updates file={} reason=\"{}\"", path_, error.message));
}

monitoring::Timestamp MrtUpdates::now() const {
  if (options_.clock) return options_.clock();
  return std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
}

}  // namespace fabrix::controller
