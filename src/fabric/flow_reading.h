// What flow entries of a switch say as rows: the inverse of flows_for(), for whatever somebody else
// may have put there.
//
// A flow entry that does what no row can (different copies, groups, a meter whose rate it does not
// say, fields that Fabrix does not know, a table that no Program has) is no row. Nothing is lost in
// between: a row that is given does to every packet what the flow entry does. Cookies, timeouts and
// counters are no part of it.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "fabric/fabric.h"
#include "fabric/port_tags.h"
#include "net/ids.h"
#include "openflow/flow.h"
#include "program/program.h"

namespace fabrix::fabric {

// What identifies a flow entry in a switch: table, priority, match octets.
using FlowKey = std::string;
FlowKey key_of(std::uint8_t table, std::uint16_t priority, const openflow::Match& match);

// Null: no row tests that.
std::optional<program::Match> match_of(const openflow::Match& match);
// The origin is that of no clause.
std::optional<program::Row> row_of(const openflow::FlowMod& flow);

// For people: "outbound 60000 sender=0 dstport=80 -> egress=1 inbound"; of what is no row the
// priority and the tests in OpenFlow's words.
std::string describe(const openflow::FlowMod& flow);

// Fills in FabricAudit's differences and actual Program: what a switch with these flow entries does
// in place of `wanted`. What differs in an entry of a tagged port is no row. Fails as flows_for()
// does.
Result<void> explain(const program::Program& wanted, std::span<const net::PortNo> ports,
                     const std::vector<openflow::FlowStats>& installed, FabricAudit& audit,
                     const PortTags& tags = {});

}  // namespace fabrix::fabric
