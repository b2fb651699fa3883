#include "verify/effect.h"

#include <gtest/gtest.h>

namespace fabrix::verify {
namespace {

TEST(EffectTest, LaterWritesPrevail) {
  const Writes first{{net::Field::kDscp, 1}, {net::Field::kDstPort, 80}};
  const Writes then{{net::Field::kDscp, 2}, {net::Field::kSrcPort, 5}};
  const Writes both{{net::Field::kDscp, 2}, {net::Field::kSrcPort, 5}, {net::Field::kDstPort, 80}};
  EXPECT_EQ(merge(first, then), both);
}

TEST(EffectTest, EqualEffectsHaveEqualLeavesAndADropHasNone) {
  Effects effects;
  Effect output{.kind = Effect::Kind::kOutput,
                .table = program::TableId::kAdmit,
                .metadata = 0,
                .port = net::PortNo{4},
                .writes = {}};
  const auto leaf = effects.leaf_of(output);
  EXPECT_EQ(effects.leaf_of(output), leaf);
  EXPECT_EQ(effects.at(leaf), output);
  output.port = net::PortNo{5};
  EXPECT_NE(effects.leaf_of(output), leaf);
  EXPECT_EQ(effects.leaf_of({}), diagram::kNone);
  EXPECT_EQ(effects.at(diagram::kNone), Effect{});
}

}  // namespace
}  // namespace fabrix::verify
