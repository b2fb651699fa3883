// MrtUpdates: what happens, in files of BGP4MP_ET records, one file a period (RFC 6396 §4.4).
//
// The file of the period that begins at 2026-05-04 10:15 UTC is
// DIRECTORY/updates.20260504.1015.mrt; one that is there is continued. Records reach it a second
// after their event, whole; of a write that fails nothing stays in the file. Periods begin at
// multiples of their length since 1970.
//
// Loop's thread only. Destruction writes what is left.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>

#include "base/result.h"
#include "io/event_loop.h"
#include "io/file_descriptor.h"
#include "monitoring/table.h"
#include "monitoring/update_log.h"

namespace fabrix::controller {

struct MrtUpdatesOptions {
  std::string directory;
  std::chrono::seconds period{900};  // positive
  std::chrono::milliseconds delay{1000};
  std::function<monitoring::Timestamp()> clock = {};  // none: the system's
};

struct MrtUpdatesCounters {
  std::uint64_t records = 0;
  std::uint64_t left_out = 0;  // changes that no record can say
  std::uint64_t files = 0;
  std::uint64_t octets_lost = 0;  // in writes that failed

  friend bool operator==(const MrtUpdatesCounters&, const MrtUpdatesCounters&) = default;
};

class MrtUpdates final : public monitoring::Observer {
 public:
  // Opens the first file; `peers` are those already established. `options.period` is positive.
  MrtUpdates(io::EventLoop& loop, MrtUpdatesOptions options,
             std::span<const monitoring::PeerSession> peers);
  ~MrtUpdates() override;
  MrtUpdates(const MrtUpdates&) = delete;
  MrtUpdates& operator=(const MrtUpdates&) = delete;
  MrtUpdates(MrtUpdates&&) = delete;
  MrtUpdates& operator=(MrtUpdates&&) = delete;

  void peer_up(const monitoring::PeerSession& session) override;
  void peer_down(monitoring::PeerKey peer, const monitoring::DownReason& reason,
                 monitoring::Timestamp time) override;
  void routes_changed(const monitoring::RouteChange& change) override;
  void routes_judged(const monitoring::RouteChange& change) override;
  void end_of_rib(monitoring::PeerKey peer, net::Family family,
                  monitoring::Timestamp time) override;
  void statistics(monitoring::PeerKey peer, std::span<const monitoring::Statistic> values,
                  monitoring::Timestamp time) override;

  MrtUpdatesCounters counters() const;

 private:
  void turn_to(monitoring::Timestamp time);
  void open_file();
  void flush();
  void recorded();
  void tick();
  void failed(const Error& error);
  monitoring::Timestamp now() const;

  MrtUpdatesOptions options_;
  io::Timer timer_;
  monitoring::UpdateLog log_;
  std::chrono::sys_seconds period_begin_;
  std::string path_;
  io::FileDescriptor file_;
  std::uint64_t files_ = 0;
  std::uint64_t octets_lost_ = 0;
  bool failing_ = false;  // said in the log
};

}  // namespace fabrix::controller
