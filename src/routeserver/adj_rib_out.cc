#include "routeserver/adj_rib_out.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "base/byte_writer.h"
#include "bgp/update_encoder.h"

namespace fabrix::routeserver {
namespace {

// Prefixes that share attributes and next hop leave in the same messages.
using Group = std::pair<const bgp::PathAttributes*, net::IpAddress>;

// What to tell, sorted out: withdrawals leave first, groups in the order of their first prefix.
struct Batch {
  std::map<net::Family, std::vector<net::Prefix>> withdrawals;
  std::vector<std::pair<Group, std::vector<net::Prefix>>> announcements;
  std::map<Group, std::size_t> index;

  void announce(const Advertisement& advertisement, const net::Prefix& prefix) {
    const Group group{advertisement.attributes.get(), advertisement.next_hop};
    const auto [entry, is_new] = index.try_emplace(group, announcements.size());
    if (is_new) announcements.emplace_back(group, std::vector<net::Prefix>{});
    announcements[entry->second].second.push_back(prefix);
  }
};

// Returns the prefixes whose attributes fit no message.
std::vector<net::Prefix> encode_announcements(const Batch& batch, const SessionInfo& session,
                                              ByteWriter& out) {
  std::vector<net::Prefix> left;
  for (const auto& [group, members] : batch.announcements) {
    const auto& [attributes, next_hop] = group;
    if (bgp::encode_announcement(*attributes, next_hop, members, session.asn_width, out)) continue;
    left.insert(left.end(), members.begin(), members.end());
  }
  return left;
}

void encode_withdrawals(Batch& batch, ByteWriter& out) {
  for (auto& [family, prefixes] : batch.withdrawals) {
    std::ranges::sort(prefixes);
    bgp::encode_withdrawal(family, prefixes, out);
  }
}

}  // namespace

void AdjRibOut::mark(std::span<const net::Prefix> prefixes) {
  dirty_.insert(prefixes.begin(), prefixes.end());
}

void AdjRibOut::repeat(net::Family family, std::span<const net::Prefix> all) {
  const auto again = [&](const net::Prefix& prefix) {
    if (prefix.family() == family) dirty_.insert(prefix);
  };
  for (const net::Prefix& prefix : all) again(prefix);
  for (auto& [prefix, advertisement] : told_) {
    if (prefix.family() != family) continue;
    again(prefix);
    advertisement.attributes = nullptr;  // Equals nothing that is wanted, so it is told again.
  }
}

std::vector<net::Prefix> AdjRibOut::take_dirty(
    const std::function<bool(const net::Prefix&)>& hold) {
  std::vector<net::Prefix> taken;
  for (const net::Prefix& prefix : dirty_) {
    if (taken.size() == kPullPrefixes) break;
    if (!hold(prefix)) taken.push_back(prefix);
  }
  for (const net::Prefix& prefix : taken) dirty_.erase(prefix);
  std::ranges::sort(taken);
  return taken;
}

std::vector<std::byte> AdjRibOut::pull(const SessionInfo& session, const Wanted& wanted,
                                       const std::function<bool(const net::Prefix&)>& hold) {
  // That a portion turns out to be known to the client does not mean that the rest is.
  for (;;) {
    const auto portion = take_dirty(hold);
    auto out = tell(session, portion, wanted);
    if (!out.empty() || portion.empty()) return out;
  }
}

std::vector<std::byte> AdjRibOut::tell(const SessionInfo& session,
                                       std::span<const net::Prefix> prefixes,
                                       const Wanted& wanted) {
  Batch batch;
  for (const net::Prefix& prefix : prefixes) {
    if (!session.families.contains(prefix.family())) continue;
    const auto want = wanted(prefix);
    const auto has = told_.find(prefix);
    if (!want) {
      if (has == told_.end()) continue;
      batch.withdrawals[prefix.family()].push_back(prefix);
      told_.erase(has);
    } else if (has == told_.end() || has->second != *want) {
      batch.announce(*want, prefix);
      told_[prefix] = *want;
    }
  }

  ByteWriter announcements;
  // The client must not keep what it had before either.
  for (const net::Prefix& prefix : encode_announcements(batch, session, announcements)) {
    batch.withdrawals[prefix.family()].push_back(prefix);
    told_.erase(prefix);
  }
  ByteWriter out;
  encode_withdrawals(batch, out);
  out.bytes(announcements.view());
  if (marker_due_ && dirty_.empty()) {
    for (const auto family : {net::Family::kIpv4, net::Family::kIpv6}) {
      if (session.families.contains(family)) bgp::encode_end_of_rib(family, out);
    }
    marker_due_ = false;
  }
  return out.take();
}

const Advertisement* AdjRibOut::told(const net::Prefix& prefix) const {
  const auto found = told_.find(prefix);
  return found == told_.end() ? nullptr : &found->second;
}

}  // namespace fabrix::routeserver
