#include "openflow/match.h"

#include <gtest/gtest.h>

#include "tests/openflow/test_flows.h"

namespace fabrix::openflow {
namespace {

std::vector<std::byte> bytes(std::initializer_list<int> octets) {
  std::vector<std::byte> result;
  for (const int octet : octets) result.push_back(static_cast<std::byte>(octet));
  return result;
}

std::vector<std::byte> encoded(const Match& match) {
  WireWriter out;
  encode_match(match, out);
  EXPECT_EQ(out.size(), encoded_size(match));
  return out.take();
}

std::optional<Match> decoded(std::span<const std::byte> octets) {
  ByteReader in(octets);
  auto match = decode_match(in);
  EXPECT_TRUE(!match || (in.ok() && in.at_end()));
  return match;
}

TEST(MatchTest, IsWrittenAsTheStandardDrawsIt) {
  Match match;
  match.set(OxmField::kTcpFlags, 0x02, 0x12)
      .set(OxmField::kEthType, 0x0800)
      .set(OxmField::kIpProto, 6);
  EXPECT_EQ(encoded(match), bytes({
                                0,    1,    0,    27,        // OXM match of 27 octets
                                0x80, 0,    0x0a, 2,  8, 0,  // eth_type
                                0x80, 0,    0x14, 1,  6,     // ip_proto
                                0xff, 0xff, 0x55, 8,         // experimenter 42, with a mask
                                0x4f, 0x4e, 0x46, 0,  0, 2, 0, 0x12,  // ONF, value, mask
                                0,    0,    0,    0,  0,              // padding
                            }));
}

TEST(MatchTest, AnEmptyMatchIsHeaderAndPadding) {
  EXPECT_EQ(encoded(Match{}), bytes({0, 1, 0, 4, 0, 0, 0, 0}));
}

TEST(MatchTest, EqualMeaningsCompareEqual) {
  Match one;
  one.set(OxmField::kIpv4Dst, 0x0a0b0c0d, 0xffffff00).set(OxmField::kEthType, 0x0800);
  Match other;
  other.set(OxmField::kEthType, 0x0800, 0xffff)
      .set(OxmField::kIpv4Dst, 1)
      .set(OxmField::kIpv4Dst, 0x0a0b0c00, 0xffffff00)
      .set(OxmField::kEthSrc, 5, 0);
  EXPECT_EQ(one, other);
  EXPECT_EQ(encoded(one), encoded(other));
  ASSERT_NE(other.find(OxmField::kEthType), nullptr);
  EXPECT_TRUE(other.find(OxmField::kEthType)->is_exact());
  EXPECT_EQ(other.find(OxmField::kEthSrc), nullptr);
}

TEST(MatchTest, AnEmptyMaskTakesTheRequirementBack) {
  Match match;
  match.set(OxmField::kTcpDst, 80).set(OxmField::kTcpDst, 80, 0);
  EXPECT_TRUE(match.empty());
}

TEST(MatchTest, BitsThatTheFieldDoesNotHaveMeanNothing) {
  Match wide;
  wide.set(OxmField::kVlanVid, 0xf005, 0xffff);
  Match exact;
  exact.set(OxmField::kVlanVid, 0x1005);
  EXPECT_EQ(wide, exact);
  // The same from the wire: a full 16-bit mask on a 12-bit field.
  const auto flags =
      bytes({0, 1, 0, 16, 0xff, 0xff, 0x55, 8, 0x4f, 0x4e, 0x46, 0, 0, 2, 0xff, 0xff});
  EXPECT_EQ(decoded(flags), Match().set(OxmField::kTcpFlags, 2));
}

TEST(MatchTest, EveryFieldSurvivesTheWire) {
  for (const FlowMod& mod : tests::flows_with_every_field()) {
    SCOPED_TRACE(mod.priority);
    EXPECT_EQ(decoded(encoded(mod.match)), mod.match);
  }
}

TEST(MatchTest, FieldsHaveTheNamesOfTheStandard) {
  // OpenFlow 1.3.5 §7.2.3.7; Open vSwitch calls them the same.
  EXPECT_EQ(name_of(OxmField::kInPort), "in_port");
  EXPECT_EQ(name_of(OxmField::kEthType), "eth_type");
  EXPECT_EQ(name_of(OxmField::kTcpFlags), "tcp_flags");
}

TEST(MatchTest, PrerequisitesComeFirst) {
  for (const OxmField field : all_oxm_fields()) {
    const Match needs = tests::prerequisites_of(field);
    for (const MatchField& need : needs.fields()) {
      EXPECT_LE(need.field, field) << name_of(need.field) << " before " << name_of(field);
    }
  }
}

TEST(MatchTest, UnknownFieldsAreCarriedAlong) {
  // A Nicira register (class 1, field 1), and the OpenFlow 1.5 number of tcp_flags.
  const auto wire = bytes({0,    1, 0,    18, 0, 1, 2, 4, 0, 0, 0, 9,  //
                           0x80, 0, 0x54, 2,  0, 2, 0, 0, 0, 0, 0, 0});
  const auto match = decoded(wire);
  ASSERT_TRUE(match);
  ASSERT_EQ(match->opaque().size(), 2U);
  EXPECT_EQ(match->opaque()[0].header, 0x000102U);
  EXPECT_EQ(encoded(*match), wire);
}

TEST(MatchTest, MalformedMatchesAreRejected) {
  const struct {
    const char* what;
    std::vector<std::byte> octets;
  } cases[] = {
      {"standard match type", bytes({0, 0, 0, 4, 0, 0, 0, 0})},
      {"length below the header", bytes({0, 1, 0, 3, 0, 0, 0, 0})},
      {"padding missing", bytes({0, 1, 0, 4, 0, 0, 0})},
      {"value too short", bytes({0, 1, 0, 9, 0x80, 0, 0x0a, 1, 8, 0, 0, 0, 0, 0, 0, 0})},
      {"value too long", bytes({0, 1, 0, 11, 0x80, 0, 0x0a, 3, 8, 0, 0, 0, 0, 0, 0, 0})},
      {"mask missing", bytes({0, 1, 0, 10, 0x80, 0, 0x0b, 2, 8, 0, 0, 0, 0, 0, 0, 0})},
      {"field beyond the match", bytes({0, 1, 0, 9, 0x80, 0, 0x0a, 2, 8, 0, 0, 0, 0, 0, 0, 0})},
      {"field twice", bytes({0, 1, 0, 16, 0x80, 0, 0x0a, 2, 8, 0, 0x80, 0, 0x0a, 2, 8, 0})},
  };
  for (const auto& [what, octets] : cases) {
    SCOPED_TRACE(what);
    EXPECT_FALSE(decoded(octets));
  }
}

TEST(MatchTest, EveryTruncationIsRejected) {
  const auto whole = encoded(tests::policy_flow(3).match);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    SCOPED_TRACE(size);
    EXPECT_FALSE(decoded(std::span(whole).first(size)));
  }
}

}  // namespace
}  // namespace fabrix::openflow
