// RpkiFeed: the VRPs and ASPAs that hold now, from RTR caches, files and exceptions, kept up to
// date.
//
// It owns a connection per cache and an rpki::VrpSources, which decides between them, and calls
// back whenever a table has changed: with new data, and when data expires. Each change of what
// people should know is one line in the log, component `rpki`. Loop's thread only.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "controller/rtr_connection.h"
#include "io/event_loop.h"
#include "rpki/rpki_state.h"

namespace fabrix::controller {

struct RpkiCacheConfig {
  std::string name;  // for people
  RtrConnectionConfig connection;
};

class RpkiFeed {
 public:
  using OnTables = std::function<void(const rpki::RpkiTables&)>;

  // Most preferred cache first; there may be none. `on_tables` comes from the loop, or within
  // set_static() and set_slurm(), and never with the same tables twice in a row. Before its first
  // call the tables are empty. It must not destroy the feed.
  RpkiFeed(io::EventLoop& loop, std::vector<RpkiCacheConfig> caches, OnTables on_tables);

  // `on_status` is told, likewise, that status() says something else now; set it before start().
  void set_on_status(std::function<void()> on_status) { on_status_ = std::move(on_status); }

  // Begins to dial. Once.
  void start();

  void set_static(const rpki::StaticData& data);
  void set_slurm(rpki::Slurm slurm);

  rpki::RpkiStatus status() const { return sources_.status(io::EventLoop::now()); }

 private:
  void link_changed(rpki::CacheId cache, rpki::CacheLink link, const std::string& detail);
  void publish();

  rpki::VrpSources sources_;
  std::vector<std::unique_ptr<RtrConnection>> connections_;
  io::Timer timer_;
  OnTables on_tables_;
  std::function<void()> on_status_ = [] {};
  rpki::RpkiTables published_;
  std::string logged_;
};

}  // namespace fabrix::controller
