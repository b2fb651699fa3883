#include "exchange/export_reader.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "exchange/load.h"
#include "exchange/telemetry_reader.h"
#include "tests/exchange/policies.h"

namespace fabrix::exchange {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// kGood with these exports.
std::string with_exports(const std::string& exports) {
  std::string text(kGood);
  return text.insert(text.find("  asn: 65000\n"), "  telemetry: {exports: " + exports + "}\n");
}

std::string complaints(const std::string& exports) {
  const auto exchange = load(with_exports(exports), "x");
  if (exchange) return "";
  std::string all;
  for (const Diagnostic& one : exchange.error()) all += one.code + " " + one.message + "\n";
  return all;
}

TEST(ExportReaderTest, ReadsAllKeys) {
  const auto sites = telemetry_of(with_exports("[{kind: nats, url: \"nats://192.0.2.1/site\", "
                                               "what: [top, events], batch: 7, interval: 3, "
                                               "token: t}, "
                                               "{kind: clickhouse, url: \"http://192.0.2.2\"}]"))
                         .exports;
  ASSERT_EQ(sites.size(), 2U);
  EXPECT_EQ(sites[0].path, "site");
  EXPECT_THAT(sites[0].what, ElementsAre(Exported::kTop, Exported::kEvents));
  EXPECT_EQ(sites[0].batch, 7U);
  EXPECT_EQ(sites[0].interval_seconds, 3U);
  EXPECT_EQ(sites[0].token, "t");
  EXPECT_EQ(sites[1], parse_export("clickhouse=http://192.0.2.2"));
}

TEST(ExportReaderTest, SaysWhatIsWrong) {
  EXPECT_EQ(complaints("[]"), "");
  EXPECT_THAT(complaints("[{kind: nats}]"), HasSubstr("C0111"));
  EXPECT_THAT(complaints("[{kind: kafka, url: x}]"), HasSubstr("C0116"));
  EXPECT_EQ(
      complaints("[{kind: nats, url: \"http://192.0.2.1\"}]"),
      "C0158 'http://192.0.2.1' is no place to export to: it begins with nats:// or tls://\n");
  const std::string good = "kind: nats, url: \"nats://192.0.2.1\"";
  EXPECT_EQ(complaints("[{" + good + "}]"), "");
  EXPECT_THAT(complaints("[{" + good + ", what: [all]}]"), HasSubstr("C0116"));
  EXPECT_THAT(complaints("[{" + good + ", batch: 0}]"), HasSubstr("C0113"));
  EXPECT_THAT(complaints("[{" + good + ", interval: x}]"), HasSubstr("C0112"));
  EXPECT_THAT(complaints("[{" + good + ", topic: x}]"), HasSubstr("C0110"));
  std::string many = "[{" + good + "}";
  for (int i = 0; i < 8; ++i) many += ", {" + good + "}";
  EXPECT_THAT(complaints(many + "]"), HasSubstr("C0136"));
}

}  // namespace
}  // namespace fabrix::exchange
