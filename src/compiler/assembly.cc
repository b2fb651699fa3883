#include "compiler/assembly.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include "compiler/admit.h"
#include "compiler/clause_rows.h"
#include "compiler/delivery.h"
#include "policy/balance.h"

namespace fabrix::compiler {
namespace {

using program::TableId;

constexpr std::uint16_t kControlPriority = 65000;  // above all clauses
constexpr std::uint16_t kLowestPriority = 0;
static_assert(kControlPriority > kTopPriority);

program::Row jump_row(std::uint16_t priority, program::Metadata metadata, TableId next,
                      program::Origin::Kind kind) {
  program::Row row;
  row.priority = priority;
  row.match.metadata = metadata;
  row.next = program::Goto{next};
  row.origin.kind = kind;
  return row;
}

// A table that is all nobody's.
program::Rows whole(std::vector<program::Row> rows) {
  return program::Rows(program::Rows::Directory{program::make_block(std::move(rows))});
}

// Makes room for so many blocks.
template <typename Blocks>
void grow(Blocks& blocks, std::size_t count) {
  typename Blocks::Directory directory;
  for (std::size_t i = 0; i < count; ++i) directory.push_back(blocks.block(i));
  blocks = Blocks(directory);
}

}  // namespace

Assembly::Assembly(const exchange::Exchange& exchange) : exchange_(exchange) {
  using enum program::Origin::Kind;
  outbound_ = whole({jump_row(kLowestPriority, {}, TableId::kResolve, kDefault)});
  inbound_ = whole(
      {jump_row(kControlPriority, program::Metadata::control(), TableId::kTransit, kControlPlane),
       jump_row(kLowestPriority, {}, TableId::kTransit, kDefault)});
  delivered_ = whole(
      {jump_row(kControlPriority, program::Metadata::control(), TableId::kTransit, kControlPlane)});
  reconfigure();
}

void Assembly::reconfigure() {
  const std::size_t participants = exchange_.participants.size();
  sends_by_policy_.resize(participants, false);
  grow(admit_, participants + 1);
  admission_stale_.assign(participants, true);
  admit_.set_block(0, program::make_block(site_admit_rows(exchange_)));
  grow(outbound_, participants + 1);
  grow(inbound_, participants + 1);
  grow(sent_, participants + 1);
  grow(delivered_, participants + 1);
  counted_.resize(participants, false);
  tested_.resize(participants);
  chains_.resize(participants);
  sources_.resize(participants);
  grow(neighbors_, participants);
  port_up_.resize(exchange_.routers.size(), true);
  stale_.fill(true);
  neighbors_stale_ = true;
}

void Assembly::mark(TableId table) {
  stale_.at(static_cast<std::size_t>(table)) = true;
}

void Assembly::put(program::Rows& table, net::ParticipantId owner, const program::Rows::Block& rows,
                   TableId id) {
  const program::Rows::Block& present = table.block(program::block_of(owner));
  if (present == rows || (present && rows && *present == *rows)) return;
  table.set_block(program::block_of(owner), rows);
  mark(id);
}

void Assembly::set_outbound(net::ParticipantId owner, const program::Rows::Block& rows) {
  put(outbound_, owner, rows, TableId::kOutbound);
}

void Assembly::set_inbound(net::ParticipantId owner, const program::Rows::Block& rows) {
  put(inbound_, owner, rows, TableId::kInbound);
}

void Assembly::set_sent(net::ParticipantId owner, const program::Rows::Block& rows) {
  if ((sent_.block(program::block_of(owner)) == nullptr) != (rows == nullptr)) admit_again(owner);
  put(sent_, owner, rows, TableId::kSent);
}

void Assembly::set_delivered(net::ParticipantId owner, const program::Rows::Block& rows) {
  if (counted_[owner.index()] != (rows != nullptr)) mark(TableId::kResolve);
  counted_[owner.index()] = rows != nullptr;
  put(delivered_, owner, rows, TableId::kDelivered);
}

void Assembly::set_neighbors(net::ParticipantId sender,
                             const program::Neighbors::Block& neighbors) {
  other_neighbors_.push_back({.index = sender.index(), .block = neighbors});
}

void Assembly::take_neighbors() {
  if (other_neighbors_.empty()) return;
  std::ranges::sort(other_neighbors_, {}, &program::Neighbors::Change::index);
  neighbors_.set_blocks(std::exchange(other_neighbors_, {}));
  neighbors_stale_ = true;
}

void Assembly::set_sends(net::ParticipantId sender, Sends how) {
  const bool by_policy = how == Sends::kByPolicy;
  if (sends_by_policy_[sender.index()] == by_policy) return;
  sends_by_policy_[sender.index()] = by_policy;
  admit_again(sender);
}

Assembly::Tested Assembly::Tested::by(const policy::Policy* policy) {
  if (policy == nullptr) return {};
  return {.sent = policy::hash_keys_of(policy->outbound),
          .received = policy::hash_keys_of(policy->inbound)};
}

void Assembly::set_tested(net::ParticipantId owner, const Tested& tested) {
  if (tested_[owner.index()] == tested) return;
  tested_[owner.index()] = tested;
  net::HashKeys received;
  for (const Tested& each : tested_) received = received | each.received;
  if (std::exchange(received_, received) == received) return admit_again(owner);
  admit_all_again();
}

void Assembly::set_chains(net::ParticipantId owner, Chains chains) {
  if (chains_[owner.index()] == chains) return;
  chains_[owner.index()] = std::move(chains);
  admit_again(owner);
}

void Assembly::follow(SourceSets& sources, std::span<const exchange::PlacedPrefix> changed) {
  for (const net::ParticipantId each : sources.refresh(changed)) {
    sources_[each.index()] = sources.sources(each);
    admit_again(each);
  }
}

void Assembly::set_port(net::RouterId router, bool up) {
  if (port_up_[router.index()] == up) return;
  port_up_[router.index()] = up;
  mark(TableId::kTransit);
  // Chains go past a middlebox that is down.
  const net::ParticipantId owner = exchange_.router(router).participant;
  if (exchange_.router(router).middlebox && !chains_[owner.index()].empty()) admit_again(owner);
}

void Assembly::standing_changed() {
  admit_all_again();
  mark(TableId::kTransit);
}

void Assembly::admit_again(net::ParticipantId owner) {
  admission_stale_[owner.index()] = true;
  mark(TableId::kAdmit);
}

void Assembly::admit_all_again() {
  admission_stale_.assign(exchange_.participants.size(), true);
  mark(TableId::kAdmit);
}

Passage Assembly::passage_of(net::ParticipantId owner) const {
  std::vector<Detour> onward;
  for (const auto& chain : chains_[owner.index()]) {
    std::ranges::copy(detours(chain, port_up_), std::back_inserter(onward));
  }
  return {.has_outbound = sends_by_policy_[owner.index()],
          .is_counted = sent_.block(program::block_of(owner)) != nullptr,
          .hashes = tested_[owner.index()].sent | received_,
          .onward = std::move(onward),
          .sources = sources_[owner.index()].get()};
}

void Assembly::refresh_admission() {
  if (!stale_.at(static_cast<std::size_t>(TableId::kAdmit))) return;
  std::vector<program::Rows::Change> others;
  for (const exchange::Participant& each : exchange_.participants) {
    if (!admission_stale_[each.id.index()]) continue;
    admission_stale_[each.id.index()] = false;
    const std::size_t index = program::block_of(each.id);
    auto rows = program::make_block(admit_rows(exchange_, each.id, passage_of(each.id)));
    const program::Rows::Block& present = admit_.block(index);
    if (present == rows || (present && rows && *present == *rows)) continue;
    others.push_back({.index = index, .block = std::move(rows)});
  }
  admit_.set_blocks(std::move(others));
}

program::Rows Assembly::make(TableId table) const {
  switch (table) {
    case TableId::kAdmit:
      return admit_;
    case TableId::kSent:
      return sent_;
    case TableId::kDelivered: {
      const bool any = std::ranges::find(counted_, true) != counted_.end();
      return any ? delivered_ : program::Rows();
    }
    case TableId::kOutbound:
      return outbound_;
    case TableId::kResolve:
      return whole(resolve_rows(exchange_, counted_));
    case TableId::kInbound:
      return inbound_;
    case TableId::kTransit:
      return whole(transit_rows(exchange_, port_up_));
  }
  return {};
}

program::ProgramPtr Assembly::program() {
  program::Program fresh;
  if (program_) fresh = *program_;
  take_neighbors();
  bool changed = !program_ || neighbors_stale_;
  refresh_admission();
  for (std::size_t i = 0; i < stale_.size(); ++i) {
    if (!std::exchange(stale_.at(i), false)) continue;
    const auto table = static_cast<TableId>(i);
    program::Rows rows = make(table);
    // That blocks differ has been seen when they were set; equal rows of nobody's stay what they
    // were.
    const bool in_blocks = table == TableId::kOutbound || table == TableId::kInbound;
    if (!in_blocks && fresh.tables.at(i) == rows) continue;
    fresh.tables.at(i) = std::move(rows);
    changed = true;
  }
  if (std::exchange(neighbors_stale_, false)) fresh.neighbors = neighbors_;
  if (changed) program_ = std::make_shared<const program::Program>(std::move(fresh));
  return program_;
}

}  // namespace fabrix::compiler
