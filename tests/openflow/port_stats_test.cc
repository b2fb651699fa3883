#include "openflow/port_stats.h"

#include <span>
#include <vector>

#include <gtest/gtest.h>

#include "tests/openflow/sample_messages.h"

namespace fabrix::openflow {
namespace {

constexpr std::size_t kPortNumberAt13 = 0;
constexpr std::size_t kPortNumberAt14 = 4;

std::vector<std::byte> encoded(const PortStats& stats, Version version) {
  WireWriter out;
  encode_port_stats_entry(stats, version, out);
  return out.take();
}

// OpenFlow 1.3.5 7.3.5.6, OpenFlow 1.4.1 7.3.5.7: the sizes and places of struct ofp_port_stats.
TEST(PortStatsTest, IsLaidOutAsEachVersionSays) {
  const auto old = encoded(tests::sample_port_stats(), Version::kOpenFlow13);
  ASSERT_EQ(old.size(), 112U);
  EXPECT_EQ(old[kPortNumberAt13 + 3], std::byte{3});
  EXPECT_EQ(old[8 + 7], std::byte{1});        // received packets
  EXPECT_EQ(old[8 + 5 * 8], std::byte{255});  // sent, and dropped
  const auto now = encoded(tests::sample_port_stats(), Version::kOpenFlow14);
  ASSERT_EQ(now.size(), 80U);
  EXPECT_EQ(now[1], std::byte{80});
  EXPECT_EQ(now[kPortNumberAt14 + 3], std::byte{3});
  EXPECT_EQ(now[16 + 7], std::byte{1});
  EXPECT_EQ(now[16 + 5 * 8], std::byte{255});
}

TEST(PortStatsTest, SkipsPropertiesThatFollow) {
  auto octets = encoded(tests::sample_port_stats(), Version::kOpenFlow14);
  octets[1] = std::byte{80 + 8};
  octets.insert(octets.end(), {std::byte{0}, std::byte{9}, std::byte{0}, std::byte{8}});
  octets.insert(octets.end(), 4, std::byte{7});
  ByteReader in(octets);
  EXPECT_EQ(decode_port_stats_entry(in, Version::kOpenFlow14), tests::sample_port_stats());
  EXPECT_TRUE(in.at_end());
}

TEST(PortStatsTest, RejectsEveryTruncation) {
  for (const Version version : {Version::kOpenFlow13, Version::kOpenFlow14}) {
    const auto octets = encoded(tests::sample_port_stats(), version);
    for (std::size_t size = 0; size < octets.size(); ++size) {
      const std::span<const std::byte> all(octets);
      ByteReader in(all.first(size));
      EXPECT_FALSE(decode_port_stats_entry(in, version)) << size;
    }
  }
}

TEST(PortStatsTest, RejectsALengthThatIsTooShort) {
  auto octets = encoded(tests::sample_port_stats(), Version::kOpenFlow14);
  octets[1] = std::byte{79};
  ByteReader in(octets);
  EXPECT_FALSE(decode_port_stats_entry(in, Version::kOpenFlow14));
}

}  // namespace
}  // namespace fabrix::openflow
