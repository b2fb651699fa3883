// EngineTable: the route server's table as monitors read it.
//
// A walk goes through the table's places in pieces and holds nothing of it but the routes of the
// prefix that it showed last; however many walks there are, the table changes under them as it
// likes. Control thread only.
#pragma once

#include <memory>
#include <vector>

#include "daemon/session_watch.h"
#include "monitoring/table.h"
#include "routeserver/route_server.h"

namespace fabrix::daemon {

class EngineTable final : public monitoring::TableSource {
 public:
  // Both must outlive the table.
  EngineTable(const routeserver::RouteServer& server, const SessionWatch& watch)
      : server_(server), watch_(watch) {}

  std::vector<monitoring::PeerSession> peers() const override;
  std::unique_ptr<monitoring::TableWalk> walk() const override;

 private:
  const routeserver::RouteServer& server_;
  const SessionWatch& watch_;
};

}  // namespace fabrix::daemon
