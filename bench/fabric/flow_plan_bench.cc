// What it costs to find out which flow entries a switch needs after one participant's edit, after a
// participant has replaced a policy of thousands of clauses, and after everything is new.
#include <cstdint>
#include <memory>
#include <vector>

#include <benchmark/benchmark.h>

#include "fabric/flow_plan.h"

namespace fabrix::fabric {
namespace {

using net::Field;
using program::TableId;

constexpr std::size_t kRowsEach = 20;

program::Rows::Block rows_of(std::size_t participant, std::uint64_t first_port) {
  std::vector<program::Row> rows;
  for (std::size_t i = 0; i < kRowsEach; ++i) {
    program::Row row;
    row.priority = static_cast<std::uint16_t>(60000 - i);
    row.match.metadata =
        program::Metadata::sender(net::ParticipantId{static_cast<std::uint16_t>(participant)});
    row.match.exact(Field::kEthType, net::kEthTypeIpv4)
        .exact(Field::kProtocol, net::kProtocolTcp)
        .exact(Field::kDstPort, first_port + i);
    row.next = program::Goto{TableId::kInbound};
    rows.push_back(std::move(row));
  }
  return program::make_block(std::move(rows));
}

program::Rows::Directory exchange_of(std::size_t participants) {
  program::Rows::Directory directory;
  for (std::size_t i = 0; i < participants; ++i) directory.push_back(rows_of(i, 1000));
  return directory;
}

program::ProgramPtr program_of(const program::Rows& outbound) {
  program::Program program;
  program.tables[static_cast<std::size_t>(TableId::kOutbound)] = outbound;
  return std::make_shared<const program::Program>(std::move(program));
}

void BM_Edit(benchmark::State& state) {
  const auto participants = static_cast<std::size_t>(state.range(0));
  program::Rows rows(exchange_of(participants));
  const std::vector<net::PortNo> ports{net::PortNo{1}};
  auto plan = *FlowPlan::make(program_of(rows), ports, FlowPlan{});
  std::uint64_t edit = 0;
  for (auto _ : state) {
    state.PauseTiming();
    rows.set_block(participants / 2, rows_of(participants / 2, 2000 + (++edit % 2)));
    const auto program = program_of(rows);
    state.ResumeTiming();
    const auto next = *FlowPlan::make(program, ports, *plan);
    benchmark::DoNotOptimize(next->changes_from(*plan));
    plan = next;
  }
}
BENCHMARK(BM_Edit)->Arg(100)->Arg(1000)->Unit(benchmark::kMicrosecond);

// Clauses on a port, each of which is six flow entries: for TCP, UDP and SCTP over IPv4 and IPv6.
void BM_LargePolicy(benchmark::State& state) {
  std::vector<program::Row> clauses;
  for (std::uint16_t port = 1; port <= 3500; ++port) {
    program::Row row;
    row.priority = static_cast<std::uint16_t>(60000 - port);
    row.match.metadata = program::Metadata::sender(net::ParticipantId{0});
    row.match.exact(Field::kSrcPort, port).exact(Field::kDstPort, 9);
    row.next = program::Goto{TableId::kInbound};
    clauses.push_back(std::move(row));
  }
  const auto program = program_of(program::Rows({program::make_block(std::move(clauses))}));
  const std::vector<net::PortNo> ports{net::PortNo{1}};
  for (auto _ : state) {
    benchmark::DoNotOptimize(FlowPlan::make(program, ports, FlowPlan{}));
  }
}
BENCHMARK(BM_LargePolicy)->Unit(benchmark::kMillisecond);

void BM_FromNothing(benchmark::State& state) {
  const auto program = program_of(program::Rows(exchange_of(1000)));
  const std::vector<net::PortNo> ports{net::PortNo{1}};
  for (auto _ : state) {
    const auto plan = *FlowPlan::make(program, ports, FlowPlan{});
    benchmark::DoNotOptimize(plan->changes_from(FlowPlan{}));
  }
}
BENCHMARK(BM_FromNothing)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace fabrix::fabric
