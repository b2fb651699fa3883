#include "agent/packet_sampler.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <optional>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "io/frame_sender.h"
#include "io/link_statistics.h"
#include "io/socket_address.h"
#include "tests/agent/world.h"

namespace fabrix::agent {
namespace {

using host::Direction;
using host::Way;

struct Seen {
  Way way = Way::kReceived;
  std::uint32_t times = 0;
  std::uint32_t length = 0;
  std::vector<std::byte> header;
};

// At the near end of a cable, where the test is.
class PacketSamplerTest : public io::testing::CableTest {
 protected:
  void SetUp() override {
    CableTest::SetUp();
    if (IsSkipped()) return;
    auto scope = io::NamespaceScope::enter(near_->name());
    scope_.emplace(*std::move(scope));
    auto netlink = near_->netlink();
    index_ = io::find_link(netlink, "eth0").value().index;
    auto sampler = PacketSampler::start(loop_, [this](const SampledFrame& frame) { take(frame); });
    ASSERT_TRUE(sampler) << sampler.error().message;
    sampler_ = *std::move(sampler);
  }

  void take(const SampledFrame& frame) {
    EXPECT_EQ(frame.interface, index_);
    pool_ = frame.pool;
    drops_ = frame.drops;
    samples_ += frame.times;
    seen_.push_back({.way = frame.way,
                     .times = frame.times,
                     .length = frame.length,
                     .header = {frame.header.begin(), frame.header.end()}});
  }

  void sample(const Sampling& how) {
    const auto sampled = sampler_->sample(index_, how);
    ASSERT_TRUE(sampled) << sampled.error().message;
  }

  void send_from_far(int count) {
    const auto scope = io::NamespaceScope::enter(far_->name());
    testing::send_datagrams("192.0.2.1", count);
  }

  // UDP datagrams to port 9, as send_datagrams() makes them.
  std::size_t datagrams(Way way) const {
    std::size_t count = 0;
    for (const Seen& seen : seen_) {
      const bool is_udp = seen.header.size() > 37 && seen.header[12] == std::byte{8} &&
                          seen.header[13] == std::byte{0} && seen.header[23] == std::byte{17};
      if (is_udp && seen.way == way && seen.header[37] == std::byte{9}) count += seen.times;
    }
    return count;
  }

  std::uint64_t packets() const {
    auto netlink = near_->netlink();
    const auto links = io::list_link_statistics(netlink);
    for (const auto& link : links.value()) {
      if (link.link.index == index_) return link.in.packets + link.out.packets;
    }
    return 0;
  }

  io::EventLoop loop_;
  std::optional<io::NamespaceScope> scope_;
  std::uint32_t index_ = 0;
  std::unique_ptr<PacketSampler> sampler_;
  std::vector<Seen> seen_;
  std::uint64_t samples_ = 0;
  std::uint32_t pool_ = 0;
  std::uint32_t drops_ = 0;
};

TEST_F(PacketSamplerTest, OneInOneIsEveryPacket) {
  sample({.rate = 1, .header = 64, .direction = Direction::kOut});
  testing::send_datagrams("192.0.2.2", 200);
  ASSERT_TRUE(loop_.run_until([&] { return datagrams(Way::kSent) >= 200; }, testing::kPatience));
  EXPECT_EQ(datagrams(Way::kSent), 200U);
  EXPECT_EQ(datagrams(Way::kReceived), 0U);
  EXPECT_EQ(drops_, 0U);
  EXPECT_EQ(samples_, pool_);
  const auto udp = std::ranges::find_if(
      seen_, [](const Seen& seen) { return seen.length == 142; });  // 100 octets, UDP, IP, Ethernet
  ASSERT_NE(udp, seen_.end());
  EXPECT_EQ(udp->header.size(), 64U);
}

// A sum of skips that are each as likely from 1 to 2 * rate - 1: n packets have n / rate samples on
// the average, with a variance of n / (3 * rate). Six times its root, and what the CPUs had begun.
TEST_F(PacketSamplerTest, OneInManyIsUnbiased) {
  constexpr std::uint32_t kRate = 10;
  constexpr int kPackets = 20'000;
  const std::uint64_t before = packets();
  sample({.rate = kRate, .header = 128, .direction = Direction::kBoth});
  const auto cpus = static_cast<double>(io::possible_cpus());
  const double begun = 2 * kRate * cpus;
  for (int sent = 0; sent < kPackets; sent += 1000) {
    testing::send_datagrams("192.0.2.2", 1000);
    (void)loop_.run_until([&] { return pool_ + begun >= sent; }, testing::kPatience);
  }
  ASSERT_TRUE(loop_.run_until([&] { return pool_ + begun >= kPackets; }, testing::kPatience));
  EXPECT_LE(pool_, packets() - before);
  const double expected = static_cast<double>(pool_) / kRate;
  const double sigma = std::sqrt(static_cast<double>(pool_) / (3 * kRate));
  EXPECT_NEAR(static_cast<double>(samples_ + drops_), expected, 6 * sigma + 2 * cpus);
}

// Nobody reads meanwhile: the ring buffer has room for some thousands.
TEST_F(PacketSamplerTest, SaysWhatItLost) {
  sample({.rate = 1, .header = 128, .direction = Direction::kOut});
  testing::send_datagrams("192.0.2.2", 10'000);
  EXPECT_TRUE(loop_.run_until([&] { return datagrams(Way::kSent) > 1000; }, testing::kPatience));
  // Each CPU tells of its own losses with its next sample.
  EXPECT_TRUE(loop_.run_until(
      [&] {
        testing::send_datagrams("192.0.2.2", 1);
        return drops_ > 0 && samples_ + drops_ == pool_;
      },
      testing::kPatience))
      << samples_ << " and " << drops_ << " lost of " << pool_;
}

TEST_F(PacketSamplerTest, SamplesTheWayThatIsAskedFor) {
  sample({.rate = 1, .header = 128, .direction = Direction::kIn});
  testing::send_datagrams("192.0.2.2", 20);
  send_from_far(20);
  ASSERT_TRUE(loop_.run_until([&] { return datagrams(Way::kReceived) >= 20; }, testing::kPatience));
  EXPECT_EQ(datagrams(Way::kSent), 0U);
  sample({.rate = 1, .header = 128, .direction = Direction::kBoth});
  testing::send_datagrams("192.0.2.2", 5);
  EXPECT_TRUE(loop_.run_until([&] { return datagrams(Way::kSent) >= 5; }, testing::kPatience));
}

TEST_F(PacketSamplerTest, AnotherRateHoldsAtOnceAndLeavingEndsIt) {
  sample({.rate = 1U << 24U, .header = 128, .direction = Direction::kOut});
  testing::send_datagrams("192.0.2.2", 10);
  sample({.rate = 1, .header = 128, .direction = Direction::kOut});
  testing::send_datagrams("192.0.2.2", 10);
  ASSERT_TRUE(loop_.run_until([&] { return datagrams(Way::kSent) >= 10; }, testing::kPatience));
  EXPECT_GE(pool_, 20U);
  sampler_->leave(index_);
  sampler_->leave(index_);
  testing::send_datagrams("192.0.2.2", 10);
  sample({.rate = 1, .header = 128, .direction = Direction::kOut});
  testing::send_datagrams("192.0.2.2", 3);
  ASSERT_TRUE(loop_.run_until([&] { return datagrams(Way::kSent) >= 13; }, testing::kPatience));
  EXPECT_EQ(datagrams(Way::kSent), 13U);
  EXPECT_LT(pool_, 20U);  // counted anew
}

TEST_F(PacketSamplerTest, FailsForWhatIsNotThere) {
  EXPECT_FALSE(sampler_->sample(index_ + 1000, {}));
}

// IEEE 802.1Q: the kernel takes the tag out of what comes in.
TEST_F(PacketSamplerTest, ATagIsBackInTheHeader) {
  sample({.rate = 1, .header = 128, .direction = Direction::kIn});
  std::vector<std::byte> frame(64);
  for (std::size_t i = 0; i < 6; ++i) frame.at(i) = std::byte{0xff};
  frame[6] = std::byte{2};
  frame[12] = std::byte{0x81};
  frame[14] = std::byte{0x20};
  frame[15] = std::byte{0x07};
  frame[16] = std::byte{0x88};
  frame[17] = std::byte{0xb5};  // IEEE 802: local experimental
  {
    const auto scope = io::NamespaceScope::enter(far_->name());
    auto netlink = far_->netlink();
    const std::uint32_t far = io::find_link(netlink, "eth0").value().index;
    ASSERT_TRUE(io::FrameSender::open().value().send(far, frame));
  }
  const auto is_it = [&](const Seen& seen) { return seen.header == frame; };
  ASSERT_TRUE(
      loop_.run_until([&] { return std::ranges::any_of(seen_, is_it); }, testing::kPatience));
  EXPECT_EQ(std::ranges::find_if(seen_, is_it)->length, 64U);
}

// As many as TCP says that it has sent, though they pass as trains.
TEST_F(PacketSamplerTest, ATrainOfSegmentsIsAsManyFrames) {
  sample({.rate = 1, .header = 128, .direction = Direction::kOut});
  io::FileDescriptor listening;
  {
    const auto scope = io::NamespaceScope::enter(far_->name());
    listening = io::FileDescriptor(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  }
  const io::Endpoint far(io::IpEndpoint{.address = testing::ip("192.0.2.2"), .port = 0});
  const auto local = io::SocketAddress::from(far).value();
  ASSERT_EQ(bind(listening.get(), local.data(), local.size()), 0);
  ASSERT_EQ(listen(listening.get(), 1), 0);
  const auto remote = io::SocketAddress::of(listening.get(), getsockname);
  const io::FileDescriptor near(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  ASSERT_EQ(connect(near.get(), remote.data(), remote.size()), 0);
  const io::FileDescriptor accepted(accept(listening.get(), nullptr, nullptr));
  std::vector<char> data(std::size_t{256} << 10U);
  std::vector<char> read(data.size());
  for (int i = 0; i < 8; ++i) {
    ASSERT_EQ(send(near.get(), data.data(), data.size(), 0), static_cast<ssize_t>(data.size()));
    ASSERT_EQ(recv(accepted.get(), read.data(), read.size(), MSG_WAITALL),
              static_cast<ssize_t>(read.size()));
  }
  const auto segments = [&] {
    std::uint64_t count = 0;
    for (const Seen& seen : seen_) {
      const bool is_tcp = seen.header.size() > 54 && seen.header[12] == std::byte{8} &&
                          seen.header[23] == std::byte{6};
      if (is_tcp) count += seen.times;
    }
    return count;
  };
  const auto segments_out = [&] {
    // Of linux/tcp.h, whose name netinet/tcp.h has taken.
    constexpr std::size_t kSegmentsOut = 136;
    std::array<std::byte, 256> info{};
    socklen_t size = sizeof(info);
    EXPECT_EQ(getsockopt(near.get(), IPPROTO_TCP, TCP_INFO, info.data(), &size), 0);
    std::uint32_t count = 0;
    std::memcpy(&count, info.data() + kSegmentsOut, sizeof(count));
    return std::uint64_t{count};
  };
  EXPECT_TRUE(
      loop_.run_until([&] { return segments() + drops_ == segments_out(); }, testing::kPatience))
      << segments() << " and " << drops_ << " lost of " << segments_out();
  EXPECT_GT(segments(), (data.size() * 8) / 1448);
  EXPECT_LT(seen_.size(), segments());
  // No frame of a cable with an MTU of 1500 is longer, on the average of its train.
  for (const Seen& seen : seen_) EXPECT_LE(seen.length, 1514U);
}

TEST(FrameLengthTest, EachFrameOfATrainHasHeaders) {
  // Ethernet, IPv4, TCP with 12 octets of options: 66 octets.
  std::vector<std::byte> header(66);
  header[12] = std::byte{8};
  header[14] = std::byte{0x45};
  header[17] = std::byte{100};
  header[23] = std::byte{6};
  header[46] = std::byte{0x80};
  EXPECT_EQ(frame_length(66 + 3 * 1448, 3, header), 1514U);
  EXPECT_EQ(frame_length(1514, 1, header), 1514U);
  EXPECT_EQ(frame_length(1514, 0, header), 1514U);
  EXPECT_EQ(frame_length(3000, 3, std::span(header).first(10)), 1000U);
}

}  // namespace
}  // namespace fabrix::agent
