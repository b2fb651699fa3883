#include "exchange/export_site.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "exchange/config_value.h"
#include "exchange/settings.h"

namespace fabrix::exchange {
namespace {

struct Defaults {
  std::string_view name;
  std::string_view scheme;
  std::uint16_t port;
  std::string_view path;
};

// In the order of kExportKinds.
constexpr std::array<Defaults, 3> kDefaults{{
    {"influxdb", "http://", 8086, "/write?db=fabrix"},
    {"clickhouse", "http://", 8123, "/"},
    {"nats", "nats://", 4222, "fabrix"},
}};

const Defaults& defaults_of(ExportKind kind) {
  return kDefaults[static_cast<std::size_t>(kind)];
}

// "%40" as "@".
std::optional<std::string> unescape(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    unsigned octet = 0;
    const std::string_view digits = text.substr(i + 1, 2);
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), octet, 16);
    const bool good = error == std::errc{} && digits.size() == 2 && end == digits.data() + 2;
    if (!good || octet < 0x20) return std::nullopt;
    out += static_cast<char>(octet);
    i += 2;
  }
  return out;
}

bool is_target(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7f && c != '#'; });
}

// "fabrix", "site.fabrix": no wildcards, and no empty part.
bool is_subject(std::string_view text) {
  const bool taken = std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '.';
  });
  const bool has_empty = text.empty() || text.front() == '.' || text.back() == '.' ||
                         text.find("..") != std::string_view::npos;
  return taken && !has_empty;
}

Result<void> read_user(std::string_view text, ExportSite& site) {
  const std::size_t colon = text.find(':');
  const auto user = unescape(text.substr(0, colon));
  const auto password =
      unescape(colon == std::string_view::npos ? std::string_view() : text.substr(colon + 1));
  if (!user || !password) return fail(Error{"what is before '@' has a '%' that is no %XX"});
  site.user = *user;
  site.password = *password;
  return {};
}

Result<void> read_path(std::string_view text, ExportSite& site) {
  if (site.kind == ExportKind::kNats) text.remove_prefix(std::min<std::size_t>(text.size(), 1));
  site.path = text.empty() || text == "/" ? defaults_of(site.kind).path : text;
  const bool good = site.kind == ExportKind::kNats ? is_subject(site.path) : is_target(site.path);
  if (!good) return fail(Error{fmt::format("'{}' is no path", text)});
  return {};
}

}  // namespace

std::string_view name_of(ExportKind kind) {
  return defaults_of(kind).name;
}

std::string_view name_of(Exported what) {
  static constexpr std::array<std::string_view, 4> kNames{"flows", "top", "metrics", "events"};
  return kNames[static_cast<std::size_t>(what)];
}

Result<ExportSite> parse_export(ExportKind kind, std::string_view url) {
  const Defaults& defaults = defaults_of(kind);
  if (!url.starts_with(defaults.scheme)) {
    return fail(Error{fmt::format("it begins with {}", defaults.scheme)});
  }
  url.remove_prefix(defaults.scheme.size());
  const std::size_t slash = std::min(url.find('/'), url.size());
  std::string_view host = url.substr(0, slash);
  ExportSite site{.kind = kind, .path = {}};
  if (const std::size_t at = host.rfind('@'); at != std::string_view::npos) {
    if (auto done = read_user(host.substr(0, at), site); !done) return fail(done.error());
    host.remove_prefix(at + 1);
  }
  const auto server = parse_server(host, defaults.port);
  if (!server) return fail(Error{"its host is an IP address, perhaps with a port"});
  site.server = *server;
  if (auto done = read_path(url.substr(slash), site); !done) return fail(done.error());
  return site;
}

Result<ExportSite> parse_export(std::string_view text) {
  const std::size_t equals = std::min(text.find('='), text.size());
  for (const ExportKind kind : kExportKinds) {
    if (name_of(kind) != text.substr(0, equals)) continue;
    return parse_export(kind, text.substr(std::min(equals + 1, text.size())));
  }
  return fail(Error{"it is influxdb=URL, clickhouse=URL or nats=URL"});
}

std::string url_of(const ExportSite& site) {
  const std::string_view path = std::string_view(site.path).substr(0, site.path.find('?'));
  return fmt::format("{}{}{}{}", defaults_of(site.kind).scheme, to_string(site.server),
                     path.starts_with('/') ? "" : "/", path);
}

}  // namespace fabrix::exchange
