#include "analyzer/flow_json.h"

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

#include "bgp/flowspec_actions.h"

namespace fabrix::analyzer {
namespace {

std::string match(const std::string& text) {
  const auto rule = parse_match(boost::json::parse(text).as_object());
  return rule ? rule->to_string() : "error: " + rule.error().message;
}

std::string then(const std::string& text) {
  const auto flow = parse_then(boost::json::parse(text).as_object());
  if (!flow) return "error: " + flow.error().message;
  const bgp::AttributesPtr& attributes = flow->attributes;
  std::string all;
  for (const auto community : attributes->extended_communities) {
    if (!all.empty()) all += ", ";
    const auto action = bgp::decode_flowspec_action(community);
    all += action && *action ? to_string(**action) : to_string(community);
  }
  for (const auto community : attributes->communities) all += net::to_string(community);
  if (flow->next_hop) all += " via " + flow->next_hop->to_string();
  return all;
}

TEST(FlowJson, ReadsWhatPacketsAreMeant) {
  EXPECT_EQ(
      match(R"({"destination":"10.0.0.1","version":"4","protocol":"=17","source-port":"=53"})"),
      "dst 10.0.0.1/32, proto =17, srcport =53");
  EXPECT_EQ(match(R"({"source":"2001:db8::/32","version":6,"icmp-type":128,"icmp-code":"<=1"})"),
            "src 2001:db8::/32, icmptype =128, icmpcode <=1");
  EXPECT_EQ(match(R"({"destination-port":">=1024&<=2048|!=5","packet-length":["<64",">1500"]})"),
            "dstport >=1024&<=2048|!=5, length <64|>1500");
  EXPECT_EQ(match(R"({"tcp-flags":"=SA|!R","fragment":"=I"})"),
            "tcpflags all(SYN,ACK)|!any(RST), fragment all(IsF)");
  EXPECT_EQ(match(R"({"tcp-flags":"S&!=FA"})"), "tcpflags any(SYN)&!all(FIN,ACK)");
  EXPECT_EQ(match(R"({"port":"=53","dscp":"=46"})"), "port =53, dscp =46");
  EXPECT_EQ(match(R"({"version":"6","flow-label":"=70000"})"), "flowlabel =70000");
}

TEST(FlowJson, RefusesWhatIsNoFlow) {
  for (const auto* wrong :
       {"{}", R"({"version":"4"})", R"({"version":"5","protocol":"=6"})", R"({"colour":"red"})",
        R"({"destination":"10.0.0.1/8"})", R"({"destination":"10.0.0.1","version":"6"})",
        R"({"destination":"10.0.0.1","source":"2001:db8::1"})", R"({"protocol":"=256"})",
        R"({"protocol":"udp"})", R"({"protocol":"=17&"})", R"({"protocol":""})",
        R"({"port":"=65536"})", R"({"tcp-flags":"=X"})", R"({"tcp-flags":"="})",
        R"({"fragment":"=S"})", R"({"flow-label":"=1"})", R"({"protocol":{}})",
        R"({"protocol":"=17x"})", R"({"protocol":"=6","version":{}})"}) {
    EXPECT_TRUE(match(wrong).starts_with("error: ")) << wrong << ": " << match(wrong);
  }
}

TEST(FlowJson, ReadsWhatIsToBeDone) {
  EXPECT_EQ(then(R"({"traffic-rate":"0"})"), "discard");
  EXPECT_EQ(then(R"({"traffic-rate":12500})"), "at most 12500 bytes/s");
  EXPECT_EQ(then(R"({"traffic-marking":"le"})"), "mark with DSCP 1");
  EXPECT_EQ(then(R"({"traffic-marking":"af41"})"), "mark with DSCP 34");
  EXPECT_EQ(then(R"({"traffic-marking":"cs6"})"), "mark with DSCP 48");
  EXPECT_EQ(then(R"({"traffic-marking":46})"), "mark with DSCP 46");
  EXPECT_EQ(then(R"({"traffic-marking":"ef"})"), "mark with DSCP 46");
  for (const auto* best_effort : {"be", "df", "cs0"}) {
    EXPECT_EQ(then(R"({"traffic-marking":")" + std::string(best_effort) + "\"}"),
              "mark with DSCP 0");
  }
  EXPECT_EQ(then(R"({"redirect-as":"65000:666"})"), "redirect to 65000:666");
  EXPECT_EQ(then(R"({"redirect-as4":"4200000000:666"})"), "redirect to 4200000000:666");
  EXPECT_EQ(then(R"({"redirect-ip":"192.0.2.1:666"})"), "redirect to 192.0.2.1:666");
  EXPECT_EQ(then(R"({"redirect-action-ip":"192.0.2.1"})"), "0x010cc00002010000");
  EXPECT_EQ(then(R"({"redirect-nexthop":"192.0.2.1"})"), "0x0800000000000000 via 192.0.2.1");
  EXPECT_EQ(then(R"({"redirect-nexthop":"100::1"})"), "0x0800000000000000 via 100::1");
  EXPECT_EQ(then(R"({"communities":"128:6:0,65001:7"})"), "discard65001:7");
  EXPECT_EQ(then("{}"), "");
}

TEST(FlowJson, RefusesWhatCannotBeDone) {
  for (const auto* wrong : {R"({"traffic-rate":-1})",
                            R"({"traffic-rate":"x"})",
                            R"({"traffic-rate":1e20})",
                            R"({"traffic-marking":64})",
                            R"({"traffic-marking":"af44"})",
                            R"({"redirect-as":"65536:1"})",
                            R"({"redirect-as4":"1:65536"})",
                            R"({"redirect-ip":"192.0.2.1"})",
                            R"({"redirect-ip":"2001:db8::1:6"})",
                            R"({"redirect-action-ip":"2001:db8::1"})",
                            R"({"redirect-nexthop":"192.0.2.1:666"})",
                            R"({"redirect-nexthop":{}})",
                            R"({"communities":"7"})",
                            R"({"communities":"256:6:0"})",
                            R"({"drop":true})",
                            R"({"traffic-marking":"cs8"})",
                            R"({"traffic-marking":"cs"})",
                            R"({"traffic-marking":"af51"})",
                            R"({"traffic-marking":"af10"})",
                            R"({"traffic-marking":{}})",
                            R"({"redirect-ip":"x:1"})",
                            R"({"redirect-ip":"192.0.2.1:x"})",
                            R"({"redirect-ip":"192.0.2.1:65536"})",
                            R"({"redirect-action-ip":"x"})",
                            R"({"redirect-as":{}})"}) {
    EXPECT_TRUE(then(wrong).starts_with("error: ")) << wrong << ": " << then(wrong);
  }
}

}  // namespace
}  // namespace fabrix::analyzer
