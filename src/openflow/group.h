// Groups: sets of buckets among which a switch chooses for each packet, as they are ordered and as
// they are reported.
//
//   OpenFlow 1.3.5 / 1.4.1   §5.6, §5.6.1 (types), §7.3.4.2 / §7.3.4.3 group mod,
//                            §7.3.5.9 / §7.3.5.10 group description
//
// A select group gives a packet to one of its live buckets: those whose watched port is up. Open
// vSwitch keeps the packets of a flow on one of them as long as it lives.
//
// Values; any thread. The decoders accept arbitrary octets.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/byte_reader.h"
#include "net/ids.h"
#include "openflow/flow.h"
#include "openflow/wire.h"

namespace fabrix::openflow {

inline constexpr std::uint32_t kAllGroups = 0xfffffffc;

// Its actions see a packet of their own. Without a port or group to watch it lives always.
struct Bucket {
  std::uint16_t weight = 0;  // of select groups, where 0 is never chosen
  net::PortNo watch_port = kPortAny;
  std::uint32_t watch_group = kAnyGroup;
  std::vector<Action> actions{};

  friend bool operator==(const Bucket&, const Bucket&) = default;
};

// Kept as a number since switches report types that we do not know.
inline constexpr std::uint8_t kGroupAll = 0;
inline constexpr std::uint8_t kGroupSelect = 1;
inline constexpr std::uint8_t kGroupIndirect = 2;
inline constexpr std::uint8_t kGroupFastFailover = 3;

// Without buckets it drops.
struct Group {
  std::uint8_t type = kGroupAll;
  std::uint32_t id = 0;
  std::vector<Bucket> buckets{};

  friend bool operator==(const Group&, const Group&) = default;
};

enum class GroupCommand : std::uint16_t { kAdd, kModify, kDelete };

// The deletion of a group deletes the flow entries that name it.
struct GroupMod {
  GroupCommand command = GroupCommand::kAdd;
  Group group{};  // deletions need only the id

  friend bool operator==(const GroupMod&, const GroupMod&) = default;
};

void encode_group_mod_body(const GroupMod& mod, WireWriter& out);
void encode_group_entry(const Group& group, WireWriter& out);
// Octets of encode_group_mod_body().
std::size_t encoded_size(const GroupMod& mod);

// Reads all that the reader has; none if malformed.
std::optional<GroupMod> decode_group_mod_body(ByteReader in);
// Reads one entry, leaving the reader after it.
std::optional<Group> decode_group_entry(ByteReader& in);

}  // namespace fabrix::openflow
