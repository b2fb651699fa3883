#include "controller/run_record.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "io/file.h"
#include "io/log.h"

namespace fabrix::controller {
namespace {

constexpr std::string_view kFirstLine = "fabrix sessions 1\n";
constexpr std::size_t kMostOctets = std::size_t{4} << 20U;

}  // namespace

std::string format_sessions(const Sessions& sessions) {
  std::string text(kFirstLine);
  for (const net::IpAddress& address : sessions) text += address.to_string() + "\n";
  return text;
}

std::optional<Sessions> parse_sessions(std::string_view text) {
  if (!text.starts_with(kFirstLine)) return std::nullopt;
  text.remove_prefix(kFirstLine.size());
  Sessions sessions;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) return std::nullopt;
    const auto address = net::IpAddress::parse(text.substr(0, end));
    if (!address) return std::nullopt;
    sessions.push_back(*address);
    text.remove_prefix(end + 1);
  }
  return sessions;
}

RunRecord::RunRecord(io::EventLoop& loop, std::string path)
    : path_(std::move(path)), timer_(loop, [this] { write(); }) {
  std::error_code unknown;
  found_ = std::filesystem::exists(path_, unknown);
  if (!found_) return;
  const auto text = io::read_file(path_, kMostOctets);
  if (text) before_ = parse_sessions(*text);
}

void RunRecord::keep(std::function<Sessions()> sessions) {
  sessions_ = std::move(sessions);
  write();
}

void RunRecord::changed() {
  if (!sessions_ || timer_.is_running()) return;
  timer_.start_at(std::max(io::EventLoop::now(), written_ + kLeastBetween));
}

void RunRecord::finish() {
  sessions_ = {};
  timer_.cancel();
  std::error_code ignored;  // Then the next process waits for those that do not come.
  std::filesystem::remove(path_, ignored);
}

// A file that cannot be written costs the members' patience after a crash, nothing now.
void RunRecord::write() {
  written_ = io::EventLoop::now();
  const auto done = io::replace_file(path_, format_sessions(sessions_()));
  if (!done) {
    io::log_warning("bgp",
                    fmt::format("sessions not recorded reason=\"{}\"", done.error().message));
  }
}

}  // namespace fabrix::controller
