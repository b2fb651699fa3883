#include "verify/hashing.h"

#include <memory>

#include <gtest/gtest.h>

#include "tests/verify/walkthrough.h"

namespace fabrix::verify {
namespace {

using Change = Hashing::Change;

policy::ClauseList testing(net::HashKey key) {
  policy::Clause clause;
  clause.when = between(net::bucket_field(key), 0, 31);
  clause.verdict = policy::Drop{};
  policy::ClauseList list;
  list.clauses.push_back(std::move(clause));
  return list;
}

TEST(HashingTest, OwnKeysAreForOnesOwnPacketsAndAReceiversForAll) {
  const Walkthrough walkthrough;
  Hashing hashing(walkthrough.world());
  EXPECT_TRUE(hashing.of_sender(Walkthrough::kA).empty());

  policy::Policy policy;
  policy.outbound = testing(net::HashKey::kSrcIp);
  EXPECT_EQ(hashing.set(Walkthrough::kA, &policy), Change::kOwn);
  EXPECT_EQ(hashing.of_sender(Walkthrough::kA), net::HashKeys{net::HashKey::kSrcIp});
  EXPECT_TRUE(hashing.of_sender(Walkthrough::kB).empty());
  EXPECT_EQ(hashing.set(Walkthrough::kA, &policy), Change::kNothing);

  policy.inbound = testing(net::HashKey::kFlow);
  EXPECT_EQ(hashing.set(Walkthrough::kA, &policy), Change::kAll);
  EXPECT_EQ(hashing.of_sender(Walkthrough::kB), net::HashKeys{net::HashKey::kFlow});
  EXPECT_EQ(hashing.set(Walkthrough::kC, &policy), Change::kOwn);
  EXPECT_EQ(hashing.set(Walkthrough::kA, nullptr), Change::kOwn);
  EXPECT_EQ(hashing.of_sender(Walkthrough::kA), net::HashKeys{net::HashKey::kFlow});
  EXPECT_EQ(hashing.set(Walkthrough::kC, nullptr), Change::kAll);
  EXPECT_TRUE(hashing.of_sender(Walkthrough::kA).empty());
}

TEST(HashingTest, BeginsWithTheWorldsPolicies) {
  Walkthrough walkthrough;
  auto policy = std::make_shared<policy::Policy>();
  policy->inbound = testing(net::HashKey::kDstIp);
  walkthrough.policies[Walkthrough::kD.index()] = policy;
  EXPECT_EQ(Hashing(walkthrough.world()).of_sender(Walkthrough::kA),
            net::HashKeys{net::HashKey::kDstIp});
}

}  // namespace
}  // namespace fabrix::verify
