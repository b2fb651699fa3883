#include "routeserver/catchup.h"

namespace fabrix::routeserver {

void EntrySet::insert(EntryId entry) {
  const std::size_t word = entry.index() / 64;
  const std::uint64_t bit = std::uint64_t{1} << (entry.index() % 64);
  if (word >= words_.size()) words_.resize(word + 1);
  if ((words_[word] & bit) == 0) ++count_;
  words_[word] |= bit;
}

EntryId EntrySet::take() {
  while (words_[at_ % words_.size()] == 0) ++at_;
  at_ %= words_.size();
  const auto bit = static_cast<std::uint32_t>(std::countr_zero(words_[at_]));
  words_[at_] &= words_[at_] - 1;
  --count_;
  return EntryId{static_cast<std::uint32_t>(at_ * 64) + bit};
}

}  // namespace fabrix::routeserver
