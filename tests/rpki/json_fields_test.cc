#include "rpki/json_fields.h"

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "rpki/aspa.h"
#include "tests/rpki/octets.h"

namespace fabrix::rpki {
namespace {

boost::json::object object(std::string_view text) {
  return parse_json_object(text).value().get_object();
}

TEST(JsonFieldsTest, OnlyAnObjectIsAFile) {
  EXPECT_TRUE(parse_json_object("{}"));
  EXPECT_EQ(parse_json_object("[]").error().message, "not a JSON object");
  EXPECT_TRUE(parse_json_object("{\"a\":").error().message.starts_with("not JSON: "));
  EXPECT_FALSE(parse_json_object(""));
  EXPECT_FALSE(parse_json_object(std::string(100, '[')));  // Depth is bounded.
}

TEST(JsonFieldsTest, ReadsAsNumbersInTheirThreeForms) {
  for (const char* text :
       {R"({"asn":64500})", R"({"asn":"64500"})", R"({"asn":"AS64500"})", R"({"asn":"as64500"})"}) {
    EXPECT_EQ(read_asn(object(text), "asn").value(), net::Asn{64500}) << text;
  }
  EXPECT_EQ(read_asn(object(R"({"asn":4294967295})"), "asn").value(), net::Asn{4294967295});
  EXPECT_EQ(read_asn(object("{}"), "asn").value(), std::nullopt);
  for (const char* text : {R"({"asn":-1})", R"({"asn":4294967296})", R"({"asn":1.5})",
                           R"({"asn":"AS"})", R"({"asn":"ASx"})", R"({"asn":"1 "})",
                           R"({"asn":null})", R"({"asn":18446744073709551615})"}) {
    const auto asn = read_asn(object(text), "asn");
    ASSERT_FALSE(asn) << text;
    EXPECT_EQ(asn.error().message, "asn: not an AS number");
  }
}

TEST(JsonFieldsTest, ReadsAVrpAndSaysWhatIsWrongWithIt) {
  EXPECT_EQ(read_vrp(object(R"({"prefix":"10.0.0.0/8","asn":1})"), "max").value(),
            vrp("10.0.0.0/8", 1));
  EXPECT_EQ(read_vrp(object(R"({"prefix":"10.0.0.0/8","asn":1,"max":9})"), "max").value(),
            vrp("10.0.0.0/8", 1, 9));
  const struct {
    const char* text;
    const char* message;
  } rows[] = {
      {R"({"asn":1})", "prefix: missing"},
      {R"({"prefix":1,"asn":1})", "prefix: not a string"},
      {R"({"prefix":"10.0.0.0/8"})", "asn: missing"},
      {R"({"prefix":"10.0.0.0/8","asn":[]})", "asn: not an AS number"},
      {R"({"prefix":"10.0.0.0/8","asn":1,"max":7})", "max: less than the prefix length"},
      {R"({"prefix":"10.0.0.0/8","asn":1,"max":-300})", "max: less than the prefix length"},
      {R"({"prefix":"10.0.0.0/8","asn":1,"max":33})", "max: more than an address has bits"},
      {R"({"prefix":"10.0.0.0/8","asn":1,"max":264})", "max: more than an address has bits"},
      {R"({"prefix":"10.0.0.0/8","asn":1,"max":"8"})", "max: not a whole number"},
  };
  for (const auto& [text, message] : rows) {
    const auto read = read_vrp(object(text), "max");
    ASSERT_FALSE(read) << text;
    EXPECT_EQ(read.error().message, message);
  }
  EXPECT_FALSE(read_vrp(object(R"({"prefix":"10.0.0.1/8","asn":1})"), "max"));
}

TEST(JsonFieldsTest, AListOfAsNumbersHasABound) {
  const auto asns = [](std::size_t count) {
    std::string list = "1";
    for (std::size_t i = 1; i < count; ++i) list += ",1";
    return read_asns(object("{\"asns\":[" + list + "]}"), "asns");
  };
  EXPECT_EQ(asns(kMaxProvidersOfOne)->size(), kMaxProvidersOfOne);
  EXPECT_EQ(asns(kMaxProvidersOfOne + 1).error().message, "asns: too many");
}

TEST(JsonFieldsTest, ArraysAndObjectsAreWhatTheyAreSaidToBe) {
  const auto file = object(R"({"list":[1],"other":2})");
  EXPECT_EQ((*read_array(file, "list", Presence::kRequired))->size(), 1U);
  EXPECT_EQ(read_array(file, "none", Presence::kOptional).value(), nullptr);
  EXPECT_EQ(read_array(file, "none", Presence::kRequired).error().message, "none: missing");
  EXPECT_EQ(read_array(file, "other", Presence::kOptional).error().message, "other: not an array");
  EXPECT_FALSE(read_object(file.at("other"), "other"));
  EXPECT_TRUE(allow_only(file, {"list", "other"}));
  EXPECT_EQ(allow_only(file, {"list"}).error().message, "other: unknown member");
}

}  // namespace
}  // namespace fabrix::rpki
