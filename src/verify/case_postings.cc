#include "verify/case_postings.h"

namespace fabrix::verify {
namespace {

template <typename Values, typename Id>
auto& at(Values& values, Id id) {
  if (id.index() >= values.size()) values.resize(id.index() + 1);
  return values[id.index()];
}

}  // namespace

void CasePostings::add(const Added& added) {
  for (std::size_t i = 0; i < added.routers.size(); ++i) {
    const auto word = added.words.empty() ? SharedWords::Id{} : added.words[i];
    at(by_router_, added.routers[i]).push_back({.id = added.id, .word = word});
  }
  for (const net::ParticipantId each : added.others) at(by_other_, each).push_back(added.id);
  if (added.words.empty()) unshared_.push_back(added.id);
}

void CasePostings::clear() {
  by_router_.clear();
  by_other_.clear();
  unshared_.clear();
}

std::span<const CasePostings::Posting> CasePostings::of_router(net::RouterId router) const {
  if (router.index() >= by_router_.size()) return {};
  return by_router_[router.index()];
}

const BitSet<CaseId>& CasePostings::special_to(net::ParticipantId sender,
                                               std::span<const net::RouterId> routers) {
  asked_.clear();
  special_.clear();
  for (const net::RouterId router : routers) {
    for (const Posting& each : of_router(router)) {
      if (asked_.contains(each.id)) special_.insert(each.id);
      asked_.insert(each.id);
    }
  }
  for (const CaseId id : unshared_) special_.insert(id);
  if (sender.index() >= by_other_.size()) return special_;
  for (const CaseId id : by_other_[sender.index()]) special_.insert(id);
  return special_;
}

}  // namespace fabrix::verify
