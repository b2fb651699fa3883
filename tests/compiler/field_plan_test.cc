#include "compiler/field_plan.h"

#include <gtest/gtest.h>

#include "tests/compiler/world.h"

namespace fabrix::compiler {
namespace {

policy::Target to(unsigned i) {
  return {.participant = participant(i), .router = std::nullopt};
}

std::vector<CodedTarget> targets(unsigned count) {
  std::vector<CodedTarget> all;
  for (unsigned i = 0; i < count; ++i) all.push_back({to(i), {router(i)}, 0});
  return all;
}

Units units(const std::vector<unsigned>& reached) {
  Units all;
  for (const unsigned i : reached) all.push_back({to(i), router(i)});
  return all;
}

unsigned width_of(const FieldPlan& plan) {
  unsigned width = plan.overflow_width;
  for (const PlannedField& field : plan.fields) width += field.width;
  return width;
}

TEST(FieldPlan, TargetsThatNeverMeetShareOneField) {
  const FieldPlan plan = plan_fields(targets(100), {}, 30);
  ASSERT_EQ(plan.fields.size(), 1U);
  EXPECT_EQ(plan.fields[0].codes.size(), 100U);
  EXPECT_EQ(plan.fields[0].width, 7U);
  EXPECT_TRUE(plan.overflow.empty());
  EXPECT_GE(plan.overflow_width, 3U);
}

TEST(FieldPlan, AHubHasAFieldOfItsOwn) {
  std::vector<Units> present;
  for (unsigned i = 1; i < 40; ++i) present.push_back(units({0, i}));
  const FieldPlan plan = plan_fields(targets(40), present, 30);
  ASSERT_EQ(plan.fields.size(), 2U);
  EXPECT_EQ(plan.fields[0].targets.size(), 1U);
  EXPECT_EQ(plan.fields[0].targets[0].target, to(0));
  EXPECT_TRUE(plan.overflow.empty());
}

TEST(FieldPlan, FitsTheWidthWhateverMeets) {
  for (const unsigned width : {6U, 10U, 30U}) {
    std::vector<Units> present;
    for (unsigned a = 0; a < 50; ++a) {
      for (unsigned b = a + 1; b < 50; b += 5) present.push_back(units({a, b}));
    }
    EXPECT_LE(width_of(plan_fields(targets(50), present, width)), width);
  }
}

TEST(FieldPlan, LeavesOutWhatIsOneTooMany) {
  std::vector<unsigned> everyone;
  for (unsigned i = 0; i < 12; ++i) everyone.push_back(i);
  std::vector<Units> present;
  for (unsigned mask = 0; mask < 4096; ++mask) {
    std::vector<unsigned> some;
    for (const unsigned i : everyone) {
      if ((mask >> i & 1U) != 0) some.push_back(i);
    }
    if (some.size() > 1) present.push_back(units(some));
  }
  const FieldPlan plan = plan_fields(targets(12), present, 10);
  EXPECT_EQ(plan.dropped.size(), 2U);
  EXPECT_EQ(plan.fields.size(), 10U);
}

}  // namespace
}  // namespace fabrix::compiler
