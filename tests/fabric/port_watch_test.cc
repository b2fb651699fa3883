#include "fabric/port_watch.h"

#include <map>
#include <vector>

#include <gtest/gtest.h>

namespace fabrix::fabric {
namespace {

constexpr std::uint32_t kDownByConfig = 1;  // OFPPC_PORT_DOWN, OpenFlow 1.3.5 §7.2.1

openflow::PortDesc port(std::uint32_t number, std::uint32_t config = 0) {
  openflow::PortDesc desc;
  desc.number = net::PortNo{number};
  desc.config = config;
  return desc;
}

std::vector<net::PortNo> numbers(std::initializer_list<std::uint32_t> values) {
  return {values.begin(), values.end()};
}

class PortWatchTest : public ::testing::Test {
 protected:
  using Heard = std::map<std::uint32_t, bool>;

  void connect() {
    openflow::Connected event;
    event.ports = {port(1), port(2, kDownByConfig)};
    watch_.note(event, numbers({1, 2, 3}), hear_);
  }
  Heard take() { return std::exchange(heard_, {}); }

  PortWatch watch_;
  Heard heard_;
  PortWatch::Hear hear_ = [this](net::PortNo number, bool up) { heard_[number.value] = up; };
};

TEST_F(PortWatchTest, SaysHowAllPortsAreAndThatWhatTheSwitchLacksIsDown) {
  connect();
  EXPECT_EQ(take(), (Heard{{1, true}, {2, false}, {3, false}}));
}

TEST_F(PortWatchTest, SaysWhatChanges) {
  connect();
  take();
  watch_.note({.reason = openflow::PortReason::kModify, .port = port(2)}, hear_);
  watch_.note({.reason = openflow::PortReason::kDelete, .port = port(1)}, hear_);
  watch_.note({.reason = openflow::PortReason::kAdd, .port = port(3)}, hear_);
  EXPECT_EQ(take(), (Heard{{1, false}, {2, true}, {3, true}}));
}

TEST_F(PortWatchTest, APortThatIsWantedAnewIsDownIfItIsNotThere) {
  connect();
  watch_.note({.reason = openflow::PortReason::kAdd, .port = port(4)}, hear_);
  take();
  watch_.note_wanted(numbers({1, 2, 3}), numbers({2, 3, 4, 5}), hear_);
  EXPECT_EQ(take(), (Heard{{5, false}}));
}

TEST_F(PortWatchTest, NobodyNeedHear) {
  hear_ = nullptr;
  connect();
  watch_.note({.reason = openflow::PortReason::kDelete, .port = port(1)}, hear_);
  EXPECT_EQ(take(), Heard{});
}

}  // namespace
}  // namespace fabrix::fabric
