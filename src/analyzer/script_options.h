// Which scripts run beside the engine, and what they may do (docs/scripts.md). Values.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "script/limits.h"

namespace fabrix::analyzer {

struct ScriptOptions {
  std::vector<std::string> files;
  std::string store;                  // the directory of what they store; empty: it does not last
  std::vector<std::string> allow;     // "https://odl.example.net:8181", "udp://192.0.2.1:514"
  std::vector<std::string> commands;  // programs that they may run; absolute paths
  std::string ca;                     // of TLS: trusted besides the system's authorities
  std::map<std::string, std::string> properties;
  script::Limits limits;
  std::string program;  // fabrix-script; empty: the one beside this program

  friend bool operator==(const ScriptOptions&, const ScriptOptions&) = default;
};

}  // namespace fabrix::analyzer
