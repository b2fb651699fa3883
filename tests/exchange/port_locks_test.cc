#include "exchange/port_locks.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/exchange/policies.h"

namespace fabrix::exchange {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string with_security(const std::string& security) {
  std::string text(kGood);
  return text.insert(text.find("  asn: 65000\n"), "  port_security: " + security + "\n");
}

// With its first router's own.
std::string with_own(std::string text, const std::string& security) {
  return text.insert(text.find("port: 1", text.find("participants:")),
                     "port_security: " + security + ", ");
}

// Of a text that load() takes.
PortLocks locks_of(const std::string& text) {
  loaded(text);
  return port_locks_of(text);
}

std::vector<std::string> changes(const std::string& was, const std::string& is) {
  std::vector<std::string> lines;
  for (const Change& change : differences(locks_of(was), locks_of(is))) {
    lines.push_back(change.subject + ": " + change.what);
  }
  return lines;
}

TEST(PortLocksTest, PortsAreLockedUnlessItSaysOtherwise) {
  const MacLock lock{.action = LockAction::kShutdown, .per_second = 100, .seconds = 10};
  EXPECT_EQ(locks_of(std::string(kGood)).of("a1"), lock);
}

TEST(PortLocksTest, APortHasTheExchangesKeysButForItsOwn) {
  const PortLocks locks = locks_of(
      with_own(with_security("{mac_lock: {action: quarantine, per_second: 7, seconds: 3}}"),
               "{mac_lock: {action: none, seconds: 5}}"));
  EXPECT_EQ(locks.of("a1"), (MacLock{LockAction::kNone, 7, 5}));
  EXPECT_EQ(locks.of("b1"), (MacLock{LockAction::kQuarantine, 7, 3}));
}

TEST(PortLocksTest, SaysWhatIsWrong) {
  const auto complaint = [](const std::string& lock) {
    return complaints(with_security("{mac_lock: {" + lock + "}}"));
  };
  EXPECT_EQ(complaint("action: open"), "C0116");
  EXPECT_EQ(complaint("per_second: 0"), "C0113");
  EXPECT_EQ(complaint("seconds: 0"), "C0113");
  EXPECT_EQ(complaint("seconds: 3601"), "C0113");
  EXPECT_EQ(complaint("frames: 3"), "C0110");
  EXPECT_EQ(complaints(with_security("{mac: 3}")), "C0110");
  EXPECT_EQ(complaints(with_own(std::string(kGood), "3")), "C0112");
}

TEST(PortLocksTest, ATextThatIsRefusedSaysNothing) {
  for (const char* text : {"", "[", "exchange: 3", "participants: [3, {routers: 4}]",
                           "exchange: {port_security: {mac_lock: {seconds: 0}}}"}) {
    EXPECT_EQ(port_locks_of(text), PortLocks{}) << text;
  }
}

TEST(PortLocksTest, AReloadTellsWhatIsDifferentForAllAndForOnePort) {
  const std::string was(kGood);
  const std::string lock = "{mac_lock: {action: quarantine}}";
  EXPECT_THAT(changes(was, was), IsEmpty());
  EXPECT_THAT(changes(was, with_security(lock)),
              ElementsAre("port_security: mac_lock.action shutdown -> quarantine"));
  EXPECT_THAT(changes(with_own(was, lock), was),
              ElementsAre("router a1: mac_lock.action quarantine -> shutdown"));
  EXPECT_THAT(changes(was, with_own(was, "{mac_lock: {per_second: 5, seconds: 3}}")),
              ElementsAre(HasSubstr("per_second 100 -> 5"), HasSubstr("seconds 10 -> 3")));
}

}  // namespace
}  // namespace fabrix::exchange
