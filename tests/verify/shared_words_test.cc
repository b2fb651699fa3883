#include "verify/shared_words.h"

#include <gtest/gtest.h>

namespace fabrix::verify {
namespace {

net::RouterId router(std::uint16_t i) {
  return {i};
}
SharedWord::Key key(std::uint64_t share, std::uint16_t best, std::uint16_t of) {
  return {.share = share, .family = net::Family::kIpv4, .best = router(best), .router = router(of)};
}

TEST(SharedWords, OfOneKeyAreOneWhileCasesHaveIt) {
  SharedWords words;
  const auto one = words.enter(key(7, 1, 2));
  EXPECT_EQ(words.enter(key(7, 1, 2)), one);
  EXPECT_NE(words.enter(key(8, 1, 2)), one);
  EXPECT_NE(words.enter(key(7, 2, 2)), one);
  EXPECT_EQ(words.of_router(router(2)).size(), 3U);
  EXPECT_TRUE(words.of_router(router(1)).empty());
  EXPECT_TRUE(words.of_router(router(9)).empty());
  words[one].version = 5;
  words.leave(one);
  EXPECT_EQ(words[words.enter(key(7, 1, 2))].version, 5U);
  words.leave(one);
  words.leave(one);
  EXPECT_EQ(words.of_router(router(2)).size(), 2U);
  EXPECT_FALSE(words[words.enter(key(7, 1, 2))].version);
}

TEST(SharedWords, RememberOfWhomTheyAreNotKnownToBeRight) {
  SharedWord word;
  for (const net::ParticipantId each : {net::ParticipantId{4}, net::ParticipantId{2}}) {
    word.set_doubtful(each, true);
    word.set_doubtful(each, true);
  }
  EXPECT_EQ(word.doubtful, (std::vector<net::ParticipantId>{{2}, {4}}));
  word.set_doubtful({2}, false);
  word.set_doubtful({3}, false);
  EXPECT_EQ(word.doubtful, (std::vector<net::ParticipantId>{{4}}));
}

TEST(SharedWords, AreNoMoreOnceCleared) {
  SharedWords words;
  words.enter(key(7, 1, 2));
  words.clear();
  EXPECT_TRUE(words.of_router(router(2)).empty());
}

}  // namespace
}  // namespace fabrix::verify
