#include "bgp/message_splitter.h"

#include <gtest/gtest.h>

#include "tests/bgp/octets.h"

namespace fabrix::bgp {
namespace {

Bytes keepalive() {
  return encode_message(MessageType::kKeepalive, {});
}
Bytes update() {
  return encode_message(MessageType::kUpdate, update_body({}, mandatory(), nlri()));
}

struct Seen {
  std::vector<MessageType> types;
  std::vector<Bytes> bodies;
};

// Feeds `stream` in portions of `portion` octets.
Seen split(const Bytes& stream, std::size_t portion) {
  Seen seen;
  MessageSplitter splitter;
  std::span<const std::byte> rest(stream);
  while (!rest.empty()) {
    auto bytes = rest.first(std::min(portion, rest.size()));
    rest = rest.subspan(bytes.size());
    for (;;) {
      const auto message = splitter.next(bytes);
      if (!message || !*message) break;
      seen.types.push_back((*message)->type);
      seen.bodies.emplace_back((*message)->body.begin(), (*message)->body.end());
    }
    EXPECT_TRUE(bytes.empty());
  }
  return seen;
}

// What is wrong with the first message of `stream`, fed in portions of `portion` octets.
std::optional<NotificationMessage> fault_of(const Bytes& stream, std::size_t portion) {
  MessageSplitter splitter;
  std::span<const std::byte> rest(stream);
  while (!rest.empty()) {
    auto portion_bytes = rest.first(portion);
    rest = rest.subspan(portion);
    const auto message = splitter.next(portion_bytes);
    if (!message) return message.error();
  }
  return std::nullopt;
}

TEST(MessageSplitterTest, PortionsDoNotShow) {
  const Bytes stream = join({keepalive(), update(), update(), keepalive()});
  for (std::size_t portion = 1; portion <= stream.size(); ++portion) {
    SCOPED_TRACE(portion);
    const Seen seen = split(stream, portion);
    EXPECT_EQ(seen.types, (std::vector{MessageType::kKeepalive, MessageType::kUpdate,
                                       MessageType::kUpdate, MessageType::kKeepalive}));
    ASSERT_EQ(seen.bodies.size(), 4U);
    EXPECT_EQ(seen.bodies[2], update_body({}, mandatory(), nlri()));
  }
}

TEST(MessageSplitterTest, AHeaderIsJudgedBeforeItsBodyArrives) {
  Bytes header = Bytes(16, std::byte{0xff});
  header = join({header, bytes({0xff, 0xff, 2})});
  MessageSplitter splitter;
  std::span<const std::byte> bytes_in(header);
  const auto message = splitter.next(bytes_in);
  ASSERT_FALSE(message);
  EXPECT_EQ(message.error(), (NotificationMessage{{1, 2}, bytes({0xff, 0xff})}));
}

TEST(MessageSplitterTest, Rfc4271_6_1_NamesWhatIsWrongWithAHeader) {
  const Bytes marker(16, std::byte{0xff});
  const struct {
    const char* what;
    Bytes header;
    NotificationMessage expected;
  } rows[] = {
      {"marker", Bytes(19), {{1, 1}, {}}},
      {"length 18", join({marker, bytes({0, 18, 4})}), {{1, 2}, bytes({0, 18})}},
      {"keepalive of 20", join({marker, bytes({0, 20, 4})}), {{1, 2}, bytes({0, 20})}},
      {"open of 4097", join({marker, bytes({0x10, 1, 1})}), {{1, 2}, bytes({0x10, 1})}},
      {"type 0", join({marker, bytes({0, 19, 0})}), {{1, 3}, bytes({0})}},
      {"type 6", join({marker, bytes({0, 19, 6})}), {{1, 3}, bytes({6})}},
  };
  for (const auto& [what, header, expected] : rows) {
    SCOPED_TRACE(what);
    EXPECT_EQ(fault_of(header, 1), expected);
    EXPECT_EQ(fault_of(header, 19), expected);
  }
}

TEST(MessageSplitterTest, ResetForgetsWhatWasBuffered) {
  MessageSplitter splitter;
  const Bytes half = update();
  auto bytes_in = std::span(half).first(30);
  std::span<const std::byte> view = bytes_in;
  ASSERT_TRUE(splitter.next(view));
  splitter.reset();
  const Bytes whole = keepalive();
  view = whole;
  const auto message = splitter.next(view);
  ASSERT_TRUE(message && *message);
  EXPECT_EQ((*message)->type, MessageType::kKeepalive);
}

}  // namespace
}  // namespace fabrix::bgp
