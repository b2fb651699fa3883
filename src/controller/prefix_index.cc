#include "controller/prefix_index.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/assert.h"

namespace fabrix::controller {
namespace {

// Added prefixes that are merged at once: at least so many, and a share of all.
constexpr std::size_t kLeastMerged = 4096;
constexpr std::size_t kMergedShare = 8;

// In order, what is inside a block is one stretch that begins with the block itself.
template <typename Iterator>
bool any_from(Iterator next, Iterator end, const net::Prefix& block,
              const PrefixIndex::Test& test) {
  for (; next != end && block.contains(*next); ++next) {
    if (*next != block && test(*next)) return true;
  }
  return false;
}

}  // namespace

PrefixIndex::PrefixIndex(Test is_known) : is_known_(std::move(is_known)) {}

void PrefixIndex::build(std::vector<net::Prefix> sorted) {
  FABRIX_ASSERT(std::ranges::is_sorted(sorted));
  sorted_ = std::move(sorted);
  added_.clear();
}

void PrefixIndex::clear() {
  sorted_.reset();
  added_.clear();
}

void PrefixIndex::add(const net::Prefix& prefix) {
  FABRIX_ASSERT(is_built());
  if (std::ranges::binary_search(*sorted_, prefix)) return;
  added_.insert(prefix);
  if (added_.size() >= kLeastMerged + sorted_->size() / kMergedShare) merge();
}

void PrefixIndex::merge() {
  std::vector<net::Prefix> all;
  all.reserve(size());
  std::ranges::merge(*sorted_, added_, std::back_inserter(all));
  std::erase_if(all, [this](const net::Prefix& prefix) { return !is_known_(prefix); });
  build(std::move(all));
}

bool PrefixIndex::any_inside(const net::Prefix& block, const Test& test) const {
  FABRIX_ASSERT(is_built());
  return any_from(std::ranges::lower_bound(*sorted_, block), sorted_->end(), block, test) ||
         any_from(added_.lower_bound(block), added_.end(), block, test);
}

}  // namespace fabrix::controller
