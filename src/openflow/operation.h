// Operation: one thing that a Channel does with a switch and that takes several messages: reading
// all flows, or committing flow mods.
//
//   bundle (1.4):  OPEN, ADD..., BARRIER  ->  all acknowledged: COMMIT, else DISCARD  ->  outcome
//   in a row:      OPEN, ADD..., COMMIT   ->  outcome
//   plain (1.3):   FLOW_MOD..., BARRIER   ->  outcome
//   read:          FLOW_STATS request     ->  parts  ->  the next request, or outcome
//                  METER_CONFIG, GROUP_DESC, PORT_STATS request  ->  parts  ->  outcome
//   meters:        METER_MOD..., BARRIER  ->  outcome; groups: GROUP_MOD likewise
//
// Internal to the module: Channel owns the operations, feeds them the answers that carry their xids
// and sends what they want sent. Pure; not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/strong_id.h"
#include "openflow/message.h"

namespace fabrix::openflow {

// The caller's name for a commit.
using CommitToken = StrongId<struct CommitTokenTag, std::uint64_t>;

// How a commit goes.
enum class CommitOrder : std::uint8_t {
  kAlone,   // when what is before it has been answered; in 1.4 all of it or nothing
  kInARow,  // at once, after others that go so; what the switch does not refuse stays
};

// What became of an operation after an answer.
struct OperationOutcome {
  enum class Kind : std::uint8_t { kUnderWay, kRead, kCommitted, kRejected, kBroken };

  Kind kind = Kind::kUnderWay;
  std::string reason{};                // of kRejected, kBroken
  std::optional<std::size_t> index{};  // of kRejected: the flow mod refused
};

class Operation {
 public:
  // Each encodes what is to be sent at once. `first_xid` and the following xids_for(...) are its
  // own.
  static Operation read(Version version, std::uint32_t xid, std::size_t max_flows,
                        const FlowStatsRequest& request);
  // All flow entries, by requests of which each is sent when the last is answered; one xid each.
  static Operation read_all(Version version, std::uint32_t first_xid, std::size_t max_flows,
                            std::vector<FlowStatsRequest> requests);
  static Operation commit(CommitToken token, Version version, std::uint32_t first_xid,
                          std::span<const FlowMod> mods, CommitOrder order = CommitOrder::kAlone);
  // A switch without meters has none, and so with groups.
  static Operation read_meters(Version version, std::uint32_t xid, std::size_t max_meters);
  static Operation read_meter_counts(Version version, std::uint32_t xid, std::size_t max_meters);
  // Not atomic: no bundle takes meters.
  static Operation change_meters(CommitToken token, Version version, std::uint32_t first_xid,
                                 std::span<const MeterMod> mods);
  static Operation read_groups(Version version, std::uint32_t xid, std::size_t max_groups);
  // What all ports have counted; a switch that does not say has none.
  static Operation read_ports(Version version, std::uint32_t xid, std::size_t max_ports);
  // One that does not say what its tables can do has none that it tells of.
  static Operation read_tables(Version version, std::uint32_t xid);
  // Likewise: OpenFlow 1.4 lets a switch refuse them in bundles.
  static Operation change_groups(CommitToken token, Version version, std::uint32_t first_xid,
                                 std::span<const GroupMod> mods);
  static constexpr std::uint32_t xids_for_commit(std::size_t mods) {
    return static_cast<std::uint32_t>(mods) + 4;
  }

  // Appends at least one message of what is to be sent, and whole messages up to `budget` octets.
  void take_output(std::size_t budget, std::vector<std::byte>& out);
  bool has_output() const { return sent_ < output_.size(); }
  bool has_begun() const { return sent_ != 0 || !has_output() || (ending_ && !goes_in_a_row()); }
  // Whether it may begin while one like it has not been answered.
  bool goes_in_a_row() const { return order_ == CommitOrder::kInARow; }

  bool owns(std::uint32_t xid) const { return xid - first_xid_ < xid_count_; }
  // An answer with one of its xids. What it wants sent next is in take_output().
  OperationOutcome on_answer(Message& message);

  CommitToken token() const { return token_; }
  bool changes() const { return kind_ == Kind::kPlain || kind_ == Kind::kBundle; }
  bool is_atomic() const { return kind_ == Kind::kBundle && !goes_in_a_row(); }
  bool reads_meters() const { return kind_ == Kind::kReadMeters; }
  bool reads_meter_counts() const { return kind_ == Kind::kReadMeterCounts; }
  bool reads_groups() const { return kind_ == Kind::kReadGroups; }
  bool reads_tables() const { return kind_ == Kind::kReadTables; }
  bool reads_ports() const { return kind_ == Kind::kReadPorts; }
  bool reads_all() const { return reads_all_; }
  std::vector<FlowStats> take_flows() { return std::exchange(flows_, {}); }
  std::vector<MeterConfig> take_meters() { return std::exchange(meters_, {}); }
  std::vector<MeterStats> take_meter_counts() { return std::exchange(meter_counts_, {}); }

  std::vector<Group> take_groups() { return std::exchange(groups_, {}); }
  std::vector<TableFeatures> take_tables() { return std::exchange(tables_, {}); }
  std::vector<PortStats> take_ports() { return std::exchange(ports_, {}); }

 private:
  enum class Kind : std::uint8_t {
    kRead,
    kReadMeters,
    kReadMeterCounts,
    kReadGroups,
    kReadTables,
    kReadPorts,
    kPlain,
    kBundle,
  };

  Operation(Kind kind, Version version, std::uint32_t first_xid)
      : kind_(kind), version_(version), first_xid_(first_xid) {}

  // The xids, in order: open, the flow mods, barrier, commit, discard.
  std::uint32_t barrier_xid() const { return first_xid_ + 1 + mod_count_; }
  std::uint32_t commit_xid() const { return barrier_xid() + 1; }
  std::uint32_t discard_xid() const { return barrier_xid() + 2; }

  // Messages without a bundle, and a barrier.
  template <class Mod>
  static Operation plain(CommitToken token, Version version, std::uint32_t first_xid,
                         std::span<const Mod> mods);
  void queue(std::uint32_t xid, Body body);
  OperationOutcome on_reply(Message& message);
  OperationOutcome on_end(std::uint32_t xid, BundleControlType type) const;
  OperationOutcome on_error(std::uint32_t xid, const ErrorMessage& error);
  OperationOutcome on_flows(std::uint32_t xid, FlowStatsReply& reply);
  OperationOutcome on_meters(MeterConfigReply& reply);
  OperationOutcome on_meter_counts(const MeterStatsReply& reply);
  OperationOutcome on_groups(GroupDescReply& reply);
  OperationOutcome on_tables(TableFeaturesReply& reply);
  OperationOutcome on_ports(PortStatsReply& reply);
  OperationOutcome on_barrier();
  OperationOutcome rejected() const;

  Kind kind_;
  CommitOrder order_ = CommitOrder::kAlone;
  Version version_;
  std::uint32_t first_xid_;
  std::uint32_t xid_count_ = 1;
  std::uint32_t mod_count_ = 0;
  CommitToken token_;

  std::vector<std::byte> output_;
  std::size_t sent_ = 0;

  bool ending_ = false;                      // COMMIT or DISCARD is queued or sent
  std::optional<OperationOutcome> failure_;  // the first one
  std::size_t max_read_ = 0;
  bool reads_all_ = false;
  std::vector<FlowStatsRequest> requests_;
  std::uint32_t answered_ = 0;  // of these
  std::vector<FlowStats> flows_;
  std::vector<MeterConfig> meters_;
  std::vector<MeterStats> meter_counts_;
  std::vector<Group> groups_;
  std::vector<TableFeatures> tables_;
  std::vector<PortStats> ports_;
};

}  // namespace fabrix::openflow
