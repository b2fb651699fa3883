#include <gtest/gtest.h>

#include "sflow/datagram.h"

namespace fabrix::sflow {
namespace {

// sflow_drops.txt, and the enumeration of sflowtool (whose 33 and 36 are misprints of 332 and 366).
TEST(DropReason, HasTheNamesOfTheStandard) {
  EXPECT_EQ(drop_reason_name(0), "net_unreachable");
  EXPECT_EQ(drop_reason_name(15), "precedence_cutoff");
  EXPECT_EQ(drop_reason_name(256), "unknown");
  EXPECT_EQ(drop_reason_name(258), "acl");
  EXPECT_EQ(drop_reason_name(288), "unknown_tunnel");
  EXPECT_EQ(drop_reason_name(315), "gre_parsing");
  EXPECT_EQ(drop_reason_name(332), "dev_hdr");
  EXPECT_EQ(drop_reason_name(340), "tcp_flags");
  EXPECT_EQ(drop_reason_name(366), "tc_egress");
  EXPECT_EQ(drop_reason_name(371), "socket_filter");
}

TEST(DropReason, HasNoNameForOthers) {
  for (const std::uint32_t reason : {16U, 255U, 372U, 0xffffffffU}) {
    EXPECT_EQ(drop_reason_name(reason), "") << reason;
  }
}

}  // namespace
}  // namespace fabrix::sflow
