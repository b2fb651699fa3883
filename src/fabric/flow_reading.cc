#include "fabric/flow_reading.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "fabric/bucket_register.h"
#include "fabric/flow_translation.h"

namespace fabrix::fabric {
namespace {

using net::Field;
using openflow::OxmField;
using program::Row;
using program::TableId;

struct Plain {
  OxmField oxm;
  Field field;
};
constexpr std::array kPlain{
    Plain{OxmField::kInPort, Field::kInPort},       Plain{OxmField::kEthType, Field::kEthType},
    Plain{OxmField::kEthSrc, Field::kSrcMac},       Plain{OxmField::kEthDst, Field::kDstMac},
    Plain{OxmField::kVlanPcp, Field::kVlanPcp},     Plain{OxmField::kIpProto, Field::kProtocol},
    Plain{OxmField::kArpOp, Field::kProtocol},      Plain{OxmField::kIpDscp, Field::kDscp},
    Plain{OxmField::kIpv4Src, Field::kSrcIp4},      Plain{OxmField::kArpSpa, Field::kSrcIp4},
    Plain{OxmField::kIpv4Dst, Field::kDstIp4},      Plain{OxmField::kArpTpa, Field::kDstIp4},
    Plain{OxmField::kTcpSrc, Field::kSrcPort},      Plain{OxmField::kUdpSrc, Field::kSrcPort},
    Plain{OxmField::kSctpSrc, Field::kSrcPort},     Plain{OxmField::kTcpDst, Field::kDstPort},
    Plain{OxmField::kUdpDst, Field::kDstPort},      Plain{OxmField::kSctpDst, Field::kDstPort},
    Plain{OxmField::kTcpFlags, Field::kTcpFlags},   Plain{OxmField::kIcmpv4Type, Field::kIcmpType},
    Plain{OxmField::kIcmpv6Type, Field::kIcmpType}, Plain{OxmField::kIcmpv4Code, Field::kIcmpCode},
    Plain{OxmField::kIcmpv6Code, Field::kIcmpCode}, Plain{OxmField::kArpSha, Field::kArpSenderMac},
};

struct Halves {
  OxmField oxm;
  Field high;
  Field low;
};
constexpr std::array kHalves{
    Halves{OxmField::kIpv6Src, Field::kSrcIp6High, Field::kSrcIp6Low},
    Halves{OxmField::kIpv6Dst, Field::kDstIp6High, Field::kDstIp6Low},
    Halves{OxmField::kIpv6NdTarget, Field::kNdTargetHigh, Field::kNdTargetLow}};

bool has(const program::Match& match, Field field) {
  return std::ranges::find(match.fields, field, &program::FieldMatch::field) != match.fields.end();
}

void add_some(program::Match& match, Field field, std::uint64_t bits, std::uint64_t mask) {
  if (mask != 0) match.ternary(field, bits & mask, mask);
}

// Without the bit that says that there is a tag, a frame is untagged: its id reads 0.
bool add_vlan(program::Match& match, const openflow::MatchField& test) {
  const std::uint64_t ids = net::max_value(Field::kVlanId);
  const bool minds_tag = (test.mask.low & openflow::kVlanPresent) != 0;
  const bool tagged = (test.value.low & openflow::kVlanPresent) != 0;
  if (minds_tag && !tagged) {
    if ((test.value.low & ids) != 0) return false;
    match.exact(Field::kVlanId, 0);
    return true;
  }
  // An id of 0 reads as no tag does.
  if ((test.mask.low & ids) == 0 || (tagged && (test.value.low & ids) == 0)) return false;
  match.ternary(Field::kVlanId, test.value.low & ids, test.mask.low & ids);
  return true;
}

// False: bits of the register that are no bucket's.
bool add_buckets(program::Match& match, const openflow::MatchField& test) {
  std::uint64_t rest = test.mask.low;
  for (const net::HashKey key : net::kHashKeys) {
    const unsigned offset = bucket_offset(key);
    const std::uint64_t all = net::max_value(net::bucket_field(key));
    add_some(match, net::bucket_field(key), test.value.low >> offset & all,
             test.mask.low >> offset & all);
    rest &= ~(all << offset);
  }
  return rest == 0;
}

// What is hashed after it was rewritten has another bucket.
bool add_hash(Row& row, const openflow::Action& action) {
  const auto* opaque = std::get_if<openflow::OpaqueAction>(&action);
  if (opaque == nullptr || !row.set_fields.empty()) return false;
  const auto* const key = std::ranges::find(net::kHashKeys, *opaque, hash_action);
  if (key == net::kHashKeys.end()) return false;
  row.hashes.add(*key);
  return true;
}

bool add_test(program::Match& match, const openflow::MatchField& test) {
  if (test.field == OxmField::kMetadata) {
    match.metadata = {.bits = test.value.low, .mask = test.mask.low};
    return true;
  }
  if (test.field == OxmField::kVlanVid) return add_vlan(match, test);
  if (test.field == OxmField::kRegister0) return add_buckets(match, test);
  const auto* const halves = std::ranges::find(kHalves, test.field, &Halves::oxm);
  if (halves != kHalves.end()) {
    add_some(match, halves->high, test.value.high, test.mask.high);
    add_some(match, halves->low, test.value.low, test.mask.low);
    return true;
  }
  const auto* const plain = std::ranges::find(kPlain, test.field, &Plain::oxm);
  if (plain == kPlain.end() || has(match, plain->field)) return false;
  // ARP operations have more bits than there are operations: the others must be asked to be 0.
  const std::uint64_t known = net::max_value(plain->field);
  const std::uint64_t rest = openflow::U128::ones(width_of(test.field)).low & ~known;
  if ((test.mask.low & rest) != rest || (test.value.low & rest) != 0) return false;
  add_some(match, plain->field, test.value.low & known, test.mask.low & known);
  return true;
}

bool add_write(Row& row, const openflow::SetField& set) {
  const auto* const halves = std::ranges::find(kHalves, set.field, &Halves::oxm);
  if (halves != kHalves.end()) {
    row.set_fields.push_back({halves->high, set.value.high});
    row.set_fields.push_back({halves->low, set.value.low});
    return true;
  }
  const auto* const plain = std::ranges::find(kPlain, set.field, &Plain::oxm);
  if (plain == kPlain.end() || set.value.low > net::max_value(plain->field)) return false;
  row.set_fields.push_back({plain->field, set.value.low});
  return true;
}

constexpr std::uint32_t kMaxPort = 0xffffff00;  // OFPP_MAX: greater numbers are not ports

// What a packet does after the writes; none: what no row does.
std::optional<program::Next> next_of(const openflow::FlowMod& flow,
                                     std::optional<net::PortNo> output) {
  const openflow::Instructions& instructions = flow.instructions;
  if (!instructions.opaque.empty() || instructions.meter) return std::nullopt;
  const auto target = instructions.goto_table;
  if (output && target) return std::nullopt;
  if (output == openflow::kPortController) return program::ToController{};
  if (output && output->value > kMaxPort) return std::nullopt;
  if (output) return program::Output{*output};
  if (!target) return program::Discard{};
  if (*target >= program::kTableCount || *target <= flow.table_id) return std::nullopt;
  return program::Goto{static_cast<TableId>(*target)};
}

// A copy leaves as the packet came.
bool add_copy(Row& row, net::PortNo port) {
  if (!row.set_fields.empty() || port.value > kMaxPort) return false;
  row.copies.push_back(port);
  return true;
}

// The last output may be no copy, but where the packet goes.
bool apply(Row& row, const std::vector<openflow::Action>& actions,
           std::optional<net::PortNo>& output) {
  for (const openflow::Action& action : actions) {
    if (const auto* out = std::get_if<openflow::Output>(&action)) {
      if (output && !add_copy(row, *output)) return false;
      output = out->port;
      continue;
    }
    // What follows an output is about another copy.
    if (output && !add_copy(row, *std::exchange(output, std::nullopt))) return false;
    if (add_hash(row, action)) continue;
    const auto* set = std::get_if<openflow::SetField>(&action);
    if (set == nullptr || !add_write(row, *set)) return false;
  }
  return true;
}

bool act(Row& row, const openflow::FlowMod& flow) {
  const openflow::Instructions& instructions = flow.instructions;
  std::optional<net::PortNo> output;
  if (!apply(row, instructions.apply_actions, output)) return false;
  if (output && instructions.goto_table) {
    if (!add_copy(row, *std::exchange(output, std::nullopt))) return false;
  }
  const auto next = next_of(flow, output);
  if (!next) return false;
  row.next = *next;
  if (std::holds_alternative<program::Discard>(*next)) row.set_fields.clear();
  const bool goes_on = std::holds_alternative<program::Goto>(*next);
  if (goes_on && instructions.write_metadata) {
    row.write_metadata = {.bits = instructions.write_metadata->value,
                          .mask = instructions.write_metadata->mask};
  }
  return true;
}

bool is_table(std::uint8_t table) {
  return table < program::kTableCount;
}

// A difference in the making: the flow entries there are, and what became of the rows.
class Comparison {
 public:
  Comparison(const std::vector<openflow::FlowStats>& installed, FabricAudit& audit)
      : audit_(audit) {
    for (const openflow::FlowStats& flow : installed) {
      there_.emplace(key_of(flow.table_id, flow.priority, flow.match), &flow);
    }
  }

  void take(TableId table, const Row& row, const std::vector<openflow::FlowMod>& flows) {
    const bool intact = std::ranges::all_of(flows, [this](const openflow::FlowMod& flow) {
      const auto* found = find(flow);
      return found != nullptr && same_flow(*found, flow);
    });
    for (const openflow::FlowMod& flow : flows) {
      claimed_.insert(key_of(flow.table_id, flow.priority, flow.match));
    }
    if (intact) return keep(table, row);
    for (const openflow::FlowMod& flow : flows) take_part(table, row, flow);
  }

  void finish() {
    for (const auto& [key, flow] : there_) {
      if (!claimed_.contains(key)) take_foreign(openflow::addition_of(*flow));
    }
    actual_.canonicalize();
    audit_.actual = std::make_shared<const program::Program>(std::move(actual_));
  }

  void set_neighbors(const program::Neighbors& neighbors) { actual_.neighbors = neighbors; }

 private:
  const openflow::FlowStats* find(const openflow::FlowMod& flow) const {
    const auto found = there_.find(key_of(flow.table_id, flow.priority, flow.match));
    return found == there_.end() ? nullptr : found->second;
  }

  void keep(TableId table, const Row& row) { actual_.table(table).push_back(row); }

  // One of the flow entries of a row of which some are not as they should be.
  void take_part(TableId table, const Row& row, const openflow::FlowMod& flow) {
    Row part = row;
    if (auto match = match_of(flow.match)) part.match = *std::move(match);
    const auto* found = find(flow);
    if (found != nullptr && same_flow(*found, flow)) return keep(table, part);
    Difference difference{.kind = Difference::Kind::kMissing, .table = table, .wanted = part};
    if (found != nullptr) {
      difference.kind = Difference::Kind::kDifferent;
      difference.is = describe(openflow::addition_of(*found));
      auto instead = row_of(openflow::addition_of(*found));
      difference.is_row = instead.has_value();
      if (instead) {
        instead->origin = row.origin;
        instead->queries = row.queries;
        keep(table, *instead);
      }
    }
    add(std::move(difference));
  }

  void take_foreign(const openflow::FlowMod& flow) {
    Difference difference{.kind = Difference::Kind::kForeign, .table = {}, .wanted = {}};
    difference.is = describe(flow);
    // Nothing leads to a table that no Program has, unless by another such flow entry.
    const auto row = is_table(flow.table_id) ? row_of(flow) : std::nullopt;
    difference.is_row = row.has_value() || !is_table(flow.table_id);
    if (row) keep(static_cast<TableId>(flow.table_id), *row);
    add(std::move(difference));
  }

  void add(Difference difference) {
    if (!difference.is.empty() && !difference.is_row) ++audit_.unsaid;
    if (audit_.differences.size() < kMaxDifferences) {
      audit_.differences.push_back(std::move(difference));
    }
  }

  FabricAudit& audit_;
  std::map<FlowKey, const openflow::FlowStats*> there_;
  std::set<FlowKey> claimed_;
  program::Program actual_;
};

}  // namespace

FlowKey key_of(std::uint8_t table, std::uint16_t priority, const openflow::Match& match) {
  openflow::WireWriter out;
  out.u8(table);
  out.u16(priority);
  encode_match(match, out);
  FlowKey key(out.size(), '\0');
  std::ranges::transform(out.view(), key.begin(), std::to_integer<char>);
  return key;
}

std::optional<program::Match> match_of(const openflow::Match& match) {
  if (!match.opaque().empty()) return std::nullopt;
  program::Match found;
  for (const openflow::MatchField& test : match.fields()) {
    if (!add_test(found, test)) return std::nullopt;
  }
  return found;
}

std::optional<Row> row_of(const openflow::FlowMod& flow) {
  auto match = match_of(flow.match);
  if (!match) return std::nullopt;
  Row row;
  row.priority = flow.priority;
  row.match = *std::move(match);
  if (!act(row, flow)) return std::nullopt;
  return row;
}

std::string describe(const openflow::FlowMod& flow) {
  std::string text = is_table(flow.table_id)
                         ? std::string(name_of(static_cast<TableId>(flow.table_id)))
                         : fmt::format("table {}", flow.table_id);
  if (const auto row = row_of(flow)) return text + " " + to_string(*row);
  text += fmt::format(" {}", flow.priority);
  for (const openflow::MatchField& test : flow.match.fields()) {
    text += fmt::format(" {}={:#x}", name_of(test.field), test.value.low);
    if (!test.is_exact()) text += fmt::format("/{:x}", test.mask.low);
  }
  return text + " -> what no row of Fabrix does";
}

Result<void> explain(const program::Program& wanted, std::span<const net::PortNo> ports,
                     const std::vector<openflow::FlowStats>& installed, FabricAudit& audit,
                     const PortTags& tags) {
  Comparison comparison(installed, audit);
  for (std::size_t i = 0; i < program::kTableCount; ++i) {
    const auto table = static_cast<TableId>(i);
    for (const Row& row : wanted.table(table)) {
      FABRIX_TRY(const auto flows, flows_for(table, row, ports, tags));
      comparison.take(table, row, flows);
    }
  }
  comparison.set_neighbors(wanted.neighbors);
  comparison.finish();
  return {};
}

}  // namespace fabrix::fabric
