// Injected faults of the tables that count: each is found, by its invariant.
#include <gtest/gtest.h>

#include "tests/verify/counted_clauses.h"
#include "tests/verify/walkthrough.h"

namespace fabrix::verify {
namespace {

using program::Row;
using program::TableId;
using Kind = program::Origin::Kind;

// A counts the web traffic it sends, C what it gets from A.
class Counted : public testing::Test {
 protected:
  Counted() {
    policy::Query web;
    web.id = 7;
    web.name = "web";
    web.when = all_of({is_ip(), equals(net::Field::kProtocol, net::kProtocolTcp),
                       equals(net::Field::kDstPort, 80)});
    policy::Query from_a;
    from_a.id = 8;
    from_a.name = "from_a";
    from_a.when = std::make_shared<const policy::Predicate>(
        policy::Predicate{policy::FromParticipant{Walkthrough::kA}});
    add(Walkthrough::kA, &policy::Policy::outbound, web);
    add(Walkthrough::kC, &policy::Policy::inbound, from_a);
    walkthrough_.program = *walkthrough_.compiler->compile({}).program;
  }

  void add(net::ParticipantId owner, policy::ClauseList policy::Policy::*list,
           const policy::Query& query) {
    policy::Policy changed;
    auto& policy = walkthrough_.policies[owner.index()];
    if (policy) changed = *policy;
    (changed.*list).queries.push_back(query);
    policy = std::make_shared<const policy::Policy>(std::move(changed));
    ASSERT_TRUE(walkthrough_.compiler->set_policy(owner, policy, "policy"));
  }

  Row& counting_row(TableId table, std::uint64_t id) {
    return walkthrough_.row(
        table, [id](const Row& row) { return row.queries == std::vector<std::uint64_t>{id}; });
  }
  std::string first() {
    const auto violations = walkthrough_.check();
    return violations.empty() ? "" : violations.front().invariant;
  }

  Walkthrough walkthrough_;
};

TEST_F(Counted, NothingIsWrongWithWhatTheCompilerMakes) {
  EXPECT_EQ(first(), "");
}

TEST_F(Counted, ARowThatCountsForTheWrongQuery) {
  counting_row(TableId::kSent, 7).queries = {8};
  EXPECT_EQ(first(), "I13");
}

TEST_F(Counted, ARowThatCountsTooMuch) {
  counting_row(TableId::kSent, 7).match.fields.pop_back();
  EXPECT_EQ(first(), "I13");
}

TEST_F(Counted, ARowThatForgetsToCount) {
  counting_row(TableId::kDelivered, 8).queries.clear();
  EXPECT_EQ(first(), "I13");
}

TEST_F(Counted, PacketsThatMatchNoRowAreLost) {
  auto& rows = walkthrough_.program.table(TableId::kDelivered);
  std::erase_if(
      rows, [](const Row& row) { return row.origin.kind == Kind::kQuery && row.queries.empty(); });
  EXPECT_EQ(first(), "I13");
}

TEST_F(Counted, ARowThatWrites) {
  counting_row(TableId::kSent, 7).set_fields = {{.field = net::Field::kDscp, .value = 1}};
  EXPECT_NE(first(), "");
  counting_row(TableId::kSent, 7).set_fields.clear();
  counting_row(TableId::kSent, 7).write_metadata = program::Metadata::egress(Walkthrough::kB);
  EXPECT_EQ(first(), "I13");
}

TEST_F(Counted, ARowThatDecides) {
  counting_row(TableId::kSent, 7).next = program::Discard{};
  EXPECT_EQ(first(), "I13");
}

TEST_F(Counted, ARowThatSeesWhatOthersSend) {
  counting_row(TableId::kSent, 7).match.metadata = {};
  EXPECT_EQ(first(), "I1");
}

TEST_F(Counted, ARowElsewhereThatCounts) {
  walkthrough_.row_of(TableId::kOutbound, Kind::kOutboundClause, Walkthrough::kA).queries = {7};
  EXPECT_EQ(first(), "I13");
}

// Of C, which gets 443, 80 and 8080.
class CountedClauses : public Counted {
 protected:
  CountedClauses() {
    auto& policy = walkthrough_.policies[Walkthrough::kC.index()];
    policy::Policy changed = *policy;
    count_clauses(changed, 100);
    policy = std::make_shared<const policy::Policy>(std::move(changed));
    EXPECT_TRUE(walkthrough_.compiler->set_policy(Walkthrough::kC, policy, "policy"));
    walkthrough_.program = *walkthrough_.compiler->compile({}).program;
  }

  Row& row_of(std::uint64_t counter) {
    return walkthrough_.row(TableId::kInbound, [counter](const Row& row) {
      return row.queries == std::vector<std::uint64_t>{counter};
    });
  }
};

TEST_F(CountedClauses, AreRight) {
  EXPECT_TRUE(walkthrough_.check().empty());
}

TEST_F(CountedClauses, OneThatIsNotCounted) {
  row_of(100).queries.clear();
  EXPECT_EQ(first(), "I13");
}

TEST_F(CountedClauses, OneThatDropsAndIsNotCounted) {
  row_of(102).queries.clear();
  EXPECT_EQ(first(), "I13");
}

TEST_F(CountedClauses, OneThatIsCountedAsAnother) {
  row_of(100).queries = {101};
  EXPECT_EQ(first(), "I13");
}

TEST_F(CountedClauses, OneThatCountsForSomebodyElse) {
  row_of(100).origin.participant = Walkthrough::kA;
  EXPECT_EQ(first(), "I1");
}

TEST_F(CountedClauses, OneThatCountsTwice) {
  row_of(100).queries = {100, 101};
  EXPECT_EQ(first(), "I13");
}

TEST_F(Counted, PacketsThatGoPastTheCounting) {
  for (Row& row : walkthrough_.program.table(TableId::kAdmit)) {
    if (row.next == program::Next{program::Goto{TableId::kSent}}) {
      row.next = program::Goto{TableId::kOutbound};
    }
  }
  EXPECT_EQ(first(), "I11");
}

TEST_F(Counted, ControlTrafficThatIsCounted) {
  std::erase_if(walkthrough_.program.table(TableId::kDelivered),
                [](const Row& row) { return row.origin.kind == Kind::kControlPlane; });
  EXPECT_EQ(first(), "I8");
}

TEST_F(Counted, ClausesThatActOnPacketsWithoutATag) {
  std::erase_if(
      walkthrough_.row_of(TableId::kOutbound, Kind::kOutboundClause, Walkthrough::kA).match.fields,
      [](const auto& test) { return test.field == net::Field::kDstMac; });
  EXPECT_EQ(first(), "I2");
}

}  // namespace
}  // namespace fabrix::verify
