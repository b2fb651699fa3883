#include "rpki/aspa_verification.h"

#include <algorithm>

#include "base/assert.h"

namespace fabrix::rpki {
namespace {

// How many ASes a path can go in one direction from one of its ends (§5.3).
struct Ramp {
  std::size_t most = 0;   // up to the first hop that is refuted
  std::size_t least = 0;  // up to the first hop that is not attested
};

// From the first of `path`, each AS being the customer of the next.
template <typename Iterator>
Ramp ramp(const AspaTable& table, Iterator first, Iterator last) {
  Ramp result;
  bool attested = true;
  for (Iterator customer = first; customer != last; ++customer) {
    ++result.most;
    if (attested) ++result.least;
    const Iterator provider = std::next(customer);
    if (provider == last) break;
    const Authorization hop = table.authorized(*customer, *provider);
    if (hop == Authorization::kNotProvider) break;
    attested = attested && hop == Authorization::kProvider;
  }
  return result;
}

PathState state_of(const Ramp& covered, std::size_t length) {
  if (covered.most < length) return PathState::kInvalid;
  return covered.least < length ? PathState::kUnknown : PathState::kValid;
}

// Of one customer, in order.
std::vector<net::Asn> without_as_zero(std::vector<net::Asn> providers) {
  std::ranges::sort(providers);
  providers.erase(std::unique(providers.begin(), providers.end()), providers.end());
  std::erase(providers, kAsZero);
  return providers;
}

}  // namespace

std::string_view to_string(PathState state) {
  switch (state) {
    case PathState::kValid:
      return "valid";
    case PathState::kUnknown:
      return "unknown";
    case PathState::kInvalid:
      return "invalid";
  }
  FABRIX_ASSERT(false);
}

AspaTable AspaTable::build(std::vector<Aspa> aspas) {
  FABRIX_ASSERT(std::ranges::all_of(aspas, [](const Aspa& aspa) { return is_sound(aspa); }));
  std::ranges::stable_sort(aspas, {}, &Aspa::customer);
  AspaTable table;
  table.customers_.reserve(aspas.size());
  table.first_.reserve(aspas.size() + 1);
  for (auto aspa = aspas.begin(); aspa != aspas.end();) {
    const net::Asn customer = aspa->customer;
    std::vector<net::Asn> all;
    for (; aspa != aspas.end() && aspa->customer == customer; ++aspa) {
      all.insert(all.end(), aspa->providers.begin(), aspa->providers.end());
    }
    all = without_as_zero(std::move(all));
    table.customers_.push_back(customer);
    table.providers_.insert(table.providers_.end(), all.begin(), all.end());
    table.first_.push_back(static_cast<std::uint32_t>(table.providers_.size()));
  }
  return table;
}

Authorization AspaTable::authorized(net::Asn customer, net::Asn provider) const {
  const auto found = std::ranges::lower_bound(customers_, customer);
  if (found == customers_.end() || *found != customer) return Authorization::kNoAttestation;
  const auto at = static_cast<std::size_t>(found - customers_.begin());
  const auto providers = std::span(providers_).subspan(first_[at], first_[at + 1] - first_[at]);
  return std::ranges::binary_search(providers, provider) ? Authorization::kProvider
                                                         : Authorization::kNotProvider;
}

PathState AspaTable::verify(std::span<const net::Asn> path, PathDirection direction) const {
  if (path.empty()) return PathState::kInvalid;
  std::vector<net::Asn> hops(path.begin(), path.end());
  hops.erase(std::unique(hops.begin(), hops.end()), hops.end());
  const Ramp up = ramp(*this, hops.rbegin(), hops.rend());
  if (direction == PathDirection::kUpstream) return state_of(up, hops.size());
  const Ramp down = ramp(*this, hops.begin(), hops.end());
  return state_of({.most = up.most + down.most, .least = up.least + down.least}, hops.size());
}

std::vector<Aspa> AspaTable::aspas() const {
  std::vector<Aspa> result;
  result.reserve(size());
  for (std::size_t i = 0; i < size(); ++i) {
    const auto all = std::span(providers_).subspan(first_[i], first_[i + 1] - first_[i]);
    Aspa& aspa = result.emplace_back(Aspa{.customer = customers_[i], .providers = {}});
    aspa.providers.assign(all.begin(), all.end());
    if (all.empty()) aspa.providers.push_back(kAsZero);
  }
  return result;
}

}  // namespace fabrix::rpki
