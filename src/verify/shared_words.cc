#include "verify/shared_words.h"

#include <algorithm>

namespace fabrix::verify {

void SharedWord::note_doubtful(net::ParticipantId client, bool is) {
  const auto place = std::ranges::lower_bound(doubtful, client);
  const bool was = place != doubtful.end() && *place == client;
  if (is && !was) doubtful.insert(place, client);
  if (!is && was) doubtful.erase(place);
}

std::size_t SharedWords::Hash::operator()(const SharedWord::Key& key) const noexcept {
  const std::uint64_t family = key.family == net::Family::kIpv4 ? 0 : 1;
  std::uint64_t hash = key.share * 2 + family;
  hash = (hash ^ hash >> 32U) * 0xff51afd7ed558ccdU;
  hash ^= std::uint64_t{key.best.value} << 16U | key.router.value;
  hash *= 0xff51afd7ed558ccdU;
  return hash ^ hash >> 32U;
}

SharedWords::Id SharedWords::enter(const SharedWord::Key& key) {
  const auto [known, is_new] = index_.try_emplace(key, Id{});
  if (!is_new) {
    ++words_[known->second.index()].cases;
    return known->second;
  }
  Id id{static_cast<std::uint32_t>(words_.size())};
  if (free_.empty()) {
    words_.emplace_back();
  } else {
    id = free_.back();
    free_.pop_back();
  }
  known->second = id;
  words_[id.index()] = {.key = key, .cases = 1, .version = std::nullopt, .doubtful = {}};
  if (key.router.index() >= by_router_.size()) by_router_.resize(key.router.index() + 1);
  by_router_[key.router.index()].push_back(id);
  return id;
}

void SharedWords::leave(Id id) {
  SharedWord& word = words_[id.index()];
  if (--word.cases > 0) return;
  index_.erase(word.key);
  std::erase(by_router_[word.key.router.index()], id);
  free_.push_back(id);
}

void SharedWords::clear() {
  words_.clear();
  free_.clear();
  by_router_.clear();
  index_.clear();
}

std::span<const SharedWords::Id> SharedWords::of_router(net::RouterId router) const {
  if (router.index() >= by_router_.size()) return {};
  return by_router_[router.index()];
}

}  // namespace fabrix::verify
