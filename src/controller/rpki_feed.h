// RpkiFeed: the VRPs that hold now, from RTR caches, files and exceptions, kept up to date.
//
// It owns a connection per cache and an rpki::VrpSources, which decides between them, and calls
// back whenever the table has changed: with new data, and when data expires. Each change of what
// people should know is one line in the log, component `rpki`. Loop's thread only.
#pragma once

#include <functional>
#include <memory>
#include <string>
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
  using OnVrps = std::function<void(std::shared_ptr<const rpki::VrpTable>)>;

  // Most preferred cache first; there may be none. `on_vrps` comes from the loop, or within
  // set_static() and set_slurm(), and never with the same table twice in a row. Before its first
  // call the table is empty. It must not destroy the feed.
  RpkiFeed(io::EventLoop& loop, std::vector<RpkiCacheConfig> caches, OnVrps on_vrps);

  // Begins to dial. Once.
  void start();

  void set_static(const std::vector<rpki::StaticVrp>& vrps);
  void set_slurm(rpki::Slurm slurm);

  rpki::RpkiStatus status() const { return sources_.status(io::EventLoop::now()); }

 private:
  void link_changed(rpki::CacheId cache, rpki::CacheLink link, const std::string& detail);
  void publish();

  rpki::VrpSources sources_;
  std::vector<std::unique_ptr<RtrConnection>> connections_;
  io::Timer timer_;
  OnVrps on_vrps_;
  std::shared_ptr<const rpki::VrpTable> published_;
  std::string logged_;
};

}  // namespace fabrix::controller
