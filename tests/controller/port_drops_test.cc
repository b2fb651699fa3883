#include "controller/port_drops.h"

#include <gtest/gtest.h>

#include "exchange/load.h"

namespace fabrix::controller {
namespace {

using program::DropReason;
using std::chrono::seconds;

constexpr const char* kExchange = R"(version: 1
exchange:
  name: small
  asn: 65000
  router_id: 172.0.255.254
  peering_lan: [172.0.0.0/16]
  route_server: {addresses: [172.0.255.254], fabric_port: 4094, policy: minimal}
participants:
  - {name: A, asn: 100, routers: [{name: a1, mac: "08:00:27:00:00:01", addresses: [172.0.0.1], port: 1}]}
)";

class PortDropsTest : public ::testing::Test {
 protected:
  void count(std::uint32_t port, DropReason reason, std::uint64_t packets) {
    counts_[{.owner = {}, .query = program::drop_counter({{port}, reason})}] = {packets,
                                                                                packets * 60};
  }
  void read(int second) {
    drops_.update(exchange_, counts_,
                  {.steady = std::chrono::steady_clock::time_point(seconds(second)),
                   .wall = std::chrono::system_clock::time_point(seconds(1000 + second))});
  }

  exchange::Exchange exchange_ = *exchange::load(kExchange, "exchange.yaml");
  fabric::QueryCounts counts_;
  PortDrops drops_;
};

TEST_F(PortDropsTest, TellsWhatEachPortDroppedByReasonWithItsRate) {
  count(4094, DropReason::kDhcp, 1);
  count(1, DropReason::kTagged, 3);
  count(1, DropReason::kSourceMac, 10);
  read(0);
  count(1, DropReason::kSourceMac, 30);
  read(2);
  ASSERT_EQ(drops_.reports().size(), 3U);
  const DropReport& first = drops_.reports()[0];
  EXPECT_EQ(first.drop, (program::PortDrop{{1}, DropReason::kSourceMac}));
  EXPECT_EQ(first.total.packets, 30U);
  EXPECT_EQ(first.packets_per_second, 10.0);
  EXPECT_EQ(first.last_change, std::chrono::system_clock::time_point(seconds(1002)));
  EXPECT_EQ(drops_.reports()[1].packets_per_second, 0.0);
  EXPECT_EQ(drops_.reports()[1].last_change, std::chrono::system_clock::time_point(seconds(1000)));
  EXPECT_EQ(drops_.reports()[2].drop.port, net::PortNo{4094});
}

TEST_F(PortDropsTest, QueriesAndPortsOfNobodyAreNoDrops) {
  counts_[{.owner = {}, .query = 7}] = {1, 60};
  count(77, DropReason::kDhcp, 1);
  count(1, DropReason::kDhcp, 0);
  read(0);
  EXPECT_TRUE(drops_.reports().empty());
}

}  // namespace
}  // namespace fabrix::controller
