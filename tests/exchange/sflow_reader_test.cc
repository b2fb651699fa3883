#include "exchange/sflow_reader.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "exchange/reload.h"
#include "tests/exchange/policies.h"

namespace fabrix::exchange {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;

// kGood with this section `sflow`.
std::string with_sflow(const std::string& sflow) {
  std::string text(kGood);
  return text.insert(text.find("  asn: 65000\n"), "  sflow: " + sflow + "\n");
}

// The same with its first router's `sflow_rate`.
std::string with_rate(const std::string& rate) {
  std::string text = with_sflow("{collectors: 192.0.2.9}");
  return text.insert(text.find("port: 1", text.find("participants:")),
                     "sflow_rate: " + rate + ", ");
}

// Codes and messages of what is wrong, in their order.
std::string complaints(const std::string& text) {
  const auto exchange = load(text, "x");
  if (exchange) return "";
  std::string all;
  for (const Diagnostic& one : exchange.error()) all += one.code + " " + one.message + "\n";
  return all;
}

TEST(SflowReaderTest, NothingIsSampledUnlessItIsWritten) {
  const SflowSite site = loaded(std::string(kGood)).sflow;
  EXPECT_TRUE(site.collectors.empty());
}

TEST(SflowReaderTest, ReadsAllKeys) {
  const SflowSite site =
      loaded(with_sflow("{collectors: [\"192.0.2.9\", \"[2001:db8::9]:7000\"], agent: 192.0.2.1, "
                        "rate: 250, polling: 5}"))
          .sflow;
  const auto ip = [](const char* text) { return net::IpAddress::parse(text).value(); };
  EXPECT_EQ(site, (SflowSite{.collectors = {{ip("192.0.2.9"), 6343}, {ip("2001:db8::9"), 7000}},
                             .agent = ip("192.0.2.1"),
                             .rate = 250,
                             .polling_seconds = 5}));
}

TEST(SflowReaderTest, HasDefaultsForAllButTheCollectors) {
  const SflowSite site = loaded(with_sflow("{collectors: 192.0.2.9}")).sflow;
  EXPECT_EQ(site.rate, 1000U);
  EXPECT_EQ(site.polling_seconds, 20U);
  EXPECT_FALSE(site.agent);
  EXPECT_THAT(complaints(with_sflow("{rate: 10}")), HasSubstr("C0111"));
}

TEST(SflowReaderTest, SaysWhatIsWrong) {
  const auto complaint = [](const std::string& sflow) { return complaints(with_sflow(sflow)); };
  EXPECT_THAT(complaint("{collectors: 192.0.2.9, rate: 16777217}"), HasSubstr("C0113"));
  EXPECT_THAT(complaint("{collectors: 192.0.2.9, polling: 3601}"), HasSubstr("C0113"));
  EXPECT_THAT(complaint("{collectors: 192.0.2.9, agent: 0.0.0.0}"),
              HasSubstr("C0157 the sFlow agent has no address"));
  EXPECT_THAT(complaint("{collectors: 192.0.2.9, sampling: 3}"), HasSubstr("C0110"));
  EXPECT_THAT(complaint("{collectors: [1.1.1.1, 1.1.1.2, 1.1.1.3, 1.1.1.4, 1.1.1.5, 1.1.1.6, "
                        "1.1.1.7, 1.1.1.8, 1.1.1.9]}"),
              HasSubstr("C0136"));
}

TEST(SflowReaderTest, APortMayHaveARateOfItsOwn) {
  EXPECT_EQ(loaded(with_rate("7")).routers.at(0).sflow_rate, 7U);
  EXPECT_EQ(loaded(with_rate("0")).routers.at(0).sflow_rate, 0U);
  EXPECT_FALSE(loaded(with_sflow("{collectors: 192.0.2.9}")).routers.at(0).sflow_rate);
  EXPECT_THAT(complaints(with_rate("often")), HasSubstr("C0112"));
}

TEST(SflowReaderTest, AReloadTellsWhatIsDifferent) {
  const auto reload = plan(loaded(with_sflow("{collectors: 192.0.2.9}")), loaded(with_rate("7")));
  ASSERT_TRUE(reload);
  std::vector<std::string> lines;
  for (const Change& change : reload->changes) lines.push_back(change.what);
  EXPECT_THAT(lines, Contains("sflow_rate as the exchange's -> 7"));
  const auto other = plan(loaded(with_sflow("{collectors: 192.0.2.9}")),
                          loaded(with_sflow("{collectors: 192.0.2.9, rate: 10, polling: 0}")));
  ASSERT_TRUE(other);
  lines.clear();
  for (const Change& change : other->changes) lines.push_back(change.what);
  EXPECT_THAT(lines, Contains("rate 1000 -> 10"));
  EXPECT_THAT(lines, Contains("polling 20 -> 0"));
}

}  // namespace
}  // namespace fabrix::exchange
