#include "lab/checks.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "lab/abuse.h"
#include "lab/abuse_frames.h"
#include "lab/interrupt.h"
#include "lab/stream.h"
#include "lab/traffic.h"

namespace fabrix::lab {
namespace {

namespace json = boost::json;
using Clock = std::chrono::steady_clock;
using std::chrono::duration_cast;
using std::chrono::milliseconds;

std::string optional_text(const json::object& object, std::string_view key) {
  const json::value* const value = object.if_contains(key);
  return value != nullptr && value->is_string() ? std::string(value->as_string()) : "";
}

const io::Route* find_exactly(const std::vector<io::Route>& routes, const net::Prefix& prefix) {
  const auto found = std::ranges::find(routes, prefix, &io::Route::destination);
  return found == routes.end() ? nullptr : &*found;
}

const io::Route* find_longest(const std::vector<io::Route>& routes, const net::IpAddress& address) {
  const io::Route* best = nullptr;
  for (const io::Route& route : routes) {
    if (!route.destination.contains(address)) continue;
    if (best == nullptr || route.destination.length() > best->destination.length()) best = &route;
  }
  return best;
}

net::IpAddress address_of(const std::vector<net::IpAddress>& addresses, net::Family family) {
  return *std::ranges::find(addresses, family, &net::IpAddress::family);
}

AbuseParty party(net::MacAddress mac, const std::vector<net::IpAddress>& addresses) {
  return {.mac = mac,
          .ip4 = address_of(addresses, net::Family::kIpv4),
          .ip6 = address_of(addresses, net::Family::kIpv6)};
}

// An address of the prefix that no router of a lab has.
net::IpAddress unused_of(const net::Prefix& prefix) {
  const auto octets = prefix.address().octets();
  const auto copy = [&](auto array) {
    std::ranges::copy(octets, array.begin());
    constexpr std::uint8_t kUnused = 0xed;
    array.back() = kUnused;
    return array;
  };
  if (prefix.family() == net::Family::kIpv4) {
    return net::IpAddress::v4(copy(std::array<std::uint8_t, 4>{}));
  }
  return net::IpAddress::v6(copy(std::array<std::uint8_t, 16>{}));
}

const net::Prefix& prefix_of(const std::vector<net::Prefix>& prefixes, net::Family family) {
  return *std::ranges::find(prefixes, family, &net::Prefix::family);
}

AbuseParties parties_of(const exchange::Exchange& exchange, const AbuseStep& step) {
  const exchange::Router& from = *exchange.find_router(step.from);
  const exchange::Router& against = *exchange.find_router(step.against);
  const auto& site = exchange.route_server;
  constexpr std::uint64_t kNobody = 0x0200deadbeef;
  return {
      .offender = party(from.mac, from.addresses),
      .victim = party(against.mac, against.addresses),
      .server = party(site.mac, site.addresses),
      .nobody = {.mac = net::MacAddress::from_u64(kNobody),
                 .ip4 = unused_of(prefix_of(exchange.peering_lan, net::Family::kIpv4)),
                 .ip6 = unused_of(prefix_of(exchange.peering_lan, net::Family::kIpv6))},
      .virtual_ip = unused_of(prefix_of(exchange.virtual_next_hops, net::Family::kIpv4)),
  };
}

class Runner {
 public:
  explicit Runner(Lab& lab) : lab_(lab) {}

  // NOLINTNEXTLINE(readability-convert-member-functions-to-static): the lambda uses *this.
  Outcome run(const Step& step) {
    const auto begin = Clock::now();
    Outcome outcome;
    outcome.line = step.line;
    outcome.text = describe(step);
    std::visit([&](const auto& action) { carry_out(action, outcome); }, step.action);
    outcome.took = duration_cast<milliseconds>(Clock::now() - begin);
    return outcome;
  }

 private:
  // --- Changes.

  void finish_change(Outcome& outcome, std::string_view kind, const Result<void>& done) {
    outcome.kind = kind;
    outcome.verdict = done ? Verdict::kDone : Verdict::kFailed;
    if (!done) outcome.seen = done.error().message;
    changed_ = Clock::now();
  }

  void carry_out(const RouteStep& step, Outcome& outcome) {
    const bool announces = step.change == RouteChange::kAnnounce;
    finish_change(outcome, announces ? "announce" : "withdraw", lab_.change_route(step));
  }
  void carry_out(const LinkStep& step, Outcome& outcome) {
    finish_change(outcome, "link", lab_.change_link(step));
  }
  void carry_out(const SessionStep& step, Outcome& outcome) {
    finish_change(outcome, "session", lab_.change_session(step));
  }
  void carry_out(const PolicyStep& step, Outcome& outcome) {
    finish_change(outcome, "policy", lab_.change_policy(step));
  }
  static void carry_out(const NoteStep& /*step*/, Outcome& outcome) { outcome.kind = "note"; }

  // --- Expectations.

  milliseconds time_left() const {
    const auto left = duration_cast<milliseconds>(changed_ + kConvergence - Clock::now());
    return std::max(left, milliseconds(0));
  }

  struct Seen {
    std::string what;
    std::string evidence{};
  };

  // `holds` says what it saw, or why it does not hold.
  void expect(Outcome& outcome, const std::function<Result<Seen>()>& holds) {
    const auto held = wait_until(time_left(), [&]() -> Result<void> {
      auto answer = holds();
      if (!answer) return fail(std::move(answer).error());
      outcome.seen = std::move(answer->what);
      outcome.evidence = std::move(answer->evidence);
      return {};
    });
    outcome.verdict = held ? Verdict::kPassed : Verdict::kFailed;
    if (!held) outcome.seen = held.error().message;
  }

  void carry_out(const OnLinkStep& step, Outcome& outcome) {
    outcome.kind = "on_link";
    outcome.expected = "on link";
    expect(outcome, [&]() -> Result<Seen> {
      FABRIX_TRY(const auto routes, lab_.routes_of(step.router, step.prefix.family()));
      const io::Route* const route = find_exactly(routes, step.prefix);
      if (route == nullptr) return fail(Error{"no route"});
      if (route->gateway) return fail(Error{"via " + route->gateway->to_string()});
      return Seen{"on " + route->link};
    });
  }

  void carry_out(const RoutesStep& step, Outcome& outcome) {
    outcome.kind = "routes";
    outcome.expected = "via " + step.via.value_or("virtual next hops");
    expect(outcome, [&] { return gateways_of(step); });
  }

  Result<Seen> gateways_of(const RoutesStep& step) const {
    std::vector<net::IpAddress> all;
    for (const auto& group : step.groups) {
      FABRIX_TRY(const auto gateways, gateways_of(step, group));
      all.insert(all.end(), gateways.begin(), gateways.end());
    }
    std::string seen;
    for (const net::IpAddress& gateway : all) {
      seen += (seen.empty() ? "via " : ", ") + gateway.to_string();
    }
    const std::set<net::IpAddress> different(all.begin(), all.end());
    if (different.size() == all.size()) return Seen{seen};
    return fail(Error{seen + ": one serves several groups"});
  }

  // One for each family.
  Result<std::vector<net::IpAddress>> gateways_of(const RoutesStep& step,
                                                  const std::vector<net::Prefix>& group) const {
    std::map<net::Family, net::IpAddress> gateways;
    for (const net::Prefix& prefix : group) {
      FABRIX_TRY(const auto gateway, gateway_of(step, prefix));
      const auto [first, is_new] = gateways.emplace(prefix.family(), gateway);
      if (is_new || first->second == gateway) continue;
      return fail(Error{fmt::format("{} via {}, others of its group via {}", prefix.to_string(),
                                    gateway.to_string(), first->second.to_string())});
    }
    std::vector<net::IpAddress> result;
    result.reserve(gateways.size());
    for (const auto& [family, gateway] : gateways) result.push_back(gateway);
    return result;
  }

  Result<net::IpAddress> gateway_of(const RoutesStep& step, const net::Prefix& prefix) const {
    FABRIX_TRY(const auto routes, lab_.routes_of(step.router, prefix.family()));
    const io::Route* const route = find_exactly(routes, prefix);
    if (route == nullptr || !route->gateway) {
      return fail(Error{fmt::format("no route to {}", prefix.to_string())});
    }
    if (is_wanted(step, *route->gateway)) return *route->gateway;
    return fail(Error{fmt::format("{} via {}", prefix.to_string(), route->gateway->to_string())});
  }

  bool is_wanted(const RoutesStep& step, const net::IpAddress& gateway) const {
    const exchange::Exchange& exchange = lab_.definition().exchange;
    if (step.via) {
      const auto& own = exchange.find_router(*step.via)->addresses;
      return std::ranges::find(own, gateway) != own.end();
    }
    return std::ranges::any_of(exchange.virtual_next_hops,
                               [&](const net::Prefix& range) { return range.contains(gateway); });
  }

  // Once: what got out is out. What is counted is asked until it is right.
  void carry_out(const AbuseStep& step, Outcome& outcome) {
    outcome.kind = "abuse";
    outcome.expected = step.limit == 0 ? "0 leaked" : fmt::format("at most {}", step.limit);
    const auto seen = ends_at_the_port(step);
    outcome.verdict = seen ? Verdict::kPassed : Verdict::kFailed;
    outcome.seen = seen ? seen->what : seen.error().message;
    if (seen) outcome.evidence = seen->evidence;
  }

  // A router's own kernel sends what is dropped, too, such as what groups it listens to (RFC 3810):
  // what was counted beside is asked again.
  Result<Seen> ends_at_the_port(const AbuseStep& step) const {
    constexpr int kTries = 3;
    for (int i = 1;; ++i) {
      FABRIX_TRY(const DropCounts before, drops_at(step.from));
      FABRIX_TRY(const AbuseResult result, send_abuse(abuse_of(step)));
      FABRIX_TRY(const std::size_t arrived, let_through(step, result));
      const std::size_t least = least_counted(step, result.sent);
      FABRIX_TRY(const DropCounts counted, drops_since(before, step, least));
      const std::uint64_t right = number_in(counted, name_of(step.dropped));
      const std::string text =
          fmt::format("{} of {} got through, counted {}", arrived, result.sent, to_text(counted));
      if (right <= result.sent - arrived && right >= least && counted.size() == 1) {
        return Seen{.what = text, .evidence = text};
      }
      if (i == kTries) return fail(Error{text});
    }
  }

  // A burst is longer than the queue between a port and a switch in user space, which loses some of
  // it on a busy machine: of what is beyond a limit, a quarter has to come to be counted.
  static std::size_t least_counted(const AbuseStep& step, std::size_t sent) {
    return step.limit == 0 ? sent : (sent - std::min(step.limit, sent)) / 4;
  }

  static Result<std::size_t> let_through(const AbuseStep& step, const AbuseResult& result) {
    std::size_t arrived = 0;
    std::string leaks;
    for (const auto& leak : result.leaks) {
      arrived += leak.times;
      leaks += fmt::format("{}{} {} times at {}", leaks.empty() ? "" : ", ",
                           step.frames.at(leak.frame), leak.times, leak.at);
    }
    if (arrived <= step.limit) return arrived;
    return fail(Error{"leaked: " + leaks});
  }

  // Frames by reason.
  using DropCounts = std::map<std::string, std::uint64_t, std::less<>>;

  Result<DropCounts> drops_at(std::string_view router) const {
    FABRIX_TRY(const json::value rows, lab_.show("drops"));
    DropCounts counts;
    for (const json::value& row : rows.as_array()) {
      const json::object& object = row.as_object();
      if (optional_text(object, "router") != router) continue;
      counts[optional_text(object, "reason")] = object.at("packets").to_number<std::uint64_t>();
    }
    return counts;
  }

  static std::uint64_t number_in(const DropCounts& counts, std::string_view reason) {
    const auto found = counts.find(reason);
    return found == counts.end() ? 0 : found->second;
  }

  // What has been counted since, once there is as much of it as there has to be, or it is late.
  Result<DropCounts> drops_since(const DropCounts& before, const AbuseStep& step,
                                 std::size_t least) const {
    DropCounts counted;
    std::ignore = wait_until(kConvergence, [&]() -> Result<void> {
      FABRIX_TRY(counted, drops_at(step.from));
      for (auto& [reason, count] : counted) count -= number_in(before, reason);
      std::erase_if(counted, [](const auto& each) { return each.second == 0; });
      if (number_in(counted, name_of(step.dropped)) >= least) return {};
      return fail(Error{"late"});
    });
    return counted;
  }

  static std::string to_text(const DropCounts& counted) {
    std::string text;
    for (const auto& [reason, count] : counted) {
      text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count, reason);
    }
    return text.empty() ? "nothing" : text;
  }

  Abuse abuse_of(const AbuseStep& step) const {
    const AbuseParties parties = parties_of(lab_.definition().exchange, step);
    Abuse abuse{.from = {step.from, lab_.namespace_of(step.from)},
                .interface = std::string(kInterface),
                .queueing = step.is_raw ? io::Queueing::kBypassed : io::Queueing::kUsual,
                .frames = {},
                .times = step.times,
                .others = {}};
    for (const std::string& name : step.frames) {
      abuse.frames.push_back(*abuse_frame(name, parties));
    }
    for (const Node& node : lab_.nodes()) {
      if (node.name == step.from || node.role == NodeRole::kMiddlebox) continue;
      const AbuseParty to{.mac = node.mac, .ip4 = address_of(node.lan, net::Family::kIpv4)};
      abuse.others.push_back({.place = {node.name, lab_.namespace_of(node.name)},
                              .harmless = harmless_frame(parties.offender, to)});
    }
    return abuse;
  }

  // Once: what has happened to the network cannot be asked again.
  void carry_out(const FailoverStep& step, Outcome& outcome) {
    outcome.kind = "failover";
    outcome.expected = fmt::format("at most {} ms", step.within.count());
    const auto seen = survives(step);
    outcome.verdict = seen ? Verdict::kPassed : Verdict::kFailed;
    outcome.seen = seen ? seen->what : seen.error().message;
    if (seen) outcome.evidence = seen->evidence;
    changed_ = Clock::now();
  }

  Result<Seen> survives(const FailoverStep& step) const {
    const LabRouter& sender = *lab_.definition().find_router(step.from);
    const Course course{.from = {step.from, lab_.namespace_of(step.from)},
                        .sources = sender.addresses(step.to.address.family()),
                        .to = {step.arrives, lab_.namespace_of(step.arrives)},
                        .destination = step.to.address,
                        .port = step.to.port};
    FABRIX_TRY(const StreamResult result,
               send_stream(course, [&] { return lab_.change_switch(step.at, step.state); }));
    const auto known = wait_until(kConvergence, [&] { return lab_.is_known(step.at, step.state); });
    if (!known) return fail(known.error());
    const double longest = static_cast<double>(result.longest_outage.count()) / 1000;
    const std::string text =
        fmt::format("{} of {} lost, {} of {} flows for at most {:.1f} ms", result.lost, result.sent,
                    result.flows_hit, kFlows, longest);
    if (result.longest_outage <= step.within) return Seen{.what = text, .evidence = text};
    return fail(Error{text});
  }

  void carry_out(const TrafficStep& step, Outcome& outcome) {
    outcome.kind = "traffic";
    outcome.expected = step.arrives.value_or("nowhere");
    expect(outcome, [&]() -> Result<Seen> {
      const auto caught_up = is_caught_up(step);
      if (!caught_up && time_left() > milliseconds(0)) return fail(caught_up.error());
      return arrives_as_wanted(step);
    });
    if (outcome.verdict == Verdict::kFailed) outcome.detail = explain(step);
  }

  // Whether the sender's kernel has the next hop that it has been told.
  Result<void> is_caught_up(const TrafficStep& step) const {
    FABRIX_TRY(const json::value trace, lab_.trace(step.from, step.packet));
    FABRIX_TRY(const auto routes, lab_.routes_of(step.from, step.packet.dst_ip.family()));
    const std::string told = optional_text(trace.as_object(), "next_hop");
    const io::Route* const route = find_longest(routes, step.packet.dst_ip);
    const std::string used = route != nullptr && route->gateway ? route->gateway->to_string() : "";
    if (told == used) return {};
    return fail(
        Error{fmt::format("{} was told {} and uses {}", step.from, told.empty() ? "nothing" : told,
                          used.empty() ? "nothing" : used)});
  }

  Result<Seen> arrives_as_wanted(const TrafficStep& step) const {
    Shipment shipment;
    shipment.from = {step.from, lab_.namespace_of(step.from)};
    shipment.packet = step.packet;
    for (const LabRouter& router : lab_.definition().routers) {
      if (!router.owns(step.packet.dst_ip)) continue;
      shipment.owners.push_back({router.name, lab_.namespace_of(router.name)});
    }
    FABRIX_TRY(const Arrival arrival, send(shipment));
    const std::string where = arrival.router.value_or("nowhere");
    const bool complete = !arrival.router || arrival.remark.empty();
    if (arrival.router == step.arrives && complete) {
      return Seen{where, arrival.router ? fmt::format("{} octets", arrival.bytes) : ""};
    }
    return fail(Error{arrival.remark.empty() ? where : where + ": " + arrival.remark});
  }

  std::string explain(const TrafficStep& step) const {
    std::string text;
    const auto caught_up = is_caught_up(step);
    if (!caught_up) text = caught_up.error().message + "\n";
    const auto trace = lab_.trace(step.from, step.packet);
    if (!trace) return text + trace.error().message + "\n";
    return text + optional_text(trace->as_object(), "text");
  }

  Lab& lab_;
  Clock::time_point changed_ = Clock::now();
};

}  // namespace

std::vector<Outcome> run_steps(Lab& lab, const std::function<void(const Outcome&)>& tell) {
  Runner runner(lab);
  std::vector<Outcome> outcomes;
  for (const Step& step : lab.definition().steps) {
    if (interrupted()) break;
    outcomes.push_back(runner.run(step));
    tell(outcomes.back());
  }
  return outcomes;
}

}  // namespace fabrix::lab
