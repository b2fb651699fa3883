#include "compiler/assembly.h"

#include <gtest/gtest.h>

#include "program/delta.h"
#include "tests/compiler/world.h"

namespace fabrix::compiler {
namespace {

using program::TableId;

program::Rows::Block block_for(unsigned owner) {
  program::Row row;
  row.priority = 7;
  row.match.metadata = program::Metadata::sender(participant(owner));
  row.origin.participant = participant(owner);
  return program::make_block(std::vector{row});
}

TEST(Assembly, NothingChangedIsTheSameProgram) {
  const World world({1, 1});
  Assembly assembly(world.exchange);
  const auto program = assembly.program();
  EXPECT_EQ(assembly.program(), program);
  assembly.set_outbound(participant(0), block_for(0));
  const auto second = assembly.program();
  EXPECT_NE(second, program);
  assembly.set_outbound(participant(0), block_for(0));  // equal, though not the same
  assembly.set_port(router(0), true);
  EXPECT_EQ(assembly.program(), second);
}

TEST(Assembly, SharesWhatDidNotChange) {
  const World world({1, 1, 1});
  Assembly assembly(world.exchange);
  for (unsigned i = 0; i < 3; ++i) assembly.set_outbound(participant(i), block_for(i));
  const auto before = assembly.program();
  assembly.set_outbound(participant(1), nullptr);
  const auto after = assembly.program();
  const auto& old = before->table(TableId::kOutbound);
  const auto& fresh = after->table(TableId::kOutbound);
  EXPECT_EQ(fresh.block(0), old.block(0));
  EXPECT_EQ(fresh.block(1), old.block(1));
  EXPECT_EQ(fresh.block(2), nullptr);
  EXPECT_EQ(fresh.block(3), old.block(3));
  EXPECT_EQ(program::difference(*before, *after).remove.size(), 1U);
  EXPECT_EQ(program::difference(*before, *after).size(), 1U);
}

TEST(Assembly, ChainsAreFollowedAtTheMiddleboxesOfTheirOwner) {
  World world({1, 3});
  for (const unsigned box : {2U, 3U}) world.exchange.routers[box].middlebox = true;
  Assembly assembly(world.exchange);
  const auto plain = assembly.program();
  assembly.set_chains(participant(1), {{router(2), router(3)}});
  const auto chained = assembly.program();
  EXPECT_EQ(program::difference(*plain, *chained).modify.size(), 2U);
  assembly.set_chains(participant(1), {{router(2), router(3)}});
  EXPECT_EQ(assembly.program(), chained);
  assembly.set_port(router(3), false);
  EXPECT_EQ(assembly.program()->table(TableId::kAdmit), plain->table(TableId::kAdmit));
  assembly.set_port(router(3), true);
  EXPECT_EQ(*assembly.program(), *chained);
  assembly.set_chains(participant(1), {});
  EXPECT_EQ(*assembly.program(), *plain);
}

TEST(Assembly, PoliciesAndPortsTouchTheirTablesAlone) {
  const World world({1, 2});
  Assembly assembly(world.exchange);
  const auto before = assembly.program();
  assembly.set_sends(participant(1), Assembly::Sends::kByPolicy);
  assembly.set_port(router(2), false);
  const auto after = assembly.program();
  for (const TableId table : {TableId::kOutbound, TableId::kResolve, TableId::kInbound}) {
    EXPECT_EQ(after->table(table), before->table(table));
  }
  EXPECT_NE(after->table(TableId::kAdmit), before->table(TableId::kAdmit));
  EXPECT_NE(after->table(TableId::kTransit), before->table(TableId::kTransit));
  assembly.set_sends(participant(1), Assembly::Sends::kByDefault);
  assembly.set_port(router(2), true);
  EXPECT_EQ(*assembly.program(), *before);
}

TEST(Assembly, NeighborsAreKeptBySender) {
  const World world({1, 1});
  Assembly assembly(world.exchange);
  const program::VirtualNeighbor neighbor{participant(1), ip("172.0.128.1"), {}};
  assembly.set_neighbors(participant(1), program::make_block(std::vector{neighbor}));
  const auto program = assembly.program();
  EXPECT_EQ(*program::find_neighbor(*program, participant(1), neighbor.address), neighbor);
  EXPECT_EQ(program::find_neighbor(*program, participant(0), neighbor.address), nullptr);
}

// Who is to receive a packet is not known where it enters.
TEST(Assembly, HashesWhatItsSenderTestsAndWhatAnyReceiverDoes) {
  const World world({1, 1});
  Assembly assembly(world.exchange);
  const auto hashes_of = [&assembly](unsigned owner) {
    net::HashKeys keys;
    for (const program::Row& row : assembly.program()->table(TableId::kAdmit)) {
      if (row.origin.participant == participant(owner)) keys = keys | row.hashes;
    }
    return keys;
  };
  EXPECT_TRUE(hashes_of(0).empty());
  assembly.set_tested(participant(0), {.sent = {net::HashKey::kFlow}, .received = {}});
  EXPECT_EQ(hashes_of(0), net::HashKeys{net::HashKey::kFlow});
  EXPECT_TRUE(hashes_of(1).empty());
  assembly.set_tested(participant(1), {.sent = {}, .received = {net::HashKey::kDstIp}});
  EXPECT_EQ(hashes_of(0), (net::HashKeys{net::HashKey::kFlow, net::HashKey::kDstIp}));
  EXPECT_EQ(hashes_of(1), net::HashKeys{net::HashKey::kDstIp});
  assembly.set_tested(participant(0), {});
  assembly.set_tested(participant(1), {});
  EXPECT_TRUE(hashes_of(0).empty());
}

}  // namespace
}  // namespace fabrix::compiler
