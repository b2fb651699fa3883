#include "openflow/flow.h"

#include <gtest/gtest.h>

#include "tests/openflow/sample_messages.h"
#include "tests/openflow/test_flows.h"

namespace fabrix::openflow {
namespace {

std::vector<std::byte> body_of(const FlowMod& mod, Version version) {
  WireWriter out;
  encode_flow_mod_body(mod, version, out);
  return out.take();
}

std::optional<Instructions> decoded(std::initializer_list<int> octets) {
  std::vector<std::byte> bytes;
  for (const int octet : octets) bytes.push_back(static_cast<std::byte>(octet));
  return decode_instructions(ByteReader(bytes));
}

TEST(FlowTest, EveryFlowModSurvivesTheWireInBothVersions) {
  for (const Version version : {Version::kOpenFlow13, Version::kOpenFlow14}) {
    for (const FlowMod& mod : tests::flows_with_every_field()) {
      SCOPED_TRACE(mod.priority);
      const auto body = body_of(mod, version);
      EXPECT_EQ(body.size(), encoded_size(mod));
      EXPECT_EQ(decode_flow_mod_body(ByteReader(body), version), mod);
    }
  }
}

TEST(FlowTest, SizesOfAllActionsAndInstructionsAreKnownBeforehand) {
  FlowMod mod = tests::policy_flow(1);
  for (const OxmField field : all_oxm_fields()) {
    mod.instructions.apply_actions.emplace_back(SetField{.field = field, .value = 1});
  }
  mod.instructions.apply_actions.emplace_back(OpaqueAction{22, tests::some_bytes(4)});
  mod.instructions.opaque = {{.type = 6, .body = tests::some_bytes(4)}};
  mod.match.add_opaque({.header = 0xffff02, .body = tests::some_bytes(9)});
  EXPECT_EQ(body_of(mod, Version::kOpenFlow14).size(), encoded_size(mod));
}

TEST(FlowTest, ImportanceIsOfOpenFlow14Only) {
  FlowMod mod;
  mod.importance = 5;
  const auto body14 = body_of(mod, Version::kOpenFlow14);
  EXPECT_EQ(decode_flow_mod_body(ByteReader(body14), Version::kOpenFlow14)->importance, 5);
  const auto body13 = body_of(mod, Version::kOpenFlow13);
  EXPECT_EQ(decode_flow_mod_body(ByteReader(body13), Version::kOpenFlow13)->importance, 0);
}

TEST(FlowTest, CanonicalInstructionsAreWhatTheWireYields) {
  Instructions sloppy;
  sloppy.write_metadata = WriteMetadata{.value = 0xff, .mask = 0x0f};
  sloppy.apply_actions = {SetField{.field = OxmField::kVlanVid, .value = 0xffff}};
  WireWriter out;
  encode_instructions(sloppy, out);
  const auto read = decode_instructions(ByteReader(out.view()));
  ASSERT_TRUE(read);
  EXPECT_NE(*read, sloppy);
  EXPECT_EQ(*read, canonical(sloppy));
  sloppy.write_metadata->mask = 0;
  EXPECT_FALSE(canonical(sloppy).write_metadata);
}

TEST(FlowTest, MalformedInstructionsAreRejected) {
  EXPECT_FALSE(decoded({0, 1, 0, 4}));                                       // shorter than any
  EXPECT_FALSE(decoded({0, 1, 0, 12, 1, 0, 0, 0, 0, 0, 0, 0}));              // not in eights
  EXPECT_FALSE(decoded({0, 1, 0, 16, 1, 0, 0, 0}));                          // beyond the end
  EXPECT_FALSE(decoded({0, 1, 0, 8, 1, 0, 0, 0, 0, 1, 0, 8, 2, 0, 0, 0}));   // two gotos
  EXPECT_FALSE(decoded({0, 2, 0, 8, 0, 0, 0, 0}));                           // metadata missing
  EXPECT_FALSE(decoded({0, 4, 0, 16, 0, 0, 0, 0, 0, 0, 0, 8, 0, 0, 0, 1}));  // output too short
  EXPECT_TRUE(decoded({0, 1, 0, 8, 1, 0, 0, 0}));
}

TEST(FlowTest, AReportedFlowEqualsTheFlowModThatMadeIt) {
  const FlowMod mod = tests::policy_flow(5);
  FlowStats stats = tests::sample_stats();
  EXPECT_FALSE(same_rule(stats, mod));
  stats.match = mod.match;
  stats.priority = mod.priority;
  stats.idle_timeout = stats.hard_timeout = 0;
  EXPECT_TRUE(same_rule(stats, mod));
  EXPECT_FALSE(same_flow(stats, mod));
  stats.cookie = mod.cookie;
  stats.instructions = mod.instructions;
  EXPECT_TRUE(same_flow(stats, mod));
}

TEST(FlowTest, TheRemovalOfAnAdditionIsStrictAndForAnyCookie) {
  FlowMod addition;
  addition.table_id = 3;
  addition.priority = 700;
  addition.cookie = 42;
  const FlowMod removal = removal_of(addition);
  EXPECT_EQ(removal.command, FlowCommand::kDeleteStrict);
  EXPECT_EQ(removal.table_id, addition.table_id);
  EXPECT_EQ(removal.priority, addition.priority);
  EXPECT_EQ(removal.match, addition.match);
  EXPECT_EQ(removal.cookie_mask, 0U);
}

TEST(FlowTest, AFlowCanBeRemovedExactlyAndAddedAgain) {
  const FlowStats stats = tests::sample_stats();
  const FlowMod removal = removal_of(stats);
  EXPECT_EQ(removal.command, FlowCommand::kDeleteStrict);
  EXPECT_EQ(removal.cookie_mask, ~0ULL);
  EXPECT_TRUE(same_rule(stats, removal));
  EXPECT_TRUE(same_flow(stats, addition_of(stats)));
}

TEST(FlowTest, StatsEntriesFollowOneAnother) {
  WireWriter out;
  encode_flow_stats_entry(tests::sample_stats(), Version::kOpenFlow14, out);
  encode_flow_stats_entry({}, Version::kOpenFlow14, out);
  ByteReader in(out.view());
  EXPECT_EQ(decode_flow_stats_entry(in, Version::kOpenFlow14), tests::sample_stats());
  EXPECT_EQ(decode_flow_stats_entry(in, Version::kOpenFlow14), FlowStats{});
  EXPECT_TRUE(in.ok() && in.at_end());
  EXPECT_FALSE(decode_flow_stats_entry(in, Version::kOpenFlow14));
}

}  // namespace
}  // namespace fabrix::openflow
