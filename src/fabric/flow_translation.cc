#include "fabric/flow_translation.h"

#include <algorithm>
#include <array>
#include <functional>
#include <optional>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "fabric/bucket_register.h"
#include "fabric/flow_counts.h"
#include "fabric/tagged_flows.h"
#include "openflow/nicira.h"

namespace fabrix::fabric {
namespace {

using net::Field;
using openflow::Match;
using openflow::OxmField;
using openflow::U128;

constexpr std::array kPortProtocols{net::kProtocolTcp, net::kProtocolUdp, net::kProtocolSctp};
// Those that have a target (RFC 4861).
constexpr std::uint64_t kNeighborSolicitation = 135;
constexpr std::uint64_t kNeighborAdvertisement = 136;

// A flow entry in the making: which headers it is about, and what it requires so far.
struct Draft {
  std::optional<std::uint16_t> eth_type;
  std::optional<std::uint8_t> protocol;
  Match match;
};

bool is_ip(std::optional<std::uint16_t> eth_type) {
  return eth_type && (*eth_type == net::kEthTypeIpv4 || *eth_type == net::kEthTypeIpv6);
}

bool has_ports(const Draft& draft) {
  return is_ip(draft.eth_type) && draft.protocol &&
         std::ranges::find(kPortProtocols, *draft.protocol) != kPortProtocols.end();
}

bool accepts(const program::FieldMatch* test, std::uint64_t value) {
  return test == nullptr || (value & test->mask) == test->bits;
}

// What a row says, by field.
class RowView {
 public:
  explicit RowView(const program::Row& row) : row_(&row) {}

  const program::FieldMatch* test(Field field) const {
    const auto found = std::ranges::find(row_->match.fields, field, &program::FieldMatch::field);
    return found == row_->match.fields.end() ? nullptr : &*found;
  }
  bool writes(Field field) const {
    return std::ranges::find(row_->set_fields, field, &program::SetField::field) !=
           row_->set_fields.end();
  }
  // Whether the row tests or writes one of them.
  bool uses(std::initializer_list<Field> fields) const {
    return std::ranges::any_of(
        fields, [this](Field field) { return test(field) != nullptr || writes(field); });
  }
  bool is_exact(Field field) const {
    const auto* found = test(field);
    return found != nullptr && found->mask == net::max_value(field);
  }
  const program::Row& row() const { return *row_; }

 private:
  const program::Row* row_;
};

bool uses_ip4(const RowView& row) {
  return row.uses({Field::kSrcIp4, Field::kDstIp4});
}
bool uses_ip6(const RowView& row) {
  return row.uses({Field::kSrcIp6High, Field::kSrcIp6Low, Field::kDstIp6High, Field::kDstIp6Low,
                   Field::kNdTargetHigh, Field::kNdTargetLow});
}
bool uses_ports(const RowView& row) {
  return row.uses({Field::kSrcPort, Field::kDstPort, Field::kTcpFlags});
}
bool uses_icmp(const RowView& row) {
  return row.uses({Field::kIcmpType, Field::kIcmpCode, Field::kNdTargetHigh, Field::kNdTargetLow});
}

// The ether types that the row is about; none within: any. Where a row does not say, these are the
// types that the exchange admits.
std::vector<std::optional<std::uint16_t>> eth_types(const RowView& row) {
  const auto* test = row.test(Field::kEthType);
  if (row.is_exact(Field::kEthType)) return {static_cast<std::uint16_t>(test->bits)};
  if (row.uses({Field::kArpSenderMac})) return {net::kEthTypeArp};
  const bool ip_only = uses_ip4(row) || uses_ip6(row) || uses_ports(row) || uses_icmp(row) ||
                       row.uses({Field::kProtocol, Field::kDscp});
  if (test == nullptr && !ip_only) return {std::nullopt};
  std::vector<std::optional<std::uint16_t>> types;
  if (!uses_ip6(row) && accepts(test, net::kEthTypeIpv4)) types.emplace_back(net::kEthTypeIpv4);
  if (!ip_only && accepts(test, net::kEthTypeArp)) types.emplace_back(net::kEthTypeArp);
  if (!uses_ip4(row) && accepts(test, net::kEthTypeIpv6)) types.emplace_back(net::kEthTypeIpv6);
  return types;
}

// Likewise the protocols, or ARP operations.
std::vector<std::optional<std::uint8_t>> protocols(const RowView& row,
                                                   std::optional<std::uint16_t> eth_type) {
  const auto* test = row.test(Field::kProtocol);
  if (row.is_exact(Field::kProtocol)) return {static_cast<std::uint8_t>(test->bits)};
  std::vector<std::optional<std::uint8_t>> found;
  const auto add = [&](std::uint8_t protocol) {
    if (accepts(test, protocol)) found.emplace_back(protocol);
  };
  if (is_ip(eth_type) && row.uses({Field::kTcpFlags})) {
    add(net::kProtocolTcp);
  } else if (is_ip(eth_type) && uses_ports(row)) {
    for (const std::uint8_t protocol : kPortProtocols) add(protocol);
  } else if (is_ip(eth_type) && uses_icmp(row)) {
    add(eth_type == net::kEthTypeIpv4 ? net::kProtocolIcmp : net::kProtocolIcmpv6);
  } else if (test != nullptr) {
    for (unsigned value = 0; value < 256; ++value) add(static_cast<std::uint8_t>(value));
  } else {
    found.emplace_back(std::nullopt);
  }
  return found;
}

OxmField port_field(std::uint8_t protocol, Field field) {
  const bool source = field == Field::kSrcPort;
  switch (protocol) {
    case net::kProtocolTcp:
      return source ? OxmField::kTcpSrc : OxmField::kTcpDst;
    case net::kProtocolUdp:
      return source ? OxmField::kUdpSrc : OxmField::kUdpDst;
    default:
      return source ? OxmField::kSctpSrc : OxmField::kSctpDst;
  }
}

std::optional<OxmField> oxm_in_arp(Field field) {
  switch (field) {
    case Field::kProtocol:
      return OxmField::kArpOp;
    case Field::kSrcIp4:
      return OxmField::kArpSpa;
    case Field::kDstIp4:
      return OxmField::kArpTpa;
    case Field::kArpSenderMac:
      return OxmField::kArpSha;
    default:
      return std::nullopt;
  }
}

std::optional<OxmField> oxm_in_ip(Field field, const Draft& draft) {
  const bool is_v4 = draft.eth_type == net::kEthTypeIpv4;
  const bool is_icmp = draft.protocol == (is_v4 ? net::kProtocolIcmp : net::kProtocolIcmpv6);
  const auto only_if = [](bool present, OxmField oxm) {
    return present ? std::optional(oxm) : std::nullopt;
  };
  switch (field) {
    case Field::kProtocol:
      return OxmField::kIpProto;
    case Field::kDscp:
      return OxmField::kIpDscp;
    case Field::kSrcIp4:
      return only_if(is_v4, OxmField::kIpv4Src);
    case Field::kDstIp4:
      return only_if(is_v4, OxmField::kIpv4Dst);
    case Field::kSrcPort:
    case Field::kDstPort:
      if (!has_ports(draft)) return std::nullopt;
      return port_field(*draft.protocol, field);
    case Field::kTcpFlags:
      return only_if(draft.protocol == net::kProtocolTcp, OxmField::kTcpFlags);
    case Field::kIcmpType:
      return only_if(is_icmp, is_v4 ? OxmField::kIcmpv4Type : OxmField::kIcmpv6Type);
    case Field::kIcmpCode:
      return only_if(is_icmp, is_v4 ? OxmField::kIcmpv4Code : OxmField::kIcmpv6Code);
    default:
      return std::nullopt;
  }
}

// Where OpenFlow has a field, given the headers; none: packets of this kind lack it, and it reads
// 0. IPv6 halves are handled apart; VLAN priorities never match, since tagged frames are not
// admitted.
std::optional<OxmField> oxm_of(Field field, const Draft& draft) {
  switch (field) {
    case Field::kInPort:
      return OxmField::kInPort;
    case Field::kEthType:
      return OxmField::kEthType;
    case Field::kVlanId:
      return OxmField::kVlanVid;
    case Field::kSrcMac:
      return OxmField::kEthSrc;
    case Field::kDstMac:
      return OxmField::kEthDst;
    default:
      break;
  }
  if (draft.eth_type == net::kEthTypeArp) return oxm_in_arp(field);
  return is_ip(draft.eth_type) ? oxm_in_ip(field, draft) : std::nullopt;
}

struct Ip6Halves {
  Field high;
  Field low;
  OxmField oxm;
};
constexpr std::array kIp6Halves{
    Ip6Halves{Field::kSrcIp6High, Field::kSrcIp6Low, OxmField::kIpv6Src},
    Ip6Halves{Field::kDstIp6High, Field::kDstIp6Low, OxmField::kIpv6Dst},
    Ip6Halves{Field::kNdTargetHigh, Field::kNdTargetLow, OxmField::kIpv6NdTarget}};

bool is_ip6_half(Field field) {
  return std::ranges::any_of(kIp6Halves, [field](const Ip6Halves& halves) {
    return halves.high == field || halves.low == field;
  });
}

// Whether packets of this kind have the address.
bool has_address(const Ip6Halves& halves, const Draft& draft) {
  if (draft.eth_type != net::kEthTypeIpv6) return false;
  if (halves.oxm != OxmField::kIpv6NdTarget) return true;
  const auto* type = draft.match.find(OxmField::kIcmpv6Type);
  return type != nullptr &&
         (type->value == kNeighborSolicitation || type->value == kNeighborAdvertisement);
}

// False: no packet of this kind passes.
bool match_ip6(const RowView& row, Draft& draft) {
  for (const Ip6Halves& halves : kIp6Halves) {
    const auto* high = row.test(halves.high);
    const auto* low = row.test(halves.low);
    const U128 value{high != nullptr ? high->bits : 0, low != nullptr ? low->bits : 0};
    const U128 mask{high != nullptr ? high->mask : 0, low != nullptr ? low->mask : 0};
    if (mask == U128{}) continue;
    if (has_address(halves, draft)) {
      draft.match.set(halves.oxm, value, mask);
    } else if (value != U128{}) {
      return false;
    }
  }
  return true;
}

// Fields that OpenFlow compares as a whole; handled here, others were by the choice of headers.
bool must_be_exact(Field field) {
  return field == Field::kInPort || field == Field::kDscp || field == Field::kIcmpType ||
         field == Field::kIcmpCode;
}

std::vector<std::uint64_t> values_of(const program::FieldMatch& test,
                                     std::span<const net::PortNo> ports) {
  std::vector<std::uint64_t> values;
  if (test.field == Field::kInPort) {
    for (const net::PortNo port : ports) {
      if (accepts(&test, port.value)) values.push_back(port.value);
    }
    return values;
  }
  for (std::uint64_t value = 0; value <= net::max_value(test.field); ++value) {
    if (accepts(&test, value)) values.push_back(value);
  }
  return values;
}

// A frame has no tag or one with an id; only the value 0 means untagged.
void match_vlan(const program::FieldMatch& test, Match& match) {
  const bool exact = test.mask == net::max_value(Field::kVlanId);
  const std::uint64_t present = test.bits != 0 ? openflow::kVlanPresent : 0;
  const std::uint64_t mask = exact || present != 0 ? test.mask | openflow::kVlanPresent : test.mask;
  match.set(OxmField::kVlanVid, test.bits | present, mask);
}

std::optional<net::HashKey> hash_key_of(Field field) {
  const auto* const found = std::ranges::find(net::kHashKeys, field, net::bucket_field);
  return found == net::kHashKeys.end() ? std::nullopt : std::optional(*found);
}

void match_bucket(const program::FieldMatch& test, net::HashKey key, Match& match) {
  const unsigned offset = bucket_offset(key);
  std::uint64_t bits = test.bits << offset;
  std::uint64_t mask = test.mask << offset;
  if (const auto* others = match.find(OxmField::kRegister0)) {
    bits |= others->value.low;
    mask |= others->mask.low;
  }
  match.set(OxmField::kRegister0, bits, mask);
}

// Adds one test to every draft; drafts whose packets cannot pass it go.
void add_test(const program::FieldMatch& test, std::span<const net::PortNo> ports,
              std::vector<Draft>& drafts) {
  std::vector<Draft> next;
  next.reserve(drafts.size());
  for (Draft& draft : drafts) {
    if (test.field == Field::kVlanId) {
      match_vlan(test, draft.match);
      next.push_back(std::move(draft));
      continue;
    }
    if (const auto key = hash_key_of(test.field)) {
      match_bucket(test, *key, draft.match);
      next.push_back(std::move(draft));
      continue;
    }
    const auto oxm = oxm_of(test.field, draft);
    if (!oxm) {
      if (test.bits == 0) next.push_back(std::move(draft));
      continue;
    }
    if (!must_be_exact(test.field) || test.mask == net::max_value(test.field)) {
      draft.match.set(*oxm, test.bits, test.mask);
      next.push_back(std::move(draft));
      continue;
    }
    for (const std::uint64_t value : values_of(test, ports)) {
      next.push_back(draft);
      next.back().match.set(*oxm, value);
    }
  }
  drafts = std::move(next);
}

// A row about the target of neighbour discovery is about the messages that have one.
std::vector<Draft> discovery_of(const RowView& row, std::vector<Draft> drafts) {
  const bool of_target = row.uses({Field::kNdTargetHigh, Field::kNdTargetLow});
  if (!of_target || row.test(Field::kIcmpType) != nullptr) return drafts;
  std::vector<Draft> next;
  for (const Draft& draft : drafts) {
    const auto oxm = oxm_of(Field::kIcmpType, draft);
    if (!oxm) continue;
    for (const std::uint64_t type : {kNeighborSolicitation, kNeighborAdvertisement}) {
      next.push_back(draft);
      next.back().match.set(*oxm, type);
    }
  }
  return next;
}

std::vector<Draft> headers_of(const RowView& row) {
  std::vector<Draft> drafts;
  for (const auto eth_type : eth_types(row)) {
    for (const auto protocol : protocols(row, eth_type)) {
      Draft draft{.eth_type = eth_type, .protocol = protocol, .match = {}};
      if (eth_type) draft.match.set(OxmField::kEthType, *eth_type);
      const auto oxm = oxm_of(Field::kProtocol, draft);
      if (protocol && oxm) draft.match.set(*oxm, *protocol);
      // Without the header the protocol reads 0.
      if (!protocol || oxm || *protocol == 0) drafts.push_back(std::move(draft));
    }
  }
  return discovery_of(row, std::move(drafts));
}

std::vector<openflow::Action> set_actions(const program::Row& row, const Draft& draft) {
  std::vector<openflow::Action> actions;
  for (const program::SetField& set : row.set_fields) {
    if (is_ip6_half(set.field)) continue;
    const auto oxm = oxm_of(set.field, draft);
    if (oxm) actions.emplace_back(openflow::SetField{.field = *oxm, .value = set.value});
  }
  const auto written = [&row](Field field) -> std::optional<std::uint64_t> {
    const auto found = std::ranges::find(row.set_fields, field, &program::SetField::field);
    if (found == row.set_fields.end()) return std::nullopt;
    return found->value;
  };
  for (const Ip6Halves& halves : kIp6Halves) {
    const auto high = written(halves.high);
    const auto low = written(halves.low);
    if (high && low) {
      actions.emplace_back(openflow::SetField{.field = halves.oxm, .value = U128{*high, *low}});
    }
  }
  return actions;
}

openflow::Instructions instructions_for(const program::Row& row, const Draft& draft) {
  openflow::Instructions instructions;
  if (row.meter) instructions.meter = row.meter->id;
  for (const net::PortNo port : row.copies) {
    instructions.apply_actions.emplace_back(openflow::Output{.port = port, .max_len = 0});
  }
  if (std::holds_alternative<program::Discard>(row.next)) return instructions;
  for (const net::HashKey key : net::kHashKeys) {
    if (!row.hashes.contains(key)) continue;
    instructions.apply_actions.emplace_back(hash_action(key));
  }
  auto sets = set_actions(row, draft);
  std::ranges::move(sets, std::back_inserter(instructions.apply_actions));
  if (row.write_metadata.mask != 0) {
    instructions.write_metadata =
        openflow::WriteMetadata{.value = row.write_metadata.bits, .mask = row.write_metadata.mask};
  }
  if (const auto* go = std::get_if<program::Goto>(&row.next)) {
    instructions.goto_table = static_cast<std::uint8_t>(go->table);
  } else if (const auto* output = std::get_if<program::Output>(&row.next)) {
    instructions.apply_actions.emplace_back(openflow::Output{.port = output->port, .max_len = 0});
  } else if (const auto* fork = std::get_if<program::Fork>(&row.next)) {
    for (const program::Branch& branch : fork->branches) {
      instructions.apply_actions.emplace_back(openflow::copy_to_table(
          branch.metadata.bits, branch.metadata.mask, static_cast<std::uint8_t>(branch.table)));
    }
  } else {
    instructions.apply_actions.emplace_back(openflow::to_controller());
  }
  return instructions;
}

}  // namespace

Result<std::vector<openflow::FlowMod>> flows_for(program::TableId table, const program::Row& row,
                                                 std::span<const net::PortNo> ports,
                                                 const PortTags& tags) {
  const RowView view(row);
  for (const Ip6Halves& halves : kIp6Halves) {
    if (view.writes(halves.high) == view.writes(halves.low)) continue;
    return fail(Error{fmt::format("a row writes half an IPv6 address: {}", to_string(row))});
  }
  auto drafts = headers_of(view);
  for (const program::FieldMatch& test : row.match.fields) {
    const bool chosen = test.field == Field::kEthType || test.field == Field::kProtocol;
    if (!chosen && !is_ip6_half(test.field)) add_test(test, ports, drafts);
    if (drafts.size() > kMaxFlowsPerRow) {
      return fail(Error{fmt::format("one row needs more than {} flow entries: {}", kMaxFlowsPerRow,
                                    to_string(row))});
    }
  }
  std::vector<openflow::FlowMod> flows;
  for (Draft& draft : drafts) {
    if (!match_ip6(view, draft)) continue;
    const auto& metadata = row.match.metadata;
    if (metadata.mask != 0) draft.match.set(OxmField::kMetadata, metadata.bits, metadata.mask);
    openflow::FlowMod flow{
        .command = openflow::FlowCommand::kAdd,
        .table_id = static_cast<std::uint8_t>(table),
        .priority = row.priority,
        .cookie = cookie_of(row),
        .flags = row.queries.empty() ? std::uint16_t{0} : openflow::kSendFlowRemoved,
        .match = std::move(draft.match),
        .instructions = canonical(instructions_for(row, draft))};
    flows.push_back(with_tags(tags, std::move(flow)));
  }
  return flows;
}

// Of a row without choices there are as many entries as kinds of headers: a dozen or two.
bool is_plain(const program::Row& row) {
  const RowView view(row);
  const auto is_written_whole = [&view](const Ip6Halves& halves) {
    return view.writes(halves.high) == view.writes(halves.low);
  };
  const auto has_no_choice = [](const program::FieldMatch& test) {
    const bool is_one = test.mask == net::max_value(test.field);
    return is_one || !(must_be_exact(test.field) || test.field == Field::kProtocol);
  };
  return std::ranges::all_of(kIp6Halves, is_written_whole) &&
         std::ranges::all_of(row.match.fields, has_no_choice);
}

openflow::MeterConfig meter_for(const program::Meter& meter) {
  constexpr std::uint64_t kMost = 0xffffffff;
  if (meter.pps != 0) {
    return openflow::limit_packets(
        meter.id, static_cast<std::uint32_t>(std::min(meter.pps, kMost)),
        static_cast<std::uint32_t>(std::min(meter.burst_packets(), kMost)));
  }
  return openflow::limit(meter.id, static_cast<std::uint32_t>(std::min(meter.kbps, kMost)),
                         static_cast<std::uint32_t>(std::min(meter.burst_kbits(), kMost)));
}

Result<std::vector<openflow::FlowMod>> flows_for(const program::Program& program,
                                                 std::span<const net::PortNo> ports) {
  std::vector<openflow::FlowMod> all;
  for (std::size_t i = 0; i < program::kTableCount; ++i) {
    const auto table = static_cast<program::TableId>(i);
    for (const program::Row& row : program.table(table)) {
      FABRIX_TRY(auto flows, flows_for(table, row, ports));
      std::ranges::move(flows, std::back_inserter(all));
    }
  }
  return all;
}

}  // namespace fabrix::fabric
