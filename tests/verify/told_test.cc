#include "verify/told.h"

#include <gtest/gtest.h>

#include "tests/verify/asked.h"

namespace fabrix::verify {
namespace {

const net::Prefix kPrefix = net::Prefix::parse("140.0.0.0/24").value();  // B, C(c1); best C

class ToldTest : public testing::Test {
 protected:
  std::vector<Violation> check(const exchange::Routes& routes,
                               std::optional<net::IpAddress> next_hop = {}) {
    Asked asked(walkthrough_, next_hop);
    const auto hop = next_hop.value_or(walkthrough_.next_hop(Walkthrough::kA, kPrefix));
    Told(asked.task, Walkthrough::kA).check(asked.task, {kPrefix, routes, hop});
    return asked.findings.take();
  }

  Walkthrough walkthrough_;
};

TEST_F(ToldTest, TheTagOfARouteSaysWhatItIs) {
  EXPECT_TRUE(check({Walkthrough::kC1, Walkthrough::kB1}).empty());
}

TEST_F(ToldTest, I3SeesATagThatPromisesWhatIsNotReachable) {
  const auto found = check({Walkthrough::kC1});
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].invariant, "I3");
  EXPECT_NE(found[0].message.find("says that B is reachable by b1, and it is not"),
            std::string::npos)
      << found[0].message;
  ASSERT_TRUE(found[0].witness);
  EXPECT_EQ(found[0].witness->dst_port, 80);
  EXPECT_FALSE(found[0].rows.empty());
}

TEST_F(ToldTest, I3SeesATagThatHidesAReachableTarget) {
  const auto hop = walkthrough_.next_hop(Walkthrough::kA,
                                         net::Prefix::parse("160.0.0.0/24").value());  // C(c2), D
  const auto found = check({Walkthrough::kC2, Walkthrough::kB1}, hop);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_NE(found[0].message.find("says that B is not reachable by b1, and it is reachable"),
            std::string::npos)
      << found[0].message;
}

TEST_F(ToldTest, I3SeesATagThatLeadsToAnotherThanTheBest) {
  const auto found = check({Walkthrough::kB1, Walkthrough::kC1});
  ASSERT_EQ(found.size(), 1U);
  EXPECT_NE(found[0].message.find("does not lead to b1, its best route"), std::string::npos)
      << found[0].message;
}

TEST_F(ToldTest, I3SeesANextHopThatNobodyAnswersFor) {
  const auto found =
      check({Walkthrough::kC1, Walkthrough::kB1}, net::IpAddress::parse("172.0.255.1").value());
  ASSERT_EQ(found.size(), 1U);
  EXPECT_NE(found[0].message.find("172.0.255.1 answers to no address resolution"),
            std::string::npos);
}

TEST_F(ToldTest, ARealNextHopIsRightWhereNoClauseWouldAct) {
  const auto d1 = walkthrough_.exchange.router(Walkthrough::kD1).addresses.front();
  EXPECT_TRUE(check({Walkthrough::kD1}, d1).empty());
  EXPECT_FALSE(check({Walkthrough::kD1, Walkthrough::kB1}, d1).empty());
}

TEST_F(ToldTest, JudgesLikeAnotherOfTheSamePolicyAndClaims) {
  Asked asked(walkthrough_, {});
  const Told one(asked.task, Walkthrough::kA);
  EXPECT_TRUE(one.judges_like(Told(asked.task, Walkthrough::kA)));
  EXPECT_FALSE(one.judges_like(Told(asked.task, Walkthrough::kB)));
  auto meanings = *walkthrough_.meanings;
  meanings[Walkthrough::kA.index()] = nullptr;
  walkthrough_.meanings = std::make_shared<const std::vector<program::TagMeaningPtr>>(meanings);
  Asked other(walkthrough_, {});
  EXPECT_FALSE(one.judges_like(Told(other.task, Walkthrough::kA)));
}

// A's policy with other targets, and claims by these bits.
class SucceedingTest : public ToldTest {
 protected:
  using Bits = std::vector<std::pair<net::ParticipantId, std::uint32_t>>;

  std::optional<std::vector<net::ParticipantId>> succeed(
      Told& before, Told& after, std::span<const program::VirtualNeighbor> fresh = {}) const {
    return after.succeed(before, walkthrough_.program, fresh);
  }
  // `also`: each is said by these bits, too.
  Told told(const Bits& bits, std::optional<std::uint32_t> also = {}) {
    policy::Policy policy = *walkthrough_.policies[Walkthrough::kA.index()];
    policy.outbound.clauses.resize(1);
    const policy::Clause clause = policy.outbound.clauses.front();
    policy.outbound.clauses.clear();
    program::TagMeaning meaning{.sender = Walkthrough::kA, .reached = {}};
    for (const auto& [target, reach] : bits) {
      policy.outbound.clauses.push_back(clause);
      policy.outbound.clauses.back().verdict =
          policy::Forward{{.participant = target, .router = std::nullopt}};
      meaning.reached.push_back(
          {.participant = target,
           .port = std::nullopt,
           .router = walkthrough_.exchange.participant(target).routers.front(),
           .tests = {program::match_reach(reach, reach)}});
      if (also) meaning.reached.back().tests.push_back(program::match_reach(*also, *also));
    }
    walkthrough_.policies[Walkthrough::kA.index()] =
        std::make_shared<const policy::Policy>(std::move(policy));
    auto meanings = *walkthrough_.meanings;
    meanings[Walkthrough::kA.index()] =
        std::make_shared<const program::TagMeaning>(std::move(meaning));
    walkthrough_.meanings =
        std::make_shared<const std::vector<program::TagMeaningPtr>>(std::move(meanings));
    Asked asked(walkthrough_, {});
    return {asked.task, Walkthrough::kA};
  }
  void tell(net::IpAddress address, std::uint32_t reach) {
    walkthrough_.program.neighbors.edit().push_back(
        {.sender = Walkthrough::kA,
         .address = address,
         .mac = encode(program::Tag{.reach = reach, .egress = Walkthrough::kD1})});
    walkthrough_.program.canonicalize();
  }
  // Judges that A is told a tag with these bits, where D alone has a route.
  void judge(Told& told, std::uint32_t reach) {
    const auto address =
        net::IpAddress::parse(reach == kOne ? "172.0.200.2" : "172.0.200.3").value();
    tell(address, reach);
    Asked asked(walkthrough_, {});
    EXPECT_TRUE(told.is_right(asked.task, {Walkthrough::kD1}, net::Family::kIpv4, address));
  }

  // Bits that no tag has.
  static constexpr std::uint32_t kOne = 1U << 20U;
  static constexpr std::uint32_t kOther = 1U << 21U;
  static constexpr std::uint32_t kThird = 1U << 22U;
};

TEST_F(SucceedingTest, IsOfAnotherOpinionAboutTargetsThatCameOrWent) {
  Told before = told({{Walkthrough::kB, kOne}, {Walkthrough::kC, kOther}});
  Told after = told({{Walkthrough::kC, kOther}, {Walkthrough::kD, kThird}});
  EXPECT_EQ(succeed(before, after), (std::vector{Walkthrough::kB, Walkthrough::kD}));
}

TEST_F(SucceedingTest, IsPerhapsOfAnotherOpinionOfAnythingIfOldTagsSayWhatIsNewlyClaimed) {
  Told before = told({{Walkthrough::kC, kOther}});
  tell(net::IpAddress::parse("172.0.200.1").value(), kThird);
  Told after = told({{Walkthrough::kC, kOther}, {Walkthrough::kD, kThird}});
  EXPECT_EQ(succeed(before, after), std::nullopt);
  // Nobody has been told of that one yet.
  const std::vector fresh = walkthrough_.program.neighbors.own();
  EXPECT_EQ(succeed(before, after, fresh), std::vector{Walkthrough::kD});
}

// One more code that says the same.
TEST_F(SucceedingTest, IsOfOneOpinionAboutWhatMoreTagsSayThanBefore) {
  Told before = told({{Walkthrough::kC, kOther}});
  tell(net::IpAddress::parse("172.0.200.1").value(), kOther);
  Told after = told({{Walkthrough::kC, kOther}}, kThird);
  EXPECT_EQ(succeed(before, after), std::vector<net::ParticipantId>{});
  // Those that say it no longer may have been told.
  Told less = told({{Walkthrough::kC, kOther}});
  EXPECT_EQ(succeed(after, less), std::nullopt);
}

TEST_F(SucceedingTest, IsPerhapsOfAnotherOpinionIfOldTagsPassTheNewTest) {
  Told before = told({{Walkthrough::kC, kOther}});
  tell(net::IpAddress::parse("172.0.200.1").value(), kThird);
  Told after = told({{Walkthrough::kC, kOther}}, kThird);
  EXPECT_EQ(succeed(before, after), std::nullopt);
}

// Nobody is told what only old tags say, unless somebody was in the meantime.
TEST_F(SucceedingTest, KnowsWhatWasClaimedBefore) {
  for (const bool told_meanwhile : {false, true}) {
    Told before = told({{Walkthrough::kB, kOne}, {Walkthrough::kC, kOther}});
    tell(net::IpAddress::parse("172.0.200.2").value(), kOne);
    Told between = told({{Walkthrough::kC, kOther}});
    EXPECT_EQ(succeed(before, between), std::vector{Walkthrough::kB});
    judge(between, told_meanwhile ? kOne : kThird);
    Told after = told({{Walkthrough::kB, kOne}, {Walkthrough::kC, kOther}});
    const auto about = succeed(between, after);
    EXPECT_EQ(about.has_value(), !told_meanwhile);
  }
}

TEST_F(ToldTest, WithoutARouteNothingIsTold) {
  EXPECT_TRUE(check({}).empty());
}

}  // namespace
}  // namespace fabrix::verify
