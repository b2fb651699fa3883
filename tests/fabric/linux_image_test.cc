#include "fabric/linux_image.h"

#include <random>

#include <gtest/gtest.h>

#include "tests/fabric/linux_rows.h"

namespace fabrix::fabric {
namespace {

using net::ParticipantId;
using program::Metadata;
using program::Rows;
using program::TableId;

program::Row row_of(ParticipantId sender, std::uint32_t port) {
  program::Row row = row_to(port, 10, to_port(port));
  row.match.metadata = Metadata::sender(sender);
  return row;
}

// Two participants' rows, and one of nobody's.
program::Program two_senders() {
  program::Program program;
  program::Row rest;
  rest.next = program::Goto{TableId::kResolve};
  Rows::Directory blocks{program::make_block({rest}),
                         program::make_block({row_of(ParticipantId{0}, 80)}),
                         program::make_block({row_of(ParticipantId{1}, 81)})};
  program.tables[static_cast<std::size_t>(TableId::kOutbound)] = Rows(blocks);
  return program;
}

TEST(LinuxImage, EachOwnerHasAProgramAndNobodysRowsHaveOne) {
  LinuxCompiler compiler;
  const auto image = compiler.compile(two_senders()).value();
  const std::uint32_t first = linux_owner(TableId::kOutbound)->first_slot;
  EXPECT_EQ(image.programs.size(), 1U + 2);
  EXPECT_TRUE(image.programs.contains(first + 1));
  EXPECT_TRUE(image.programs.contains(first + 2));
}

TEST(LinuxImage, WhatIsSharedIsNotMadeAnew) {
  LinuxCompiler compiler;
  program::Program program = two_senders();
  const auto before = compiler.compile(program).value();
  program.tables[static_cast<std::size_t>(TableId::kOutbound)].set_block(
      2, program::make_block({row_of(ParticipantId{1}, 443)}));
  const auto after = compiler.compile(program).value();
  const std::uint32_t first = linux_owner(TableId::kOutbound)->first_slot;
  EXPECT_EQ(after.programs.at(first + 1), before.programs.at(first + 1));  // the same pointer
  EXPECT_NE(after.programs.at(first + 2)->id, before.programs.at(first + 2)->id);
  EXPECT_EQ(after.programs.at(FABRIX_SLOT_COMMON), before.programs.at(FABRIX_SLOT_COMMON));
  // From nothing it is the same.
  const auto anew = LinuxCompiler().compile(program).value();
  for (const auto& [slot, unit] : after.programs) {
    EXPECT_EQ(anew.programs.at(slot)->id, unit->id) << slot;
  }
}

TEST(LinuxImage, AnOwnerThatHasNoRowsAnyMoreHasNoProgram) {
  LinuxCompiler compiler;
  program::Program program = two_senders();
  ASSERT_TRUE(compiler.compile(program));
  program.tables[static_cast<std::size_t>(TableId::kOutbound)].set_block(2, nullptr);
  const auto image = compiler.compile(program).value();
  EXPECT_EQ(image.programs.size(), 1U + 1);
}

// A participant's rows that overlap in two fields, without one that contains another.
program::Rows::Block overlapping_rows(ParticipantId sender, std::uint16_t count) {
  std::vector<program::Row> rows;
  std::mt19937 random(7);
  const auto prefix = [&random](program::Match& match, net::Field field) {
    const std::uint64_t mask = 0xffffU << random() % 12U & 0xffffU;
    match.ternary(field, random() & mask, mask);
  };
  for (std::uint16_t i = 0; i < count; ++i) {
    program::Match match;
    prefix(match, net::Field::kSrcPort);
    prefix(match, net::Field::kDstPort);
    rows.push_back(row_to(1, static_cast<std::uint16_t>(9000 - i), match));
    rows.back().match.metadata = Metadata::sender(sender);
  }
  return program::make_block(std::move(rows));
}

TEST(LinuxImage, WhatTakesTooMuchIsRefusedAndGoesWithoutATrace) {
  LinuxCompiler compiler(100'000);
  program::Program program = two_senders();
  program::Rows& outbound = program.tables[static_cast<std::size_t>(TableId::kOutbound)];
  outbound.set_block(2, nullptr);
  const auto before = compiler.compile(program).value();
  outbound.set_block(2, overlapping_rows(ParticipantId{1}, 500));  // and one of nobody's
  const auto refused = compiler.compile(program);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("501 rows of table outbound overlap in more ways"),
            std::string::npos)
      << refused.error().message;
  outbound.set_block(2, overlapping_rows(ParticipantId{1}, 4000));
  EXPECT_FALSE(compiler.compile(program));
  outbound.set_block(2, nullptr);
  const auto after = compiler.compile(program);
  ASSERT_TRUE(after) << after.error().message;
  EXPECT_EQ(after->programs, before.programs);
  outbound.set_block(2, overlapping_rows(ParticipantId{1}, 20));
  const auto later = compiler.compile(program);
  ASSERT_TRUE(later) << later.error().message;
  EXPECT_EQ(later->programs.size(), before.programs.size() + 1);
}

// Four targets that each have four are what policies can ask for at most (policy::kMaxCopies).
program::Program forks(std::size_t outbound, std::size_t inbound) {
  program::Program program;
  const auto to = [&](TableId from, TableId table, std::size_t count) {
    program::Fork fork;
    for (std::size_t i = 0; i < count; ++i) {
      const ParticipantId id{static_cast<std::uint16_t>(i)};
      fork.branches.push_back({.metadata = Metadata::egress(id), .table = table});
    }
    program::Row row;
    row.next = fork;
    program.table(from).push_back(row);
  };
  program::Row admit;
  admit.next = program::Goto{TableId::kOutbound};
  program.table(TableId::kAdmit).push_back(admit);
  to(TableId::kOutbound, TableId::kInbound, outbound);
  to(TableId::kInbound, TableId::kTransit, inbound);
  program.table(TableId::kTransit).push_back(row_to(1, 1));
  return program;
}

TEST(LinuxImage, KnowsWhatAPacketMayAskFor) {
  LinuxCompiler compiler;
  const auto image = compiler.compile(forks(4, 4));
  ASSERT_TRUE(image) << image.error().message;
  const LinuxDemand demand = demand_of(*image);
  EXPECT_EQ(demand.calls, 1U + 1 + 4 * (1 + 4) + 1);
  EXPECT_EQ(demand.outputs, 16U);
  EXPECT_EQ(demand.waiting, 3U + 3);
}

TEST(LinuxImage, RefusesWhatTheKernelWouldNotFinish) {
  LinuxCompiler compiler;
  const auto image = compiler.compile(forks(5, 6));
  ASSERT_FALSE(image);
  EXPECT_NE(image.error().message.find("33 tail calls"), std::string::npos)
      << image.error().message;
}

}  // namespace
}  // namespace fabrix::fabric
