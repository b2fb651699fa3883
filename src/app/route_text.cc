#include "app/route_text.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include "app/table.h"

namespace fabrix::app {
namespace {

namespace json = boost::json;

std::string text_of(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  if (value == nullptr || value->is_null()) return "";
  if (value->is_bool()) return value->get_bool() ? "yes" : "no";
  if (value->is_string()) return printable(value->get_string());
  if (!value->is_array()) return json::serialize(*value);
  std::string words;
  for (const json::value& word : value->get_array()) {
    if (word.is_string()) words += (words.empty() ? "" : " ") + printable(word.get_string());
  }
  return words;
}

bool is_set(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  return value != nullptr && value->is_bool() && value->get_bool();
}

const json::object* part_of(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  return value == nullptr ? nullptr : value->if_object();
}

std::string age_of(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  return value == nullptr || !value->is_int64() ? "" : duration_text(value->get_int64());
}

// The letter by which routers show an origin.
char origin_mark(const json::object& route) {
  const std::string origin = text_of(route, "origin");
  if (origin == "igp") return 'i';
  return origin == "egp" ? 'e' : '?';
}

std::string marks_of(const json::object& route) {
  if (route.contains("to")) return ">";
  std::string marks;
  if (text_of(route, "state") == "rejected") marks += 'x';
  if (is_set(route, "best")) marks += '*';
  if (text_of(route, "flags").find("stale") != std::string::npos) marks += 's';
  return marks;
}

void add_line(std::string& out, std::string_view name, const std::string& value) {
  constexpr std::size_t kIndent = 26;
  if (value.empty()) return;
  out += fmt::format("    {:<20}  {}\n", name, wrapped(value, {.first = kIndent, .next = kIndent}));
}

std::string export_text(const json::object& exported) {
  std::string text = text_of(exported, "verdict");
  if (text == "kept") return "not exported: " + text_of(exported, "reason");
  if (text == "usable") text = "usable, not the best: " + text_of(exported, "reason");
  if (exported.contains("prepends")) {
    text += fmt::format("; prepended {} times", text_of(exported, "prepends"));
  }
  if (exported.contains("adds")) text += "; adds " + text_of(exported, "adds");
  return text;
}

void add_attribute_lines(const json::object& route, std::string& out) {
  std::string path = text_of(route, "as_path");
  if (path.empty()) path = "(empty)";
  add_line(out, "AS path", path);
  add_line(out, "origin", text_of(route, "origin"));
  add_line(out, "MED", text_of(route, "med"));
  add_line(out, "communities", text_of(route, "communities"));
  add_line(out, "extended communities", text_of(route, "extended_communities"));
  add_line(out, "large communities", text_of(route, "large_communities"));
  add_line(out, "only to customer", text_of(route, "only_to_customer"));
}

std::string path_text(const json::object& path, const std::string& client) {
  std::string out = fmt::format("{:<2} from {} ({} {}), next hop {}\n", marks_of(path),
                                text_of(path, "participant"), text_of(path, "router"),
                                text_of(path, "address"), text_of(path, "next_hop"));
  add_attribute_lines(path, out);
  add_line(out, "RPKI", text_of(path, "rpki"));
  add_line(out, "age", age_of(path, "age_seconds"));
  add_line(out, "flags", text_of(path, "flags"));
  if (path.contains("reason")) add_line(out, "filtered", text_of(path, "reason"));
  if (const auto* why = part_of(path, "before_next")) {
    add_line(out, is_set(path, "best") ? "best because" : "before the next", text_of(*why, "text"));
  }
  add_line(out, "best for", text_of(path, "best_for"));
  if (const auto* others = part_of(path, "not_for")) {
    for (const auto& [name, reason] : *others) {
      add_line(out, fmt::format("not for {}", std::string_view(name)), text_of(*others, name));
    }
  }
  if (const auto* exported = part_of(path, "export")) {
    add_line(out, "to " + client, export_text(*exported));
  }
  return out;
}

std::string told_text(const json::object& to) {
  const std::string client = text_of(to, "participant");
  const json::array& told = to.at("told").as_array();
  if (told.empty()) return fmt::format("{} is told nothing\n", client);
  std::string out;
  for (const json::value& each : told) {
    const json::object& heard = each.as_object();
    out += fmt::format("{} is told at {} ({}): next hop {}, {}\n", client, text_of(heard, "router"),
                       text_of(heard, "address"), text_of(heard, "next_hop"),
                       is_set(heard, "virtual") ? "virtual" : "real");
    add_attribute_lines(heard, out);
  }
  return out;
}

// A neighbour's nested objects, a line each: "ipv4  received 3, accepted 2".
// NOLINTNEXTLINE(misc-no-recursion): as deep as the daemon's own answers
std::string words_of(const json::object& object) {
  std::string words;
  for (const auto& [key, value] : object) {
    std::string name(key);
    std::ranges::replace(name, '_', ' ');
    std::string text =
        value.is_object() ? "(" + words_of(value.get_object()) + ")" : text_of(object, key);
    if (text.empty()) text = "none";
    words += fmt::format("{}{} {}", words.empty() ? "" : ", ", name, text);
  }
  return words;
}

// How long a session is refused.
std::string until_of(const json::object& barred) {
  const std::string left = age_of(barred, "seconds");
  return left.empty() ? ", until fabrix session enable" : ", for another " + left;
}

}  // namespace

std::string duration_text(std::int64_t seconds) {
  constexpr std::int64_t kMinute = 60;
  constexpr std::int64_t kHour = 60 * kMinute;
  constexpr std::int64_t kDay = 24 * kHour;
  if (seconds < kMinute) return fmt::format("{}s", seconds);
  if (seconds < kHour) return fmt::format("{}m {}s", seconds / kMinute, seconds % kMinute);
  if (seconds < kDay) return fmt::format("{}h {}m", seconds / kHour, seconds % kHour / kMinute);
  return fmt::format("{}d {}h", seconds / kDay, seconds % kDay / kHour);
}

std::string route_heading() {
  return fmt::format(
      "{:<2} {:<18}  {:<10}  {:<15}  {:>7}  path (* best, s stale, x filtered, "
      "> advertised)\n",
      "", "prefix", "router", "next hop", "age");
}

std::string route_line(const json::object& route) {
  const std::string router = text_of(route, route.contains("to") ? "to" : "router");
  std::string line =
      fmt::format("{:<2} {:<18}  {:<10}  {:<15}  {:>7}  {} {}", marks_of(route),
                  text_of(route, "prefix"), router, text_of(route, "next_hop"),
                  age_of(route, "age_seconds"), text_of(route, "as_path"), origin_mark(route));
  if (route.contains("reason")) line += "  (" + text_of(route, "reason") + ")";
  return line + "\n";
}

std::string render_route(const json::object& answer) {
  const json::array& paths = answer.at("paths").as_array();
  const auto* to = part_of(answer, "to");
  const std::string client = to == nullptr ? "" : text_of(*to, "participant");
  std::string out = fmt::format("{}, {} {}\n", text_of(answer, "prefix"), paths.size(),
                                paths.size() == 1 ? "path" : "paths");
  for (const json::value& path : paths) out += path_text(path.as_object(), client);
  return to == nullptr ? out : out + told_text(*to);
}

std::string render_neighbors(const json::array& neighbors) {
  const bool has_notes = std::ranges::any_of(
      neighbors, [](const json::value& each) { return each.as_object().contains("note"); });
  json::array rows;
  for (const json::value& each : neighbors) {
    const json::object& neighbor = each.as_object();
    json::object row{{"neighbor", text_of(neighbor, "router")}};
    for (const std::string_view key : {"participant", "address", "asn", "state"}) {
      row[key] = neighbor.at(key);
    }
    row["for"] = age_of(neighbor, "uptime_seconds");
    for (const std::string_view key : {"received", "accepted", "filtered", "advertised"}) {
      row[key] = neighbor.at(key);
    }
    row["last error"] = text_of(neighbor, "last_error");
    if (has_notes) row["note"] = text_of(neighbor, "note");
    rows.push_back(std::move(row));
  }
  return render_table(rows);
}

std::string render_neighbor_details(const json::array& neighbors) {
  std::string out;
  for (const json::value& each : neighbors) {
    const json::object& neighbor = each.as_object();
    out += fmt::format("{} ({}) of {}, AS {}: {}", text_of(neighbor, "router"),
                       text_of(neighbor, "address"), text_of(neighbor, "participant"),
                       text_of(neighbor, "asn"), text_of(neighbor, "state"));
    const std::string since = age_of(neighbor, "uptime_seconds");
    out += since.empty() ? "\n" : " for " + since + "\n";
    add_line(out, "last error", text_of(neighbor, "last_error"));
    add_line(out, "note", text_of(neighbor, "note"));
    if (const auto* families = part_of(neighbor, "families")) {
      for (const auto& [name, family] : *families)
        add_line(out, name, words_of(family.as_object()));
    }
    add_line(out, "NOTIFICATION sent", text_of(neighbor, "last_sent"));
    add_line(out, "received", text_of(neighbor, "last_received"));
    if (const auto* barred = part_of(neighbor, "barred")) {
      add_line(out, "refused", text_of(*barred, "why") + until_of(*barred));
    }
    add_line(out, "dialling", text_of(neighbor, "dialling"));
    add_line(out, "next dial in", age_of(neighbor, "next_dial_seconds"));
    for (const std::string_view key : {"settings", "negotiated", "messages", "sessions"}) {
      if (const auto* part = part_of(neighbor, key)) add_line(out, key, words_of(*part));
    }
  }
  return out;
}

}  // namespace fabrix::app
