#include "app/endpoint_text.h"

#include <charconv>
#include <string>

#include <fmt/format.h>

#include "exchange/policy_words.h"

namespace fabrix::app {

Result<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const char* const end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, port);
  if (error == std::errc{} && stopped == end) return port;
  return fail(Error{"'" + std::string(text) + "' is not a port (0 .. 65535)"});
}

Result<io::Endpoint> parse_endpoint(std::string_view text) {
  if (text.starts_with("unix:") && text.size() > 5) {
    return io::Endpoint(io::UnixEndpoint{std::string(text.substr(5))});
  }
  const auto colon = text.rfind(':');
  if (!text.starts_with("tcp:") || colon < 4) {
    return fail(Error{"'" + std::string(text) +
                      "' is not an endpoint: write tcp:ADDRESS:PORT or unix:PATH"});
  }
  auto host = text.substr(4, colon - 4);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  const auto address = net::IpAddress::parse(host);
  if (!address) return fail(Error{"'" + std::string(host) + "' is not an address"});
  FABRIX_TRY(const auto port, parse_port(text.substr(colon + 1)));
  return io::Endpoint(io::IpEndpoint{.address = *address, .port = port});
}

Result<exchange::FabricType> parse_fabric_type(std::string_view text) {
  for (const auto type : {exchange::FabricType::kLinux, exchange::FabricType::kOpenFlow}) {
    if (text == exchange::name_of(type)) return type;
  }
  return fail(Error{fmt::format("no fabric is called '{}': write linux or openflow", text)});
}

Result<exchange::FabricAttach> parse_fabric_attach(std::string_view text) {
  if (text == "tc") return exchange::FabricAttach::kTc;
  if (text == "xdp") return exchange::FabricAttach::kXdp;
  return fail(Error{fmt::format("no hook is called '{}': write tc or xdp", text)});
}

Result<std::uint64_t> parse_generation(std::string_view text) {
  std::int64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, number);
  if (parsed.ec != std::errc{} || parsed.ptr != end || number < 1) {
    return fail(Error{fmt::format("'{}' is no generation: write a number from 1", text)});
  }
  return static_cast<std::uint64_t>(number);
}

}  // namespace fabrix::app
