// A Program of the size of a large exchange, for benchmarks: a thousand participants with ten
// clauses each. It has the form of the compiler's: admission by port and MAC, clauses by tag and
// transport port, resolving by MAC and by tag, transit by router.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "net/frame.h"
#include "program/program.h"
#include "program/tag.h"

namespace fabrix::controller::large {

using net::Field;
using program::Metadata;
using program::Row;
using program::Rows;
using program::TableId;

inline constexpr std::uint16_t kParticipants = 1000;
inline constexpr std::uint16_t kClauses = 10;

inline net::MacAddress mac_of(std::uint16_t participant) {
  return net::MacAddress::from_u64(0x080027000000 + participant);
}

inline Row row_of(std::uint16_t priority, program::Match match, Metadata write,
                  program::Next next) {
  Row row;
  row.priority = priority;
  row.match = std::move(match);
  row.write_metadata = write;
  row.next = std::move(next);
  return row;
}

inline Metadata delivery_to(std::uint16_t participant) {
  return Metadata::egress(net::ParticipantId{participant}) |
         Metadata::egress_router(net::RouterId{participant});
}

inline std::vector<Row> admission() {
  std::vector<Row> rows;
  for (std::uint16_t i = 0; i < kParticipants; ++i) {
    for (const std::uint16_t type : {net::kEthTypeIpv4, net::kEthTypeIpv6}) {
      const auto from = program::Match{}
                            .exact(Field::kInPort, i + 1U)
                            .exact(Field::kSrcMac, mac_of(i).to_u64())
                            .exact(Field::kVlanId, 0)
                            .exact(Field::kEthType, type);
      const auto sender = Metadata::sender(net::ParticipantId{i});
      const auto tag = program::match_kind(program::TagKind::kInline);
      auto tagged = from;
      tagged.ternary(Field::kDstMac, tag.bits, tag.mask);
      rows.push_back(row_of(40, tagged, sender, program::Goto{TableId::kOutbound}));
      rows.push_back(row_of(30, from, sender, program::Goto{TableId::kResolve}));
    }
  }
  return rows;
}

// Clauses: TCP to a port, by the way of somebody who has a route.
inline std::vector<Row> outbound(std::uint16_t sender, std::uint16_t first_port) {
  std::vector<Row> rows;
  for (std::uint16_t i = 0; i < kClauses; ++i) {
    const auto reach = program::match_reach(1U << i, 1U << i);
    program::Match match;
    match.metadata = Metadata::sender(net::ParticipantId{sender});
    match.exact(Field::kEthType, net::kEthTypeIpv4)
        .exact(Field::kProtocol, net::kProtocolTcp)
        .exact(Field::kDstPort, first_port + i)
        .ternary(Field::kDstMac, reach.bits, reach.mask);
    rows.push_back(row_of(static_cast<std::uint16_t>(60000 - i), match,
                          delivery_to(static_cast<std::uint16_t>((sender + i + 1) % kParticipants)),
                          program::Goto{TableId::kInbound}));
  }
  return rows;
}

// Whether frames get the MAC of the router that they go to. Packets that are run in place many
// times do not: after the first time they would be others.
enum class Macs : std::uint8_t { kKept, kWritten };

inline program::Program large_program(Macs macs) {
  program::Program program;
  const auto table = [&program](TableId id) -> Rows& {
    return program.tables.at(static_cast<std::size_t>(id));
  };
  std::vector<Row> resolve;
  std::vector<Row> transit;
  Rows::Directory blocks{
      program::make_block({row_of(0, {}, {}, program::Goto{TableId::kResolve})})};
  for (std::uint16_t i = 0; i < kParticipants; ++i) {
    const program::Goto on{TableId::kInbound};
    const auto tag = program::match_egress(net::RouterId{i});
    resolve.push_back(
        row_of(50, program::Match{}.exact(Field::kDstMac, mac_of(i).to_u64()), delivery_to(i), on));
    resolve.push_back(row_of(40, program::Match{}.ternary(Field::kDstMac, tag.bits, tag.mask),
                             delivery_to(i), on));
    program::Match there;
    there.metadata = Metadata::egress_router(net::RouterId{i});
    transit.push_back(row_of(10, there, {}, program::Output{net::PortNo{i + 1U}}));
    if (macs == Macs::kWritten) {
      transit.back().set_fields = {{Field::kDstMac, mac_of(i).to_u64()}};
    }
    blocks.push_back(program::make_block(outbound(i, 1000)));
  }
  table(TableId::kAdmit) = Rows(Rows::Directory{program::make_block(admission())});
  table(TableId::kOutbound) = Rows(blocks);
  table(TableId::kResolve) = Rows(Rows::Directory{program::make_block(resolve)});
  table(TableId::kInbound) = Rows(
      Rows::Directory{program::make_block({row_of(0, {}, {}, program::Goto{TableId::kTransit})})});
  table(TableId::kTransit) = Rows(Rows::Directory{program::make_block(transit)});
  return program;
}

}  // namespace fabrix::controller::large
