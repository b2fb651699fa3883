// Entries as JSON objects, one line each: the payload of NATS messages, and rows of ClickHouse
// (JSONEachRow), whose tables have a column for each member:
//
//   {"time":1700000000,"time_ms":1700000000123,"name":"pair","agent":"192.0.2.1","source":"37",
//    "key_names":["ipsource"],"keys":["10.0.0.1"],"value":1500.0, ...}
//
// Flows and events have also value_names and values; flows start_ms, metrics text (and no keys),
// events metric and threshold. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "exports/entry.h"

namespace fabrix::exports {

// With a line's end. The time is the first member.
std::string json_line(const Entry& entry);

// Of such a line; 0 of another one.
std::int64_t time_of_line(std::string_view line);

// What makes such a table if there is none (ClickHouse 18.16 and later). Before the members it has
// the number of the row.
std::string create_table(exchange::Exported kind);

}  // namespace fabrix::exports
