// Every packet sees the old plan or the new one, at each flow mod of each step, whatever the switch
// refuses: on a model of a switch's tables.
#include "fabric/switch_flows.h"

#include <functional>
#include <limits>
#include <map>

#include <gtest/gtest.h>

namespace fabrix::fabric {
namespace {

using Commits = SwitchFlows::Commits;
using Progress = SwitchFlows::Progress;
using Purpose = SwitchFlows::Purpose;
using Seen = std::map<FlowKey, openflow::Instructions>;

const std::vector<net::PortNo> kPorts{net::PortNo{1}, net::PortNo{2}};

// `count` rows in each of two tables, all of which lead to `port`.
FlowPlanPtr plan_of(std::uint16_t count, std::uint32_t port) {
  auto program = std::make_shared<program::Program>();
  for (std::uint16_t priority = 1; priority <= count; ++priority) {
    program::Row row;
    row.priority = priority;
    row.match.exact(net::Field::kInPort, 1);
    row.next = program::Goto{program::TableId::kOutbound};
    program->table(program::TableId::kAdmit).push_back(row);
    row.match.exact(net::Field::kEthType, port);
    row.next = program::Output{net::PortNo{port}};
    program->table(program::TableId::kOutbound).push_back(row);
  }
  program->canonicalize();
  return FlowPlan::make(program, kPorts, FlowPlan()).value();
}

// The tables of a switch: flow entries as they are ordered, one by one or all or none.
class Tables {
 public:
  explicit Tables(Commits commits) : commits_(commits) {}

  bool commit(const std::vector<openflow::FlowMod>& mods) {
    const auto before = flows_;
    for (const openflow::FlowMod& mod : mods) {
      if (!apply(mod)) {
        if (commits_ == Commits::kAtomic) flows_ = before;
        return false;
      }
      if (commits_ == Commits::kOneByOne && on_change) on_change();
    }
    if (commits_ == Commits::kAtomic && on_change) on_change();
    return true;
  }

  std::vector<openflow::FlowStats> read() const {
    std::vector<openflow::FlowStats> all;
    for (const auto& [key, flow] : flows_) {
      openflow::FlowStats stats;
      stats.table_id = flow.table_id;
      stats.priority = flow.priority;
      stats.cookie = flow.cookie;
      stats.match = flow.match;
      stats.instructions = flow.instructions;
      all.push_back(stats);
    }
    return all;
  }

  // What packets see.
  Seen seen() const {
    Seen seen;
    for (const auto& flow : by_bank(read()).seen) {
      seen.emplace(key_of(flow.table_id, flow.priority, flow.match), flow.instructions);
    }
    return seen;
  }

  std::function<void()> on_change;
  std::size_t capacity = std::numeric_limits<std::size_t>::max();
  std::size_t refused = 0;  // the so many-th addition; 0: none
  std::size_t ordered = 0;
  std::size_t size() const { return flows_.size(); }

 private:
  bool apply(const openflow::FlowMod& mod) {
    ++ordered;
    FlowKey key = key_of(mod.table_id, mod.priority, mod.match);
    if (mod.command == openflow::FlowCommand::kDeleteStrict) {
      flows_.erase(key);
      return true;
    }
    if (refused == 1 || (flows_.size() >= capacity && !flows_.contains(key))) return false;
    if (refused != 0) --refused;
    flows_.insert_or_assign(std::move(key), mod);
    return true;
  }

  Commits commits_;
  std::map<FlowKey, openflow::FlowMod> flows_;
};

Seen seen_of(const FlowPlanPtr& plan) {
  Seen seen;
  for (const auto& [key, flow] : plan->flows()) seen.emplace(key, flow.instructions);
  return seen;
}

// To the end; whether the plan came into force.
bool carry_out(SwitchFlows& flows, Tables& tables) {
  bool in_force = false;
  while (const auto mods = flows.next()) {
    const Progress progress = tables.commit(*mods) ? flows.on_committed() : flows.on_rejected();
    if (progress == Progress::kRefused) return false;
    in_force = in_force || progress == Progress::kInForce;
  }
  return in_force;
}

bool change(SwitchFlows& flows, Tables& tables, const FlowPlanPtr& plan, Commits commits) {
  flows.start(plan, commits, Purpose::kChange);
  return carry_out(flows, tables);
}

class SwitchFlowsTest : public ::testing::TestWithParam<Commits> {
 protected:
  void SetUp() override {
    flows_.forget();
    ASSERT_TRUE(change(flows_, tables_, old_, GetParam()));
    ASSERT_EQ(tables_.seen(), seen_of(old_));
  }

  // As read after a lost connection.
  FabricAudit read_back(const FlowPlanPtr& wanted) {
    flows_.forget();
    auto installed = tables_.read();
    return flows_.note(installed, wanted);
  }

  // Without atomic commits two flow mods are a large change.
  std::uint16_t rows_ = GetParam() == Commits::kAtomic ? 600 : 10;
  FlowPlanPtr old_ = plan_of(rows_, 1);
  FlowPlanPtr new_ = plan_of(static_cast<std::uint16_t>(rows_ + 2), 2);
  SwitchFlows flows_;
  Tables tables_{GetParam()};
};

TEST_P(SwitchFlowsTest, PacketsSeeTheOldPlanOrTheNewOneAtEachStep) {
  std::size_t changes = 0;
  Seen before = seen_of(old_);
  tables_.on_change = [&] {
    const Seen now = tables_.seen();
    if (now == before) return;
    EXPECT_EQ(now, seen_of(new_));
    before = now;
    ++changes;
  };
  ASSERT_TRUE(change(flows_, tables_, new_, GetParam()));
  EXPECT_EQ(changes, 1U);
  EXPECT_EQ(flows_.size(), new_->size());
  EXPECT_LE(tables_.size(), new_->size() + 1) << "nothing is left of the old one";
  EXPECT_TRUE(read_back(new_).agrees());
}

TEST_P(SwitchFlowsTest, NoCommitOfALargeChangeKeepsTheSwitchForLong) {
  new_ = plan_of(1700, 2);
  flows_.start(new_, GetParam(), Purpose::kChange);
  while (const auto mods = flows_.next()) {
    EXPECT_LE(mods->size(), SwitchFlows::kBatch);
    ASSERT_TRUE(tables_.commit(*mods));
    ASSERT_NE(flows_.on_committed(), Progress::kRefused);
  }
  EXPECT_EQ(tables_.seen(), seen_of(new_));
}

// What is asked for ahead is what is next once the switch has done what it has.
TEST_P(SwitchFlowsTest, SaysWhatFollowsUntilTheNextStep) {
  flows_.start(plan_of(1700, 2), GetParam(), Purpose::kChange);
  std::size_t foretold = 0;
  std::optional<SwitchFlows::Mods> later;
  while (const auto mods = flows_.next()) {
    const auto after = flows_.after_next();
    if (later) {
      EXPECT_EQ(after, later);
    }
    later = flows_.after_next(1);
    ASSERT_TRUE(tables_.commit(*mods));
    ASSERT_NE(flows_.on_committed(), Progress::kRefused);
    if (!after) continue;
    ++foretold;
    EXPECT_EQ(after, flows_.next());
  }
  // Of 3400 flow entries in four commits, but for the first of each step; and of what is removed.
  EXPECT_EQ(foretold, GetParam() == Commits::kAtomic ? 4U : 3U);
  EXPECT_TRUE(flows_.is_done());
}

TEST_P(SwitchFlowsTest, ARefusedFlowEntryLeavesTheOldPlanWhicheverItIs) {
  const std::size_t step = GetParam() == Commits::kAtomic ? 301 : 1;
  for (std::size_t at = 1; at <= new_->size() + 2; at += step) {
    SCOPED_TRACE(at);
    SwitchFlows flows;
    flows.forget();
    Tables tables(GetParam());
    ASSERT_TRUE(change(flows, tables, old_, GetParam()));
    tables.on_change = [&] {
      const Seen seen = tables.seen();
      EXPECT_TRUE(seen == seen_of(old_) || seen == seen_of(new_));
    };
    // All that is refused again in place, too.
    tables.refused = at;
    flows.start(new_, GetParam(), Purpose::kChange);
    bool in_force = false;
    bool refused = false;
    while (const auto mods = flows.next()) {
      const bool taken = tables.commit(*mods);
      if (!taken) tables.refused = 1;
      const Progress progress = taken ? flows.on_committed() : flows.on_rejected();
      in_force = in_force || progress == Progress::kInForce;
      refused = refused || progress == Progress::kRefused;
      if (refused) break;
    }
    // The flip back to the first bank is a deletion, which nobody refuses.
    EXPECT_NE(in_force, refused);
    EXPECT_EQ(tables.seen(), seen_of(in_force ? new_ : old_));
    tables.refused = 0;
    tables.on_change = nullptr;
    ASSERT_TRUE(change(flows, tables, new_, GetParam()));
    EXPECT_EQ(tables.seen(), seen_of(new_));
    EXPECT_LE(tables.size(), new_->size() + 1);
  }
}

TEST_P(SwitchFlowsTest, ALostConnectionLeavesOnePlanWholeAndWhatIsReadBackIsPutRight) {
  for (const std::size_t lost_after : {0U, 1U, 2U, 3U, 4U}) {
    SCOPED_TRACE(lost_after);
    flows_.start(new_, GetParam(), Purpose::kChange);
    for (std::size_t i = 0; i < lost_after; ++i) {
      const auto mods = flows_.next();
      if (!mods) break;
      ASSERT_TRUE(tables_.commit(*mods));
      flows_.on_committed();
    }
    const Seen seen = tables_.seen();
    EXPECT_TRUE(seen == seen_of(old_) || seen == seen_of(new_));
    read_back(old_);
    ASSERT_TRUE(change(flows_, tables_, old_, GetParam()));
    EXPECT_TRUE(read_back(old_).agrees());
  }
}

INSTANTIATE_TEST_SUITE_P(Commits, SwitchFlowsTest,
                         ::testing::Values(Commits::kAtomic, Commits::kOneByOne),
                         [](const auto& each) {
                           return each.param == Commits::kAtomic ? "Atomic" : "OneByOne";
                         });

class SwitchFlowsAtOnceTest : public ::testing::Test {
 protected:
  void install(Commits commits, const FlowPlanPtr& plan) {
    flows_.forget();
    ASSERT_TRUE(change(flows_, tables_, plan, commits));
    tables_.ordered = 0;
  }

  SwitchFlows flows_;
  Tables tables_{Commits::kAtomic};
};

TEST_F(SwitchFlowsAtOnceTest, ASmallChangeIsOneCommitOfWhatDiffers) {
  install(Commits::kAtomic, plan_of(700, 1));
  ASSERT_TRUE(change(flows_, tables_, plan_of(701, 1), Commits::kAtomic));
  EXPECT_EQ(tables_.ordered, 2U);
  EXPECT_EQ(flows_.active(), FlowBank::kFirst);
}

TEST_F(SwitchFlowsAtOnceTest, WhatHasNoRoomBesideTheOldPlanIsChangedInPlaceIfThatIsAtomic) {
  install(Commits::kAtomic, plan_of(700, 1));
  tables_.capacity = 1700;
  ASSERT_TRUE(change(flows_, tables_, plan_of(800, 2), Commits::kAtomic));
  EXPECT_EQ(tables_.seen(), seen_of(plan_of(800, 2)));
  EXPECT_EQ(tables_.size(), 1600U);
  tables_.capacity = 1600;
  EXPECT_FALSE(change(flows_, tables_, plan_of(801, 1), Commits::kAtomic));
  EXPECT_EQ(tables_.seen(), seen_of(plan_of(800, 2)));
}

TEST_F(SwitchFlowsAtOnceTest, WithoutAtomicCommitsAFullTableRefusesAllOrNothing) {
  Tables tables(Commits::kOneByOne);
  flows_.forget();
  ASSERT_TRUE(change(flows_, tables, plan_of(700, 1), Commits::kOneByOne));
  const std::size_t had = tables.size();
  tables.capacity = 2000;
  EXPECT_FALSE(change(flows_, tables, plan_of(800, 2), Commits::kOneByOne));
  EXPECT_EQ(tables.seen(), seen_of(plan_of(700, 1)));
  EXPECT_EQ(tables.size(), had) << "nothing of the new one is left";
}

// One participant's rules were deleted behind our back: those come back, and nothing else is
// touched.
TEST_F(SwitchFlowsAtOnceTest, WhatSomebodyBrokeIsRestoredInPlace) {
  const FlowPlanPtr plan = plan_of(700, 1);
  for (const Commits commits : {Commits::kAtomic, Commits::kOneByOne}) {
    Tables tables(commits);
    flows_.forget();
    ASSERT_TRUE(change(flows_, tables, plan, commits));
    std::vector<openflow::FlowMod> deleted;
    for (const auto& [key, flow] : plan->flows()) {
      if (flow.priority > 10) continue;
      deleted.push_back(in_bank(flow, flows_.active()));
      deleted.back().command = openflow::FlowCommand::kDeleteStrict;
    }
    ASSERT_TRUE(tables.commit(deleted));
    auto installed = tables.read();
    EXPECT_EQ(flows_.note(installed, plan).missing, 20U);
    tables.ordered = 0;
    flows_.start(plan, commits, Purpose::kRestore);
    EXPECT_TRUE(carry_out(flows_, tables));
    EXPECT_EQ(tables.ordered, 20U);
    EXPECT_EQ(tables.seen(), seen_of(plan));
  }
}

TEST_F(SwitchFlowsAtOnceTest, WhatNobodySeesIsForeignAndGoes) {
  const FlowPlanPtr plan = plan_of(3, 1);
  install(Commits::kAtomic, plan);
  openflow::FlowMod stray = plan->flows().begin()->second;
  stray.table_id = 9;
  ASSERT_TRUE(tables_.commit({stray}));
  auto installed = tables_.read();
  const FabricAudit found = flows_.note(installed, plan);
  EXPECT_EQ(found.foreign, 1U);
  EXPECT_EQ(found.right, 6U);
  ASSERT_TRUE(change(flows_, tables_, plan, Commits::kAtomic));
  EXPECT_EQ(tables_.size(), 6U);
}

}  // namespace
}  // namespace fabrix::fabric
