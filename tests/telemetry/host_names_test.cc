#include "telemetry/host_names.h"

#include <gtest/gtest.h>

namespace fabrix::telemetry {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

const net::IpAddress kOne = net::IpAddress::v4({192, 0, 2, 1});
const net::IpAddress kTwo = net::IpAddress::v4({192, 0, 2, 2});

net::IpAddress nth(std::uint32_t n) {
  return net::IpAddress::v4({10, static_cast<std::uint8_t>(n >> 16U),
                             static_cast<std::uint8_t>(n >> 8U), static_cast<std::uint8_t>(n)});
}

TEST(HostNames, AreWantedOnceAndThereOnceTheyAreLearned) {
  HostNames names;
  EXPECT_EQ(names.name_of(kOne), std::nullopt);
  EXPECT_EQ(names.name_of(kOne), std::nullopt);
  EXPECT_EQ(names.name_of(kTwo), std::nullopt);
  EXPECT_EQ(names.wanted(), 2U);
  EXPECT_EQ(names.take_wanted(), kOne);
  EXPECT_EQ(names.take_wanted(), kTwo);
  EXPECT_EQ(names.take_wanted(), std::nullopt);
  names.learn(kOne, "xenvm11.sf.inmon.com");
  names.learn(kTwo, "dot.example.");
  EXPECT_EQ(names.name_of(kOne), "xenvm11.sf.inmon.com.");
  EXPECT_EQ(names.name_of(kTwo), "dot.example.");
  EXPECT_EQ(names.wanted(), 0U);
}

TEST(HostNames, AreAskedForAgainWhenTheyAreOld) {
  HostNames names;
  EXPECT_EQ(names.name_of(kOne), std::nullopt);
  EXPECT_EQ(names.take_wanted(), kOne);
  names.learn(kOne, "old.example");
  names.advance(HostNames::kGood - seconds(1));
  EXPECT_EQ(names.name_of(kOne), "old.example.");
  EXPECT_EQ(names.wanted(), 0U);
  names.advance(HostNames::kGood);
  // It is told until there is another.
  EXPECT_EQ(names.name_of(kOne), "old.example.");
  EXPECT_EQ(names.take_wanted(), kOne);
  names.learn(kOne, "new.example");
  EXPECT_EQ(names.name_of(kOne), "new.example.");
}

TEST(HostNames, ThatThereIsNoneIsKnownTooForAShorterTime) {
  HostNames names;
  EXPECT_EQ(names.name_of(kOne), std::nullopt);
  EXPECT_EQ(names.take_wanted(), kOne);
  names.learn(kOne, std::nullopt);
  EXPECT_EQ(names.name_of(kOne), std::nullopt);
  EXPECT_EQ(names.wanted(), 0U);
  names.advance(HostNames::kGoodNone);
  EXPECT_EQ(names.name_of(kOne), std::nullopt);
  EXPECT_EQ(names.wanted(), 1U);
}

TEST(HostNames, AQuestionThatIsLostIsAskedAgain) {
  HostNames names;
  EXPECT_EQ(names.name_of(kOne), std::nullopt);
  EXPECT_EQ(names.take_wanted(), kOne);
  names.advance(HostNames::kAskAgain - seconds(1));
  EXPECT_EQ(names.name_of(kOne), std::nullopt);
  EXPECT_EQ(names.wanted(), 0U);
  names.advance(HostNames::kAskAgain);
  EXPECT_EQ(names.name_of(kOne), std::nullopt);
  EXPECT_EQ(names.wanted(), 1U);
}

TEST(HostNames, AreCleanAndShort) {
  HostNames names;
  EXPECT_EQ(names.name_of(kOne), std::nullopt);
  names.learn(kOne, std::string("a b\x01\xff.example"));
  EXPECT_EQ(names.name_of(kOne), "a?b??.example.");
  names.learn(kOne, std::string(1000, 'a'));
  EXPECT_EQ(names.name_of(kOne)->size(), HostNames::kLongestName + 1);
}

TEST(HostNames, AreBounded) {
  HostNames names;
  EXPECT_EQ(names.name_of(kOne), std::nullopt);
  names.learn(kOne, "kept.example");
  for (std::uint32_t n = 0; n < HostNames::kMaxNames; ++n) {
    EXPECT_EQ(names.name_of(nth(n)), std::nullopt);
    // One that is asked for stays.
    if (n == HostNames::kMaxNames / 2) {
      EXPECT_TRUE(names.name_of(kOne));
    }
  }
  EXPECT_EQ(names.size(), HostNames::kMaxNames);
  EXPECT_EQ(names.wanted(), HostNames::kMaxWanted);
  EXPECT_EQ(names.name_of(kOne), "kept.example.");
  // Of an address that nobody asks for any more.
  names.learn(nth(0), "late.example");
  EXPECT_EQ(names.size(), HostNames::kMaxNames);
  EXPECT_EQ(names.name_of(nth(0)), std::nullopt);
}

}  // namespace
}  // namespace fabrix::telemetry
