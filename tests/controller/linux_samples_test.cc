// Sampling in the Linux fabric: how many frames are taken, and what is told of them. Needs root.
#include "controller/linux_samples.h"

#include <cmath>
#include <optional>
#include <vector>

#include <gtest/gtest.h>

#include "io/event_loop.h"
#include "tests/controller/linux_world.h"

namespace fabrix::controller::tests {
namespace {

using net::Field;

class LinuxSamplesTest : public LinuxWorld {
 protected:
  static constexpr std::uint32_t kSlot = 5;

  void SetUp() override {
    LinuxWorld::SetUp();
    if (IsSkipped()) return;
    program::Program program;
    program::Row row;
    row.match.exact(Field::kInPort, 1).exact(Field::kEthType, net::kEthTypeIpv4);
    row.next = program::Output{net::PortNo{2}};
    program.table(program::TableId::kAdmit).push_back(row);
    program.canonicalize();
    install(program);
    add_port(2, 6);
    add_port(3, 7);
    auto watched = LinuxSamples::watch(loop_, *datapath_, [this](const fabric::Sample& sample) {
      samples_.push_back(sample);
      headers_.emplace_back(sample.header.begin(), sample.header.end());
    });
    ASSERT_TRUE(watched);
    watch_ = *std::move(watched);
  }

  void sample(std::uint32_t port, std::uint32_t rate) const { add_port(port, kSlot, rate); }

  // The generator goes on from there, on this CPU.
  void seed(std::uint64_t random) const {
    std::vector<fabrix_sampler> all(io::possible_cpus());
    all.at(static_cast<std::size_t>(cpu_)).random = random;
    ASSERT_TRUE(datapath_->map("samplers")
                    .put(io::BpfMap::octets_of(kSlot), std::as_bytes(std::span(all))));
  }
  fabrix_sampler sampler() const {
    const auto all = datapath_->map("samplers").values_of<fabrix_sampler>(kSlot);
    return all.value().at(static_cast<std::size_t>(cpu_));
  }

  // Sends the frame so often.
  void offer(std::uint32_t times, std::uint32_t segments = 0) const {
    const auto run = io::run_bpf_program(
        datapath_->entrance(), frame_,
        {.interface = kFirstInterface + 1, .repeat = times, .segments = segments});
    ASSERT_TRUE(run) << run.error().message;
  }

  void deliver() {
    const std::size_t before = samples_.size();
    (void)loop_.run_until([&] { return samples_.size() != before; }, std::chrono::seconds(5));
  }

  static net::Packet packet_of(std::string_view text) {
    net::Packet packet = net::parse_packet(text).value();
    packet.src_mac = net::MacAddress::from_u64(0x0800270a0001);
    packet.dst_mac = net::MacAddress::from_u64(0x0800270a0002);
    return packet;
  }

  std::vector<std::byte> frame_ = net::build_frame(packet_of("udp 10.0.0.1:1000 -> 10.0.0.2:53"));
  io::EventLoop loop_;
  std::unique_ptr<LinuxSamples> watch_;
  std::vector<fabric::Sample> samples_;
  std::vector<std::vector<std::byte>> headers_;
};

// sFlow version 5 3.1. Skips are uniform in 1 .. 2N-1: their mean is N, their variance N(N-1)/3. By
// renewal theory so are M/N samples among M frames, with the variance M(N-1)/3N^2.
TEST_F(LinuxSamplesTest, TakesOneInTheRateWithTheVarianceOfItsSkips) {
  constexpr std::uint32_t kRate = 50;
  constexpr std::uint32_t kFrames = 2000;  // of a batch
  constexpr int kBatches = 400;
  sample(1, kRate);
  seed(20261121);
  double sum = 0;
  double squares = 0;
  std::uint64_t before = 0;
  for (int i = 0; i < kBatches; ++i) {
    offer(kFrames);
    const std::uint64_t taken = sampler().taken;
    const auto here = static_cast<double>(taken - before);
    before = taken;
    sum += here;
    squares += here * here;
  }
  EXPECT_EQ(sampler().pool, std::uint64_t{kFrames} * kBatches);
  const double mean = sum / kBatches;
  const double variance = squares / kBatches - mean * mean;
  const double expected = double{kFrames} / kRate;
  const double spread = expected * (kRate - 1) / (3.0 * kRate);
  // All batches together: three standard deviations.
  EXPECT_NEAR(sum, expected * kBatches, 3 * std::sqrt(spread * kBatches));
  EXPECT_NEAR(variance, spread, 0.35 * spread);
}

// The same numbers from the generator as Marsaglia wrote it.
TEST_F(LinuxSamplesTest, DrawsTheSkipsOfItsGenerator) {
  constexpr std::uint64_t kRate = 37;
  sample(1, kRate);
  seed(42);
  std::uint64_t random = 42;
  const auto skip = [&random] {
    random ^= random << 13U;
    random ^= random >> 7U;
    random ^= random << 17U;
    return 1 + ((random >> 32U) * (2 * kRate - 1) >> 32U);
  };
  std::uint64_t expected = 0;
  for (std::uint64_t at = skip(); at <= 10'000; at += skip()) ++expected;
  offer(10'000);
  EXPECT_EQ(sampler().taken, expected);
}

TEST_F(LinuxSamplesTest, CountsATrainAsItsSegments) {
  constexpr std::uint32_t kRate = 10;
  constexpr std::uint32_t kSegments = 40;
  constexpr std::uint32_t kTrains = 2000;
  sample(1, kRate);
  seed(7);
  offer(kTrains, kSegments);
  EXPECT_EQ(sampler().pool, kTrains * kSegments);
  const double expected = double{kTrains} * kSegments / kRate;
  const double spread = expected * (kRate - 1) / (3.0 * kRate);
  EXPECT_NEAR(static_cast<double>(sampler().taken), expected, 3 * std::sqrt(spread));
  deliver();
  ASSERT_FALSE(samples_.empty());
  // Several of one train, as a rule.
  EXPECT_GE(samples_.front().times, 2U);
  EXPECT_LE(samples_.front().times, kSegments);
  // A frame of the train: its share of the payload, and headers.
  const std::size_t headers = 14 + 20 + 8;
  const std::size_t payload = frame_.size() - headers;
  EXPECT_EQ(
      samples_.front().frame_length,
      headers + static_cast<std::size_t>(std::lround(static_cast<double>(payload) / kSegments)));
}

TEST_F(LinuxSamplesTest, SamplesEveryFrameAtRateOne) {
  sample(1, 1);
  seed(1);
  offer(20);
  EXPECT_EQ(sampler().taken, 20U);
  deliver();
  ASSERT_EQ(samples_.size(), 20U);
  EXPECT_EQ(samples_.back().pool, 20U);
  EXPECT_EQ(samples_.back().drops, 0U);
  EXPECT_EQ(samples_.back().rate, 1U);
  EXPECT_EQ(samples_.back().times, 1U);
}

TEST_F(LinuxSamplesTest, SamplesNothingUnlessAsked) {
  add_port(1, kSlot);
  seed(1);
  offer(1000);
  EXPECT_EQ(sampler().pool, 0U);
  EXPECT_EQ(sampler().taken, 0U);
}

TEST_F(LinuxSamplesTest, TellsWhereAFrameWentAndHowItCame) {
  sample(1, 1);
  offer(1);
  deliver();
  ASSERT_EQ(samples_.size(), 1U);
  EXPECT_EQ(samples_[0].port, net::PortNo{1});
  EXPECT_EQ(samples_[0].fate, fabric::Sample::Fate::kForwarded);
  EXPECT_EQ(samples_[0].egress, net::PortNo{2});
  EXPECT_EQ(samples_[0].frames, 1U);
  EXPECT_EQ(samples_[0].frame_length, frame_.size());
  EXPECT_EQ(headers_[0], frame_);
}

// What rows write is not in it: it is the frame as it came. And it has an end.
TEST_F(LinuxSamplesTest, GivesTheHeaderBeforeRowsWriteToIt) {
  program::Program program;
  program::Row row;
  row.set_fields = {{Field::kDstIp4, 0x0a000009}, {Field::kDstMac, 0x0800270a0009}};
  row.next = program::Output{net::PortNo{3}};
  row.copies.push_back(net::PortNo{2});
  program.table(program::TableId::kAdmit).push_back(row);
  install(program);
  sample(1, 1);
  frame_.resize(600, std::byte{7});
  offer(1);
  deliver();
  ASSERT_EQ(samples_.size(), 1U);
  EXPECT_EQ(samples_[0].fate, fabric::Sample::Fate::kCopied);
  EXPECT_EQ(samples_[0].frames, 2U);
  EXPECT_EQ(samples_[0].frame_length, 600U);
  EXPECT_EQ(headers_[0], std::vector<std::byte>(frame_.begin(), frame_.begin() + 128));
}

TEST_F(LinuxSamplesTest, TellsOfFramesThatAreDiscardedOrForTheController) {
  sample(1, 1);
  frame_ = net::build_frame(packet_of("tcp 2001:db8::1:1 -> 2001:db8::2:2"));
  offer(1);
  deliver();
  program::Program program;
  program::Row row;
  row.next = program::ToController{};
  program.table(program::TableId::kAdmit).push_back(row);
  install(program);
  offer(1);
  deliver();
  ASSERT_EQ(samples_.size(), 2U);
  EXPECT_EQ(samples_[0].fate, fabric::Sample::Fate::kDiscarded);
  EXPECT_EQ(samples_[0].egress, net::PortNo{});
  EXPECT_EQ(samples_[1].fate, fabric::Sample::Fate::kToController);
}

// The ring buffer has room for a MiB: 5,242 samples of 192 octets and a word.
TEST_F(LinuxSamplesTest, CountsWhatTheRingHasNoRoomFor) {
  sample(1, 1);
  offer(10'000);
  const fabrix_sampler full = sampler();
  EXPECT_EQ(full.taken, 10'000U);
  EXPECT_GT(full.drops, 4000U);
  EXPECT_LT(full.drops, 6000U);
  while (samples_.size() < full.taken - full.drops) deliver();
  EXPECT_EQ(samples_.size(), full.taken - full.drops);
  offer(1);
  deliver();
  EXPECT_EQ(samples_.back().drops, full.drops);
  EXPECT_EQ(samples_.back().pool, 10'001U);
}

TEST_F(LinuxSamplesTest, AnotherRateHoldsAtOnce) {
  sample(1, 1 << 24);
  offer(100);
  EXPECT_LE(sampler().taken, 1U);
  sample(1, 1);
  offer(1);
  deliver();
  ASSERT_FALSE(samples_.empty());
  EXPECT_EQ(samples_.back().rate, 1U);
}

}  // namespace
}  // namespace fabrix::controller::tests
