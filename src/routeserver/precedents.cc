#include "routeserver/precedents.h"

#include <algorithm>

namespace fabrix::routeserver {
namespace {

std::size_t combine(std::size_t h, std::size_t value) {
  h = (h ^ value) * 0x9e3779b97f4a7c15U;
  return h ^ h >> 32U;
}

std::size_t hash_of(const Precedents::Case& one) {
  std::size_t h = combine(one.before.size(), static_cast<std::size_t>(one.family));
  h = combine(h, std::size_t{one.hops_before} << 32U | one.hops_now);
  for (const auto& routes : {one.before, one.now}) {
    for (const RouteRef& route : routes) {
      h = combine(h, std::size_t{route.path.value} << 16U | route.peer.value);
    }
  }
  return h;
}

}  // namespace

bool Precedents::is(const Entry& entry, const Case& one) const {
  const auto routes = std::span(routes_).subspan(entry.routes, entry.before + entry.now);
  return entry.family == one.family && entry.hops_before == one.hops_before &&
         entry.hops_now == one.hops_now &&
         std::ranges::equal(routes.first(entry.before), one.before) &&
         std::ranges::equal(routes.subspan(entry.before), one.now);
}

std::optional<Precedents::Verdict> Precedents::find(const Case& one) const {
  const auto found = index_.find(hash_of(one));
  if (found == index_.end() || !is(entries_[found->second], one)) return std::nullopt;
  const Entry& entry = entries_[found->second];
  return std::span(places_).subspan(entry.verdict, entry.places);
}

void Precedents::add(const Case& one, Verdict verdict) {
  index_.insert_or_assign(hash_of(one), entries_.size());
  entries_.push_back({.family = one.family,
                      .hops_before = one.hops_before,
                      .hops_now = one.hops_now,
                      .routes = routes_.size(),
                      .before = one.before.size(),
                      .now = one.now.size(),
                      .verdict = places_.size(),
                      .places = verdict.size()});
  routes_.insert(routes_.end(), one.before.begin(), one.before.end());
  routes_.insert(routes_.end(), one.now.begin(), one.now.end());
  places_.insert(places_.end(), verdict.begin(), verdict.end());
}

void Precedents::clear() {
  entries_.clear();
  routes_.clear();
  places_.clear();
  index_.clear();
}

}  // namespace fabrix::routeserver
