// The Linux fabric at the size of a large exchange: a thousand participants with ten clauses each.
// What an install costs, from nothing and after one edit, and what a packet costs in the kernel.
//
// Needs root. The Program has the form of the compiler's: admission by port and MAC, clauses by tag
// and transport port, resolving by MAC and by tag, transit by router. Packets are run in place
// (BPF_PROG_RUN), without interfaces: about 20 ns of each are the kernel's for that.
#include <array>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <benchmark/benchmark.h>

#include "controller/linux_datapath.h"
#include "controller/linux_port_maps.h"
#include "io/bpf_program.h"
#include "net/frame.h"
#include "program/tag.h"

namespace fabrix::controller {
namespace {

using net::Field;
using program::Metadata;
using program::Row;
using program::Rows;
using program::TableId;

constexpr std::uint16_t kParticipants = 1000;
constexpr std::uint16_t kClauses = 10;
constexpr std::uint32_t kFirstInterface = 1U << 24U;  // no such interface

net::MacAddress mac_of(std::uint16_t participant) {
  return net::MacAddress::from_u64(0x080027000000 + participant);
}

Row row_of(std::uint16_t priority, program::Match match, Metadata write, program::Next next) {
  Row row;
  row.priority = priority;
  row.match = std::move(match);
  row.write_metadata = write;
  row.next = std::move(next);
  return row;
}

Metadata delivery_to(std::uint16_t participant) {
  return Metadata::egress(net::ParticipantId{participant}) |
         Metadata::egress_router(net::RouterId{participant});
}

std::vector<Row> admission() {
  std::vector<Row> rows;
  for (std::uint16_t i = 0; i < kParticipants; ++i) {
    for (const std::uint16_t type : {net::kEthTypeIpv4, net::kEthTypeIpv6}) {
      const auto from = program::Match{}
                            .exact(Field::kInPort, i + 1U)
                            .exact(Field::kSrcMac, mac_of(i).to_u64())
                            .exact(Field::kVlanId, 0)
                            .exact(Field::kEthType, type);
      const auto sender = Metadata::sender(net::ParticipantId{i});
      const auto tag = program::match_kind(program::TagKind::kInline);
      auto tagged = from;
      tagged.ternary(Field::kDstMac, tag.bits, tag.mask);
      rows.push_back(row_of(40, tagged, sender, program::Goto{TableId::kOutbound}));
      rows.push_back(row_of(30, from, sender, program::Goto{TableId::kResolve}));
    }
  }
  return rows;
}

// Clauses: TCP to a port, by the way of somebody who has a route.
std::vector<Row> outbound(std::uint16_t sender, std::uint16_t first_port) {
  std::vector<Row> rows;
  for (std::uint16_t i = 0; i < kClauses; ++i) {
    const auto reach = program::match_reach(1U << i, 1U << i);
    program::Match match;
    match.metadata = Metadata::sender(net::ParticipantId{sender});
    match.exact(Field::kEthType, net::kEthTypeIpv4)
        .exact(Field::kProtocol, net::kProtocolTcp)
        .exact(Field::kDstPort, first_port + i)
        .ternary(Field::kDstMac, reach.bits, reach.mask);
    rows.push_back(row_of(static_cast<std::uint16_t>(60000 - i), match,
                          delivery_to(static_cast<std::uint16_t>((sender + i + 1) % kParticipants)),
                          program::Goto{TableId::kInbound}));
  }
  return rows;
}

program::Program large_program() {
  program::Program program;
  const auto table = [&program](TableId id) -> Rows& {
    return program.tables.at(static_cast<std::size_t>(id));
  };
  std::vector<Row> resolve;
  std::vector<Row> transit;
  Rows::Directory blocks{
      program::make_block({row_of(0, {}, {}, program::Goto{TableId::kResolve})})};
  for (std::uint16_t i = 0; i < kParticipants; ++i) {
    const program::Goto on{TableId::kInbound};
    const auto tag = program::match_egress(net::RouterId{i});
    resolve.push_back(
        row_of(50, program::Match{}.exact(Field::kDstMac, mac_of(i).to_u64()), delivery_to(i), on));
    resolve.push_back(row_of(40, program::Match{}.ternary(Field::kDstMac, tag.bits, tag.mask),
                             delivery_to(i), on));
    program::Match there;
    there.metadata = Metadata::egress_router(net::RouterId{i});
    transit.push_back(row_of(10, there, {}, program::Output{net::PortNo{i + 1U}}));
    blocks.push_back(program::make_block(outbound(i, 1000)));
  }
  table(TableId::kAdmit) = Rows(Rows::Directory{program::make_block(admission())});
  table(TableId::kOutbound) = Rows(blocks);
  table(TableId::kResolve) = Rows(Rows::Directory{program::make_block(resolve)});
  table(TableId::kInbound) = Rows(
      Rows::Directory{program::make_block({row_of(0, {}, {}, program::Goto{TableId::kTransit})})});
  table(TableId::kTransit) = Rows(Rows::Directory{program::make_block(transit)});
  return program;
}

// A datapath that has the Program, for those who need no other.
class Installed {
 public:
  Installed() : program(large_program()) {
    auto opened = LinuxDatapath::open("");
    auto image = compiler.compile(program);
    if (!opened || !image) return;
    datapath = *std::move(opened);
    for (std::uint32_t port = 1; port <= kParticipants && ok; ++port) {
      const fabrix_in in{.port = port, .slot = port - 1, .punts_at = 0};
      const fabrix_out out{.interface = kFirstInterface + port, .flags = 0, .slot = port - 1};
      ok = put_port_in(*datapath, kFirstInterface + port, in).has_value() &&
           put_port_out(*datapath, port, out).has_value();
    }
    ok = ok && datapath->install(*image).has_value();
  }

  program::Program program;
  fabric::LinuxCompiler compiler;
  std::unique_ptr<LinuxDatapath> datapath;
  bool ok = true;
};

void BM_CompileAThousandPolicies(benchmark::State& state) {
  const auto program = large_program();
  for (auto _ : state) {
    fabric::LinuxCompiler compiler;
    benchmark::DoNotOptimize(compiler.compile(program));
  }
}
BENCHMARK(BM_CompileAThousandPolicies)->Unit(benchmark::kMillisecond);

void BM_InstallAThousandPolicies(benchmark::State& state) {
  fabric::LinuxCompiler compiler;
  const auto image = compiler.compile(large_program());
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
void run_packets(benchmark::State& state, net::MacAddress destination) {
  const Installed world;
  net::Packet packet = net::parse_packet("tcp 10.0.0.1:40000 -> 10.0.0.2:1009").value();
  packet.src_mac = mac_of(400);
  packet.dst_mac = destination;
  const auto frame = net::build_frame(packet);
  for (auto _ : state) {
    if (!world.ok || !world.datapath) return state.SkipWithError("no eBPF here");
    const auto run = io::run_bpf_program(world.datapath->entrance(), frame,
                                         {.interface = kFirstInterface + 401, .repeat = 100'000});
    if (!run) return state.SkipWithError("cannot run");
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

}  // namespace
}  // namespace fabrix::controller
