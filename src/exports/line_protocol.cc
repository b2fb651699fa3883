#include "exports/line_protocol.h"

#include <chrono>
#include <cmath>

#include <fmt/format.h>

namespace fabrix::exports {
namespace {

// Of tags, and of fields' names.
std::string escape(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\n' || c == '\r' || c == '\\') {
      out += '_';
      continue;
    }
    if (c == ',' || c == '=' || c == ' ') out += '\\';
    out += c;
  }
  return out;
}

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c == '\n' ? '_' : c;
  }
  return out + '"';
}

class Line {
 public:
  explicit Line(std::string_view measurement) : line_(measurement) {}

  void tag(std::string_view name, std::string_view value) {
    if (!value.empty()) line_ += fmt::format(",{}={}", escape(name), escape(value));
  }

  void field(std::string_view name, std::string_view text) {
    line_ += fmt::format("{}{}={}", has_fields_ ? ',' : ' ', escape(name), text);
    has_fields_ = true;
  }
  void field(std::string_view name, double value) {
    if (std::isfinite(value)) field(name, fmt::format("{}", value));
  }

  std::string end(telemetry::Time time) {
    return has_fields_ ? fmt::format("{} {}\n", line_, time.count()) : std::string();
  }

 private:
  std::string line_;
  bool has_fields_ = false;
};

std::string tag_name(const std::string& key) {
  const bool is_ours = key == "name" || key == "agent" || key == "source" || key == "metric";
  return is_ours ? "key_" + key : key;
}

}  // namespace

std::string influx_line(const Entry& entry) {
  Line line(table_of(entry.kind));
  line.tag("agent", entry.source.agent.to_string());
  for (const auto& [name, value] : entry.keys) line.tag(tag_name(name), value);
  line.tag("metric", entry.metric);
  line.tag("name", entry.name);
  line.tag("source", telemetry::data_source_name(entry.source.id));
  if (entry.value) line.field("value", *entry.value);
  if (!entry.text.empty()) line.field("text", quoted(entry.text));
  if (entry.threshold) line.field("threshold", *entry.threshold);
  if (entry.start) {
    const auto start = std::chrono::floor<std::chrono::milliseconds>(*entry.start);
    line.field("start", fmt::format("{}i", start.count()));
  }
  for (const auto& [name, value] : entry.values) line.field(name, value);
  return line.end(entry.time);
}

}  // namespace fabrix::exports
