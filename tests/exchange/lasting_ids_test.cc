#include "exchange/lasting_ids.h"

#include <random>
#include <set>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "exchange/participants.h"
#include "tests/exchange/policies.h"

namespace fabrix::exchange {
namespace {

struct Member {
  std::string name;
  std::vector<int> routers;  // numbers, which are ports and part of addresses and names
  std::vector<std::string> peers;
};

Exchange exchange_of(const std::vector<Member>& members) {
  std::string text(kGood.substr(0, kGood.find("participants:")));
  text += "participants:\n";
  for (const Member& member : members) {
    text += fmt::format("- name: {}\n  asn: 100\n", member.name);
    if (!member.peers.empty()) text += fmt::format("  peers: [{}]\n", fmt::join(member.peers, ","));
    text += "  routers: [";
    for (const int n : member.routers) {
      text += fmt::format(
          "{{name: r{0}, mac: \"08:00:27:00:{0:02x}:01\", addresses: 172.0.0.{0}, port: {0}}}, ",
          n);
    }
    text += "]\n";
  }
  return loaded(text);
}

Exchange next_of(const Exchange& running, const std::vector<Member>& members) {
  auto next = with_lasting_ids(running, exchange_of(members));
  EXPECT_TRUE(next);
  return next ? *std::move(next) : Exchange{};
}

TEST(LastingIdsTest, WhatStaysKeepsItsIdWhateverTheOrder) {
  const Exchange running = exchange_of({{"A", {1, 2}, {}}, {"B", {3}, {}}, {"C", {4}, {"A"}}});
  const Exchange next =
      next_of(running, {{"N", {9}, {}}, {"C", {4}, {"N", "A"}}, {"A", {2, 1}, {}}});
  EXPECT_EQ(next.find_participant("A")->id, net::ParticipantId{0});
  EXPECT_EQ(next.find_participant("C")->id, net::ParticipantId{2});
  EXPECT_EQ(next.find_participant("N")->id, net::ParticipantId{3});
  EXPECT_EQ(next.find_router("r1")->id, net::RouterId{0});
  EXPECT_EQ(next.find_router("r9")->id, net::RouterId{4});
  EXPECT_EQ(next.find_participant("A")->routers, (std::vector{net::RouterId{1}, net::RouterId{0}}))
      << "in the order now written: A1 is r2";
  EXPECT_EQ(next.find_participant("C")->peers,
            (std::vector{net::ParticipantId{3}, net::ParticipantId{0}}));
}

TEST(LastingIdsTest, WhatIsGoneStaysAsATombstoneThatNobodyFinds) {
  const Exchange running = exchange_of({{"A", {1}, {}}, {"B", {2, 3}, {}}});
  const Exchange next = next_of(running, {{"A", {1}, {}}});
  ASSERT_EQ(next.participants.size(), 2U);
  ASSERT_EQ(next.routers.size(), 3U);
  const Participant& b = next.participants[1];
  EXPECT_FALSE(b.present);
  EXPECT_EQ(b.name, "B");
  EXPECT_TRUE(b.routers.empty());
  EXPECT_EQ(next.find_participant("B"), nullptr);
  EXPECT_FALSE(next.may_peer(net::ParticipantId{0}, net::ParticipantId{1}));
  EXPECT_FALSE(next.routers[1].present);
  EXPECT_TRUE(next.routers[1].addresses.empty());
  EXPECT_EQ(next.find_router("r2"), nullptr);
  EXPECT_EQ(next.find_router(net::PortNo{2}), nullptr);
  EXPECT_EQ(next.find_router(net::PortNo{0}), nullptr);
  EXPECT_EQ(next.find_router(*net::IpAddress::parse("172.0.0.2")), nullptr);
}

TEST(LastingIdsTest, WhoComesBackGetsTheOldId) {
  const Exchange running = exchange_of({{"A", {1}, {}}, {"B", {2}, {}}, {"C", {3}, {}}});
  const Exchange without = next_of(running, {{"A", {1}, {}}, {"C", {3}, {}}});
  const Exchange again = next_of(without, {{"C", {3}, {}}, {"B", {2}, {}}, {"A", {1}, {}}});
  EXPECT_EQ(again.find_participant("B")->id, net::ParticipantId{1});
  EXPECT_TRUE(again.find_participant("B")->present);
  EXPECT_EQ(again.find_router("r2")->id, net::RouterId{1});
  EXPECT_EQ(again.participants.size(), 3U);
}

TEST(LastingIdsTest, ARouterThatMovesToAnotherParticipantIsAnother) {
  const Exchange running = exchange_of({{"A", {1, 2}, {}}, {"B", {3}, {}}});
  const Exchange next = next_of(running, {{"A", {1}, {}}, {"B", {3, 2}, {}}});
  EXPECT_EQ(next.find_router("r2")->id, net::RouterId{3});
  EXPECT_EQ(next.find_router("r2")->participant, net::ParticipantId{1});
  EXPECT_FALSE(next.routers[1].present);
}

TEST(LastingIdsTest, TombstonesTakeRoomUntilARestart) {
  Exchange running;
  Exchange candidate;
  for (std::size_t i = 0; i < kMaxParticipants; ++i) {
    Participant one;
    one.id = net::ParticipantId{static_cast<std::uint16_t>(i)};
    one.name = fmt::format("P{}", i);
    running.participants.push_back(one);
  }
  candidate.participants.resize(1);
  candidate.participants[0].name = "P7";
  EXPECT_TRUE(with_lasting_ids(running, candidate));
  candidate.participants[0].name = "new";
  const auto next = with_lasting_ids(running, candidate);
  ASSERT_FALSE(next);
  EXPECT_EQ(next.error().front().message,
            "there is room for 4094 participants, the removed ones included: a restart makes room");
}

std::vector<Member> random_members(std::mt19937& random) {
  std::vector<Member> members;
  std::vector<int> free{1, 2, 3, 4, 5, 6, 7, 8, 9};
  std::shuffle(free.begin(), free.end(), random);
  for (const char name : std::string("ABCDEF")) {
    if (random() % 3 == 0) continue;
    Member member{std::string(1, name), {}, {}};
    for (auto n = random() % 3; n > 0 && !free.empty(); --n) {
      member.routers.push_back(free.back());
      free.pop_back();
    }
    members.push_back(std::move(member));
  }
  std::shuffle(members.begin(), members.end(), random);
  for (Member& member : members) {
    for (const Member& other : members) {
      if (other.name != member.name && random() % 2 == 0) member.peers.push_back(other.name);
    }
  }
  return members;
}

// Every participant and router of `written`, found by name in `next`, is the same there.
void expect_same(const Exchange& written, const Exchange& next) {
  for (const Participant& a : written.participants) {
    const Participant* const here = next.find_participant(a.name);
    ASSERT_NE(here, nullptr);
    ASSERT_EQ(&next.participant(here->id), here);
    ASSERT_EQ(here->routers.size(), a.routers.size());
    for (std::size_t i = 0; i < a.routers.size(); ++i) {
      const Router& is = next.router(here->routers[i]);
      const Router& was = written.router(a.routers[i]);
      EXPECT_EQ(is.id, here->routers[i]);
      EXPECT_EQ(is.participant, here->id);
      EXPECT_EQ(is.name, was.name);
      EXPECT_EQ(is.addresses, was.addresses);
      EXPECT_TRUE(is.present);
    }
    for (const Participant& b : written.participants) {
      EXPECT_EQ(written.may_peer(a.id, b.id),
                next.may_peer(here->id, next.find_participant(b.name)->id));
    }
  }
}

TEST(LastingIdsTest, RandomReloadsChangeNothingButIds) {
  constexpr unsigned kSeed = 20261121;
  SCOPED_TRACE(kSeed);
  std::mt19937 random(kSeed);  // NOLINT(cert-msc51-cpp): the same each time
  Exchange running = exchange_of(random_members(random));
  for (int round = 0; round < 200; ++round) {
    const Exchange written = exchange_of(random_members(random));
    auto next = with_lasting_ids(running, written);
    ASSERT_TRUE(next);
    expect_same(written, *next);
    std::size_t present = 0;
    for (std::size_t i = 0; i < next->participants.size(); ++i) {
      const Participant& one = next->participants[i];
      EXPECT_EQ(one.id.index(), i);
      if (one.present) ++present;
      if (i < running.participants.size()) {
        EXPECT_EQ(one.name, running.participants[i].name) << "an id never changes its owner";
      }
    }
    EXPECT_EQ(present, written.participants.size());
    EXPECT_LE(next->participants.size(), 6U) << "names come back to their ids";
    running = *std::move(next);
  }
}

}  // namespace
}  // namespace fabrix::exchange
