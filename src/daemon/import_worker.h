// ImportWorker: keeps what the import filters know besides the configuration up to date: VRPs and
// ASPAs from RTR caches (controller/rpki_feed.h), a file and SLURM exceptions, and the members' IRR
// sets.
//
// Reading and sorting a million of them takes its time: ImportData gives it a thread of its own. A
// bad file leaves the last good data in use, and is a line in the log once and a problem until it
// is good again. New VRPs and ASPAs have only the routes judged again that they can concern (RFC
// 6811 §5, draft-ietf-sidrops-aspa-verification §5.6).
//
// When the caches are others than before, what the old ones said stays in use until a new one has
// data, but no longer than kHandover. The thread of its loop only.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "controller/rpki_feed.h"
#include "daemon/file_problem.h"
#include "daemon/irr_files.h"
#include "daemon/watched_file.h"
#include "exchange/exchange.h"
#include "io/event_loop.h"
#include "routeserver/import_filter.h"
#include "rpki/rpki_state.h"
#include "rpki/vrp_changes.h"

namespace fabrix::daemon {

// What a configuration names.
struct ImportSources {
  std::vector<exchange::ServerAddress> caches;
  std::string vrps_file;
  std::string slurm_file;
  std::vector<exchange::IrrRule> irr;  // by participant; nothing of those that are not present
};

ImportSources sources_of(const exchange::Exchange& exchange);

// All that is in use from now on.
struct ImportNews {
  routeserver::ImportData data;
  // Besides those whose path is judged otherwise, the routes to these prefixes are concerned. Null:
  // every route.
  std::shared_ptr<const rpki::PrefixCover> changed;
};

// For people.
struct ImportState {
  rpki::RpkiStatus rpki;
  std::vector<FileProblem> problems;  // of the files as they are now
};

// None may be empty, or destroy the worker.
struct ImportHandlers {
  std::function<void(ImportNews)> on_news;
  std::function<void(ImportState)> on_state;
};

class ImportWorker {
 public:
  static constexpr std::chrono::seconds kHandover{60};

  // Names of files are relative to `directory`.
  ImportWorker(io::EventLoop& loop, std::filesystem::path directory, ImportHandlers handlers);

  // Dials the caches that are named now, and looks at the files.
  void refresh(const ImportSources& sources);

 private:
  void refresh_caches(const std::vector<exchange::ServerAddress>& caches);
  void refresh_local(const ImportSources& sources);
  void take(const rpki::RpkiTables& tables);
  void end_handover();
  void tell(std::shared_ptr<const rpki::PrefixCover> changed);
  void tell_state();
  std::vector<FileProblem> problems() const;
  void log_news();

  io::EventLoop& loop_;
  std::filesystem::path directory_;
  ImportHandlers handlers_;
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
  io::Timer handover_timer_;
};

// What is wrong with the files that a configuration names, nothing being used.
std::vector<FileProblem> check_import_files(const exchange::Exchange& exchange,
                                            const std::filesystem::path& directory);

}  // namespace fabrix::daemon
