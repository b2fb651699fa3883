#include "verify/findings.h"

#include <gtest/gtest.h>

#include "tests/verify/walkthrough.h"
#include "verify/clause_diagram.h"

namespace fabrix::verify {
namespace {

TEST(FindingsTest, StopsWhenThereAreEnough) {
  Findings findings;
  for (std::size_t i = 0; i < 2 * kMaxViolations; ++i) findings.add({});
  EXPECT_TRUE(findings.full());
  EXPECT_EQ(findings.take().size(), kMaxViolations);
}

TEST(FindingsTest, SaysWhatHappensToAPacketInWords) {
  const Walkthrough walkthrough;
  Effect effect;
  EXPECT_EQ(describe(effect, walkthrough.exchange), "dropped");
  effect.kind = Effect::Kind::kContinue;
  effect.metadata = on_the_way(walkthrough.world(), Walkthrough::kA, Walkthrough::kC2);
  effect.writes = {{net::Field::kDscp, 46}};
  EXPECT_EQ(describe(effect, walkthrough.exchange), "sent to C (c2), dscp := 46");
}

TEST(FindingsTest, ShowsTheRowsThatActOnAPacket) {
  const Walkthrough walkthrough;
  net::Packet packet = walkthrough.packet(Walkthrough::kD1, "tcp 1.2.3.4:5 -> 140.0.0.1:80");
  packet.dst_mac = walkthrough.exchange.router(Walkthrough::kC1).mac;
  EXPECT_EQ(rows_for(walkthrough.program, packet).size(), 4U);  // admit, resolve, inbound, transit
}

}  // namespace
}  // namespace fabrix::verify
