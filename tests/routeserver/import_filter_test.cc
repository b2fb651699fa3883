#include "routeserver/import_filter.h"

#include <gtest/gtest.h>

#include "tests/routeserver/world.h"

namespace fabrix::routeserver {
namespace {

TEST(ImportFilterTest, RefusesWhatAnExchangeMustNotUse) {
  const auto exchange = small_exchange();
  const RouteServer server(exchange);
  const Peer& a = server.peer(*server.find_peer(address("172.0.0.1")));
  const struct {
    const char* what;
    const char* prefix;
    const char* next_hop;
    bgp::AsPath path;
    std::optional<RejectReason> reason;
  } cases[] = {
      {"a good route", "100.0.0.0/24", "172.0.0.1", path({100, 7}), std::nullopt},
      {"IPv6 with its own address", "2001:db8:1::/48", "2001:db8:ff::1", path({100}), std::nullopt},
      {"another's next hop", "100.0.0.0/24", "172.0.0.11", path({100}), RejectReason::kNextHop},
      {"foreign first AS", "100.0.0.0/24", "172.0.0.1", path({200, 100}), RejectReason::kFirstAs},
      {"empty path", "100.0.0.0/24", "172.0.0.1", {}, RejectReason::kFirstAs},
      {"through the exchange", "100.0.0.0/24", "172.0.0.1", path({100, 65000}),
       RejectReason::kAsLoop},
      {"inside the LAN", "172.0.3.0/24", "172.0.0.1", path({100}), RejectReason::kPeeringLan},
      {"the LAN itself", "172.0.0.0/16", "172.0.0.1", path({100}), RejectReason::kPeeringLan},
      {"covering the LAN", "172.0.0.0/12", "172.0.0.1", path({100}), std::nullopt},
  };
  for (const auto& [what, prefix_text, next_hop, as_path, reason] : cases) {
    SCOPED_TRACE(what);
    EXPECT_EQ(
        import_filter(exchange, a, prefix(prefix_text), address(next_hop), {.as_path = as_path}),
        reason);
  }
}

}  // namespace
}  // namespace fabrix::routeserver
