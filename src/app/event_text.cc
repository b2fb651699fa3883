#include "app/event_text.h"

#include <cstdint>
#include <string_view>

#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include "app/table.h"

namespace fabrix::app {
namespace {

namespace json = boost::json;

constexpr std::size_t kHexColumns = 96;

std::string text_of(const json::object& object, std::string_view key) {
  const json::value* const value = object.if_contains(key);
  if (value == nullptr) return "";
  return value->is_string() ? printable(value->get_string()) : json::serialize(*value);
}

const json::array& array_of(const json::object& object, std::string_view key,
                            const json::array& none) {
  const json::value* const value = object.if_contains(key);
  return value != nullptr && value->is_array() ? value->get_array() : none;
}

std::uint64_t number_of(const json::object& object, std::string_view key) {
  const json::value* const value = object.if_contains(key);
  if (value == nullptr || !value->is_number()) return 0;
  boost::system::error_code error;
  const auto number = value->to_number<std::uint64_t>(error);
  return error ? 0 : number;
}

// To the millisecond: "2026-05-04T10:11:12.123Z".
std::string time_of(const json::object& object) {
  constexpr std::string_view kShown = "2026-05-04T10:11:12.123";
  const std::string time = text_of(object, "time");
  return time.size() > kShown.size() ? time.substr(0, kShown.size()) + "Z" : time;
}

std::string with_commas(std::uint64_t number) {
  std::string digits = std::to_string(number);
  for (std::size_t at = digits.size(); at > 3;) digits.insert(at -= 3, ",");
  return digits;
}

std::string session_of(const json::object& event) {
  return fmt::format("{} ({})", text_of(event, "router"), text_of(event, "address"));
}

std::string route_words(const json::object& event) {
  std::string words =
      fmt::format("next hop {}, path {}", text_of(event, "next_hop"), text_of(event, "as_path"));
  const std::string origin = text_of(event, "origin");
  return words + (origin == "igp" ? " i" : origin == "egp" ? " e" : " ?");
}

// What is said of each prefix of an update or verdict.
std::string verdict_words(const json::object& event) {
  const std::string verdict = text_of(event, "verdict");
  if (verdict == "withdrawn") return event.contains("before") ? "withdrawn" : "withdrawn; unknown";
  std::string words = verdict;
  if (event.contains("reason")) words += ": " + text_of(event, "reason");
  return words + "; " + route_words(event);
}

std::string route_lines(const json::object& event, const std::string& begin) {
  const json::array none;
  const bool announced = text_of(event, "verdict") != "withdrawn";
  const bool judged = text_of(event, "event") == "verdict";
  const std::string words = verdict_words(event);
  const std::string_view mark = judged ? "=" : announced ? "+" : "-";
  std::string lines;
  for (const json::value& prefix : array_of(event, "prefixes", none)) {
    if (!prefix.is_string()) continue;
    lines += fmt::format("{}  {} {} {}  {}\n", begin, text_of(event, "router"), mark,
                         printable(prefix.get_string()), words);
  }
  return lines;
}

std::string update_text(const json::object& update) {
  const json::array none;
  std::string text = fmt::format("  {}  {}", time_of(update), text_of(update, "reaction"));
  if (update.contains("notification")) text += ", " + text_of(update, "notification");
  text += fmt::format(", {} octets\n", text_of(update, "octets"));
  for (const json::value& each : array_of(update, "faults", none)) {
    const json::object& fault = each.as_object();
    const std::string rule = text_of(fault, "rule");
    text += "    " + text_of(fault, "what") + (rule.empty() ? "\n" : " (" + rule + ")\n");
  }
  const std::string hex = text_of(update, "hex");
  for (std::size_t at = 0; at < hex.size(); at += kHexColumns) {
    text += "    " + hex.substr(at, kHexColumns) + "\n";
  }
  return text;
}

}  // namespace

std::string event_text(const json::object& event) {
  const std::string kind = text_of(event, "event");
  const std::string begin = time_of(event);
  if (kind == "update" || kind == "verdict") return route_lines(event, begin);
  std::string words;
  if (kind == "lost") {
    words = fmt::format("… {} events not shown: you read too slowly",
                        with_commas(number_of(event, "count")));
  } else if (kind == "session-up") {
    words = fmt::format("{} of {}, AS {}: up", session_of(event), text_of(event, "participant"),
                        text_of(event, "asn"));
  } else if (kind == "session-down") {
    words = fmt::format("{} of {}: down: {}", session_of(event), text_of(event, "participant"),
                        text_of(event, "reason"));
  } else if (kind == "end-of-rib") {
    words =
        fmt::format("{} has sent all its {} routes", session_of(event), text_of(event, "family"));
  } else if (kind == "malformed-update") {
    words = fmt::format("{} sent a malformed UPDATE: {}: {}", session_of(event),
                        text_of(event, "reaction"), text_of(event, "faults"));
  } else {
    words = printable(json::serialize(event));
  }
  return begin + "  " + words + "\n";
}

std::string render_bad(const json::array& neighbors) {
  const json::array none;
  std::string text;
  for (const json::value& each : neighbors) {
    const json::object& neighbor = each.as_object();
    text += fmt::format(
        "{} of {}, AS {}: {} with attributes discarded, {} treated as withdraw, "
        "{} session resets\n",
        session_of(neighbor), text_of(neighbor, "participant"), text_of(neighbor, "asn"),
        text_of(neighbor, "attributes_discarded"), text_of(neighbor, "treated_as_withdraw"),
        text_of(neighbor, "session_resets"));
    for (const json::value& update : array_of(neighbor, "updates", none)) {
      text += update_text(update.as_object());
    }
  }
  return text.empty() ? "none\n" : text;
}

}  // namespace fabrix::app
