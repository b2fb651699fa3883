// ImportData: what the import filters know besides the configuration, kept up to date: VRPs and
// ASPAs from RTR caches (controller/rpki_feed.h), a file and SLURM exceptions, and the members' IRR
// sets.
//
// Files are looked at again every kFilesEvery, and when the configuration was read again; a bad one
// leaves the last good data in use, and is a line in the log once and a problem until it is good
// again. New VRPs and ASPAs have only the routes judged again that they can concern (RFC 6811 §5,
// draft-ietf-sidrops-aspa-verification §5.6), from what is in the tables: no member is asked for
// its routes again (RFC 9324 §3 asks for that).
//
// When the caches are others than before, what the old ones said stays in use until a new one has
// data, but no longer than kHandover. Loop's thread only.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "controller/controller.h"
#include "controller/rpki_feed.h"
#include "daemon/file_problem.h"
#include "daemon/irr_files.h"
#include "daemon/watched_file.h"
#include "exchange/exchange.h"
#include "io/event_loop.h"
#include "rpki/rpki_state.h"

namespace fabrix::daemon {

class ImportData {
 public:
  static constexpr std::chrono::seconds kFilesEvery{60};
  static constexpr std::chrono::seconds kHandover{60};

  // Reads the files that the controller's configuration names, which are relative to `directory`,
  // and begins to dial the caches. The controller must outlive it.
  ImportData(io::EventLoop& loop, controller::Controller& controller,
             std::filesystem::path directory);

  // The configuration may be another one, and files may have changed.
  void refresh();

  // Of the files as they are now.
  std::vector<FileProblem> problems() const;

  rpki::RpkiStatus rpki_status() const { return feed_->status(); }

 private:
  void refresh_caches();
  void refresh_local();
  void refresh_irr();
  void take(const rpki::RpkiTables& tables);
  void end_handover();
  void log_news();

  io::EventLoop& loop_;
  controller::Controller& controller_;
  std::filesystem::path directory_;
  std::vector<exchange::ServerAddress> caches_;
  std::unique_ptr<controller::RpkiFeed> feed_;
  rpki::RpkiTables tables_;  // in use
  rpki::RpkiTables newest_;  // of feed_
  bool handover_ = false;
  std::optional<WatchedFile> vrps_file_;
  std::optional<WatchedFile> slurm_file_;
  rpki::StaticData static_data_;
  rpki::Slurm slurm_;
  std::optional<FileProblem> vrps_problem_;
  std::optional<FileProblem> slurm_problem_;
  IrrFiles irr_;
  std::vector<FileProblem> logged_;
  io::Timer files_timer_;
  io::Timer handover_timer_;
};

// What is wrong with the files that a configuration names, nothing being used.
std::vector<FileProblem> check_import_files(const exchange::Exchange& exchange,
                                            const std::filesystem::path& directory);

}  // namespace fabrix::daemon
