// Queries (Pyretic's): count what reaches a place in a policy, and decide nothing.
//
//     match(dstport=80) >> count_packets(1s) as web
//     match(dstport={80, 443}) >> count_bytes(10s, dstport) as by_port
//     match(dstport={80, 443}) >> packets(1, dstport)          which of them were there at all
//
// A query sees the packets that the tests before it in its sequence leave, after the writes before
// it. Behind `//` it sees those on which no earlier rank has an opinion. Queries of one direction
// with one name are one query, which counts a packet once. With fields it is a counter for each
// combination of values that the tests leave: exact, and therefore bounded.
//
// Values; any thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/diagnostic.h"
#include "net/field.h"
#include "policy/predicate.h"

namespace fabrix::policy {

enum class Counted : std::uint8_t { kPackets, kBytes, kFirstPackets };
std::string_view name_of(Counted counted);  // "count_packets"

// As it is written.
struct QuerySpec {
  Counted counted = Counted::kPackets;       // both are counted; this is what is shown first
  std::chrono::milliseconds interval{1000};  // of the rate
  std::uint64_t limit = 0;                   // of kFirstPackets: counts no further; 0: none
  std::vector<net::Field> fields;            // to group by, as written
  std::string name;                          // empty: none was given
  SourceSpan at;
};
using QuerySpecPtr = std::shared_ptr<const QuerySpec>;

// One counter.
struct Query {
  std::string name;   // given, or "count_packets(dstport=80)"
  std::string group;  // "dstport=80, protocol=tcp"; empty without fields
  Counted counted = Counted::kPackets;
  std::chrono::milliseconds interval{1000};
  std::uint64_t limit = 0;
  PredicatePtr when;     // on the packet as it entered
  std::uint64_t id = 0;  // of direction, name, group and meaning: the same while those are; 63 bits
  SourceSpan at;
};

// "web", "by_port[dstport=80]"
std::string label_of(const Query& query);

// Bounds on one participant's queries, in each direction.
inline constexpr std::size_t kMaxQueries = 64;  // groups counted; more is P0409
inline constexpr std::chrono::milliseconds kMinInterval{1000};
inline constexpr std::chrono::milliseconds kMaxInterval{std::chrono::hours{24}};

}  // namespace fabrix::policy
