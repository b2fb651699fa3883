// Program: the tables that make a fabric behave as the policies and routes say, for no target in
// particular. The tables of FABRIC, "Pipeline", and two that count for queries:
//
//     admit -> [sent] -> outbound -> resolve -> [delivered] -> inbound -> transit
//
// Only packets of participants with queries pass the two in brackets, which decide nothing.
//
// A packet enters kAdmit with metadata 0. In a table the matching row of highest priority acts; no
// matching row drops. Rows of one table with equal priority never overlap.
//
// The rows of a table lie in blocks, one for each participant, before them one for what is nobody's
// (block_of()); those that did not change are shared with the Program before. Canonical:
// within a block rows are sorted (priority descending, match, ...), so equal Programs are equal
// byte for byte. Tables that are made or edited by hand are one piece.
//
// Immutable once built; shared as shared_ptr<const Program>.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "net/field.h"
#include "net/flow_hash.h"
#include "net/ids.h"
#include "net/ip_address.h"
#include "net/mac_address.h"
#include "program/blocks.h"
#include "program/neighbors.h"

namespace fabrix::program {

enum class TableId : std::uint8_t {
  kAdmit,
  kSent,  // counts what a participant sends
  kOutbound,
  kResolve,
  kDelivered,  // counts what is delivered to a participant
  kInbound,
  kTransit,
};
inline constexpr std::size_t kTableCount = 7;
std::string_view name_of(TableId table);

// Metadata travels with a packet from table to table. Each part is id + 1, 0 = not yet known.
//   bits 0-11 sender participant, 12-23 egress participant, 24-35 egress router, 36 control plane,
//   37-48 middlebox port on the way to that router
struct Metadata {
  std::uint64_t bits = 0;
  std::uint64_t mask = 0;  // which bits are matched, or written

  static Metadata sender(net::ParticipantId id);
  static Metadata egress(net::ParticipantId id);
  static Metadata egress_router(net::RouterId id);
  static Metadata via(net::RouterId middlebox);
  static Metadata control();  // ARP, ND, BGP, BFD on the peering LAN: bypasses policy
  static Metadata not_control();

  // Both; the parts must not overlap in mask.
  friend Metadata operator|(const Metadata& a, const Metadata& b) {
    return {a.bits | b.bits, a.mask | b.mask};
  }
  friend auto operator<=>(const Metadata&, const Metadata&) = default;
};

// (field & mask) == bits. mask != 0 and bits within mask.
struct FieldMatch {
  net::Field field = net::Field::kInPort;
  std::uint64_t bits = 0;
  std::uint64_t mask = 0;

  friend auto operator<=>(const FieldMatch&, const FieldMatch&) = default;
};

struct Match {
  Metadata metadata;               // mask 0: any
  std::vector<FieldMatch> fields;  // sorted by field, each once

  // Adds a test; the field must not be there yet.
  Match& exact(net::Field field, std::uint64_t value);
  Match& ternary(net::Field field, std::uint64_t bits, std::uint64_t mask);

  friend auto operator<=>(const Match&, const Match&) = default;
};

struct SetField {
  net::Field field = net::Field::kDstMac;
  std::uint64_t value = 0;

  friend auto operator<=>(const SetField&, const SetField&) = default;
};

struct Goto {
  TableId table = TableId::kTransit;  // strictly later than the row's own
  friend auto operator<=>(const Goto&, const Goto&) = default;
};
struct Output {
  net::PortNo port;  // never the port the packet entered by: then it is dropped
  friend auto operator<=>(const Output&, const Output&) = default;
};
struct ToController {
  friend auto operator<=>(const ToController&, const ToController&) = default;
};
struct Discard {
  friend auto operator<=>(const Discard&, const Discard&) = default;
};
struct Branch {
  Metadata metadata;                  // is written
  TableId table = TableId::kTransit;  // strictly later than the row's own
  friend auto operator<=>(const Branch&, const Branch&) = default;
};
// A copy of the packet, as the row leaves it, goes on for each of the branches.
struct Fork {
  std::vector<Branch> branches;  // sorted, each once, at least 2, of one mask
  friend auto operator<=>(const Fork&, const Fork&) = default;
};
using Next = std::variant<Goto, Output, ToController, Discard, Fork>;

// A limit that rows share by its id; equal ids mean equal meters. Packets beyond the rate are
// discarded. The rate is in kbit/s, or in packets/s: the other is 0.
struct Meter {
  std::uint32_t id = 0;  // from 1
  std::uint64_t kbps = 0;
  std::uint64_t pps = 0;
  // Counts what it discards, as Row::queries count, for nobody (program/drop.h); 0: none.
  std::uint64_t counter = 0;

  // What may pass at once after a pause: a tenth of a second's worth, at least ten long frames.
  std::uint64_t burst_kbits() const;
  // Likewise of packets: a second's worth.
  std::uint64_t burst_packets() const { return pps; }
  friend auto operator<=>(const Meter&, const Meter&) = default;
};
// Ids fit in what Open vSwitch has (18 bits), whatever the participant's; behind them those of
// ports (program/drop.h).
inline constexpr std::uint32_t kMetersPerParticipant = 62;
inline constexpr std::uint32_t kFirstPortMeter = kMetersPerParticipant * 4096 + 1;
Meter meter_of(net::ParticipantId owner, std::uint32_t number, std::uint64_t kbps);

// Whose row it is and why it exists: for `fabrix trace`, cookies and messages.
struct Origin {
  enum class Kind : std::uint8_t {
    kAntiSpoof,      // port and source MAC
    kAddressLookup,  // ARP, ND
    kControlPlane,   // BGP, BFD
    kOutboundClause,
    kInboundClause,
    kBestRoute,  // tag's egress
    kRealMac,    // bilateral
    kDefault,    // no clause applies
    kTransit,
    kQuery,  // counts; `clause` tells the sets of queries apart
    kDrop,   // no port lets that in; nobody's; `clause` is the DropReason (program/drop.h)
  };
  Kind kind = Kind::kDefault;
  net::ParticipantId participant;  // the policy's owner, or whom the row concerns
  std::uint32_t clause = 0;        // index in the ClauseList, for the clause kinds

  // Kind in the top 8 bits, participant in the next 16, clause in the low 32.
  std::uint64_t cookie() const;
  friend auto operator<=>(const Origin&, const Origin&) = default;
};
std::string_view name_of(Origin::Kind kind);

// In this order: the meter may discard the packet; copies go out as it came to the row; then it is
// rewritten and goes on.
struct Row {
  std::uint16_t priority = 0;
  Match match;
  std::vector<SetField> set_fields;  // in this order, before `next`
  Metadata write_metadata;           // mask 0: none
  Next next = Discard{};
  Origin origin;
  // The owner's queries that count what the row matches, by policy::Query::id; sorted. Of a row of
  // a clause: what counts the clause (policy::ClauseCounter). Of a row of kDrop, in whatever table:
  // one drop_counter(), which is nobody's (participant 0).
  std::vector<std::uint64_t> queries{};
  std::optional<Meter> meter{};
  std::vector<net::PortNo> copies{};  // sorted, each once; never the port the packet entered by
  // The packet is put in its buckets of these keys, for later tables to test. Packets bear theirs
  // already (net/packet.h): it is targets that have to be told.
  net::HashKeys hashes{};

  friend bool operator==(const Row&, const Row&) = default;
};

using Rows = Blocks<Row>;
// The place of a participant's block among the blocks of a table; the first is nobody's.
inline std::size_t block_of(net::ParticipantId owner) {
  return owner.index() + 1;
}
// A block; null if there is nothing in it. Sorts.
Rows::Block make_block(std::vector<Row> rows);

struct Program {
  std::array<Rows, kTableCount> tables;
  Neighbors neighbors;

  // To be edited: in one piece.
  std::vector<Row>& table(TableId id) { return tables[static_cast<std::size_t>(id)].edit(); }
  const Rows& table(TableId id) const { return tables[static_cast<std::size_t>(id)]; }
  std::size_t row_count() const;
  // Those that rows use, by id, each once (twice if two rows disagree).
  std::vector<Meter> meters() const;
  // Brings what was edited into canonical order.
  void canonicalize();

  friend bool operator==(const Program&, const Program&) = default;
};
using ProgramPtr = std::shared_ptr<const Program>;

// What Fabrix answers to requests of `sender` for `address`; null: nothing.
const VirtualNeighbor* find_neighbor(const Program& program, net::ParticipantId sender,
                                     const net::IpAddress& address);

// One line for people: "outbound 1002 sender=A dstport=80 tag=*1: -> B". Stable; tests compare it.
std::string to_string(const Row& row);

}  // namespace fabrix::program
