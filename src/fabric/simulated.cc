#include "fabric/simulated.h"

#include <algorithm>
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
    add({.kind = Kind::kMissing, .table = table, .wanted = *row});
  }
  for (const auto& [table, row] : delta.modify) {
    const std::string is = instead_of(*row, table, has);
    add({.kind = Kind::kDifferent, .table = table, .wanted = *row, .is = is, .is_row = true});
  }
  for (const auto& [table, row] : delta.remove) {
    const std::string is = text_of(table, *row);
    add({.kind = Kind::kForeign, .table = table, .wanted = {}, .is = is, .is_row = true});
  }
  audit.actual = std::make_shared<const program::Program>(has);
}

double full(const program::Meter& meter) {
  return static_cast<double>(meter.pps != 0 ? meter.burst_packets() : meter.burst_kbits());
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
  // A meter that stays as it is goes on; a new one, or one of another rate, begins full.
  std::map<std::uint32_t, Bucket> buckets;
  for (const program::Meter& meter : program_->meters()) {
    const auto known = buckets_.find(meter.id);
    const bool stays = known != buckets_.end() && known->second.meter == meter;
    buckets.emplace(meter.id,
                    stays ? known->second
                          : Bucket{.meter = meter, .at = {}, .tokens = full(meter), .count = {}});
  }
  buckets_ = std::move(buckets);
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
  if (is_up(port)) sent_.push_back({.port = port, .octets = with_tag(frame, tag_of(tags_, port))});
}

std::string SimulatedFabric::status() const {
  return fmt::format("simulated: {} rules", program_ ? program_->row_count() : 0);
}

void SimulatedFabric::read_query_counts() {
  if (on_query_counts) on_query_counts();
}

program::Outcome SimulatedFabric::send(const net::Packet& packet) {
  return send(packet, [this](const program::Meter& meter) {
    ++buckets_.at(meter.id).count.packets;
    return true;
  });
}

program::Outcome SimulatedFabric::send(const net::Packet& packet, const Arrival& arrival) {
  return send(packet, [this, &arrival](const program::Meter& meter) {
    return takes(buckets_.at(meter.id), arrival);
  });
}

bool SimulatedFabric::takes(Bucket& bucket, const Arrival& arrival) {
  using Seconds = std::chrono::duration<double>;
  const bool by_packets = bucket.meter.pps != 0;
  const auto rate = static_cast<double>(by_packets ? bucket.meter.pps : bucket.meter.kbps);
  const double elapsed = Seconds(std::max(arrival.at, bucket.at) - bucket.at).count();
  bucket.tokens = std::min(full(bucket.meter), bucket.tokens + elapsed * rate);
  bucket.at = std::max(arrival.at, bucket.at);
  ++bucket.count.packets;
  const double needed = by_packets ? 1 : static_cast<double>(arrival.octets) * 8 / 1000;
  if (bucket.tokens < needed) {
    ++bucket.count.dropped;
    const std::uint64_t counter = bucket.meter.counter;
    if (counter != 0) add_counts({}, {&counter, 1}, {.packets = 1, .octets = arrival.octets});
    return false;
  }
  bucket.tokens -= needed;
  return true;
}

SimulatedFabric::MeterCount SimulatedFabric::meter_count(std::uint32_t id) const {
  const auto found = buckets_.find(id);
  return found == buckets_.end() ? MeterCount{} : found->second.count;
}

program::Outcome SimulatedFabric::send(const net::Packet& packet, const program::Gate& gate) {
  program::Outcome outcome;
  outcome.packet = packet;
  if (program_ == nullptr || !is_up(packet.in_port)) return outcome;
  outcome = program::evaluate(*program_, hash_(as_admitted(tags_, packet)), gate);
  std::erase_if(outcome.copies, [this](const program::Copy& copy) { return !is_up(copy.port); });
  if (outcome.output && !is_up(*outcome.output)) outcome.output.reset();
  for (const program::Step& step : outcome.steps) {
    if (step.row == nullptr || step.row->queries.empty()) continue;
    add_counts(step.row->origin.participant, step.row->queries,
               {.packets = 1, .octets = net::build_frame(packet).size()});
  }
  if (outcome.to_controller && on_frame) {
    on_frame(packet.in_port, net::build_frame(outcome.packet));
  }
  if (outcome.output) outcome.packet = as_sent(tags_, *outcome.output, outcome.packet);
  for (program::Copy& copy : outcome.copies) {
    copy.packet = as_sent(tags_, copy.port, copy.packet);
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
