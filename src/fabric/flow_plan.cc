#include "fabric/flow_plan.h"

#include <algorithm>
#include <iterator>
#include <span>
#include <utility>

#include "base/assert.h"
#include "fabric/flow_translation.h"

namespace fabrix::fabric {
namespace {

using Flows = FlowPlan::Flows;

// Adds those of a row; calls visit(entry) for each that was not there.
template <typename Visit>
void add_flows(std::span<openflow::FlowMod> of_row, Flows& flows, const Visit& visit) {
  // Rows come by falling priorities, which rise in keys.
  auto place = flows.begin();
  for (openflow::FlowMod& flow : of_row) {
    FlowKey key = key_of(flow.table_id, flow.priority, flow.match);
    const std::size_t before = flows.size();
    const auto entry = flows.try_emplace(place, std::move(key), std::move(flow));
    if (flows.size() != before) visit(*entry);
    place = std::next(entry);
  }
}

Result<std::shared_ptr<const Flows>> translate_rows(program::TableId table,
                                                    std::span<const program::Row> rows,
                                                    const std::vector<net::PortNo>& ports,
                                                    const PortTags& tags) {
  if (rows.empty()) return std::shared_ptr<const Flows>();
  Flows flows;
  for (const program::Row& row : rows) {
    FABRIX_TRY(auto of_row, flows_for(table, row, ports, tags));
    add_flows(of_row, flows, [](const auto&) {});
  }
  return std::make_shared<const Flows>(std::move(flows));
}

// Rows that are in one of them only, or differ: each list falls by priority.
std::size_t count_unlike(std::span<const program::Row> before, std::span<const program::Row> now) {
  std::size_t unlike = 0;
  auto had = before.begin();
  auto has = now.begin();
  while (had != before.end() && has != now.end()) {
    if (had->priority == has->priority) {
      if (*had++ != *has++) ++unlike;
      continue;
    }
    ++unlike;
    if (had->priority > has->priority) {
      ++had;
    } else {
      ++has;
    }
  }
  return unlike + static_cast<std::size_t>((before.end() - had) + (now.end() - has));
}

// Calls visit(was, is) for each place of the tables of either.
template <typename Tables, typename Visit>
void for_each_place(const Tables& before, const Tables& now, const Visit& visit) {
  using Table = typename Tables::value_type;
  const Table no_table{};
  const typename Table::value_type nothing{};
  for (std::size_t table = 0; table < std::max(before.size(), now.size()); ++table) {
    const Table& had = table < before.size() ? before[table] : no_table;
    const Table& has = table < now.size() ? now[table] : no_table;
    for (std::size_t i = 0; i < std::max(had.size(), has.size()); ++i) {
      visit(i < had.size() ? had[i] : nothing, i < has.size() ? has[i] : nothing);
    }
  }
}

// Removals go first: what goes here may come there.
struct Changes {
  std::vector<openflow::FlowMod> removals;
  std::vector<openflow::FlowMod> additions;

  // Until they are more than `most`.
  void add(const FlowPlan::Entries& before, const FlowPlan::Entries& now, std::size_t most) {
    auto had = before.begin();
    auto has = now.begin();
    const auto are_few = [this, most] { return removals.size() + additions.size() <= most; };
    while ((had != before.end() || has != now.end()) && are_few()) {
      const bool is_gone =
          has == now.end() || (had != before.end() && (*had)->first < (*has)->first);
      const bool has_come =
          had == before.end() || (has != now.end() && (*has)->first < (*had)->first);
      if (is_gone) {
        removals.push_back(removal_of((*had++)->second));
      } else if (has_come) {
        additions.push_back((*has++)->second);
      } else {
        replace((*had++)->second, (*has++)->second);
      }
    }
  }

  void replace(const openflow::FlowMod& before, const openflow::FlowMod& now) {
    if (before == now) return;
    // A flow that counts is not replaced unheard, and does not take on what another has counted.
    const bool counts = ((before.flags | now.flags) & openflow::kSendFlowRemoved) != 0;
    if (counts) removals.push_back(removal_of(before));
    additions.push_back(now);
  }

  std::vector<openflow::FlowMod> take() {
    std::ranges::move(additions, std::back_inserter(removals));
    return std::move(removals);
  }
};

// Of the blocks that were put in one after the other: a key's first.
FlowPlan::Entries in_order(FlowPlan::Entries entries) {
  const auto key = [](const Flows::value_type* each) -> const FlowKey& { return each->first; };
  if (!std::ranges::is_sorted(entries, {}, key)) std::ranges::stable_sort(entries, {}, key);
  // clang 14 cannot read the library's std::ranges::unique().
  const auto repeated =
      std::unique(entries.begin(), entries.end(),
                  [](const auto* a, const auto* b) { return a->first == b->first; });
  entries.erase(repeated, entries.end());
  return entries;
}

void add(FlowPlan::Entries& to, const Flows& from) {
  for (const auto& each : from) to.push_back(&each);
}

}  // namespace

Result<FlowPlan::Table> FlowPlan::translate(program::TableId table, const program::Rows& rows,
                                            const Table& before, When when) {
  Table places(rows.block_count() + 1);
  for (std::size_t i = 0; i < rows.block_count(); ++i) {
    const program::Rows::Block& block = rows.block(i);
    if (!block) continue;
    if (i < before.size() && before[i].rows == block) {
      places[i] = before[i];
      continue;
    }
    if (when == When::kLater && std::ranges::all_of(*block, is_plain)) {
      places[i] = {.rows = block, .flows = nullptr, .waits = true};
      ++waiting_;
      continue;
    }
    FABRIX_TRY(auto flows, translate_rows(table, *block, ports_, tags_));
    places[i] = {.rows = block, .flows = std::move(flows)};
  }
  FABRIX_TRY(auto own, translate_rows(table, rows.own(), ports_, tags_));
  places.back() = {.rows = nullptr, .flows = std::move(own)};
  return places;
}

Result<FlowPlanPtr> FlowPlan::make(program::ProgramPtr program, std::vector<net::PortNo> ports,
                                   const FlowPlan& before, PortTags tags, When when) {
  before.complete();
  FlowPlan plan;
  const bool reusable = before.ports_ == ports && before.tags_ == tags;
  plan.ports_ = std::move(ports);
  plan.tags_ = std::move(tags);
  for (std::size_t i = 0; i < program::kTableCount; ++i) {
    const auto table = static_cast<program::TableId>(i);
    const bool known = reusable && i < before.tables_.size();
    FABRIX_TRY(auto places, plan.translate(table, program->table(table),
                                           known ? before.tables_[i] : Table{}, when));
    plan.tables_.push_back(std::move(places));
  }
  plan.program_ = std::move(program);
  return std::make_shared<const FlowPlan>(std::move(plan));
}

Result<FlowPlanPtr> FlowPlan::make(program::ProgramPtr program, std::vector<net::PortNo> ports,
                                   const FlowPlan& before, PortTags tags) {
  return make(std::move(program), std::move(ports), before, std::move(tags), When::kNow);
}

Result<FlowPlanPtr> FlowPlan::outline(program::ProgramPtr program, std::vector<net::PortNo> ports,
                                      const FlowPlan& before, PortTags tags) {
  return make(std::move(program), std::move(ports), before, std::move(tags), When::kLater);
}

void FlowPlan::complete() const {
  while (!is_whole()) list_more();
}

// The next block, or some rows of it. False: there is nothing more.
bool FlowPlan::list_more() const {
  Listing& at = listing_;
  while (at.table < tables_.size() && at.place == tables_[at.table].size()) {
    ++at.table;
    at.place = 0;
  }
  if (at.table == tables_.size()) {
    at.keys.clear();
    return false;
  }
  Place& place = tables_[at.table][at.place];
  if (place.waits) {
    list_rows(place);
  } else if (place.flows) {
    for (const auto& entry : *place.flows) list(entry);
  }
  if (!place.waits) ++at.place;
  return true;
}

void FlowPlan::list_rows(Place& place) const {
  constexpr std::size_t kRowsAtOnce = 64;
  Listing& at = listing_;
  if (!at.begun) at.begun = std::make_shared<Flows>();
  const auto& rows = *place.rows;
  const std::size_t end = std::min(at.row + kRowsAtOnce, rows.size());
  for (; at.row < end; ++at.row) {
    auto of_row = flows_for(static_cast<program::TableId>(at.table), rows[at.row], ports_, tags_);
    FABRIX_ASSERT(of_row.has_value());  // The row is plain.
    add_flows(*of_row, *at.begun, [this](const Flows::value_type& entry) { list(entry); });
  }
  if (at.row != rows.size()) return;
  place.flows = std::exchange(at.begun, nullptr);
  place.waits = false;
  at.row = 0;
  --waiting_;
}

// Of a key that comes twice the first counts.
void FlowPlan::list(const Flows::value_type& entry) const {
  if (listing_.keys.insert(entry.first).second) listing_.entries.push_back(&entry);
}

std::span<const FlowPlan::Flows::value_type* const> FlowPlan::first_entries(
    std::size_t most) const {
  while (listing_.entries.size() < most && list_more()) {
  }
  return std::span(listing_.entries).first(std::min(most, listing_.entries.size()));
}

std::size_t FlowPlan::rows_unlike(const FlowPlan& before) const {
  const auto rows_in = [](const program::Rows::Block& block) {
    return block ? std::span<const program::Row>(*block) : std::span<const program::Row>();
  };
  std::size_t unlike = 0;
  for_each_place(before.tables_, tables_, [&](const Place& was, const Place& is) {
    if (was.rows != is.rows) unlike += count_unlike(rows_in(was.rows), rows_in(is.rows));
  });
  return unlike;
}

std::size_t FlowPlan::size() const {
  std::size_t size = 0;
  for (std::size_t i = 0; i < tables_.size(); ++i) {
    size += size_of(static_cast<program::TableId>(i));
  }
  return size;
}

std::size_t FlowPlan::size_of(program::TableId table) const {
  complete();
  const auto at = static_cast<std::size_t>(table);
  std::size_t size = 0;
  if (at >= tables_.size()) return size;
  for (const Place& place : tables_[at]) size += place.flows ? place.flows->size() : 0;
  return size;
}

FlowPlan::Flows FlowPlan::flows() const {
  complete();
  Flows all;
  for (const Table& table : tables_) {
    for (const Place& place : table) {
      if (place.flows) all.insert(place.flows->begin(), place.flows->end());
    }
  }
  return all;
}

FlowPlan::Entries FlowPlan::entries() const {
  complete();
  Entries all;
  for (const Table& table : tables_) {
    for (const Place& place : table) {
      if (place.flows) add(all, *place.flows);
    }
  }
  return in_order(std::move(all));
}

std::vector<openflow::FlowMod> FlowPlan::changes_from(const FlowPlan& before,
                                                      std::size_t most) const {
  complete();
  before.complete();
  Entries gone;
  Entries come;
  for_each_place(before.tables_, tables_, [&](const Place& was, const Place& is) {
    if (was.flows == is.flows) return;
    if (was.flows) add(gone, *was.flows);
    if (is.flows) add(come, *is.flows);
  });
  Changes changes;
  changes.add(in_order(std::move(gone)), in_order(std::move(come)), most);
  return changes.take();
}

std::vector<openflow::FlowMod> FlowPlan::changes_from(const Flows& present,
                                                      std::size_t most) const {
  Entries there;
  add(there, present);
  Changes changes;
  changes.add(there, entries(), most);
  return changes.take();
}

}  // namespace fabrix::fabric
