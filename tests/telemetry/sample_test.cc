#include "telemetry/sample.h"

#include <gtest/gtest.h>

namespace fabrix::telemetry {
namespace {

using sflow::Interface;
using sflow::SourceId;

SourceId source(const SourceId& told, const Interface& input) {
  return counted_source(sflow::FlowSample{.source = told, .input = input, .output = {0, 8}});
}

TEST(Sample, OfAnInterfaceIsOfThatOne) {
  EXPECT_EQ(source({0, 7}, {0, 7}), (SourceId{0, 7}));
  EXPECT_EQ(source({0, 8}, {0, 7}), (SourceId{0, 8}));  // as it went out
  EXPECT_EQ(source({3, 100000}, {0, 7}), (SourceId{3, 100000}));
}

// Of a bridge of Open vSwitch.
TEST(Sample, OfASwitchIsOfTheInterfaceWhereItCameIn) {
  EXPECT_EQ(source({2, 1000}, {0, 7}), (SourceId{0, 7}));
  EXPECT_EQ(source({2, 1000}, {0, 0}), (SourceId{2, 1000}));
  EXPECT_EQ(source({2, 1000}, {0, Interface::kInternal}), (SourceId{2, 1000}));
  EXPECT_EQ(source({2, 1000}, {1, 256}), (SourceId{2, 1000}));
}

}  // namespace
}  // namespace fabrix::telemetry
