#include "openflow/operation.h"

#include <iterator>

#include "base/assert.h"
#include "openflow/error_text.h"

namespace fabrix::openflow {

Operation Operation::read(Version version, std::uint32_t xid, std::size_t max_flows,
                          const FlowStatsRequest& request) {
  Operation operation(Kind::kRead, version, xid);
  operation.max_read_ = max_flows;
  operation.requests_ = {request};
  operation.queue(xid, request);
  return operation;
}

Operation Operation::read_all(Version version, std::uint32_t first_xid, std::size_t max_flows,
                              std::vector<FlowStatsRequest> requests) {
  FABRIX_ASSERT(!requests.empty());
  Operation operation = read(version, first_xid, max_flows, requests.front());
  operation.reads_all_ = true;
  operation.xid_count_ = static_cast<std::uint32_t>(requests.size());
  operation.requests_ = std::move(requests);
  return operation;
}

Operation Operation::read_meters(Version version, std::uint32_t xid, std::size_t max_meters) {
  Operation operation(Kind::kReadMeters, version, xid);
  operation.max_read_ = max_meters;
  operation.queue(xid, MeterConfigRequest{});
  return operation;
}

Operation Operation::read_meter_counts(Version version, std::uint32_t xid, std::size_t max_meters) {
  Operation operation(Kind::kReadMeterCounts, version, xid);
  operation.max_read_ = max_meters;
  operation.queue(xid, MeterStatsRequest{});
  return operation;
}

Operation Operation::read_groups(Version version, std::uint32_t xid, std::size_t max_groups) {
  Operation operation(Kind::kReadGroups, version, xid);
  operation.max_read_ = max_groups;
  operation.queue(xid, GroupDescRequest{});
  return operation;
}

Operation Operation::read_tables(Version version, std::uint32_t xid) {
  constexpr std::size_t kMostTables = 256;
  Operation operation(Kind::kReadTables, version, xid);
  operation.max_read_ = kMostTables;
  operation.queue(xid, TableFeaturesRequest{});
  return operation;
}

Operation Operation::read_ports(Version version, std::uint32_t xid, std::size_t max_ports) {
  Operation operation(Kind::kReadPorts, version, xid);
  operation.max_read_ = max_ports;
  operation.queue(xid, PortStatsRequest{});
  return operation;
}

template <class Mod>
Operation Operation::plain(CommitToken token, Version version, std::uint32_t first_xid,
                           std::span<const Mod> mods) {
  Operation operation(Kind::kPlain, version, first_xid);
  operation.token_ = token;
  operation.mod_count_ = static_cast<std::uint32_t>(mods.size());
  operation.xid_count_ = xids_for_commit(mods.size());
  WireWriter out;
  std::uint32_t xid = first_xid;
  for (const Mod& mod : mods) {
    encode_message({.version = version, .xid = ++xid, .body = mod}, out);
  }
  encode_message({.version = version, .xid = operation.barrier_xid(), .body = BarrierRequest{}},
                 out);
  operation.output_ = out.take();
  return operation;
}

Operation Operation::change_meters(CommitToken token, Version version, std::uint32_t first_xid,
                                   std::span<const MeterMod> mods) {
  return plain(token, version, first_xid, mods);
}

Operation Operation::change_groups(CommitToken token, Version version, std::uint32_t first_xid,
                                   std::span<const GroupMod> mods) {
  return plain(token, version, first_xid, mods);
}

Operation Operation::commit(CommitToken token, Version version, std::uint32_t first_xid,
                            std::span<const FlowMod> mods, CommitOrder order) {
  const bool bundle = version == Version::kOpenFlow14 && !mods.empty();
  Operation operation(bundle ? Kind::kBundle : Kind::kPlain, version, first_xid);
  operation.order_ = order;
  operation.token_ = token;
  operation.mod_count_ = static_cast<std::uint32_t>(mods.size());
  operation.xid_count_ = xids_for_commit(mods.size());

  WireWriter out;
  if (bundle) {
    encode_message(
        {.version = version,
         .xid = first_xid,
         .body = BundleControl{.bundle_id = first_xid, .type = BundleControlType::kOpenRequest}},
        out);
  }
  std::uint32_t xid = first_xid;
  for (const FlowMod& mod : mods) {
    ++xid;
    if (bundle) {
      encode_bundle_add(mod, first_xid, xid, out);
    } else {
      encode_flow_mod(mod, version, xid, out);
    }
  }
  if (bundle && operation.goes_in_a_row()) {
    operation.ending_ = true;
    encode_message(
        {.version = version,
         .xid = operation.commit_xid(),
         .body = BundleControl{.bundle_id = first_xid, .type = BundleControlType::kCommitRequest}},
        out);
  } else {
    encode_message({.version = version, .xid = operation.barrier_xid(), .body = BarrierRequest{}},
                   out);
  }
  operation.output_ = out.take();
  return operation;
}

void Operation::queue(std::uint32_t xid, Body body) {
  FABRIX_ASSERT(!has_output());
  WireWriter out;
  encode_message({.version = version_, .xid = xid, .body = std::move(body)}, out);
  output_ = out.take();
  sent_ = 0;
}

void Operation::take_output(std::size_t budget, std::vector<std::byte>& out) {
  const std::span<const std::byte> left = std::span(output_).subspan(sent_);
  std::size_t size = 0;
  while (size < left.size()) {
    const auto header = decode_header(left.subspan(size));
    FABRIX_ASSERT(header && header->length >= kMessageHeaderSize);
    if (size != 0 && size + header->length > budget) break;
    size += header->length;
  }
  const auto taken = left.first(size);
  out.insert(out.end(), taken.begin(), taken.end());
  sent_ += size;
  if (has_output()) return;
  output_ = {};
  sent_ = 0;
}

OperationOutcome Operation::on_answer(Message& message) {
  if (const auto* error = std::get_if<ErrorMessage>(&message.body)) {
    return on_error(message.xid, *error);
  }
  if (!changes()) return on_reply(message);
  if (has_output()) return {};
  const bool is_barrier = std::holds_alternative<BarrierReply>(message.body);
  if (is_barrier && message.xid == barrier_xid() && !ending_) return on_barrier();
  const auto* control = std::get_if<BundleControl>(&message.body);
  return control != nullptr && ending_ ? on_end(message.xid, control->type) : OperationOutcome{};
}

// Of what is read; what was not asked for says nothing.
OperationOutcome Operation::on_reply(Message& message) {
  if (auto* reply = std::get_if<FlowStatsReply>(&message.body)) {
    return kind_ == Kind::kRead ? on_flows(message.xid, *reply) : OperationOutcome{};
  }
  if (auto* reply = std::get_if<MeterConfigReply>(&message.body)) {
    return reads_meters() ? on_meters(*reply) : OperationOutcome{};
  }
  if (const auto* reply = std::get_if<MeterStatsReply>(&message.body)) {
    return reads_meter_counts() ? on_meter_counts(*reply) : OperationOutcome{};
  }
  if (auto* reply = std::get_if<GroupDescReply>(&message.body)) {
    return reads_groups() ? on_groups(*reply) : OperationOutcome{};
  }
  if (auto* reply = std::get_if<TableFeaturesReply>(&message.body)) {
    return reads_tables() ? on_tables(*reply) : OperationOutcome{};
  }
  if (auto* reply = std::get_if<PortStatsReply>(&message.body)) {
    return reads_ports() ? on_ports(*reply) : OperationOutcome{};
  }
  return {};
}

// COMMIT or DISCARD is answered.
OperationOutcome Operation::on_end(std::uint32_t xid, BundleControlType type) const {
  if (type == BundleControlType::kCommitReply) {
    if (xid == commit_xid() && !failure_) {
      return {.kind = OperationOutcome::Kind::kCommitted, .reason = {}, .index = {}};
    }
    return goes_in_a_row() ? rejected() : OperationOutcome{};
  }
  const bool discarded = type == BundleControlType::kDiscardReply && xid == discard_xid();
  return discarded && failure_ ? rejected() : OperationOutcome{};
}

OperationOutcome Operation::on_error(std::uint32_t xid, const ErrorMessage& error) {
  using enum OperationOutcome::Kind;
  if (reads_tables()) tables_.clear();
  const bool may_lack =
      reads_meters() || reads_meter_counts() || reads_groups() || reads_tables() || reads_ports();
  if (may_lack) return {.kind = kRead, .reason = {}, .index = {}};
  if (kind_ == Kind::kRead) return {.kind = kBroken, .reason = describe(error), .index = {}};
  if (xid == barrier_xid()) return {.kind = kBroken, .reason = describe(error), .index = {}};
  if (!failure_) {
    failure_ = OperationOutcome{.kind = kRejected, .reason = describe(error), .index = {}};
    const std::uint32_t index = xid - first_xid_ - 1;
    if (index < mod_count_) failure_->index = index;
  }
  // A bundle that could not be committed, or discarded, is gone.
  const bool ended = kind_ == Kind::kBundle && (xid == commit_xid() || xid == discard_xid());
  return ended ? rejected() : OperationOutcome{};
}

OperationOutcome Operation::on_flows(std::uint32_t xid, FlowStatsReply& reply) {
  using enum OperationOutcome::Kind;
  if (xid != first_xid_ + answered_ || has_output()) return {};  // not asked, or twice answered
  if (flows_.size() + reply.flows.size() > max_read_) {
    return {.kind = kBroken, .reason = "more flows than allowed", .index = {}};
  }
  flows_.insert(flows_.end(), std::make_move_iterator(reply.flows.begin()),
                std::make_move_iterator(reply.flows.end()));
  if (reply.more == More::kYes) return {};
  if (++answered_ == requests_.size()) return {.kind = kRead, .reason = {}, .index = {}};
  queue(first_xid_ + answered_, requests_[answered_]);
  return {};
}

OperationOutcome Operation::on_meters(MeterConfigReply& reply) {
  using enum OperationOutcome::Kind;
  if (meters_.size() + reply.meters.size() > max_read_) {
    return {.kind = kBroken, .reason = "more meters than allowed", .index = {}};
  }
  meters_.insert(meters_.end(), std::make_move_iterator(reply.meters.begin()),
                 std::make_move_iterator(reply.meters.end()));
  if (reply.more == More::kYes) return {};
  return {.kind = kRead, .reason = {}, .index = {}};
}

OperationOutcome Operation::on_meter_counts(const MeterStatsReply& reply) {
  using enum OperationOutcome::Kind;
  if (meter_counts_.size() + reply.meters.size() > max_read_) {
    return {.kind = kBroken, .reason = "more meters than allowed", .index = {}};
  }
  meter_counts_.insert(meter_counts_.end(), reply.meters.begin(), reply.meters.end());
  if (reply.more == More::kYes) return {};
  return {.kind = kRead, .reason = {}, .index = {}};
}

OperationOutcome Operation::on_groups(GroupDescReply& reply) {
  using enum OperationOutcome::Kind;
  if (groups_.size() + reply.groups.size() > max_read_) {
    return {.kind = kBroken, .reason = "more groups than allowed", .index = {}};
  }
  groups_.insert(groups_.end(), std::make_move_iterator(reply.groups.begin()),
                 std::make_move_iterator(reply.groups.end()));
  if (reply.more == More::kYes) return {};
  return {.kind = kRead, .reason = {}, .index = {}};
}

OperationOutcome Operation::on_tables(TableFeaturesReply& reply) {
  using enum OperationOutcome::Kind;
  if (tables_.size() + reply.tables.size() > max_read_) {
    return {.kind = kBroken, .reason = "more tables than there can be", .index = {}};
  }
  tables_.insert(tables_.end(), std::make_move_iterator(reply.tables.begin()),
                 std::make_move_iterator(reply.tables.end()));
  if (reply.more == More::kYes) return {};
  return {.kind = kRead, .reason = {}, .index = {}};
}

OperationOutcome Operation::on_ports(PortStatsReply& reply) {
  using enum OperationOutcome::Kind;
  if (ports_.size() + reply.ports.size() > max_read_) {
    return {.kind = kBroken, .reason = "more ports than allowed", .index = {}};
  }
  ports_.insert(ports_.end(), reply.ports.begin(), reply.ports.end());
  if (reply.more == More::kYes) return {};
  return {.kind = kRead, .reason = {}, .index = {}};
}

OperationOutcome Operation::on_barrier() {
  using enum OperationOutcome::Kind;
  if (kind_ == Kind::kPlain) {
    return failure_ ? rejected() : OperationOutcome{.kind = kCommitted, .reason = {}, .index = {}};
  }
  ending_ = true;
  const auto type =
      failure_ ? BundleControlType::kDiscardRequest : BundleControlType::kCommitRequest;
  queue(failure_ ? discard_xid() : commit_xid(),
        BundleControl{.bundle_id = first_xid_, .type = type});
  return {};
}

OperationOutcome Operation::rejected() const {
  FABRIX_ASSERT(failure_.has_value());
  return *failure_;
}

}  // namespace fabrix::openflow
