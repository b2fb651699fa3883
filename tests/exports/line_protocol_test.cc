#include "exports/line_protocol.h"

#include <cmath>

#include <gtest/gtest.h>

#include "tests/exports/entries.h"

namespace fabrix::exports {
namespace {

// docs.influxdata.com/influxdb/v1/write_protocols/line_protocol_reference
TEST(LineProtocol, HasTagsFieldsAndATime) {
  EXPECT_EQ(influx_line(flow_entry()),
            "fabrix_flows,agent=192.0.2.1,ipsource=10.0.0.1,or:ipdestination:ip6destination="
            "10.0.0.2,name=pair,source=37 value=701000,start=1700000000000i,count:ipsource=1,"
            "avg:bytes=1477.5 1700000012345000000\n");
  EXPECT_EQ(influx_line(metric_entry()),
            "fabrix_metrics,agent=192.0.2.1,name=ifinoctets,source=37 value=1250.5 "
            "1700000012345000000\n");
  EXPECT_EQ(influx_line(text_entry()),
            "fabrix_metrics,agent=192.0.2.1,name=host_name,source=37 text=\"leaf \\\"1\\\"\" "
            "1700000012345000000\n");
  EXPECT_EQ(influx_line(event_entry()),
            "fabrix_events,agent=192.0.2.1,ipsource=10.0.0.1,or:ipdestination:ip6destination="
            "10.0.0.2,metric=pair,name=big,source=37 value=1000127,threshold=1000000,"
            "count:ipsource=2,avg:bytes=3 1700000012345000000\n");
}

TEST(LineProtocol, EscapesWhatHasAMeaning) {
  Entry entry = metric_entry();
  entry.keys = {{"a b", "c,d=e"}, {"x", "line\nend\\"}, {"none", ""}, {"agent", "key"}};
  EXPECT_EQ(influx_line(entry),
            "fabrix_metrics,agent=192.0.2.1,a\\ b=c\\,d\\=e,x=line_end_,key_agent=key,"
            "name=ifinoctets,source=37 value=1250.5 1700000012345000000\n");
}

TEST(LineProtocol, HasNothingToSayWithoutANumber) {
  EXPECT_EQ(influx_line(Entry{.name = "x"}), "");
  EXPECT_EQ(influx_line(Entry{.name = "x", .value = std::nan("")}), "");
}

}  // namespace
}  // namespace fabrix::exports
