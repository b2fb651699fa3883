#include "app/udp_endpoint_text.h"

#include <algorithm>
#include <string>

#include "exchange/stream_address.h"

namespace fabrix::app {

Result<io::IpEndpoint> parse_udp_endpoint(std::string_view text, std::uint16_t port) {
  std::string_view host = text;
  std::string_view number;
  if (text.starts_with('[')) {
    const auto end = text.find(']');
    const bool closed = end != std::string_view::npos;
    host = closed ? text.substr(1, end - 1) : std::string_view();
    if (closed) number = text.substr(end + 1);
  } else if (std::ranges::count(text, ':') == 1) {
    host = text.substr(0, text.find(':'));
    number = text.substr(host.size());
  }
  const auto address = net::IpAddress::parse(host);
  if (!address || (!number.empty() && !number.starts_with(':'))) {
    return fail(
        Error{"'" + std::string(text) + "' is not ADDRESS, ADDRESS:PORT or " + "[ADDRESS]:PORT"});
  }
  if (number.empty()) return io::IpEndpoint{.address = *address, .port = port};
  FABRIX_TRY(const auto own, exchange::parse_port(number.substr(1)));
  return io::IpEndpoint{.address = *address, .port = own};
}

Result<std::vector<io::IpEndpoint>> parse_udp_endpoints(std::string_view text, std::uint16_t port) {
  std::vector<io::IpEndpoint> endpoints;
  for (bool more = true; more;) {
    const auto comma = text.find(',');
    FABRIX_TRY(const auto endpoint, parse_udp_endpoint(text.substr(0, comma), port));
    endpoints.push_back(endpoint);
    more = comma != std::string_view::npos;
    if (more) text.remove_prefix(comma + 1);
  }
  return endpoints;
}

}  // namespace fabrix::app
