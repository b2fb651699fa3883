#include "lab/daemon.h"

#include <algorithm>
#include <array>
#include <utility>

#include "lab/bird.h"
#include "lab/frr.h"
#include "lab/gobgp.h"
#include "lab/openbgpd.h"

namespace fabrix::lab {
namespace {

using Named = std::pair<DaemonKind, std::string_view>;
constexpr std::array<Named, 4> kNames{
    Named{DaemonKind::kBird, "bird"}, Named{DaemonKind::kFrr, "frr"},
    Named{DaemonKind::kOpenBgpd, "openbgpd"}, Named{DaemonKind::kGoBgp, "gobgp"}};

}  // namespace

std::optional<DaemonKind> parse_daemon_kind(std::string_view text) {
  const auto* const found = std::ranges::find(kNames, text, &Named::second);
  if (found == kNames.end()) return std::nullopt;
  return found->first;
}

std::string_view name_of(DaemonKind kind) {
  return std::ranges::find(kNames, kind, &Named::first)->second;
}

std::unique_ptr<Daemon> make_daemon(DaemonKind kind, RouterPlan plan) {
  switch (kind) {
    case DaemonKind::kBird:
      return std::make_unique<BirdDaemon>(std::move(plan));
    case DaemonKind::kFrr:
      return std::make_unique<FrrDaemon>(std::move(plan));
    case DaemonKind::kOpenBgpd:
      return std::make_unique<OpenBgpdDaemon>(std::move(plan));
    case DaemonKind::kGoBgp:
      return std::make_unique<GoBgpDaemon>(std::move(plan));
  }
  return nullptr;
}

}  // namespace fabrix::lab
