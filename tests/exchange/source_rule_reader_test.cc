#include "exchange/source_rule_reader.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "exchange/reload.h"
#include "tests/exchange/policies.h"

namespace fabrix::exchange {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::string with_security(const std::string& security) {
  std::string text(kGood);
  return text.insert(text.find("  asn: 65000\n"), "  port_security: " + security + "\n");
}

// With its first router's own.
std::string with_own(std::string text, const std::string& security) {
  return text.insert(text.find("port: 1", text.find("participants:")),
                     "port_security: " + security + ", ");
}

std::vector<std::string> changes(const std::string& was, const std::string& is) {
  std::vector<std::string> lines;
  const auto reload = plan(loaded(was), loaded(is));
  EXPECT_TRUE(reload);
  for (const Change& change : reload->changes) lines.push_back(change.subject + ": " + change.what);
  return lines;
}

TEST(SourceRuleReaderTest, SourcesAreCheckedWhereItSaysSo) {
  const Exchange nothing = loaded(std::string(kGood));
  EXPECT_EQ(nothing.sources, SourceRule{});
  EXPECT_EQ(nothing.routers.at(0).sources.mode, SourceCheck::kOff);
  const Exchange exchange = loaded(
      with_own(with_security("{source_check: {mode: drop, allow: [10.0.0.0/8], max_prefixes: 7}}"),
               "{source_check: {mode: count, allow: [\"2001:db8:7::/48\", 11.0.0.0/8]}}"));
  const auto prefix = [](const char* text) { return net::Prefix::parse(text).value(); };
  EXPECT_EQ(exchange.routers.at(0).sources,
            (SourceRule{.mode = SourceCheck::kCount,
                        .allowed = {prefix("2001:db8:7::/48"), prefix("11.0.0.0/8")},
                        .max_prefixes = 7}));
  EXPECT_EQ(exchange.routers.at(1).sources,
            (SourceRule{
                .mode = SourceCheck::kDrop, .allowed = {prefix("10.0.0.0/8")}, .max_prefixes = 7}));
}

TEST(SourceRuleReaderTest, AMiddleboxPortHasNone) {
  const auto with_box = [](const std::string& security) {
    std::string text = with_security("{source_check: {mode: drop}}");
    const std::string box = "      - {name: fw, middlebox: true, port: 9" + security + "}\n";
    return text.insert(text.find("  - name: B\n"), box);
  };
  const Exchange exchange = loaded(with_box(""));
  EXPECT_EQ(exchange.routers.at(0).sources.mode, SourceCheck::kDrop);
  EXPECT_EQ(exchange.routers.at(1).sources.mode, SourceCheck::kOff);
  EXPECT_EQ(complaints(with_box(", port_security: {mac_lock: {action: none}}")), "");
  EXPECT_EQ(complaints(with_box(", port_security: {source_check: {mode: count}}")), "C0163");
}

TEST(SourceRuleReaderTest, SaysWhatIsWrong) {
  const auto complaint = [](const std::string& check) {
    return complaints(with_security("{source_check: {" + check + "}}"));
  };
  EXPECT_EQ(complaint("mode: on"), "C0116");
  EXPECT_EQ(complaint("max_prefixes: 0"), "C0113");
  EXPECT_EQ(complaint("max_prefixes: 65537"), "C0113");
  EXPECT_EQ(complaint("prefixes: [10.0.0.0/8]"), "C0110");
  EXPECT_EQ(complaints(with_security("{source_check: 3}")), "C0112");
  EXPECT_EQ(complaints(with_own(std::string(kGood), "3")), "C0112");
}

TEST(SourceRuleReaderTest, AReloadTellsWhatIsDifferentForAllAndForOnePort) {
  const std::string was(kGood);
  EXPECT_THAT(changes(was, was), IsEmpty());
  EXPECT_THAT(changes(was, with_security("{source_check: {mode: drop}}")),
              ElementsAre("port_security: source_check.mode off -> drop"));
  EXPECT_THAT(changes(was, with_own(was, "{source_check: {mode: count, allow: 10.0.0.0/8}}")),
              ElementsAre("router a1: source_check.mode off -> count",
                          "router a1: source_check.allow [] -> [10.0.0.0/8]"));
}

}  // namespace
}  // namespace fabrix::exchange
