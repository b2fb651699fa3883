// New ASPAs judge the routes that are there again: draft-ietf-sidrops-aspa-verification §5.6.
#include <gtest/gtest.h>

#include "routeserver/route_server.h"
#include "tests/routeserver/world.h"

namespace fabrix::routeserver {
namespace {

class RouteServerAspaTest : public testing::Test {
 protected:
  RouteServerAspaTest() {
    for (auto& participant : exchange_.participants) {
      participant.import.aspa = exchange::RpkiRule::kRejectInvalid;
    }
    server_.reconfigure(exchange_);
    for (const Peer& peer : server_.peers()) {
      server_.session_up(peer.id, {.bgp_identifier = peer.id.value + 1U,
                                   .families = {.ipv4 = true, .ipv6 = true},
                                   .asn_width = bgp::AsnWidth::kFourOctets});
    }
    announce("10.0.0.0/24", {200, 7000});
    announce("10.0.1.0/24", {200, 8000});
    server_.publish(server_.take_changed());
  }

  void announce(std::string_view what, const std::vector<std::uint32_t>& asns) {
    server_.update(b_, announcement(what, "172.0.0.11", {.as_path = path(asns)}));
  }

  // As when no VRP has changed.
  void use(std::vector<rpki::Aspa> aspas) {
    const auto table =
        std::make_shared<const rpki::AspaTable>(rpki::AspaTable::build(std::move(aspas)));
    server_.set_import_data({.vrps = nullptr, .aspas = table, .irr = {}},
                            [](const net::Prefix&) { return false; });
  }

  bool is_told(std::string_view what) { return server_.told(a_, prefix(what)).has_value(); }

  exchange::Exchange exchange_ = small_exchange();
  RouteServer server_{exchange_};
  PeerId a_ = *server_.find_peer(address("172.0.0.1"));
  PeerId b_ = *server_.find_peer(address("172.0.0.11"));
};

TEST_F(RouteServerAspaTest, AnInvalidRouteIsKeptAndUsedAgainWhenItIsNotInvalidAnyMore) {
  EXPECT_TRUE(is_told("10.0.0.0/24"));
  use({{.customer = {7000}, .providers = {{6000}}}});
  const auto changed = server_.take_changed();
  EXPECT_EQ(changed, std::vector{server_.placed(prefix("10.0.0.0/24"))});
  server_.publish(changed);
  EXPECT_FALSE(is_told("10.0.0.0/24"));
  EXPECT_TRUE(is_told("10.0.1.0/24"));
  EXPECT_EQ(server_.route_of(b_, prefix("10.0.0.0/24"))->rejected, RejectReason::kAspaInvalid);
  EXPECT_EQ(server_.count(b_, net::Family::kIpv4).rejected, 1U);

  use({{.customer = {7000}, .providers = {{200}}}});
  server_.publish(server_.take_changed());
  EXPECT_TRUE(is_told("10.0.0.0/24"));
  EXPECT_EQ(server_.count(b_, net::Family::kIpv4).rejected, 0U);
}

TEST_F(RouteServerAspaTest, AStateThatRejectsNothingChangesNothingForMembers) {
  use({{.customer = {7000}, .providers = {{200}}}});
  EXPECT_FALSE(server_.has_changed());
  const auto route = server_.route_of(b_, prefix("10.0.0.0/24"));
  ASSERT_TRUE(route);
  EXPECT_EQ(route->path->verdict.aspa, rpki::PathState::kValid);
  use({});
  EXPECT_FALSE(server_.has_changed());
  EXPECT_EQ(server_.route_of(b_, prefix("10.0.0.0/24"))->path->verdict.aspa,
            rpki::PathState::kUnknown);
}

}  // namespace
}  // namespace fabrix::routeserver
