// balance() against its definition: which target each bucket goes to, whoever is reachable.
#include "policy/balance.h"

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "net/packet.h"
#include "policy/elaborate.h"
#include "policy/interpret.h"
#include "policy/parser.h"
#include "tests/policy/policy_world.h"

namespace fabrix::policy {
namespace {

TEST(BalanceTest, PartsTheBucketsAndRanksTheOthersBehind) {
  EXPECT_EQ(outbound("balance(B, C)"),
            "flow_bucket=0..31 -> B\nflow_bucket=0..31 -> C\n"
            "flow_bucket=32..63 -> C\nflow_bucket=32..63 -> B\n");
  EXPECT_EQ(outbound("match(dstport=80) >> balance(B, C1, key=srcip)"),
            "dstport=80, srcip_bucket=0..31 -> B\ndstport=80, srcip_bucket=0..31 -> c1\n"
            "dstport=80, srcip_bucket=32..63 -> c1\ndstport=80, srcip_bucket=32..63 -> B\n");
  EXPECT_EQ(outbound("balance(B)"), "any -> B\n");
  EXPECT_EQ(codes("share(t, u) = balance(t, u, key=dstip)\noutbound = share(B, C)"), "");
}

// The fabric itself falls back to another port of the owner's.
TEST(BalanceTest, OwnPortsNeedNoRank) {
  EXPECT_EQ(inbound("balance(C1, C2)"), "flow_bucket=0..31 -> c1\nflow_bucket=32..63 -> c2\n");
  EXPECT_EQ(inbound("balance(port[0], port[1], key=dstip)"),
            "dstip_bucket=0..31 -> c1\ndstip_bucket=32..63 -> c2\n");
}

TEST(BalanceTest, KeysAreTheFlowAndTheAddresses) {
  const std::string flow = outbound("balance(B, C)");
  EXPECT_EQ(outbound("balance(B, C, key=flow)"), flow);
  EXPECT_EQ(outbound("balance(B, C, key={srcip, dstip, protocol, srcport, dstport})"), flow);
  EXPECT_EQ(outbound("balance(B, C, key=nw_src)"), outbound("balance(B, C, key=srcip)"));
  EXPECT_EQ(codes("outbound = balance(B, C, key=srcport)"), "P0313");
  EXPECT_EQ(codes("outbound = balance(B, C, key={srcip, dstip})"), "P0313");
  EXPECT_EQ(codes("outbound = balance(B, C, key=80)"), "P0313");
  EXPECT_EQ(codes("outbound = balance(B, C, key!=srcip)"), "P0102");
}

TEST(BalanceTest, TargetsAreCheckedAsThoseOfFwd) {
  EXPECT_EQ(codes("outbound = balance()"), "P0211");
  EXPECT_EQ(codes("outbound = balance(key=srcip)"), "P0211");
  EXPECT_EQ(codes("outbound = balance(B, D)"), "P0303");
  EXPECT_EQ(codes("outbound = balance(B, A)"), "P0304");
  EXPECT_EQ(codes("outbound = balance(B, 80)"), "P0204");
  EXPECT_EQ(codes("inbound = balance(C1, B)", "C"), "P0305");
  EXPECT_EQ(codes("final_policy = balance(B, C1)", "C"), "P0305");
  EXPECT_EQ(codes("final_policy = balance(C1, C2) + balance(A, B)", "C"), "");
  EXPECT_EQ(codes("outbound = balance(B, C, B, C, B, C, B, C)"), "");
  EXPECT_EQ(codes("outbound = balance(B, C, B, C, B, C, B, C, B)"), "P0408");
}

TEST(BalanceTest, SaysWhatItTests) {
  const auto keys = [](std::string_view text) {
    return hash_keys_of(parsed(text).policy.outbound);
  };
  EXPECT_TRUE(keys("outbound = match(dstport=80) >> fwd(B)").empty());
  EXPECT_EQ(keys("outbound = balance(B, C)"), net::HashKeys{net::HashKey::kFlow});
  EXPECT_EQ(keys("outbound = balance(B, C, key=srcip) // balance(C, B, key=dstip)"),
            (net::HashKeys{net::HashKey::kSrcIp, net::HashKey::kDstIp}));
  EXPECT_EQ(keys("outbound = (balance(B, C) // match(dstport=80)) + count_packets(1s)"),
            net::HashKeys{net::HashKey::kFlow});
}

// Where a packet in this bucket goes when only the letters of `reachable` have a route.
std::string choice(const Term& term, unsigned bucket, std::string_view reachable,
                   const SymbolTable& symbols) {
  auto packet = net::parse_packet("tcp 100.0.0.1:1024 -> 140.0.0.1:80").value();
  net::set_value(packet, net::Field::kFlowBucket, bucket);
  const auto chosen =
      decide(interpret(term, packet, {}), [&](net::ParticipantId who, const net::Packet&) {
        return reachable.find(symbols.participants[who.index()].name) != std::string_view::npos;
      });
  if (!chosen) return "none";
  return name_of(std::get<Forward>(chosen->verdict).target, symbols);
}

// The first from the bucket's own on, in a circle, that is reachable.
std::string expected(const std::vector<std::string>& targets, unsigned bucket,
                     std::string_view reachable) {
  const std::size_t first = (bucket * targets.size() + targets.size() - 1) / net::kBucketCount;
  for (std::size_t i = 0; i < targets.size(); ++i) {
    const std::string& target = targets[(first + i) % targets.size()];
    if (reachable.find(target) != std::string_view::npos) return target;
  }
  return "none";
}

TEST(BalanceTest, AnUnreachableTargetYieldsToTheNextOfTheCircle) {
  SymbolTable symbols = world("A");
  symbols.participants[3].peer = true;  // D
  for (const std::vector<std::string>& targets : {std::vector<std::string>{"B", "C"},
                                                  {"B", "C", "D"},
                                                  {"B", "B", "C"},
                                                  {"D", "C", "B", "C"}}) {
    std::string text = "outbound = balance(" + targets.front();
    for (std::size_t i = 1; i < targets.size(); ++i) text += ", " + targets[i];
    text += ")";
    SCOPED_TRACE(text);
    Report report("");
    const Lexed lexed = lex(text, report);
    const Checked checked =
        elaborate(parse_file(lexed, Precedence::kPaper, report), symbols, report);
    ASSERT_NE(checked.outbound, nullptr);
    for (const std::string_view reachable : {"BCD", "BC", "BD", "CD", "B", "C", "D", ""}) {
      for (unsigned bucket = 0; bucket < net::kBucketCount; ++bucket) {
        ASSERT_EQ(choice(*checked.outbound, bucket, reachable, symbols),
                  expected(targets, bucket, reachable))
            << bucket << " where " << reachable;
      }
    }
  }
}

TEST(BalanceTest, PartsDifferByOneBucketAtMost) {
  std::string text = "B";
  for (std::size_t count = 2; count <= kMaxShares; ++count) {
    text += ", C1";
    const auto list = parsed("inbound = balance(" + text.substr(3) + ", C2)", "C").policy.inbound;
    std::vector<std::uint64_t> sizes;
    for (const Clause& clause : list.clauses) {
      const auto& test = std::get<FieldTest>(clause.when->node);
      sizes.push_back(test.intervals.front().high - test.intervals.front().low + 1);
    }
    ASSERT_EQ(sizes.size(), count);
    EXPECT_LE(*std::ranges::max_element(sizes) - *std::ranges::min_element(sizes), 1U);
  }
}

}  // namespace
}  // namespace fabrix::policy
