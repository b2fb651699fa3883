#include "telemetry/engine.h"

#include <gtest/gtest.h>

#include "tests/telemetry/samples.h"

namespace fabrix::telemetry {
namespace {

using std::chrono::seconds;

const net::IpAddress kFrom = net::IpAddress::v4({192, 0, 2, 9});

TEST(Engine, CountsWhatItReceives) {
  Engine engine;
  const Sampled sampled(sflow::frame("tcp 10.4.3.9:1000 -> 10.1.2.3:80"));
  engine.receive(sampled.datagram(), kFrom, seconds(1));
  engine.receive(sampled.datagram(), kFrom, seconds(2));
  EXPECT_EQ(engine.counters().datagrams, 2U);
  EXPECT_EQ(engine.counters().octets, 2 * sampled.datagram().size());
  EXPECT_EQ(engine.counters().flow_samples, 2U);
  EXPECT_EQ(engine.counters().counter_samples, 0U);
  EXPECT_EQ(engine.counters().parse_errors, 0U);
}

TEST(Engine, TellsOtherVersionsFromGarbage) {
  Engine engine;
  const Sampled sampled(sflow::frame("tcp 10.4.3.9:1000 -> 10.1.2.3:80"));
  auto octets = sampled.datagram();
  engine.receive(sflow::Bytes(octets).first(10), kFrom, {});
  // Whatever could be read of it counts, and that it was cut off.
  engine.receive(sflow::Bytes(octets).first(octets.size() - 40), kFrom, {});
  octets[3] = std::byte{4};
  engine.receive(octets, kFrom, {});
  EXPECT_EQ(engine.counters().parse_errors, 2U);
  EXPECT_EQ(engine.counters().unsupported_versions, 1U);
  EXPECT_EQ(engine.counters().datagrams, 1U);
}

TEST(Engine, NeverGoesBackInTime) {
  Engine engine;
  engine.tick(seconds(5));
  engine.tick(seconds(4));
  EXPECT_EQ(engine.now(), seconds(5));
}

}  // namespace
}  // namespace fabrix::telemetry
