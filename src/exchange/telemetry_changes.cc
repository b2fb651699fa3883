#include "exchange/telemetry_changes.h"

#include <string>

#include <fmt/format.h>

#include "exchange/settings.h"

namespace fabrix::exchange {
namespace {

std::string text_of(const ServerAddress& server) {
  return server.port == 0 ? "none" : to_string(server);
}

std::string text_of(const std::vector<TelemetryAgent>& agents) {
  std::string list;
  for (const TelemetryAgent& agent : agents) {
    list +=
        fmt::format("{}{}: {}", list.empty() ? "" : ", ", agent.address.to_string(), agent.router);
  }
  return list.empty() ? "none" : "[" + list + "]";
}

// Where to; what else there is to them, passwords too, is not told.
std::string text_of(const std::vector<ExportSite>& exports) {
  std::string list;
  for (const ExportSite& each : exports) {
    list += fmt::format("{}{} at {}", list.empty() ? "" : ", ", name_of(each.kind),
                        to_string(each.server));
  }
  return list.empty() ? "none" : "[" + list + "]";
}

}  // namespace

std::vector<Change> changes(const TelemetrySite& was, const TelemetrySite& is) {
  std::vector<Change> all;
  const auto compare = [&](const char* key, const std::string& before, const std::string& now) {
    if (before != now) all.push_back({"telemetry", fmt::format("{} {} -> {}", key, before, now)});
  };
  compare("rest", text_of(was.rest), text_of(is.rest));
  compare("sflow", text_of(was.sflow), text_of(is.sflow));
  compare("agents", text_of(was.agents), text_of(is.agents));
  compare("exports", text_of(was.exports), text_of(is.exports));
  if (text_of(was.exports) == text_of(is.exports) && was.exports != is.exports) {
    all.push_back({"telemetry", "exports changed"});
  }
  return all;
}

}  // namespace fabrix::exchange
