#include "compiler/class_keys.h"

#include <map>
#include <random>

#include <gtest/gtest.h>

#include "tests/compiler/world.h"

namespace fabrix::compiler {
namespace {

ClassKey key(unsigned best, unsigned target) {
  return {.best = router(best),
          .units = {{.target = {.participant = participant(target), .router = std::nullopt},
                     .router = router(target)}}};
}

TEST(ClassKeys, EqualKeysAreOneNumberWhileTheyAreHeld) {
  ClassKeys keys;
  const KeyId id = keys.enter(key(1, 2));
  EXPECT_EQ(keys.enter(key(1, 2)), id);
  const KeyId other = keys.enter(key(2, 1));
  EXPECT_NE(other, id);
  EXPECT_EQ(keys[id].key, key(1, 2));
  EXPECT_EQ(keys[other].key, key(2, 1));
  keys.drop(id);
  EXPECT_EQ(keys.size(), 2U);
  keys.drop(id);
  EXPECT_EQ(keys.size(), 1U);
  EXPECT_EQ(keys.enter(key(3, 3)), id);
}

TEST(ClassKeys, WhereAKeyIsSoughtDependsOnTheKeyAlone) {
  ClassKeys one;
  ClassKeys other;
  other.enter(key(7, 7));
  const auto& a = one[one.enter(key(1, 2))];
  const auto& b = other[other.enter(key(1, 2))];
  EXPECT_EQ(a.hash, b.hash);
  EXPECT_EQ(a.place, b.place);
  EXPECT_NE(a.place, one[one.enter(key(2, 1))].place);
}

TEST(ClassKeys, CountsItsHoldersAsAMapDoes) {
  ClassKeys keys;
  std::map<ClassKey, std::pair<KeyId, unsigned>> held;
  std::mt19937 engine(3);
  for (int step = 0; step < 5000; ++step) {
    const ClassKey wanted =
        key(static_cast<unsigned>(engine()) % 20, static_cast<unsigned>(engine()) % 20);
    const auto known = held.find(wanted);
    if (engine() % 2 == 0) {
      const KeyId id = keys.enter(wanted);
      if (known != held.end()) {
        ASSERT_EQ(known->second.first, id);
      }
      held[wanted].first = id;
      ++held[wanted].second;
    } else if (known != held.end()) {
      keys.drop(known->second.first);
      if (--known->second.second == 0) held.erase(known);
    }
    ASSERT_EQ(keys.size(), held.size());
  }
  for (const auto& [each, of] : held) EXPECT_EQ(keys[of.first].key, each);
}

}  // namespace
}  // namespace fabrix::compiler
