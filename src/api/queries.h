// Queries: the exchange's state as JSON, for the command line, scripts and later the console. One
// stable shape for each `fabrix show` object: an array of flat objects, in a stable order. Routes
// and neighbours are in route_queries.h and neighbor_queries.h. Read-only; control thread.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/value.hpp>

#include "base/result.h"
#include "controller/bgp_server.h"
#include "controller/controller.h"
#include "exchange/fabric_attach.h"
#include "net/ids.h"
#include "rpki/rpki_state.h"

namespace fabrix::api {

class BadUpdates;

struct Sources {
  const controller::Controller* controller = nullptr;
  const controller::BgpServer* bgp = nullptr;                    // null: no sessions on the network
  std::function<rpki::RpkiStatus()> rpki_status = {};            // empty: there is no RPKI data
  const BadUpdates* bad_updates = nullptr;                       // null: nobody keeps them
  std::function<std::vector<std::string>()> fabric_faults = {};  // in words; empty: none are known
  // Of the ports of a fabric that is in this machine's kernel; empty: it is not.
  std::function<std::optional<exchange::PortAttach>(net::PortNo)> attach_of = {};
};

boost::json::value show_status(const Sources& sources);
boost::json::value show_participants(const Sources& sources);
boost::json::value show_classes(const Sources& sources);
boost::json::value show_policies(const Sources& sources);
boost::json::value show_rules(const Sources& sources);
boost::json::value show_notices(const Sources& sources);

// `packet` as net::parse_packet() takes it, sent by the router of that name.
Result<boost::json::value> trace(const Sources& sources, std::string_view router,
                                 std::string_view packet);

// A diagnostic as an object: severity, code, message, file, line, column, length, witness, help.
boost::json::value to_json(const Diagnostic& diagnostic);

}  // namespace fabrix::api
