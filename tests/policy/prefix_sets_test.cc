#include "policy/prefix_sets.h"

#include <string>

#include <gtest/gtest.h>

#include "policy/describe.h"
#include "policy/lexer.h"
#include "policy/parser.h"
#include "tests/policy/policy_world.h"

namespace fabrix::policy {
namespace {

struct Read {
  std::string predicate;  // empty: none
  bool is_literal = false;
  std::string codes;
};

// The set that is the body of the last definition of `text`.
Read read(std::string_view text, Side side = Side::kDestination) {
  Report report("A.policy");
  const Lexed lexed = lex(text, report);
  const File file = parse_file(lexed, Precedence::kPaper, report);
  const SymbolTable symbols = world("A");
  Names names(file, report);
  Targets targets(symbols, names, report);
  Fields fields(names, report);
  const auto set =
      PrefixSets(names, targets, fields, report)
          .read({file.definitions.back().body, Names::outermost(file.definitions.size())}, side);
  Read result;
  if (set) {
    result.predicate = describe(*set->predicate(side), symbols);
    result.is_literal = set->literal.has_value();
  }
  for (const Diagnostic& each : report.take()) result.codes += each.code + " ";
  return result;
}

TEST(PrefixSetsTest, ListsAreAddresses) {
  const Read list = read("let s = [10.0.0.0/8, 2001:db8::/32]\n");
  EXPECT_TRUE(list.is_literal);
  EXPECT_NE(list.predicate.find("10.0.0.0/8"), std::string::npos) << list.predicate;
  EXPECT_EQ(read("let s = set()\n").predicate, read("let s = []\n").predicate);
}

TEST(PrefixSetsTest, OperationsOnListsAreAddressesAgain) {
  EXPECT_EQ(read("let s = [10.0.0.0/9] | [10.128.0.0/9]\n").predicate,
            read("let s = [10.0.0.0/8]\n").predicate);
  EXPECT_EQ(read("let s = [10.0.0.0/8] & [10.1.0.0/16]\n").predicate,
            read("let s = [10.1.0.0/16]\n").predicate);
  EXPECT_EQ(read("let s = [10.0.0.0/8] - [10.0.0.0/9]\n").predicate,
            read("let s = [10.128.0.0/9]\n").predicate);
}

TEST(PrefixSetsTest, WhatSomebodyAnnouncesIsAConditionOnRoutes) {
  const Read prefixes = read("let s = prefixes(B)\n");
  EXPECT_FALSE(prefixes.is_literal);
  EXPECT_NE(prefixes.predicate.find("dst_in(prefixes(B))"), std::string::npos);
  EXPECT_EQ(prefixes.predicate, read("let s = bgp_get_announced_routes(sdx, 'B')\n").predicate);
  EXPECT_NE(read("let s = prefixes(B)\n", Side::kSource).predicate.find("src_in(prefixes(B))"),
            std::string::npos);
}

TEST(PrefixSetsTest, NamesAndMacrosAreFollowed) {
  EXPECT_EQ(read("let of(x) = prefixes(x)\nlet s = of(B)\n").predicate,
            read("let s = prefixes(B)\n").predicate);
  EXPECT_EQ(read("let a = [10.0.0.0/8]\nlet s = a\n").predicate,
            read("let s = [10.0.0.0/8]\n").predicate);
}

TEST(PrefixSetsTest, WhatIsNoneIsSaid) {
  EXPECT_EQ(read("let s = fwd(B)\n").codes, "P0204 ");
  EXPECT_EQ(read("let s = prefixes(B, C)\n").codes, "P0211 ");
  EXPECT_EQ(read("let s = [10.0.0.0/8] | prefixes(Q)\n").codes, "P0202 ");
}

}  // namespace
}  // namespace fabrix::policy
