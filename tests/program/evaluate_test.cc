#include "program/evaluate.h"

#include <gtest/gtest.h>

namespace fabrix::program {
namespace {

net::Packet web_packet() {
  net::Packet packet = net::parse_packet("tcp 100.0.0.1:40000 -> 140.0.0.1:80").value();
  packet.in_port = net::PortNo{1};
  return packet;
}

Row row(std::uint16_t priority, Next next) {
  Row result;
  result.priority = priority;
  result.next = std::move(next);
  return result;
}

Output port(std::uint32_t number) {
  return Output{net::PortNo{number}};
}

TEST(EvaluateTest, ATestHoldsWhenTheMaskedBitsAreEqual) {
  const net::Packet packet = web_packet();
  Match match;
  EXPECT_TRUE(matches(match, packet, 0));
  match.ternary(net::Field::kDstIp4, 0x8c000000, 0xff000000);
  EXPECT_TRUE(matches(match, packet, 0));
  match.exact(net::Field::kDstPort, 81);
  EXPECT_FALSE(matches(match, packet, 0));
}

TEST(EvaluateTest, MetadataMustMatchToo) {
  const net::Packet packet = web_packet();
  Match match;
  match.metadata = Metadata::sender(net::ParticipantId{2});
  EXPECT_TRUE(matches(match, packet, 3));
  EXPECT_TRUE(matches(match, packet, 0x1003));
  EXPECT_FALSE(matches(match, packet, 0));
  EXPECT_FALSE(matches(match, packet, 2));
}

TEST(EvaluateTest, DropsWhatNoRowMatches) {
  const Program program;
  const Outcome outcome = evaluate(program, web_packet());
  EXPECT_FALSE(outcome.output);
  EXPECT_FALSE(outcome.to_controller);
  ASSERT_EQ(outcome.steps.size(), 1U);
  EXPECT_EQ(outcome.steps[0].table, TableId::kAdmit);
  EXPECT_EQ(outcome.steps[0].row, nullptr);
}

TEST(EvaluateTest, TheHighestPriorityActs) {
  Program program;
  program.table(TableId::kAdmit) = {row(9, port(9)), row(5, port(5)), row(1, port(2))};
  program.table(TableId::kAdmit)[0].match.exact(net::Field::kDstPort, 443);
  EXPECT_EQ(evaluate(program, web_packet()).output, net::PortNo{5});
}

TEST(EvaluateTest, CarriesWritesAndMetadataFromTableToTable) {
  Program program;
  Row admit = row(1, Goto{TableId::kResolve});
  admit.write_metadata = Metadata::sender(net::ParticipantId{3});
  admit.set_fields = {{.field = net::Field::kDstPort, .value = 8080}};
  program.table(TableId::kAdmit) = {admit};
  Row resolve = row(1, Goto{TableId::kTransit});
  resolve.match.exact(net::Field::kDstPort, 8080);
  resolve.match.metadata = Metadata::sender(net::ParticipantId{3});
  resolve.write_metadata = Metadata::egress_router(net::RouterId{0});
  program.table(TableId::kResolve) = {resolve};
  Row transit = row(1, port(7));
  transit.match.metadata = Metadata::egress_router(net::RouterId{0});
  transit.set_fields = {{.field = net::Field::kDstMac, .value = 0x080000000001}};
  program.table(TableId::kTransit) = {transit};

  const Outcome outcome = evaluate(program, web_packet());
  EXPECT_EQ(outcome.output, net::PortNo{7});
  EXPECT_EQ(outcome.packet.dst_port, 8080);
  EXPECT_EQ(outcome.packet.dst_mac.to_string(), "08:00:00:00:00:01");
  EXPECT_EQ(outcome.metadata, 0x1000004U);
  ASSERT_EQ(outcome.steps.size(), 3U);
  EXPECT_EQ(outcome.steps[1].table, TableId::kResolve);
  EXPECT_EQ(outcome.steps[1].row, program.table(TableId::kResolve).data());
}

TEST(EvaluateTest, NeverSendsBackWhereItCameFrom) {
  Program program;
  program.table(TableId::kAdmit) = {row(1, port(1))};
  EXPECT_FALSE(evaluate(program, web_packet()).output);
}

TEST(EvaluateTest, TellsTheControllerFromADrop) {
  Program program;
  program.table(TableId::kAdmit) = {row(1, ToController{})};
  EXPECT_TRUE(evaluate(program, web_packet()).to_controller);
  program.table(TableId::kAdmit) = {row(1, Discard{})};
  EXPECT_FALSE(evaluate(program, web_packet()).to_controller);
}

TEST(EvaluateDeathTest, ATableNeverLeadsBack) {
  Program program;
  program.table(TableId::kAdmit) = {row(1, Goto{TableId::kAdmit})};
  EXPECT_DEATH(evaluate(program, web_packet()), "assertion failed");
}

TEST(EvaluateTest, AForkGoesOnOnceForEachBranch) {
  Program program;
  Row fork = row(1, Fork{.branches = {{Metadata::egress_router({1}), TableId::kTransit},
                                      {Metadata::egress_router({2}), TableId::kTransit},
                                      {Metadata::egress_router({3}), TableId::kTransit}}});
  fork.set_fields = {{.field = net::Field::kDscp, .value = 8}};
  program.table(TableId::kAdmit) = {fork};
  for (std::uint16_t i = 1; i <= 3; ++i) {
    Row out = row(1, port(i));
    out.match.metadata = Metadata::egress_router(net::RouterId{i});
    out.set_fields = {{.field = net::Field::kDstMac, .value = i}};
    program.table(TableId::kTransit).push_back(out);
  }
  // Not back to port 1, where it came from.
  const Outcome outcome = evaluate(program, web_packet());
  EXPECT_EQ(outcome.output, net::PortNo{2});
  EXPECT_EQ(outcome.packet.dst_mac.to_u64(), 2U);
  ASSERT_EQ(outcome.copies.size(), 1U);
  EXPECT_EQ(outcome.copies[0].port, net::PortNo{3});
  EXPECT_EQ(outcome.copies[0].packet.dst_mac.to_u64(), 3U);
  EXPECT_EQ(outcome.copies[0].packet.dscp, 8);
  EXPECT_EQ(outcome.steps.size(), 4U);
}

TEST(EvaluateTest, MirrorsWhatCameToTheRowAndOnlyWhatItsMeterPasses) {
  Program program;
  Row only = row(1, port(2));
  only.set_fields = {{.field = net::Field::kDscp, .value = 8}};
  only.copies = {net::PortNo{1}, net::PortNo{3}};
  only.meter = Meter{.id = 7, .kbps = 1};
  program.table(TableId::kAdmit) = {only};
  const Outcome outcome = evaluate(program, web_packet());
  EXPECT_EQ(outcome.output, net::PortNo{2});
  EXPECT_EQ(outcome.packet.dscp, 8);
  EXPECT_EQ(outcome.copies, (std::vector<Copy>{{net::PortNo{3}, web_packet()}}));
  const Outcome none = evaluate(program, web_packet(), [](const Meter& meter) {
    EXPECT_EQ(meter.id, 7U);
    return false;
  });
  EXPECT_FALSE(none.output);
  EXPECT_TRUE(none.copies.empty());
}

}  // namespace
}  // namespace fabrix::program
