// flows_for(): a Program's rows as OpenFlow flow entries.
//
// A row is one flow entry where OpenFlow can say it. It cannot where a field must be exact (ingress
// port, ether type, protocol, DSCP, ICMP type and code) or a test needs to know which header it
// looks at: then one entry for each value or header that the row covers. A row's tests of a header
// hold only for packets that have it (net/field.h), so leaving out the other headers loses nothing.
//
// A Fork is one clone action for each branch (openflow/nicira.h): OpenFlow itself cannot send a
// packet through the next table twice, as a group's buckets go to no table. A switch without that
// extension refuses the Program. So do packets' buckets: multipath actions, and a register that
// later entries match.
//
//   OpenFlow 1.4.1 §7.2.3.8 (prerequisites), §5.8 (meters)
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "base/result.h"
#include "fabric/port_tags.h"
#include "net/ids.h"
#include "openflow/flow.h"
#include "openflow/meter.h"
#include "program/program.h"

namespace fabrix::fabric {

// More entries than this for one row are refused.
inline constexpr std::size_t kMaxFlowsPerRow = 4096;

// `ports` are those of the fabric, for rows that cover several; `tags`, of these or others, are in
// the entries as fabric/tagged_flows.h says. Tables keep their numbers.
Result<std::vector<openflow::FlowMod>> flows_for(program::TableId table, const program::Row& row,
                                                 std::span<const net::PortNo> ports,
                                                 const PortTags& tags = {});

// Whether flows_for() cannot fail for it, as it cannot for most rows.
bool is_plain(const program::Row& row);

openflow::MeterConfig meter_for(const program::Meter& meter);

// All tables, in order.
Result<std::vector<openflow::FlowMod>> flows_for(const program::Program& program,
                                                 std::span<const net::PortNo> ports);

}  // namespace fabrix::fabric
