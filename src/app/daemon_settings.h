// DaemonSettings: what the command line of fabrixd says.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "controller/fabric_watch.h"
#include "daemon/fabric_host.h"
#include "io/log.h"

namespace fabrix::app {

struct DaemonSettings {
  bool help = false;  // nothing else holds then
  std::filesystem::path file;
  bool check = false;
  daemon::FabricChoice fabric;
  std::string socket;
  std::optional<std::uint16_t> bgp_port;
  std::chrono::seconds audit_every = controller::kAuditEvery;
  std::optional<io::LogLevel> log_level;
};

// Fails with what is wrong; an empty message: only the usage helps.
Result<DaemonSettings> read_daemon_settings(std::span<const std::string> words);

std::string_view daemon_usage();

}  // namespace fabrix::app
