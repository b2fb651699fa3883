#include "exchange/stream_address.h"

#include <fmt/format.h>

#include "base/number.h"
#include "exchange/settings.h"

namespace fabrix::exchange {
namespace {

constexpr std::string_view kPath = "unix:";
constexpr std::string_view kTcp = "tcp:";

}  // namespace

Result<std::uint16_t> parse_port(std::string_view text) {
  if (const auto port = parse_number<std::uint16_t>(text)) return *port;
  return fail(Error{fmt::format("'{}' is not a port (0 .. 65535)", text)});
}

Result<StreamAddress> parse_stream_address(std::string_view text) {
  if (text.starts_with(kPath) && text.size() > kPath.size()) {
    return StreamAddress{.path = std::string(text.substr(kPath.size())), .server = {}};
  }
  const auto colon = text.rfind(':');
  if (!text.starts_with(kTcp) || colon < kTcp.size()) {
    return fail(
        Error{fmt::format("'{}' is not an endpoint: write tcp:ADDRESS:PORT or unix:PATH", text)});
  }
  auto host = text.substr(kTcp.size(), colon - kTcp.size());
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  const auto address = net::IpAddress::parse(host);
  if (!address) return fail(Error{fmt::format("'{}' is not an address", host)});
  FABRIX_TRY(const auto port, parse_port(text.substr(colon + 1)));
  return StreamAddress{.path = {}, .server = {.address = *address, .port = port}};
}

std::string to_string(const StreamAddress& server) {
  return server.path.empty() ? fmt::format("{}{}", kTcp, to_string(server.server))
                             : fmt::format("{}{}", kPath, server.path);
}

}  // namespace fabrix::exchange
