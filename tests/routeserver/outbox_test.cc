#include "routeserver/outbox.h"

#include <gtest/gtest.h>

namespace fabrix::routeserver {
namespace {

ChunkPtr chunk(std::size_t octets, std::vector<EntryId> entries = {}) {
  return std::make_shared<const Chunk>(
      Chunk{.bytes = std::vector<std::byte>(octets), .entries = std::move(entries)});
}

TEST(OutboxTest, GivesPiecesInOrderAndGoesOnWhereItStopped) {
  Outbox outbox;
  const auto first = chunk(100);
  const auto second = chunk(50);
  outbox.push(first);
  outbox.push(second);
  EXPECT_EQ(outbox.size(), 150U);
  ASSERT_EQ(outbox.front().size(), 2U);
  EXPECT_EQ(outbox.front()[0].data(), first->bytes.data()) << "not copied";
  outbox.consume(30);
  EXPECT_EQ(outbox.front()[0].size(), 70U);
  EXPECT_EQ(outbox.front()[0].data(), first->bytes.data() + 30);
  outbox.consume(80);
  ASSERT_EQ(outbox.front().size(), 1U);
  EXPECT_EQ(outbox.front()[0].data(), second->bytes.data() + 10);
  EXPECT_EQ(outbox.size(), 40U);
  EXPECT_EQ(first.use_count(), 1) << "let go of";
  outbox.consume(40);
  EXPECT_TRUE(outbox.empty());
  EXPECT_TRUE(outbox.front().empty());
}

TEST(OutboxTest, GivesSoManyPiecesAtMost) {
  Outbox outbox;
  for (std::size_t i = 0; i < Outbox::kPieces + 5; ++i) outbox.push(chunk(1));
  EXPECT_EQ(outbox.front().size(), Outbox::kPieces);
  outbox.consume(Outbox::kPieces);
  EXPECT_EQ(outbox.front().size(), 5U);
}

TEST(OutboxTest, WhatSaysNothingIsNotKept) {
  Outbox outbox;
  outbox.push(chunk(0));
  EXPECT_TRUE(outbox.empty());
}

TEST(OutboxTest, ForgetsEverythingThatIsNotWhollySent) {
  Outbox outbox;
  outbox.push(chunk(10, {EntryId{1}}));
  outbox.push(chunk(10, {EntryId{2}, EntryId{3}}));
  outbox.push(chunk(10, {EntryId{4}}));
  outbox.consume(15);
  std::vector<EntryId> forgotten;
  outbox.clear([&](const Chunk& each) {
    forgotten.insert(forgotten.end(), each.entries.begin(), each.entries.end());
  });
  EXPECT_EQ(forgotten, (std::vector{EntryId{2}, EntryId{3}, EntryId{4}}));
  EXPECT_TRUE(outbox.empty());
  EXPECT_EQ(outbox.size(), 0U);
  outbox.push(chunk(10));
  EXPECT_EQ(outbox.front()[0].size(), 10U);
}

}  // namespace
}  // namespace fabrix::routeserver
