#include "controller/port_record.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "base/number.h"
#include "io/file.h"
#include "io/log.h"

namespace fabrix::controller {
namespace {

using exchange::Standing;
using std::chrono::milliseconds;

constexpr std::string_view kFirstLine = "fabrix ports 1";

struct Word {
  Standing standing;
  std::string_view text;
};
constexpr std::array kWords{Word{Standing::kQuarantined, "quarantined"},
                            Word{Standing::kShutDown, "shutdown"}};

// The text up to `end`, which is taken off with it; all of it where there is no end.
std::string_view take(std::string_view& text, char end) {
  const std::size_t at = std::min(text.find(end), text.size());
  const std::string_view taken = text.substr(0, at);
  text.remove_prefix(std::min(at + 1, text.size()));
  return taken;
}

std::optional<RecordedPort> parse_port(std::string_view line) {
  const auto word = take(line, ' ');
  const auto* const known = std::ranges::find(kWords, word, &Word::text);
  const auto since = take(line, ' ');
  RecordedPort port;
  const auto time = parse_number<decltype(port.since)>(since);
  if (known == kWords.end() || !time) return std::nullopt;
  port.since = *time;
  port.standing = known->standing;
  port.router = take(line, ' ');
  port.reason = line;
  if (port.router.empty()) return std::nullopt;
  return port;
}

std::vector<RecordedPort> ports_of(const Controller& controller) {
  std::vector<RecordedPort> all;
  for (const exchange::Router& router : controller.exchange().routers) {
    const auto* order = controller.port_order(router.id);
    if (order == nullptr || !router.present) continue;
    const auto since =
        std::chrono::duration_cast<milliseconds>(order->since.time_since_epoch()).count();
    all.push_back({.standing = router.standing,
                   .since = since,
                   .router = router.name,
                   .reason = order->reason});
  }
  return all;
}

}  // namespace

std::string format_ports(const std::vector<RecordedPort>& all) {
  std::string text = fmt::format("{}\n", kFirstLine);
  for (const RecordedPort& port : all) {
    const auto* const known = std::ranges::find(kWords, port.standing, &Word::standing);
    if (known == kWords.end()) continue;  // it is open
    std::string reason = port.reason;
    std::ranges::replace_if(
        reason, [](char each) { return each == '\n' || each == '\r'; }, ' ');
    text += fmt::format("{} {} {} {}\n", known->text, port.since, port.router, reason);
  }
  return text;
}

std::optional<std::vector<RecordedPort>> parse_ports(std::string_view text) {
  if (take(text, '\n') != kFirstLine) return std::nullopt;
  std::vector<RecordedPort> all;
  while (!text.empty()) {
    if (text.find('\n') == std::string_view::npos) return std::nullopt;  // cut short
    auto port = parse_port(take(text, '\n'));
    if (!port) return std::nullopt;
    all.push_back(*std::move(port));
  }
  return all;
}

PortRecord::PortRecord(Controller& controller, std::string path)
    : controller_(controller), path_(std::move(path)) {}

PortRecord::~PortRecord() {
  if (keeps_) controller_.on_standings = nullptr;
}

std::vector<std::string> PortRecord::restore() {
  std::error_code unknown;
  if (!std::filesystem::exists(path_, unknown)) return {};
  const auto text = io::read_file(path_, kMostOctets);
  const auto all = text ? parse_ports(*text) : std::nullopt;
  if (!all) return {"closed ports not taken over: " + path_ + " is no record of them"};
  std::vector<std::string> problems;
  for (const RecordedPort& port : *all) {
    const exchange::Router* router = controller_.exchange().find_router(port.router);
    if (router == nullptr) {
      problems.push_back(
          fmt::format("the port of {} stays {} no longer: there is no such router", port.router,
                      port.standing == Standing::kShutDown ? "shut down" : "in quarantine"));
      continue;
    }
    controller_.restore_standing(
        router->id, port.standing,
        {.since = std::chrono::system_clock::time_point(milliseconds(port.since)),
         .reason = port.reason});
  }
  return problems;
}

void PortRecord::keep() {
  keeps_ = true;
  controller_.on_standings = [this] { write(); };
  write();
}

void PortRecord::write() const {
  const auto done = io::replace_file(path_, format_ports(ports_of(controller_)));
  if (!done) {
    io::log_warning("controller",
                    fmt::format("closed ports not recorded reason=\"{}\"", done.error().message));
  }
}

}  // namespace fabrix::controller
