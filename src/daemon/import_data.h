// ImportData: an ImportWorker on a thread of its own, and the controller that is to know what it
// finds. The loop is held up neither by half a million VRPs nor by a large IRR file: it is given
// finished tables, and judges the routes again that they concern, from what is in the tables: no
// member is asked for its routes again (RFC 9324 §3 asks for that).
//
// Files are looked at again every kFilesEvery, and when the configuration was read again. Loop's
// thread only.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "controller/controller.h"
#include "daemon/file_problem.h"
#include "daemon/import_worker.h"
#include "io/event_loop.h"
#include "rpki/rpki_state.h"

namespace fabrix::daemon {

class ImportData {
 public:
  static constexpr std::chrono::seconds kFilesEvery{60};

  // Reads the files that the controller's configuration names, which are relative to `directory`,
  // and begins to dial the caches. The controller must outlive it.
  ImportData(io::EventLoop& loop, controller::Controller& controller,
             std::filesystem::path directory);
  ~ImportData();
  ImportData(const ImportData&) = delete;
  ImportData& operator=(const ImportData&) = delete;
  ImportData(ImportData&&) = delete;
  ImportData& operator=(ImportData&&) = delete;

  // The configuration may be another one, and files may have changed: waits until they are read and
  // in use.
  void refresh();

  // Likewise, without waiting: what is new comes from the loop.
  void look_again();

  // As of the last refresh.
  const std::vector<FileProblem>& problems() const { return state_.problems; }
  rpki::RpkiStatus rpki_status() const;

 private:
  // What the thread has found and the loop has not taken; at most one of each.
  struct Mail {
    std::optional<ImportNews> news;
    std::optional<ImportState> state;
  };

  void run(const std::filesystem::path& directory);
  void deliver(ImportNews news);
  void deliver(ImportState state);
  void announce_mail(bool was_empty);
  void take_mail();

  io::EventLoop& loop_;
  controller::Controller& controller_;
  ImportState state_;
  io::Clock::time_point state_time_;
  std::mutex mutex_;  // of mail_, for the time of a move
  Mail mail_;
  // Expires with this object: tells what the thread has posted that there is nobody to take it.
  std::shared_ptr<const bool> alive_ = std::make_shared<const bool>(true);
  std::weak_ptr<const bool> alive_for_thread_ = alive_;
  io::Timer files_timer_;
  io::EventLoop worker_loop_;
  std::optional<ImportWorker> worker_;  // made, used and destroyed by the thread
  std::jthread thread_;
};

}  // namespace fabrix::daemon
