// Values of records as the text that sflowtool prints of them, because scripts read that: addresses
// of Ethernet as twelve digits, opaque data as 00-50-04, MPLS labels as label.exp.s.ttl, VLAN tags
// as 0x8100.priority.cfi.vlan, percentages with two digits or "unknown".
//
// Appends; text of agents comes as it is (any octets).
#pragma once

#include <string>

#include "sflow/record.h"

namespace fabrix::sflow {

void append_text(FieldType type, const FieldValue& value, std::string& out);

// "005004291bd9".
void append_mac(Bytes octets, std::string& out);

// "00-50-04-29".
void append_hex(Bytes octets, std::string& out);

}  // namespace fabrix::sflow
