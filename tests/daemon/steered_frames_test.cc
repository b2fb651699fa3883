// Held against what the simulated fabric does with the same frame.
#include "daemon/steered_frames.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "net/frame.h"
#include "tests/controller/world.h"

namespace fabrix::daemon {
namespace {

using controller::World;

class SteeredFramesTest : public ::testing::Test {
 protected:
  SteeredFramesTest() {
    world_.announce("b1", "140.0.0.0/24");
    world_.announce("c1", "140.0.0.0/24", World::path({300, 9}));
    EXPECT_EQ(world_.set_policy("A",
                                "outbound = (match(dstport=80) >> fwd(C))"
                                " // (match(dstport=23) >> drop)"),
              "");
    look();
  }
  void look() { steered_.set(world_.controller().exchange(), world_.controller().installed()); }

  // As a1 sends it to the virtual next hop; as long as sFlow's samples of headers are.
  std::vector<std::byte> frame(const std::string& text) {
    net::Packet packet = world_.frame_of("a1", text).value();
    packet.src_mac = world_.controller().exchange().routers.front().mac;
    auto octets = net::build_frame(packet, std::vector<std::byte>(1000));
    octets.resize(128);
    return octets;
  }
  std::string receiver(const std::vector<std::byte>& frame) {
    const auto found = steered_.receiver_of(frame);
    return found ? world_.controller().exchange().participant(*found).name : "not known";
  }

  World world_;
  SteeredFrames steered_;
};

TEST_F(SteeredFramesTest, GoWhereTheRowsSendThem) {
  const std::string web = "tcp 100.0.0.1:40000 -> 140.0.0.1:80";
  const std::string other = "tcp 100.0.0.1:40000 -> 140.0.0.1:22";
  EXPECT_EQ(receiver(frame(web)), "C");
  EXPECT_EQ(world_.send("a1", web), "c1");
  EXPECT_EQ(receiver(frame(other)), "B");
  EXPECT_EQ(world_.send("a1", other), "b1");
  EXPECT_EQ(world_.set_policy("A", "outbound = match(dstport=22) >> fwd(C)"), "");
  EXPECT_EQ(receiver(frame(other)), "B") << "until it is told";
  look();
  EXPECT_EQ(receiver(frame(other)), "C");
}

TEST_F(SteeredFramesTest, OfTheOthersNothingIsSaid) {
  EXPECT_EQ(receiver(frame("tcp 100.0.0.1:40000 -> 140.0.0.1:23")), "not known") << "dropped";
  EXPECT_EQ(receiver({}), "not known");
  auto stranger = frame("tcp 100.0.0.1:40000 -> 140.0.0.1:80");
  stranger[6] = std::byte{0x0a};
  EXPECT_EQ(receiver(stranger), "not known");
  auto plain = frame("tcp 100.0.0.1:40000 -> 140.0.0.1:80");
  plain[0] = std::byte{0x08};
  EXPECT_EQ(receiver(plain), "not known") << "to a real address";
  EXPECT_EQ(world_.set_policy("A", "outbound = match(dstport=80) >> balance(B, C)"), "");
  look();
  EXPECT_EQ(receiver(frame("tcp 100.0.0.1:40000 -> 140.0.0.1:80")), "not known") << "by a hash";
  EXPECT_EQ(SteeredFrames().receiver_of(frame("tcp 100.0.0.1:1 -> 140.0.0.1:80")), std::nullopt);
}

TEST_F(SteeredFramesTest, ThereIsALimitToTheWork) {
  const auto web = frame("tcp 100.0.0.1:40000 -> 140.0.0.1:80");
  const std::size_t rows = world_.controller().installed()->row_count();
  const auto begin = io::EventLoop::now();
  std::size_t known = 0;
  for (std::size_t i = 0; i < 3 * SteeredFrames::kRowsASecond / rows; ++i) {
    known += steered_.receiver_of(web) ? 1U : 0U;
  }
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(io::EventLoop::now() - begin);
  EXPECT_LE(known * rows,
            SteeredFrames::kRowsASecond * static_cast<std::size_t>(1 + seconds.count()));
  EXPECT_GE(known, SteeredFrames::kRowsASecond / rows / 2);
}

}  // namespace
}  // namespace fabrix::daemon
