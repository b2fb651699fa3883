// Samples as lines of comma-separated values, as `sflowtool -l` prints them.
//
//   FLOW,agent,inputPort,outputPort,src_MAC,dst_MAC,ethernet_type,in_vlan,out_vlan,src_IP,dst_IP,
//        IP_protocol,ip_tos,ip_ttl,src_port|icmp_type,dst_port|icmp_code,tcp_flags,packet_size,
//        IP_size,sampling_rate                                                    (20 columns)
//   CNTR,agent,ifIndex,ifType,ifSpeed,ifDirection,ifStatus, the six of ifIn..., ifOutOctets, the
//        five of ifOut..., ifPromiscuousMode                                      (21 columns)
//
// The columns are of the outermost headers. An interface's number is its value, whatever its form.
// Where a sample says nothing a number is 0 and an address is '-'. Unlike sflowtool's, IP_size and
// ip_tos are right for IPv6 too, and ICMPv6 has its type and code.
#pragma once

#include <string>

#include "net/ip_address.h"
#include "sflow/datagram.h"

namespace fabrix::sflow {

// Each appends one line.
void append_flow_line(const net::IpAddress& agent, const FlowSample& flow, std::string& out);

// Without interface counters in it, all columns after the agent are 0, as sflowtool has it.
void append_counter_line(const net::IpAddress& agent, const CounterSample& counters,
                         std::string& out);

}  // namespace fabrix::sflow
