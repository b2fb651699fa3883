#include "exchange/export_site.h"

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "base/number.h"
#include "exchange/config_value.h"
#include "exchange/settings.h"

namespace fabrix::exchange {
namespace {

constexpr std::size_t kLongestHost = 253;  // RFC 1035 §2.3.4, as text

struct Defaults {
  std::string_view name;
  std::string_view scheme;
  std::string_view tls_scheme;
  std::uint16_t port;
  std::uint16_t tls_port;
  std::string_view path;
};

// In the order of kExportKinds.
constexpr std::array<Defaults, 3> kDefaults{{
    {"influxdb", "http://", "https://", 8086, 8086, "/write?db=fabrix"},
    {"clickhouse", "http://", "https://", 8123, 8443, "/"},
    {"nats", "nats://", "tls://", 4222, 4222, "fabrix"},
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
    const std::string_view digits = text.substr(i + 1, 2);
    const auto octet = parse_number<std::uint8_t>(digits, 16);
    if (digits.size() != 2 || !octet || *octet < 0x20) return std::nullopt;
    out += static_cast<char>(*octet);
    i += 2;
  }
  return out;
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c);
}
bool is_host_letter(char c) {
  return is_letter_or_digit(c) || c == '-' || c == '_' || c == '.';
}
char to_lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool is_target(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7f && c != '#'; });
}

// "fabrix", "site.fabrix": no wildcards, and no empty part.
bool is_subject(std::string_view text) {
  const bool taken = std::ranges::all_of(text, [](char c) { return is_host_letter(c); });
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

// "db.example.net:8123": an address with a port, or a name that could be one of a host.
bool read_host(std::string_view text, std::uint16_t port, ExportSite& site) {
  if (const auto server = parse_server(text, port)) {
    site.host = server->address.to_string();
    site.port = server->port;
    return true;
  }
  const std::size_t colon = std::min(text.find(':'), text.size());
  const std::string_view name = text.substr(0, colon);
  // What ends in a number alone is an address that is none (RFC 1123 §2.1).
  const std::string_view last = name.substr(name.rfind('.') + 1);
  const bool is_name =
      !name.empty() && name.size() <= kLongestHost && is_letter_or_digit(name.front()) &&
      std::ranges::all_of(name, is_host_letter) && !std::ranges::all_of(last, is_digit);
  if (!is_name) return false;
  // Of an address that is always right.
  const auto with_port = parse_server(fmt::format("192.0.2.1{}", text.substr(colon)), port);
  if (!with_port) return false;
  site.host = name;
  std::ranges::transform(site.host, site.host.begin(), to_lower);
  site.port = with_port->port;
  return true;
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
  const bool is_tls = url.starts_with(defaults.tls_scheme);
  if (!is_tls && !url.starts_with(defaults.scheme)) {
    return fail(
        Error{fmt::format("it begins with {} or {}", defaults.scheme, defaults.tls_scheme)});
  }
  url.remove_prefix(is_tls ? defaults.tls_scheme.size() : defaults.scheme.size());
  const std::size_t slash = std::min(url.find('/'), url.size());
  std::string_view host = url.substr(0, slash);
  ExportSite site{
      .kind = kind, .transport = is_tls ? Transport::kTls : Transport::kPlain, .path = {}};
  if (const std::size_t at = host.rfind('@'); at != std::string_view::npos) {
    if (auto done = read_user(host.substr(0, at), site); !done) return fail(done.error());
    host.remove_prefix(at + 1);
  }
  if (!read_host(host, is_tls ? defaults.tls_port : defaults.port, site)) {
    return fail(Error{"its host is a name or an IP address, perhaps with a port"});
  }
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
  const Defaults& defaults = defaults_of(site.kind);
  const bool is_tls = site.transport == Transport::kTls;
  return fmt::format("{}{}{}{}", is_tls ? defaults.tls_scheme : defaults.scheme, server_of(site),
                     path.starts_with('/') ? "" : "/", path);
}

std::string server_of(const ExportSite& site) {
  const bool is_ip6 = site.host.find(':') != std::string::npos;
  return fmt::format("{}{}{}:{}", is_ip6 ? "[" : "", site.host, is_ip6 ? "]" : "", site.port);
}

}  // namespace fabrix::exchange
