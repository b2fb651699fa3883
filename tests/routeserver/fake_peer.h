// FakePeer: a member's end of a session with the route server. It reads every message that it is
// sent as its own reading of RFC 4271, 4760, 7911 and 7313 says, and keeps the table that a router
// would have.
#pragma once

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/byte_reader.h"
#include "base/byte_writer.h"
#include "bgp/update_message.h"
#include "net/prefix.h"
#include "routeserver/peer.h"

namespace fabrix::routeserver {

// A route as a member hears it, in a form that says nothing of how it was written.
struct Heard {
  bgp::PathAttributes attributes;
  net::IpAddress next_hop = net::IpAddress::unspecified(net::Family::kIpv4);

  friend bool operator==(const Heard&, const Heard&) = default;
};

// Communities in order, and sequences of one path together: what orders and parts them is no
// business of a receiver's.
inline bgp::PathAttributes normal(bgp::PathAttributes attributes) {
  std::ranges::sort(attributes.communities);
  std::ranges::sort(attributes.extended_communities);
  std::ranges::sort(attributes.large_communities);
  bgp::AsPath path;
  for (const bgp::AsPathSegment& segment : attributes.as_path.segments) {
    constexpr auto kSequence = bgp::AsPathSegment::Kind::kSequence;
    const bool joins = !path.segments.empty() && segment.kind == kSequence &&
                       path.segments.back().kind == kSequence;
    if (!joins) {
      path.segments.push_back(segment);
      continue;
    }
    auto& asns = path.segments.back().asns;
    asns.insert(asns.end(), segment.asns.begin(), segment.asns.end());
  }
  attributes.as_path = std::move(path);
  return attributes;
}

inline std::string to_string(const Heard& heard) {
  std::string text = heard.attributes.as_path.to_string() + " via " + heard.next_hop.to_string();
  text += " origin " + std::to_string(static_cast<int>(heard.attributes.origin));
  if (heard.attributes.med) text += " med " + std::to_string(*heard.attributes.med);
  for (std::size_t i = 0; i < heard.attributes.communities.size() && i < 12; ++i) {
    const std::uint32_t value = heard.attributes.communities[i].value;
    text += " " + std::to_string(value >> 16U) + ":" + std::to_string(value & 0xffffU);
  }
  if (heard.attributes.only_to_customer) text += " otc";
  return text;
}

class FakePeer {
 public:
  using Key = std::pair<net::Prefix, std::uint32_t>;  // the path identifier; 0 without
  using Table = std::map<Key, Heard>;

  explicit FakePeer(const SessionInfo& info) : info_(info) {}

  // Whole messages.
  void take(std::span<const std::byte> messages) {
    ByteReader in(messages);
    while (in.ok() && !in.at_end()) {
      const auto marker = in.bytes(16);
      const std::size_t length = in.u16();
      const std::uint8_t type = in.u8();
      if (!in.ok() || length < 19) return fault("a broken header");
      if (std::ranges::any_of(marker, [](std::byte each) { return each != std::byte{0xff}; })) {
        return fault("a broken marker");
      }
      if (length > info_.max_message) fault("a message that is too long");
      const auto body = in.bytes(length - 19);
      if (!in.ok()) return fault("part of a message");
      ++messages_;
      if (type == 2) {
        take_update(body);
      } else if (type == 5) {
        take_refresh(body);
      } else {
        fault("a message of another type");
      }
    }
  }

  const Table& table() const { return table_; }
  const SessionInfo& info() const { return info_; }
  const std::vector<std::string>& faults() const { return faults_; }
  std::size_t messages() const { return messages_; }
  std::size_t announced() const { return announced_; }
  std::size_t withdrawn() const { return withdrawn_; }
  int ends_of_rib(net::Family family) const { return ends_of_rib_.at(index(family)); }
  int refreshes(net::Family family) const { return refreshes_.at(index(family)); }
  bool in_refresh(net::Family family) const { return in_refresh_.at(index(family)); }

  // How many routes of a prefix it has.
  std::vector<Heard> routes(const net::Prefix& prefix) const {
    std::vector<Heard> all;
    for (auto at = table_.lower_bound({prefix, 0}); at != table_.end(); ++at) {
      if (at->first.first != prefix) break;
      all.push_back(at->second);
    }
    return all;
  }
  std::size_t prefix_count(net::Family family) const {
    std::set<net::Prefix> all;
    for (const auto& [key, heard] : table_) {
      if (key.first.family() == family) all.insert(key.first);
    }
    return all.size();
  }

 private:
  static std::size_t index(net::Family family) { return family == net::Family::kIpv4 ? 0 : 1; }

  void fault(const std::string& what) { faults_.push_back(what); }

  // RFC 4271 §4.3, RFC 7911 §3. Appends the prefixes without their identifiers to `plain`.
  std::vector<Key> read_nlri(std::span<const std::byte> octets, net::Family family,
                             ByteWriter& plain) {
    std::vector<Key> keys;
    ByteReader in(octets);
    while (in.ok() && !in.at_end()) {
      const std::uint32_t id = info_.add_path.contains(family) ? in.u32() : 0;
      const std::uint8_t length = in.u8();
      const auto significant = in.bytes((length + 7U) / 8U);
      if (!in.ok() || length > net::width_of(family)) {
        fault("broken NLRI");
        return {};
      }
      std::array<std::uint8_t, 16> address{};
      std::ranges::transform(significant, address.begin(),
                             [](std::byte each) { return std::to_integer<std::uint8_t>(each); });
      const auto ip = family == net::Family::kIpv6
                          ? net::IpAddress::v6(address)
                          : net::IpAddress::v4({address[0], address[1], address[2], address[3]});
      keys.emplace_back(net::Prefix::containing(ip, length).value(), id);
      plain.u8(length);
      plain.bytes(significant);
    }
    if (!info_.families.contains(family) && !keys.empty()) fault("routes of another family");
    return keys;
  }

  struct Parts {
    std::vector<Key> withdrawn;
    std::vector<Key> announced;
    ByteWriter attributes;  // with MP_REACH_NLRI without path identifiers, without MP_UNREACH_NLRI
    bool ends_ipv6 = false;
  };

  void take_update(std::span<const std::byte> body) {
    ByteReader in(body);
    const auto withdrawn = in.bytes(in.u16());
    const auto attributes = in.bytes(in.u16());
    const auto nlri = in.bytes(in.remaining());
    if (!in.ok()) return fault("a broken UPDATE");
    Parts parts;
    ByteWriter ignored;
    parts.withdrawn = read_nlri(withdrawn, net::Family::kIpv4, ignored);
    take_attributes(attributes, parts);
    ByteWriter plain;
    const auto classic = read_nlri(nlri, net::Family::kIpv4, plain);
    parts.announced.insert(parts.announced.end(), classic.begin(), classic.end());
    if (body.size() == 4) end_of_rib(net::Family::kIpv4);
    if (parts.ends_ipv6) end_of_rib(net::Family::kIpv6);
    for (const Key& key : parts.withdrawn) withdraw(key);
    if (parts.announced.empty()) return;
    announce(parts, plain.view());
  }

  void take_attributes(std::span<const std::byte> octets, Parts& parts) {
    ByteReader in(octets);
    while (in.ok() && !in.at_end()) {
      const std::uint8_t flags = in.u8();
      const std::uint8_t type = in.u8();
      const auto value = in.bytes((flags & 0x10U) != 0 ? in.u16() : in.u8());
      if (!in.ok()) return fault("broken attributes");
      ByteWriter plain;
      if (type == 15) {
        take_unreach(value, parts);
        continue;
      }
      plain.bytes(type == 14 ? take_reach(value, parts) : std::vector(value.begin(), value.end()));
      parts.attributes.u8(static_cast<std::uint8_t>(flags | 0x10U));
      parts.attributes.u8(type);
      parts.attributes.u16(static_cast<std::uint16_t>(plain.size()));
      parts.attributes.bytes(plain.view());
    }
  }

  // RFC 4760 §3.
  std::vector<std::byte> take_reach(std::span<const std::byte> value, Parts& parts) {
    ByteReader in(value);
    const auto family = static_cast<net::Family>(in.u16());
    std::ignore = in.u8();
    std::ignore = in.bytes(in.u8());
    std::ignore = in.u8();
    const std::size_t fixed = value.size() - in.remaining();
    ByteWriter plain;
    plain.bytes(value.first(fixed));
    parts.announced = read_nlri(in.bytes(in.remaining()), family, plain);
    return plain.take();
  }

  // RFC 4760 §4.
  void take_unreach(std::span<const std::byte> value, Parts& parts) {
    ByteReader in(value);
    const auto family = static_cast<net::Family>(in.u16());
    std::ignore = in.u8();
    if (in.at_end()) parts.ends_ipv6 = family == net::Family::kIpv6;
    ByteWriter ignored;
    const auto keys = read_nlri(in.bytes(in.remaining()), family, ignored);
    parts.withdrawn.insert(parts.withdrawn.end(), keys.begin(), keys.end());
  }

  void announce(const Parts& parts, std::span<const std::byte> plain_nlri) {
    ByteWriter body;
    body.u16(0);
    body.u16(static_cast<std::uint16_t>(parts.attributes.size()));
    body.bytes(parts.attributes.view());
    body.bytes(plain_nlri);
    const auto update = bgp::decode_update(
        body.view(),
        {.asn_width = info_.asn_width, .ipv4_over_ipv6_next_hop = info_.extended_next_hop});
    if (!update || update->announced.size() != 1 || !update->treated_as_withdraw.empty() ||
        !update->discarded.empty()) {
      return fault("an UPDATE with mistakes");
    }
    const Heard heard{.attributes = normal(*update->attributes),
                      .next_hop = update->announced.front().next_hop};
    for (const Key& key : parts.announced) {
      ++announced_;
      table_.insert_or_assign(key, heard);
      not_refreshed_.erase(key);
    }
  }

  void withdraw(const Key& key) {
    ++withdrawn_;
    table_.erase(key);
    not_refreshed_.erase(key);
  }

  void end_of_rib(net::Family family) {
    if (!info_.families.contains(family)) fault("End-of-RIB of another family");
    ++ends_of_rib_.at(index(family));
  }

  // RFC 7313 §4.
  void take_refresh(std::span<const std::byte> body) {
    ByteReader in(body);
    const auto family = static_cast<net::Family>(in.u16());
    const std::uint8_t subtype = in.u8();
    if (in.u8() != 1 || !in.at_end()) return fault("a broken ROUTE-REFRESH");
    if (!info_.enhanced_refresh) return fault("a ROUTE-REFRESH that was not agreed on");
    if (!info_.families.contains(family)) return fault("a ROUTE-REFRESH of another family");
    if (subtype == 1) {
      in_refresh_.at(index(family)) = true;
      for (const auto& [key, heard] : table_) {
        if (key.first.family() == family) not_refreshed_.insert(key);
      }
    } else if (subtype == 2) {
      if (!in_refresh_.at(index(family))) fault("the end of a refresh that did not begin");
      in_refresh_.at(index(family)) = false;
      ++refreshes_.at(index(family));
      purge(family);
    } else {
      fault("a request for a refresh");
    }
  }

  void purge(net::Family family) {
    std::erase_if(table_, [&](const auto& each) {
      return each.first.first.family() == family && not_refreshed_.contains(each.first);
    });
    std::erase_if(not_refreshed_, [&](const Key& key) { return key.first.family() == family; });
  }

  SessionInfo info_;
  Table table_;
  std::set<Key> not_refreshed_;  // since the refresh of their family began
  std::vector<std::string> faults_;
  std::size_t messages_ = 0;
  std::size_t announced_ = 0;  // with repetitions
  std::size_t withdrawn_ = 0;
  std::array<int, 2> ends_of_rib_{};
  std::array<int, 2> refreshes_{};  // that were ended
  std::array<bool, 2> in_refresh_{};
};

}  // namespace fabrix::routeserver
