// What limits, copies and counts, for policy/dsl.h: docs/policy.md, "Limits and copies" and
// "Queries".
//
//     (match(dstport = 53) >> police("5mbps") >> fwd(b))
//   + (match(dstport = 443) >> multicast({b, c}))
//   + (match(dstport = {80, 443}) >> count_packets("1s", {dstport}, "web"))
//
// Each police() that is written into a policy is a meter of its own: to share one, let it follow
// what it limits, parallel(p, q) >> police("10mbps"). Any thread.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string_view>

#include "policy/dsl.h"

namespace fabrix::policy::dsl {

// NOLINTNEXTLINE(readability-identifier-naming): as policies spell it.
inline constexpr ActionWord bgp{"bgp"};

Action police(std::string_view rate);  // "500kbps", "10mbps", "1gbps"
Action mark(const Assignment& write);  // mark(dscp = 46)
Action mirror(const Target& port);
Action via(const Target& middlebox);
Action via(std::initializer_list<Target> middleboxes);  // one after the other
Action multicast(std::initializer_list<Target> targets);
// Each flow to one of them; by srcip or dstip each address.
Action balance(std::initializer_list<Target> targets);
Action balance(std::initializer_list<Target> targets, const Field& key);

// Queries: they decide nothing. A counter for each combination of the fields' values; without a
// name it is called by what it counts.
Action count_packets(std::string_view interval, std::initializer_list<Field> by = {},
                     std::string_view name = {});
// The first packets of each combination; limit 0: all, without fields.
Action packets(std::uint64_t limit = 0, std::initializer_list<Field> by = {},
               std::string_view name = {});
Action count_bytes(std::string_view interval, std::initializer_list<Field> by = {},
                   std::string_view name = {});

}  // namespace fabrix::policy::dsl
