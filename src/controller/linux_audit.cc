#include "controller/linux_audit.h"

#include <chrono>
#include <utility>

#include <fmt/format.h>

namespace fabrix::controller {
namespace {

using fabric::Difference;
using fabric::FabricAudit;
using program::TableId;

constexpr std::chrono::milliseconds kTurn{1};

// The table of a slot, and a row that its program would have, for people.
std::pair<TableId, std::optional<program::Row>> row_of(const program::Program& program,
                                                       std::uint32_t slot) {
  for (std::size_t i = 0; i < program::kTableCount; ++i) {
    const auto table = static_cast<TableId>(i);
    const fabric::LinuxOwner* owner = fabric::linux_owner(table);
    const bool owned =
        owner != nullptr && slot >= owner->first_slot && slot <= owner->first_slot + FABRIX_ID_MASK;
    if (!owned && slot != FABRIX_SLOT_COMMON) continue;
    for (const program::Row& row : program.table(table)) {
      const bool is_it =
          !owned ||
          ((row.match.metadata.bits >> owner->shift & FABRIX_ID_MASK) == slot - owner->first_slot &&
           (row.match.metadata.mask >> owner->shift & FABRIX_ID_MASK) != 0);
      if (is_it) return {table, row};
    }
    return {table, std::nullopt};
  }
  return {TableId::kAdmit, std::nullopt};
}

bool is_rule(LinuxPlace place) {
  return place == LinuxPlace::kSlot || place == LinuxPlace::kXdpSlot ||
         place == LinuxPlace::kNarrow || place == LinuxPlace::kWide;
}

// Under what it counts.
std::size_t& count_of(const LinuxFault& fault, FabricAudit& audit) {
  switch (fault.place) {
    case LinuxPlace::kNeighbor:
      return audit.neighbors;
    case LinuxPlace::kMeter:
      return audit.meters;
    case LinuxPlace::kState:
    case LinuxPlace::kCounter:
    case LinuxPlace::kPin:
      return audit.others;
    default:
      break;
  }
  if (!is_rule(fault.place)) return audit.ports;
  if (fault.kind == Difference::Kind::kMissing) return audit.missing;
  return fault.kind == Difference::Kind::kDifferent ? audit.different : audit.foreign;
}

FabricAudit audit_of(const std::vector<LinuxFault>& faults, const LinuxInstalled& installed) {
  FabricAudit audit;
  audit.wanted = installed.image.programs.size() + installed.image.entry_count();
  for (const LinuxFault& fault : faults) {
    ++count_of(fault, audit);
    if (audit.differences.size() == fabric::kMaxDifferences) continue;
    Difference difference{
        .kind = fault.kind, .table = {}, .wanted = {}, .is = fault.is, .is_row = false};
    if (is_rule(fault.place) && fault.kind != Difference::Kind::kForeign) {
      std::tie(difference.table, difference.wanted) = row_of(*installed.program, fault.slot);
    }
    audit.differences.push_back(std::move(difference));
  }
  const std::size_t wrong = audit.missing + audit.different;
  audit.right = audit.wanted - std::min(audit.wanted, wrong);
  audit.rules = audit.right + audit.different + audit.foreign;
  return audit;
}

}  // namespace

LinuxAudit::~LinuxAudit() {
  stop_ = true;  // the reading is waited for
}

void LinuxAudit::start(const LinuxInstalled& installed, fabric::Fabric::AuditDone done) {
  if (done_) return done(fail(Error{"the kernel is being read already"}));
  done_ = std::move(done);
  installed_ = &installed;
  faults_.clear();
  auto expected = std::make_shared<LinuxExpectation>(datapath_.expectation());
  expected->ports = ports_.places();
  expected->program = installed.program;
  reading_ = std::async(
      std::launch::async, [this, expected = std::move(expected), alive = std::weak_ptr(alive_)] {
        auto found = std::make_shared<Suspects>(read_datapath(datapath_.maps(), *expected, stop_));
        loop_.post([this, found, alive] {
          if (!alive.expired()) take(std::move(*found));
        });
      });
}

void LinuxAudit::take(Suspects found) {
  if (!found) return end(fail(found.error()));
  suspects_ = *std::move(found);
  mended_ = 0;
  mend_some();
}

void LinuxAudit::mend_some() {
  const auto until = io::EventLoop::now() + kTurn;
  while (mended_ < suspects_.size()) {
    if (auto done = mend(suspects_[mended_++]); !done) return end(std::move(done));
    if (io::EventLoop::now() < until) continue;
    return loop_.post([this, alive = std::weak_ptr(alive_)] {
      if (!alive.expired()) mend_some();
    });
  }
  end({});
}

Result<void> LinuxAudit::mend(const LinuxSuspect& suspect) {
  FABRIX_TRY(auto fault, datapath_.mend(suspect));
  if (!fault) {
    FABRIX_TRY(fault, ports_.mend(suspect));
  }
  if (fault) faults_.push_back(*std::move(fault));
  return {};
}

void LinuxAudit::end(Result<void> outcome) {
  suspects_.clear();
  const auto done = std::exchange(done_, nullptr);
  if (!outcome) return done(fail(outcome.error()));
  done(audit_of(faults_, *installed_));
}

}  // namespace fabrix::controller
