// The shapes in which policies for SDXes were published: Pyretic programs of sdx-pyretic and of the
// SDN course's assignment, with a function around them, and of the SIGCOMM 2014 paper.
#include <gtest/gtest.h>

#include "tests/policy/policy_world.h"

namespace fabrix::policy {
namespace {

TEST(PyreticTest, AFunctionThatReturnsThePolicyIsAccepted) {
  const auto policy = parsed(
      "#pragma overlap = first\n"
      "from pyretic.lib.corelib import *\n"
      "from pyretic.lib.std import *\n"
      "from pyretic.sdx.lib.common import *\n"
      "\n"
      "import os\n"
      "\n"
      "def policy(participant, sdx):\n"
      "    prefixes_announced = bgp_get_announced_routes(sdx, 'A')\n"
      "\n"
      "    final_policy = (\n"
      "        (match(dstport=80) >> sdx.fwd(participant.peers['B'])) +\n"
      "        (match(dstport=4321) >> sdx.fwd(participant.peers['C'])) +\n"
      "        (match_prefixes_set(set(prefixes_announced)) >>\n"
      "            sdx.fwd(participant.phys_ports[0]))\n"
      "    )\n"
      "\n"
      "    return final_policy\n");
  EXPECT_EQ(clauses_of(policy.policy.outbound), "dstport=80 -> B\ndstport=4321 -> C\n");
  EXPECT_EQ(clauses_of(policy.policy.inbound), "ethtype={ipv4, ipv6}, dst_in(prefixes(A)) -> a1\n");
  for (const Diagnostic& each : policy.diagnostics) EXPECT_EQ(each.code, "P0111");
  EXPECT_EQ(policy.diagnostics.size(), 6U);
}

// As the course hands it out: with helpers, and texts for people.
TEST(PyreticTest, HelpersAndDocstringsAroundThePolicyAreIgnored) {
  const auto policy = parsed(
      "\xef\xbb\xbf'''Policies of participant A'''\n"
      "import json\n"
      "\n"
      "cwd = os.getcwd()\n"
      "\n"
      "def parse_config(config_file):\n"
      "    participants = json.load(open(config_file, 'r'))\n"
      "\n"
      "    for name in participants:\n"
      "        for i in range(len(participants[name][\"IPP\"])):\n"
      "            participants[name][\"IPP\"][i] = IP(\n"
      "participants[name][\"IPP\"][i]\n"
      ")\n"
      "    return participants\n"
      "\n"
      "def policy(participant, sdx):\n"
      "    \"\"\"\n"
      "        Specify participant policy: outbound = drop\n"
      "    \"\"\"\n"
      "    participants = parse_config(cwd + '/local.cfg')\n"
      "    final_policy = (match(dstport=80) >> sdx.fwd(participant.peers['B']))\n"
      "    return final_policy\n");
  EXPECT_EQ(clauses_of(policy.policy.outbound), "dstport=80 -> B\n");
  std::string notes;
  for (const Diagnostic& each : policy.diagnostics) {
    notes += std::to_string(each.at.line) + " " + each.message + "\n";
  }
  EXPECT_EQ(notes,
            "2 'import' is not needed here: this line is ignored\n"
            "6 'def' is not needed here: this function is ignored\n"
            "16 'def' is not needed here: this line is ignored\n"
            "22 'return' is not needed here: this line is ignored\n");
}

TEST(PyreticTest, WhatTheLastFunctionReturnsIsThePolicyWhereNothingElseIs) {
  const auto policy = parsed(
      "def helper(x):\n"
      "    return x\n"
      "def main():\n"
      "    web = match(dstport=80) >> fwd('B')\n"
      "    return web + (match(dstport=443) >> fwd('C1')) + (match(dstport=25) >> fwd(A1))\n");
  EXPECT_EQ(clauses_of(policy.policy.outbound), "dstport=80 -> B\ndstport=443 -> c1\n");
  EXPECT_EQ(clauses_of(policy.policy.inbound), "dstport=25 -> a1\n");
  EXPECT_EQ(clauses_of(parsed("return (match(dstport=80) >> fwd(B))\n").policy.outbound),
            "dstport=80 -> B\n");
}

TEST(PyreticTest, WhatIsReturnedIsReadAsAnyPolicy) {
  EXPECT_EQ(codes("def main():\n  return (match(dstprt=80) >> fwd(B))\n"), "P0111 P0201");
  EXPECT_EQ(codes("def main():\n  return unknown\n"), "P0111 P0203");
  EXPECT_EQ(codes("'''never ends\noutbound = fwd(B)\n"), "P0002");
}

TEST(PyreticTest, ChoicesAndListsAreAccepted) {
  const auto policy = parsed(
      "#pragma precedence = pyretic\n"
      "final_policy = if_(match(dstport=80) | match(dstport=443),\n"
      "                   xfwd('B'),\n"
      "                   parallel([match(dstport=p) >> xfwd('C') for p in [4321, 4322]]))\n");
  EXPECT_EQ(policy.policy.outbound.clauses.size(), 3U);
}

// Section 3 of the paper: application-specific peering, wide-area load balancing.
TEST(PyreticTest, ThePapersPoliciesAreAccepted) {
  EXPECT_EQ(outbound("(match(dstport=80) >> fwd(B)) + (match(dstport=443) >> fwd(C))"),
            "dstport=80 -> B\ndstport=443 -> C\n");
  EXPECT_EQ(inbound("(match(srcip={0.0.0.0/1}) >> fwd(C1)) + (match(srcip={128.0.0.0/1}) >> "
                    "fwd(C2))"),
            "srcip=0.0.0.0/1 -> c1\nsrcip=128.0.0.0/1 -> c2\n");
  EXPECT_EQ(outbound("match(dstip=74.125.1.1) >> (match(srcip=96.25.160.0/24) >> "
                     "mod(dstip=74.125.224.161)) + (match(srcip=128.125.163.0/24) >> "
                     "mod(dstip=74.125.137.139))")
                    .find("-> dstip:=74.125.224.161, default") != std::string::npos,
            true);
}

}  // namespace
}  // namespace fabrix::policy
