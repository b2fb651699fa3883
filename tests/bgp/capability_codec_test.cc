#include "bgp/capability_codec.h"

#include <gtest/gtest.h>

#include "tests/bgp/octets.h"

namespace fabrix::bgp {
namespace {

using std::chrono::seconds;

constexpr Multiprotocol kIpv4{.afi = 1, .safi = Safi::kUnicast};
constexpr Multiprotocol kIpv6{.afi = 2, .safi = Safi::kUnicast};

struct Sample {
  const char* what;
  Capability capability;
  Bytes octets;  // code, length, value
};

// Octets from the figures of the RFCs.
std::vector<Sample> samples() {
  return {
      {"Rfc4760_8 multiprotocol", Multiprotocol{.afi = 2, .safi = Safi::kFlowSpec},
       bytes({1, 4, 0, 2, 0, 133})},
      {"Rfc2918_2 route refresh", RouteRefresh{}, bytes({2, 0})},
      {"Rfc8950_4 extended next hop", ExtendedNextHop{{{1, 1, 2}, {1, 128, 2}}},
       bytes({5, 12, 0, 1, 0, 1, 0, 2, 0, 1, 0, 128, 0, 2})},
      {"Rfc8654_3 extended message", ExtendedMessage{}, bytes({6, 0})},
      {"Rfc9234_4_1 role", BgpRole{Role::kRouteServer}, bytes({9, 1, 1})},
      {"Rfc4724_3 graceful restart",
       GracefulRestart{.restarted = true,
                       .notification = false,
                       .restart_time = seconds(120),
                       .families = {{kIpv4, true}, {kIpv6, false}}},
       bytes({64, 10, 0x80, 120, 0, 1, 1, 0x80, 0, 2, 1, 0})},
      {"Rfc8538_2 the N bit",
       GracefulRestart{
           .restarted = false, .notification = true, .restart_time = seconds(4095), .families = {}},
       bytes({64, 2, 0x4f, 0xff})},
      {"Rfc7911_4 ADD-PATH",
       AddPath{{{kIpv4, AddPath::Mode::kReceive}, {kIpv6, AddPath::Mode::kBoth}}},
       bytes({69, 8, 0, 1, 1, 1, 0, 2, 1, 3})},
      {"Rfc7313_3_1 enhanced route refresh", EnhancedRouteRefresh{}, bytes({70, 0})},
      {"Rfc9494_3_1 long-lived graceful restart",
       LongLivedGracefulRestart{{{kIpv4, true, seconds(0xffffff)}, {kIpv6, false, seconds(3600)}}},
       bytes({71, 14, 0, 1, 1, 0x80, 0xff, 0xff, 0xff, 0, 2, 1, 0, 0, 0x0e, 0x10})},
      {"a host name, which nobody here reads",
       UnknownCapability{.code = 73, .value = bytes({1, 'r', 0})}, bytes({73, 3, 1, 'r', 0})},
      {"a software version of no octets", UnknownCapability{.code = 75, .value = {}},
       bytes({75, 0})},
  };
}

std::optional<Capability> decode(const Bytes& octets) {
  return decode_capability(std::to_integer<std::uint8_t>(octets.at(0)),
                           std::span(octets).subspan(2));
}

TEST(CapabilityCodecTest, SaysEveryCapabilityAsItsRfcDoes) {
  for (const auto& [what, capability, octets] : samples()) {
    SCOPED_TRACE(what);
    ByteWriter out;
    encode_capability(capability, out);
    EXPECT_EQ(out.take(), octets);
    EXPECT_EQ(decode(octets), capability);
  }
}

// One octet less or more is no capability of that kind; what an unknown one holds is its own
// matter.
TEST(CapabilityCodecTest, EveryOtherLengthIsMalformed) {
  for (const auto& [what, capability, octets] : samples()) {
    if (std::holds_alternative<UnknownCapability>(capability)) continue;
    SCOPED_TRACE(what);
    EXPECT_EQ(decode(join({octets, bytes({0})})), std::nullopt);
    if (octets.size() == 2) continue;
    EXPECT_EQ(decode({octets.begin(), octets.end() - 1}), std::nullopt);
  }
}

TEST(CapabilityCodecTest, Rfc4724_3_NeedsItsFlagsAndTime) {
  EXPECT_EQ(decode(bytes({64, 0})), std::nullopt);
  EXPECT_EQ(decode(bytes({64, 1, 0x80})), std::nullopt);
}

TEST(CapabilityCodecTest, Rfc4724_3_IgnoresReservedBits) {
  const GracefulRestart expected{.restarted = false,
                                 .notification = false,
                                 .restart_time = seconds(5),
                                 .families = {{kIpv4, false}}};
  EXPECT_EQ(decode(bytes({64, 6, 0x30, 5, 0, 1, 1, 0x7f})), Capability(expected));
}

TEST(CapabilityCodecTest, Rfc9494_3_1_IgnoresReservedBits) {
  const LongLivedGracefulRestart expected{{{kIpv4, false, seconds(1)}}};
  EXPECT_EQ(decode(bytes({71, 7, 0, 1, 1, 0x7f, 0, 0, 1})), Capability(expected));
}

TEST(CapabilityCodecTest, Rfc4760_8_IgnoresTheReservedOctet) {
  EXPECT_EQ(decode(bytes({1, 4, 0, 1, 99, 1})), Capability(kIpv4));
}

TEST(CapabilityCodecTest, KeepsValuesItDoesNotKnow) {
  for (const Bytes& octets : {bytes({69, 4, 0, 1, 1, 9}), bytes({9, 1, 77}),
                              bytes({5, 6, 0x40, 0, 1, 1, 0, 25}), bytes({1, 4, 0x40, 4, 0, 71})}) {
    const auto capability = decode(octets);
    ASSERT_TRUE(capability);
    ByteWriter out;
    encode_capability(*capability, out);
    EXPECT_EQ(out.take(), octets);
  }
}

// Lists of tuples may be empty, and as long as a capability can be.
TEST(CapabilityCodecTest, TakesAnyNumberOfTuples) {
  for (const int code : {5, 69, 71}) EXPECT_TRUE(decode(bytes({code, 0})));
  const Bytes longest = join({bytes({69, 252}), Bytes(252)});
  const auto capability = decode(longest);
  ASSERT_TRUE(capability);
  EXPECT_EQ(std::get<AddPath>(*capability).families.size(), 63U);
}

}  // namespace
}  // namespace fabrix::bgp
