// The section `exchange.route_server` of exchange.yaml: where the route server is, what holds for
// all participants, and where its data comes from and goes to.
#pragma once

#include "exchange/claims.h"
#include "exchange/exchange.h"
#include "exchange/import_reader.h"
#include "exchange/session_reader.h"
#include "exchange/yaml_reader.h"

namespace fabrix::exchange {

// What participants' own sections are read over.
struct Defaults {
  SessionPolicy session;
  ImportSettings import;
  SecretReader secrets;  // may be empty
};

// Fills `site` from the map `node`, and `defaults` but for its secrets.
void read_route_server(YamlReader& reader, const YamlNode& node, Claims& claims,
                       RouteServerSite& site, Defaults& defaults);

}  // namespace fabrix::exchange
