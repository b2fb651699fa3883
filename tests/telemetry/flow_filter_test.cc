#include "telemetry/flow_filter.h"

#include <gtest/gtest.h>

#include "tests/telemetry/samples.h"

namespace fabrix::telemetry {
namespace {

class FlowFilterTest : public ::testing::Test {
 protected:
  bool matches(const std::string& text) {
    const auto filter = FlowFilter::parse(text);
    EXPECT_TRUE(filter) << filter.error().message;
    return filter && filter->matches(sampled_.sample());
  }

  static std::string error(const std::string& text) {
    const auto filter = FlowFilter::parse(text);
    return filter ? "(fine)" : filter.error().message;
  }

  Sampled sampled_{sflow::frame("tcp 10.4.3.9:1000 -> 10.1.2.3:80")};
};

TEST_F(FlowFilterTest, Compares) {
  EXPECT_TRUE(matches(""));
  EXPECT_TRUE(matches("ipsource=10.4.3.9"));
  EXPECT_FALSE(matches("ipsource=10.4.3.8"));
  EXPECT_TRUE(matches("tcpdestinationport=443,80"));
  EXPECT_FALSE(matches("tcpdestinationport!=443,80"));
  EXPECT_TRUE(matches("tcpdestinationport!=443"));
  EXPECT_TRUE(matches("mask:ipsource:8=10.0.0.0/8"));
  EXPECT_TRUE(matches("tcpflags~.......1."));
  EXPECT_FALSE(matches("tcpflags~....1..1."));
  EXPECT_TRUE(matches("tcpflags!~....1..1."));
  EXPECT_FALSE(matches("stack~ip"));  // of the whole value
  EXPECT_TRUE(matches("stack~.*[.](tcp|udp)&ipttl!=0"));
  EXPECT_TRUE(matches("stack~x,.*tcp"));
  EXPECT_TRUE(matches("ipsource=\"10.4.3.9\""));
}

// As a click on a value in the pages of sFlow-RT's browse-flows and top-flows has it.
TEST_F(FlowFilterTest, TakesKeysAndTextsInQuotationMarks) {
  EXPECT_TRUE(matches("'ipsource'='10.4.3.9'"));
  EXPECT_FALSE(matches("'ipsource'='10.4.3.8'"));
  EXPECT_TRUE(matches("ipprotocol=6&'mask:ipsource:8'='10.0.0.0/8'&'stack'!='a&b'"));
  EXPECT_TRUE(matches("'ipsource' = '10.4.3.8' , '10.4.3.9' | ipttl=1"));
  EXPECT_TRUE(matches("(\"stack\"~'.*[.](tcp|udp)')"));
  EXPECT_FALSE(matches("'ipsource'='10.4.3.9'&'tcpdestinationport'!='80'"));
  EXPECT_EQ(error("'ipsource=1"), "a quotation mark is not closed");
  EXPECT_EQ(error("'ipsource"), "a quotation mark is not closed");
  EXPECT_EQ(error("'ipttl'x=1"), "at character 8: =, !=, ~ or !~ is expected");
  EXPECT_EQ(error("ipttl='1\""), "a quotation mark is not closed");
}

TEST_F(FlowFilterTest, JoinsAndBindsMoreThanOr) {
  EXPECT_TRUE(matches("ipprotocol=6&tcpdestinationport=80"));
  EXPECT_FALSE(matches("ipprotocol=6&tcpdestinationport=81"));
  EXPECT_TRUE(matches("ipprotocol=17|tcpdestinationport=80"));
  EXPECT_TRUE(matches("ipprotocol=6|ipprotocol=17&ipttl=1"));
  EXPECT_FALSE(matches("(ipprotocol=6|ipprotocol=17)&ipttl=1"));
  EXPECT_TRUE(matches(" ( ipprotocol = 6 ) & ( ipttl = 64 | ipttl = 1 ) "));
}

// Documented of sFlow-RT: without a value = is false, != is true; null is of no value.
TEST_F(FlowFilterTest, KnowsSamplesWithoutValue) {
  EXPECT_FALSE(matches("vlan=7"));
  EXPECT_TRUE(matches("vlan!=7"));
  EXPECT_FALSE(matches("vlan~.*"));
  EXPECT_TRUE(matches("vlan!~.*"));
  EXPECT_TRUE(matches("vlan=null"));
  EXPECT_FALSE(matches("vlan!=null"));
  EXPECT_TRUE(matches("vlan=7,null"));
  EXPECT_FALSE(matches("ipsource=null"));
  EXPECT_TRUE(matches("ipsource!=null"));
}

TEST_F(FlowFilterTest, SaysWhatIsWrong) {
  EXPECT_EQ(error("ipsource"), "at character 9: =, !=, ~ or !~ is expected");
  EXPECT_EQ(error("(ipttl=1"), "a ')' is missing at character 9");
  EXPECT_EQ(error("ipttl=1)"), "at character 8: & or | is expected");
  EXPECT_EQ(error("ipttl=1&"), "at character 9: =, !=, ~ or !~ is expected");
  EXPECT_EQ(error("ipttl=\"1"), "a quotation mark is not closed");
  EXPECT_EQ(error("ipttl~["), "'[' is no regular expression");
  EXPECT_EQ(error("ipttl~" + std::string(300, 'x')),
            "'" + std::string(300, 'x') + "' is no regular expression");
  EXPECT_EQ(error("ipttl~(a)\\1"), "'(a)\\1' is no regular expression");
  // Numbers that do not fit where libstdc++ puts them.
  const std::string long_number(30, '6');
  for (const std::string& pattern :
       {"\\" + long_number, R"(a\\\)" + long_number, "a{" + long_number + "}",
        "a{1" + ("," + long_number) + "}", R"(\c\\)" + long_number}) {
    EXPECT_EQ(error("ipttl~\"" + pattern + "\""), "'" + pattern + "' is no regular expression");
  }
  EXPECT_EQ(error("dnsqname~" + long_number + "[.]nl"), "(fine)");
  EXPECT_EQ(error("dnsqname~a{1}\\\\" + long_number), "(fine)");
  EXPECT_EQ(error("ip=1"), "no flow key is called 'ip'");
  EXPECT_EQ(error(std::string(20, '(') + "ipttl=1" + std::string(20, ')')),
            "parentheses are nested too deeply");
}

// What takes other engines for ever.
TEST_F(FlowFilterTest, RegularExpressionsDoNotExplode) {
  const Octets question = sflow::octets({0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 40}) +
                          Octets(40, std::byte{'a'}) + sflow::octets({0, 0, 1, 0, 1});
  Sampled dns(sflow::frame("udp 192.0.2.1:1000 -> 192.0.2.2:53", question));
  EXPECT_FALSE(FlowFilter::parse("dnsqname~(a|a)*(a|a)*b").value().matches(dns.sample()));
}

}  // namespace
}  // namespace fabrix::telemetry
