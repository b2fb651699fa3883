#include "telemetry/adapter_table.h"

#include <gtest/gtest.h>

#include "tests/telemetry/counted.h"

namespace fabrix::telemetry {
namespace {

using std::chrono::seconds;

const DataSource kHost{kCountingAgent, {2, 1}};
const DataSource kGuest{kCountingAgent, {3, 5}};

std::vector<std::byte> words(const std::vector<std::uint32_t>& numbers) {
  std::vector<std::byte> out;
  for (const std::uint32_t number : numbers) {
    for (int shift = 24; shift >= 0; shift -= 8) {
      out.push_back(static_cast<std::byte>(number >> static_cast<unsigned>(shift) & 0xffU));
    }
  }
  return out;
}

// sflow_host.txt: two adapters, of one MAC address and of two.
const auto kTwoAdapters =
    words({2, 3, 1, 0x020000a1, 0x00010000, 4, 2, 0x020000a1, 0x00020000, 0x020000a1, 0x00030000});

TEST(AdapterTable, KnowsWhoseAddressesTheyAre) {
  AdapterTable table;
  table.learn(kTwoAdapters, kHost, seconds(1));
  EXPECT_EQ(table.size(), 3U);
  for (const std::uint64_t mac : {0x020000a10001U, 0x020000a10002U, 0x020000a10003U}) {
    ASSERT_NE(table.find(mac), nullptr);
    EXPECT_EQ(*table.find(mac), kHost);
  }
  EXPECT_EQ(table.find(0x020000a10004), nullptr);
  table.learn(words({1, 3, 1, 0x020000a1, 0x00020000}), kGuest, seconds(2));
  EXPECT_EQ(*table.find(0x020000a10002), kGuest);
  EXPECT_EQ(*table.find(0x020000a10001), kHost);
}

TEST(AdapterTable, ForgetsWhatIsNotSaidAgain) {
  AdapterTable table;
  table.learn(kTwoAdapters, kHost, seconds(1));
  table.learn(words({1, 3, 1, 0x020000a1, 0x00020000}), kHost, seconds(2));
  table.expire(seconds(2));
  EXPECT_EQ(table.size(), 1U);
  EXPECT_NE(table.find(0x020000a10002), nullptr);
}

TEST(AdapterTable, LeavesOutWhatIsCutOff) {
  for (std::size_t size = 0; size < kTwoAdapters.size(); ++size) {
    AdapterTable table;
    table.learn(sflow::Bytes(kTwoAdapters).first(size), kHost, seconds(1));
    EXPECT_LE(table.size(), 1U) << size;
  }
}

TEST(AdapterTable, IsBounded) {
  AdapterTable table;
  for (std::uint32_t n = 0; n < AdapterTable::kMaxAdapters + 2; ++n) {
    table.learn(words({1, 3, 1, n, 0}), kHost, seconds(1));
  }
  EXPECT_EQ(table.size(), AdapterTable::kMaxAdapters);
  table.learn(words({1, 3, 1, 0, 0}), kGuest, seconds(1));
  EXPECT_EQ(*table.find(0), kGuest);
}

}  // namespace
}  // namespace fabrix::telemetry
