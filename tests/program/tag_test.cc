#include "program/tag.h"

#include <cstdint>
#include <random>

#include <gtest/gtest.h>

namespace fabrix::program {
namespace {

bool matches(const MacPattern& pattern, net::MacAddress mac) {
  return (mac.to_u64() & pattern.mask) == pattern.bits;
}

std::uint32_t draw(std::mt19937& engine) {
  return static_cast<std::uint32_t>(engine());
}

Tag random_tag(std::mt19937& engine) {
  Tag tag;
  tag.kind = static_cast<TagKind>(engine() % 4);
  tag.reach = draw(engine);
  const auto code = static_cast<std::uint16_t>(engine() % 4096);
  if (code != 0) tag.egress = net::RouterId{static_cast<std::uint16_t>(code - 1)};
  return tag;
}

// Worked out by hand from the picture in the header.
TEST(TagTest, IsLaidOutAsDrawn) {
  const struct {
    Tag tag;
    const char* octets = nullptr;
  } cases[] = {
      {{.kind = TagKind::kInline, .reach = 0, .egress = {}}, "02:00:00:00:00:00"},
      {{.kind = TagKind::kControl, .reach = 0, .egress = {}}, "c2:00:00:00:00:00"},
      {{.kind = TagKind::kIndexed, .reach = 0, .egress = net::RouterId{0}}, "42:00:00:00:00:01"},
      {{.kind = TagKind::kInline, .reach = 0x80000000, .egress = {}}, "22:00:00:00:00:00"},
      {{.kind = TagKind::kInline, .reach = 1, .egress = {}}, "02:00:00:00:10:00"},
      {{.kind = TagKind::kInline, .reach = 0x12345678, .egress = net::RouterId{0xabb}},
       "06:23:45:67:8a:bc"},
      {{.kind = TagKind::kFabricLabel, .reach = 0xffffffff, .egress = net::RouterId{4094}},
       "be:ff:ff:ff:ff:ff"},
  };
  for (const auto& row : cases) EXPECT_EQ(encode(row.tag).to_string(), row.octets);
}

TEST(TagTest, IsALocallyAdministeredUnicastAddressThatReadsBack) {
  std::mt19937 engine(1);
  for (int i = 0; i < 10'000; ++i) {
    const Tag tag = random_tag(engine);
    const net::MacAddress mac = encode(tag);
    EXPECT_FALSE(mac.is_multicast());
    EXPECT_TRUE(mac.is_locally_administered());
    EXPECT_EQ(decode_tag(mac), tag);
  }
}

TEST(TagTest, NoUniversalOrGroupAddressIsATag) {
  for (const char* text : {"08:00:27:89:3b:9f", "00:00:00:00:00:00", "01:80:c2:00:00:00",
                           "03:00:00:00:00:00", "33:33:00:00:00:01", "ff:ff:ff:ff:ff:ff"}) {
    const net::MacAddress mac = net::MacAddress::parse(text).value();
    EXPECT_FALSE(decode_tag(mac)) << text;
    for (int kind = 0; kind < 4; ++kind) {
      EXPECT_FALSE(matches(match_kind(static_cast<TagKind>(kind)), mac)) << text;
    }
    EXPECT_FALSE(matches(match_reach(0, 0), mac)) << text;
  }
}

TEST(TagTest, PatternsSelectWhatTheySay) {
  std::mt19937 engine(2);
  for (int i = 0; i < 10'000; ++i) {
    const Tag tag = random_tag(engine);
    const net::MacAddress mac = encode(tag);
    const bool is_inline = tag.kind == TagKind::kInline;
    EXPECT_TRUE(matches(match_kind(tag.kind), mac));
    // NOLINTNEXTLINE(misc-redundant-expression): each draw is another
    const std::uint32_t mask = draw(engine) & draw(engine) & draw(engine);
    const std::uint32_t bits = (i % 2 == 0 ? tag.reach : draw(engine)) & mask;
    EXPECT_EQ(matches(match_reach(bits, mask), mac), is_inline && (tag.reach & mask) == bits);
    const net::RouterId router{static_cast<std::uint16_t>(engine() % 4095)};
    EXPECT_EQ(matches(match_egress(router), mac), is_inline && tag.egress == router);
    if (tag.egress) {
      EXPECT_EQ(matches(match_egress(*tag.egress), mac), is_inline);
    }
  }
}

}  // namespace
}  // namespace fabrix::program
