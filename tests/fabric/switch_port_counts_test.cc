#include "fabric/switch_port_counts.h"

#include <vector>

#include <gtest/gtest.h>

namespace fabrix::fabric {
namespace {

// OpenFlow 1.4.1 7.3.5.7: a counter that the switch does not have is all ones.
TEST(SwitchPortCountsTest, TellsOfThePortsOfTheExchangeWhatIsKnown) {
  const std::vector<openflow::PortStats> stats{
      {.number = net::PortNo{1},
       .received_packets = 1,
       .sent_packets = 2,
       .received_octets = 3,
       .sent_octets = 4,
       .received_dropped = 5},
      {.number = net::PortNo{2}, .received_packets = 6, .received_dropped = ~std::uint64_t{0}},
      {.number = net::PortNo{49}, .received_packets = 7}};
  const std::vector<net::PortNo> ports{net::PortNo{1}, net::PortNo{2}, net::PortNo{3}};
  EXPECT_EQ(port_counts_of(stats, ports),
            (PortCounts{{net::PortNo{1}, {.in = {1, 3}, .out = {2, 4}, .discarded = 5}},
                        {net::PortNo{2}, {.in = {6, 0}, .out = {}, .discarded = 0}}}));
}

}  // namespace
}  // namespace fabrix::fabric
