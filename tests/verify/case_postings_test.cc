#include "verify/case_postings.h"

#include <gtest/gtest.h>

namespace fabrix::verify {
namespace {

constexpr net::RouterId kR{1};
constexpr net::RouterId kS{2};
constexpr net::RouterId kT{3};
constexpr net::ParticipantId kSender{5};

std::vector<std::uint32_t> ids(const BitSet<CaseId>& set) {
  std::vector<std::uint32_t> all;
  set.for_each([&all](CaseId id) { all.push_back(id.value); });
  return all;
}

class CasePostingsTest : public testing::Test {
 protected:
  CasePostingsTest() {
    add(0, {kR, kS}, {7, 8}, {});
    add(1, {kR}, {7}, {});
    add(2, {kT, kR}, {9, 6}, {kSender});
    add(3, {kT}, {}, {});
  }
  void add(std::uint32_t id, const exchange::Routes& routers,
           const std::vector<std::uint32_t>& words, const std::vector<net::ParticipantId>& others) {
    std::vector<SharedWords::Id> shared;
    for (const std::uint32_t each : words) shared.push_back(SharedWords::Id{each});
    postings_.add({.id = CaseId{id}, .routers = routers, .words = shared, .others = others});
  }

  CasePostings postings_;
};

TEST_F(CasePostingsTest, ARouterHasTheCasesWithItsRoutesAndItsWordThere) {
  const auto of_r = postings_.of_router(kR);
  ASSERT_EQ(of_r.size(), 3U);
  EXPECT_EQ(of_r[0].id, CaseId{0});
  EXPECT_EQ(of_r[0].word, SharedWords::Id{7});
  EXPECT_EQ(of_r[2].id, CaseId{2});
  EXPECT_EQ(of_r[2].word, SharedWords::Id{6});
  EXPECT_TRUE(postings_.of_router(net::RouterId{99}).empty());
}

TEST_F(CasePostingsTest, CasesWithTwoOfTheRoutersAndThoseThatShareNothingAreSpecial) {
  const net::ParticipantId anybody{1};
  EXPECT_EQ(ids(postings_.special_to(anybody, {})), (std::vector<std::uint32_t>{3}));
  EXPECT_EQ(ids(postings_.special_to(anybody, std::vector{kR})), (std::vector<std::uint32_t>{3}));
  EXPECT_EQ(ids(postings_.special_to(anybody, std::vector{kR, kS})),
            (std::vector<std::uint32_t>{0, 3}));
  EXPECT_EQ(ids(postings_.special_to(anybody, std::vector{kS, kT, kR})),
            (std::vector<std::uint32_t>{0, 2, 3}));
}

TEST_F(CasePostingsTest, ACaseIsSpecialToWhoMayNotHaveAllRoutes) {
  EXPECT_EQ(ids(postings_.special_to(kSender, {})), (std::vector<std::uint32_t>{2, 3}));
}

TEST_F(CasePostingsTest, NothingIsLeftWhenAllAreForgotten) {
  postings_.clear();
  EXPECT_TRUE(postings_.of_router(kR).empty());
  EXPECT_TRUE(postings_.special_to(kSender, std::vector{kR, kS}).empty());
}

}  // namespace
}  // namespace fabrix::verify
