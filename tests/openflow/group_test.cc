#include "openflow/group.h"

#include <utility>

#include <gtest/gtest.h>

#include "tests/openflow/sample_messages.h"

namespace fabrix::openflow {
namespace {

std::vector<std::byte> octets(std::initializer_list<int> values) {
  std::vector<std::byte> result;
  for (const int value : values) result.push_back(static_cast<std::byte>(value));
  return result;
}

// OpenFlow 1.4.1 §7.3.4.3: command, type, id; a bucket of length 32 with one output to port 5.
const std::vector<std::byte> kModWithOneBucket =
    octets({0, 1, 1, 0, 0, 0, 0, 9,  0, 32, 0, 1, 0, 0, 0, 5, 0xff, 0xff, 0xff, 0xff,
            0, 0, 0, 0, 0, 0, 0, 16, 0, 0,  0, 5, 0, 0, 0, 0, 0,    0,    0,    0});

GroupMod mod_with_one_bucket() {
  return {.command = GroupCommand::kModify,
          .group = {.type = kGroupSelect,
                    .id = 9,
                    .buckets = {{.weight = 1,
                                 .watch_port = net::PortNo{5},
                                 .actions = {Output{.port = net::PortNo{5}}}}}}};
}

TEST(GroupTest, ABucketIsItsWeightWhatItWatchesAndItsActions) {
  WireWriter out;
  encode_group_mod_body(mod_with_one_bucket(), out);
  EXPECT_EQ(encoded_size(mod_with_one_bucket()), kModWithOneBucket.size());
  EXPECT_EQ(out.take(), kModWithOneBucket);
  EXPECT_EQ(decode_group_mod_body(ByteReader(kModWithOneBucket)), mod_with_one_bucket());
}

TEST(GroupTest, RejectsEveryTruncation) {
  for (std::size_t size = 0; size < kModWithOneBucket.size(); ++size) {
    if (size == 8) continue;  // a group without buckets
    EXPECT_FALSE(decode_group_mod_body(ByteReader(std::span(kModWithOneBucket).first(size))))
        << size;
  }
}

TEST(GroupTest, RejectsUnknownCommandsAndBucketsOfImpossibleLength) {
  auto bad = kModWithOneBucket;
  bad[1] = std::byte{3};
  EXPECT_FALSE(decode_group_mod_body(ByteReader(bad)));
  for (const int length : {0, 15, 24, 33, 64}) {
    bad = kModWithOneBucket;
    bad[9] = static_cast<std::byte>(length);
    EXPECT_FALSE(decode_group_mod_body(ByteReader(bad))) << length;
  }
}

TEST(GroupTest, ReadsEntriesOneAfterTheOther) {
  const Group empty{.type = kGroupFastFailover, .id = 4};
  WireWriter out;
  encode_group_entry(tests::sample_group(), out);
  encode_group_entry(empty, out);
  const auto written = out.take();
  ByteReader in(written);
  EXPECT_EQ(decode_group_entry(in), tests::sample_group());
  EXPECT_EQ(decode_group_entry(in), empty);
  EXPECT_TRUE(in.at_end());
}

TEST(GroupTest, RejectsEntriesShorterThanTheyMustBe) {
  for (const int length : {0, 1, 2, 7}) {
    const auto bad = octets({0, length, 1, 0, 0, 0, 0, 4});
    ByteReader in(bad);
    EXPECT_FALSE(decode_group_entry(in)) << length;
  }
}

}  // namespace
}  // namespace fabrix::openflow
