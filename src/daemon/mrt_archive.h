// MrtArchive: a directory with the table every so often and all that happened in between, as MRT
// files (RFC 6396), the way public route collectors lay them out.
//
// The dump of 2026-05-04 10:00 UTC is DIRECTORY/rib.20260504.1000.mrt; the updates are
// controller::MrtUpdates's. Dumps begin at multiples of their interval; one that is still under way
// when the next is due lets that one pass. Files are never removed. Loop's thread only.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "controller/mrt_dump.h"
#include "controller/mrt_updates.h"
#include "daemon/session_watch.h"
#include "io/event_loop.h"
#include "monitoring/table.h"

namespace fabrix::daemon {

struct MrtArchiveOptions {
  std::string directory;  // must be there
  std::chrono::seconds table_interval{7200};
  std::chrono::seconds updates_interval{300};
  std::uint32_t collector_id = 0;
  std::string view_name;
};

class MrtArchive {
 public:
  // All outlive the archive.
  MrtArchive(io::EventLoop& loop, MrtArchiveOptions options, SessionWatch& watch,
             const monitoring::TableSource& table);
  ~MrtArchive();
  MrtArchive(const MrtArchive&) = delete;
  MrtArchive& operator=(const MrtArchive&) = delete;
  MrtArchive(MrtArchive&&) = delete;
  MrtArchive& operator=(MrtArchive&&) = delete;

  controller::MrtUpdatesCounters counters() const { return updates_.counters(); }

 private:
  void arm();
  void dump();

  io::EventLoop& loop_;
  MrtArchiveOptions options_;
  SessionWatch& watch_;
  const monitoring::TableSource& table_;
  controller::MrtUpdates updates_;
  std::unique_ptr<controller::MrtDump> dump_;  // under way, or the last one
  bool is_dumping_ = false;
  io::Timer timer_;
};

}  // namespace fabrix::daemon
