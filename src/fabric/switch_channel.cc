#include "fabric/switch_channel.h"

#include <iterator>
#include <utility>
#include <variant>

namespace fabrix::fabric {
namespace {

// Those of the owner count from 1.
constexpr std::uint64_t kFirstToken = std::uint64_t{1} << 63U;

}  // namespace

SwitchChannel::SwitchChannel(openflow::Channel channel, Underlay* underlay,
                             std::vector<openflow::Event> held)
    : channel_(std::move(channel)), underlay_(underlay), held_(std::move(held)) {}

bool SwitchChannel::is_ours(openflow::CommitToken token) const {
  return underlay_ != nullptr && token.value >= kFirstToken;
}

openflow::CommitToken SwitchChannel::next_token() {
  return openflow::CommitToken{kFirstToken + tokens_++};
}

// The owner knows nothing of what is ours.
openflow::ErrorReported SwitchChannel::error_of(const openflow::Rejected& refused) {
  if (changing_groups_ == refused.token) {
    changing_groups_.reset();
    knows_groups_ = false;
  }
  return {"refused between switches: " + refused.reason};
}

std::vector<openflow::Event> SwitchChannel::take_events() {
  auto events = std::exchange(held_, {});
  auto more = channel_.take_events();
  events.insert(events.end(), std::make_move_iterator(more.begin()),
                std::make_move_iterator(more.end()));
  if (underlay_ == nullptr) return events;
  std::vector<openflow::Event> for_owner;
  for (openflow::Event& event : events) {
    if (auto* refused = std::get_if<openflow::Rejected>(&event);
        refused != nullptr && is_ours(refused->token)) {
      event = error_of(*refused);
    }
    const Heard heard = std::visit([this](auto& one) { return hear(one); }, event);
    if (heard == Heard::kByOwner) for_owner.push_back(std::move(event));
  }
  return for_owner;
}

Result<void> SwitchChannel::read_flows(std::vector<openflow::FlowStatsRequest> requests) {
  if (underlay_ != nullptr) read_groups();
  return channel_.read_flows(std::move(requests));
}

// Where there is no room now, the next reading does it.
void SwitchChannel::read_groups() {
  if (!reading_groups_) reading_groups_ = channel_.read_groups().has_value();
}

void SwitchChannel::update_groups() {
  if (underlay_ == nullptr || changing_groups_ || !channel_.is_connected()) return;
  if (!knows_groups_) return read_groups();
  const auto mods = underlay_->take_group_changes();
  if (mods.empty()) return;
  const auto token = next_token();
  if (channel_.change_groups(token, mods)) {
    changing_groups_ = token;
  } else {
    knows_groups_ = false;
  }
}

Result<void> SwitchChannel::commit(openflow::CommitToken token, std::vector<openflow::FlowMod> mods,
                                   openflow::CommitOrder order) {
  if (underlay_ != nullptr) {
    for (openflow::FlowMod& mod : mods) mod = underlay_->ports().to_switch(std::move(mod));
  }
  return channel_.commit(token, mods, order);
}

Result<void> SwitchChannel::packet_out(openflow::PacketOut packet) {
  if (underlay_ != nullptr) packet = underlay_->ports().to_switch(std::move(packet));
  return channel_.packet_out(packet);
}

void SwitchChannel::add_to(FabricAudit& audit) const {
  if (underlay_ == nullptr) return;
  audit.rules += found_.right + found_.different;
  audit.wanted += found_.right + found_.different + found_.missing;
  audit.right += found_.right;
  audit.different += found_.different;
  audit.missing += found_.missing;
  audit.different += wrong_groups_;
}

SwitchChannel::Heard SwitchChannel::hear(openflow::Connected& event) const {
  for (openflow::PortDesc& port : event.ports) {
    port.number = underlay_->ports().from_switch(port.number);
  }
  return Heard::kByOwner;
}

SwitchChannel::Heard SwitchChannel::hear(openflow::FlowsRead& event) {
  found_ = underlay_->take_flows(event.flows);
  // What cannot be ordered now, or is refused, is found again with the next reading.
  if (!found_.changes.empty()) std::ignore = channel_.commit(next_token(), found_.changes);
  return Heard::kByOwner;
}

SwitchChannel::Heard SwitchChannel::hear(openflow::CountsRead& event) const {
  for (openflow::FlowStats& flow : event.flows) {
    flow = underlay_->ports().from_switch(std::move(flow));
  }
  return Heard::kByOwner;
}

SwitchChannel::Heard SwitchChannel::hear(openflow::PortCountsRead& event) const {
  for (openflow::PortStats& port : event.ports) {
    port.number = underlay_->ports().from_switch(port.number);
  }
  return Heard::kByOwner;
}

SwitchChannel::Heard SwitchChannel::hear(openflow::GroupsRead& event) {
  reading_groups_ = false;
  if (changing_groups_) return Heard::kHere;  // It may be of before or after.
  underlay_->note_groups(event.groups);
  knows_groups_ = true;
  wrong_groups_ = underlay_->count_wrong_groups();
  update_groups();
  return Heard::kHere;
}

SwitchChannel::Heard SwitchChannel::hear(openflow::FlowRemoved& event) const {
  event.match = underlay_->ports().from_switch(std::move(event.match));
  return Heard::kByOwner;
}

SwitchChannel::Heard SwitchChannel::hear(openflow::PacketIn& event) const {
  event.match = underlay_->ports().from_switch(std::move(event.match));
  return Heard::kByOwner;
}

SwitchChannel::Heard SwitchChannel::hear(openflow::PortStatus& event) const {
  event.port.number = underlay_->ports().from_switch(event.port.number);
  return Heard::kByOwner;
}

SwitchChannel::Heard SwitchChannel::hear(openflow::Committed& event) {
  if (!is_ours(event.token)) return Heard::kByOwner;
  if (changing_groups_ == event.token) {
    changing_groups_.reset();
    update_groups();
  }
  return Heard::kHere;
}

}  // namespace fabrix::fabric
