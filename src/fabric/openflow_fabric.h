// OpenFlowFabric: Programs on a switch that speaks OpenFlow 1.3 or 1.4, as a state machine without
// I/O.
//
// The owner of the connection calls connected(), feed(), tick() and disconnected(), and sends what
// take_output() gives; output_ready() tells when there may be some.
//
// Installing is the difference between what the switch has and what the Program needs, such that
// every packet sees the one Program or the other (fabric/switch_flows.h): as one commit where that
// is atomic (a bundle of 1.4) and short, else beside the old Program. No bundle takes meters: new
// ones, and new rates, are set before, and what is unused removed after. An install has succeeded
// when packets see it; what cleans up after it is through before the next. When a switch connects,
// its flows are read and corrected, not wiped, so it goes on forwarding through a restart of the
// controller; a Program that comes meanwhile waits until that is through. A correction that the
// switch refuses is not repeated before the next Program or connection. One switch; a second
// connection replaces the first.
//
// What the switch says that its tables cannot do is refused with the table and what it lacks,
// before anything is written (fabric/table_check.h).
//
// When a switch connects, the fabric's ports that it does not have are reported as down.
//
// Flows are read in slices (fabric/cookie_slices.h): a switch with many has time for packets in
// between.
//
// Flows that count for queries are asked for their counts alone, and say what they have counted
// when they are removed (fabric/flow_counts.h; OpenFlow 1.4.1 §7.4.2). What meters have dropped is
// asked for with what rows drop (§7.3.5.14).
//
// What a switch sends here is bounded by it, if it can (fabric/controller_limit.h).
//
// A switch that has forgotten its flows since the last connection was started again, or has done
// without a controller what its fail mode `standalone` lets it do: people are told. OpenFlow has no
// word for the fail mode.
//
// Control thread only.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "fabric/controller_limit.h"
#include "fabric/fabric.h"
#include "fabric/flow_counts.h"
#include "fabric/flow_plan.h"
#include "fabric/flow_reading.h"
#include "fabric/meters.h"
#include "fabric/port_watch.h"
#include "fabric/switch_channel.h"
#include "fabric/switch_flows.h"
#include "fabric/table_check.h"
#include "openflow/channel.h"

namespace fabrix::fabric {

class OpenFlowFabric : public Fabric {
 public:
  using Time = openflow::Channel::Time;

  // `ports` are the fabric's, for rows that cover several.
  explicit OpenFlowFabric(std::vector<net::PortNo> ports) : ports_(std::move(ports)) {}

  // One of several switches: `ports` are those of the exchange that it has.
  OpenFlowFabric(std::vector<net::PortNo> ports, Underlay underlay)
      : ports_(std::move(ports)), underlay_(std::move(underlay)) {}

  void install(program::ProgramPtr program, Done done) override;
  void install_proven(program::ProgramPtr program, const Proof& proof, Done done) override;
  void audit(const program::ProgramPtr& program, AuditDone done) override;
  void send_frame(net::PortNo port, std::span<const std::byte> frame) override;
  // Ports that a connected switch does not have are reported as down.
  void set_ports(const std::vector<net::PortNo>& ports) override;
  void set_tags(const PortTags& tags) override;
  std::string status() const override;
  void read_query_counts() override { read_counts(counts_.of_policies()); }
  void read_drop_counts() override {
    if (read_counts({FlowCounts::of_drops()})) reads_drops_ = true;
  }
  // The answer comes with some later octets; there is no other until then.
  void read_port_counts() override;

  // The connection.
  void connected(Time now);
  // Likewise, of a channel that its owner has led through the handshake; `events` are what came
  // of it, the first Connected.
  void take_over(openflow::Channel channel, std::vector<openflow::Event> events);
  void feed(std::span<const std::byte> bytes, Time now);
  void tick(Time now);
  void disconnected();
  std::optional<Time> deadline() const;
  std::vector<std::byte> take_output();
  bool wants_close() const { return channel_ && channel_->is_closed(); }

  // From the next connection on the switch is asked for the master role (OpenFlow 1.3.5 §6.3.5)
  // with this fencing token. One that has seen a higher one gets nothing from this fabric:
  // on_notice and status() say so, and each new connection asks again.
  void set_generation(std::uint64_t generation) { generation_ = generation; }

  // Of several switches: frames for the others go by these paths from now on.
  void use(const Topology& topology, const Paths& paths);

  // There may be output to take.
  std::function<void()> on_output;
  // For the log: "switch connected datapath=...".
  std::function<void(const std::string&)> on_event;

  // Of the switch that is or was connected last; 0: none ever was.
  std::uint64_t datapath_id() const { return datapath_id_; }

  // Whether there is a switch, and it has been read.
  bool is_connected() const {
    const bool is_read_again = phase_ == Phase::kReading && auditing_ && !audit_waits_;
    return phase_ == Phase::kReady || is_read_again;
  }

  // Whether the switch has the newest Program.
  bool in_sync() const { return phase_ == Phase::kReady && !committing_ && in_sync_; }

 private:
  enum class Phase : std::uint8_t { kDisconnected, kHandshake, kReading, kReady };

  struct Commit {
    enum class Stage : std::uint8_t { kNewMeters, kFlows, kOldMeters };

    Stage stage = Stage::kNewMeters;
    openflow::CommitToken token;                // of the stage
    std::deque<openflow::CommitToken> ahead{};  // of the batches after that, which follow it
    Meters meters;                              // what the switch has when it succeeds
    FlowPlanPtr fallback;                       // what to want if the switch refuses
    Done done;                                  // empty: a correction of our own, or answered
    bool is_proven = true;                      // else packets must not meet it
    bool is_right_after = true;                 // whether the switch has what is wanted
    bool changed_meters = false;
    std::string refusal;  // by the switch, of the last flow entry or meter that it refused
  };

  struct Waiting {  // for a correction
    FlowPlanPtr plan;
    Done done;  // empty: for other tags
  };

  void handle_events();
  void on_event_of(const openflow::Connected& event);
  void on_event_of(const openflow::FlowsRead& event);
  void on_event_of(const openflow::MetersRead& event);
  void on_event_of(const openflow::MeterCountsRead& event);
  static void on_event_of(const openflow::GroupsRead& /*event*/) {}  // The channel's.
  void on_event_of(const openflow::TablesRead& event) { tables_ = TableCheck(event.tables); }
  void on_event_of(const openflow::CountsRead& event);
  void on_event_of(const openflow::PortCountsRead& event);
  void on_event_of(const openflow::FlowRemoved& event);
  void on_event_of(const openflow::Committed& event);
  void on_event_of(const openflow::Rejected& event);
  void on_event_of(const openflow::PacketIn& event);
  void on_event_of(const openflow::PortStatus& event) { switch_ports_.note(event, on_port); }
  void on_event_of(const openflow::ErrorReported& event);
  void on_event_of(const openflow::Closed& event);
  void note_flows(std::vector<openflow::FlowStats>& installed);
  void limit_controller(std::vector<openflow::MeterConfig>& meters);
  void mind_lost_flows();
  Result<void> read_flows();
  void expect_counts();
  void start_audit();
  void end_audit(Result<FabricAudit> outcome);
  void start(FlowPlanPtr plan, Done done);
  void begin(FlowPlanPtr plan, Done done);
  void abandon();
  void begin_commit(FlowPlanPtr fallback, Done done, SwitchFlows::Purpose purpose);
  void commit(FlowPlanPtr fallback, Done done, SwitchFlows::Purpose purpose);
  void carry_out();
  Result<void> change_flows();
  Result<void> change_flows(openflow::CommitToken token, std::vector<openflow::FlowMod> mods);
  Result<void> write_while(const Proof& proof);
  void change_ahead(std::size_t most);
  void withdraw_ahead();
  void come_into_force();
  void on_refusal(const std::string& reason, openflow::Left left);
  void give_up(openflow::Left left);
  void complete();
  void finish(Result<void> outcome);
  void start_waiting();
  void report(const std::string& text) const;
  bool read_counts(std::vector<FlowCounts::Slice> slices);
  bool read_next_counts();
  void end_counts() {
    reading_counts_ = false;
    if (on_query_counts) on_query_counts();
  }
  const program::ProgramPtr& program() const { return wanted_->program(); }

  std::vector<net::PortNo> ports_;
  PortTags tags_;
  PortWatch switch_ports_;
  std::optional<Underlay> underlay_;  // of one of several
  std::optional<SwitchChannel> channel_;
  Phase phase_ = Phase::kDisconnected;
  FlowPlanPtr wanted_ = std::make_shared<const FlowPlan>();  // the newest that was asked for
  TableCheck tables_;                                        // of the switch
  SwitchFlows flows_;                                        // that the switch has
  Meters meters_;                                            // likewise
  FabricAudit found_;                                        // when the flows were last read
  FlowCounts counts_{[this](auto owner, auto queries, const QueryCount& more) {
    add_counts(owner, queries, more);
  }};
  ControllerLimit controller_limit_;
  openflow::CommitToken limiting_;  // of the change that sets it
  bool reading_counts_ = false;
  std::vector<FlowCounts::Slice> left_to_count_;  // that are asked for after this
  bool reading_ports_ = false;
  bool reads_drops_ = false;  // then meters follow
  std::optional<Commit> committing_;
  std::optional<Waiting> waiting_;
  AuditDone auditing_;  // while flows are read for it, or it waits for that; else empty
  bool audit_waits_ = false;
  bool in_sync_ = false;    // the last commit that was to bring the newest Program succeeded
  bool refused_ = false;    // the switch refused our own correction
  bool had_flows_ = false;  // the switch, of this datapath, before this connection
  std::uint64_t next_token_ = 1;
  std::uint64_t datapath_id_ = 0;
  std::optional<std::uint64_t> generation_;
  bool fenced_ = false;  // another controller has the switch
  SwitchFlows::Commits commits_ = SwitchFlows::Commits::kAtomic;
};

}  // namespace fabrix::fabric
