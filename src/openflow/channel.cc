#include "openflow/channel.h"

#include <algorithm>
#include <type_traits>
#include <utility>

#include "base/assert.h"
#include "openflow/error_text.h"

namespace fabrix::openflow {
namespace {

constexpr std::uint32_t kHelloXid = 1;
constexpr std::uint16_t kErrorHelloFailed = 0;
constexpr std::uint16_t kErrorIncompatible = 0;
// §7.5.4.2 and 12: what only the master may do, and a generation that is over.
constexpr std::uint16_t kErrorBadRequest = 1;
constexpr std::uint16_t kErrorIsSlave = 10;
constexpr std::uint16_t kErrorRoleRequestFailed = 11;
constexpr std::uint16_t kErrorStale = 0;

constexpr std::uint32_t bit_of(Version version) {
  return std::uint32_t{1} << static_cast<unsigned>(version);
}

std::uint32_t spoken(Version highest) {
  const std::uint32_t lowest = bit_of(Version::kOpenFlow13);
  return highest == Version::kOpenFlow14 ? lowest | bit_of(Version::kOpenFlow14) : lowest;
}

// §6.3.1: the highest version in both bitmaps; without a bitmap, the smaller of the header
// versions.
std::optional<Version> negotiate(Version highest, std::uint8_t header_version, const Hello& hello) {
  const std::uint32_t ours = spoken(highest);
  if (hello.versions) {
    const std::uint32_t common = ours & *hello.versions;
    if ((common & bit_of(Version::kOpenFlow14)) != 0) return Version::kOpenFlow14;
    if ((common & bit_of(Version::kOpenFlow13)) != 0) return Version::kOpenFlow13;
    return std::nullopt;
  }
  if (header_version >= static_cast<std::uint8_t>(highest)) return highest;
  if (header_version == static_cast<std::uint8_t>(Version::kOpenFlow13)) {
    return Version::kOpenFlow13;
  }
  return std::nullopt;
}

bool fits_a_message(const FlowMod& mod) {
  return encoded_size(mod) + kBundleAddOverhead + kMessageHeaderSize <= kMaxMessageSize;
}

}  // namespace

Channel::Channel(const ChannelOptions& options, Time now)
    : options_(options),
      version_(options.highest),
      next_xid_(kHelloXid),
      now_(now),
      last_heard_(now),
      handshake_deadline_(now + options.handshake_within) {
  FABRIX_ASSERT(options.dead_after > options.echo_after);
  send(Hello{.versions = spoken(options.highest)});
}

std::uint32_t Channel::take_xids(std::uint32_t count) {
  // Xid 0 is the switch's own, and a block must not wrap around.
  if (next_xid_ == 0 || next_xid_ + count < next_xid_) next_xid_ = kHelloXid;
  return std::exchange(next_xid_, next_xid_ + count);
}

void Channel::send(Body body) {
  send(take_xids(1), std::move(body));
}

void Channel::send(std::uint32_t xid, Body body) {
  encode_message({.version = version_, .xid = xid, .body = std::move(body)}, control_);
}

void Channel::close(std::string reason, ClosedBy by) {
  if (is_closed()) return;
  phase_ = Phase::kClosed;
  operations_.clear();
  input_.clear();
  held_status_.clear();
  events_.emplace_back(Closed{.reason = std::move(reason), .by = by});
}

void Channel::feed(std::span<const std::byte> bytes, Time now) {
  now_ = std::max(now_, now);
  if (is_closed() || bytes.empty()) return;
  last_heard_ = now_;
  echo_sent_.reset();

  // Whole messages are read in place; only the beginning of one is kept, so input_ is bounded.
  if (!input_.empty()) {
    const std::size_t missing = kMaxMessageSize - input_.size();
    const std::size_t kept = input_.size();
    const auto more = bytes.first(std::min(missing, bytes.size()));
    input_.insert(input_.end(), more.begin(), more.end());
    const std::size_t used = consume_message(input_);
    if (is_closed()) return;
    if (used == 0) return;  // Still incomplete: then `more` was all there is.
    bytes = bytes.subspan(used - kept);
    input_.clear();
  }
  while (!is_closed()) {
    const std::size_t used = consume_message(bytes);
    if (used == 0) break;
    bytes = bytes.subspan(used);
  }
  if (!is_closed()) input_.assign(bytes.begin(), bytes.end());
}

// Handles the message that `bytes` begin with. Its size, or 0 if it is incomplete or the channel
// closed.
std::size_t Channel::consume_message(std::span<const std::byte> bytes) {
  const auto header = decode_header(bytes);
  if (!header) return 0;
  if (header->length < kMessageHeaderSize) {
    close("malformed message: length " + std::to_string(header->length));
    return 0;
  }
  if (header->length > options_.max_message) {
    close("message of " + std::to_string(header->length) + " octets, longer than allowed");
    return 0;
  }
  if (bytes.size() < header->length) return 0;
  on_frame(*header, bytes.first(header->length));
  return header->length;
}

void Channel::on_frame(const MessageHeader& header, std::span<const std::byte> bytes) {
  auto message = decode_message(bytes);
  if (!message) {
    close(std::string(describe(message.error())) + " (type " + std::to_string(header.type) + ")");
    return;
  }
  if (phase_ == Phase::kHello) {
    if (const auto* hello = std::get_if<Hello>(&message->body)) {
      on_hello(header.version, *hello);
    } else if (const auto* error = std::get_if<ErrorMessage>(&message->body)) {
      close("refused by the switch: " + describe(*error));
    } else {
      close("the switch did not begin with HELLO");
    }
    return;
  }
  // §7.5.1: a HELLO after the first is ignored.
  if (std::holds_alternative<Hello>(message->body)) return;
  if (header.version != static_cast<std::uint8_t>(version_)) {
    close("message of OpenFlow version " + std::to_string(header.version) + " after negotiation");
    return;
  }
  on_message(*message);
}

void Channel::on_hello(std::uint8_t header_version, const Hello& hello) {
  const auto version = negotiate(options_.highest, header_version, hello);
  if (!version) {
    send(ErrorMessage{.type = kErrorHelloFailed, .code = kErrorIncompatible, .data = {}});
    close("the switch speaks neither OpenFlow 1.4 nor 1.3");
    return;
  }
  version_ = *version;
  phase_ = Phase::kFeatures;
  features_xid_ = take_xids(1);
  send(features_xid_, FeaturesRequest{});
}

void Channel::on_message(Message& message) {
  Body& body = message.body;
  if (is_fenced_by(message)) {
    return close("another controller of a newer generation is the switch's master",
                 ClosedBy::kNewerMaster);
  }
  if (auto* echo = std::get_if<EchoRequest>(&body)) {
    send(message.xid, EchoReply{std::move(echo->data)});
    // A peer that asks and asks but does not read is not worth the memory.
    if (control_.size() > options_.max_control) close("the switch does not read what is sent");
    return;
  }
  if (auto* packet = std::get_if<PacketIn>(&body)) {
    if (is_connected()) events_.emplace_back(std::move(*packet));
    return;
  }
  if (auto* removed = std::get_if<FlowRemoved>(&body)) {
    if (is_connected()) events_.emplace_back(std::move(*removed));
    return;
  }
  if (auto* status = std::get_if<PortStatus>(&body)) return on_port_status(*status);
  if (!operations_.empty() && operations_.front().owns(message.xid)) {
    return on_operation(operations_.front().on_answer(message));
  }
  if (const auto* error = std::get_if<ErrorMessage>(&body)) return on_error(message.xid, *error);
  if (const auto* features = std::get_if<FeaturesReply>(&body)) {
    if (phase_ == Phase::kFeatures && message.xid == features_xid_) on_features(*features);
    return;
  }
  if (auto* ports = std::get_if<PortDescReply>(&body)) on_ports(message.xid, *ports);
}

// §6.3.5: the switch says so when it takes the role away (1.4), when a slave writes, and when the
// role is asked for with a generation that is over.
bool Channel::is_fenced_by(const Message& message) const {
  if (!options_.master_generation) return false;
  if (const auto* status = std::get_if<RoleStatus>(&message.body)) {
    return status->role == Role::kSlave;
  }
  const auto* error = std::get_if<ErrorMessage>(&message.body);
  if (error == nullptr) return false;
  const bool is_slave = error->type == kErrorBadRequest && error->code == kErrorIsSlave;
  const bool is_stale = error->type == kErrorRoleRequestFailed && error->code == kErrorStale;
  return is_slave || is_stale;
}

void Channel::on_error(std::uint32_t xid, const ErrorMessage& error) {
  if (xid == role_xid_ && role_xid_ != 0) return close(describe(error));
  if (!is_connected()) return close("handshake refused: " + describe(error));
  events_.emplace_back(ErrorReported{describe(error)});
}

void Channel::on_features(const FeaturesReply& features) {
  identity_.datapath_id = features.datapath_id;
  identity_.version = version_;
  identity_.tables = features.tables;
  send(SetConfig{});
  if (options_.master_generation) {
    role_xid_ = take_xids(1);
    send(role_xid_,
         RoleRequest{.role = Role::kMaster, .generation_id = *options_.master_generation});
  }
  ports_xid_ = take_xids(1);
  send(ports_xid_, PortDescRequest{});
  phase_ = Phase::kPorts;
}

void Channel::on_ports(std::uint32_t xid, PortDescReply& reply) {
  if (phase_ != Phase::kPorts || xid != ports_xid_) return;
  auto& ports = identity_.ports;
  if (ports.size() + reply.ports.size() > options_.max_ports) {
    return close("more ports than allowed");
  }
  ports.insert(ports.end(), std::make_move_iterator(reply.ports.begin()),
               std::make_move_iterator(reply.ports.end()));
  if (reply.more == More::kYes) return;

  phase_ = Phase::kConnected;
  events_.emplace_back(std::exchange(identity_, {}));
  for (PortStatus& status : held_status_) events_.emplace_back(std::move(status));
  held_status_.clear();
}

// Before the list of ports is complete, its later parts may not know of a change yet.
void Channel::on_port_status(PortStatus& status) {
  if (is_connected()) {
    events_.emplace_back(std::move(status));
  } else if (held_status_.size() < options_.max_ports) {
    held_status_.push_back(std::move(status));
  } else {
    close("more port changes than allowed");
  }
}

void Channel::on_operation(OperationOutcome outcome) {
  using enum OperationOutcome::Kind;
  Operation& operation = operations_.front();
  switch (outcome.kind) {
    case kUnderWay:
      answer_deadline_ = now_ + options_.answer_within;
      return;
    case kBroken:
      return close(std::move(outcome.reason));
    case kRead:
      if (operation.reads_meters()) {
        events_.emplace_back(MetersRead{operation.take_meters()});
      } else if (operation.reads_tables()) {
        events_.emplace_back(TablesRead{operation.take_tables()});
      } else if (operation.reads_meter_counts()) {
        events_.emplace_back(MeterCountsRead{operation.take_meter_counts()});
      } else if (operation.reads_groups()) {
        events_.emplace_back(GroupsRead{operation.take_groups()});
      } else if (operation.reads_ports()) {
        events_.emplace_back(PortCountsRead{operation.take_ports()});
      } else if (operation.reads_all()) {
        events_.emplace_back(FlowsRead{operation.take_flows()});
      } else {
        events_.emplace_back(CountsRead{operation.take_flows()});
      }
      break;
    case kCommitted:
      events_.emplace_back(Committed{operation.token()});
      break;
    case kRejected:
      events_.emplace_back(
          Rejected{.token = operation.token(),
                   .reason = std::move(outcome.reason),
                   .index = outcome.index,
                   .left = operation.is_atomic() ? Left::kUnchanged : Left::kUnknown});
      break;
  }
  operations_.pop_front();
  answer_deadline_.reset();
  const bool was_sent = !operations_.empty() && !operations_.front().has_output();
  if (was_sent) answer_deadline_ = now_ + options_.answer_within;
}

void Channel::tick(Time now) {
  now_ = std::max(now_, now);
  if (is_closed()) return;
  if (!is_connected() && now_ >= handshake_deadline_) return close("no handshake in time");
  if (answer_deadline_ && now_ >= *answer_deadline_) return close("no answer in time");
  if (phase_ == Phase::kHello) return;  // No version yet to say ECHO in.
  // Dead is who does not answer an echo: a process that was stopped for a while itself asks first.
  if (echo_sent_ && now_ >= *echo_sent_ + (options_.dead_after - options_.echo_after)) {
    return close("the switch has been silent for too long");
  }
  if (!echo_sent_ && now_ >= last_heard_ + options_.echo_after) {
    echo_sent_ = now_;
    send(EchoRequest{});
  }
}

std::optional<Channel::Time> Channel::deadline() const {
  if (is_closed()) return std::nullopt;
  Time next = Time::max();
  if (!is_connected()) next = std::min(next, handshake_deadline_);
  if (answer_deadline_) next = std::min(next, *answer_deadline_);
  if (phase_ == Phase::kHello) return next;
  return std::min(next, echo_sent_ ? *echo_sent_ + (options_.dead_after - options_.echo_after)
                                   : last_heard_ + options_.echo_after);
}

std::vector<Event> Channel::take_events() {
  return std::exchange(events_, {});
}

std::vector<std::byte> Channel::take_output() {
  std::vector<std::byte> out = control_.take();
  const auto next = next_to_send();
  if (next == operations_.end()) return out;
  const std::size_t budget =
      options_.output_chunk > out.size() ? options_.output_chunk - out.size() : 1;
  next->take_output(budget, out);
  const bool is_sent = next == operations_.begin() && !next->has_output();
  if (is_sent) answer_deadline_ = now_ + options_.answer_within;
  return out;
}

// The one that is under way, or that goes in a row with those under way.
std::deque<Operation>::iterator Channel::next_to_send() {
  const auto end = operations_.end();
  auto next = operations_.begin();
  while (next != end && !next->has_output() && next->goes_in_a_row()) ++next;
  const bool may_begin = next == operations_.begin() || (next != end && next->goes_in_a_row());
  return may_begin && next != end && next->has_output() ? next : end;
}

Result<void> Channel::check_room() const {
  if (!is_connected()) return fail(Error{"the switch is not connected"});
  if (operations_.size() >= options_.max_operations) return fail(Error{"too many operations"});
  return {};
}

Result<void> Channel::read_flows(std::vector<FlowStatsRequest> requests) {
  if (auto room = check_room(); !room) return room;
  const std::uint32_t first_xid = take_xids(static_cast<std::uint32_t>(requests.size()));
  operations_.push_back(
      Operation::read_all(version_, first_xid, options_.max_flows, std::move(requests)));
  return {};
}

Result<void> Channel::read_meters() {
  if (auto room = check_room(); !room) return room;
  operations_.push_back(Operation::read_meters(version_, take_xids(1), options_.max_flows));
  return {};
}

Result<void> Channel::read_meter_counts() {
  if (auto room = check_room(); !room) return room;
  operations_.push_back(Operation::read_meter_counts(version_, take_xids(1), options_.max_flows));
  return {};
}

Result<void> Channel::change_meters(CommitToken token, std::span<const MeterMod> mods) {
  if (auto room = check_room(); !room) return room;
  constexpr std::size_t kMeterModSize = 64;  // at most, of one band
  if (mods.size() * kMeterModSize > options_.max_commit) {
    return fail(Error{"too many meters for one change"});
  }
  const std::uint32_t first_xid = take_xids(Operation::xids_for_commit(mods.size()));
  operations_.push_back(Operation::change_meters(token, version_, first_xid, mods));
  return {};
}

Result<void> Channel::read_groups() {
  if (auto room = check_room(); !room) return room;
  operations_.push_back(Operation::read_groups(version_, take_xids(1), options_.max_flows));
  return {};
}

Result<void> Channel::change_groups(CommitToken token, std::span<const GroupMod> mods) {
  if (auto room = check_room(); !room) return room;
  std::size_t size = 0;
  for (const GroupMod& mod : mods) {
    const std::size_t one = encoded_size(mod);
    if (one > kMaxMessageSize - kMessageHeaderSize) {
      return fail(Error{"a group exceeds the size of a message"});
    }
    size += one + kMessageHeaderSize;
  }
  if (size > options_.max_commit) return fail(Error{"too many groups for one change"});
  const std::uint32_t first_xid = take_xids(Operation::xids_for_commit(mods.size()));
  operations_.push_back(Operation::change_groups(token, version_, first_xid, mods));
  return {};
}

Result<void> Channel::read_tables() {
  if (auto room = check_room(); !room) return room;
  operations_.push_back(Operation::read_tables(version_, take_xids(1)));
  return {};
}

Result<void> Channel::read_counts(std::uint64_t cookie, std::uint64_t mask) {
  FABRIX_ASSERT(mask != 0);
  if (auto room = check_room(); !room) return room;
  operations_.push_back(Operation::read(version_, take_xids(1), options_.max_flows,
                                        {.cookie = cookie, .cookie_mask = mask}));
  return {};
}

Result<void> Channel::read_port_counts() {
  if (auto room = check_room(); !room) return room;
  operations_.push_back(Operation::read_ports(version_, take_xids(1), options_.max_ports));
  return {};
}

Result<void> Channel::commit(CommitToken token, std::span<const FlowMod> mods, CommitOrder order) {
  if (auto room = check_room(); !room) return room;
  std::size_t size = 0;
  for (const FlowMod& mod : mods) {
    if (!fits_a_message(mod)) return fail(Error{"a flow entry exceeds the size of a message"});
    size += encoded_size(mod) + kBundleAddOverhead;
  }
  if (size > options_.max_commit) return fail(Error{"too many flow entries for one commit"});
  const std::uint32_t first_xid = take_xids(Operation::xids_for_commit(mods.size()));
  operations_.push_back(Operation::commit(token, version_, first_xid, mods, order));
  return {};
}

bool Channel::withdraw(CommitToken token) {
  const auto found = std::ranges::find_if(operations_, [token](const Operation& operation) {
    return operation.changes() && operation.token() == token && !operation.has_begun();
  });
  if (found == operations_.end()) return false;
  operations_.erase(found);
  return true;
}

Result<void> Channel::packet_out(const PacketOut& packet) {
  if (!is_connected()) return fail(Error{"the switch is not connected"});
  if (packet.data.size() > kMaxMessageSize / 2) return fail(Error{"packet too long"});
  if (control_.size() > options_.max_control) return fail(Error{"the switch does not keep up"});
  send(packet);
  return {};
}

}  // namespace fabrix::openflow
