#include "program/neighbors.h"

#include <atomic>
#include <map>
#include <random>
#include <thread>

#include <gtest/gtest.h>

namespace fabrix::program {
namespace {

using All = std::vector<VirtualNeighbor>;

VirtualNeighbor neighbor(unsigned sender, unsigned address, unsigned mac) {
  return {.sender = net::ParticipantId{static_cast<std::uint16_t>(sender)},
          .address = net::IpAddress::v4({10, 0, static_cast<std::uint8_t>(address / 256),
                                         static_cast<std::uint8_t>(address % 256)}),
          .mac = net::MacAddress::from_u64(0x020000000000 + mac)};
}

All as_vector(std::span<const VirtualNeighbor> all) {
  return {all.begin(), all.end()};
}

TEST(NeighborList, WhatIsAddedIsNotSeenByTheOneBefore) {
  const NeighborList none;
  const NeighborList one = none.with(All{neighbor(1, 5, 1)});
  const NeighborList two = one.with(All{neighbor(1, 3, 1)});
  const NeighborList other = one.with(All{neighbor(1, 4, 1)});
  EXPECT_TRUE(none.empty());
  EXPECT_EQ(one.sorted(), (All{neighbor(1, 5, 1)}));
  EXPECT_EQ(two.sorted(), (All{neighbor(1, 3, 1), neighbor(1, 5, 1)}));
  EXPECT_EQ(other.sorted(), (All{neighbor(1, 4, 1), neighbor(1, 5, 1)}));
  EXPECT_EQ(as_vector(two.since(one).value()), (All{neighbor(1, 3, 1)}));
  EXPECT_TRUE(two.since(two).value().empty());
  EXPECT_FALSE(one.since(two));
  EXPECT_FALSE(other.since(one));
}

TEST(NeighborList, EqualListsHaveTheSameInWhateverOrder) {
  const NeighborList a = NeighborList().with(All{neighbor(1, 5, 1)}).with(All{neighbor(1, 3, 1)});
  const NeighborList b(All{neighbor(1, 3, 1), neighbor(1, 5, 1)});
  EXPECT_EQ(a, b);
  EXPECT_NE(a, b.with(All{neighbor(1, 9, 1)}));
  EXPECT_NE(a, NeighborList(All{neighbor(1, 3, 1), neighbor(1, 5, 2)}));
}

TEST(NeighborList, SeesDoublesWhereverTheyStand) {
  const NeighborList sorted(All{neighbor(1, 3, 1), neighbor(1, 3, 2), neighbor(1, 4, 1)});
  const auto address = [](unsigned of) { return neighbor(1, of, 0).address; };
  EXPECT_TRUE(sorted.has_doubles(address(3)));
  EXPECT_FALSE(sorted.has_doubles(address(4)));
  EXPECT_FALSE(sorted.has_doubles(address(5)));
  NeighborList late = NeighborList(All{neighbor(1, 4, 1)}).with(All{neighbor(1, 7, 1)});
  EXPECT_FALSE(late.has_doubles(address(4)));
  late = late.with(All{neighbor(1, 4, 2)});
  EXPECT_TRUE(late.has_doubles(address(4)));
}

// Some at a time, few and many; all that came from one another stay what they were.
TEST(NeighborList, FindsWhatAMapFinds) {
  std::mt19937 engine(9);
  NeighborList list;
  std::map<unsigned, VirtualNeighbor> map;
  std::vector<std::pair<NeighborList, std::size_t>> before;
  while (map.size() < 3000) {
    All news;
    const auto drawn = static_cast<unsigned>(engine());
    for (unsigned count = drawn % 20 == 0 ? 200 : 1 + drawn % 3; count > 0; --count) {
      const auto address = static_cast<unsigned>(engine()) % 65536;
      const VirtualNeighbor each = neighbor(1, address, static_cast<unsigned>(engine()) % 9);
      if (map.emplace(address, each).second) news.push_back(each);
    }
    before.emplace_back(list, list.size());
    list = list.with(news);
    ASSERT_EQ(list.size(), map.size());
  }
  for (unsigned address = 0; address < 65536; ++address) {
    const auto known = map.find(address);
    const VirtualNeighbor* found = list.find(neighbor(1, address, 0).address);
    ASSERT_EQ(found != nullptr, known != map.end());
    if (found != nullptr) {
      ASSERT_EQ(*found, known->second);
    }
  }
  for (const auto& [each, size] : before) ASSERT_EQ(each.size(), size);
}

TEST(NeighborList, KnowsWhatIsNewHoweverOftenItMoved) {
  constexpr unsigned kCount = 1000;
  std::vector<NeighborList> lists{NeighborList()};
  for (unsigned i = 0; i < kCount; ++i) lists.push_back(lists.back().with(All{neighbor(1, i, i)}));
  const NeighborList& last = lists.back();
  for (unsigned i = 0; i < kCount; ++i) {
    const auto news = last.since(lists[i]);
    ASSERT_TRUE(news);
    ASSERT_EQ(news->size(), kCount - i);
    ASSERT_EQ(news->front(), neighbor(1, i, i));
    ASSERT_FALSE(lists[i].since(last));
  }
  for (unsigned i = 0; i < kCount; ++i) {
    SCOPED_TRACE(i);
    const NeighborList other = lists[i].with(All{neighbor(1, kCount, 1)});
    ASSERT_FALSE(other.since(lists[i + 1]));
    ASSERT_FALSE(last.since(other));
    ASSERT_EQ(other.sorted().back(), neighbor(1, kCount, 1));
    ASSERT_EQ(last.find(neighbor(1, kCount, 1).address), nullptr);
  }
}

TEST(NeighborList, IsReadWhileThereAreMore) {
  NeighborList list(All{neighbor(1, 1, 1)});
  std::atomic<bool> is_over = false;
  std::thread reader([&is_over, list] {
    do {
      EXPECT_NE(list.find(neighbor(1, 1, 1).address), nullptr);
      EXPECT_EQ(list.find(neighbor(1, 2, 2).address), nullptr);
    } while (!is_over);
  });
  for (unsigned i = 2; i < 2000; ++i) list = list.with(All{neighbor(1, i, i)});
  is_over = true;
  reader.join();
}

TEST(Neighbors, TellWhatOtherNeighborsMayNotHave) {
  const Neighbors before(Neighbors::Directory{make_block({neighbor(0, 1, 1)}), nullptr,
                                              make_block({neighbor(2, 1, 1)})});
  Neighbors after = before;
  after.set_block(
      0, std::make_shared<const NeighborList>(NeighborList().with(All{neighbor(0, 1, 1)})));
  after.set_block(
      0, std::make_shared<const NeighborList>(after.block(0)->with(All{neighbor(0, 2, 1)})));
  const Neighbors between = after;
  after.set_block(
      0, std::make_shared<const NeighborList>(after.block(0)->with(All{neighbor(0, 3, 1)})));
  after.set_block(1, make_block({neighbor(1, 1, 1)}));
  const auto unlike = [](const Neighbors& of, const Neighbors& than) {
    All all;
    for_each_unlike(of, than, [&all](std::span<const VirtualNeighbor> some) {
      all.insert(all.end(), some.begin(), some.end());
    });
    return all;
  };
  EXPECT_EQ(unlike(after, between), (All{neighbor(0, 3, 1), neighbor(1, 1, 1)}));
  EXPECT_EQ(unlike(between, after), All{});
  EXPECT_EQ(unlike(after, before),
            (All{neighbor(0, 1, 1), neighbor(0, 2, 1), neighbor(0, 3, 1), neighbor(1, 1, 1)}));
  EXPECT_EQ(unlike(before, after), (All{neighbor(0, 1, 1)}));
}

}  // namespace
}  // namespace fabrix::program
