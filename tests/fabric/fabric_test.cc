#include "fabric/fabric.h"

#include <memory>

#include <gtest/gtest.h>

#include "fabric/simulated.h"
#include "net/frame.h"

namespace fabrix::fabric {
namespace {

constexpr net::ParticipantId kOwner{3};

// Everything is counted by 1, on its way through a row of kOwner's.
program::ProgramPtr counting_program(std::vector<std::uint64_t> queries) {
  auto program = std::make_shared<program::Program>();
  program::Row row;
  row.next = program::Goto{program::TableId::kSent};
  program->table(program::TableId::kAdmit).push_back(row);
  row.next = program::Discard{};
  row.origin = {.kind = program::Origin::Kind::kQuery, .participant = kOwner, .clause = 0};
  row.queries = std::move(queries);
  program->table(program::TableId::kSent).push_back(row);
  return program;
}

TEST(FabricTest, CountsPacketsAndOctetsForEachQueryOfARow) {
  SimulatedFabric fabric;
  fabric.install(counting_program({1, 2}), [](const Result<void>&) {});
  const net::Packet packet = net::parse_packet("tcp 100.0.0.1:40000 -> 140.0.0.1:80").value();
  fabric.send(packet);
  fabric.send(packet);
  const QueryCount twice{.packets = 2, .octets = 2 * net::build_frame(packet).size()};
  EXPECT_EQ(fabric.query_counts(), (QueryCounts{{{.owner = kOwner, .query = 1}, twice},
                                                {{.owner = kOwner, .query = 2}, twice}}));
}

TEST(FabricTest, KeepsCountsOfRowsThatAreGoneUntilTheyAreForgotten) {
  SimulatedFabric fabric;
  fabric.install(counting_program({1}), [](const Result<void>&) {});
  const net::Packet packet = net::parse_packet("udp 100.0.0.1:1 -> 140.0.0.1:2").value();
  fabric.send(packet);
  fabric.install(counting_program({2}), [](const Result<void>&) {});
  fabric.send(packet);
  EXPECT_EQ(fabric.query_counts().size(), 2U);
  fabric.forget_queries({{.owner = kOwner, .query = 2}});
  ASSERT_EQ(fabric.query_counts().size(), 1U);
  EXPECT_EQ(fabric.query_counts().begin()->second.packets, 1U);
}

TEST(FabricTest, TheSimulatedOneAnswersAtOnce) {
  SimulatedFabric fabric;
  int answers = 0;
  fabric.on_query_counts = [&answers] { ++answers; };
  fabric.read_query_counts();
  EXPECT_EQ(answers, 1);
}

TEST(FabricTest, RefusesToSampleUnlessItCan) {
  SimulatedFabric fabric;
  EXPECT_TRUE(fabric.set_sampling({}));
  EXPECT_TRUE(fabric.set_sampling({{net::PortNo{1}, 0}}));
  EXPECT_FALSE(fabric.set_sampling({{net::PortNo{1}, 1000}}));
}

}  // namespace
}  // namespace fabrix::fabric
