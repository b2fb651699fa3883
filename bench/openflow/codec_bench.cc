// How fast flow mods are written and flow stats are read: one item is one flow of a tag table.
#include <benchmark/benchmark.h>

#include "openflow/message.h"
#include "openflow/operation.h"

namespace fabrix::openflow {
namespace {

constexpr std::uint32_t kFlows = 1000;

FlowMod policy_flow(std::uint32_t i) {
  FlowMod mod;
  mod.table_id = 1;
  mod.priority = static_cast<std::uint16_t>(1000 + i);
  mod.cookie = i;
  mod.match.set(OxmField::kMetadata, std::uint64_t{i % 100} << 8U, 0xff00)
      .set(OxmField::kEthDst, std::uint64_t{i} << 12U, 0x03fffffff000)
      .set(OxmField::kEthType, 0x0800)
      .set(OxmField::kIpProto, 6)
      .set(OxmField::kTcpDst, 80 + i % 5);
  mod.instructions.apply_actions = {SetField{.field = OxmField::kEthDst, .value = i}};
  mod.instructions.write_metadata = WriteMetadata{.value = i & 0xfffU, .mask = 0xfff};
  mod.instructions.goto_table = 3;
  return mod;
}

std::vector<FlowMod> policy_flows() {
  std::vector<FlowMod> flows;
  for (std::uint32_t i = 0; i < kFlows; ++i) flows.push_back(policy_flow(i));
  return flows;
}

std::vector<std::byte> encoded_stats() {
  FlowStatsReply reply;
  for (std::uint32_t i = 0; i < 300; ++i) {
    const FlowMod mod = policy_flow(i);
    FlowStats flow;
    flow.match = mod.match;
    flow.instructions = mod.instructions;
    reply.flows.push_back(flow);
  }
  WireWriter out;
  encode_message({.xid = 1, .body = reply}, out);
  return out.take();
}

void BM_EncodeFlowMod(benchmark::State& state) {
  const std::vector<FlowMod> flows = policy_flows();
  for (auto _ : state) {
    WireWriter out;
    for (const FlowMod& mod : flows) encode_flow_mod(mod, Version::kOpenFlow14, 1, out);
    benchmark::DoNotOptimize(out.view().data());
  }
  state.SetItemsProcessed(state.iterations() * kFlows);
}

BENCHMARK(BM_EncodeFlowMod);

void BM_EncodeBundle(benchmark::State& state) {
  const std::vector<FlowMod> flows = policy_flows();
  for (auto _ : state) {
    auto commit = Operation::commit(CommitToken{1}, Version::kOpenFlow14, 1, flows);
    benchmark::DoNotOptimize(commit.has_output());
  }
  state.SetItemsProcessed(state.iterations() * kFlows);
}

BENCHMARK(BM_EncodeBundle);

void BM_DecodeFlowStats(benchmark::State& state) {
  const std::vector<std::byte> octets = encoded_stats();
  for (auto _ : state) benchmark::DoNotOptimize(decode_message(octets));
  state.SetItemsProcessed(state.iterations() * 300);
}

BENCHMARK(BM_DecodeFlowStats);

}  // namespace
}  // namespace fabrix::openflow
