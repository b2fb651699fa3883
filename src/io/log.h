// The log: lines of text to stderr, one logger per component.
//
//     2026-05-04T10:11:12.123456Z info  session  peer up peer=64500 address=192.0.2.1
//
// The message is formatted by the caller as `event key=value ...`, lower case. info: an operator
// would act on it; debug: a developer would. Nothing logs per packet or per route above trace. Any
// thread; the level is of the process.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace fabrix::io {

enum class LogLevel : std::uint8_t { kTrace, kDebug, kInfo, kWarning, kError, kOff };

std::optional<LogLevel> parse_log_level(std::string_view text);
std::string_view to_string(LogLevel level);

// What is below is dropped; kInfo until set.
void set_log_level(LogLevel level);
LogLevel log_level();

// Whether a message would be written: for those that are expensive to make.
inline bool logs(LogLevel level) {
  return level >= log_level();
}

void log(LogLevel level, std::string_view component, std::string_view message);

inline void log_trace(std::string_view component, std::string_view message) {
  log(LogLevel::kTrace, component, message);
}
inline void log_debug(std::string_view component, std::string_view message) {
  log(LogLevel::kDebug, component, message);
}
inline void log_info(std::string_view component, std::string_view message) {
  log(LogLevel::kInfo, component, message);
}
inline void log_warning(std::string_view component, std::string_view message) {
  log(LogLevel::kWarning, component, message);
}
inline void log_error(std::string_view component, std::string_view message) {
  log(LogLevel::kError, component, message);
}

}  // namespace fabrix::io
