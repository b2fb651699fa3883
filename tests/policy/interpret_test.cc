#include "policy/interpret.h"

#include <gtest/gtest.h>

#include "policy/elaborate.h"
#include "policy/parser.h"
#include "tests/policy/policy_world.h"

namespace fabrix::policy {
namespace {

// Where "tcp 100.0.0.1:1024 -> 140.0.0.1:80" goes when only the letters of `reachable` have a
// route.
std::string outcome(std::string_view expression, std::string_view reachable) {
  const std::string text = "outbound = " + std::string(expression);
  const SymbolTable symbols = world("A");
  Report report("");
  const Lexed lexed = lex(text, report);
  const Checked checked = elaborate(parse_file(lexed, Precedence::kPaper, report), symbols, report);
  if (checked.outbound == nullptr) return "error";
  const auto packet = net::parse_packet("tcp 100.0.0.1:1024 -> 140.0.0.1:80").value();
  const auto chosen = decide(interpret(*checked.outbound, packet, {}),
                             [&](net::ParticipantId who, const net::Packet&) {
                               const std::string& name = symbols.participants[who.index()].name;
                               return reachable.find(name) != std::string_view::npos;
                             });
  if (!chosen) return "none";
  if (std::holds_alternative<Drop>(chosen->verdict)) return "drop";
  const auto* forward = std::get_if<Forward>(&chosen->verdict);
  const std::string port = std::to_string(chosen->packet.dst_port);
  return (forward == nullptr ? "default" : name_of(forward->target, symbols)) + ":" + port;
}

TEST(InterpretTest, FollowsTheDefinition) {
  EXPECT_EQ(outcome("match(dstport=80) >> fwd(B)", "B"), "B:80");
  EXPECT_EQ(outcome("match(dstport=80) >> fwd(B)", ""), "none");
  EXPECT_EQ(outcome("match(dstport=81) >> fwd(B)", "B"), "none");
  EXPECT_EQ(outcome("fwd(B) // fwd(C)", "C"), "C:80");
  EXPECT_EQ(outcome("identity // fwd(C)", "C"), "default:80");
  EXPECT_EQ(outcome("identity + fwd(C)", "C"), "C:80");
  EXPECT_EQ(outcome("identity + fwd(C)", ""), "default:80");
  EXPECT_EQ(outcome("drop // fwd(C)", "C"), "drop");
  EXPECT_EQ(outcome("drop >> fwd(C)", "C"), "drop");
  EXPECT_EQ(outcome("modify(dstport=8080) >> match(dstport=8080) >> fwd(B)", "B"), "B:8080");
  EXPECT_EQ(outcome("modify(dstip=2001:db8::1) >> fwd(B)", "B"), "none");
}

// (p // q) >> r: where p has spoken, q is not asked, even if r then says nothing.
TEST(InterpretTest, ASequenceAsksOnlyTheRankThatDecided) {
  EXPECT_EQ(outcome("(identity // modify(dstport=81)) >> match(dstport=81) >> fwd(B)", "B"),
            "none");
  EXPECT_EQ(outcome("fwd(B) >> (match(dstport=80) // fwd(C))", "C"), "none");
}

}  // namespace
}  // namespace fabrix::policy
