#include "fabric/program_share.h"

#include <algorithm>
#include <iterator>
#include <memory>
#include <utility>

namespace fabrix::fabric {

bool ProgramShare::concerns(const program::Row& row) const {
  const auto& tests = row.match.fields;
  const auto test = std::ranges::find(tests, net::Field::kInPort, &program::FieldMatch::field);
  if (test == tests.end() || test->mask != net::max_value(net::Field::kInPort)) return true;
  return ports_.contains(net::PortNo{static_cast<std::uint32_t>(test->bits)});
}

std::vector<program::Row> ProgramShare::kept(const std::vector<program::Row>& rows) const {
  std::vector<program::Row> found;
  std::ranges::copy_if(rows, std::back_inserter(found),
                       [this](const program::Row& row) { return concerns(row); });
  return found;
}

program::Rows ProgramShare::share_of(const program::Rows& rows, const program::Rows& before,
                                     const program::Rows& share_before) const {
  program::Rows::Directory blocks(rows.block_count());
  for (std::size_t i = 0; i < rows.block_count(); ++i) {
    const program::Rows::Block& block = rows.block(i);
    if (!block) continue;
    if (before.block(i) == block) {
      blocks[i] = share_before.block(i);
      continue;
    }
    auto some = kept(*block);
    if (some.empty()) continue;
    blocks[i] = some.size() == block->size()
                    ? block
                    : std::make_shared<const std::vector<program::Row>>(std::move(some));
  }
  if (rows.block_count() == 0) return kept(rows.own());
  program::Rows share(blocks);
  if (rows.own().empty()) return share;
  auto all = std::vector<program::Row>(share.begin(), share.end());
  std::ranges::move(kept(rows.own()), std::back_inserter(all));
  return all;
}

program::ProgramPtr ProgramShare::of(const program::ProgramPtr& whole) {
  if (share_ && whole_ == whole) return share_;
  auto share = std::make_shared<program::Program>();
  if (!ports_.empty()) {
    static const program::Program nothing;
    const program::Program& before = whole_ ? *whole_ : nothing;
    const program::Program& share_before = share_ ? *share_ : nothing;
    for (std::size_t i = 0; i < program::kTableCount; ++i) {
      share->tables[i] = share_of(whole->tables[i], before.tables[i], share_before.tables[i]);
    }
    share->neighbors = whole->neighbors;
  }
  whole_ = whole;
  if (!share_ || *share_ != *share) share_ = std::move(share);
  return share_;
}

program::ProgramPtr ProgramShare::completed(const program::Program& share,
                                            const program::Program& whole) const {
  auto all = std::make_shared<program::Program>(share);
  for (std::size_t i = 0; i < program::kTableCount; ++i) {
    const auto table = static_cast<program::TableId>(i);
    for (const program::Row& row : whole.table(table)) {
      if (!concerns(row)) all->table(table).push_back(row);
    }
  }
  all->canonicalize();
  return all;
}

}  // namespace fabrix::fabric
