#include "compiler/route_answers.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "policy/route_test.h"

namespace fabrix::compiler {
namespace {

using policy::Uint128;

static_assert(policy::kMaxRouteTests <= 32, "a bit of an Answer for each question");

struct Extent {
  Uint128 low = 0;
  Uint128 high = 0;
};

Extent extent_of(const net::Prefix& prefix) {
  const policy::AddressSet whole = policy::block(prefix);
  if (prefix.family() == net::Family::kIpv4) return {whole.v4[0].low, whole.v4[0].high};
  return {whole.v6[0].low, whole.v6[0].high};
}

// One walk over the prefixes of a family, the outer before the inner: which addresses have as their
// longest prefix one with a yes.
class Sweep {
 public:
  void enter(const Extent& block, bool yes) {
    while (!open_.empty() && open_.back().high < block.low) leave();
    if (!open_.empty() && next_ < block.low) take(block.low - 1, open_.back().yes);
    next_ = block.low;
    open_.push_back({block.high, yes});
  }

  std::vector<policy::Range128> finish() {
    while (!open_.empty()) leave();
    return std::move(ranges_);
  }

 private:
  struct Open {
    Uint128 high = 0;
    bool yes = false;
  };

  void leave() {
    const Open last = open_.back();
    open_.pop_back();
    if (!at_end_ && next_ <= last.high) take(last.high, last.yes);
  }

  // From next_ to there.
  void take(Uint128 high, bool yes) {
    if (yes && !ranges_.empty() && ranges_.back().high + 1 == next_) {
      ranges_.back().high = high;
    } else if (yes) {
      ranges_.push_back({next_, high});
    }
    at_end_ = high == ~Uint128{0};
    next_ = high + 1;
  }

  std::vector<Open> open_;  // each in the one before
  Uint128 next_ = 0;
  bool at_end_ = false;
  std::vector<policy::Range128> ranges_;
};

}  // namespace

RouteAnswers::RouteAnswers(net::ParticipantId owner, policy::Direction direction,
                           std::vector<policy::OnRoute> questions)
    : owner_(owner), direction_(direction), questions_(std::move(questions)) {
  FABRIX_ASSERT(questions_.size() <= policy::kMaxRouteTests);
  for (std::size_t i = 0; i < questions_.size(); ++i) {
    (is_own(questions_[i]) ? about_own_ : about_used_) |= std::uint32_t{1} << i;
  }
}

bool RouteAnswers::is_own(const policy::OnRoute& question) const {
  return direction_ == policy::Direction::kInbound && question.side == policy::Side::kDestination;
}

std::uint32_t RouteAnswers::ask(const net::RouteAttributes& route, std::uint32_t which) const {
  std::uint32_t yes = 0;
  for (std::size_t i = 0; i < questions_.size(); ++i) {
    const std::uint32_t bit = std::uint32_t{1} << i;
    if ((which & bit) != 0 && holds(*questions_[i].tests, route)) yes |= bit;
  }
  return yes;
}

void RouteAnswers::read(const exchange::Reachability& reachability) {
  own_.clear();
  used_.clear();
  changed_ = true;
  if (about_own_ != 0) {
    for (const net::Prefix& prefix : reachability.announced_by(owner_)) {
      own_.push_back({prefix, ask(*reachability.own_route(owner_, prefix), about_own_)});
    }
  }
  if (about_used_ != 0) {
    reachability.for_each_prefix(owner_, [&](const net::Prefix& prefix, const auto&) {
      used_.push_back({prefix, ask(*reachability.best_route(owner_, prefix), about_used_)});
    });
  }
  update_regions();
}

void RouteAnswers::read(const RouteChange& change, const exchange::Reachability& reachability) {
  if (change.everything) return read(reachability);
  const std::span<const net::Prefix> changed = change.prefixes;
  Answers own;
  Answers used;
  for (const net::Prefix& prefix : changed) {
    if (about_own_ != 0) {
      const auto route = reachability.own_route(owner_, prefix);
      if (route) own.push_back({prefix, ask(*route, about_own_)});
    }
    if (about_used_ != 0) {
      const auto route = reachability.best_route(owner_, prefix);
      if (route) used.push_back({prefix, ask(*route, about_used_)});
    }
  }
  if (about_own_ != 0) merge(own_, own, changed);
  if (about_used_ != 0) merge(used_, used, changed);
  update_regions();
}

// `fresh` takes the place of what was known of the changed prefixes.
void RouteAnswers::merge(Answers& into, const Answers& fresh,
                         std::span<const net::Prefix> changed) {
  Answers known;
  for (const net::Prefix& prefix : changed) {
    const auto found = std::ranges::lower_bound(into, prefix, {}, &Answer::prefix);
    if (found != into.end() && found->prefix == prefix) known.push_back(*found);
  }
  if (known == fresh) return;
  Answers kept;
  kept.reserve(into.size() + fresh.size());
  std::ranges::copy_if(into, std::back_inserter(kept), [changed](const Answer& each) {
    return !std::ranges::binary_search(changed, each.prefix);
  });
  const auto middle = static_cast<std::ptrdiff_t>(kept.size());
  kept.insert(kept.end(), fresh.begin(), fresh.end());
  std::ranges::inplace_merge(kept, kept.begin() + middle, {}, &Answer::prefix);
  changed_ = true;
  into = std::move(kept);
}

void RouteAnswers::update_regions() {
  if (!std::exchange(changed_, false)) return;
  regions_.assign(questions_.size(), {});
  for (std::size_t i = 0; i < questions_.size(); ++i) {
    Sweep ip4;
    Sweep ip6;
    for (const Answer& each : is_own(questions_[i]) ? own_ : used_) {
      Sweep& sweep = each.prefix.family() == net::Family::kIpv4 ? ip4 : ip6;
      sweep.enter(extent_of(each.prefix), (each.yes >> i & 1U) != 0);
    }
    for (const policy::Range128& range : ip4.finish()) {
      regions_[i].v4.push_back(
          {static_cast<std::uint64_t>(range.low), static_cast<std::uint64_t>(range.high)});
    }
    regions_[i].v6 = ip6.finish();
  }
}

}  // namespace fabrix::compiler
