#include "exchange/script_reader.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "exchange/telemetry_reader.h"
#include "tests/exchange/policies.h"

namespace fabrix::exchange {
namespace {

using ::testing::HasSubstr;

std::string with_scripts(const std::string& scripts) {
  std::string text(kGood);
  return text.insert(text.find("  asn: 65000\n"), "  telemetry: {scripts: " + scripts + "}\n");
}

std::string complaints(const std::string& scripts) {
  const auto exchange = load(with_scripts(scripts), "x");
  if (exchange) return "";
  std::string all;
  for (const Diagnostic& one : exchange.error()) all += one.code + " " + one.message + "\n";
  return all;
}

TEST(ScriptReaderTest, ReadsAllKeys) {
  const std::string text =
      "{files: [a.js, b.js], store: kept, allow: \"udp://192.0.2.1:514\", "
      "properties: {a.b: 7, c: \"x y\"}, memory: 128, cpu: 50}";
  EXPECT_EQ(complaints(text), "");
  EXPECT_EQ(telemetry_of(with_scripts(text)).scripts,
            (ScriptSite{.files = {"a.js", "b.js"},
                        .store = "kept",
                        .allow = {"udp://192.0.2.1:514"},
                        .properties = {{"a.b", "7"}, {"c", "x y"}},
                        .memory_mib = 128,
                        .cpu_percent = 50}));
  EXPECT_EQ(telemetry_of(with_scripts("{}")).scripts, ScriptSite{});
}

TEST(ScriptReaderTest, SaysWhatIsWrong) {
  EXPECT_THAT(complaints("{file: a.js}"), HasSubstr("C0110"));
  EXPECT_THAT(complaints("{memory: 1}"), HasSubstr("C0113"));
  EXPECT_THAT(complaints("{cpu: 101}"), HasSubstr("C0113"));
  EXPECT_THAT(complaints("{properties: [a]}"), HasSubstr("C0112"));
  EXPECT_THAT(complaints("{properties: {a: [b]}}"), HasSubstr("C0112"));
  EXPECT_THAT(complaints("{files: {}}"), HasSubstr("C01"));
  EXPECT_THAT(complaints("[]"), HasSubstr("C0112"));
}

}  // namespace
}  // namespace fabrix::exchange
