// The key `exchange.telemetry.scripts` of exchange.yaml: programs beside the telemetry engine, and
// what they may do (docs/scripts.md).
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "exchange/yaml_reader.h"

namespace fabrix::exchange {

inline constexpr std::size_t kMaxScripts = 64;

struct ScriptSite {
  std::vector<std::string> files;
  std::string store;  // the directory of what they store; empty: it does not last
  std::vector<std::string> allow;
  std::vector<std::string> commands;
  std::map<std::string, std::string> properties;
  std::size_t memory_mib = 64;  // of each
  unsigned cpu_percent = 25;    // of a core, for each, in the long run

  friend bool operator==(const ScriptSite&, const ScriptSite&) = default;
};

// `node` is the key's value.
std::optional<ScriptSite> read_scripts(YamlReader& reader, const YamlNode& node);

}  // namespace fabrix::exchange
