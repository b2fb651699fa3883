#include "lab/steps.h"

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "exchange/config_value.h"
#include "exchange/settings.h"
#include "lab/abuse_frames.h"
#include "lab/stream.h"

namespace fabrix::lab {
namespace {

using exchange::YamlNode;
using exchange::YamlReader;
using Keys = std::vector<std::string>;

constexpr std::size_t kMaxSteps = 10'000;
constexpr std::uint8_t kTcp = 6;
constexpr std::uint8_t kUdp = 17;

std::optional<std::chrono::milliseconds> read_milliseconds(YamlReader& reader,
                                                           const YamlNode& node) {
  const auto number = reader.number(node, {.least = 1, .most = 10'000});
  if (!number) return std::nullopt;
  return std::chrono::milliseconds(*number);
}

std::optional<std::size_t> read_count(YamlReader& reader, const YamlNode& node) {
  const auto number = reader.number(node, {.least = 1, .most = 10'000});
  if (!number) return std::nullopt;
  return static_cast<std::size_t>(*number);
}

Keys names_of(const std::vector<LabRouter>& routers) {
  Keys names;
  names.reserve(routers.size());
  for (const LabRouter& router : routers) names.push_back(router.name);
  return names;
}

// What reads the body of one kind of step.
class StepReader {
 public:
  StepReader(YamlReader& reader, const Definition& lab)
      : reader_(reader), lab_(lab), routers_(names_of(lab.routers)), cables_(routers_) {
    for (const LabMiddlebox& each : lab.middleboxes) cables_.push_back(each.name);
    for (const auto& participant : lab.exchange.participants) {
      participants_.push_back(participant.name);
    }
    for (const auto& spec : lab.exchange.fabric.topology.switches) switches_.push_back(spec.name);
  }

  std::optional<Action> routes(const YamlNode& node) {
    static const Keys keys{"router", "groups", "via"};
    if (!reader_.expect_map(node, keys)) return std::nullopt;
    const auto router = router_of(node, "router");
    const YamlNode* const groups = reader_.require(node, "groups");
    const YamlNode* const via = reader_.require(node, "via");
    if (!router || groups == nullptr || via == nullptr) return std::nullopt;
    RoutesStep step{.router = *router, .groups = {}, .via = std::nullopt};
    if (via->scalar != "virtual") {
      step.via = known(*via, routers_, "router");
      if (!step.via) return std::nullopt;
    }
    const auto items = reader_.list(*groups, "a list of groups of prefixes");
    if (!items) return std::nullopt;
    for (const YamlNode& item : *items) step.groups.push_back(prefixes(item));
    return step;
  }

  std::optional<Action> on_link(const YamlNode& node) {
    static const Keys keys{"router", "prefix"};
    if (!reader_.expect_map(node, keys)) return std::nullopt;
    const auto router = router_of(node, "router");
    const auto prefix = prefix_of(node);
    if (!router || !prefix) return std::nullopt;
    return OnLinkStep{.router = *router, .prefix = *prefix};
  }

  std::optional<Action> traffic(const YamlNode& node) {
    static const Keys keys{"from", "packet", "arrives"};
    if (!reader_.expect_map(node, keys)) return std::nullopt;
    const auto from = router_of(node, "from");
    const YamlNode* const packet = reader_.require(node, "packet");
    const YamlNode* const arrives = reader_.require(node, "arrives");
    if (!from || packet == nullptr || arrives == nullptr) return std::nullopt;
    TrafficStep step;
    step.from = *from;
    if (arrives->scalar != "nowhere") {
      step.arrives = known(*arrives, routers_, "router");
      if (!step.arrives) return std::nullopt;
    }
    if (!read_packet(*packet, step)) return std::nullopt;
    return step;
  }

  std::optional<Action> failover(const YamlNode& node) {
    static const Keys keys{"from", "to", "arrives", "switch", "state", "within"};
    if (!reader_.expect_map(node, keys)) return std::nullopt;
    const auto from = router_of(node, "from");
    const auto arrives = router_of(node, "arrives");
    const YamlNode* const to = reader_.require(node, "to");
    const YamlNode* const at = reader_.require(node, "switch");
    const auto state = state_of(node);
    if (!from || !arrives || to == nullptr || at == nullptr || !state) return std::nullopt;
    const auto name = known(*at, switches_, "switch");
    const auto address = exchange::read_server(reader_, *to, std::nullopt);
    if (!name || !address) return std::nullopt;
    FailoverStep step{
        .from = *from, .to = *address, .arrives = *arrives, .at = *name, .state = *state};
    if (!lab_.find_router(*arrives)->owns(step.to.address)) {
      reader_.error(to->at, "L0116",
                    fmt::format("{} does not have {}", *arrives, step.to.address.to_string()),
                    "a router has the first host address of each of its prefixes");
      return std::nullopt;
    }
    if (lab_.find_router(*from)->addresses(step.to.address.family()).empty()) {
      reader_.error(to->at, "L0115", fmt::format("{} has no address of that family", *from));
      return std::nullopt;
    }
    exchange::read_into(reader_, node.find("within"), read_milliseconds, step.within);
    return step;
  }

  std::optional<Action> abuse(const YamlNode& node) {
    static const Keys keys{"from", "against", "frames", "times", "dropped", "limit", "raw"};
    if (!reader_.expect_map(node, keys)) return std::nullopt;
    const auto from = router_of(node, "from");
    const auto against = router_of(node, "against");
    const YamlNode* const frames = reader_.require(node, "frames");
    const YamlNode* const dropped = reader_.require(node, "dropped");
    if (!from || !against || frames == nullptr || dropped == nullptr) return std::nullopt;
    const auto reason = reason_of(*dropped);
    const auto items = reader_.list(*frames, "a list of names of frames");
    if (!reason || !items || !check_parties(node, *from, *against)) return std::nullopt;
    AbuseStep step{.from = *from, .against = *against, .frames = {}, .dropped = *reason};
    static const Keys names = [] {
      const auto all = abuse_names();
      return Keys(all.begin(), all.end());
    }();
    for (const YamlNode& item : *items) {
      const auto name = known(item, names, "frame");
      if (!name) return std::nullopt;
      step.frames.push_back(*name);
    }
    exchange::read_into(reader_, node.find("times"), read_count, step.times);
    exchange::read_into(reader_, node.find("limit"), read_count, step.limit);
    exchange::read_into(reader_, node.find("raw"), exchange::read_flag, step.is_raw);
    return step;
  }

  std::optional<Action> route(const YamlNode& node, RouteChange change) {
    static const Keys keys{"router", "prefix"};
    if (!reader_.expect_map(node, keys)) return std::nullopt;
    const auto router = router_of(node, "router");
    const auto prefix = prefix_of(node);
    if (!router || !prefix) return std::nullopt;
    const auto& own = lab_.find_router(*router)->prefixes;
    if (std::ranges::find(own, *prefix) == own.end()) {
      reader_.error(node.find("prefix")->at, "L0110",
                    fmt::format("{} does not originate {}", *router, prefix->to_string()),
                    fmt::format("add it to the prefixes of {}", *router));
      return std::nullopt;
    }
    return RouteStep{.change = change, .router = *router, .prefix = *prefix};
  }

  std::optional<Action> link(const YamlNode& node) {
    const auto changed = router_and_state(node, cables_);
    if (!changed) return std::nullopt;
    return LinkStep{.router = changed->first, .state = changed->second};
  }

  std::optional<Action> session(const YamlNode& node) {
    const auto changed = router_and_state(node, routers_);
    if (!changed) return std::nullopt;
    return SessionStep{.router = changed->first, .state = changed->second};
  }

  std::optional<Action> policy(const YamlNode& node) {
    static const Keys keys{"participant", "file", "remove"};
    if (!reader_.expect_map(node, keys)) return std::nullopt;
    const YamlNode* const name = reader_.require(node, "participant");
    const auto participant =
        name == nullptr ? std::nullopt : known(*name, participants_, "participant");
    const YamlNode* const file = node.find("file");
    const YamlNode* const remove = node.find("remove");
    if ((file == nullptr) == (remove == nullptr)) {
      reader_.error(node.at, "L0111", "a policy step has either 'file' or 'remove: true'");
      return std::nullopt;
    }
    if (remove != nullptr && remove->scalar != "true") {
      reader_.wrong_type(*remove, "true");
      return std::nullopt;
    }
    PolicyStep step;
    if (file != nullptr) step.file = reader_.text(*file, "the name of a file");
    if (!participant || (file != nullptr && !step.file)) return std::nullopt;
    step.participant = *participant;
    return step;
  }

  std::optional<Action> note(const YamlNode& node) {
    const auto text = reader_.text(node, "a line of text");
    if (!text) return std::nullopt;
    return NoteStep{*text};
  }

 private:
  std::optional<std::string> known(const YamlNode& node, const Keys& names, std::string_view what) {
    auto name = reader_.text(node, fmt::format("the name of a {}", what));
    if (!name || std::ranges::find(names, *name) != names.end()) return name;
    reader_.error(node.at, "L0112", fmt::format("no {} is called {}", what, exchange::quote(*name)),
                  exchange::suggest_name(*name, names, fmt::format("{}s", what)));
    return std::nullopt;
  }

  std::optional<std::string> router_of(const YamlNode& map, std::string_view key) {
    const YamlNode* const node = reader_.require(map, key);
    return node == nullptr ? std::nullopt : known(*node, routers_, "router");
  }

  std::optional<program::DropReason> reason_of(const YamlNode& node) {
    Keys names;
    for (std::size_t i = 0; i < program::kDropReasonCount; ++i) {
      names.emplace_back(program::name_of(static_cast<program::DropReason>(i)));
    }
    const auto name = known(node, names, "reason");
    if (!name) return std::nullopt;
    return static_cast<program::DropReason>(std::ranges::find(names, *name) - names.begin());
  }

  bool check_parties(const YamlNode& node, const std::string& from, const std::string& against) {
    const exchange::Exchange& exchange = lab_.exchange;
    const auto has_both = [](const std::vector<net::IpAddress>& addresses) {
      const auto has = [&](net::Family family) {
        return std::ranges::find(addresses, family, &net::IpAddress::family) != addresses.end();
      };
      return has(net::Family::kIpv4) && has(net::Family::kIpv6);
    };
    if (from == against) {
      reader_.error(node.at, "L0121", "nobody abuses the LAN against itself");
      return false;
    }
    if (!has_both(exchange.find_router(from)->addresses) ||
        !has_both(exchange.find_router(against)->addresses) ||
        !has_both(exchange.route_server.addresses)) {
      reader_.error(node.at, "L0122",
                    "both routers and the route server need an IPv4 and an IPv6 address");
      return false;
    }
    const bool has_virtual = std::ranges::any_of(
        exchange.virtual_next_hops,
        [](const net::Prefix& range) { return range.family() == net::Family::kIpv4; });
    if (!has_virtual) {
      reader_.error(node.at, "L0123", "the exchange needs virtual next hops that are IPv4");
    }
    return has_virtual;
  }

  std::optional<net::Prefix> prefix_of(const YamlNode& map) {
    const YamlNode* const node = reader_.require(map, "prefix");
    return node == nullptr ? std::nullopt : exchange::read_prefix(reader_, *node);
  }

  std::vector<net::Prefix> prefixes(const YamlNode& node) {
    std::vector<net::Prefix> result;
    const auto items = reader_.list(node, "a list of prefixes");
    if (!items) return result;
    for (const YamlNode& item : *items) {
      if (const auto prefix = exchange::read_prefix(reader_, item)) result.push_back(*prefix);
    }
    return result;
  }

  std::optional<std::pair<std::string, PowerState>> router_and_state(const YamlNode& node,
                                                                     const Keys& names) {
    static const Keys keys{"router", "state"};
    if (!reader_.expect_map(node, keys)) return std::nullopt;
    const YamlNode* const which = reader_.require(node, "router");
    const auto router = which == nullptr ? std::nullopt : known(*which, names, "router");
    const auto state = state_of(node);
    if (!router || !state) return std::nullopt;
    return std::pair{*router, *state};
  }

  std::optional<PowerState> state_of(const YamlNode& map) {
    const YamlNode* const state = reader_.require(map, "state");
    if (state == nullptr) return std::nullopt;
    if (state->scalar == "up") return PowerState::kUp;
    if (state->scalar == "down") return PowerState::kDown;
    reader_.wrong_type(*state, "up or down");
    return std::nullopt;
  }

  bool read_packet(const YamlNode& node, TrafficStep& step) {
    const auto text = reader_.text(node, "a packet");
    if (!text) return false;
    const auto packet = net::parse_packet(*text);
    if (!packet) {
      reader_.error(node.at, "L0113", packet.error().message,
                    "such as \"tcp 100.0.0.1 -> 140.0.0.1:80\"");
      return false;
    }
    step.packet = *packet;
    step.packet_text = *text;
    return check_packet(node, step);
  }

  bool check_packet(const YamlNode& node, const TrafficStep& step) {
    const net::Packet& packet = step.packet;
    if ((packet.protocol != kTcp && packet.protocol != kUdp) || packet.dst_port == 0) {
      reader_.error(node.at, "L0114", "traffic is tcp or udp, to a port");
      return false;
    }
    if (!lab_.find_router(step.from)->owns(packet.src_ip)) {
      reader_.error(node.at, "L0115",
                    fmt::format("{} is no address of {}", packet.src_ip.to_string(), step.from),
                    "a router has the first host address of each of its prefixes");
      return false;
    }
    const bool somewhere = std::ranges::any_of(
        lab_.routers, [&](const LabRouter& router) { return router.owns(packet.dst_ip); });
    if (somewhere) return true;
    reader_.error(node.at, "L0116", fmt::format("no router has {}", packet.dst_ip.to_string()),
                  "a router has the first host address of each of its prefixes");
    return false;
  }

  YamlReader& reader_;
  const Definition& lab_;
  Keys routers_;
  Keys cables_;  // routers and middleboxes
  Keys participants_;
  Keys switches_;
};

const Keys& kinds() {
  static const Keys names{"routes",  "on_link",  "traffic", "announce", "withdraw", "link",
                          "session", "failover", "abuse",   "policy",   "note"};
  return names;
}

std::optional<Action> read_action(StepReader& reader, const YamlNode::Entry& entry) {
  if (entry.key == "routes") return reader.routes(entry.value);
  if (entry.key == "on_link") return reader.on_link(entry.value);
  if (entry.key == "traffic") return reader.traffic(entry.value);
  if (entry.key == "announce") return reader.route(entry.value, RouteChange::kAnnounce);
  if (entry.key == "withdraw") return reader.route(entry.value, RouteChange::kWithdraw);
  if (entry.key == "link") return reader.link(entry.value);
  if (entry.key == "session") return reader.session(entry.value);
  if (entry.key == "failover") return reader.failover(entry.value);
  if (entry.key == "abuse") return reader.abuse(entry.value);
  if (entry.key == "policy") return reader.policy(entry.value);
  if (entry.key == "note") return reader.note(entry.value);
  return std::nullopt;  // Reported already: expect_map() knows the kinds.
}

std::string_view name_of(PowerState state) {
  return state == PowerState::kUp ? "up" : "down";
}

struct Describe {
  std::string operator()(const RoutesStep& step) const {
    std::string text = step.router + " has";
    for (const auto& group : step.groups) {
      if (&group != &step.groups.front()) text += " |";
      for (const net::Prefix& prefix : group) text += " " + prefix.to_string();
    }
    const std::string_view virtual_hop =
        step.groups.size() == 1 ? "a virtual next hop" : "virtual next hops";
    return text + " via " + step.via.value_or(std::string(virtual_hop));
  }
  std::string operator()(const OnLinkStep& step) const {
    return fmt::format("{} has {} on link", step.router, step.prefix.to_string());
  }
  std::string operator()(const TrafficStep& step) const {
    return fmt::format("{}: {} arrives {}", step.from, step.packet_text,
                       step.arrives ? "at " + *step.arrives : "nowhere");
  }
  std::string operator()(const RouteStep& step) const {
    const bool announces = step.change == RouteChange::kAnnounce;
    return fmt::format("{} {} {}", step.router, announces ? "announces" : "withdraws",
                       step.prefix.to_string());
  }
  std::string operator()(const LinkStep& step) const {
    return fmt::format("the link of {} goes {}", step.router, name_of(step.state));
  }
  std::string operator()(const SessionStep& step) const {
    const bool starts = step.state == PowerState::kUp;
    return fmt::format("the daemon of {} {}", step.router, starts ? "starts" : "stops");
  }
  std::string operator()(const FailoverStep& step) const {
    return fmt::format("{}: {} flows to {} arrive at {} while switch {} goes {}", step.from, kFlows,
                       to_string(step.to), step.arrives, step.at, name_of(step.state));
  }
  std::string operator()(const AbuseStep& step) const {
    std::string text = step.from + " sends";
    for (const std::string& frame : step.frames) text += " " + frame;
    if (step.limit == 0) return text + fmt::format(": nobody gets any, {}", name_of(step.dropped));
    return text + fmt::format(" {} times: at most {} get through, then {}", step.times, step.limit,
                              name_of(step.dropped));
  }
  std::string operator()(const PolicyStep& step) const {
    if (!step.file) return fmt::format("{} removes its policy", step.participant);
    return fmt::format("{} sets its policy to {}", step.participant, *step.file);
  }
  std::string operator()(const NoteStep& step) const { return step.text; }
};

}  // namespace

void read_steps(YamlReader& reader, const YamlNode& node, Definition& lab) {
  const auto items = reader.list(node, "a list of steps");
  if (!items) return;
  StepReader steps(reader, lab);
  for (const YamlNode& item : *items) {
    if (lab.steps.size() == kMaxSteps) {
      reader.error(item.at, "L0117", fmt::format("more than {} steps", kMaxSteps));
      return;
    }
    if (!reader.expect_map(item, kinds())) continue;
    if (item.entries.size() != 1) {
      reader.error(item.at, "L0118", "a step has one key, which says its kind");
      continue;
    }
    auto action = read_action(steps, item.entries.front());
    if (action) lab.steps.push_back({.line = item.at.line, .action = *std::move(action)});
  }
}

std::string describe(const Step& step) {
  return std::visit(Describe{}, step.action);
}

}  // namespace fabrix::lab
