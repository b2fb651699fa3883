// FabricTies: how Fabrix holds on to what carries the traffic: at which hook each port of a Linux
// fabric meets frames (the keys `attach` of exchange.yaml), and where the databases of switches are
// (`ovsdb`, `set_fail_mode`).
//
// It is kept apart from the Exchange: nothing of it concerns the tables. Values; any thread.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "exchange/fabric_attach.h"
#include "exchange/reload.h"
#include "exchange/stream_address.h"
#include "exchange/yaml_reader.h"

namespace fabrix::exchange {

struct FabricTies {
  FabricAttach attach = FabricAttach::kTc;               // of ports that say nothing else
  std::map<std::string, FabricAttach, std::less<>> own;  // by router; "": the route server's port
  // Databases of switches (RFC 7047), which are asked whether these are fail-secure; and whether to
  // make them so.
  std::vector<StreamAddress> ovsdb;
  bool set_fail_mode = false;

  FabricAttach of(std::string_view router) const;
  friend bool operator==(const FabricTies&, const FabricTies&) = default;
};

std::optional<FabricAttach> read_attach(YamlReader& reader, const YamlNode& node);

// `node` is the value of fabric; read_fabric() reads the rest.
void read_fabric_ties(YamlReader& reader, const YamlNode& node, FabricTies& ties);

// What a text says that load() takes; of another one the defaults.
FabricTies fabric_ties_of(std::string_view text);

// For people, as of a reload (reload.h).
std::vector<Change> differences(const FabricTies& was, const FabricTies& is);

}  // namespace fabrix::exchange
