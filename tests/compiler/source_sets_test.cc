#include "compiler/source_sets.h"

#include <random>

#include <gtest/gtest.h>

#include "tests/compiler/world.h"

namespace fabrix::compiler {
namespace {

using exchange::SourceCheck;
using Prefixes = std::vector<net::Prefix>;
using Ids = std::vector<net::ParticipantId>;

// A with two routers, which are checked, B with one that is not.
class SourceSetsTest : public ::testing::Test {
 protected:
  SourceSetsTest() {
    for (unsigned i = 0; i < 2; ++i) rule(i).mode = SourceCheck::kDrop;
    sets_.reconfigure();
  }

  exchange::SourceRule& rule(unsigned router) { return exchange_.routers[router].sources; }
  Ids refresh(const Prefixes& changed) {
    std::vector<exchange::PlacedPrefix> placed;
    for (const net::Prefix& each : changed) placed.push_back(routes_.placed(each));
    return sets_.refresh(placed);
  }
  void announce(unsigned from, const std::string& text) {
    routes_.announce(router(from), prefix(text));
  }
  const Prefixes& of_a() const { return *sets_.sources(participant(0)); }

  exchange::Exchange exchange_ = make_exchange({2, 1});
  RouteTable routes_{exchange_};
  SourceSets sets_{exchange_, routes_};
};

TEST_F(SourceSetsTest, FollowsAnnouncementsAndWithdrawals) {
  announce(0, "10.0.0.0/24");
  announce(2, "11.0.0.0/24");
  EXPECT_EQ(refresh({}), Ids{participant(0)}) << "everything is read at first";
  EXPECT_EQ(of_a(), Prefixes{prefix("10.0.0.0/24")});
  EXPECT_EQ(sets_.sources(participant(1)), nullptr);
  EXPECT_TRUE(refresh({}).empty());

  announce(1, "10.0.1.0/24");
  announce(2, "10.0.1.0/24");
  EXPECT_EQ(refresh({prefix("10.0.1.0/24")}), Ids{participant(0)});
  EXPECT_EQ(of_a(), Prefixes{prefix("10.0.0.0/23")});

  announce(1, "10.0.0.0/24");
  EXPECT_TRUE(refresh({prefix("10.0.0.0/24")}).empty()) << "by another router, too";
  routes_.withdraw(router(0), prefix("10.0.0.0/24"));
  EXPECT_TRUE(refresh({prefix("10.0.0.0/24")}).empty());
  routes_.withdraw(router(1), prefix("10.0.0.0/24"));
  EXPECT_EQ(refresh({prefix("10.0.0.0/24")}), Ids{participant(0)});
  EXPECT_EQ(of_a(), Prefixes{prefix("10.0.1.0/24")});
}

TEST_F(SourceSetsTest, WhatChangesNoAddressIsNoNews) {
  announce(0, "10.0.0.0/16");
  refresh({});
  announce(0, "10.0.7.0/24");
  EXPECT_TRUE(refresh({prefix("10.0.7.0/24")}).empty());
}

TEST_F(SourceSetsTest, WhoeverAnnouncesTooMuchIsNotChecked) {
  rule(1).max_prefixes = 3;
  rule(1).allowed = {prefix("192.0.2.0/24")};
  announce(0, "10.0.0.0/24");
  refresh({});
  EXPECT_EQ(of_a().size(), 1U) << "with what is allowed, and link-local addresses: 3";
  EXPECT_TRUE(sets_.problems().empty());

  announce(0, "10.0.2.0/24");
  EXPECT_EQ(refresh({prefix("10.0.2.0/24")}), Ids{participant(0)});
  EXPECT_EQ(sets_.sources(participant(0)), nullptr);
  EXPECT_TRUE(sets_.short_ones().contains(participant(0)));
  const auto problems = sets_.problems();
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(problems.front().code, "K0105");
  EXPECT_EQ(
      problems.front().message,
      "where packets of A come from is not checked: it announces more than its ports may tell "
      "apart");
  EXPECT_EQ(problems.front().help,
            "raise source_check.max_prefixes, or switch the check off there");

  announce(0, "10.0.3.0/24");
  routes_.withdraw(router(0), prefix("10.0.0.0/24"));
  EXPECT_EQ(refresh({prefix("10.0.3.0/24"), prefix("10.0.0.0/24")}), Ids{participant(0)});
  EXPECT_EQ(of_a(), Prefixes{prefix("10.0.2.0/23")});
  EXPECT_TRUE(sets_.short_ones().empty());
}

TEST_F(SourceSetsTest, ChecksAreSuspendedAndApplyAgain) {
  announce(0, "10.0.0.0/24");
  refresh({});
  sets_.set(SourceChecks::kSuspended);
  EXPECT_EQ(refresh({}), Ids{participant(0)});
  EXPECT_EQ(sets_.sources(participant(0)), nullptr);
  EXPECT_TRUE(sets_.short_ones().contains(participant(0)));
  EXPECT_TRUE(sets_.problems().empty()) << "who did so says why";
  sets_.set(SourceChecks::kApply);
  EXPECT_EQ(refresh({}), Ids{participant(0)});
  EXPECT_EQ(of_a(), Prefixes{prefix("10.0.0.0/24")});
}

TEST_F(SourceSetsTest, AReconfigurationSaysWhoIsChecked) {
  announce(0, "10.0.0.0/24");
  announce(2, "11.0.0.0/24");
  refresh({});
  for (unsigned i = 0; i < 2; ++i) rule(i).mode = SourceCheck::kOff;
  rule(2).mode = SourceCheck::kCount;
  sets_.reconfigure();
  EXPECT_EQ(refresh({}), (Ids{participant(0), participant(1)}));
  EXPECT_EQ(sets_.sources(participant(0)), nullptr);
  EXPECT_EQ(*sets_.sources(participant(1)), Prefixes{prefix("11.0.0.0/24")});
}

// Any history comes to the same as reading everything at its end.
TEST_F(SourceSetsTest, AnyHistoryEndsInWhatIsAnnounced) {
  std::mt19937 random(20261122);
  const auto below = [&random](unsigned bound) { return static_cast<unsigned>(random() % bound); };
  rule(2).mode = SourceCheck::kCount;
  sets_.reconfigure();
  for (int round = 0; round < 300; ++round) {
    SCOPED_TRACE(round);
    const auto changed = *net::Prefix::containing(
        net::IpAddress::v4({10, 0, static_cast<std::uint8_t>(below(8)), 0}), 20 + below(5));
    const net::RouterId from = router(below(3));
    if (below(2) == 0) {
      routes_.announce(from, changed);
    } else if (!routes_.routes(participant(9), changed).empty()) {
      routes_.withdraw(from, changed);
    }
    refresh({changed});
    SourceSets anew(exchange_, routes_);
    anew.refresh({});
    for (unsigned i = 0; i < 2; ++i) {
      EXPECT_EQ(*sets_.sources(participant(i)), *anew.sources(participant(i)));
    }
  }
}

}  // namespace
}  // namespace fabrix::compiler
