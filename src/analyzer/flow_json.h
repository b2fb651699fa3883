// What a script says of a flow specification (RFC 8955), with sFlow-RT's words:
//
//   {"match": {"destination": "10.0.0.1", "protocol": "=17", "source-port": ">=1024&<=2048|=53"},
//    "then": {"traffic-rate": 0}}
//
//   match  destination source  prefixes or addresses; `version` 4 or 6 where there is none
//          protocol port destination-port source-port icmp-type icmp-code packet-length dscp
//          flow-label          tests = > >= < <= !=, joined by & and |; = may be left out
//          tcp-flags           of the letters FSRPAUEC: any of them; "=SA" all, "!S" not
//          fragment            of the letters D (do not), I (is one), F (first), L (last)
//   then   traffic-rate (octets a second; 0 discards)
//          traffic-marking (0 to 63, "ef", "le", "af11", "cs1")
//          redirect-as redirect-as4 redirect-ip ("65000:666", "192.0.2.1:666")
//          redirect-action-ip (IPv4, draft-ietf-idr-flowspec-redirect-ip)
//          redirect-nexthop (of the rule's family, draft-simpson-idr-flowspec-redirect)
//          communities ("65001:7"; "128:6:0" an extended one by type, subtype and value)
//
// Pure.
#pragma once

#include <boost/json/object.hpp>

#include "base/result.h"
#include "bgp/flowspec.h"
#include "speaker/announcement.h"

namespace fabrix::analyzer {

Result<bgp::FlowSpecRule> parse_match(const boost::json::object& match);

Result<speaker::FlowAnnouncement> parse_then(const boost::json::object& then);

}  // namespace fabrix::analyzer
