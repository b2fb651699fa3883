// Channel: the controller's end of one OpenFlow connection, as a state machine without I/O.
//
//   OpenFlow 1.4.1 §6.3.1 version negotiation, §6.4 echo, §6.9 bundles; 1.3.5 without bundles
//
// Octets go in through feed(), events come out of take_events(), octets to send out of
// take_output(), and tick() lets time pass. On its own it does the handshake (HELLO, FEATURES,
// SET_CONFIG, the master role if asked for, PORT_DESC), answers echoes and asks for them, and
// closes when the peer is silent. Then it carries out operations one at a time, in the order asked
// for: reading all flows, and committing flow mods.
//
// A commit is one atomic, ordered bundle in 1.4: all of it is applied or nothing. The switch
// acknowledges every message of the bundle (by a barrier) before it is committed, since a switch
// commits a bundle without the messages it refused. In 1.3 a commit is the flow mods and a barrier;
// what was accepted before a rejection stays (Rejected::left says so). Commits that need not be
// atomic may go in a row: the switch has the next before it has answered the one before.
//
// After Closed nothing happens any more; operations under way end without an event of their own,
// and whether a commit was applied is then unknown. Whoever owns the connection closes it.
//
// Bounded: input (one message), output, queued operations, flows and ports read. Whatever the peer
// sends, the worst is Closed. Fuzzed in fuzz/openflow/channel_fuzz.cc. Not thread-safe.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "base/result.h"
#include "base/strong_id.h"
#include "openflow/message.h"
#include "openflow/operation.h"

namespace fabrix::openflow {

// The handshake is complete; operations are possible.
struct Connected {
  std::uint64_t datapath_id = 0;
  Version version = Version::kOpenFlow14;
  std::uint8_t tables = 0;
  std::vector<PortDesc> ports{};

  friend bool operator==(const Connected&, const Connected&) = default;
};

// All flow entries of all tables, as of the moment the switch answered; one that the switch changed
// between two answers may be there twice, or not at all.
struct FlowsRead {
  std::vector<FlowStats> flows{};

  friend bool operator==(const FlowsRead&, const FlowsRead&) = default;
};

// Its meters; none if it has no such thing.
struct MetersRead {
  std::vector<MeterConfig> meters{};

  friend bool operator==(const MetersRead&, const MetersRead&) = default;
};

// What its meters have dropped, likewise.
struct MeterCountsRead {
  std::vector<MeterStats> meters{};

  friend bool operator==(const MeterCountsRead&, const MeterCountsRead&) = default;
};

// Its groups, likewise.
struct GroupsRead {
  std::vector<Group> groups{};

  friend bool operator==(const GroupsRead&, const GroupsRead&) = default;
};

// What its tables can do; none if it does not say.
struct TablesRead {
  std::vector<TableFeatures> tables{};

  friend bool operator==(const TablesRead&, const TablesRead&) = default;
};

// The flow entries with certain cookies, as with FlowsRead.
struct CountsRead {
  std::vector<FlowStats> flows{};

  friend bool operator==(const CountsRead&, const CountsRead&) = default;
};

// What its ports have counted; none if it does not say.
struct PortCountsRead {
  std::vector<PortStats> ports{};

  friend bool operator==(const PortCountsRead&, const PortCountsRead&) = default;
};

struct Committed {
  CommitToken token{};

  friend bool operator==(const Committed&, const Committed&) = default;
};

// What a rejected commit left in the switch.
enum class Left : std::uint8_t { kUnchanged, kUnknown };

struct Rejected {
  CommitToken token{};
  std::string reason{};
  std::optional<std::size_t> index{};  // of the first flow mod refused, if it was one
  Left left = Left::kUnchanged;

  friend bool operator==(const Rejected&, const Rejected&) = default;
};

// The switch refused something that is no operation: a packet-out.
struct ErrorReported {
  std::string reason{};

  friend bool operator==(const ErrorReported&, const ErrorReported&) = default;
};

// A newer master: another controller has the switch, and this one's generation is the older. It has
// written nothing since (§6.3.5), and will not by asking again.
enum class ClosedBy : std::uint8_t { kFailure, kNewerMaster };

struct Closed {
  std::string reason{};
  ClosedBy by = ClosedBy::kFailure;

  friend bool operator==(const Closed&, const Closed&) = default;
};

using Event = std::variant<Connected, FlowsRead, CountsRead, MetersRead, MeterCountsRead,
                           GroupsRead, TablesRead, PortCountsRead, Committed, Rejected, PacketIn,
                           FlowRemoved, PortStatus, ErrorReported, Closed>;

struct ChannelOptions {
  Version highest = Version::kOpenFlow14;  // kOpenFlow13 does without bundles
  // Asks for the master role with this fencing token; an older one than the switch knows closes the
  // channel, and so does the switch when another controller has become its master. Without it the
  // switch treats all controllers as equal.
  std::optional<std::uint64_t> master_generation = std::nullopt;
  std::chrono::seconds echo_after{5};   // of silence
  std::chrono::seconds dead_after{15};  // of silence; more than echo_after
  std::chrono::seconds handshake_within{15};
  std::chrono::seconds answer_within{60};  // after the last octet of an operation was taken
  std::size_t max_message = kMaxMessageSize;
  std::size_t max_flows = std::size_t{1} << 20U;
  std::size_t max_ports = std::size_t{1} << 16U;
  std::size_t max_operations = 64;                  // queued and under way
  std::size_t max_commit = std::size_t{1} << 28U;   // octets of one commit
  std::size_t max_control = std::size_t{1} << 20U;  // octets waiting that belong to no operation
  std::size_t output_chunk = std::size_t{1} << 18U;
};

class Channel {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // The connection is up as of `now`.
  Channel(const ChannelOptions& options, Time now);

  // Octets that arrived, however split. Time never runs backwards.
  void feed(std::span<const std::byte> bytes, Time now);
  // Call when deadline() has passed, after feeding what has arrived.
  void tick(Time now);
  // When tick() has something to do; none after Closed.
  std::optional<Time> deadline() const;

  // What happened since the last call, oldest first.
  std::vector<Event> take_events();
  // The next octets to send, about ChannelOptions::output_chunk at most; empty if there are none. A
  // caller that takes the next chunk only when the socket took the last keeps echoes on time.
  std::vector<std::byte> take_output();

  // Each fails, and changes nothing, when the channel is not connected or a bound is exceeded.
  // Answered by FlowsRead. By these requests, one after the other, which together ask for all; not
  // empty.
  Result<void> read_flows(std::vector<FlowStatsRequest> requests = {FlowStatsRequest{}});
  // Answered by MetersRead.
  Result<void> read_meters();
  // Answered by MeterCountsRead.
  Result<void> read_meter_counts();
  // Answered by Committed or Rejected; what was accepted before a rejection stays.
  Result<void> change_meters(CommitToken token, std::span<const MeterMod> mods);
  // Likewise, answered by GroupsRead.
  Result<void> read_groups();
  Result<void> change_groups(CommitToken token, std::span<const GroupMod> mods);
  // Answered by TablesRead.
  Result<void> read_tables();
  // Of the flows whose cookie is `cookie` under `mask`, which is not 0. Answered by CountsRead.
  Result<void> read_counts(std::uint64_t cookie, std::uint64_t mask);
  // Answered by PortCountsRead.
  Result<void> read_port_counts();
  // Answered by Committed or Rejected. An empty commit is a barrier. Encodes at once: O(mods).
  Result<void> commit(CommitToken token, std::span<const FlowMod> mods,
                      CommitOrder order = CommitOrder::kAlone);
  // Takes back a change of which nothing was taken as output yet; it is not answered. False: there
  // is no such change.
  bool withdraw(CommitToken token);
  // Not answered, except that a refusal becomes ErrorReported.
  Result<void> packet_out(const PacketOut& packet);

  bool is_connected() const { return phase_ == Phase::kConnected; }
  bool is_closed() const { return phase_ == Phase::kClosed; }

 private:
  enum class Phase : std::uint8_t { kHello, kFeatures, kPorts, kConnected, kClosed };

  void send(Body body);
  void send(std::uint32_t xid, Body body);
  std::uint32_t take_xids(std::uint32_t count);
  void close(std::string reason, ClosedBy by = ClosedBy::kFailure);
  bool is_fenced_by(const Message& message) const;

  std::size_t consume_message(std::span<const std::byte> bytes);
  void on_frame(const MessageHeader& header, std::span<const std::byte> bytes);
  void on_hello(std::uint8_t header_version, const Hello& hello);
  void on_message(Message& message);
  void on_error(std::uint32_t xid, const ErrorMessage& error);
  void on_features(const FeaturesReply& features);
  void on_ports(std::uint32_t xid, PortDescReply& reply);
  void on_port_status(PortStatus& status);
  void on_operation(OperationOutcome outcome);

  Result<void> check_room() const;
  std::deque<Operation>::iterator next_to_send();

  ChannelOptions options_;
  Phase phase_ = Phase::kHello;
  Version version_ = Version::kOpenFlow14;
  std::uint32_t next_xid_ = 1;
  std::uint32_t features_xid_ = 0;
  std::uint32_t role_xid_ = 0;
  std::uint32_t ports_xid_ = 0;

  Time now_;
  Time last_heard_;
  Time handshake_deadline_;
  std::optional<Time> echo_sent_;
  std::optional<Time> answer_deadline_;

  Connected identity_;
  std::vector<PortStatus> held_status_;  // arrived while the ports were being read

  std::vector<std::byte> input_;  // the beginning of a message
  WireWriter control_;
  std::deque<Operation> operations_;  // the first is under way, and those in a row with it
  std::vector<Event> events_;
};

}  // namespace fabrix::openflow
