#include "app/table.h"

#include <string>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

namespace fabrix::app {
namespace {

std::string render(const std::string& text) {
  return render_table(boost::json::parse(text));
}

TEST(TableTest, AlignsTextToTheLeftAndNumbersToTheRight) {
  EXPECT_EQ(render(R"([{"name":"a1","asn":100},{"name":"router","asn":4200000000}])"),
            "name           asn\n"
            "a1             100\n"
            "router  4200000000\n");
}

TEST(TableTest, TakesColumnsInTheOrderTheyFirstOccurAndLeavesEmptyOnesOut) {
  EXPECT_EQ(render(R"([{"a":"x","none":null,"b":""},{"c":true,"a":"y","b":""}])"),
            "a  c\n"
            "x\n"
            "y  yes\n");
}

TEST(TableTest, ShowsTextsOfSeveralLinesBelowTheirRow) {
  EXPECT_EQ(render(R"([{"who":"A","text":"one\ntwo\n"},{"who":"B"}])"),
            "who\n"
            "A\n"
            "    one\n"
            "    two\n"
            "B\n");
}

TEST(TableTest, ShowsNestedValuesAsJson) {
  EXPECT_EQ(render(R"([{"why":{"C":"no peering"},"list":[1,2]}])"),
            "why                 list\n"
            R"({"C":"no peering"}  [1,2])"
            "\n");
}

TEST(TableTest, ShowsAnObjectOneKeyALine) {
  EXPECT_EQ(render(R"({"exchange":"x","asn":65000,"settled":false})"),
            "exchange  x\n"
            "asn       65000\n"
            "settled   no\n");
}

TEST(TableTest, SaysNoneForAnEmptyArray) {
  EXPECT_EQ(render("[]"), "none\n");
}

TEST(TableTest, ShowsAnythingElseAsItIs) {
  EXPECT_EQ(render("[1,2]"), "[1,2]\n");
  EXPECT_EQ(render(R"("text")"), "text\n");
}

TEST(TableTest, LetsNobodyElsesWordsSteerTheTerminal) {
  EXPECT_EQ(render(R"([{"last_error":"bye \u001b[2J\u0007\u007f\r"}])"),
            "last_error\nbye ?[2J???\n");
}

TEST(WrappedTest, BreaksWhereThereAreSpacesAndNowhereElse) {
  EXPECT_EQ(wrapped("short", {}), "short");
  EXPECT_EQ(wrapped("", {.first = 4, .next = 4}), "");
  const std::string word(50, 'x');
  const std::string text = wrapped(word + " " + word + " " + word, {.first = 10, .next = 4});
  EXPECT_EQ(text, word + " " + word + "\n    " + word);
  const std::string giant(200, 'y');
  EXPECT_EQ(wrapped(giant, {.first = 10, .next = 4}), giant);
  EXPECT_EQ(wrapped("a " + giant, {.first = 0, .next = 2}), "a\n  " + giant);
}

TEST(WrappedTest, NoLineIsWiderThanATerminal) {
  std::string text;
  for (int i = 0; i < 200; ++i) text += "word" + std::to_string(i) + " ";
  const std::string out = wrapped(text, {.first = 30, .next = 30});
  std::size_t column = 30;
  for (const char c : out) {
    column = c == '\n' ? 0 : column + 1;
    ASSERT_LE(column, kTerminalWidth);
  }
}

}  // namespace
}  // namespace fabrix::app
