#include "interchange/policy_page.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "exchange/policy_words.h"
#include "exchange/settings.h"

namespace fabrix::interchange {
namespace {

using exchange::Exchange;
using exchange::ImportPolicy;
using exchange::LengthBounds;

constexpr std::uint32_t kLastTwoOctetAsn = 65535;

template <typename T>
std::string joined(const std::vector<T>& values) {
  std::string list;
  for (const T& value : values) list += (list.empty() ? "" : ", ") + value.to_string();
  return list.empty() ? "none" : list;
}

std::string joined(const std::vector<net::Asn>& asns) {
  std::string list;
  for (const net::Asn asn : asns)
    list += fmt::format("{}AS{}", list.empty() ? "" : ", ", asn.value);
  return list;
}

std::string text(const LengthBounds& bounds) {
  return fmt::format("/{} to /{}", bounds.least, bounds.most);
}

std::string families(const std::optional<std::uint32_t>& ipv4,
                     const std::optional<std::uint32_t>& ipv6) {
  const auto one = [](const auto& limit) { return limit ? std::to_string(*limit) : "unlimited"; };
  return fmt::format("IPv4 {}, IPv6 {}", one(ipv4), one(ipv6));
}

PageSection route_server(const Exchange& exchange) {
  return {.heading = "The route server",
          .paragraphs = {},
          .columns = {"What", "Value"},
          .rows = {{"AS number", std::to_string(exchange.asn.value)},
                   {"Addresses", joined(exchange.route_server.addresses)},
                   {"TCP port", std::to_string(exchange.route_server.tcp_port)},
                   {"BGP identifier", exchange.router_id.to_string()},
                   {"Peering LAN", joined(exchange.peering_lan)}}};
}

PageSection sessions(const exchange::SessionPolicy& session) {
  PageSection section{.heading = "Sessions",
                      .paragraphs = {"What is offered; a member may have settings of its own."},
                      .columns = {"Setting", "Value"},
                      .rows = {}};
  for (const auto& [key, value] : settings_of(session)) {
    // Which members have a password is theirs to say.
    if (key != "md5_password") section.rows.push_back({key, value});
  }
  return section;
}

// Rows of "code, reason, value": the code N is that of the large community RS:1101:N.
class Filters {
 public:
  explicit Filters(const Exchange& exchange) : exchange_(exchange) {}

  PageSection section() {
    add_prefixes();
    add_paths();
    add_registries();
    return {.heading = "Filters",
            .paragraphs = {"In this order; the first that a route does not pass is the reason why "
                           "it is rejected. Rejected routes are kept for the looking glass, where "
                           "the large community RS:1101:N says why."},
            .columns = {"Rejected is", "Value", "N"},
            .rows = std::move(rows_)};
  }

 private:
  void add(std::string_view what, std::string value, int code) {
    rows_.push_back({std::string(what), std::move(value), code == 0 ? "" : std::to_string(code)});
  }

  void add_prefixes() {
    const ImportPolicy& policy = exchange_.route_server.import;
    if (!policy.chosen) add("everything", "no policy is chosen (RFC 8212)", 0);
    const std::string lengths =
        fmt::format("accepted: IPv4 {}, IPv6 {}", text(policy.ipv4), text(policy.ipv6));
    add("a prefix that is too long", lengths, 1);
    add("a prefix that is too short", lengths, 2);
    if (policy.reject_bogon_prefixes) {
      add("a bogon", "special purpose prefixes (RFC 6890) and the default route", 3);
    }
    add("a prefix in the peering LAN", joined(exchange_.peering_lan), 0);
    if (!policy.own_prefixes.empty()) {
      add("a prefix of the exchange", joined(policy.own_prefixes), 0);
    }
    if (!policy.rejected_prefixes.empty()) {
      add("a listed prefix", joined(policy.rejected_prefixes), 0);
    }
  }

  void add_paths() {
    const ImportPolicy& policy = exchange_.route_server.import;
    add("a next hop that is not the member's", next_hop(policy.next_hop), 8);
    if (policy.enforce_first_as) add("a path that does not begin with the member's AS", "", 7);
    if (policy.max_as_path_length) {
      add("an AS path that is too long", fmt::format("more than {}", *policy.max_as_path_length),
          5);
    }
    if (policy.reject_bogon_asns) {
      add("a bogon AS number in the path", "private and reserved ones (RFC 6996, RFC 7607)", 4);
    }
    add("the exchange's own AS in the path", fmt::format("AS{}", exchange_.asn.value), 0);
    add("a route leak", "with the attribute OTC from a client (RFC 9234 §5)", 0);
    if (!policy.never_via_route_servers.empty()) {
      add("an AS in the path that wants no route server", joined(policy.never_via_route_servers),
          0);
    }
    if (!policy.transit_free.empty()) {
      add("a transit-free network behind the member", joined(policy.transit_free), 14);
    }
    if (policy.max_communities) {
      add("a route with too many communities", fmt::format("more than {}", *policy.max_communities),
          15);
    }
  }

  void add_registries() {
    const ImportPolicy& policy = exchange_.route_server.import;
    const std::string_view where =
        policy.irr.enforce_prefix ? "for every member" : "for members with AS-SETs on record";
    add("a prefix that is not in the member's AS-SETs", std::string(where), 9);
    add("an origin that is not in the member's AS-SETs",
        policy.irr.enforce_origin ? "for every member" : "for members with AS-SETs on record", 10);
    if (policy.rpki == exchange::RpkiRule::kRejectInvalid) {
      add("an origin that is RPKI invalid", "RFC 6811", 13);
    }
  }

  static std::string next_hop(exchange::NextHopRule rule) {
    switch (rule) {
      case exchange::NextHopRule::kStrict:
        return "an address of the announcing router";
      case exchange::NextHopRule::kSameAs:
        return "an address of any router with the member's AS";
      case exchange::NextHopRule::kAnyOnLan:
        return "an address of any member's router";
    }
    return {};
  }

  const Exchange& exchange_;
  std::vector<std::vector<std::string>> rows_;
};

PageSection limits(const exchange::PrefixLimit& limit) {
  PageSection section{
      .heading = "Limits",
      .paragraphs = {},
      .columns = {"What", "Value"},
      .rows = {{"Prefixes of a member", families(limit.ipv4, limit.ipv6)},
               {"Warning", fmt::format("at {} %", limit.warn_percent)},
               {"What happens then", std::string(name_of(limit.action))},
               {"Rejected prefixes", limit.count_rejected ? "count" : "do not count"}}};
  if (limit.action == exchange::LimitAction::kRestart) {
    section.rows.push_back(
        {"The session comes back after", fmt::format("{} minutes", limit.restart_after.count())});
  }
  return section;
}

PageSection rpki(const exchange::RouteServerSite& site) {
  PageSection section{
      .heading = "RPKI", .paragraphs = {}, .columns = {"What", "Value"}, .rows = {}};
  std::string use = "origins are not validated";
  if (site.import.rpki == exchange::RpkiRule::kMark) use = "shown in the looking glass";
  if (site.import.rpki == exchange::RpkiRule::kRejectInvalid) use = "invalid routes are rejected";
  section.rows.push_back({"Origin validation", use});
  section.rows.push_back({"Caches", std::to_string(site.rpki.caches.size())});
  if (!site.rpki.vrps_file.empty()) section.rows.push_back({"File of VRPs", "yes"});
  section.rows.push_back({"Local exceptions", site.rpki.slurm_file.empty() ? "none" : "yes"});
  return section;
}

PageSection blackhole(const exchange::BlackholeRule& rule) {
  if (!rule.accept) {
    return {.heading = "Blackholing",
            .paragraphs = {"Routes with BLACKHOLE (RFC 7999) are as any other."},
            .columns = {},
            .rows = {}};
  }
  const auto next_hop = [](const std::optional<net::IpAddress>& address) {
    return address ? address->to_string() : "unchanged";
  };
  return {.heading = "Blackholing",
          .paragraphs = {"Routes with the community BLACKHOLE, 65535:666 (RFC 7999), are accepted "
                         "from members that an AS-SET or a ROA authorises, and go to others with "
                         "NO_EXPORT."},
          .columns = {"What", "IPv4", "IPv6"},
          .rows = {{"Lengths", text(rule.ipv4), text(rule.ipv6)},
                   {"Next hop", next_hop(rule.next_hop_ipv4), next_hop(rule.next_hop_ipv6)}}};
}

// "RS:0:PEER" with the exchange's AS number for RS.
std::string with_asn(std::string_view form, net::Asn asn) {
  std::string written(form);
  for (std::size_t at = 0; (at = written.find("RS")) != std::string::npos;) {
    written.replace(at, 2, std::to_string(asn.value));
  }
  return written;
}

// Meaning, large and standard community. An AS number of four octets has no standard ones.
std::vector<std::vector<std::string>> community_rows() {
  std::vector<std::vector<std::string>> rows{
      {"announce to everyone (the default)", "RS:1:0", "RS:RS"},
      {"do not announce to anyone", "RS:0:0", "0:RS"},
      {"announce to PEER", "RS:1:PEER", "RS:PEER"},
      {"do not announce to PEER", "RS:0:PEER", "0:PEER"}};
  for (const int n : {1, 2, 3}) {
    rows.push_back({fmt::format("prepend {} times to everyone", n), fmt::format("RS:10{}:0", n),
                    fmt::format("6550{}:RS", n)});
    rows.push_back({fmt::format("prepend {} times to PEER", n), fmt::format("RS:10{}:PEER", n),
                    fmt::format("6551{}:PEER", n)});
  }
  rows.push_back({"do not prepend to PEER", "RS:100:PEER", ""});
  rows.push_back({"add NO_EXPORT for PEER", "RS:65281:PEER", "65281:PEER"});
  rows.push_back({"add NO_ADVERTISE for PEER", "RS:65282:PEER", "65282:PEER"});
  return rows;
}

PageSection communities(const Exchange& exchange) {
  PageSection section{
      .heading = "Communities",
      .paragraphs = {"What names a peer goes before what names all, more prepends before fewer, "
                     "and \"do not\" before \"do\". They are removed before a route is announced. "
                     "PEER is an AS number."},
      .columns = {"Meaning", "Large (RFC 8092)", "Standard (RFC 1997)"},
      .rows = community_rows()};
  const bool fits = exchange.asn.value <= kLastTwoOctetAsn;
  for (auto& row : section.rows) {
    const bool names_us = row[2].find("RS") != std::string::npos;
    row[1] = with_asn(row[1], exchange.asn);
    row[2] = names_us && !fits ? "" : with_asn(row[2], exchange.asn);
  }
  if (exchange.route_server.import.graceful_shutdown) {
    section.rows.push_back({"graceful shutdown: the last choice (RFC 8326)", "", "65535:0"});
  }
  return section;
}

PageSection members(const Exchange& exchange) {
  PageSection section{.heading = "Members with filters of their own",
                      .paragraphs = {},
                      .columns = {"Member", "AS", "Setting", "Value"},
                      .rows = {}};
  const auto everyone = settings_of(exchange.route_server.import);
  for (const auto& one : exchange.participants) {
    if (!one.present) continue;
    const auto own = settings_of(one.import);
    for (std::size_t i = 0; i < own.size(); ++i) {
      const bool is_file = own[i].key.ends_with("_file");
      if (own[i] == everyone[i] || is_file) continue;
      section.rows.push_back({one.name, std::to_string(one.asn.value), own[i].key, own[i].value});
    }
  }
  if (section.rows.empty()) {
    section.paragraphs = {"None."};
    section.columns.clear();
  }
  return section;
}

}  // namespace

Page policy_page(const Exchange& exchange) {
  const exchange::RouteServerSite& site = exchange.route_server;
  return {.title = exchange.name + ": route server policy",
          .sections = {route_server(exchange), sessions(site.session), Filters(exchange).section(),
                       limits(site.import.limit), rpki(site), blackhole(site.import.blackhole),
                       communities(exchange), members(exchange)}};
}

}  // namespace fabrix::interchange
