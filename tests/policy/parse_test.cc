#include "policy/parse.h"

#include <string>

#include <gtest/gtest.h>

#include "tests/policy/policy_world.h"

namespace fabrix::policy {
namespace {

constexpr std::string_view kOutbound = R"(# A: application-specific peering
outbound = match(dstport=80) >> fwd(B)
         + match(dstport=4321/4322) >> fwd(C)
)";

constexpr std::string_view kInbound = R"(# C: inbound traffic engineering over its two routers
inbound  = match(dstport=443)  >> fwd(C1)
         + match(dstport=80)   >> fwd(C2)
         + match(dstport=8080) >> drop
)";

constexpr std::string_view kCourse = R"(from pyretic.lib.corelib import *
import os
prefixes_announced = bgp_get_announced_routes(sdx, 'A')
final_policy = (
    (match(dstport=80) >> sdx.fwd(participant.peers['B'])) +
    (match(dstport=4321) >> sdx.fwd(participant.peers['C'])) +
    (match_prefixes_set(set(prefixes_announced)) >> sdx.fwd(participant.phys_ports[0])))
)";

TEST(ParseTest, ReadsTheFirstExample) {
  const Parsed result = parsed(kOutbound);
  EXPECT_EQ(clauses_of(result.policy.outbound), "dstport=80 -> B\ndstport=4321..4322 -> C\n");
  EXPECT_TRUE(result.policy.inbound.clauses.empty());
}

// The two readings differ, and the packet shows it.
TEST(ParseTest, WarnsWherePythonWouldReadTheFirstExampleOtherwise) {
  EXPECT_EQ(rendered(parsed(kOutbound).diagnostics, kOutbound),
            R"(warning[P0302]: read as the paper does, '>>' before '+'; Python reads it otherwise
  --> A.policy:2:12
  2 | outbound = match(dstport=80) >> fwd(B)
    |            ^^^^^^^^^^^^^^^^^^^^^^^^^^^
  witness: tcp 100.0.0.1:1024 -> 140.0.0.1:80 goes to B; in Python's reading it goes to C
  help: write parentheses, or #pragma precedence = paper (or pyretic)

)");
}

TEST(ParseTest, AParenthesisOrAPragmaSettlesThePrecedence) {
  EXPECT_EQ(codes("#pragma precedence = paper\n" + std::string(kOutbound)), "");
  EXPECT_EQ(codes("outbound = (match(dstport=80) >> fwd(B)) + (match(dstport=443) >> fwd(C))"), "");
  const Parsed result = parsed("# pragma precedence = pyretic\n" + std::string(kOutbound));
  EXPECT_EQ(clauses_of(result.policy.outbound).substr(0, 16), "dstport=80 -> C\n");
}

TEST(ParseTest, IsSilentWhereBothReadingsAgree) {
  EXPECT_EQ(codes("outbound = match(dstport=80) >> fwd(B) + none"), "");
}

TEST(ParseTest, ReadsTheInboundExample) {
  const Parsed result = parsed(kInbound, "C");
  EXPECT_EQ(clauses_of(result.policy.inbound, "C"),
            "dstport=443 -> c1\ndstport=80 -> c2\ndstport=8080 -> drop\n");
}

TEST(ParseTest, ReadsTheCourseForm) {
  const Parsed result = parsed(kCourse);
  EXPECT_EQ(clauses_of(result.policy.outbound), "dstport=80 -> B\ndstport=4321 -> C\n");
  EXPECT_EQ(clauses_of(result.policy.inbound), "ethtype={ipv4, ipv6}, dst_in(prefixes(A)) -> a1\n");
  EXPECT_EQ(codes(kCourse), "P0111 P0111");
}

TEST(ParseTest, NotesAFinalPolicyThatDecidesNothing) {
  EXPECT_EQ(codes("final_policy = match(dstport=80)"), "P0308");
  EXPECT_TRUE(parsed("final_policy = match(dstport=80)").policy.outbound.clauses.empty());
}

TEST(ParseTest, TakesAPolicyBlockDefinitionsAndMacros) {
  EXPECT_EQ(codes("policy A {\n  let web = match(dstport=80)\n  to(who) = web >> fwd(who)\n"
                  "  outbound = to(B)\n}\n"),
            "");
  EXPECT_EQ(clauses_of(parsed("to(p, who) = match(dstport=p) >> fwd(who)\n"
                              "outbound = to({80, 443}, B)")
                           .policy.outbound),
            "dstport={80, 443} -> B\n");
  EXPECT_EQ(outbound("parallel([match(dstport=p) >> fwd(B) for p in [80, 443]])"),
            "dstport=80 -> B\ndstport=443 -> B\n");
}

TEST(ParseTest, AnEmptyTextIsAnEmptyPolicy) {
  EXPECT_EQ(codes(""), "");
  EXPECT_EQ(codes("\n# nothing\n"), "");
}

struct Rendering {
  std::string_view text;
  std::string_view owner;
  std::string_view rendered;
};

TEST(ParseTest, SaysWhatIsWrongAndWhatToDo) {
  for (
      const Rendering& each : {
          Rendering{"outbound = match(dstprt=80) >> fwd(B)\n", "A",
                    R"(error[P0201]: unknown field 'dstprt'
  --> A.policy:1:18
  1 | outbound = match(dstprt=80) >> fwd(B)
    |                  ^^^^^^
  help: did you mean 'dstport'?

)"},
          Rendering{"outbound = match(dstport=80) >> fwd(BB)\n", "A",
                    R"(error[P0202]: unknown participant 'BB'
  --> A.policy:1:37
  1 | outbound = match(dstport=80) >> fwd(BB)
    |                                     ^^
  help: participants with a peering: B, C

)"},
          Rendering{"outbound = (match(dstport=80) >> fwd(B)\ninbound = match() >> fwd(a1)\n", "A",
                    R"(error[P0102]: missing ')' after this
  --> A.policy:1:39
  1 | outbound = (match(dstport=80) >> fwd(B)
    |                                       ^
  help: it closes the '(' at line 1, column 12

)"},
          Rendering{"outbound = match(dstport=80) >> fwd(D)\n", "A",
                    R"(error[P0303]: 'D' has no peering with 'A'
  --> A.policy:1:37
  1 | outbound = match(dstport=80) >> fwd(D)
    |                                     ^
  help: peers: B, C

)"},
          Rendering{"inbound = match(dstport=80) >> fwd(C)\n", "C",
                    R"(error[P0305]: inbound must name a port, and 'C' has 2
  --> A.policy:1:36
  1 | inbound = match(dstport=80) >> fwd(C)
    |                                    ^
  help: ports: C1 (c1), C2 (c2)

)"},
          Rendering{
              "inbound = match(dstport=80) >> fwd(B)\n", "C",
              R"(error[P0305]: inbound chooses among the ports of 'C', and 'B' is another participant
  --> A.policy:1:36
  1 | inbound = match(dstport=80) >> fwd(B)
    |                                    ^
  help: ports: C1 (c1), C2 (c2)

)"},
      }) {
    SCOPED_TRACE(each.text);
    EXPECT_EQ(rendered(reported(each.text, each.owner), each.text), each.rendered);
  }
}

TEST(ParseTest, SuggestsTheNearestParticipant) {
  SymbolTable symbols = world("A");
  symbols.participants[1].name = "Bellevue";
  const auto result = parse("outbound = fwd(Belevue)", "A.policy", symbols);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().front().help, "did you mean 'Bellevue'?");
}

TEST(ParseTest, ReportsSeveralErrorsInOneRun) {
  EXPECT_EQ(codes("outbound = match(dstprt=80) >> fwd(B)\n"
                  "         + match(dstport=80000) >> fwd(Q)\n"
                  "inbound = match(dstport=) >> fwd(A1)\n"
                  "        + match(dstport=80) >> fwd(B)\n"),
            "P0201 P0205 P0202 P0101 P0305");
}

struct Case {
  std::string_view text;
  std::string_view codes;
};

TEST(ParseTest, RefusesWhatMakesNoSense) {
  for (const Case& each : {
           Case{"outbound = match(ethtype=arp, dstport=80) >> fwd(B)", "P0206"},
           Case{"outbound = match(protocol=icmp, dstport=80) >> fwd(B)", "P0206"},
           Case{"outbound = match(srcip=10.0.0.0/8, dstip=::/0) >> fwd(B)", "P0206"},
           Case{"outbound = match(dstport=80, dstport=443) >> fwd(B)", "P0207"},
           Case{"outbound = match(srcip=80) >> fwd(B)", "P0204"},
           Case{"outbound = match(dstport=10.0.0.1) >> fwd(B)", "P0204"},
           Case{"outbound = match(dstport=65536) >> fwd(B)", "P0205"},
           Case{"outbound = match(dstport=90-80) >> fwd(B)", "P0208"},
           Case{"outbound = match(dstip=140.0.0.1/24) >> fwd(B)", "P0004"},
           Case{"outbound = match(protocol=tpc) >> fwd(B)", "P0204"},
           Case{"outbound = ~(match(dstport=80) >> fwd(B))", "P0204"},
           Case{"outbound = fwd(B) | fwd(C)", "P0204"},
           Case{"outbound = modify(dstmac=00:11:22:33:44:55) >> fwd(B)", "P0212"},
           Case{"outbound = fwd(A)", "P0304"},
           Case{"outbound = from(B) >> fwd(C)", "P0306"},
           Case{"outbound = fwd(C3)", "P0202"},
           Case{"outbound = fwd(C[2])", "P0202"},
           Case{"outbound = web >> fwd(B)\nlet web = match(dstport=80)", "P0209"},
           Case{"let web = web\noutbound = web", "P0209"},
           Case{"let web(p) = match(dstport=p)\noutbound = web >> fwd(B)", "P0211"},
           Case{"let web(p) = match(dstport=p)\noutbound = web(1, 2) >> fwd(B)", "P0211"},
           Case{"let x = drop\nlet x = drop\n", "P0210"},
           Case{"let match = drop\n", "P0210"},
           Case{"outbound = drop\noutbound = drop\n", "P0106"},
           Case{"outbound = drop\nfinal_policy = drop\n", "P0106"},
           Case{"outbound = match(dstport=80) >> chain(10)", "P0203"},
           Case{"outbound = match(dstport=80) >> packets(0)", "P0321"},
           Case{"outbound = match(dstport=80) >> packets(dstport)", "P0101"},
           Case{"chain x\noutbound = drop\n", "P0101"},
           Case{"outbound = identiy", "P0203"},
           Case{"outbound = fwd(B) fwd(C)", "P0103"},
           Case{"outbound = ", "P0101"},
           Case{"outbound = 'abc\n", "P0002 P0204"},
           Case{"outbound = match(dstport=80x) >> fwd(B)", "P0003"},
           Case{"outbound = match(dstport=1.5, srcmac=00:11:22:33:44) >> drop", "P0003 P0004"},
           Case{"outbound = police(1.5mbps) + count_packets(1x)", "P0003 P0003"},
           Case{"outbound = rib(med=9x, as_path=~8x) >> drop", "P0003 P0003"},
           Case{"outbound = fwd(port=B) + mtach(dstport=80) >> fwd(B)", "P0203 P0203"},
           Case{"outbound = drop $", "P0001"},
           Case{"80 = x", "P0104"},
           Case{"#pragma speed = fast", "P0112"},
           Case{"policy A {\noutbound = drop\n", "P0102"},
       }) {
    SCOPED_TRACE(each.text);
    EXPECT_EQ(codes(each.text), each.codes) << rendered(reported(each.text), each.text);
    EXPECT_FALSE(parse(each.text, "A.policy", world("A")));
  }
}

TEST(ParseTest, SaysWhatAMisspeltWordMayMean) {
  const auto first = [](std::string_view text) {
    const auto all = reported(text);
    return all.empty() ? "" : all.front().message + ": " + all.front().help;
  };
  EXPECT_EQ(first("outbound = mtach(dstport=80) >> fwd(B)"),
            "unknown name 'mtach': did you mean 'match'?");
  EXPECT_EQ(first("outbound = drop(dstport=80)"),
            "'drop' takes no field=value: match(), modify() and rib() do");
  EXPECT_EQ(first("let web = 80\noutbound = match(dstport=wbe) >> fwd(B)"),
            "'wbe' is not a value of 'dstport': did you mean 'web'?");
  EXPECT_EQ(first("let nets = [10.0.0.0/8]\noutbound = dst_in(net) >> fwd(B)"),
            "'net' is not a set of prefixes: did you mean 'nets'?");
  EXPECT_EQ(first("outbound = dst_in(announced) >> fwd(B)"),
            "'announced' is not a set of prefixes: a list such as [10.0.0.0/8], or prefixes(B)");
  EXPECT_EQ(first("outbound = match(dstport=web) >> drop\nlet web = 80"),
            "'web' is not defined before this: a definition sees only those above it");
}

TEST(ParseTest, SaysHowManyArgumentsThereMayBe) {
  const auto first = [](std::string_view text) { return reported(text).front().message; };
  EXPECT_EQ(first("outbound = multicast()"), "'multicast' takes at least 1 argument, not 0");
  EXPECT_EQ(first("outbound = balance()"), "'balance' takes 1 to 8 arguments, not 0");
  EXPECT_EQ(first("outbound = if_(drop)"), "'if_' takes 2 or 3 arguments, not 1");
  EXPECT_EQ(first("outbound = fwd(B, C)"), "'fwd' takes 1 argument, not 2");
}

// A section whose name is misspelt would be a policy that does nothing, and no word of it.
TEST(ParseTest, TellsOfDefinitionsThatNothingUses) {
  const auto told = [](std::string_view text) {
    std::string result;
    for (const Diagnostic& each : parsed(text).diagnostics) {
      result += each.severity == Severity::kWarning ? "warning " : "note ";
      result += std::to_string(each.at.line) + ": " + each.help + "\n";
    }
    return result;
  };
  EXPECT_EQ(told("outbond = match(dstport=80) >> fwd(B)\ninbound = drop"),
            "warning 1: did you mean 'outbound'?\n");
  EXPECT_EQ(told("let web = match(dstport=80)\npolicies = web >> fwd(B)"),
            "warning 2: what a policy does is said by outbound, inbound or final_policy\n");
  EXPECT_EQ(told("let to(who) = fwd(who)\nlet web = 80\noutbound = match(dstport=web) >> drop"),
            "note 1: nor is it checked\n");
  EXPECT_EQ(codes("let web = 80\ninvariant i: never match(dstport=web) >> fwd(B)"), "");
  // What could not be read may be what uses it.
  EXPECT_EQ(codes("let web = 80\noutbound = "), "P0101");
}

TEST(ParseTest, ATextThatIsTooDeepIsToldOnce) {
  std::string deep;
  for (int i = 0; i < 100; ++i) deep += "if_(match(dstport=80), ";
  deep += "drop";
  for (int i = 0; i < 100; ++i) deep += ", drop)";
  EXPECT_EQ(codes("outbound = " + deep), "P0107");
  EXPECT_EQ(codes("outbound = " + deep + "\ninbound = " + deep), "P0107 P0107");
}

TEST(ParseTest, SaysWhyPrerequisitesExcludeEachOther) {
  EXPECT_EQ(reported("outbound = match(ethtype=arp, dstport=80)").front().message,
            "'ethtype' and 'dstport' exclude each other: 'dstport' needs an IPv4 or IPv6 packet");
  EXPECT_EQ(
      reported("outbound = match(dstport=80, protocol=icmp)").front().message,
      "'dstport' and 'protocol' exclude each other: 'dstport' needs protocol tcp, udp or sctp");
}

// Programs that ask and are told in JSON could not have it.
TEST(ParseTest, ATextIsUtf8) {
  EXPECT_EQ(codes("outbound = drop  # \u00fc\U0001f600"), "");
  const std::string latin = "outbound = drop\n  # \u00fc f\xfcr\n";
  EXPECT_EQ(rendered(reported(latin), latin),
            "error[P0001]: this is no UTF-8\n"
            "  --> A.policy:2:9\n"
            "  2 |   # \u00fc f\xfcr\n"
            "    |        ^\n"
            "  help: save the file as UTF-8\n\n");
  EXPECT_EQ(reported("\xff").front().at, (SourceSpan{1, 1, 1}));
  EXPECT_EQ(check_alone(latin, "A.policy").size(), 1U);
}

TEST(ParseTest, BoundsNestingAndExpansion) {
  std::string deep = "outbound = ";
  for (int i = 0; i < 5000; ++i) deep += '(';
  EXPECT_EQ(codes(deep), "P0107");
  std::string wide = "let x0 = match(dstport=80)\n";
  for (int i = 1; i < 40; ++i) {
    const std::string before = "x" + std::to_string(i - 1);
    wide += "let x" + std::to_string(i) + " = " + before + " | " + before + "\n";
  }
  EXPECT_EQ(codes(wide + "outbound = x39 >> fwd(B)"), "P0402");
}

}  // namespace
}  // namespace fabrix::policy
