// The Linux fabric at the size of a large exchange: a thousand participants with ten clauses each.
// What an install costs, from nothing and after one edit, and what a packet costs in the kernel.
//
// Needs root. Packets are run in place (BPF_PROG_RUN), without interfaces: about 20 ns of each are
// the kernel's for that.
#include <array>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <benchmark/benchmark.h>
#include <linux/bpf.h>

#include "bench/controller/large_program.h"
#include "controller/linux_datapath.h"
#include "controller/linux_port_maps.h"
#include "io/bpf_program.h"
#include "net/frame.h"
#include "program/tag.h"

namespace fabrix::controller {
namespace {

using exchange::FabricAttach;
using large::kClauses;
using large::kParticipants;
using large::large_program;
using large::mac_of;
using large::Macs;
using large::outbound;
using program::TableId;

constexpr std::uint32_t kFirstInterface = 1U << 24U;  // no such interface
constexpr std::uint32_t kLoopback = 1;                // at XDP there has to be one

// A datapath that has the Program, for those who need no other.
class Installed {
 public:
  explicit Installed(std::uint32_t sample_rate = 0, FabricAttach how = FabricAttach::kTc)
      : program(large_program(Macs::kKept)) {
    auto opened = LinuxDatapath::open("");
    auto image = compiler.compile(program);
    if (!opened || !image) return;
    datapath = *std::move(opened);
    datapath->attach(how);
    for (std::uint32_t port = 1; port <= kParticipants && ok; ++port) {
      const fabrix_in in{
          .port = port, .slot = port - 1, .punts_at = 0, .sample_rate = sample_rate, .vlan = 0};
      const fabrix_out out{.interface = kFirstInterface + port,
                           .flags = FABRIX_OUT_XDP,
                           .vlan = 0,
                           .slot = port - 1};
      ok = put_port_in(*datapath, kFirstInterface + port, in).has_value() &&
           put_port_out(*datapath, port, out).has_value();
    }
    const fabrix_in in{.port = 401, .slot = 400, .punts_at = 0, .sample_rate = 0, .vlan = 0};
    if (how == FabricAttach::kXdp) ok = ok && put_port_in(*datapath, kLoopback, in).has_value();
    ok = ok && datapath->install(*image).has_value();
  }

  program::Program program;
  fabric::LinuxCompiler compiler;
  std::unique_ptr<LinuxDatapath> datapath;
  bool ok = true;
};

void BM_CompileAThousandPolicies(benchmark::State& state) {
  const auto program = large_program(Macs::kKept);
  for (auto _ : state) {
    fabric::LinuxCompiler compiler;
    benchmark::DoNotOptimize(compiler.compile(program));
  }
}
BENCHMARK(BM_CompileAThousandPolicies)->Unit(benchmark::kMillisecond);

void BM_InstallAThousandPolicies(benchmark::State& state) {
  fabric::LinuxCompiler compiler;
  const auto image = compiler.compile(large_program(Macs::kKept));
  for (auto _ : state) {
    const auto datapath = LinuxDatapath::open("");
    if (!image || !datapath || !(*datapath)->install(*image)) state.SkipWithError("no eBPF here");
  }
}
BENCHMARK(BM_InstallAThousandPolicies)->Unit(benchmark::kMillisecond)->UseRealTime();

// From an edited policy to packets that obey it.
void BM_InstallOneEditAmongAThousand(benchmark::State& state) {
  Installed world;
  std::uint16_t port = 2000;
  for (auto _ : state) {
    world.program.tables.at(static_cast<std::size_t>(TableId::kOutbound))
        .set_block(500, program::make_block(outbound(499, ++port)));
    const auto image = world.compiler.compile(world.program);
    const bool done = world.datapath && image && world.datapath->install(*image).has_value();
    if (!done) state.SkipWithError("no eBPF here");
  }
}
BENCHMARK(BM_InstallOneEditAmongAThousand)->Unit(benchmark::kMillisecond)->UseRealTime();

// `destination`: of the frame.
void run_packets(benchmark::State& state, net::MacAddress destination,
                 std::uint32_t sample_rate = 0, FabricAttach how = FabricAttach::kTc) {
  const Installed world(sample_rate, how);
  const bool at_xdp = how == FabricAttach::kXdp;
  net::Packet packet = net::parse_packet("tcp 10.0.0.1:40000 -> 10.0.0.2:1009").value();
  packet.src_mac = mac_of(400);
  packet.dst_mac = destination;
  const auto frame = net::build_frame(packet);
  for (auto _ : state) {
    if (!world.ok || !world.datapath) return state.SkipWithError("no eBPF here");
    const auto run = io::run_bpf_program(
        at_xdp ? world.datapath->xdp_entrance() : world.datapath->entrance(), frame,
        {.kind = at_xdp ? io::BpfKind::kXdp : io::BpfKind::kTc,
         .interface = at_xdp ? kLoopback : kFirstInterface + 401,
         .repeat = 100'000});
    if (!run || (at_xdp && run->action != XDP_REDIRECT)) return state.SkipWithError("cannot run");
    state.SetIterationTime(run->nanoseconds * 1e-9);
  }
}

void BM_PacketByTheLastClause(benchmark::State& state) {
  run_packets(state, program::encode({.kind = program::TagKind::kInline,
                                      .reach = 1U << (kClauses - 1U),
                                      .egress = net::RouterId{7}}));
}
BENCHMARK(BM_PacketByTheLastClause)->UseManualTime()->Iterations(20);

void BM_PacketByTheBestRoute(benchmark::State& state) {
  run_packets(
      state,
      program::encode({.kind = program::TagKind::kInline, .reach = 0, .egress = net::RouterId{7}}));
}
BENCHMARK(BM_PacketByTheBestRoute)->UseManualTime()->Iterations(20);

void BM_PacketToARealMac(benchmark::State& state) {
  run_packets(state, mac_of(7));
}
BENCHMARK(BM_PacketToARealMac)->UseManualTime()->Iterations(20);

void BM_PacketToARealMacAtXdp(benchmark::State& state) {
  run_packets(state, mac_of(7), 0, FabricAttach::kXdp);
}
BENCHMARK(BM_PacketToARealMacAtXdp)->UseManualTime()->Iterations(20);

// One of so many is sampled; nobody reads the samples.
void BM_SampledPacketToARealMac(benchmark::State& state) {
  run_packets(state, mac_of(7), static_cast<std::uint32_t>(state.range(0)));
}
BENCHMARK(BM_SampledPacketToARealMac)->Arg(1)->Arg(100)->Arg(1000)->UseManualTime()->Iterations(20);

}  // namespace
}  // namespace fabrix::controller
