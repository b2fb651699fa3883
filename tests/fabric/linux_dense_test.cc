#include "fabric/linux_dense.h"

#include <random>

#include <gtest/gtest.h>

#include "tests/fabric/linux_rows.h"

namespace fabrix::fabric {
namespace {

using net::Field;

std::vector<LinuxForm> forms(const std::vector<program::Row>& rows) {
  return sharpened(forms_of(by_priority(rows), enough()));
}

program::Row admit(std::uint32_t port, std::uint64_t mac, std::uint16_t type) {
  return row_to(port, 10,
                program::Match{}
                    .exact(Field::kInPort, port)
                    .exact(Field::kEthType, type)
                    .exact(Field::kSrcMac, mac));
}

TEST(LinuxDense, IsByTheFieldThatEachRowHasForItself) {
  std::vector<program::Row> rows;
  for (std::uint32_t i = 0; i < 50; ++i)
    rows.push_back(admit(100 + i, 0x080027000000 + i / 2, 0x800));
  const auto all = forms(rows);
  ASSERT_EQ(all.size(), 1U);
  const auto index = index_of(all[0]);
  ASSERT_TRUE(index);
  EXPECT_EQ(index->field, static_cast<LinuxField>(Field::kInPort));
  EXPECT_EQ(index->first + index->size, 100U + 50);
  ASSERT_EQ(index->others.size(), 1U);
  const auto array = array_of(all[0], *index);
  const fabrix_dense& entry = array->at(index->place_of(117));
  EXPECT_EQ(entry.present, 1U);
  EXPECT_EQ(entry.values[0], 0x080027000008U);
  EXPECT_EQ(entry.step.port, 117U);
}

// All bits above the numbers are looked at with them: what is far off is in no place.
TEST(LinuxDense, WhatIsFarOffIsBeyondTheEnd) {
  std::vector<program::Row> rows;
  for (std::uint32_t i = 0; i < 50; ++i) rows.push_back(admit(i + 1, 0x080027000000 + i, 0x800));
  const auto index = index_of(forms(rows)[0]);
  ASSERT_TRUE(index);
  EXPECT_EQ(index->rest.mask, 0U);
  for (const std::uint32_t port : {0U, 51U, 65U, 1U << 16U, 0x80000001U, 0xffffffffU}) {
    EXPECT_GE(static_cast<std::uint32_t>(index->place_of(port)), index->size) << port;
  }
}

TEST(LinuxDense, WhatTestsOfAllSayIsNotLookedAtAgain) {
  std::vector<program::Row> rows;
  for (std::uint64_t i = 0; i < 50; ++i) {
    rows.push_back(row_to(1, 10, program::Match{}.exact(Field::kDstMac, 0x020000000000 + i)));
  }
  const auto all = forms(rows);
  const auto index = index_of(all[0]);
  ASSERT_TRUE(index);
  EXPECT_FALSE(all[0].tests.empty());
  EXPECT_EQ(index->rest.mask, 0U);
}

TEST(LinuxDense, FormsArePartedByFieldsOfFewValues) {
  std::vector<program::Row> rows;
  for (std::uint32_t i = 0; i < 50; ++i) {
    rows.push_back(admit(i, 0x080027000000 + i, 0x800));
    rows.push_back(admit(i, 0x080027000000 + i, 0x86dd));
  }
  const auto all = forms(rows);
  ASSERT_EQ(all.size(), 2U);
  for (const LinuxForm& form : all) {
    EXPECT_EQ(form.rows.size(), 50U);
    EXPECT_EQ(form.key.size(), 2U);
    EXPECT_TRUE(index_of(form));
  }
  EXPECT_NE(all[0].tests, all[1].tests);
}

TEST(LinuxDense, RealMacsAndTagsAreToldApartByWhatTheyHaveInCommon) {
  std::vector<program::Row> rows;
  for (std::uint64_t i = 0; i < 10; ++i) {
    rows.push_back(row_to(1, 10, program::Match{}.exact(Field::kDstMac, 0x080027000000 + 991 * i)));
  }
  const auto all = forms(rows);
  ASSERT_EQ(all.size(), 1U);
  ASSERT_EQ(all[0].tests.size(), 1U);
  EXPECT_EQ(all[0].tests[0].mask & 0xffff00000000, 0xffff00000000U);
  EXPECT_EQ(all[0].tests[0].bits & 0xffff00000000, 0x080000000000U);
}

TEST(LinuxDense, NumbersFarApartAreNotForAnArray) {
  std::vector<program::Row> rows;
  for (std::uint64_t i = 0; i < 10; ++i) rows.push_back(row_to(1, 10, to_port(5000 * i)));
  EXPECT_FALSE(index_of(forms(rows).front()));
}

TEST(LinuxDense, TwoRowsOfOneNumberAreNotForAnArray) {
  std::vector<program::Row> rows;
  for (std::uint32_t i = 0; i < 50; ++i)
    rows.push_back(admit(i % 40, 0x080027000000 + std::uint64_t{5000} * i, 0x800));
  EXPECT_FALSE(index_of(forms(rows).front()));
}

// Random rows: each is where a packet that it is for looks for it, and nowhere else.
TEST(LinuxDense, EachRowIsInItsPlace) {
  std::mt19937 random{20261121};
  std::size_t indexed = 0;
  for (int round = 0; round < 300; ++round) {
    std::vector<program::Row> rows;
    const std::uint64_t step = 1 + random() % 3;
    const std::uint64_t shift = random() % 24;
    for (std::uint64_t i = 0; i < 20; ++i) {
      program::Row row = row_to(1, 10);
      const std::uint64_t mask = 0xfc0000000000U | std::uint64_t{0xff} << shift;
      row.match.ternary(Field::kDstMac, 0x080000000000U | i * step << shift, mask);
      rows.push_back(row);
    }
    const auto all = forms(rows);
    const auto index = index_of(all.front());
    if (!index) continue;
    ++indexed;
    const auto array = array_of(all.front(), *index);
    std::size_t present = 0;
    for (const fabrix_dense& each : *array) present += each.present;
    EXPECT_EQ(present, 20U);
    for (const program::Row& row : rows) {
      const auto tests = tests_of(row.match);
      EXPECT_EQ(tests[0].bits & index->rest.mask, index->rest.bits);
      EXPECT_LT(index->place_of(tests[0].bits), index->size);
    }
  }
  EXPECT_GT(indexed, 200U);
}

TEST(LinuxDense, OnlyAddressesOfTheNetworkOfAllAreLookedUp) {
  std::vector<program::Row> rows;
  for (std::uint32_t i = 0; i < 20; ++i) {
    rows.push_back(row_to(1, 10, program::Match{}.exact(net::Field::kSrcIp4, 0x0a000010 + i)));
  }
  const auto forms = sharpened(forms_of(by_priority(rows), enough()));
  ASSERT_EQ(forms.size(), 1U);
  const LinuxTest network{static_cast<LinuxField>(net::Field::kSrcIp4), 0x0a000000, 0xffffffc0};
  EXPECT_EQ(forms[0].tests, std::vector{network});
  ASSERT_EQ(forms[0].key.size(), 1U);
  EXPECT_EQ(forms[0].key[0].mask, 0xffffffffU);
}

}  // namespace
}  // namespace fabrix::fabric
