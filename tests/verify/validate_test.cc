#include "verify/validate.h"

#include <initializer_list>

#include <gtest/gtest.h>

#include "tests/verify/compiled_world.h"
#include "verify/reference.h"

namespace fabrix::verify {
namespace {

// What counts the packet, or copies of it, in those tables.
std::vector<std::uint64_t> counted_in(const program::Outcome& outcome,
                                      std::initializer_list<program::TableId> tables) {
  std::vector<std::uint64_t> all;
  for (const auto& step : outcome.steps) {
    if (std::ranges::find(tables, step.table) == tables.end() || step.row == nullptr) continue;
    all.insert(all.end(), step.row->queries.begin(), step.row->queries.end());
  }
  std::ranges::sort(all);
  return all;
}

// Whether the Program did with a packet what the reference says.
void expect_agreement(const CompiledWorld& compiled, const net::Packet& packet,
                      const Delivery& wanted) {
  const program::Outcome outcome = program::evaluate(compiled.program, packet);
  const auto& exchange = compiled.random.exchange();
  std::optional<net::PortNo> port;
  if (wanted.router) port = exchange.router(*wanted.router).port;
  if (wanted.to_route_server) port = exchange.route_server.port;
  std::string trace;
  for (const auto& step : outcome.steps) {
    trace += std::string(name_of(step.table)) + " " +
             (step.row != nullptr ? to_string(*step.row) : "none") + "\n";
  }
  SCOPED_TRACE(net::to_string(packet) + " from port " + std::to_string(packet.in_port.value) +
               " to " + packet.dst_mac.to_string() + "\n" + trace);
  EXPECT_EQ(outcome.output, port) << describe(wanted.reason);
  EXPECT_EQ(outcome.to_controller, wanted.reason == Reason::kAnsweredByFabrix);
  using enum program::TableId;
  EXPECT_EQ(counted_in(outcome, {kSent}), wanted.sent_queries);
  EXPECT_EQ(counted_in(outcome, {kDelivered}), wanted.delivered_queries);
  std::vector<std::uint64_t> clauses = wanted.clause_counters;
  std::ranges::sort(clauses);
  EXPECT_EQ(counted_in(outcome, {kOutbound, kInbound}), clauses);
  if (port && outcome.output == port) {
    EXPECT_EQ(outcome.packet, wanted.packet);
  }
}

void expect_same_deliveries(CompiledWorld& compiled, int packets) {
  const World world = compiled.random.world();
  for (int i = 0; i < packets && !testing::Test::HasFailure(); ++i) {
    const exchange::Router& from = compiled.random.any_router();
    net::Packet packet = compiled.random.routed_packet(from.id);
    if (const auto mac = compiled.mac_for(from.participant, packet.dst_ip)) {
      packet.dst_mac = *mac;
      expect_agreement(compiled, packet, deliver(world, from.id, packet));
    } else {
      EXPECT_FALSE(deliver(world, from.id, packet).router);
    }
    const net::Packet frame = compiled.random.lan_frame(from.id);
    expect_agreement(compiled, frame, deliver_to_mac(world, from.id, frame));
  }
}

TEST(ValidateTest, FindsNothingWrongWithWhatTheCompilerMakes) {
  for (std::uint32_t seed = 0; seed < 16; ++seed) {
    SCOPED_TRACE(seed);
    CompiledWorld compiled(seed);
    for (int round = 0; round < 4; ++round) {
      SCOPED_TRACE(round);
      const auto violations = compiled.validate_it();
      EXPECT_TRUE(violations.empty()) << describe(violations);
      expect_same_deliveries(compiled, 100);
      if (HasFailure()) return;
      if (round == 0) compiled.set_policy(compiled.random.replace_policy());
      if (round == 1) compiled.compiler.routes_changed(compiled.random.change_routes());
      if (round == 2) {
        const auto [router, is_up] = compiled.random.flip_port();
        compiled.compiler.set_port(router, is_up);
      }
      compiled.compile();
    }
  }
}

}  // namespace
}  // namespace fabrix::verify
