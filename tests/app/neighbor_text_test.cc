#include "app/neighbor_text.h"

#include <gtest/gtest.h>

namespace fabrix::app {
namespace {

TEST(NeighborText, ReadsARouter) {
  const auto router = parse_neighbor("192.0.2.1,as=64500,id=10.0.0.1,ipv6,flowspec,flowspec6");
  ASSERT_TRUE(router) << router.error().message;
  EXPECT_EQ(*router, (speaker::NeighborOptions{.address = net::IpAddress::v4({192, 0, 2, 1}),
                                               .local_as = net::Asn{64500},
                                               .identifier = 0x0a000001,
                                               .families = {.ipv4 = true, .ipv6 = true},
                                               .flowspec = {.ipv4 = true, .ipv6 = true}}));
  const auto another =
      parse_neighbor("2001:db8::1,as=1,id=10.0.0.1,peer-as=2,port=179,max-prefixes=9,password=x");
  ASSERT_TRUE(another) << another.error().message;
  EXPECT_EQ(another->peer_as, net::Asn{2});
  EXPECT_EQ(another->dial, 179);
  EXPECT_EQ(another->most_prefixes, 9U);
  EXPECT_EQ(another->password, "x");
}

TEST(NeighborText, RefusesWhatIsNone) {
  for (const auto* wrong :
       {"", "router", "192.0.2.1", "192.0.2.1,as=1", "192.0.2.1,id=10.0.0.1",
        "192.0.2.1,as=0,id=10.0.0.1", "192.0.2.1,as=1,id=::1", "192.0.2.1,as=1,id=10.0.0.1,fast",
        "192.0.2.1,as=1,id=10.0.0.1,port=65536", "192.0.2.1,as=1,id=10.0.0.1,",
        "192.0.2.1,as=1,id=10.0.0.1,password=", "192.0.2.1,as=1,id=10.0.0.1,weight=7"}) {
    EXPECT_FALSE(parse_neighbor(wrong)) << wrong;
  }
}

}  // namespace
}  // namespace fabrix::app
