#include "io/frame_sender.h"

#include <optional>

#include "io/packet_socket.h"
#include "tests/io/world.h"

namespace fabrix::io {
namespace {

class FrameSenderTest : public testing::CableTest {};

TEST_F(FrameSenderTest, SendsOutOfTheInterface) {
  EventLoop loop;
  std::optional<std::string> received;
  const auto listener =
      PacketSocket::open(loop, {.link = "eth0", .network_namespace = far_->name()},
                         [&](std::span<const std::byte> frame) {
                           const std::string text = testing::text_of(frame);
                           if (text.find("fabrix") != std::string::npos) received = text;
                         });
  ASSERT_TRUE(listener);
  auto netlink = near_->netlink();
  const std::uint32_t index = find_link(netlink, "eth0").value().index;
  const auto scope = NamespaceScope::enter(near_->name());
  const auto sender = FrameSender::open();
  ASSERT_TRUE(sender);
  std::string frame(60, '\0');
  frame.replace(0, 6, "\x02\x00\x00\x00\x00\x02", 6);
  frame.replace(14, 6, "fabrix");
  ASSERT_TRUE(sender->send(index, testing::bytes_of(frame)));
  ASSERT_TRUE(loop.run_until([&] { return received.has_value(); }, testing::kPatience));
  EXPECT_EQ(*received, frame);
  EXPECT_FALSE(sender->send(12345, testing::bytes_of(frame)));
}

}  // namespace
}  // namespace fabrix::io
