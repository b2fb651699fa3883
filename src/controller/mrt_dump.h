// MrtDump: writes the table to a file as TABLE_DUMP_V2 (RFC 6396 §4.3), a slice at a time.
//
// Readers of the path see the old file or the whole new one: it is written beside it and renamed.
// A slice takes a few milliseconds of the loop; the final fsync, which may take seconds, runs on a
// thread of its own that touches nothing but the finished file. The dump is not a snapshot: each
// prefix is written as it is when its turn comes, as everybody's dumps are.
//
// Loop's thread only. Destruction gives up and removes the unfinished file.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "base/byte_writer.h"
#include "base/result.h"
#include "io/event_loop.h"
#include "io/file_descriptor.h"
#include "monitoring/table.h"
#include "monitoring/table_dump.h"

namespace fabrix::controller {

class MrtDump {
 public:
  // Comes once, from the loop; the dump may be destroyed then.
  using OnDone = std::function<void(const Result<monitoring::TableDumpCounters>&)>;

  // Begins at the next turn of the loop. `source` must outlive the dump.
  MrtDump(io::EventLoop& loop, const monitoring::TableSource& source, std::string path,
          monitoring::TableDumpOptions options, OnDone on_done);
  ~MrtDump();
  MrtDump(const MrtDump&) = delete;
  MrtDump& operator=(const MrtDump&) = delete;
  MrtDump(MrtDump&&) = delete;
  MrtDump& operator=(MrtDump&&) = delete;

 private:
  void slice();
  Result<void> begin();
  Result<void> some_prefixes();
  void one_prefix();
  Result<void> flush();
  void publish();
  void done(const Result<void>& outcome);

  io::EventLoop& loop_;
  const monitoring::TableSource& source_;
  std::string path_;
  std::string temporary_;  // empty: there is none
  OnDone on_done_;
  io::Timer turn_;
  io::FileDescriptor file_;
  monitoring::TableDump dump_;
  std::unique_ptr<monitoring::TableWalk> walk_;  // null: not begun, or at the end
  bool begun_ = false;
  ByteWriter out_;
  std::shared_ptr<MrtDump*> self_;  // what the thread posts looks here whether we are still there
  std::jthread publisher_;
};

}  // namespace fabrix::controller
