#include "daemon/metrics_source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/api/world.h"
#include "tests/io/world.h"

namespace fabrix::daemon {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

rpki::RpkiStatus one_cache() {
  rpki::RpkiStatus status;
  status.caches = {{.name = "rpki1",
                    .link = rpki::CacheLink::kUp,
                    .in_use = true,
                    .vrps = 7,
                    .age = std::chrono::seconds(60)}};
  return status;
}

TEST(MetricsSource, CountsSessionsRoutesAndRules) {
  api::testing::World world;
  io::EventLoop loop;
  TableCensus census(loop, world.controller.route_server());
  ASSERT_TRUE(
      loop.run_until([&] { return census.counts().prefixes[0] > 0; }, io::testing::kPatience));
  const MetricsSource source(
      {.engine = world.sources(),
       .census = &census,
       .rpki_status = one_cache,
       .is_switch_connected = [] { return true; },
       .fabric_parts =
           [] {
             return api::FabricParts{.switches = {{"e1", false}}, .links = {{"e1:1-e2:1", true}}};
           },
       .build = {.version = "1.2.3", .revision = "r", .compiler = "c"}});
  const std::string text = api::to_prometheus(source.snapshot());
  const std::string c = R"(participant="C",peer="c1",asn="300",afi="ipv4")";
  for (const std::string& line :
       {std::string(R"(fabrix_build_info{version="1.2.3",revision="r",compiler="c"} 1)"),
        "fabrix_bgp_peer_up{" + c + "} 1", "fabrix_bgp_routes{" + c + R"(,state="received"} 3)",
        "fabrix_bgp_routes{" + c + R"(,state="accepted"} 2)",
        "fabrix_bgp_routes{" + c + R"(,state="filtered"} 1)",
        "fabrix_bgp_routes{" + c + R"(,state="exported"} 1)",
        std::string(R"(fabrix_bgp_rib_routes{afi="ipv4"} 3)"),
        std::string(R"(fabrix_bgp_rib_prefixes{afi="ipv4"} 2)"),
        std::string(R"(fabrix_bgp_routes_filtered{reason="first-as"} 1)"),
        std::string(R"(fabrix_rpki_cache_connected{cache="rpki1"} 1)"),
        std::string(R"(fabrix_rpki_vrps{cache="rpki1"} 7)"),
        std::string(R"(fabrix_switch_connected{switch="fabric"} 1)"),
        std::string(R"(fabrix_switch_connected{switch="e1"} 0)"),
        std::string(R"(fabrix_fabric_link_up{link="e1:1-e2:1"} 1)"),
        std::string("fabrix_config_revision 1"),
        std::string("fabrix_config_last_reload_successful 1")}) {
    EXPECT_THAT(text, HasSubstr(line + "\n"));
  }
  // A session that carries no IPv6 has no such row.
  EXPECT_THAT(text, Not(HasSubstr(R"(peer="c1",asn="300",afi="ipv6")")));
}

TEST(MetricsSource, RemembersWhatBecameOfAConfiguration) {
  api::testing::World world;
  MetricsSource source({.engine = world.sources()});
  source.refused();
  EXPECT_FALSE(source.snapshot().config.is_last_reload_successful);
  EXPECT_EQ(source.snapshot().config.revision, 1U);
  source.configured();
  EXPECT_TRUE(source.snapshot().config.is_last_reload_successful);
  EXPECT_EQ(source.snapshot().config.revision, 2U);
  EXPECT_TRUE(source.snapshot().rpki_caches.empty());
  EXPECT_FALSE(source.snapshot().switches.front().is_connected);
}

}  // namespace
}  // namespace fabrix::daemon
