#include "openflow/table_features.h"

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

#include <gtest/gtest.h>

namespace fabrix::openflow {
namespace {

// OpenFlow 1.3.5 §7.3.5.5: a table "acl" with properties in the order of their types, each padded.
std::vector<std::byte> golden() {
  std::vector<int> octets{0x00, 0xa0, 0x03, 0, 0, 0, 0, 0, 'a', 'c', 'l'};
  octets.resize(56);                                                             // name, metadata
  octets.insert(octets.end(), {0, 0, 0, 3, 0, 0, 2, 0xbc});                      // 700 entries
  octets.insert(octets.end(), {0,    0,    0, 20, 0, 1, 0,    4,    0, 4, 0, 4,  // goto, apply,
                               0xff, 0xff, 0, 8,  0, 0, 0x23, 0x20,  // an experimenter's
                               0,    0,    0, 0});
  octets.insert(octets.end(), {0, 2, 0, 7, 4, 5, 6, 0});  // next tables
  octets.insert(octets.end(), {0, 4, 0, 8, 0, 0, 0, 4});  // write actions
  octets.insert(octets.end(),
                {0,    8,    0,  28, 0x80, 0,    0,    4, 0x80, 0, 6, 6,    // match: in_port,
                 0xff, 0xff, 84, 6,  0x4f, 0x4e, 0x46, 0,                   // eth_dst, tcp_flags,
                 0,    1,    0,  4,  0x80, 0,    0x7e, 4, 0,    0, 0, 0});  // reg0, none of ours
  octets.insert(octets.end(), {0, 14, 0, 8, 0x80, 0, 8, 6});                // set: eth_src
  octets.insert(octets.end(), {0, 14 + 1, 0, 4, 0, 0, 0, 0});               // of misses
  std::vector<std::byte> bytes;
  for (const int octet : octets) bytes.push_back(static_cast<std::byte>(octet));
  bytes[1] = static_cast<std::byte>(bytes.size());
  return bytes;
}

std::optional<TableFeatures> decoded(std::span<const std::byte> bytes) {
  ByteReader in(bytes);
  auto table = decode_table_features(in);
  return table && in.ok() && in.at_end() ? table : std::nullopt;
}

TEST(TableFeaturesTest, ReadsWhatATableCanDo) {
  const TableFeatures expected{.table_id = 3,
                               .name = "acl",
                               .max_entries = 700,
                               .instructions = std::set<std::uint16_t>{1, 4, 0xffff},
                               .next_tables = std::set<std::uint8_t>{4, 5, 6},
                               .matches = std::set{OxmField::kInPort, OxmField::kEthDst},
                               .sets = std::set{OxmField::kEthSrc}};
  EXPECT_EQ(decoded(golden()), expected);
}

TEST(TableFeaturesTest, WhatATableDoesNotSayIsNotKnown) {
  auto bytes = golden();
  bytes.resize(64);
  bytes[1] = std::byte{64};
  const auto table = decoded(bytes);
  ASSERT_TRUE(table);
  EXPECT_FALSE(table->instructions || table->next_tables || table->matches || table->sets);
}

TEST(TableFeaturesTest, RejectsEveryTruncation) {
  const auto bytes = golden();
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    SCOPED_TRACE(size);
    EXPECT_FALSE(decoded(std::span(bytes).first(size)));
  }
}

TEST(TableFeaturesTest, RejectsLengthsThatDoNotFitAndPropertiesThatComeTwice) {
  for (const auto& [at, value] : {std::pair{1, 63}, std::pair{1, 161}, std::pair{67, 3},
                                  std::pair{67, 200}, std::pair{71, 3}, std::pair{71, 60}}) {
    auto bytes = golden();
    bytes[static_cast<std::size_t>(at)] = static_cast<std::byte>(value);
    EXPECT_FALSE(decoded(bytes)) << at << " " << value;
  }
  auto twice = golden();
  twice.insert(twice.end(), {std::byte{0}, std::byte{2}, std::byte{0}, std::byte{5}, std::byte{9},
                             std::byte{0}, std::byte{0}, std::byte{0}});
  twice[1] = static_cast<std::byte>(twice.size());
  EXPECT_FALSE(decoded(twice));
}

TEST(TableFeaturesTest, ReadsWhatItWritesInNoMoreOctets) {
  const auto table = decoded(golden());
  ASSERT_TRUE(table);
  WireWriter out;
  encode_table_features(*table, out);
  const auto bytes = out.take();
  EXPECT_LE(bytes.size(), golden().size());
  EXPECT_EQ(decoded(bytes), table);
}

// Whatever the octets, it stays within them.
TEST(TableFeaturesTest, SurvivesEveryValueOfEveryOctet) {
  const auto bytes = golden();
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    for (unsigned value = 0; value < 256; value += 5) {
      auto other = bytes;
      other[at] = static_cast<std::byte>(value);
      const auto table = decoded(other);
      if (!table) continue;
      WireWriter out;
      encode_table_features(*table, out);
      EXPECT_EQ(decoded(out.take()), table) << at << " " << value;
    }
  }
}

}  // namespace
}  // namespace fabrix::openflow
