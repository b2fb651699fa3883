#include "verify/row_index.h"

#include <algorithm>
#include <iterator>

namespace fabrix::verify {
namespace {

using program::Metadata;
using program::Row;
using program::TableId;

constexpr std::uint64_t kIdMask = 0xfff;
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
bool precedes(const Row& a, const Row& b) {
  if (a.priority != b.priority) return a.priority > b.priority;
  return a.match < b.match;
}

bool is_before(const Row* a, const Row* b) {
  return precedes(*a, *b);
}

}  // namespace

std::optional<RowKey> RowIndex::key_of(TableId id, const Row& row) {
  if (id == TableId::kAdmit) {
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

RowIndex::RowIndex(const program::Program& program) : size_(program.row_count()) {
  for (std::size_t i = 0; i < program::kTableCount; ++i) {
    const auto id = static_cast<TableId>(i);
    for (const Row& row : program.table(id)) {
      place_of(id, row).push_back(row);
      count_meter(row);
    }
    const auto sort = [](Rows& rows) {
      if (!std::ranges::is_sorted(rows, precedes)) std::ranges::stable_sort(rows, precedes);
    };
    sort(tables_.at(i).others);
    for (auto& [key, rows] : tables_.at(i).keyed) sort(rows);
  }
}

RowIndex::Rows& RowIndex::place_of(TableId id, const Row& row) {
  Table& table = tables_.at(static_cast<std::size_t>(id));
  const auto key = key_of(id, row);
  return key ? table.keyed[*key] : table.others;
}

void RowIndex::count_meter(const Row& row) {
  if (row.meter) ++meters_[*row.meter];
}

void RowIndex::remove(TableId id, const Row& row) {
  Rows& rows = place_of(id, row);
  const auto same = std::ranges::equal_range(rows, row, precedes);
  if (same.empty()) return;
  const auto found = std::ranges::find(same, row);
  const auto gone = found == same.end() ? same.begin() : found;
  if (gone->meter && --meters_[*gone->meter] == 0) meters_.erase(*gone->meter);
  rows.erase(gone);
  --size_;
  const auto key = key_of(id, row);
  if (key && rows.empty()) tables_.at(static_cast<std::size_t>(id)).keyed.erase(*key);
}

void RowIndex::apply(const program::ProgramDelta& delta) {
  for (const auto& [id, row] : delta.remove) remove(id, row);
  for (const auto& [id, row] : delta.modify) remove(id, row);
  for (const auto* fresh : {&delta.modify, &delta.add}) {
    for (const auto& [id, row] : *fresh) {
      Rows& rows = place_of(id, row);
      rows.insert(std::ranges::upper_bound(rows, row, precedes), row);
      ++size_;
      count_meter(row);
    }
  }
}

std::vector<const Row*> RowIndex::rows(TableId id, std::uint64_t metadata,
                                       std::optional<std::uint64_t> in_port) const {
  std::vector<const Row*> found;
  const auto add = [&found](const Rows& rows) {
    for (const Row& row : rows) found.push_back(&row);
  };
  add(others(id));
  const auto middle = static_cast<std::ptrdiff_t>(found.size());
  if (id == TableId::kAdmit && !in_port) {
    for (const auto& [key, rows] : table(id).keyed) add(rows);
    std::ranges::stable_sort(found, is_before);
    return found;
  }
  add(keyed(id, id == TableId::kAdmit ? *in_port : metadata & key_mask(id)));
  std::inplace_merge(found.begin(), found.begin() + middle, found.end(), is_before);
  return found;
}

const RowIndex::Rows& RowIndex::keyed(TableId id, RowKey key) const {
  static const Rows kNoRows;
  const auto found = table(id).keyed.find(key);
  return found == table(id).keyed.end() ? kNoRows : found->second;
}

std::vector<RowKey> RowIndex::keys(TableId id) const {
  std::vector<RowKey> keys;
  for (const auto& [key, rows] : table(id).keyed) keys.push_back(key);
  return keys;
}

}  // namespace fabrix::verify
