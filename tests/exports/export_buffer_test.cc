#include "exports/export_buffer.h"

#include <gtest/gtest.h>

namespace fabrix::exports {
namespace {

using exchange::Exported;

std::string all(const std::vector<Item>& items) {
  std::string text;
  for (const Item& item : items) text += item.octets;
  return text;
}

TEST(ExportBuffer, GivesTheOldestFirst) {
  ExportBuffer buffer;
  for (const char* text : {"a", "b", "c"}) buffer.push(Exported::kFlows, text);
  EXPECT_EQ(all(buffer.take(2, Mixture::kAnyKinds)), "ab");
  EXPECT_EQ(buffer.under_way(), 2U);
  EXPECT_EQ(buffer.waiting(), 3U);
  buffer.done();
  EXPECT_EQ(buffer.octets(), 1U);
  EXPECT_EQ(all(buffer.take(2, Mixture::kAnyKinds)), "c");
}

TEST(ExportBuffer, GivesTheSameAgain) {
  ExportBuffer buffer;
  for (const char* text : {"a", "b"}) buffer.push(Exported::kFlows, text);
  const auto id = buffer.take(1, Mixture::kAnyKinds).at(0).id;
  buffer.push(Exported::kFlows, "c");
  buffer.give_back();
  const auto& again = buffer.take(9, Mixture::kAnyKinds);
  EXPECT_EQ(all(again), "abc");
  EXPECT_EQ(again[0].id, id);
  EXPECT_LT(again[1].id, again[2].id);
}

TEST(ExportBuffer, ABatchMayBeOfOneKind) {
  ExportBuffer buffer;
  buffer.push(Exported::kFlows, "a");
  buffer.push(Exported::kFlows, "b");
  buffer.push(Exported::kTop, "c");
  EXPECT_EQ(all(buffer.take(9, Mixture::kOneKind)), "ab");
  buffer.done();
  EXPECT_EQ(all(buffer.take(9, Mixture::kOneKind)), "c");
}

TEST(ExportBuffer, TheOldestGiveWay) {
  ExportBuffer buffer({.entries = 3, .octets = 100});
  for (const char* text : {"a", "b", "c", "d"}) buffer.push(Exported::kFlows, text);
  EXPECT_EQ(buffer.dropped(), 1U);
  EXPECT_EQ(all(buffer.take(1, Mixture::kAnyKinds)), "b");
  // What is under way stays.
  buffer.push(Exported::kFlows, "e");
  EXPECT_EQ(buffer.dropped(), 2U);
  EXPECT_EQ(buffer.under_way(), 1U);
  buffer.give_back();
  EXPECT_EQ(all(buffer.take(9, Mixture::kAnyKinds)), "bde");
}

TEST(ExportBuffer, OctetsAreBoundedToo) {
  ExportBuffer buffer({.entries = 100, .octets = 10});
  for (const char* text : {"aaaa", "bbbb", "cccc"}) buffer.push(Exported::kFlows, text);
  EXPECT_EQ(buffer.octets(), 8U);
  EXPECT_EQ(buffer.dropped(), 1U);
  buffer.push(Exported::kFlows, std::string(ExportBuffer::kLongest + 1, 'x'));
  EXPECT_EQ(buffer.octets(), 8U);
  EXPECT_EQ(buffer.dropped(), 2U);
}

TEST(ExportBuffer, ABatchIsNotTooLong) {
  ExportBuffer buffer;
  const std::size_t count = ExportBuffer::kLargestBatch / ExportBuffer::kLongest;
  for (std::size_t i = 0; i < count + 1; ++i) {
    buffer.push(Exported::kFlows, std::string(ExportBuffer::kLongest, 'x'));
  }
  EXPECT_EQ(buffer.take(10 * count, Mixture::kAnyKinds).size(), count);
}

}  // namespace
}  // namespace fabrix::exports
