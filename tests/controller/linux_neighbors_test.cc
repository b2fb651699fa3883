#include "controller/linux_neighbors.h"

#include <map>
#include <random>

#include <bpf/bpf.h>
#include <gtest/gtest.h>

#include "tests/controller/linux_world.h"
#include "tests/io/world.h"

namespace fabrix::controller::tests {
namespace {

using program::Neighbors;
using program::VirtualNeighbor;

VirtualNeighbor neighbor(std::uint16_t sender, std::uint8_t last, std::uint64_t mac) {
  return {.sender = {sender},
          .address = net::IpAddress::v4({172, 0, 128, last}),
          .mac = net::MacAddress::from_u64(mac)};
}

class LinuxNeighborsTest : public LinuxWorld {
 protected:
  const io::BpfMap& map() const { return datapath_->map("neighbors"); }

  // What the kernel answers for a version.
  std::map<std::pair<std::uint16_t, std::string>, std::uint64_t> answers(
      std::uint32_t version) const {
    std::map<std::pair<std::uint16_t, std::string>, std::uint64_t> all;
    const auto there = map().contents().value();
    for (std::size_t i = 0; i < there.count; ++i) {
      const auto key =
          io::BpfMap::read_as<fabrix_neighbor_key>(there.keys, i * sizeof(fabrix_neighbor_key));
      const auto value =
          io::BpfMap::read_as<fabrix_neighbor>(there.values, i * sizeof(fabrix_neighbor));
      const auto name = linux_neighbor_name(key).value();
      EXPECT_TRUE(value.mac[0] != 0 || value.mac[1] != 0);
      if (value.mac[version] != 0) {
        all[{name.sender.value, name.address.to_string()}] = value.mac[version];
      }
    }
    return all;
  }
  static std::map<std::pair<std::uint16_t, std::string>, std::uint64_t> meant(
      const Neighbors& neighbors) {
    std::map<std::pair<std::uint16_t, std::string>, std::uint64_t> all;
    for (const VirtualNeighbor& each : neighbors) {
      all[{each.sender.value, each.address.to_string()}] = each.mac.to_u64();
    }
    return all;
  }
};

TEST_F(LinuxNeighborsTest, KeysAreAddressesOfBothFamilies) {
  for (const char* text : {"172.0.128.5", "2001:db8:ffff:0:1::5", "0.0.0.1", "::1"}) {
    const auto address = io::testing::ip(text);
    const auto name = linux_neighbor_name(linux_neighbor_key({7}, address));
    ASSERT_TRUE(name);
    EXPECT_EQ(name->sender, net::ParticipantId{7});
    EXPECT_EQ(name->address, address);
  }
  EXPECT_FALSE(linux_neighbor_name({.sender = 0, .high = 0, .low = 1}));
}

// Random changes of random versions; what the map has is what the versions have.
TEST_F(LinuxNeighborsTest, TheMapHasWhatTheVersionsHave) {
  std::mt19937 random{20261121};
  const auto below = [&random](unsigned bound) { return static_cast<unsigned>(random()) % bound; };
  Neighbors::Directory blocks(40);
  const auto change = [&](std::uint16_t sender) {
    auto& list = blocks.at(sender);
    // Some come to those there are, or others altogether.
    if (list && below(2) == 0) {
      const auto last = static_cast<std::uint8_t>(20 + below(200));
      if (list->find(neighbor(sender, last, 1).address) != nullptr) return;
      list = std::make_shared<const program::NeighborList>(
          list->with(std::vector{neighbor(sender, last, 1 + below(3))}));
      return;
    }
    std::vector<VirtualNeighbor> some;
    for (std::uint8_t last = 0; last < 20; ++last) {
      if (below(2) == 0) some.push_back(neighbor(sender, last, 1 + below(3)));
    }
    list = program::make_block(std::move(some));
  };
  LinuxNeighbors neighbors;
  std::array<Neighbors, FABRIX_VERSIONS> has;
  for (int round = 0; round < 60; ++round) {
    SCOPED_TRACE(round);
    for (unsigned changes = below(4); changes > 0; --changes) {
      change(static_cast<std::uint16_t>(below(39)));
    }
    const std::uint32_t version = below(2);
    has.at(version) = Neighbors(blocks);
    if (below(10) == 0) neighbors.forget();
    ASSERT_TRUE(neighbors.put(map(), version, has.at(version)));
    ASSERT_EQ(answers(version), meant(has.at(version)));
  }
}

TEST_F(LinuxNeighborsTest, WhatAProcessBeforeLeftIsTakenOver) {
  LinuxNeighbors before;
  ASSERT_TRUE(before.put(map(), 0, {neighbor(1, 1, 5), neighbor(1, 2, 5)}));
  LinuxNeighbors after;
  after.forget();
  const Neighbors wanted{neighbor(1, 2, 6), neighbor(2, 2, 7)};
  ASSERT_TRUE(after.put(map(), 1, wanted));
  // Packets go by the version of the process before until now.
  EXPECT_EQ(answers(0), meant({neighbor(1, 1, 5), neighbor(1, 2, 5)}));
  EXPECT_EQ(answers(1), meant(wanted));
  ASSERT_TRUE(after.put(map(), 0, wanted));
  EXPECT_EQ(answers(0), meant(wanted));
  EXPECT_EQ(map().contents()->count, 2U);
}

io::BpfMap make_small_map(std::uint32_t room) {
  io::FileDescriptor made(bpf_map_create(BPF_MAP_TYPE_HASH, "small", sizeof(fabrix_neighbor_key),
                                         sizeof(fabrix_neighbor), room, nullptr));
  return io::BpfMap::adopt(std::move(made), "small").value();
}

// A map with less room than the fabric's.
TEST_F(LinuxNeighborsTest, WhatThereIsNoRoomForIsLeftOutUntilThereIs) {
  const auto small = make_small_map(40);
  LinuxNeighbors neighbors;
  std::vector<VirtualNeighbor> all;
  for (std::uint8_t last = 0; last < 100; ++last) all.push_back(neighbor(1, last, 5));
  ASSERT_TRUE(neighbors.put(small, 0, all));
  EXPECT_GE(neighbors.left_out(), 60U);
  EXPECT_EQ(small.contents()->count + neighbors.left_out(), 100U);
  all.erase(all.begin(), all.begin() + 80);
  ASSERT_TRUE(neighbors.put(small, 0, all));
  EXPECT_EQ(neighbors.left_out(), 0U);
  EXPECT_EQ(small.contents()->count, 20U);
}

}  // namespace
}  // namespace fabrix::controller::tests
