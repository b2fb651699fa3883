// Entries in InfluxDB's line protocol:
//
//   fabrix_flows,agent=192.0.2.1,ipsource=10.0.0.1,name=pair,source=37
//   start=1700000000000i,value=1e6 1700000012345000000
//
// The tags are name, agent, source, the keys and of events the metric; the fields value, text,
// threshold, start (milliseconds) and the further values by what they are. A flow's key that is
// called as one of the other tags is key_NAME. The same entry twice is one point to InfluxDB.
//
// Characters with a meaning are escaped; a line's end and a backslash, which cannot be, are '_',
// and a tag without a value is left out (docs.influxdata.com/influxdb/v1/write_protocols). Pure.
#pragma once

#include <string>

#include "exports/entry.h"

namespace fabrix::exports {

// With a line's end; empty if there is no number and no text.
std::string influx_line(const Entry& entry);

}  // namespace fabrix::exports
