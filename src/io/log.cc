#include "io/log.h"

#include <array>
#include <memory>
#include <string>

#include <fmt/core.h>
#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>

namespace fabrix::io {
namespace {

constexpr std::array<std::string_view, 6> kNames{"trace",   "debug", "info",
                                                 "warning", "error", "off"};

spdlog::level::level_enum to_spdlog(LogLevel level) {
  switch (level) {
    case LogLevel::kTrace:
      return spdlog::level::trace;
    case LogLevel::kDebug:
      return spdlog::level::debug;
    case LogLevel::kInfo:
      return spdlog::level::info;
    case LogLevel::kWarning:
      return spdlog::level::warn;
    case LogLevel::kError:
      return spdlog::level::err;
    case LogLevel::kOff:
      break;
  }
  return spdlog::level::off;
}

// The one object of the process that has no owner: whoever logs must not depend on who was
// constructed first.
spdlog::logger& logger() {
  static const auto instance = [] {
    auto made = std::make_unique<spdlog::logger>("fabrix",
                                                 std::make_shared<spdlog::sinks::stderr_sink_mt>());
    made->set_formatter(std::make_unique<spdlog::pattern_formatter>(
        "%Y-%m-%dT%H:%M:%S.%fZ %-7l %v", spdlog::pattern_time_type::utc));
    made->set_level(spdlog::level::info);
    made->flush_on(spdlog::level::trace);
    return made;
  }();
  return *instance;
}

// Part of a message may come from a peer: it must not be able to begin a line of its own.
std::string printable(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  for (const char c : text) {
    const auto octet = static_cast<unsigned char>(c);
    if (octet >= 0x20 && octet != 0x7f) {
      result.push_back(c);
    } else {
      result += fmt::format("\\x{:02x}", octet);
    }
  }
  return result;
}

}  // namespace

std::optional<LogLevel> parse_log_level(std::string_view text) {
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (kNames.at(i) == text) return static_cast<LogLevel>(i);
  }
  return std::nullopt;
}

std::string_view to_string(LogLevel level) {
  return kNames.at(static_cast<std::size_t>(level));
}

void set_log_level(LogLevel level) {
  logger().set_level(to_spdlog(level));
}

LogLevel log_level() {
  const auto current = logger().level();
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (to_spdlog(static_cast<LogLevel>(i)) == current) return static_cast<LogLevel>(i);
  }
  return LogLevel::kOff;
}

void log(LogLevel level, std::string_view component, std::string_view message) {
  if (!logs(level)) return;
  logger().log(to_spdlog(level), "{:<12} {}", component, printable(message));
}

}  // namespace fabrix::io
