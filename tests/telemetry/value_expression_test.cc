#include "telemetry/value_expression.h"

#include <gtest/gtest.h>

#include "tests/telemetry/samples.h"

namespace fabrix::telemetry {
namespace {

using Kind = ValueExpression::Kind;

// 64 octets, 1 in 1,000.
Sampled packet() {
  return Sampled(sflow::frame("tcp 10.4.3.9:1000 -> 10.1.2.3:80"));
}

TEST(ValueExpression, ScalesWhatIsOfThePacketsThatTheSampleStandsFor) {
  Sampled sampled = packet();
  const auto number = [&](const char* text) {
    return ValueExpression::parse(text).value().number(sampled.sample());
  };
  EXPECT_EQ(number("bytes"), 64'000);
  EXPECT_EQ(number("frames"), 1000);
  EXPECT_EQ(number("rate:frames"), 1000);
  EXPECT_EQ(number("requests"), std::nullopt);
  EXPECT_EQ(number("ipttl"), 64);
  EXPECT_EQ(number("rate:ipttl"), 64);
  EXPECT_EQ(number("avg:ipttl"), 64);
  EXPECT_EQ(number("avg:bytes"), 64);
  EXPECT_EQ(number("avg:frames"), 1);
  EXPECT_EQ(number("min:bytes"), 64);
  EXPECT_EQ(number("max:ipttl"), 64);
  EXPECT_EQ(number("last:ipttl"), 64);
  EXPECT_EQ(number("stack"), std::nullopt);
  EXPECT_EQ(number("vlan"), std::nullopt);
}

TEST(ValueExpression, CountsMessagesOfTheDnsAsRequests) {
  const Octets query = sflow::udp(5000, 53, Octets(12));
  Sampled sampled(sflow::ethernet(0x800) + sflow::ipv4(17, query.size()) + query);
  EXPECT_EQ(ValueExpression::parse("requests").value().number(sampled.sample()), 1000);
}

TEST(ValueExpression, CountsTheValuesOfAKey) {
  Sampled sampled = packet();
  const auto value = ValueExpression::parse("count:mask:ipsource:24").value();
  EXPECT_EQ(value.kind(), Kind::kCount);
  std::string text;
  EXPECT_TRUE(value.append(sampled.sample(), text));
  EXPECT_EQ(text, "10.4.3.0/24");
  EXPECT_EQ(ValueExpression::parse("avg:ipbytes").value().kind(), Kind::kMean);
  EXPECT_EQ(ValueExpression::parse("bytes").value().kind(), Kind::kSum);
  EXPECT_EQ(ValueExpression::parse("min:ipttl").value().kind(), Kind::kLeast);
  EXPECT_EQ(ValueExpression::parse("max:ipttl").value().kind(), Kind::kMost);
  EXPECT_EQ(ValueExpression::parse("last:ipttl").value().kind(), Kind::kLast);
  EXPECT_FALSE(ValueExpression::parse("bytes").value().append(sampled.sample(), text));
}

TEST(ValueExpression, RefusesAnAddressAsANumber) {
  for (const auto* const text : {"ipsource", "avg:ip6source", "rate:macsource"}) {
    EXPECT_FALSE(ValueExpression::parse(text)) << text;
  }
  EXPECT_EQ(ValueExpression::parse("ipsource").error().message, "'ipsource' is no number");
  EXPECT_TRUE(ValueExpression::parse("count:ipsource"));
}

TEST(ValueExpression, RefusesWhatIsNoKey) {
  EXPECT_FALSE(ValueExpression::parse(""));
  EXPECT_FALSE(ValueExpression::parse("avg:"));
  EXPECT_FALSE(ValueExpression::parse("sum:bytes"));
  EXPECT_FALSE(parse_values("count:ipsource,"));
  EXPECT_EQ(parse_values("count:ipsource,avg:ipbytes").value().size(), 2U);
  EXPECT_EQ(parse_values("count:[or:ipsource:ip6source]").value().size(), 1U);
  EXPECT_TRUE(parse_values("").value().empty());
}

}  // namespace
}  // namespace fabrix::telemetry
