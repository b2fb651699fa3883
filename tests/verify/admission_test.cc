#include <gtest/gtest.h>

#include "program/drop.h"
#include "tests/verify/walkthrough.h"

namespace fabrix::verify {
namespace {

using Kind = program::Origin::Kind;
using Names = std::vector<std::string>;
using program::Row;
using program::TableId;

// Takes a test out of a row; returns whether it was there.
bool forget(Row& row, net::Field field) {
  return std::erase_if(row.match.fields,
                       [field](const auto& test) { return test.field == field; }) != 0;
}

bool tests(const Row& row, net::Field field) {
  return std::ranges::any_of(row.match.fields,
                             [field](const auto& test) { return test.field == field; });
}

TEST(AdmissionTest, I9SeesASpoofedSource) {
  Walkthrough walkthrough;
  Row& row = walkthrough.row_of(TableId::kAdmit, Kind::kAntiSpoof, Walkthrough::kB);
  ASSERT_TRUE(forget(row, net::Field::kSrcMac));
  walkthrough.program.canonicalize();
  const auto violations = walkthrough.check();
  ASSERT_FALSE(violations.empty());
  EXPECT_EQ(violations[0].invariant, "I9");
  ASSERT_TRUE(violations[0].witness);
  EXPECT_EQ(violations[0].witness->in_port, net::PortNo{2});
  EXPECT_NE(violations[0].witness->src_mac, walkthrough.exchange.routers[1].mac);
}

TEST(AdmissionTest, I9SeesAForeignPort) {
  Walkthrough walkthrough;
  Row& row = walkthrough.row_of(TableId::kAdmit, Kind::kAntiSpoof, Walkthrough::kB);
  ASSERT_TRUE(forget(row, net::Field::kInPort));
  row.match.exact(net::Field::kInPort, 77);
  EXPECT_EQ(walkthrough.check().at(0).invariant, "I9");
}

TEST(AdmissionTest, I9SeesArpForAnAddressThatTheSenderDoesNotHave) {
  Walkthrough walkthrough;
  Row& row = walkthrough.row(TableId::kAdmit, [](const Row& each) {
    return each.origin.kind == Kind::kAddressLookup && each.origin.participant == Walkthrough::kB &&
           std::holds_alternative<program::Goto>(each.next) && tests(each, net::Field::kSrcIp4);
  });
  ASSERT_TRUE(forget(row, net::Field::kSrcIp4));
  walkthrough.program.canonicalize();
  const auto violations = walkthrough.check();
  ASSERT_FALSE(violations.empty());
  EXPECT_EQ(violations[0].invariant, "I9");
  EXPECT_EQ(violations[0].witness.value().eth_type, net::kEthTypeArp);
}

TEST(AdmissionTest, I8SeesBgpWithoutItsWayPastThePolicies) {
  Walkthrough walkthrough;
  std::erase_if(walkthrough.program.table(TableId::kAdmit), [](const Row& row) {
    return row.origin.kind == Kind::kControlPlane && row.origin.participant == Walkthrough::kB &&
           tests(row, net::Field::kDstPort);
  });
  const auto violations = walkthrough.check();
  ASSERT_EQ(violations.size(), 1U);
  EXPECT_EQ(violations[0].invariant, "I8");
}

TEST(AdmissionTest, I8SeesRouterAdvertisements) {
  Walkthrough walkthrough;
  std::erase_if(walkthrough.program.table(TableId::kAdmit), [](const Row& row) {
    return std::ranges::any_of(row.match.fields, [](const auto& test) {
      return test.field == net::Field::kIcmpType && test.bits == 134;
    });
  });
  EXPECT_EQ(walkthrough.violated(), Names{"I8"});
}

TEST(AdmissionTest, I11SeesTaggedPacketsGoPastThePolicy) {
  Walkthrough walkthrough;
  std::erase_if(walkthrough.program.table(TableId::kAdmit), [](const Row& row) {
    const auto* jump = std::get_if<program::Goto>(&row.next);
    return jump != nullptr && jump->table == TableId::kOutbound;
  });
  EXPECT_EQ(walkthrough.violated(), Names{"I11"});
}

TEST(AdmissionTest, I11SeesVlanTags) {
  Walkthrough walkthrough;
  Row& row = walkthrough.row_of(TableId::kAdmit, Kind::kAntiSpoof, Walkthrough::kB);
  ASSERT_TRUE(forget(row, net::Field::kVlanId));
  walkthrough.program.canonicalize();
  const auto violations = walkthrough.check();
  ASSERT_FALSE(violations.empty());
  EXPECT_NE(violations[0].witness.value().vlan_id, 0);
}

// B shares what it receives out by a bucket: everybody's packets have to be in one.
TEST(AdmissionTest, I11SeesPacketsThatAreNotHashedThoughAPolicyTestsTheirBuckets) {
  Walkthrough walkthrough;
  auto policy = std::make_shared<policy::Policy>();
  policy::Clause clause;
  clause.when = between(net::Field::kFlowBucket, 0, 31);
  clause.verdict = policy::Drop{};
  policy->inbound.clauses.push_back(std::move(clause));
  policy->inbound.shape.parts.push_back({.kind = policy::Shape::Kind::kClause, .clause = 0});
  walkthrough.policies[Walkthrough::kB.index()] = policy;
  ASSERT_TRUE(walkthrough.compiler->set_policy(Walkthrough::kB, policy, "B.policy"));
  const auto output = walkthrough.compiler->compile({});
  walkthrough.program = *output.program;
  walkthrough.meanings = output.meanings;
  EXPECT_EQ(walkthrough.violated(), Names{});

  Row& row = walkthrough.row(TableId::kAdmit, [](const Row& each) {
    return each.origin.participant == Walkthrough::kA && !each.hashes.empty();
  });
  ASSERT_EQ(row.hashes, net::HashKeys{net::HashKey::kFlow});
  row.hashes = {net::HashKey::kSrcIp};
  const auto violations = walkthrough.check();
  ASSERT_FALSE(violations.empty());
  EXPECT_EQ(violations[0].invariant, "I11");
  EXPECT_EQ(violations[0].message,
            "packets that enter at the port of a1 are not hashed, and policies test their buckets");
  EXPECT_EQ(violations[0].rows, std::vector{row});
}

// A Walkthrough in which B's port checks where packets come from.
struct Checked : Walkthrough {
  Checked() {
    exchange.routers[1].sources.mode = exchange::SourceCheck::kDrop;
    compiler->reconfigure();
    for (const auto& each : exchange.participants) {
      static_cast<void>(compiler->set_policy(each.id, policies[each.id.index()], "policy"));
    }
    const auto output = compiler->compile({});
    program = *output.program;
    meanings = output.meanings;
  }
};

TEST(AdmissionTest, I9SeesAddressesThatTheSenderDoesNotAnnounce) {
  Checked walkthrough;
  ASSERT_EQ(walkthrough.violated(), Names{});
  std::erase_if(walkthrough.program.table(TableId::kAdmit), [](const Row& row) {
    return row.origin.kind == Kind::kDrop &&
           row.origin.clause == static_cast<std::uint32_t>(program::DropReason::kUnannounced);
  });
  EXPECT_EQ(walkthrough.violated(), Names{}) << "nothing lets them in";
  Checked open;
  for (Row& row : open.program.table(TableId::kAdmit)) {
    const bool is_rest =
        row.origin.kind == Kind::kDrop &&
        row.origin.clause == static_cast<std::uint32_t>(program::DropReason::kUnannounced);
    if (!is_rest) continue;
    const Row& other = open.row_of(TableId::kAdmit, Kind::kAntiSpoof, Walkthrough::kB);
    row.next = other.next;
    row.write_metadata = other.write_metadata;
    row.origin = other.origin;
    row.queries.clear();
  }
  const auto violations = open.check();
  ASSERT_FALSE(violations.empty());
  EXPECT_EQ(violations[0].invariant, "I9");
  EXPECT_NE(violations[0].message.find("that its sender does not announce"), std::string::npos);
}

TEST(AdmissionTest, I11SeesAnnouncedAddressesThatAreDropped) {
  Checked walkthrough;
  std::erase_if(walkthrough.program.table(TableId::kAdmit), [](const Row& row) {
    return row.origin.kind == Kind::kAntiSpoof && row.origin.participant == Walkthrough::kB &&
           std::ranges::any_of(row.match.fields, [](const auto& test) {
             return test.field == net::Field::kSrcIp4 && test.mask != 0xffffffff;
           });
  });
  EXPECT_EQ(walkthrough.violated(), Names{"I11"});
}

}  // namespace
}  // namespace fabrix::verify
