#include "exchange/reload.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string_view>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "exchange/dynamic_neighbors.h"
#include "exchange/lasting_ids.h"
#include "exchange/policy_words.h"
#include "exchange/settings.h"

namespace fabrix::exchange {
namespace {

constexpr std::size_t kLongestShown = 60;  // of a value

template <typename T>
std::string list_of(const std::vector<T>& values) {
  std::string list;
  for (const T& value : values) list += (list.empty() ? "" : ", ") + value.to_string();
  return list.empty() ? "none" : list;
}

std::string shown(const std::string& text) {
  return text.empty() ? "none" : text;
}

std::string rate_text(const std::optional<std::uint32_t>& rate) {
  return rate ? std::to_string(*rate) : "as the exchange's";
}

std::string vlan_text(std::uint16_t vlan) {
  return vlan == 0 ? "none" : std::to_string(vlan);
}

std::vector<Error> fixed_differences(const Exchange& running, const Exchange& candidate) {
  std::vector<Error> errors;
  const auto check = [&](std::string_view what, const std::string& was, const std::string& is) {
    if (was == is) return;
    errors.push_back({fmt::format("{} cannot change without a restart: {} -> {}", what, was, is)});
  };
  const auto number = [](auto value) { return std::to_string(value); };
  const RouteServerSite& was = running.route_server;
  const RouteServerSite& is = candidate.route_server;
  check("the exchange's AS number", number(running.asn.value), number(candidate.asn.value));
  check("the router id", running.router_id.to_string(), candidate.router_id.to_string());
  check("the peering LAN", list_of(running.peering_lan), list_of(candidate.peering_lan));
  check("the virtual next hops", list_of(running.virtual_next_hops),
        list_of(candidate.virtual_next_hops));
  check("the route server's addresses", list_of(was.addresses), list_of(is.addresses));
  check("the route server's TCP port", number(was.tcp_port), number(is.tcp_port));
  check("the route server's fabric port", number(was.port.value), number(is.port.value));
  check("the route server's MAC address", was.mac.to_string(), is.mac.to_string());
  check("the type of the fabric", std::string(name_of(running.fabric.type)),
        std::string(name_of(candidate.fabric.type)));
  check("where the fabric is pinned", running.fabric.pins, candidate.fabric.pins);
  check("the fabric's generation", number(running.fabric.generation),
        number(candidate.fabric.generation));
  for (const auto& what : differences(running.fabric.topology, candidate.fabric.topology)) {
    errors.push_back({"the fabric's switches and links cannot change without a restart: " + what});
  }
  return errors;
}

// The settings whose values differ, as lines.
std::vector<std::string> differences(const std::vector<Setting>& was,
                                     const std::vector<Setting>& is) {
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < is.size(); ++i) {
    if (was[i] == is[i]) continue;
    const bool is_short =
        was[i].value.size() <= kLongestShown && is[i].value.size() <= kLongestShown;
    lines.push_back(is_short ? fmt::format("{} {} -> {}", is[i].key, was[i].value, is[i].value)
                             : is[i].key + " changed");
  }
  return lines;
}

std::vector<std::string> differences(const SessionPolicy& was, const SessionPolicy& is) {
  auto lines = differences(settings_of(was), settings_of(is));
  const bool both = was.md5_password && is.md5_password;
  if (both && was.md5_password != is.md5_password) lines.emplace_back("md5_password changed");
  return lines;
}

std::vector<std::string> differences(const ImportPolicy& was, const ImportPolicy& is) {
  return differences(settings_of(was), settings_of(is));
}

std::string peers_text(const Exchange& exchange, const Participant& participant) {
  if (!participant.peers) return "everyone";
  std::string list;
  for (const net::ParticipantId peer : *participant.peers) {
    list += (list.empty() ? "" : ", ") + exchange.participant(peer).name;
  }
  return "[" + list + "]";
}

// What is on the wire from the OPEN on, or under the connection. The rest takes effect on the next
// connection or on nothing that was sent.
bool needs_reset(SessionPolicy was, const SessionPolicy& is) {
  was.send_hold = is.send_hold;
  was.dialling = is.dialling;
  return was != is;
}

// The whole difference, and what it means for the sessions.
class Difference {
 public:
  Difference(const Exchange& running, const Exchange& next) : running_(running), next_(next) {}

  std::vector<Change> changes();
  std::vector<SessionChange> sessions() const;

 private:
  struct Side {
    const Router* router;
    const Participant* participant;
  };
  using Sides = std::map<net::IpAddress, Side>;

  void add(const std::string& subject, std::vector<std::string> lines) {
    for (std::string& line : lines) changes_.push_back({subject, std::move(line)});
  }
  void compare_route_server();
  void compare_ranges();
  void compare_participant(const Participant& is);
  void compare_values(const Participant& was, const Participant& is, const std::string& subject);
  void compare_router(const Router& is);

  static Sides sides_of(const Exchange& exchange);
  static std::optional<SessionEffect> effect(const Side& was, const Side& is);

  // What the participant at this id was, if it was there.
  const Participant* before(net::ParticipantId id) const {
    const bool known = id.index() < running_.participants.size();
    return known && running_.participant(id).present ? &running_.participant(id) : nullptr;
  }
  const Router* before(net::RouterId id) const {
    const bool known = id.index() < running_.routers.size();
    return known && running_.router(id).present ? &running_.router(id) : nullptr;
  }

  const Exchange& running_;
  const Exchange& next_;
  std::vector<Change> changes_;
  std::vector<std::string> default_session_;  // what changed for everyone
  std::vector<std::string> default_import_;
  std::vector<std::string> default_sources_;
};

// What changed for one and not just for everyone.
std::vector<std::string> without(std::vector<std::string> lines,
                                 const std::vector<std::string>& everyones) {
  std::erase_if(lines, [&](const std::string& line) {
    return std::find(everyones.begin(), everyones.end(), line) != everyones.end();
  });
  return lines;
}

void Difference::compare_route_server() {
  const RouteServerSite& was = running_.route_server;
  const RouteServerSite& is = next_.route_server;
  if (running_.name != next_.name) {
    add("exchange", {fmt::format("name {} -> {}", running_.name, next_.name)});
  }
  if (running_.fsm_instances != next_.fsm_instances) {
    add("exchange",
        {fmt::format("fsm_instances {} -> {}", running_.fsm_instances, next_.fsm_instances)});
  }
  add("fabric", differences(settings_of(running_.fabric), settings_of(next_.fabric)));
  add("sflow", differences(settings_of(running_.sflow), settings_of(next_.sflow)));
  if (running_.arp_sponge != next_.arp_sponge) {
    add("exchange", {fmt::format("arp_sponge {} -> {}", running_.arp_sponge, next_.arp_sponge)});
  }
  default_sources_ = differences(settings_of(running_.sources), settings_of(next_.sources));
  add("port_security", default_sources_);
  add("route server", differences(settings_of(was), settings_of(is)));
  default_session_ = differences(was.session, is.session);
  default_import_ = differences(was.import, is.import);
  add("defaults", default_session_);
  add("defaults", default_import_);
}

void Difference::compare_ranges() {
  const auto find = [](const Exchange& exchange, const net::Prefix& prefix) -> const DynamicRange* {
    const auto& ranges = exchange.route_server.dynamic;
    const auto found = std::find_if(ranges.begin(), ranges.end(),
                                    [&](const DynamicRange& one) { return one.prefix == prefix; });
    return found == ranges.end() ? nullptr : &*found;
  };
  const auto subject = [](const DynamicRange& range) {
    return "neighbours from " + range.prefix.to_string();
  };
  for (const DynamicRange& was : running_.route_server.dynamic) {
    if (find(next_, was.prefix) == nullptr) add(subject(was), {"removed"});
  }
  for (const DynamicRange& is : next_.route_server.dynamic) {
    const DynamicRange* const was = find(running_, is.prefix);
    if (was == nullptr) {
      add(subject(is), {fmt::format("added, limit {}", is.limit)});
      continue;
    }
    auto lines = differences(settings_of(*was), settings_of(is));
    const auto& key = was->session.md5_password;
    if (key && is.session.md5_password && key != is.session.md5_password) {
      lines.emplace_back("md5_password changed");
    }
    add(subject(is), without(without(std::move(lines), default_session_), default_import_));
  }
}

void Difference::compare_values(const Participant& was, const Participant& is,
                                const std::string& subject) {
  if (was.asn != is.asn) add(subject, {fmt::format("asn {} -> {}", was.asn.value, is.asn.value)});
  if (is.dynamic) return;  // The rest is its range's.
  if (was.policy_file != is.policy_file) {
    add(subject, {fmt::format("policy {} -> {}", was.policy_file.value_or("none"),
                              is.policy_file.value_or("none"))});
  }
  if (was.peers != is.peers) {
    add(subject, {fmt::format("peers {} -> {}", peers_text(running_, was), peers_text(next_, is))});
  }
  add(subject, without(differences(was.session, is.session), default_session_));
  add(subject, without(differences(was.import, is.import), default_import_));
}

void Difference::compare_participant(const Participant& is) {
  const Participant* const was = before(is.id);
  const std::string subject = "participant " + is.name;
  if (was == nullptr && is.present) {
    add(subject, {fmt::format("added, AS{}", is.asn.value)});
  } else if (was != nullptr && !is.present) {
    add(subject, {"removed"});
  } else if (was != nullptr) {
    compare_values(*was, is, subject);
  }
}

void Difference::compare_router(const Router& is) {
  const Router* const was = before(is.id);
  const std::string subject = "router " + is.name;
  if (was == nullptr && is.present) {
    const std::string what = is.middlebox ? "a middlebox port" : list_of(is.addresses);
    add(subject, {fmt::format("added to {}, {}", next_.owner(is.id).name, what)});
  } else if (was != nullptr && !is.present) {
    add(subject, {"removed"});
  }
  if (was == nullptr || !is.present) return;
  const std::vector<Setting> old{{"mac", was->mac.to_string()},
                                 {"port", std::to_string(was->port.value)},
                                 {"interface", shown(was->interface)},
                                 {"addresses", list_of(was->addresses)},
                                 {"middlebox", was->middlebox ? "true" : "false"},
                                 {"sflow_rate", rate_text(was->sflow_rate)},
                                 {"vlan", vlan_text(was->vlan)}};
  const std::vector<Setting> now{{"mac", is.mac.to_string()},
                                 {"port", std::to_string(is.port.value)},
                                 {"interface", shown(is.interface)},
                                 {"addresses", list_of(is.addresses)},
                                 {"middlebox", is.middlebox ? "true" : "false"},
                                 {"sflow_rate", rate_text(is.sflow_rate)},
                                 {"vlan", vlan_text(is.vlan)}};
  add(subject, differences(old, now));
  add(subject,
      without(differences(settings_of(was->sources), settings_of(is.sources)), default_sources_));
}

std::vector<Change> Difference::changes() {
  compare_route_server();
  compare_ranges();
  for (const Participant& participant : next_.participants) compare_participant(participant);
  for (const Router& router : next_.routers) compare_router(router);
  return std::exchange(changes_, {});
}

Difference::Sides Difference::sides_of(const Exchange& exchange) {
  Sides sides;
  for (const Router& router : exchange.routers) {
    for (const net::IpAddress& address : router.addresses) {
      sides.emplace(address, Side{&router, &exchange.participant(router.participant)});
    }
  }
  return sides;
}

std::optional<SessionEffect> Difference::effect(const Side& was, const Side& is) {
  const bool same_router = was.router->id == is.router->id;
  if (!same_router || was.participant->asn != is.participant->asn ||
      needs_reset(was.participant->session, is.participant->session)) {
    return SessionEffect::kReset;
  }
  const bool differs = was.participant->import != is.participant->import ||
                       was.participant->peers != is.participant->peers ||
                       was.router->addresses != is.router->addresses;
  return differs ? std::optional(SessionEffect::kReevaluate) : std::nullopt;
}

std::vector<SessionChange> Difference::sessions() const {
  const Sides was = sides_of(running_);
  const Sides is = sides_of(next_);
  // Whose addresses there are decides which next hops of others are good, if not strictly judged.
  const auto owners = [](const Sides& sides) {
    std::vector<std::pair<net::IpAddress, net::Asn>> all;
    for (const auto& [address, side] : sides) all.emplace_back(address, side.participant->asn);
    return all;
  };
  const bool moved = owners(was) != owners(is);

  std::map<net::IpAddress, SessionChange> found;
  for (const auto& [address, side] : was) {
    if (!is.contains(address)) {
      found[address] = {address, side.router->id, SessionEffect::kRemoved};
    }
  }
  for (const auto& [address, side] : is) {
    const auto old = was.find(address);
    auto what = old == was.end() ? SessionEffect::kAdded : effect(old->second, side);
    const bool depends = side.participant->import.next_hop != NextHopRule::kStrict;
    if (!what && moved && depends) what = SessionEffect::kReevaluate;
    if (what) found[address] = {address, side.router->id, *what};
  }
  std::vector<SessionChange> all;
  all.reserve(found.size());
  for (const auto& [address, change] : found) all.push_back(change);
  return all;
}

}  // namespace

std::string to_string(const Change& change) {
  return change.subject + ": " + change.what;
}

Result<Reload, std::vector<Error>> plan(const Exchange& running, Exchange candidate) {
  auto errors = fixed_differences(running, candidate);
  keep_neighbors(running, candidate);
  auto next = with_lasting_ids(running, std::move(candidate));
  if (!next) errors.insert(errors.end(), next.error().begin(), next.error().end());
  if (!errors.empty()) return fail(std::move(errors));
  Difference difference(running, *next);
  auto changes = difference.changes();
  auto sessions = difference.sessions();
  return Reload{*std::move(next), std::move(changes), std::move(sessions)};
}

}  // namespace fabrix::exchange
