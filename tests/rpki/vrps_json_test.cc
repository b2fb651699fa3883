#include "rpki/vrps_json.h"

#include <gtest/gtest.h>

#include "tests/rpki/octets.h"

namespace fabrix::rpki {
namespace {

using std::chrono::seconds;
using std::chrono::sys_seconds;

TEST(VrpsJsonTest, ReadsWhatRpkiClientWrites) {
  const auto vrps = parse_vrps_json(R"({
    "metadata": { "buildmachine": "localhost", "roas": 2 },
    "roas": [
      { "asn": 13335, "prefix": "1.0.0.0/24", "maxLength": 24, "ta": "apnic", "expires": 1700000000 },
      { "asn": 64500, "prefix": "2001:db8::/32", "maxLength": 48, "ta": "ripe", "expires": 1700000001 }
    ],
    "bgpsec_keys": [], "aspas": []
  })");
  ASSERT_TRUE(vrps) << vrps.error().message;
  EXPECT_EQ(vrps->vrps, (std::vector<StaticVrp>{
                            {vrp("1.0.0.0/24", 13335), sys_seconds(seconds(1700000000))},
                            {vrp("2001:db8::/32", 64500, 48), sys_seconds(seconds(1700000001))}}));
}

TEST(VrpsJsonTest, ReadsWhatRoutinatorWrites) {
  const auto vrps = parse_vrps_json(
      R"({"metadata":{"generated":1},"roas":[{"asn":"AS13335","prefix":"1.0.0.0/24","maxLength":24,"ta":"apnic"}]})");
  ASSERT_TRUE(vrps) << vrps.error().message;
  EXPECT_EQ(vrps->vrps, (std::vector<StaticVrp>{{.vrp = vrp("1.0.0.0/24", 13335)}}));
}

TEST(VrpsJsonTest, ReadsAspasAsRpkiClientAndRoutinatorWriteThem) {
  const auto data = parse_vrps_json(R"({
    "roas": [],
    "aspas": [
      { "customer_asid": 945, "expires": 1700000000, "providers": [ 6939, 1299 ] },
      { "customer": "AS1234", "providers": ["AS1", "AS2"], "ta": "N/A" },
      { "customer": "AS1235", "providers": ["AS0"], "source": [] }
    ]
  })");
  ASSERT_TRUE(data) << data.error().message;
  EXPECT_EQ(data->aspas,
            (std::vector<StaticAspa>{{aspa(945, {1299, 6939}), sys_seconds(seconds(1700000000))},
                                     {.aspa = aspa(1234, {1, 2})},
                                     {.aspa = aspa(1235, {0})}}));
}

TEST(VrpsJsonTest, NoEntriesAreFine) {
  EXPECT_EQ(parse_vrps_json(R"({"roas":[]})").value(), StaticData());
  EXPECT_EQ(parse_vrps_json(R"({"aspas":[]})").value(), StaticData());
}

TEST(VrpsJsonTest, TheNumberOfEntriesHasABound) {
  std::string text = R"({"aspas":[0)";
  for (std::size_t i = 1; i <= kMaxAspas; ++i) text += ",0";
  EXPECT_EQ(parse_vrps_json(text + "]}").error().message, "aspas: more than 200000 entries");
}

TEST(VrpsJsonTest, EitherKindOfDataIsSome) {
  EXPECT_TRUE(StaticData{}.empty());
  EXPECT_FALSE(parse_vrps_json(R"({"roas":[{"prefix":"10.0.0.0/8","asn":1}]})")->empty());
  EXPECT_FALSE(parse_vrps_json(R"({"aspas":[{"customer":1,"providers":[2]}]})")->empty());
}

TEST(VrpsJsonTest, OneBadEntryRefusesTheFileAndIsNamed) {
  const struct {
    const char* text;
    const char* message;
  } rows[] = {
      {R"({})", "roas: missing"},
      {R"({"roas":{}})", "roas: not an array"},
      {R"({"roas":[7]})", "roas[0]: entry: not an object"},
      {R"({"roas":[{"prefix":"10.0.0.0/8","asn":1},{"prefix":"10.0.0.0/8"}]})",
       "roas[1]: asn: missing"},
      {R"({"roas":[{"prefix":"10.0.0.0/8","asn":1,"maxLength":33}]})",
       "roas[0]: maxLength: more than an address has bits"},
      {R"({"roas":[{"prefix":"10.0.0.0/8","asn":1,"expires":"soon"}]})",
       "roas[0]: expires: not a whole number"},
      {R"({"roas":{},"aspas":[]})", "roas: not an array"},
      {R"([])", "not a JSON object"},
      {R"({"aspas":[7]})", "aspas[0]: entry: not an object"},
      {R"({"aspas":[{"customer":-1,"providers":[1]}]})", "aspas[0]: customer: not an AS number"},
      {R"({"aspas":[{"customer":"AS1","providers":[2],"expires":"soon"}]})",
       "aspas[0]: expires: not a whole number"},
      {R"({"aspas":[{"providers":[1]}]})", "aspas[0]: customer_asid: missing"},
      {R"({"aspas":[{"customer":"AS1"}]})", "aspas[0]: providers: missing"},
      {R"({"aspas":[{"customer":"AS1","providers":["x"]}]})",
       "aspas[0]: providers: not an AS number"},
      {R"({"aspas":[{"customer":"AS1","providers":[]}]})",
       "aspas[0]: providers: none, one twice, too many, or AS 0 among others"},
      {R"({"aspas":[{"customer":"AS1","providers":[2,2]}]})",
       "aspas[0]: providers: none, one twice, too many, or AS 0 among others"},
  };
  for (const auto& [text, message] : rows) {
    const auto vrps = parse_vrps_json(text);
    ASSERT_FALSE(vrps) << text;
    EXPECT_EQ(vrps.error().message, message);
  }
}

}  // namespace
}  // namespace fabrix::rpki
