#include "controller/lock_watch.h"

#include <algorithm>

namespace fabrix::controller {
namespace {

using exchange::LockAction;
using std::chrono::duration;
using std::chrono::duration_cast;
using std::chrono::seconds;

std::uint64_t foreign_frames(std::span<const DropReport> drops, net::PortNo port) {
  const program::PortDrop wanted{.port = port, .reason = program::DropReason::kSourceMac};
  const auto found = std::ranges::find(drops, wanted, &DropReport::drop);
  return found == drops.end() ? 0 : found->total.packets;
}

}  // namespace

std::optional<LockViolation> LockWatch::judge(Port& port, const exchange::MacLock& lock,
                                              const Seen& seen) {
  const auto passed = seen.at - port.last.at;
  const std::uint64_t frames = seen.frames - std::min(port.last.frames, seen.frames);
  if (passed <= seconds(0)) return std::nullopt;
  if (frames == 0 && port.began && passed < kPatience) return std::nullopt;
  const double rate = static_cast<double>(frames) / duration<double>(passed).count();
  const bool violates = rate >= lock.per_second;
  if (violates && !port.began) port.began = port.last;
  if (rate < lock.per_second / 2.0) port.began.reset();
  port.last = seen;
  if (!violates || seen.at - port.began->at < seconds(lock.seconds)) return std::nullopt;
  const LockViolation violation{.router = {},
                                .frames = seen.frames - std::min(port.began->frames, seen.frames),
                                .lasted = duration_cast<seconds>(seen.at - port.began->at)};
  port.began.reset();
  return violation;
}

std::vector<LockViolation> LockWatch::look(const exchange::Exchange& exchange,
                                           const exchange::PortLocks& locks,
                                           std::span<const DropReport> drops, TimePoint now) {
  std::vector<LockViolation> found;
  for (const exchange::Router& router : exchange.routers) {
    const exchange::MacLock& lock = locks.of(router.name);
    const bool is_watched = router.present && router.standing == exchange::Standing::kOpen &&
                            lock.action != LockAction::kNone;
    if (!is_watched) {
      ports_.erase(router.id);
      continue;
    }
    const Seen seen{.frames = foreign_frames(drops, router.port), .at = now};
    const auto [known, is_new] = ports_.try_emplace(router.id, Port{.last = seen, .began = {}});
    if (is_new) continue;
    auto violation = judge(known->second, lock, seen);
    if (!violation) continue;
    violation->router = router.id;
    found.push_back(*violation);
  }
  return found;
}

}  // namespace fabrix::controller
