#include "analyzer/script_outlet.h"

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <utility>

#include <boost/json/array.hpp>
#include <fmt/chrono.h>
#include <fmt/format.h>

#include "base/number.h"
#include "io/dialer.h"
#include "io/host_lookup.h"
#include "net/host_name.h"

namespace fabrix::analyzer {
namespace {

namespace json = boost::json;

struct Scheme {
  std::string_view name;
  std::uint16_t port;  // the usual one
};
constexpr std::array kSchemes{Scheme{"http", 80}, Scheme{"https", 443}, Scheme{"udp", 514},
                              Scheme{"tcp", 2003}, Scheme{"dns", 53}};

constexpr std::array<std::string_view, 6> kFraming = {
    "host", "connection", "content-length", "transfer-encoding", "expect", "upgrade"};

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return result;
}

std::optional<std::uint16_t> port_of(std::string_view text) {
  const auto port = parse_number<std::uint16_t>(text);
  return port == 0U ? std::nullopt : port;
}

std::optional<net::IpAddress> address_of(std::string_view host) {
  if (host == "localhost") return net::IpAddress::v4({127, 0, 0, 1});
  const auto address = net::IpAddress::parse(host);
  return address ? std::optional(*address) : std::nullopt;
}

std::string_view text_at(const json::object& object, std::string_view key) {
  const auto* const value = object.if_contains(key);
  return value != nullptr && value->is_string() ? std::string_view(value->get_string())
                                                : std::string_view();
}

Result<std::vector<http::Header>> headers_in(const json::object& what) {
  std::vector<http::Header> headers;
  const auto* const given = what.if_contains("headers");
  if (given == nullptr || !given->is_object()) return headers;
  for (const auto& [name, value] : given->get_object()) {
    const std::string_view text = value.is_string() ? std::string_view(value.get_string()) : "";
    if (!http::is_token(name) || !http::is_field_value(text)) {
      return fail(Error{"a header has characters that it cannot have"});
    }
    const bool is_framing = std::ranges::find(kFraming, lower(name)) != kFraming.end();
    if (!is_framing) headers.push_back({std::string(name), std::string(text)});
  }
  return headers;
}

json::value to_json(http::IncomingResponse response) {
  json::object headers;
  for (const http::Header& header : response.headers) headers[header.name] = header.value;
  return json::object{{"status", response.status},
                      {"headers", std::move(headers)},
                      {"body", std::move(response.body)}};
}

}  // namespace

Result<UrlParts> parse_url(std::string_view text) {
  const bool is_plain = std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7f; });
  const auto mark = text.find("://");
  if (!is_plain || mark == std::string_view::npos) return fail(Error{"that is no URL"});
  UrlParts parts{.scheme = lower(text.substr(0, mark)), .host = {}, .target = {}};
  const auto* const scheme = std::ranges::find(kSchemes, parts.scheme, &Scheme::name);
  if (scheme != kSchemes.end()) parts.port = scheme->port;
  text.remove_prefix(mark + 3);
  const auto path = std::min(text.find_first_of("/?#"), text.size());
  parts.target = text.substr(path, text.find('#') - path);
  if (!parts.target.starts_with('/')) parts.target.insert(0, "/");
  std::string_view authority = text.substr(0, path);
  if (authority.find('@') != std::string_view::npos) {
    return fail(Error{"a user is not a part of the URL here: write user and password"});
  }
  const auto bracket = authority.find(']');
  const auto colon = authority.find(':', bracket == std::string_view::npos ? 0 : bracket);
  if (colon != std::string_view::npos) {
    const auto port = port_of(authority.substr(colon + 1));
    if (!port) return fail(Error{"that is no port"});
    parts.port = *port;
    authority = authority.substr(0, colon);
  }
  if (authority.starts_with('[') && authority.ends_with(']')) {
    authority = authority.substr(1, authority.size() - 2);
  }
  if (authority.empty()) return fail(Error{"the URL has no host"});
  parts.host = lower(authority);
  return parts;
}

Result<AllowedTarget> parse_target(std::string_view text) {
  const auto mark = text.find('=');
  FABRIX_TRY(const UrlParts url, parse_url(text.substr(0, mark)));
  if (std::ranges::find(kSchemes, url.scheme, &Scheme::name) == kSchemes.end()) {
    return fail(
        Error{fmt::format("'{}' is not http://, https://, udp://, tcp:// or dns://", text)});
  }
  const bool has_address = mark != std::string_view::npos;
  const auto address = has_address ? address_of(text.substr(mark + 1)) : address_of(url.host);
  if (has_address && !address) return fail(Error{fmt::format("'{}' has no address", text)});
  if (!address && url.scheme == "udp") {
    return fail(Error{fmt::format("write '{}' with an address, or as NAME=ADDRESS", text)});
  }
  if (!address && url.host != "." && !net::is_host_name(url.host)) {
    return fail(Error{fmt::format("'{}' is no host", url.host)});
  }
  return AllowedTarget{
      .scheme = url.scheme, .host = url.host, .port = url.port, .address = address};
}

Result<io::HostEndpoint> ScriptOutlet::find(std::string_view scheme, std::string_view host,
                                            std::uint16_t port) const {
  const auto address = address_of(host);
  for (const AllowedTarget& target : allowed_) {
    const bool is_host = target.host == host || (address && address_of(target.host) == address);
    if (target.scheme != scheme || target.port != port || !is_host) continue;
    return io::HostEndpoint{.host = target.address ? target.address->to_string() : target.host,
                            .port = port};
  }
  return fail(Error{fmt::format("{}://{}:{} is not allowed", scheme, host, port)});
}

Result<void> ScriptOutlet::request(const json::object& what, Done done) {
  FABRIX_TRY(const UrlParts url, parse_url(text_at(what, "url")));
  if (url.scheme != "http" && url.scheme != "https") {
    return fail(Error{fmt::format("{} is not http or https", url.scheme)});
  }
  http::OutgoingRequest request;
  FABRIX_TRY(request.server, find(url.scheme, url.host, url.port));
  FABRIX_TRY(request.headers, headers_in(what));
  request.method = text_at(what, "method");
  if (!http::is_token(request.method)) return fail(Error{"that is no method"});
  const bool is_ip6 = url.host.find(':') != std::string::npos;
  request.host = is_ip6 ? "[" + url.host + "]" : url.host;
  if (url.port != (url.scheme == "https" ? 443 : 80))
    request.host += ":" + std::to_string(url.port);
  request.target = url.target;
  request.body = text_at(what, "body");
  if (url.scheme == "https") {
    FABRIX_TRY(request.tls, tls_of(url, what));
  }
  FABRIX_TRY(const auto place, begin());
  *place = std::make_shared<http::Client>(
      loop_, request, http::ClientLimits{},
      [tell = ended(place, std::move(done))](Result<http::IncomingResponse> response) {
        tell(response ? Result<json::value>(to_json(*std::move(response)))
                      : Result<json::value>(fail(response.error())));
      });
  return {};
}

// Who the script says that it is stands in a file beside it, and in no other one.
Result<io::TlsOptions> ScriptOutlet::tls_of(const UrlParts& url, const json::object& what) const {
  io::TlsOptions tls{.host = url.host, .ca_file = ca_file_};
  const std::string name(text_at(what, "certs"));
  if (name.empty()) return tls;
  if (directory_.empty() || name.starts_with('.') || name.find('/') != std::string::npos) {
    return fail(Error{fmt::format("'{}' is no file in the script's directory", name)});
  }
  tls.identity_file = directory_ + "/" + name;
  return tls;
}

// A place for what asks, if it may.
Result<ScriptOutlet::UnderWay::iterator> ScriptOutlet::begin() {
  if (under_way_.size() >= kMaxAtOnce) return fail(Error{"too many requests at once"});
  if (!allowance_.take(io::EventLoop::now())) return fail(Error{"too many requests a second"});
  under_way_.emplace_back();
  return std::prev(under_way_.end());
}

// What asked goes, then it is told.
ScriptOutlet::Done ScriptOutlet::ended(UnderWay::iterator place, Done done) {
  return [this, place, done = std::move(done)](Result<json::value> result) {
    const Done tell = done;
    const auto gone = std::move(*place);
    under_way_.erase(place);
    tell(std::move(result));
  };
}

Result<void> ScriptOutlet::send_lines(std::string_view host, double port, std::string text,
                                      Done done) {
  if (!(port >= 1 && port <= 65535)) return fail(Error{"port is out of range"});
  FABRIX_TRY(const auto where, find("tcp", lower(host), static_cast<std::uint16_t>(port)));
  FABRIX_TRY(const auto place, begin());
  *place = std::make_shared<io::Dialer>(
      loop_, where, http::ClientLimits{}.time,
      [tell = ended(place, std::move(done)),
       text = std::move(text)](Result<io::ByteStream> stream) {
        if (!stream) return tell(fail(stream.error()));
        const bool is_taken = stream->write(std::as_bytes(std::span(text))).has_value();
        stream->close_gracefully();
        tell(is_taken ? Result<json::value>(json::value(true))
                      : Result<json::value>(fail(Error{"it is not taken"})));
      });
  return {};
}

Result<void> ScriptOutlet::look_up(const std::string& name, Done done) {
  const std::string host = lower(name);
  const bool is_allowed = std::ranges::any_of(allowed_, [&](const AllowedTarget& target) {
    if (target.scheme != "dns") return false;
    return target.host == "." || host == target.host || host.ends_with("." + target.host);
  });
  if (!is_allowed) return fail(Error{fmt::format("dns://{} is not allowed", host)});
  FABRIX_TRY(const auto place, begin());
  *place = std::make_shared<io::HostLookup>(
      loop_, host,
      [tell = ended(place, std::move(done))](const Result<std::vector<net::IpAddress>>& found) {
        if (!found) return tell(fail(found.error()));
        json::array addresses;
        for (const net::IpAddress& address : *found) addresses.emplace_back(address.to_string());
        tell(std::move(addresses));
      });
  return {};
}

Result<void> ScriptOutlet::syslog(std::string_view address, double port, const SyslogLine& line) {
  const bool is_right = port >= 1 && port <= 65535 && line.facility >= 0 && line.facility <= 23 &&
                        line.severity >= 0 && line.severity <= 7;
  if (!is_right) return fail(Error{"port, facility or severity is out of range"});
  FABRIX_TRY(const auto where, find("udp", address, static_cast<std::uint16_t>(port)));
  if (!allowance_.take(io::EventLoop::now())) return fail(Error{"too many lines a second"});
  const io::IpEndpoint to{.address = net::IpAddress::parse(where.host).value(), .port = where.port};
  const net::Family family = to.address.family();
  auto socket = sockets_.find(family);
  if (socket == sockets_.end()) {
    FABRIX_TRY(auto opened, io::DatagramSocket::open(family));
    socket = sockets_.emplace(family, std::move(opened)).first;
  }
  const std::string message =
      fmt::format("<{}>1 {:%Y-%m-%dT%H:%M:%S}Z - fabrix - - - {}",
                  static_cast<int>(line.facility) * 8 + static_cast<int>(line.severity),
                  fmt::gmtime(std::chrono::system_clock::to_time_t(line.time)), line.text);
  return socket->second.send(to, std::as_bytes(std::span(message)));
}

}  // namespace fabrix::analyzer
