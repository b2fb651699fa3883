#include "compiler/witness.h"

#include <gtest/gtest.h>

#include "compiler/box.h"
#include "compiler/predicate_diagram.h"
#include "tests/compiler/world.h"

namespace fabrix::compiler {
namespace {

std::optional<std::string> text(const PredicatePtr& predicate) {
  const World world({1});
  diagram::Store store(policy_field_widths());
  const auto packet = witness(store, diagram_of(store, *predicate, {world.routes}));
  if (!packet) return std::nullopt;
  return net::to_string(*packet);
}

TEST(Witness, LooksLikeAPacketOfTheTrade) {
  EXPECT_EQ(text(all_of({dst_port(80), in_block4(net::Field::kDstIp4, prefix("140.0.0.0/24"))})),
            "tcp 100.0.0.1:1024 -> 140.0.0.1:80");
  EXPECT_EQ(text(dst_port(53)), "tcp 100.0.0.1:1024 -> 140.0.0.1:53");
  EXPECT_EQ(text(in_block4(net::Field::kDstIp4, prefix("9.9.9.0/24"))),
            "tcp 100.0.0.1:1024 -> 9.9.9.1:1024");
}

TEST(Witness, HonoursWhatIsAskedFor) {
  EXPECT_EQ(text(all_of({ether_type(net::kEthTypeIpv6), dst_port(80),
                         test(net::Field::kProtocol, {{17, 17}})})),
            "udp [2001:db8::1]:1024 -> [2001:db8::2]:80");
  EXPECT_EQ(text(make({policy::Constant{false}})), std::nullopt);
}

}  // namespace
}  // namespace fabrix::compiler
