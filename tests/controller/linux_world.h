// The Linux fabric's kernel part alone, for tests: ports that are no interfaces, packets that come
// in by BPF_PROG_RUN, and what became of them, read from the scratch memory.
#pragma once

#include <algorithm>
#include <array>
#include <compare>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <linux/bpf.h>
#include <sched.h>
#include <unistd.h>

#include "controller/linux_datapath.h"
#include "controller/linux_port_maps.h"
#include "io/bpf_program.h"
#include "net/frame.h"
#include "program/evaluate.h"

namespace fabrix::controller::tests {

// A frame that leaves: where, and what rows may write of it.
struct Leaving {
  std::uint64_t port = 0;
  std::array<std::uint64_t, FABRIX_WRITTEN> written{};

  static Leaving of(net::PortNo port, const net::Packet& packet) {
    Leaving leaving{.port = port.value, .written = {}};
    for (std::size_t i = 0; i < FABRIX_WRITTEN; ++i) {
      leaving.written.at(i) =
          net::value_of(packet, static_cast<net::Field>(FABRIX_FIRST_WRITTEN + i));
    }
    return leaving;
  }
  friend auto operator<=>(const Leaving&, const Leaving&) = default;
};

struct Became {
  std::vector<Leaving> leaving;  // sorted
  Leaving last;                  // of those, the one that the frame is of
  bool to_controller = false;
  std::vector<std::byte> frame;
  fabrix_scratch scratch{};
};

class LinuxWorld : public ::testing::Test {
 protected:
  static constexpr std::uint32_t kFirstInterface = 1U << 24U;  // no such interface

  void SetUp() override {
    if (geteuid() != 0) GTEST_SKIP() << "needs root";
    // The scratch memory is the CPU's.
    ASSERT_EQ(sched_getaffinity(0, sizeof(before_), &before_), 0);
    cpu_ = sched_getcpu();
    cpu_set_t only;
    CPU_ZERO(&only);
    CPU_SET(static_cast<std::size_t>(cpu_), &only);
    ASSERT_EQ(sched_setaffinity(0, sizeof(only), &only), 0);
    auto opened = LinuxDatapath::open("");
    ASSERT_TRUE(opened) << opened.error().message;
    datapath_ = *std::move(opened);
  }

  void TearDown() override {
    if (!IsSkipped()) sched_setaffinity(0, sizeof(before_), &before_);
  }

  void add_port(std::uint32_t port, std::uint32_t slot = 0, std::uint32_t sample_rate = 0,
                std::uint16_t vlan = 0) const {
    const std::uint32_t interface = kFirstInterface + port;
    ASSERT_TRUE(put_port_in(
        *datapath_, interface,
        {.port = port, .slot = slot, .punts_at = 0, .sample_rate = sample_rate, .vlan = vlan}));
    ASSERT_TRUE(put_port_out(
        *datapath_, port,
        {.interface = interface, .flags = FABRIX_OUT_XDP, .vlan = vlan, .slot = slot}));
  }

  // A frame that comes in at XDP, by the one interface that is there everywhere. None: it went on.
  std::optional<Became> send_at_xdp(std::uint32_t port, std::span<const std::byte> frame) const {
    constexpr std::uint32_t kLoopback = 1;
    const auto in = port_in(*datapath_, kFirstInterface + port);
    EXPECT_TRUE(in && *in && put_port_in(*datapath_, kLoopback, **in));
    const auto run =
        io::run_bpf_program(datapath_->xdp_entrance(), frame,
                            {.kind = io::BpfKind::kXdp, .interface = kLoopback, .repeat = 1});
    EXPECT_TRUE(run) << run.error().message;
    if (!run || run->action == XDP_PASS) return std::nullopt;
    return read(*run);
  }

  // As the kernel has it: at XDP first.
  Became send_by_xdp(std::uint32_t port, std::span<const std::byte> frame) {
    const auto ended = send_at_xdp(port, frame);
    if (!ended) return send(port, frame);
    ++ended_at_xdp_;
    return *ended;
  }

  void install(const program::Program& program) {
    const auto image = compiler_.compile(program);
    ASSERT_TRUE(image) << image.error().message;
    const auto done = datapath_->install(*image);
    ASSERT_TRUE(done) << done.error().message;
  }

  Became send(std::uint32_t port, std::span<const std::byte> frame) const {
    const auto run = io::run_bpf_program(datapath_->entrance(), frame,
                                         {.interface = kFirstInterface + port, .repeat = 1});
    EXPECT_TRUE(run) << run.error().message;
    return run ? read(*run) : Became{};
  }

  // Since it was last asked.
  fabric::QueryCounts counted() const {
    fabric::QueryCounts counts;
    const auto taken = datapath_->take_counts();
    EXPECT_TRUE(taken);
    for (const auto& each : *taken) {
      for (const std::uint64_t query : each.counter.queries) {
        auto& count = counts[{each.counter.owner, query}];
        count.packets += each.more.packets;
        count.octets += each.more.octets;
      }
    }
    return counts;
  }

  Became read(const io::BpfOutcome& run) const {
    Became became;
    became.frame = run.frame;
    const auto all = datapath_->map("scratch").values_of<fabrix_scratch>(std::uint32_t{0});
    EXPECT_TRUE(all);
    became.scratch = all->at(static_cast<std::size_t>(cpu_));
    became.to_controller = became.scratch.punted != 0;
    if (became.scratch.went_at_once != 0) {
      became.last.port = became.scratch.port;
      std::copy_n(became.scratch.fields + FABRIX_FIRST_WRITTEN, FABRIX_WRITTEN,
                  became.last.written.begin());
      became.leaving.push_back(became.last);
    }
    for (std::size_t i = 0; i < became.scratch.output_count; ++i) {
      const fabrix_output& output = became.scratch.outputs[i];
      Leaving leaving{.port = output.port, .written = {}};
      std::ranges::copy(output.written, leaving.written.begin());
      became.leaving.push_back(leaving);
      became.last = leaving;
    }
    std::ranges::sort(became.leaving);
    return became;
  }

  static std::vector<Leaving> leaving_of(const program::Outcome& outcome) {
    std::vector<Leaving> all;
    if (outcome.output) all.push_back(Leaving::of(*outcome.output, outcome.packet));
    for (const program::Copy& copy : outcome.copies) {
      all.push_back(Leaving::of(copy.port, copy.packet));
    }
    std::ranges::sort(all);
    return all;
  }

  // The packet, as a frame that leaves says.
  static net::Packet written(net::Packet packet, const Leaving& leaving) {
    for (std::size_t i = 0; i < FABRIX_WRITTEN; ++i) {
      net::set_value(packet, static_cast<net::Field>(FABRIX_FIRST_WRITTEN + i),
                     leaving.written.at(i));
    }
    return packet;
  }

  int cpu_ = 0;
  cpu_set_t before_{};
  std::size_t ended_at_xdp_ = 0;
  fabric::LinuxCompiler compiler_;
  std::unique_ptr<LinuxDatapath> datapath_;
};

}  // namespace fabrix::controller::tests
