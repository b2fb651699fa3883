#include "api/flowspec_query.h"

#include <memory>
#include <string>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>

#include "bgp/flowspec_actions.h"
#include "tests/api/world.h"

namespace fabrix::api {
namespace {

class FlowSpecQueryTest : public ::testing::Test {
 protected:
  FlowSpecQueryTest() {
    world_.exchange.route_server.flowspec = exchange::FlowSpecScope::kEveryone;
    world_.exchange.route_server.flowspec_rules = 2;
    world_.controller.reconfigure(world_.exchange);
    for (const auto* name : {"b1", "c1"}) {
      world_.controller.session_up(peer(name),
                                   {.bgp_identifier = 1, .families = {.ipv4 = true, .ipv6 = false}},
                                   {.ipv4 = true, .ipv6 = false});
    }
    world_.announce("c1", "150.0.0.0/16", {300, 7});
    world_.settle();
  }

  routeserver::PeerId peer(const std::string& router) const {
    const auto& address = world_.exchange.find_router(router)->addresses.front();
    return *world_.controller.route_server().find_peer(address);
  }

  void announce_rule(const std::string& destination) {
    bgp::UpdateMessage update;
    update.flowspec = {
        {.family = net::Family::kIpv4,
         .announced = {
             bgp::FlowSpecRule::create(
                 net::Family::kIpv4,
                 {{.type = bgp::FlowSpecType::kDestination,
                   .value = bgp::FlowSpecPrefix{.prefix = *net::Prefix::parse(destination)}}})
                 .value()}}};
    bgp::PathAttributes attributes;
    attributes.as_path.segments = {{.asns = {net::Asn{300}}}};
    attributes.extended_communities = {bgp::encode_flowspec_action(bgp::TrafficRate{})};
    update.attributes = std::make_shared<const bgp::PathAttributes>(attributes);
    world_.controller.update(peer("c1"), update);
    world_.settle();
    while (!world_.controller.pull(peer("b1")).empty()) {
    }
  }

  testing::World world_;
};

TEST_F(FlowSpecQueryTest, SaysWhatBecameOfEachRuleAndWhoWasTold) {
  announce_rule("150.0.1.0/24");
  announce_rule("99.0.0.0/24");
  announce_rule("150.0.2.0/24");
  EXPECT_EQ(boost::json::serialize(show_flowspec(world_.sources())),
            R"([{"rule":"dst 99.0.0.0/24","announcer":"c1","participant":"C","actions":"discard",)"
            R"("state":"invalid","reason":"no unicast route covers the destination","told":""},)"
            R"({"rule":"dst 150.0.1.0/24","announcer":"c1","participant":"C",)"
            R"("actions":"discard","state":"accepted","reason":"","told":"b1"},)"
            R"({"rule":"","announcer":"","participant":"C","actions":"","state":"over cap",)"
            R"("reason":"1 announcements refused: 2 rules at most","told":""}])");
}

TEST_F(FlowSpecQueryTest, WithoutRulesThereIsNothingToShow) {
  EXPECT_EQ(boost::json::serialize(show_flowspec(world_.sources())), "[]");
}

}  // namespace
}  // namespace fabrix::api
