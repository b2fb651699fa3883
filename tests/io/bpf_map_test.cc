#include "io/bpf_map.h"

#include <vector>

#include "tests/io/bpf_world.h"

namespace fabrix::io {
namespace {

class BpfMapTest : public testing::BpfTest {};

constexpr std::uint32_t kSeven = 7;

TEST_F(BpfMapTest, KeepsWhatIsPut) {
  const BpfMap map = make_map(BPF_MAP_TYPE_HASH, 10);
  EXPECT_FALSE(map.value_of<std::uint64_t>(kSeven).value());
  ASSERT_TRUE(map.put_value(kSeven, std::uint64_t{42}));
  EXPECT_EQ(map.value_of<std::uint64_t>(kSeven).value(), 42U);
  EXPECT_EQ(map.keys().value().size(), 1U);
  ASSERT_TRUE(map.erase_key(kSeven));
  ASSERT_TRUE(map.erase_key(kSeven));  // it was not there
  EXPECT_FALSE(map.value_of<std::uint64_t>(kSeven).value());
}

TEST_F(BpfMapTest, TakesManyAtOnce) {
  const BpfMap map = make_map(BPF_MAP_TYPE_HASH, 20'000);
  std::vector<std::uint32_t> keys;
  std::vector<std::uint64_t> values;
  for (std::uint32_t i = 0; i < 10'000; ++i) {
    keys.push_back(i);
    values.push_back(std::uint64_t{3} * i);
  }
  ASSERT_TRUE(map.put_all(std::as_bytes(std::span(keys)), std::as_bytes(std::span(values))));
  EXPECT_EQ(map.keys().value().size(), 10'000U);
  EXPECT_EQ(map.value_of<std::uint64_t>(std::uint32_t{9'999}).value(), 29'997U);
}

TEST_F(BpfMapTest, TellsAllThatIsThereAndErasesManyAtOnce) {
  for (const auto type : {BPF_MAP_TYPE_HASH, BPF_MAP_TYPE_ARRAY}) {
    const BpfMap map = make_map(type, 10'000);
    for (std::uint32_t i = 0; i < 10'000; ++i) {
      ASSERT_TRUE(map.put_value(i, std::uint64_t{3} * i));
    }
    const auto all = map.contents();
    ASSERT_TRUE(all) << all.error().message;
    ASSERT_EQ(all->count, 10'000U);
    for (std::size_t i = 0; i < all->count; ++i) {
      const auto key = BpfMap::read_as<std::uint32_t>(all->keys, i * sizeof(std::uint32_t));
      EXPECT_EQ(BpfMap::read_as<std::uint64_t>(all->values, i * sizeof(std::uint64_t)), 3U * key);
    }
  }
  const BpfMap map = make_map(BPF_MAP_TYPE_HASH, 10'000);
  std::vector<std::uint32_t> keys;
  for (std::uint32_t i = 0; i < 9'000; ++i) {
    keys.push_back(i);
    if (i % 3 == 0) continue;
    ASSERT_TRUE(map.put_value(i, std::uint64_t{1}));
  }
  ASSERT_TRUE(map.put_value(std::uint32_t{9'999}, std::uint64_t{1}));
  ASSERT_TRUE(map.erase_all(std::as_bytes(std::span(keys))));
  EXPECT_EQ(map.contents().value().count, 1U);
}

TEST_F(BpfMapTest, AnArrayOfRowsIsNobodysToChange) {
  const std::vector<std::uint64_t> values{5, 6, 7};
  auto made = BpfMap::make_array("rows", sizeof(std::uint64_t), std::as_bytes(std::span(values)));
  ASSERT_TRUE(made) << made.error().message;
  const BpfMap map = BpfMap::adopt(*std::move(made), "rows").value();
  EXPECT_EQ(map.value_of<std::uint64_t>(std::uint32_t{2}).value(), 7U);
  EXPECT_FALSE(map.put_value(std::uint32_t{2}, std::uint64_t{8}));
}

TEST_F(BpfMapTest, SaysWhenItIsFull) {
  const BpfMap map = make_map(BPF_MAP_TYPE_HASH, 1);
  ASSERT_TRUE(map.put_value(kSeven, std::uint64_t{1}));
  const auto done = map.put_value(std::uint32_t{8}, std::uint64_t{1});
  ASSERT_FALSE(done);
  EXPECT_NE(done.error().message.find("map test"), std::string::npos);
}

TEST_F(BpfMapTest, TakesAsManyAsThereIsRoomFor) {
  const BpfMap map = make_map(BPF_MAP_TYPE_HASH, 4);
  const std::vector<std::uint32_t> keys{1, 2, 3, 4, 5, 6};
  const std::vector<std::uint64_t> values{1, 2, 3, 4, 5, 6};
  const auto put =
      map.put_while_room(std::as_bytes(std::span(keys)), std::as_bytes(std::span(values)));
  EXPECT_EQ(put.value(), 4U);
  EXPECT_FALSE(map.put_all(std::as_bytes(std::span(keys)), std::as_bytes(std::span(values))));
  EXPECT_EQ(map.value_of<std::uint64_t>(std::uint32_t{4}).value(), 4U);
}

TEST_F(BpfMapTest, IsReadInPartsUntilThatIsEnough) {
  const BpfMap map = make_map(BPF_MAP_TYPE_HASH, 10'000);
  for (std::uint32_t i = 0; i < 9'000; ++i) ASSERT_TRUE(map.put_value(i, std::uint64_t{1}));
  std::size_t parts = 0;
  std::size_t count = 0;
  ASSERT_TRUE(map.scan([&](const BpfMap::Contents& part) {
    ++parts;
    count += part.count;
    EXPECT_EQ(part.keys.size(), part.count * sizeof(std::uint32_t));
    return BpfMap::Visit::kGoOn;
  }));
  EXPECT_GE(parts, 3U);
  EXPECT_EQ(count, 9'000U);
  ASSERT_TRUE(map.scan([&](const BpfMap::Contents&) {
    ++parts;
    return BpfMap::Visit::kStop;
  }));
  EXPECT_LE(parts, 5U);
}

TEST_F(BpfMapTest, HasAValueForEachCpu) {
  const BpfMap map = make_map(BPF_MAP_TYPE_PERCPU_ARRAY, 8);
  std::vector<std::uint64_t> values(possible_cpus());
  values[0] = 5;
  ASSERT_TRUE(map.put(BpfMap::octets_of(kSeven), std::as_bytes(std::span(values))));
  EXPECT_EQ(map.values_of<std::uint64_t>(kSeven).value(), values);
}

}  // namespace
}  // namespace fabrix::io
