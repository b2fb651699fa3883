#include "sflow/description_text.h"

#include <gtest/gtest.h>

#include "tests/sflow/captures.h"

namespace fabrix::sflow {
namespace {

using Part = DescriptionSink::Part;

std::string quoted(std::string_view text) {
  std::string out;
  append_json_string(text, out);
  return out;
}

TEST(DescriptionText, LinesAreThoseOfSflowtool) {
  std::string out;
  LineDescription lines(out);
  lines.begin(Part::kDatagram);
  lines.value("agent", "10.0.0.1");
  lines.begin(Part::kSample);
  lines.begin(Part::kElement);
  lines.value("ifName", "swp\x1b[1m");
  lines.end(Part::kElement);
  lines.end(Part::kSample);
  lines.fault("it ends");
  lines.end(Part::kDatagram);
  EXPECT_EQ(out,
            "startDatagram =================================\n"
            "agent 10.0.0.1\n"
            "startSample ----------------------\n"
            "ifName swp?[1m\n"
            "endSample   ----------------------\n"
            "fault it ends\n"
            "endDatagram   =================================\n");
}

TEST(DescriptionText, JsonIsOneObjectALineWithItsParts) {
  std::string out;
  JsonDescription json(out);
  json.begin(Part::kDatagram);
  json.value("agent", "10.0.0.1");
  for (int sample = 0; sample < 2; ++sample) {
    json.begin(Part::kSample);
    json.value("sampleType", "FLOWSAMPLE");
    for (int element = 0; element < 2; ++element) {
      json.begin(Part::kElement);
      json.value("url", "a\"b");
      json.end(Part::kElement);
    }
    json.end(Part::kSample);
  }
  json.fault("it ends");
  json.end(Part::kDatagram);
  EXPECT_EQ(out, R"({"agent":"10.0.0.1","samples":[{"sampleType":"FLOWSAMPLE","elements":)"
                 R"([{"url":"a\"b"},{"url":"a\"b"}]},{"sampleType":"FLOWSAMPLE","elements":)"
                 R"([{"url":"a\"b"},{"url":"a\"b"}]}],"faults":["it ends"]})"
                 "\n");
}

// RFC 8259 §7, RFC 3629 §4.
TEST(DescriptionText, StringsOfJsonAreAlwaysUtf8) {
  EXPECT_EQ(quoted("a\\\n\x7f"), R"("a\\\u000a\u007f")");
  EXPECT_EQ(quoted("Z\xc3\xbcrich \xe2\x82\xac \xf0\x9f\x98\x80"),
            "\"Z\xc3\xbcrich \xe2\x82\xac \xf0\x9f\x98\x80\"");
  EXPECT_EQ(quoted("\xfc"), R"("\u00fc")");
  EXPECT_EQ(quoted("\xc3"), R"("\u00c3")");
  EXPECT_EQ(quoted("\xc0\x80"), R"("\u00c0\u0080")");
  EXPECT_EQ(quoted("\xed\xa0\x80"), R"("\u00ed\u00a0\u0080")");
  EXPECT_EQ(quoted("\xe0\x80\x80"), R"("\u00e0\u0080\u0080")");
  EXPECT_EQ(quoted("\xf4\x90\x80\x80"), R"("\u00f4\u0090\u0080\u0080")");
}

TEST(DescriptionText, DescribesAWholeDatagram) {
  std::string out;
  JsonDescription json(out);
  describe(capture("gopacket_1"), {}, json);
  EXPECT_EQ(out.find('\n'), out.size() - 1);
  EXPECT_TRUE(out.starts_with(R"({"datagramSize":"1440","unixSecondsUTC":"0",)")) << out;
  EXPECT_TRUE(out.ends_with("]}]}\n"));
}

}  // namespace
}  // namespace fabrix::sflow
