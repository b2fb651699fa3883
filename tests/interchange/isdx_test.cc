#include "interchange/isdx.h"

#include <string>

#include <gtest/gtest.h>

#include "exchange/load.h"

namespace fabrix::interchange {
namespace {

// As many participants as iSDX's test-ms example has: 1 and 2 with one router, 3 with two.
exchange::Exchange three() {
  const auto loaded = exchange::load(
      "version: 1\n"
      "exchange:\n"
      "  name: isdx\n"
      "  asn: 65000\n"
      "  router_id: 172.0.255.254\n"
      "  peering_lan: [172.0.0.0/16]\n"
      "  virtual_next_hops: [172.0.1.0/24]\n"
      "  route_server: {addresses: [172.0.255.254], policy: minimal, port: 179}\n"
      "participants:\n"
      "  - {name: A, asn: 100, routers: [{name: a1, mac: \"08:00:27:89:3b:9f\", "
      "addresses: [172.0.0.1], port: 1}]}\n"
      "  - {name: B, asn: 200, routers: [{name: b1, mac: \"08:00:27:92:18:1f\", "
      "addresses: [172.0.0.11], port: 2}]}\n"
      "  - {name: C, asn: 300, routers: [{name: c1, mac: \"08:00:27:54:56:ea\", "
      "addresses: [172.0.0.21], port: 3}, {name: c2, mac: \"08:00:27:bd:f8:b2\", "
      "addresses: [172.0.0.22], port: 4}]}\n",
      "exchange.yaml");
  EXPECT_TRUE(loaded);
  return *loaded;
}

std::string imported(std::string_view text, const char* owner = "A") {
  const auto exchange = three();
  const auto result =
      import_isdx(text, "participant.py", exchange, exchange.find_participant(owner)->id);
  if (result) return *result;
  std::string remarks;
  for (const Remark& each : result.error()) remarks += to_string(each) + "\n";
  return remarks;
}

// The shape of the outbound policy of participant 1 in iSDX's examples.
TEST(IsdxTest, OutboundForwardsToParticipantsByNumber) {
  EXPECT_EQ(
      imported(R"({"outbound": [
      {"cookie": 1, "match": {"tcp_dst": 80}, "action": {"fwd": 2}},
      {"cookie": 2, "match": {"tcp_dst": 4321}, "action": {"fwd": 3}},
      {"cookie": 3, "match": {"tcp_dst": 4322, "ipv4_src": "10.0.0.1/255.0.0.0"},
       "action": {"drop": 0}}]})"),
      "# A's policy, from iSDX\n"
      "#pragma overlap = first\n"
      "\n"
      "outbound = (match(protocol=tcp, dstport=80) >> fwd('B'))  # cookie 1\n"
      "         + (match(protocol=tcp, dstport=4321) >> fwd('C'))  # cookie 2\n"
      "         + (match(protocol=tcp, dstport=4322, srcip=10.0.0.0/8) >> drop)  # cookie 3\n");
}

TEST(IsdxTest, InboundForwardsToPortsFromZero) {
  EXPECT_EQ(imported(R"({"inbound": [
      {"cookie": 1, "match": {"tcp_dst": 4321}, "action": {"fwd": 0}},
      {"cookie": 2, "match": {"tcp_dst": 4322}, "action": {"fwd": 1}},
      {"match": {"eth_src": "08:00:27:89:3b:9f", "udp_dst": 53, "udp_src": 53},
       "action": {"fwd": 1}}]})",
                     "C"),
            "# C's policy, from iSDX\n"
            "#pragma overlap = first\n"
            "\n"
            "inbound = (match(protocol=tcp, dstport=4321) >> fwd(port[0]))  # cookie 1\n"
            "        + (match(protocol=tcp, dstport=4322) >> fwd(port[1]))  # cookie 2\n"
            "        + (match(srcmac=08:00:27:89:3b:9f, protocol=udp, dstport=53, srcport=53) >> "
            "fwd(port[1]))\n");
}

TEST(IsdxTest, NothingIsAnEmptyPolicy) {
  EXPECT_EQ(imported("{}"), "# A's policy, from iSDX\n#pragma overlap = first\n");
  EXPECT_EQ(imported(R"({"outbound": []})"), "# A's policy, from iSDX\n#pragma overlap = first\n");
}

// A misspelt word would leave a part out, or let a rule be about all packets.
TEST(IsdxTest, TakesNoMemberThatItDoesNotKnow) {
  EXPECT_EQ(imported(R"({"outbond": [], "outbound": [
      {"cookie": 1, "mach": {"tcp_dst": 80}, "action": {"fwd": 2}}],
      "inbound": {"action": {"drop": 0}}})"),
            "participant.py:outbond: this has no counterpart: known are outbound, inbound\n"
            "participant.py:outbound[0].mach: this has no counterpart: known are cookie, match, "
            "action\n"
            "participant.py:inbound: expected a list of rules\n");
}

TEST(IsdxTest, SaysEverythingThatHasNoCounterpart) {
  EXPECT_EQ(imported(R"({"outbound": [
      {"match": {"mpls_label": 3}, "action": {"fwd": 2}},
      {"match": {"tcp_dst": 99999}, "action": {"fwd": 9}},
      {"match": {"ipv4_dst": "10.0.0.0/33"}, "action": {"fwd": 2, "drop": 0}},
      {"match": {"ipv4_dst": "10.0.0.0/255.0.255.0"}, "action": {}}],
      "inbound": [{"match": 80, "action": {"fwd": 1}}]})"),
            "participant.py:outbound[0].match.mpls_label: this test has no counterpart\n"
            "participant.py:outbound[1].match.tcp_dst: this is no whole number up to 65535\n"
            "participant.py:outbound[1].action.fwd: there is no participant 9: the exchange has 3, "
            "from 1\n"
            "participant.py:outbound[2].match.ipv4_dst: '10.0.0.0/33' is no address\n"
            "participant.py:outbound[2].action: expected {\"fwd\": N} or {\"drop\": 0}\n"
            "participant.py:outbound[3].match.ipv4_dst: '10.0.0.0/255.0.255.0' is no address\n"
            "participant.py:outbound[3].action: expected {\"fwd\": N} or {\"drop\": 0}\n"
            "participant.py:inbound[0].match: expected an object of tests\n"
            "participant.py:inbound[0].action.fwd: A has no port 1: it has 1, from 0\n");
  EXPECT_EQ(imported("[]"), "participant.py: expected an object with outbound and inbound\n");
  EXPECT_NE(imported("{").find("this is no JSON"), std::string::npos);
}

}  // namespace
}  // namespace fabrix::interchange
