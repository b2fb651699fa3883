#include "policy/fsm_predicate.h"

#include <gtest/gtest.h>

#include "policy/simplify.h"

namespace fabrix::policy {
namespace {

Machine machine_per(std::initializer_list<std::string_view> fields) {
  Machine machine;
  machine.states = 3;
  for (const std::string_view each : fields) machine.key.push_back(*find_field(each));
  return machine;
}

net::Packet packet(std::string_view source, std::uint16_t port) {
  net::Packet result;
  result.eth_type = net::kEthTypeIpv4;
  result.protocol = net::kProtocolTcp;
  result.src_ip = *net::IpAddress::parse(source);
  result.dst_ip = net::IpAddress::v4({9, 9, 9, 9});
  result.dst_port = port;
  return result;
}

bool is_in(const PredicatePtr& predicate, const net::Packet& packet) {
  return holds(*predicate, packet, {{0}, nullptr});
}

ClassValue address(std::string_view text) {
  return *net::IpAddress::parse(text);
}

TEST(FsmPredicate, ReadsAndWritesValues) {
  const auto mac = *find_field("srcmac");
  const auto ip = *find_field("srcip");
  const auto port = *find_field("dstport");
  EXPECT_EQ(to_string(mac, *parse_class_value(mac, "08:00:27:89:3b:9f")), "08:00:27:89:3b:9f");
  EXPECT_EQ(to_string(ip, *parse_class_value(ip, "2001:db8::1")), "2001:db8::1");
  EXPECT_EQ(parse_class_value(*find_field("protocol"), "tcp"), ClassValue{std::uint64_t{6}});
  EXPECT_EQ(parse_class_value(port, "0x50"), ClassValue{std::uint64_t{80}});
  for (const std::string_view bad : {"", "65536", "-1", "x", "0x", "8 0"}) {
    EXPECT_FALSE(parse_class_value(port, bad)) << bad;
  }
  EXPECT_FALSE(parse_class_value(ip, "10.0.0.0/8"));
  EXPECT_FALSE(parse_class_value(mac, "10.0.0.1"));
}

TEST(FsmPredicate, ManyClassesOfOneFieldAreOneTest) {
  const Machine machine = machine_per({"srcip"});
  const Instances instances{{{address("10.0.0.1")}, 1}, {{address("10.0.0.2")}, 1}};
  const auto predicate = in_states(machine, instances, {false, true, false}, always());
  EXPECT_EQ(extent_of(*predicate, 1000)->depth, 2U);  // IPv4, and one range
  EXPECT_TRUE(is_in(predicate, packet("10.0.0.2", 80)));
  EXPECT_FALSE(is_in(predicate, packet("10.0.0.3", 80)));
}

TEST(FsmPredicate, WhoHasNoInstanceIsInTheInitialState) {
  const Machine machine = machine_per({"srcip", "dstport"});
  const Instances instances{{{address("10.0.0.1"), std::uint64_t{80}}, 1},
                            {{address("10.0.0.1"), std::uint64_t{443}}, 2},
                            {{address("10.0.0.2"), std::uint64_t{80}}, 2}};
  const auto initially = in_states(machine, instances, {true, false, false}, always());
  const auto second = in_states(machine, instances, {false, false, true}, always());
  const auto not_second = in_states(machine, instances, {true, true, false}, always());
  EXPECT_FALSE(is_in(initially, packet("10.0.0.1", 80)));
  EXPECT_TRUE(is_in(initially, packet("10.0.0.2", 443)));
  EXPECT_TRUE(is_in(second, packet("10.0.0.1", 443)));
  EXPECT_TRUE(is_in(second, packet("10.0.0.2", 80)));
  EXPECT_FALSE(is_in(second, packet("10.0.0.2", 443)));
  EXPECT_TRUE(is_in(not_second, packet("10.0.0.1", 80)));
  net::Packet arp;
  arp.eth_type = net::kEthTypeArp;
  EXPECT_TRUE(is_in(initially, arp));
}

TEST(FsmPredicate, WithoutKeyTheStateIsThatOfItsScope) {
  const Machine machine = machine_per({});
  const auto scope = test_field(net::Field::kDstPort, {{80, 80}});
  const Instances moved{{ClassKey{}, 1}};
  const auto in_first = in_states(machine, moved, {false, true, false}, scope);
  EXPECT_TRUE(is_in(in_first, packet("10.0.0.1", 80)));
  EXPECT_FALSE(is_in(in_first, packet("10.0.0.1", 22)));
  const auto initially = in_states(machine, moved, {true, false, false}, scope);
  EXPECT_FALSE(is_in(initially, packet("10.0.0.1", 80)));
  EXPECT_TRUE(is_in(initially, packet("10.0.0.1", 22)));
  EXPECT_TRUE(is_always(*in_states(machine, {}, {true, false, false}, scope)));
  EXPECT_TRUE(is_never(*in_states(machine, {}, {false, true, true}, scope)));
}

TEST(FsmPredicate, DescribesAClass) {
  const Machine machine = machine_per({"srcmac", "srcip"});
  const ClassKey key{*parse_class_value(machine.key[0], "08:00:27:00:00:01"), address("10.0.0.1")};
  EXPECT_EQ(describe_class(machine, key), "srcmac=08:00:27:00:00:01, srcip=10.0.0.1");
}

}  // namespace
}  // namespace fabrix::policy
