#include "exports/entry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/exports/entries.h"

namespace fabrix::exports {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

TEST(Entry, HasTheKeysOfAFlowByTheirNames) {
  const Entry entry = flow_entry();
  EXPECT_THAT(entry.keys, ElementsAre(Pair("ipsource", "10.0.0.1"),
                                      Pair("or:ipdestination:ip6destination", "10.0.0.2")));
  EXPECT_THAT(entry.values, ElementsAre(Pair("count:ipsource", 1), Pair("avg:bytes", 1477.5)));
  EXPECT_EQ(entry.time, kNow);
}

TEST(Entry, SplitsKeysAtTheSeparator) {
  telemetry::FlowSpec spec = pair_spec();
  spec.separator = "_SEP_";
  telemetry::ReportedFlow flow{.key = "a,b_SEP_c", .value = 1, .source = kPort};
  EXPECT_THAT(entry_of(spec, "f", flow, kNow).keys,
              ElementsAre(Pair("ipsource", "a,b"), Pair("or:ipdestination:ip6destination", "c")));
  // A value that has the separator in it.
  flow.key = "a_SEP_b_SEP_c";
  EXPECT_THAT(entry_of(spec, "f", flow, kNow).keys, ElementsAre(Pair("key", flow.key)));
  spec.keys.clear();
  EXPECT_THAT(entry_of(spec, "f", flow, kNow).keys, IsEmpty());
}

TEST(Entry, TellsWhatAFlowIsWorthAtLeast) {
  EXPECT_EQ(top_entry().value, 4000);
}

TEST(Entry, IsAlsoOfMetricsAndEvents) {
  EXPECT_EQ(metric_entry().value, 1250.5);
  EXPECT_EQ(text_entry().value, std::nullopt);
  EXPECT_EQ(text_entry().text, "leaf \"1\"");
  EXPECT_EQ(event_entry().keys.size(), 2U);
  EXPECT_EQ(event_entry().threshold, 1e6);
  // The flow is no more.
  const telemetry::Event event{.is_of_flow = true, .flow_key = "a"};
  EXPECT_THAT(entry_of(nullptr, event).keys, IsEmpty());
  EXPECT_EQ(table_of(event_entry().kind), "fabrix_events");
}

}  // namespace
}  // namespace fabrix::exports
