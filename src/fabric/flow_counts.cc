#include "fabric/flow_counts.h"

#include <set>

#include "base/assert.h"
#include "fabric/flow_translation.h"

namespace fabrix::fabric {
namespace {

using program::Origin;

constexpr std::uint64_t kKind = std::uint64_t{0xff} << 56U;
constexpr std::uint64_t kKindAndOwner = std::uint64_t{0xffffff} << 40U;

std::uint64_t cookie_of(Origin::Kind kind) {
  return Origin{.kind = kind, .participant = {}, .clause = 0}.cookie();
}

}  // namespace

std::uint64_t cookie_of(const program::Row& row) {
  Origin origin = row.origin;
  const bool is_clause =
      origin.kind == Origin::Kind::kOutboundClause || origin.kind == Origin::Kind::kInboundClause;
  if (is_clause && !row.queries.empty()) {
    origin.clause = static_cast<std::uint32_t>(row.queries.front());
  }
  return origin.cookie();
}

std::vector<FlowCounts::Slice> FlowCounts::of_policies() const {
  // A switch looks at all it has for each.
  constexpr std::size_t kMostOfAKind = 8;
  std::map<std::uint64_t, std::set<std::uint64_t>> owners;  // by kind
  for (const auto& [key, flow] : counting_) {
    const std::uint64_t kind = key.second & kKind;
    if (kind != of_drops().cookie) owners[kind].insert(key.second & kKindAndOwner);
  }
  std::vector<Slice> slices;
  for (const auto& [kind, of_kind] : owners) {
    if (kind == cookie_of(Origin::Kind::kQuery) || of_kind.size() > kMostOfAKind) {
      slices.push_back({.cookie = kind, .mask = kKind});
    } else {
      for (const std::uint64_t each : of_kind) slices.push_back({each, kKindAndOwner});
    }
  }
  return slices;
}

FlowCounts::Slice FlowCounts::of_drops() {
  return {.cookie = cookie_of(Origin::Kind::kDrop), .mask = kKind};
}

FlowCounts::Key FlowCounts::key_of(const openflow::FlowStats& flow) {
  return {fabric::key_of(flow.table_id, flow.priority, flow.match), flow.cookie};
}

void FlowCounts::expect(const program::Program& program, std::span<const net::PortNo> ports,
                        FlowBank bank, const PortTags& tags) {
  forgot_ = false;
  for (std::size_t i = 0; i < program::kTableCount; ++i) {
    const auto table = static_cast<program::TableId>(i);
    for (const program::Row& row : program.table(table)) {
      if (!row.queries.empty()) expect(table, row, ports, bank, tags);
    }
  }
}

void FlowCounts::expect(program::TableId table, const program::Row& row,
                        std::span<const net::PortNo> ports, FlowBank bank, const PortTags& tags) {
  const auto flows = flows_for(table, row, ports, tags);
  FABRIX_ASSERT(flows.has_value());  // install() has translated it before.
  for (const openflow::FlowMod& flow : *flows) {
    const std::uint8_t place = table_in(bank, flow.table_id);
    counting_.try_emplace({fabric::key_of(place, flow.priority, flow.match), flow.cookie},
                          CountingFlow{row.origin.participant, row.queries, {}});
  }
}

void FlowCounts::note(std::span<const openflow::FlowStats> flows) {
  for (const openflow::FlowStats& flow : flows) {
    note(key_of(flow), {.packets = flow.packet_count, .octets = flow.byte_count});
  }
}

void FlowCounts::note_all(std::span<const openflow::FlowStats> flows) {
  // Few of thousands of flows count: only theirs need a key.
  std::set<std::uint64_t> cookies;
  for (const auto& [key, flow] : counting_) cookies.insert(key.second);
  std::set<Key> present;
  for (const openflow::FlowStats& flow : flows) {
    if (!cookies.contains(flow.cookie)) continue;
    const Key& key = *present.insert(key_of(flow)).first;
    note(key, {.packets = flow.packet_count, .octets = flow.byte_count});
  }
  std::erase_if(counting_, [&present](const auto& each) { return !present.contains(each.first); });
}

void FlowCounts::note(const openflow::FlowRemoved& flow) {
  const Key key{fabric::key_of(flow.table_id, flow.priority, flow.match), flow.cookie};
  note(key, {.packets = flow.packet_count, .octets = flow.byte_count});
  counting_.erase(key);
  forgot_ = true;
}

void FlowCounts::note(const Key& key, const QueryCount& total) {
  const auto found = counting_.find(key);
  if (found == counting_.end()) return;
  CountingFlow& flow = found->second;
  // Less than before: it was added anew meanwhile.
  const bool anew = total.packets < flow.seen.packets || total.octets < flow.seen.octets;
  const QueryCount before = anew ? QueryCount{} : flow.seen;
  flow.seen = total;
  add_(flow.owner, flow.queries,
       {.packets = total.packets - before.packets, .octets = total.octets - before.octets});
}

void FlowCounts::note(const program::ProgramPtr& program,
                      std::span<const openflow::MeterStats> meters) {
  for (const auto& more : meters_.update(program, meters)) {
    add_({}, std::span(&more.counter, 1), more.count);
  }
}

}  // namespace fabrix::fabric
