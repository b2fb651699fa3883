#include "verify/row_index.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <tuple>

namespace fabrix::verify {
namespace {

using program::Metadata;
using program::Row;
using program::TableId;

constexpr std::uint64_t kIdMask = 0xfff;
constexpr std::size_t kMostOfAKey = 64;  // rows, mostly
constexpr unsigned kEgressShift = 12;
constexpr unsigned kEgressRouterShift = 24;

// The part of metadata that most rows of the table test; 0 for the tables where it is something
// else.
std::uint64_t key_mask(TableId table) {
  switch (table) {
    case TableId::kSent:
    case TableId::kOutbound:
      return kIdMask;
    case TableId::kDelivered:
    case TableId::kInbound:
      return kIdMask << kEgressShift;
    case TableId::kTransit:
      return kIdMask << kEgressRouterShift;
    default:
      return 0;
  }
}

// The order of rows in a Program, as far as they can differ in what they match.
bool precedes(const Row* a, const Row* b) {
  if (a->priority != b->priority) return a->priority > b->priority;
  return a->match < b->match;
}

// Calls visit(block) for what one of them has and the other has not at the same place.
template <typename Visit>
void for_each_unlike(const program::Rows& other, const program::Rows& of, const Visit& visit) {
  of.for_each_block_unlike(other, visit);
  if (!of.own().empty()) visit(of.own());
}

}  // namespace

std::optional<RowKey> RowIndex::key_of(TableId id, const Row& row) {
  if (id == TableId::kAdmit || id == TableId::kResolve) {
    const auto& fields = row.match.fields;
    const auto port = std::ranges::find(fields, net::Field::kInPort, &program::FieldMatch::field);
    const bool exact = port != fields.end() && port->mask == net::max_value(net::Field::kInPort);
    return exact ? std::optional(port->bits) : std::nullopt;
  }
  const std::uint64_t mask = key_mask(id);
  if (mask == 0 || (row.match.metadata.mask & mask) != mask) return std::nullopt;
  return row.match.metadata.bits & mask;
}

RowKey RowIndex::sender_key(net::ParticipantId sender) {
  return Metadata::sender(sender).bits;
}

RowKey RowIndex::receiver_key(net::ParticipantId receiver) {
  return Metadata::egress(receiver).bits;
}

RowIndex::RowIndex(const program::Program& program) {
  follow({}, program);
}

void RowIndex::follow(const program::Program& before, const program::Program& now) {
  if (&before == &now) return;
  for (std::size_t i = 0; i < program::kTableCount; ++i) {
    const auto id = static_cast<TableId>(i);
    const program::Rows& olds = before.table(id);
    const program::Rows& news = now.table(id);
    for_each_unlike(news, olds, [this, id](const auto& block) { remove(id, block); });
    for_each_unlike(olds, news, [this, id](const auto& block) { add(id, block); });
  }
}

// Rows of a meter mostly stand side by side: it is sought where the last one was.
void RowIndex::count_meter(const Row& row, MeterCounts::iterator& last) {
  if (!row.meter) return;
  if (last == meters_.end() || last->first != *row.meter) {
    bool is_new = false;
    std::tie(last, is_new) = meters_.try_emplace(*row.meter, 0);
    if (is_new && is_disputed(last)) ++disputed_meters_;
  }
  ++last->second;
}

void RowIndex::uncount_meter(const Row& row) {
  if (!row.meter) return;
  const auto known = meters_.find(*row.meter);
  if (--known->second > 0) return;
  if (is_disputed(known)) --disputed_meters_;
  meters_.erase(known);
}

// Whether there is another one of its id. They are in the order of their ids.
bool RowIndex::is_disputed(MeterCounts::const_iterator meter) const {
  const auto next = std::next(meter);
  return (meter != meters_.begin() && std::prev(meter)->first.id == meter->first.id) ||
         (next != meters_.end() && next->first.id == meter->first.id);
}

void RowIndex::add(TableId id, Block block) {
  Table& table = tables_.at(static_cast<std::size_t>(id));
  std::optional<RowKey> key;
  Rows* place = &table.others;
  auto meter = meters_.end();
  for (const Row& row : block) {
    // Many of a block have one key.
    if (const auto own = key_of(id, row); own != key) {
      key = own;
      place = key ? &table.keyed[*key] : &table.others;
      const auto left = static_cast<std::size_t>(block.data() + block.size() - &row);
      if (place->empty()) place->reserve(std::min(left, kMostOfAKey));
    }
    Rows& rows = *place;
    // Blocks are in order: it mostly comes last.
    if (rows.empty() || !precedes(&row, rows.back())) {
      rows.push_back(&row);
    } else {
      rows.insert(std::ranges::upper_bound(rows, &row, precedes), &row);
    }
    count_meter(row, meter);
  }
  size_ += block.size();
}

void RowIndex::remove(TableId id, Block block) {
  const std::less<> before;
  const auto is_of_block = [&](const Row* row) {
    return !before(row, block.data()) && before(row, block.data() + block.size());
  };
  for (const Row& row : block) {
    uncount_meter(row);
    const auto key = key_of(id, row);
    Table& table = tables_.at(static_cast<std::size_t>(id));
    const auto known = key ? table.keyed.find(*key) : table.keyed.end();
    if (key && known == table.keyed.end()) continue;  // gone with another one of the block
    std::erase_if(key ? known->second : table.others, is_of_block);
    if (key && known->second.empty()) table.keyed.erase(known);
  }
  size_ -= block.size();
}

RowIndex::Rows RowIndex::rows(TableId id, std::uint64_t metadata,
                              std::optional<std::uint64_t> in_port) const {
  if (id == TableId::kAdmit && !in_port) {
    Rows found = others(id);
    for (const RowKey key : keys(id)) {
      found.insert(found.end(), keyed(id, key).begin(), keyed(id, key).end());
    }
    std::ranges::stable_sort(found, precedes);
    return found;
  }
  const bool by_port = id == TableId::kAdmit || id == TableId::kResolve;
  if (by_port && !in_port) return others(id);
  const Rows& own = keyed(id, by_port ? *in_port : metadata & key_mask(id));
  Rows found;
  found.reserve(others(id).size() + own.size());
  std::ranges::merge(others(id), own, std::back_inserter(found), precedes);
  return found;
}

const RowIndex::Rows& RowIndex::keyed(TableId id, RowKey key) const {
  static const Rows none;
  const auto found = table(id).keyed.find(key);
  return found == table(id).keyed.end() ? none : found->second;
}

std::vector<RowKey> RowIndex::keys(TableId id) const {
  std::vector<RowKey> keys;
  keys.reserve(table(id).keyed.size());
  for (const auto& [key, rows] : table(id).keyed) keys.push_back(key);
  std::ranges::sort(keys);
  return keys;
}

}  // namespace fabrix::verify
