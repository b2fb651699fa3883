#include "policy/lower.h"

#include <cstdint>
#include <functional>
#include <random>
#include <string>

#include <gtest/gtest.h>

#include "policy/elaborate.h"
#include "policy/interpret.h"
#include "policy/parser.h"
#include "policy/simplify.h"
#include "tests/policy/all_probes.h"
#include "tests/policy/policy_world.h"
#include "tests/policy/random_policy.h"

namespace fabrix::policy {
namespace {

// What differs between two answers, or nothing.
std::string disagreement(const std::optional<Candidate>& meant,
                         const std::optional<Candidate>& found) {
  if (meant.has_value() != found.has_value()) return meant ? "no clause" : "a clause too many";
  if (!meant) return {};
  if (meant->verdict != found->verdict) return "another verdict";
  if (meant->extras != found->extras) return "other extras";
  const bool drops = std::holds_alternative<Drop>(meant->verdict);
  return drops || meant->packet == found->packet ? "" : "other writes";
}

// A set of routes that is a pure function of a seed: who is reachable, and who announces what.
bool coin(std::uint32_t seed, std::uint32_t participant, const net::IpAddress& address) {
  std::uint32_t mixed = seed * 2654435761U + participant;
  for (const std::uint8_t octet : address.octets()) mixed = (mixed ^ octet) * 16777619U;
  mixed ^= mixed >> 15U;
  return (mixed * 2246822519U >> 17U & 1U) != 0;
}

// With two middlebox ports for the owner.
SymbolTable with_middleboxes(SymbolTable symbols) {
  for (auto& each : symbols.participants) {
    if (each.id != symbols.owner) continue;
    each.ports.push_back({"box", {9}, {10}, true});
    each.ports.push_back({"scanner", {10}, {11}, true});
  }
  return symbols;
}

void expect_agreement(std::uint32_t seed, Direction direction) {
  const SymbolTable plain = world(direction == Direction::kOutbound ? "A" : "C");
  const SymbolTable symbols = seed % 2 == 0 ? plain : with_middleboxes(plain);
  const std::string text = random_policy(seed, symbols, direction, 1 + seed % 9);
  SCOPED_TRACE("seed " + std::to_string(seed) + "\n" + text);
  Report report("");
  const Lexed lexed = lex(text, report);
  const File file = parse_file(lexed, Precedence::kPaper, report);
  const Checked checked = elaborate(file, symbols, report);
  ASSERT_FALSE(report.failed()) << render(report.take(), text);
  const TermPtr& term = checked.of(direction);
  const ClauseList list = lower(*term, Keep::kEverything, report);
  ASSERT_FALSE(report.failed()) << render(report.take(), text);

  std::mt19937 random(seed);
  const auto packets = probes_of(list);
  for (unsigned i = 0; i < 60; ++i) {
    const auto routes = static_cast<std::uint32_t>(random());
    const net::Packet& packet = packets[random() % packets.size()];
    const std::function<bool(net::ParticipantId, const net::IpAddress&)> announced =
        [routes](net::ParticipantId who, const net::IpAddress& address) {
          return coin(routes, who.value, address);
        };
    const Reachable reachable = [&](net::ParticipantId who, const net::Packet& to) {
      return direction == Direction::kInbound || coin(routes + 1, who.value, to.dst_ip);
    };
    const net::ParticipantId sender{static_cast<std::uint16_t>(random() % 4)};
    const PacketContext context{sender, &announced};
    const auto meant = decide(interpret(*term, packet, context), reachable);
    const auto found = first_applicable(list, packet, context, reachable);
    ASSERT_EQ(disagreement(meant, found), "") << net::to_string(packet) << "\n" << clauses_of(list);
  }
}

TEST(LowerTest, MeansWhatTheInterpreterSaysOutbound) {
  for (std::uint32_t seed = 1; seed <= 1000; ++seed) {
    expect_agreement(seed, Direction::kOutbound);
    if (HasFatalFailure()) return;
  }
}

TEST(LowerTest, MeansWhatTheInterpreterSaysInbound) {
  for (std::uint32_t seed = 1; seed <= 1000; ++seed) {
    expect_agreement(seed, Direction::kInbound);
    if (HasFatalFailure()) return;
  }
}

// Shape as text: 0, (0 + 1), (0 // 1).
std::string text_of(const Shape& shape) {
  if (shape.kind == Shape::Kind::kClause) return std::to_string(shape.clause);
  std::string result;
  for (const Shape& part : shape.parts) {
    if (!result.empty()) result += shape.kind == Shape::Kind::kParallel ? " + " : " // ";
    result += text_of(part);
  }
  return "(" + result + ")";
}

std::string shape(std::string_view expression) {
  return text_of(parsed("outbound = " + std::string(expression)).policy.outbound.shape);
}

TEST(LowerTest, RemembersWhatStandsSideBySide) {
  EXPECT_EQ(shape("fwd(B)"), "0");
  EXPECT_EQ(shape("match(dstport=80) >> fwd(B) + match(dstport=443) >> fwd(C)"), "(0 + 1)");
  EXPECT_EQ(shape("fwd(B) // (match(dstport=80) >> fwd(C) + match(dstport=443) >> drop)"),
            "(0 // (1 + 2))");
  EXPECT_EQ(shape("none"), "()");
}

TEST(LowerTest, SequencesMultiplyOut) {
  EXPECT_EQ(outbound("match(dstport=80) >> (match(protocol=tcp) >> fwd(B) // fwd(C))"),
            "protocol=tcp, dstport=80 -> B\ndstport=80 -> C\n");
  EXPECT_EQ(outbound("(match(dstport=80) >> drop + match(dstport=443)) >> fwd(B)"),
            "dstport=80 -> drop\ndstport=443 -> B\n");
  EXPECT_EQ(outbound("fwd(B) >> fwd(C)"), "any -> C\n");
}

TEST(LowerTest, FoldsTestsOfWrittenFields) {
  EXPECT_EQ(outbound("match(dstport=80) >> modify(dstport=8080) >> match(dstport=8080) >> fwd(B)"),
            "dstport=80 -> dstport:=8080, B\n");
  EXPECT_EQ(codes("outbound = modify(dstport=8080) >> match(dstport=80) >> fwd(B)"), "P0307");
  EXPECT_EQ(outbound("modify(dscp=1) >> modify(dscp=2, dstport=80) >> fwd(B)"),
            "protocol={tcp, udp, sctp} -> dscp:=2, dstport:=80, B\n");
}

TEST(LowerTest, AnIdentityUnderPlusGivesWay) {
  EXPECT_EQ(outbound("match(dstport=80) + match(dstport=80/443) >> fwd(B)"),
            "dstport={80, 443} -> B\ndstport=80 -> default\n");
  EXPECT_EQ(shape("match(dstport=80) + match(dstport=80/443) >> fwd(B)"), "(0 // 1)");
}

TEST(LowerTest, WarnsOfWhatCanNeverApply) {
  EXPECT_EQ(codes("outbound = (match(dstport=80) & match(dstport=443)) >> fwd(B)"), "P0307");
  EXPECT_EQ(codes("outbound = none >> fwd(B)"), "");
}

TEST(LowerTest, BoundsTheClauses) {
  std::string text = "let x = ";
  for (int i = 0; i < 100; ++i) {
    text += (i == 0 ? "(match(dstport=" : " + (match(dstport=") + std::to_string(2 * i) +
            ") >> fwd(B))";
  }
  text += "\nlet y = ";
  for (int i = 0; i < 100; ++i) {
    text += (i == 0 ? "(match(srcport=" : " + (match(srcport=") + std::to_string(2 * i) +
            ") >> fwd(C))";
  }
  EXPECT_EQ(codes(text + "\noutbound = x >> y\n"), "P0401");
  EXPECT_EQ(codes(text + "\noutbound = x + y\n"), "");
}

// What a rank leaves as it is, later ranks leave alone: each says so of all before it, and not of
// what these say of theirs, however many sequences follow.
TEST(LowerTest, RanksBeforeASequenceStayShort) {
  constexpr std::size_t kRanks = 40;
  std::string ranks = "(match(dstport=0, srcip=10.0.0.0/16)";
  for (std::size_t i = 1; i < kRanks; ++i) {
    ranks +=
        " // match(dstport=" + std::to_string(i) + ", srcip=10." + std::to_string(i) + ".0.0/16)";
  }
  ranks += ")";
  for (const std::string& text :
       {ranks + " >> fwd(B)", ranks + " >> identity >> identity >> identity >> fwd(B)",
        "fwd(B) >> " + ranks, "fwd(B) >> " + ranks + " >> (match(srcport=9) // drop)"}) {
    SCOPED_TRACE(text);
    const ClauseList list = parsed("outbound = " + text).policy.outbound;
    ASSERT_GE(list.clauses.size(), kRanks);
    for (const Clause& clause : list.clauses) {
      const auto extent = extent_of(*clause.when, 20 * kRanks);
      EXPECT_TRUE(extent.has_value());
    }
  }
}

TEST(LowerTest, RefusesRouteTestsOfRewrittenAddresses) {
  EXPECT_EQ(codes("outbound = modify(dstip=140.0.0.1) >> announced_by(B) >> fwd(B)"), "P0309");
  EXPECT_EQ(codes("outbound = modify(dstport=80) >> announced_by(B) >> fwd(B)"), "");
}

}  // namespace
}  // namespace fabrix::policy
