#include "compiler/delivery.h"

#include <gtest/gtest.h>

#include "program/tag.h"
#include "tests/compiler/world.h"

namespace fabrix::compiler {
namespace {

using program::Metadata;

const program::Row* find(const std::vector<program::Row>& rows, const net::Packet& packet,
                         const Metadata& metadata) {
  const program::Row* best = nullptr;
  for (const program::Row& row : rows) {
    if (!program::matches(row.match, packet, metadata.bits)) continue;
    if (best == nullptr || row.priority > best->priority) best = &row;
  }
  return best;
}

Metadata towards(unsigned member, unsigned to) {
  return Metadata::egress(participant(member)) | Metadata::egress_router(router(to));
}

class Resolve : public testing::Test {
 protected:
  World world_{{1, 2}};
  std::vector<program::Row> rows_ = resolve_rows(world_.exchange, {false, false});
  net::Packet packet_;
};

TEST_F(Resolve, ATagNamesTheBestRoutesRouter) {
  packet_.dst_mac = program::encode({.reach = 0xffffffff, .egress = router(2)});
  const auto* row = find(rows_, packet_, Metadata::sender(participant(0)));
  ASSERT_NE(row, nullptr);
  EXPECT_EQ(row->write_metadata, towards(1, 2));
  EXPECT_EQ(find(rows_, packet_, Metadata::control()), nullptr);
}

TEST_F(Resolve, ARealMacNamesItsRouterAndAnUnknownOneNothing) {
  packet_.dst_mac = world_.exchange.routers[1].mac;
  EXPECT_EQ(find(rows_, packet_, {})->write_metadata, towards(1, 1));
  packet_.dst_mac = net::MacAddress::from_u64(0x080027999999);
  EXPECT_EQ(find(rows_, packet_, {}), nullptr);
}

TEST_F(Resolve, ArpGoesToTheOwnerOfTheAddress) {
  net::set_value(packet_, net::Field::kEthType, net::kEthTypeArp);
  packet_.dst_mac = net::MacAddress::broadcast();
  packet_.dst_ip = world_.exchange.routers[2].addresses[0];
  EXPECT_EQ(find(rows_, packet_, Metadata::control())->write_metadata, towards(1, 2));
  packet_.dst_ip = ip("172.0.77.77");
  EXPECT_EQ(find(rows_, packet_, Metadata::control()), nullptr);
}

TEST_F(Resolve, NeighbourDiscoveryGoesToTheOwnerOfTheAddress) {
  net::set_value(packet_, net::Field::kEthType, net::kEthTypeIpv6);
  packet_.dst_mac = net::MacAddress::from_u64(0x3333ff000001);
  packet_.protocol = net::kProtocolIcmpv6;
  packet_.icmp_type = 135;
  packet_.nd_target = world_.exchange.routers[2].addresses[1];
  EXPECT_EQ(find(rows_, packet_, Metadata::control())->write_metadata, towards(1, 2));
  packet_.icmp_type = 136;
  packet_.dst_ip = world_.exchange.routers[0].addresses[1];
  EXPECT_EQ(find(rows_, packet_, Metadata::control())->write_metadata, towards(0, 0));
}

TEST_F(Resolve, TheRouteServerIsReachedDirectly) {
  const auto& site = world_.exchange.route_server;
  packet_.dst_mac = site.mac;
  const auto* row = find(rows_, packet_, {});
  ASSERT_NE(row, nullptr);
  EXPECT_EQ(row->next, program::Next{program::Output{site.port}});
  EXPECT_TRUE(row->set_fields.empty());
  net::set_value(packet_, net::Field::kEthType, net::kEthTypeArp);
  packet_.dst_mac = net::MacAddress::broadcast();
  packet_.dst_ip = site.addresses[0];
  row = find(rows_, packet_, Metadata::control());
  ASSERT_NE(row, nullptr);
  EXPECT_EQ(row->set_fields,
            (std::vector<program::SetField>{{net::Field::kDstMac, site.mac.to_u64()}}));
}

std::optional<net::PortNo> port_for(const World& world, unsigned to, const std::vector<bool>& up) {
  const auto rows = transit_rows(world.exchange, up);
  const auto* row = find(rows, {}, Metadata::egress_router(router(to)));
  const auto* output = std::get_if<program::Output>(&row->next);
  if (output == nullptr) return std::nullopt;
  EXPECT_EQ(row->set_fields.front().value, world.exchange.find_router(output->port)->mac.to_u64());
  return output->port;
}

TEST(Transit, APortThatIsDownIsReplacedByTheParticipantsNext) {
  const World world({1, 3});
  EXPECT_EQ(port_for(world, 2, {true, true, true, true}), net::PortNo{3});
  EXPECT_EQ(port_for(world, 2, {true, true, false, true}), net::PortNo{4});
  EXPECT_EQ(port_for(world, 3, {true, true, false, false}), net::PortNo{2});
  EXPECT_EQ(port_for(world, 3, {true, false, false, false}), std::nullopt);
}

TEST(Transit, ControlTrafficReachesTheAddressedRouterOrNobody) {
  const World world({1, 2});
  const auto metadata = Metadata::egress_router(router(1)) | Metadata::control();
  const auto with_all = transit_rows(world.exchange, {true, true, true});
  EXPECT_EQ(find(with_all, {}, metadata)->next, program::Next{program::Output{{2}}});
  const auto without = transit_rows(world.exchange, {true, false, true});
  EXPECT_EQ(find(without, {}, metadata)->next, program::Next{program::Discard{}});
  EXPECT_EQ(find(without, {}, Metadata::egress_router(router(1)))->next,
            program::Next{program::Output{{3}}});
}

}  // namespace
}  // namespace fabrix::compiler
