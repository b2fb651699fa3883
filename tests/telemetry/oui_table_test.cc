#include "telemetry/oui_table.h"

#include <gtest/gtest.h>

namespace fabrix::telemetry {
namespace {

TEST(OuiTable, ReadsTheListsOfTheIeee) {
  // The first lines of both, as of 2022.
  const auto csv = OuiTable::parse(
      "Registry,Assignment,Organization Name,Organization Address\r\n"
      "MA-L,002272,American Micro-Fuel Device Corp.,2181 Buchanan Loop Ferndale WA US 98248 \r\n"
      "MA-L,00000C,\"Cisco Systems, Inc\",\"170 WEST TASMAN DRIVE SAN JOSE CA US 95134 \"\r\n");
  const auto txt = OuiTable::parse(
      "OUI/MA-L                                                    Organization\r\n"
      "company_id                                                  Organization\r\n"
      "\r\n"
      "00-22-72   (hex)\t\tAmerican Micro-Fuel Device Corp.\r\n"
      "002272     (base 16)\t\tAmerican Micro-Fuel Device Corp.\r\n"
      "\t\t\t\t2181 Buchanan Loop\r\n"
      "00-00-0C   (hex)\t\tCisco Systems, Inc\r\n"
      "00000C     (base 16)\t\tCisco Systems, Inc\r\n");
  for (const OuiTable* const table : {&csv, &txt}) {
    EXPECT_EQ(table->size(), 2U);
    EXPECT_EQ(table->maker_of(0x002272), "AmericanMicroFuelDeviceCorp");
    EXPECT_EQ(table->maker_of(0x00000c), "CiscoSystemsInc");
    EXPECT_EQ(table->maker_of(0x00000d), std::nullopt);
    EXPECT_EQ(table->maker_of(0xffffff), std::nullopt);
  }
}

TEST(OuiTable, LeavesOutWhatIsNoLine) {
  EXPECT_EQ(OuiTable::parse("").size(), 0U);
  EXPECT_EQ(OuiTable::parse("MA-L,00227,X\nMA-L,0022722,X\nMA-L,00227G,X\nMA-L,\nMA-L,002272\n"
                            "MA-L,002272,\nMA-M,0022721,X\n(base 16)\n0022 (base 16) X\n"
                            "002272 (base 16) \nMA-L,-00227,X")
                .size(),
            0U);
  EXPECT_EQ(OuiTable::parse("MA-L,002272,One").maker_of(0x002272), "One");
  EXPECT_EQ(OuiTable::parse("MA-L,002272,\"A \"\"B\"\" C\"").maker_of(0x002272), "A");
}

TEST(OuiTable, IsBounded) {
  std::string text;
  for (std::size_t i = 0; i < OuiTable::kMaxMakers + 1; ++i) text += "MA-L,002272,X\n";
  EXPECT_EQ(OuiTable::parse(text).size(), OuiTable::kMaxMakers);
}

}  // namespace
}  // namespace fabrix::telemetry
