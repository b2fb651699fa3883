#include "policy/format.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>

#include <gtest/gtest.h>

#include "policy/lexer.h"
#include "tests/policy/policy_world.h"
#include "tests/policy/random_policy.h"

namespace fabrix::policy {
namespace {

std::string formatted(std::string_view text) {
  const auto result = format(text, "A.policy");
  if (result) return *result;
  ADD_FAILURE() << rendered(result.error(), text);
  return {};
}

TEST(FormatTest, SetsOperandsUnderEachOther) {
  EXPECT_EQ(formatted("outbound=(match( dstport = 80 )>>fwd( B ))   # the web\n"
                      "+(match(dstport in{4321,4322})>>fwd(C))\n"
                      "   // match(srcip = 10.0.0.0/8,dstport != 80)>>drop"),
            "outbound = (match(dstport=80) >> fwd(B))  # the web\n"
            "         + (match(dstport in {4321, 4322}) >> fwd(C))\n"
            "        // match(srcip=10.0.0.0/8, dstport!=80) >> drop\n");
}

TEST(FormatTest, IndentsWhatStandsInBrackets) {
  EXPECT_EQ(formatted("final_policy = (\n"
                      "(match(dstport=80) >> sdx.fwd(participant.peers[\"B\"])) +\n"
                      "     (match(dstport=4321)>>sdx.fwd( participant . peers [ 'C' ]))\n"
                      ")\n"
                      "let ports = [80,\n443]\n"
                      "outbound = if_(a,\nb >>\nc,\n(x\n+ y))\n"),
            "final_policy = (\n"
            "    (match(dstport=80) >> sdx.fwd(participant.peers['B'])) +\n"
            "    (match(dstport=4321) >> sdx.fwd(participant.peers['C']))\n"
            ")\n"
            "let ports = [80,\n"
            "             443]\n"
            "outbound = if_(a,\n"
            "               b >>\n"
            "               c,\n"
            "               (x\n"
            "              + y))\n");
}

TEST(FormatTest, IndentsBlocksAndTheirComments) {
  EXPECT_EQ(formatted("# first\n#pragma overlap = first\n\n\n\npolicy A{\n# web\nlet web=match()\n"
                      "      outbound=web>>fwd(B)\n   # last\n}\n\n# end\n\n"),
            "# first\n#pragma overlap = first\n\npolicy A {\n  # web\n  let web = match()\n"
            "  outbound = web >> fwd(B)\n  # last\n}\n\n# end\n");
}

TEST(FormatTest, FromIsAFunctionOrASource) {
  EXPECT_EQ(formatted("inbound=from (B)&match(dstport=80)>>drop\nevent e:bool  from ids\n"),
            "inbound = from(B) & match(dstport=80) >> drop\nevent e : bool from ids\n");
}

TEST(FormatTest, LaysOutChains) {
  EXPECT_EQ(formatted("chain web=E2>>E3\n  chain all =[ web,'a-fw' ]\n"
                      "outbound=(match(dstport=80)>>via( all )>>fwd(B))\n +via(E2 , E3)\n"),
            "chain web = E2 >> E3\nchain all = [web, 'a-fw']\n"
            "outbound = (match(dstport=80) >> via(all) >> fwd(B))\n         + via(E2, E3)\n");
}

TEST(FormatTest, LaysOutFiniteStatePolicies) {
  const std::string text =
      "event authenticated : bool\n"
      "event load : {low, high} from meter\n"
      "\n"
      "fsm auth per (srcmac, srcip) {\n"
      "  var state : {out, in} = out\n"
      "  var count : 0..3\n"
      "  on authenticated when value { state = in; count = 0 }\n"
      "  on authenticated when ~value & count < 3 {\n"
      "    state = out\n"
      "    count = count + 1\n"
      "  }\n"
      "  policy = case {\n"
      "    state == in & (count == 0 | count == 1) -> identity\n"
      "    else -> drop\n"
      "  }\n"
      "  check AG (state == out -> EF state == in)\n"
      "  check A[state == out U state == in] | EG ~(state == in)\n"
      "  timeout 30m when state == in -> { state = out }\n"
      "}\n"
      "outbound = auth >> match(dstport=80) >> fwd(B)\n";
  EXPECT_EQ(formatted(text), text);
}

TEST(FormatTest, WritesValuesAsOneWord) {
  EXPECT_EQ(
      formatted("outbound = match(dstport = 80 - 90 , srcport = 1 / 2,dscp=8 & 0x38) >> drop"),
      "outbound = match(dstport=80-90, srcport=1/2, dscp=8&0x38) >> drop\n");
  EXPECT_EQ(formatted("outbound = dst_in([10.0.0.0/8]-[10.1.0.0/16]) >> drop"),
            "outbound = dst_in([10.0.0.0/8] - [10.1.0.0/16]) >> drop\n");
  EXPECT_EQ(formatted("outbound = (match(srcip=10.0.0.1 / 10.0.0.2) & ~ match()) >> drop"),
            "outbound = (match(srcip=10.0.0.1 / 10.0.0.2) & ~match()) >> drop\n");
}

TEST(FormatTest, LeavesATextWithErrorsOfSyntaxAlone) {
  const auto broken = format("outbound = (match(dstport=80) >> fwd(B)\n", "A.policy");
  ASSERT_FALSE(broken);
  ASSERT_EQ(broken.error().size(), 1U);
  EXPECT_EQ(broken.error()[0].code, "P0102");
  EXPECT_TRUE(format("outbound = match(dstprt=80) >> fwd(Nobody)\n", "A.policy"));
}

// Whose lines mean something by their indentation.
TEST(FormatTest, LeavesFunctionsAndTextsOfPythonAlone) {
  const std::string function = "def f():\n    return  fwd(B)\n";
  EXPECT_EQ(formatted(function), function);
  const std::string text = "'''What\n    it is for'''\noutbound =fwd(B)\n";
  EXPECT_EQ(formatted(text), text);
}

TEST(FormatTest, AnEmptyTextStaysEmpty) {
  EXPECT_EQ(formatted(""), "");
  EXPECT_EQ(formatted("\n\n  \n"), "");
}

// The tokens of `text` with other spaces, lines and comments between them.
std::string scattered(std::string_view text, std::mt19937& random) {
  Report report("");
  const Lexed lexed = lex(text, report);
  std::string out = "#pragma overlap = first\n";
  for (std::size_t i = 0; i + 1 < lexed.tokens.size(); ++i) {
    const Token& token = lexed.tokens[i];
    const bool brackets = token.text == "[" || token.text == "(";
    out += token.text;
    // A bracket belongs to the name before it only on the same line.
    switch (lexed.tokens[i + 1].text == "[" || brackets ? 0 : random() % 12) {
      case 0:
        out += "   ";
        break;
      case 1:
        out += lexed.tokens[i + 1].depth > 0 ? "\n \n\n\t" : " ";
        break;
      case 2:
        out += lexed.tokens[i + 1].depth > 0 ? "  # why\n   # not\n" : " ";
        break;
      default:
        out += " ";
    }
  }
  return out;
}

// Idempotent, and the same clauses in the same order.
TEST(FormatTest, KeepsTheMeaningAndIsIdempotentOnRandomPolicies) {
  for (std::uint32_t seed = 1; seed <= 600; ++seed) {
    const Direction direction = seed % 2 == 0 ? Direction::kOutbound : Direction::kInbound;
    const std::string owner = direction == Direction::kOutbound ? "A" : "C";
    std::mt19937 random(seed);
    const std::string text =
        scattered(random_policy(seed, world(owner), direction, 1 + seed % 12), random);
    SCOPED_TRACE("seed " + std::to_string(seed) + "\n" + text);
    const std::string once = formatted(text);
    ASSERT_EQ(formatted(once), once);
    const Policy before = parsed(text, owner).policy;
    const Policy after = parsed(once, owner).policy;
    ASSERT_EQ(clauses_of(after.of(direction), owner), clauses_of(before.of(direction), owner));
    ASSERT_EQ(after.overlap_first, before.overlap_first);
    const auto comments = [](std::string_view source) {
      Report report("");
      return lex(source, report).comments.size();
    };
    ASSERT_EQ(comments(once), comments(text));
  }
}

// What comes with Fabrix is in canonical layout, or can be brought there without changing a clause.
TEST(FormatTest, FormatsEveryPolicyThatComesWithFabrix) {
  std::size_t count = 0;
  for (const std::string folder : {"examples", "labs", "fuzz/policy/corpus/parse"}) {
    const std::filesystem::path root = std::string(FABRIX_SOURCE) + "/" + folder;
    for (const auto& each : std::filesystem::recursive_directory_iterator(root)) {
      if (each.path().extension() != ".policy") continue;
      SCOPED_TRACE(each.path().string());
      std::ifstream file(each.path());
      const std::string text{std::istreambuf_iterator<char>(file), {}};
      const auto once = format(text, "x");
      if (!once) continue;
      ++count;
      EXPECT_EQ(formatted(*once), *once);
      EXPECT_EQ(codes(*once), codes(text));
    }
  }
  EXPECT_GT(count, 15U);
}

}  // namespace
}  // namespace fabrix::policy
