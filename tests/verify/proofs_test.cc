#include "verify/proofs.h"

#include <gtest/gtest.h>

namespace fabrix::verify {
namespace {

using net::ParticipantId;

Proofs::Claim a_claim() {
  return {.policy = std::make_shared<policy::Policy>(),
          .rows = std::make_shared<const std::vector<program::Row>>(1),
          .meaning = std::make_shared<const program::TagMeaning>()};
}

TEST(ProofsTest, AreOfTheVeryRowsPolicyAndMeaning) {
  Proofs proofs;
  const auto claim = a_claim();
  EXPECT_FALSE(proofs.has(ParticipantId{3}, claim));
  proofs.add(ParticipantId{3}, claim);
  EXPECT_TRUE(proofs.has(ParticipantId{3}, claim));
  EXPECT_FALSE(proofs.has(ParticipantId{2}, claim));
  const auto other = a_claim();
  EXPECT_FALSE(proofs.has(ParticipantId{3}, {other.policy, claim.rows, claim.meaning}));
  EXPECT_FALSE(proofs.has(ParticipantId{3}, {claim.policy, other.rows, claim.meaning}));
  EXPECT_FALSE(proofs.has(ParticipantId{3}, {claim.policy, claim.rows, other.meaning}));
  EXPECT_FALSE(proofs.has(ParticipantId{3}, {claim.policy, nullptr, claim.meaning}));
  proofs.clear();
  EXPECT_FALSE(proofs.has(ParticipantId{3}, claim));
}

TEST(ProofsTest, NoRowsAreRowsToo) {
  Proofs proofs;
  const auto claim = a_claim();
  proofs.add(ParticipantId{0}, {claim.policy, nullptr, nullptr});
  EXPECT_TRUE(proofs.has(ParticipantId{0}, {claim.policy, nullptr, nullptr}));
  EXPECT_FALSE(proofs.has(ParticipantId{0}, {claim.policy, claim.rows, nullptr}));
}

TEST(ProofsTest, KeepNothingAliveAndAreBounded) {
  Proofs proofs;
  {
    const auto claim = a_claim();
    proofs.add(ParticipantId{0}, claim);
    EXPECT_EQ(claim.rows.use_count(), 1);
  }
  std::vector<Proofs::Claim> claims;
  for (std::size_t i = 0; i <= kMaxProofs; ++i) {
    claims.push_back(a_claim());
    proofs.add(ParticipantId{0}, claims.back());
    EXPECT_LE(proofs.count(ParticipantId{0}), std::min(i + 1, kMaxProofs));
  }
  EXPECT_FALSE(proofs.has(ParticipantId{0}, claims.front()));
  EXPECT_TRUE(proofs.has(ParticipantId{0}, claims[1]));
}

}  // namespace
}  // namespace fabrix::verify
