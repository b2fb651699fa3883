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
    list += fmt::format("{}{}: {}{}", list.empty() ? "" : ", ", agent.address.to_string(),
                        agent.router, agent.of_switch);
  }
  return list.empty() ? "none" : "[" + list + "]";
}

// Where to; what else there is to them, passwords too, is not told.
std::string text_of(const std::vector<ExportSite>& exports) {
  std::string list;
  for (const ExportSite& each : exports) {
    list +=
        fmt::format("{}{} at {}", list.empty() ? "" : ", ", name_of(each.kind), server_of(each));
  }
  return list.empty() ? "none" : "[" + list + "]";
}

std::string text_of(const std::string& file) {
  return file.empty() ? "none" : file;
}

std::string text_of(const std::vector<ServerAddress>& servers) {
  std::string list;
  for (const ServerAddress& server : servers) {
    list += (list.empty() ? "" : ", ") + to_string(server);
  }
  return list.empty() ? "none" : "[" + list + "]";
}

std::string text_of(const ScriptSite& scripts) {
  return scripts.files.empty() ? "none" : fmt::format("[{}]", fmt::join(scripts.files, ", "));
}

std::string text_of(const std::vector<ActiveRouteSite>& sites) {
  std::string list;
  for (const ActiveRouteSite& site : sites) {
    list += fmt::format("{}{}: {} of {}", list.empty() ? "" : ", ", site.name,
                        site.ipv4 + site.ipv6, site.router.to_string());
  }
  return list.empty() ? "none" : "[" + list + "]";
}

// Whom and where; passwords are not told.
std::string text_of(const BgpSite& bgp) {
  std::string list;
  for (const BgpNeighborSite& neighbor : bgp.neighbors) {
    list += fmt::format("{}{} as {}", list.empty() ? "" : ", ", neighbor.address.to_string(),
                        neighbor.asn.value);
  }
  if (list.empty() && bgp.listen.port == 0) return "none";
  return fmt::format("[{}] at {}", list, text_of(bgp.listen));
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
  compare("country", text_of(was.country), text_of(is.country));
  compare("asn", text_of(was.asn), text_of(is.asn));
  compare("oui", text_of(was.oui), text_of(is.oui));
  compare("dns", text_of(was.dns), text_of(is.dns));
  compare("ca", text_of(was.ca), text_of(is.ca));
  if (was.threads != is.threads) {
    all.push_back(
        {"telemetry", fmt::format("threads {} -> {}{}", was.threads, is.threads,
                                  was.is_on() && is.is_on() ? " at the next start" : "")});
  }
  // Of these, what is told of them may be the same.
  const auto compare_all = [&](const char* key, const auto& before, const auto& now) {
    compare(key, text_of(before), text_of(now));
    if (text_of(before) == text_of(now) && before != now) {
      all.push_back({"telemetry", fmt::format("{} changed", key)});
    }
  };
  compare_all("exports", was.exports, is.exports);
  compare_all("scripts", was.scripts, is.scripts);
  compare_all("bgp", was.bgp, is.bgp);
  compare_all("active_routes", was.active_routes, is.active_routes);
  return all;
}

}  // namespace fabrix::exchange
