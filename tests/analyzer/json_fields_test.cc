#include "analyzer/json_fields.h"

#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>

namespace fabrix::analyzer {
namespace {

TEST(JsonFields, ReadsWhatUsersWrite) {
  const auto object =
      parse_object(R"({"a":"x","b":["x","y",3],"n":2,"m":"2.5","t":true,"f":"false","z":null})")
          .value();
  EXPECT_EQ(text_in(object, "a").value(), "x");
  EXPECT_EQ(text_in(object, "b").value(), "x,y,3");
  EXPECT_EQ(text_in(object, "n").value(), "2");
  EXPECT_EQ(text_in(object, "z").value(), std::nullopt);
  EXPECT_EQ(text_in(object, "missing").value(), std::nullopt);
  EXPECT_EQ(number_in(object, "n").value(), 2);
  EXPECT_EQ(number_in(object, "m").value(), 2.5);
  EXPECT_EQ(flag_in(object, "t").value(), true);
  EXPECT_EQ(flag_in(object, "f").value(), false);
  EXPECT_FALSE(number_in(object, "a"));
  EXPECT_FALSE(number_in(object, "t"));
  EXPECT_FALSE(flag_in(object, "a"));
  EXPECT_EQ(lists_of(parse_object(R"({"a":["x",1],"b":"z"})").value()).value(),
            (Lists{{"a", {"x", "1"}}, {"b", {"z"}}}));
  EXPECT_FALSE(lists_of(parse_object(R"({"a":{}})").value()));
  EXPECT_FALSE(lists_of(parse_object(R"({"a":["x",{}]})").value()));
}

TEST(JsonFields, TellsWhatIsNotThereFromWhatIsWrong) {
  const auto object =
      parse_object(R"({"o":{},"l":[[]],"x":"1x","i":"inf","e":"","z":null})").value();
  EXPECT_FALSE(text_in(object, "o"));
  EXPECT_FALSE(text_in(object, "l"));
  for (const auto* key : {"o", "x", "i", "e"}) EXPECT_FALSE(number_in(object, key)) << key;
  for (const auto* key : {"o", "x"}) EXPECT_FALSE(flag_in(object, key)) << key;
  for (const auto* key : {"z", "missing"}) {
    EXPECT_EQ(number_in(object, key).value(), std::nullopt) << key;
    EXPECT_EQ(flag_in(object, key).value(), std::nullopt) << key;
  }
}

TEST(JsonFields, RefusesWhatIsNoObject) {
  for (const auto* bad : {"", "{", "[]", "1", "{} x", "[[[[[[[[[[1]]]]]]]]]]"}) {
    EXPECT_FALSE(parse_object(bad)) << bad;
  }
}

TEST(JsonFields, WritesWholeNumbersAsSuch) {
  EXPECT_EQ(boost::json::serialize(number_json(64000)), "64000");
  EXPECT_TRUE(number_json(0.5).is_double());
  EXPECT_TRUE(number_json(1e18).is_double());
}

}  // namespace
}  // namespace fabrix::analyzer
