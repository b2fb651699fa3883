#include "fabric/simulated.h"

#include <utility>

#include <fmt/format.h>

#include "base/assert.h"
#include "net/frame.h"
#include "program/delta.h"

namespace fabrix::fabric {
namespace {

using Kind = Difference::Kind;

std::string text_of(program::TableId table, const program::Row& row) {
  return fmt::format("{} {}", name_of(table), to_string(row));
}

// What is there in place of a row that was modified.
std::string instead_of(const program::Row& row, program::TableId table,
                       const program::Program& has) {
  for (const program::Row& each : has.table(table)) {
    if (each.priority == row.priority && each.match == row.match) return text_of(table, each);
  }
  return {};
}

void explain(const program::ProgramDelta& delta, const program::Program& has, FabricAudit& audit) {
  const auto add = [&audit](Difference difference) {
    if (audit.differences.size() == kMaxDifferences) return;
    audit.differences.push_back(std::move(difference));
  };
  for (const auto& [table, row] : delta.add) {
    add({.kind = Kind::kMissing, .table = table, .wanted = row});
  }
  for (const auto& [table, row] : delta.modify) {
    const std::string is = instead_of(row, table, has);
    add({.kind = Kind::kDifferent, .table = table, .wanted = row, .is = is, .is_row = true});
  }
  for (const auto& [table, row] : delta.remove) {
    const std::string is = text_of(table, row);
    add({.kind = Kind::kForeign, .table = table, .wanted = {}, .is = is, .is_row = true});
  }
  audit.actual = std::make_shared<const program::Program>(has);
}

}  // namespace

void SimulatedFabric::install(program::ProgramPtr program, Done done) {
  FABRIX_ASSERT(program != nullptr);
  if (refusal_) {
    Error error = *std::exchange(refusal_, std::nullopt);
    done(fail(std::move(error)));
    return;
  }
  program_ = std::move(program);
  ++installs_;
  done({});
}

void SimulatedFabric::audit(const program::ProgramPtr& program, AuditDone done) {
  const program::Program nothing;
  const program::Program& has = program_ ? *program_ : nothing;
  const auto delta = program::difference(has, *program);
  FabricAudit found{.rules = has.row_count(),
                    .wanted = program->row_count(),
                    .right = program->row_count() - delta.modify.size() - delta.add.size(),
                    .different = delta.modify.size(),
                    .missing = delta.add.size(),
                    .foreign = delta.remove.size()};
  if (!found.agrees()) explain(delta, has, found);
  done(std::move(found));
}

void SimulatedFabric::send_frame(net::PortNo port, std::span<const std::byte> frame) {
  if (is_up(port)) sent_.push_back({.port = port, .octets = {frame.begin(), frame.end()}});
}

std::string SimulatedFabric::status() const {
  return fmt::format("simulated: {} rules", program_ ? program_->row_count() : 0);
}

program::Outcome SimulatedFabric::send(const net::Packet& packet) {
  program::Outcome outcome;
  outcome.packet = packet;
  if (program_ == nullptr || !is_up(packet.in_port)) return outcome;
  outcome = program::evaluate(*program_, packet);
  if (outcome.output && !is_up(*outcome.output)) outcome.output.reset();
  if (outcome.to_controller && on_frame) {
    on_frame(packet.in_port, net::build_frame(outcome.packet));
  }
  return outcome;
}

void SimulatedFabric::bring_up(net::PortNo port) {
  if (down_.erase(port) != 0 && on_port) on_port(port, true);
}

void SimulatedFabric::take_down(net::PortNo port) {
  if (down_.insert(port).second && on_port) on_port(port, false);
}

void SimulatedFabric::refuse_next_install(Error error) {
  refusal_ = std::move(error);
}

std::vector<SimulatedFabric::SentFrame> SimulatedFabric::take_sent_frames() {
  return std::exchange(sent_, {});
}

}  // namespace fabrix::fabric
