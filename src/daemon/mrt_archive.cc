#include "daemon/mrt_archive.h"

#include <utility>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "io/log.h"

namespace fabrix::daemon {
namespace {

using std::chrono::system_clock;

constexpr std::string_view kComponent = "mrt";

}  // namespace

MrtArchive::MrtArchive(io::EventLoop& loop, MrtArchiveOptions options, SessionWatch& watch,
                       const monitoring::TableSource& table)
    : loop_(loop),
      options_(std::move(options)),
      watch_(watch),
      table_(table),
      updates_(loop, {.directory = options_.directory, .period = options_.updates_interval},
               table.peers()),
      timer_(loop, [this] { dump(); }) {
  watch_.add(updates_);
  arm();
}

MrtArchive::~MrtArchive() {
  watch_.remove(updates_);
}

// For the next multiple of the interval.
void MrtArchive::arm() {
  const auto now = system_clock::now().time_since_epoch();
  const auto into =
      now % std::chrono::duration_cast<system_clock::duration>(options_.table_interval);
  timer_.start(options_.table_interval - into);
}

void MrtArchive::dump() {
  arm();
  if (std::exchange(is_dumping_, true)) {
    io::log_warning(kComponent, "table dump left out: the one before is not done");
    return;
  }
  const auto minute = std::chrono::floor<std::chrono::seconds>(system_clock::now());
  const std::string path = fmt::format("{}/rib.{:%Y%m%d.%H%M}.mrt", options_.directory, minute);
  dump_ = std::make_unique<controller::MrtDump>(
      loop_, table_, path,
      monitoring::TableDumpOptions{.collector_id = options_.collector_id,
                                   .view_name = options_.view_name},
      [this, path](const Result<monitoring::TableDumpCounters>& outcome) {
        is_dumping_ = false;
        if (!outcome) {
          io::log_error(kComponent, "table dump failed: " + outcome.error().message);
          return;
        }
        io::log_info(kComponent,
                     fmt::format("table dumped file={} peers={} routes={} left_out={}", path,
                                 outcome->peers, outcome->routes, outcome->left_out));
      });
}

}  // namespace fabrix::daemon
