// Watcher: is told what sessions do to the routes, while they do it: where monitors are connected.
//
// Called by the controller, on its thread, in the order in which things happen. A watcher only
// looks: it calls nothing that changes the controller.
#pragma once

#include <chrono>

#include "bgp/update_message.h"
#include "routeserver/peer.h"
#include "routeserver/route_server.h"

namespace fabrix::controller {

class Watcher {
 public:
  Watcher() = default;
  Watcher(const Watcher&) = delete;
  Watcher& operator=(const Watcher&) = delete;
  Watcher(Watcher&&) = delete;
  Watcher& operator=(Watcher&&) = delete;
  virtual ~Watcher() = default;

  virtual void session_up(routeserver::PeerId peer) = 0;

  // Its routes have gone, or stay as stale ones.
  virtual void session_down(routeserver::PeerId peer) = 0;

  // An update is about to change the session's routes; then it has.
  virtual void updating(routeserver::PeerId peer, const bgp::UpdateMessage& update) = 0;
  virtual void updated(routeserver::PeerId peer, const bgp::UpdateMessage& update) = 0;

  // A Program was made and found right or wrong, which took so long.
  virtual void compiled(std::chrono::steady_clock::duration took) = 0;
  // The members' sessions may be told of what changed.
  virtual void released() = 0;

  // A route is not what it was, and no update said so.
  virtual void revised(const routeserver::Revision& revision) = 0;
};

}  // namespace fabrix::controller
