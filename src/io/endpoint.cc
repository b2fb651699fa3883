#include "io/endpoint.h"

namespace fabrix::io {

std::string to_string(const Endpoint& endpoint) {
  if (const auto* unix_end = std::get_if<UnixEndpoint>(&endpoint)) return "unix:" + unix_end->path;
  const auto& ip = std::get<IpEndpoint>(endpoint);
  const std::string port = ":" + std::to_string(ip.port);
  const std::string address = ip.address.to_string();
  return ip.address.family() == net::Family::kIpv4 ? address + port : "[" + address + "]" + port;
}

}  // namespace fabrix::io
