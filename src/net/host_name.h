// Names of hosts, as they are written: RFC 1123 §2.1, with '_' as some have it.
//
// Pure; any text.
#pragma once

#include <string_view>

namespace fabrix::net {

// Whether it can be a host's name: letters, digits, '-', '_' and dots between them, at most 253;
// the last part is not a number, since 192.0.2.300 is an address that somebody mistyped.
bool is_host_name(std::string_view text);

}  // namespace fabrix::net
