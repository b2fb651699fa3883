#include "policy/term_place.h"

#include <string>

#include <gtest/gtest.h>

#include "tests/policy/policy_world.h"

namespace fabrix::policy {
namespace {

// "3:12 5:12"
std::string places(std::string_view text) {
  std::string result;
  for (const Clause& each : parsed(text).policy.outbound.clauses) {
    if (!result.empty()) result += ' ';
    result += std::to_string(each.at.line) + ":" + std::to_string(each.at.column);
  }
  return result;
}

TEST(TermPlaceTest, NothingStaysNothing) {
  EXPECT_EQ(moved(nullptr, {1, 2, 3}), nullptr);
  EXPECT_EQ(named(nullptr, {1, 2, 3}), nullptr);
}

TEST(TermPlaceTest, ANamedPredicateIsWhereItsNameIs) {
  EXPECT_EQ(places("let web = match(dstport=80)\noutbound = web >> fwd(B)\n"), "2:12");
}

TEST(TermPlaceTest, WhatAMacroMakesIsWhereItIsUsed) {
  EXPECT_EQ(places("let to(p, t) = match(dstport=p) >> fwd(t)\n"
                   "outbound = to(80, B)\n"
                   "         + to(443, C)\n"),
            "2:12 3:12");
  EXPECT_EQ(places("let both(p) = if_(match(dstport=p), fwd(B), [match(dstport=81) >> drop])\n"
                   "let more(p) = both(p) // (match(srcport=p) >> fwd(C))\n"
                   "\n"
                   "outbound = more(80)"),
            "4:12 4:12 4:12");
}

TEST(TermPlaceTest, WhatANameStandsForIsWhereItWasWritten) {
  EXPECT_EQ(places("let to(p, t) = match(dstport=p) >> fwd(t)\n"
                   "let web = to(80, B)\n"
                   "let dns = match(dstport=53) >> fwd(C)\n"
                   "outbound = web + dns\n"),
            "2:11 3:11");
}

TEST(TermPlaceTest, AWrongArgumentIsWhereItIsWritten) {
  const auto found = reported(
      "let to(p, t) = match(dstport=p) >> fwd(t)\n"
      "outbound = to(x, B)\n");
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].at, (SourceSpan{2, 15, 1}));
}

}  // namespace
}  // namespace fabrix::policy
