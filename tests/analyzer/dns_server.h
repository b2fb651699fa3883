// A DNS server on loopback that knows some names of addresses, for tests of who asks.
#pragma once

#include <string>
#include <string_view>

#include "analyzer/reverse_resolver.h"
#include "tests/io/dns_server.h"

namespace fabrix::analyzer::testing {

class DnsServer : public io::testing::DnsServer {
 public:
  using io::testing::DnsServer::DnsServer;

  // From now on the address has this name; an empty one is no answer at all.
  void set(std::string_view address, const std::string& name) {
    const std::string asked = reverse_name(net::IpAddress::parse(address).value());
    silence(asked);
    if (name.empty()) return;
    Octets labels;
    for (std::size_t at = 0; at <= name.size();) {
      const std::size_t dot = std::min(name.find('.', at), name.size());
      labels.push_back(static_cast<std::byte>(dot - at));
      for (; at < dot; ++at) labels.push_back(static_cast<std::byte>(name[at]));
      ++at;
    }
    labels.push_back(std::byte{0});
    add(asked, io::testing::DnsType::kPtr, labels);
  }
};

}  // namespace fabrix::analyzer::testing
