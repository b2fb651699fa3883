#include "speaker/outbox.h"

#include <array>
#include <functional>
#include <tuple>
#include <unordered_map>
#include <utility>

#include "base/byte_writer.h"
#include "bgp/attribute_encoder.h"
#include "bgp/flowspec_update.h"
#include "bgp/session_negotiation.h"
#include "bgp/update_encoder.h"

namespace fabrix::speaker {
namespace {

constexpr std::array kFamilies{net::Family::kIpv4, net::Family::kIpv6};

// Routes that one message can hold.
struct Group {
  net::IpAddress next_hop;
  bgp::AttributesPtr attributes;

  friend bool operator==(const Group& a, const Group& b) {
    return a.next_hop == b.next_hop &&
           (a.attributes == b.attributes || *a.attributes == *b.attributes);
  }
};

struct HashOfGroup {
  std::size_t operator()(const Group& group) const {
    return std::hash<bgp::PathAttributes>{}(*group.attributes) ^
           std::hash<net::IpAddress>{}(group.next_hop);
  }
};

}  // namespace

void Outbox::announce(const net::Prefix& prefix, const Announcement& route) {
  routes_.insert_or_assign(prefix, route);
  changed_.insert(prefix);
}

bool Outbox::withdraw(const net::Prefix& prefix) {
  if (routes_.erase(prefix) == 0) return false;
  changed_.insert(prefix);
  return true;
}

void Outbox::announce_flow(const bgp::FlowSpecRule& rule, const FlowAnnouncement& flow) {
  flows_.insert_or_assign(rule, flow);
  changed_flows_.insert(rule);
}

bool Outbox::withdraw_flow(const bgp::FlowSpecRule& rule) {
  if (flows_.erase(rule) == 0) return false;
  changed_flows_.insert(rule);
  return true;
}

const Announcement* Outbox::find(const net::Prefix& prefix) const {
  const auto found = routes_.find(prefix);
  return found == routes_.end() ? nullptr : &found->second;
}

void Outbox::begin(net::Asn local_as, const bgp::Negotiated& agreed) {
  local_as_ = local_as;
  agreed_ = agreed;
  has_ended_ = false;
  changed_.clear();
  changed_flows_.clear();
  for (const net::Family family : kFamilies) {
    repeat(family, bgp::Safi::kUnicast);
    repeat(family, bgp::Safi::kFlowSpec);
  }
}

void Outbox::repeat(net::Family family, bgp::Safi safi) {
  if (safi == bgp::Safi::kUnicast) {
    for (const auto& [prefix, route] : routes_) {
      if (prefix.family() == family) changed_.insert(prefix);
    }
  } else if (safi == bgp::Safi::kFlowSpec) {
    for (const auto& [rule, flow] : flows_) {
      if (rule.family() == family) changed_flows_.insert(rule);
    }
  }
}

std::vector<std::byte> Outbox::next() {
  // What a router cannot hear of makes no message.
  while (!changed_.empty()) {
    if (auto messages = next_routes(); !messages.empty()) return messages;
  }
  while (!changed_flows_.empty()) {
    if (auto messages = next_flows(); !messages.empty()) return messages;
  }
  return next_end();
}

bgp::PathAttributes Outbox::told(const bgp::PathAttributes& attributes) const {
  return speaker::told(attributes, local_as_, agreed_.internal);
}

std::vector<std::byte> Outbox::next_routes() {
  std::array<std::vector<net::Prefix>, 2> gone;  // by family
  std::unordered_map<Group, std::vector<net::Prefix>, HashOfGroup> groups;
  for (std::size_t i = 0; i < kBatch && !changed_.empty(); ++i) {
    const net::Prefix prefix = changed_.extract(changed_.begin()).value();
    if (!agreed_.families.contains(prefix.family())) continue;
    if (const Announcement* const route = find(prefix)) {
      groups[{route->next_hop, route->attributes}].push_back(prefix);
    } else {
      gone[prefix.family() == net::Family::kIpv4 ? 0 : 1].push_back(prefix);
    }
  }
  ByteWriter out;
  for (const auto& [group, prefixes] : groups) {
    const net::Family family = prefixes.front().family();
    const bool fits =
        bgp::encode_announcement(told(*group.attributes), group.next_hop, {.prefixes = prefixes},
                                 bgp::encode_options(agreed_, family), out)
            .has_value();
    auto& others = gone[family == net::Family::kIpv4 ? 0 : 1];
    if (!fits) others.insert(others.end(), prefixes.begin(), prefixes.end());
  }
  for (const net::Family family : kFamilies) {
    const auto& prefixes = gone[family == net::Family::kIpv4 ? 0 : 1];
    bgp::encode_withdrawal(family, {.prefixes = prefixes}, bgp::encode_options(agreed_, family),
                           out);
  }
  return out.take();
}

std::vector<std::byte> Outbox::next_flows() {
  const std::size_t most = bgp::max_message_size(agreed_);
  ByteWriter out;
  for (std::size_t i = 0; i < kBatch && !changed_flows_.empty(); ++i) {
    const bgp::FlowSpecRule rule = changed_flows_.extract(changed_flows_.begin()).value();
    const std::array rules{rule};
    if (!agreed_.flowspec.contains(rule.family())) continue;
    const auto found = flows_.find(rule);
    bool is_told = false;
    if (found != flows_.end()) {
      const FlowAnnouncement& flow = found->second;
      ByteWriter block;
      bgp::encode_attributes(told(*flow.attributes), {.asn_width = agreed_.asn_width}, block);
      is_told = bgp::encode_flowspec_announcement(
                    rule.family(), rules, {.attributes = block.view(), .next_hop = flow.next_hop},
                    most, out)
                    .has_value();
    }
    if (!is_told) bgp::encode_flowspec_withdrawal(rule.family(), rules, most, out);
  }
  return out.take();
}

std::vector<std::byte> Outbox::next_end() {
  if (std::exchange(has_ended_, true)) return {};
  ByteWriter out;
  for (const net::Family family : kFamilies) {
    if (agreed_.families.contains(family)) bgp::encode_end_of_rib(family, out);
    if (agreed_.flowspec.contains(family)) bgp::encode_flowspec_end_of_rib(family, out);
  }
  return out.take();
}

}  // namespace fabrix::speaker
