// A small exchange for tests of what the daemon reads: A and B, with settings of B's filters.
#pragma once

#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "exchange/load.h"
#include "io/file.h"

namespace fabrix::daemon {

inline std::string two_members(const std::string& of_b = "", const std::string& of_server = "") {
  return fmt::format(R"(version: 1
exchange:
  name: two
  asn: 65000
  router_id: 172.0.255.254
  peering_lan: [172.0.0.0/16]
  virtual_next_hops: [172.0.128.0/24]
  route_server: {{addresses: [172.0.255.254], policy: minimal{}}}
participants:
  - name: A
    asn: 100
    routers:
      - {{name: a1, mac: "08:00:27:00:00:01", addresses: [172.0.0.1], port: 1}}
  - name: B
    asn: 200
{}    routers:
      - {{name: b1, mac: "08:00:27:00:00:02", addresses: [172.0.0.2], port: 2}}
)",
                     of_server, of_b);
}

inline exchange::Exchange loaded(const std::string& text) {
  auto exchange = exchange::load(text, "two.yaml");
  if (!exchange) ADD_FAILURE() << render(exchange.error(), text);
  return exchange.value_or(exchange::Exchange{});
}

inline void write(const std::string& file, const std::string& text) {
  ASSERT_TRUE(io::write_file_atomically(file, text));
}

}  // namespace fabrix::daemon
