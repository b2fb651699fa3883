#include "policy/predicate.h"

#include <functional>
#include <memory>
#include <vector>

#include <gtest/gtest.h>

namespace fabrix::policy {
namespace {

template <typename Node>
PredicatePtr make(Node node) {
  return std::make_shared<const Predicate>(Predicate{std::move(node)});
}

net::Packet packet(std::string_view text) {
  return net::parse_packet(text).value();
}

TEST(PredicateTest, AFieldTestHoldsInsideItsIntervals) {
  const Predicate test{FieldTest{net::Field::kDstPort, {{80, 80}, {443, 445}}}};
  const PacketContext context{};
  EXPECT_TRUE(holds(test, packet("tcp 100.0.0.1:1 -> 140.0.0.1:80"), context));
  EXPECT_TRUE(holds(test, packet("tcp 100.0.0.1:1 -> 140.0.0.1:445"), context));
  EXPECT_FALSE(holds(test, packet("tcp 100.0.0.1:1 -> 140.0.0.1:81"), context));
  EXPECT_FALSE(holds(test, packet("tcp 100.0.0.1:1 -> 140.0.0.1:446"), context));
}

TEST(PredicateTest, ConnectivesMeanWhatTheySay) {
  const PredicatePtr yes = make(Constant{true});
  const PredicatePtr no = make(Constant{false});
  const net::Packet any = packet("udp 100.0.0.1:1 -> 140.0.0.1:80");
  EXPECT_TRUE(holds(Predicate{Not{no}}, any, {}));
  EXPECT_FALSE(holds(Predicate{And{{yes, no}}}, any, {}));
  EXPECT_TRUE(holds(Predicate{Or{{no, yes}}}, any, {}));
  EXPECT_FALSE(holds(Predicate{Or{{no, no}}}, any, {}));
}

TEST(PredicateTest, RoutesAndSendersComeFromTheContext) {
  const std::function<bool(net::ParticipantId, const net::IpAddress&)> announced =
      [](net::ParticipantId who, const net::IpAddress& address) {
        return who.value == 2 && address == net::IpAddress::v4({140, 0, 0, 1});
      };
  const PacketContext context{{1}, &announced};
  const net::Packet any = packet("udp 100.0.0.1:1 -> 140.0.0.1:80");
  EXPECT_TRUE(holds(Predicate{FromParticipant{{1}}}, any, context));
  EXPECT_FALSE(holds(Predicate{FromParticipant{{2}}}, any, context));
  EXPECT_TRUE(holds(Predicate{InPrefixesOf{{2}, Side::kDestination}}, any, context));
  EXPECT_FALSE(holds(Predicate{InPrefixesOf{{2}, Side::kSource}}, any, context));
  EXPECT_FALSE(holds(Predicate{InPrefixesOf{{2}, Side::kDestination}}, any, {}));
}

}  // namespace
}  // namespace fabrix::policy
