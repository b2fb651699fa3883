// What the `cfg` of ARouteServer's general.yml, and that of each client, say in exchange.yaml.
#pragma once

#include <cstdint>
#include <vector>

#include "exchange/settings.h"
#include "interchange/yaml_cursor.h"

namespace fabrix::interchange {

enum class CfgOwner : std::uint8_t { kGeneral, kClient };

struct PolicySettings {
  std::vector<exchange::Setting> session;  // values as YAML
  std::vector<exchange::Setting> import;
};

// ARouteServer's behaviour where its files say nothing.
PolicySettings arouteserver_defaults();

// Adds what the map `cfg` says, which may be nowhere; remarks on what has no counterpart.
void read_cfg(const YamlCursor& cfg, CfgOwner owner, PolicySettings& settings);

}  // namespace fabrix::interchange
