#include "lab/simulation.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "base/suggest.h"
#include "lab/announcement_words.h"
#include "policy/fsm_machine.h"

namespace fabrix::lab {
namespace {

constexpr std::string_view kNowhere = "nowhere";

std::string join(std::span<const std::string> words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

// A BGP identifier as routers choose it: the IPv4 address.
std::uint32_t identifier_of(const exchange::Router& router) {
  for (const net::IpAddress& address : router.addresses) {
    if (address.family() != net::Family::kIpv4) continue;
    std::uint32_t value = 0;
    for (const std::uint8_t octet : address.octets()) value = value << 8U | octet;
    return value;
  }
  return router.id.value + 1U;
}

Result<bool> parse_up_down(const std::string& word) {
  if (word == "up") return true;
  if (word == "down") return false;
  return fail(Error{"expected up or down, found '" + word + "'"});
}

Error wrong_form(std::string_view form) {
  return Error{fmt::format("expected: {}", form)};
}

}  // namespace

Simulation::Simulation(const exchange::Exchange& exchange, ReadFile read_file)
    : exchange_(&exchange),
      read_file_(std::move(read_file)),
      controller_(exchange, fabric_),
      now_(controller::Controller::Clock::now()) {
  controller_.on_notice = [this](const controller::Notice& notice) {
    notices_.push_back(notice.text);
  };
  for (const exchange::Router& router : exchange.routers) bring_up(router);
  settle();
}

void Simulation::bring_up(const exchange::Router& router) {
  for (const net::IpAddress& address : router.addresses) {
    const auto peer = *controller_.route_server().find_peer(address);
    if (controller_.route_server().is_up(peer)) continue;
    controller_.session_up(peer, {.bgp_identifier = identifier_of(router),
                                  .families = {.ipv4 = true, .ipv6 = true},
                                  .asn_width = bgp::AsnWidth::kFourOctets});
  }
}

void Simulation::settle() {
  // A refused round leaves another one to do, which takes back what was refused.
  const std::uint64_t last = controller_.counters().rounds + 4;
  while (controller_.needs_settling() && controller_.counters().rounds < last) {
    controller_.settle(now_);
  }
  for (const routeserver::Peer& peer : controller_.route_server().peers()) {
    while (!controller_.pull(peer.id).empty()) {
    }
  }
}

std::vector<SimulatedStep> Simulation::load_policies() {
  std::vector<SimulatedStep> steps;
  for (const exchange::Participant& participant : exchange_->participants) {
    if (!participant.policy_file) continue;
    auto set = read_policy(participant.id, *participant.policy_file);
    SimulatedStep step;
    if (set) {
      step = *std::move(set);
    } else {
      step.participant = participant.name;
      step.ok = false;
      notices_.push_back(set.error().message);
    }
    step.command = "policy";
    step.notices = std::exchange(notices_, {});
    steps.push_back(std::move(step));
  }
  return steps;
}

Result<SimulatedStep> Simulation::run(std::string_view line) {
  using Handler = Result<SimulatedStep> (Simulation::*)(const Words&);
  static constexpr std::array<std::pair<std::string_view, Handler>, 9> kHandlers{{
      {"announce", &Simulation::announce},
      {"withdraw", &Simulation::withdraw},
      {"session", &Simulation::session},
      {"port", &Simulation::port},
      {"policy", &Simulation::policy},
      {"event", &Simulation::event},
      {"wait", &Simulation::wait},
      {"packet", &Simulation::packet},
      {"expect", &Simulation::expect},
  }};
  FABRIX_TRY(const auto words, split_words(line));
  if (words.empty()) return SimulatedStep{};
  for (const auto& [name, handler] : kHandlers) {
    if (name != words.front()) continue;
    FABRIX_TRY(auto step, (this->*handler)(words));
    step.command = words.front();
    step.notices = std::exchange(notices_, {});
    return step;
  }
  std::vector<std::string> names;
  names.reserve(kHandlers.size());
  for (const auto& [name, handler] : kHandlers) names.emplace_back(name);
  const auto meant = nearest(words.front(), names);
  return fail(Error{fmt::format("'{}' is no command{}", words.front(),
                                meant ? "; did you mean " + *meant + "?" : "")});
}

Result<const exchange::Router*> Simulation::find_router(const std::string& name) const {
  if (const auto* router = exchange_->find_router(name)) return router;
  std::vector<std::string> names;
  for (const exchange::Router& router : exchange_->routers) names.push_back(router.name);
  const auto meant = nearest(name, names);
  return fail(Error{fmt::format("no router is called '{}'{}", name,
                                meant ? "; did you mean " + *meant + "?" : "")});
}

Result<const exchange::Participant*> Simulation::find_participant(const std::string& name) const {
  if (const auto* participant = exchange_->find_participant(name)) return participant;
  std::vector<std::string> names;
  for (const auto& one : exchange_->participants) names.push_back(one.name);
  const auto meant = nearest(name, names);
  return fail(Error{fmt::format("no participant is called '{}'{}", name,
                                meant ? "; did you mean " + *meant + "?" : "")});
}

Result<SimulatedStep> Simulation::announce(const Words& words) {
  if (words.size() < 3) return fail(wrong_form("announce ROUTER PREFIX..."));
  FABRIX_TRY(const auto* router, find_router(words[1]));
  FABRIX_TRY(const auto said, parse_announcement(std::span(words).subspan(2),
                                                 exchange_->participant(router->participant).asn));
  const auto attributes = std::make_shared<const bgp::PathAttributes>(said.attributes);
  for (const net::Prefix& prefix : said.prefixes) {
    const auto own = std::ranges::find(router->addresses, prefix.family(), &net::IpAddress::family);
    if (own == router->addresses.end()) {
      return fail(Error{
          fmt::format("{} has no address of the family of {}", router->name, prefix.to_string())});
    }
    const auto peer = *controller_.route_server().find_peer(*own);
    if (!controller_.route_server().is_up(peer)) {
      return fail(Error{"the session of " + router->name + " is down"});
    }
    bgp::UpdateMessage update;
    update.announced = {{.family = prefix.family(), .next_hop = *own, .prefixes = {prefix}}};
    update.attributes = attributes;
    controller_.update(peer, update);
    report_rejections(peer, prefix);
  }
  settle();
  return SimulatedStep{};
}

// A route that the route server does not accept is no mistake of the script, but worth a word.
void Simulation::report_rejections(routeserver::PeerId peer, const net::Prefix& prefix) {
  for (const routeserver::Route& route : controller_.route_server().all_routes(prefix)) {
    if (route.peer != peer || !route.rejected) continue;
    notices_.push_back(fmt::format("the route server rejects {} from {}: {}", prefix.to_string(),
                                   exchange_->router(route.router).name,
                                   describe(*route.rejected)));
  }
}

Result<SimulatedStep> Simulation::withdraw(const Words& words) {
  if (words.size() < 3) return fail(wrong_form("withdraw ROUTER PREFIX..."));
  FABRIX_TRY(const auto* router, find_router(words[1]));
  bgp::UpdateMessage update;
  for (const std::string& word : std::span(words).subspan(2)) {
    const auto prefix = net::Prefix::parse(word);
    if (!prefix) return fail(Error{fmt::format("'{}': {}", word, describe(prefix.error()))});
    update.withdrawn.push_back(*prefix);
  }
  for (const net::IpAddress& address : router->addresses) {
    controller_.update(*controller_.route_server().find_peer(address), update);
  }
  settle();
  return SimulatedStep{};
}

Result<SimulatedStep> Simulation::session(const Words& words) {
  if (words.size() != 3) return fail(wrong_form("session ROUTER up|down"));
  FABRIX_TRY(const auto* router, find_router(words[1]));
  FABRIX_TRY(const bool up, parse_up_down(words[2]));
  if (up) {
    bring_up(*router);
  } else {
    for (const net::IpAddress& address : router->addresses) {
      controller_.session_down(*controller_.route_server().find_peer(address));
    }
  }
  settle();
  return SimulatedStep{};
}

Result<SimulatedStep> Simulation::port(const Words& words) {
  if (words.size() != 3) return fail(wrong_form("port ROUTER up|down"));
  FABRIX_TRY(const auto* router, find_router(words[1]));
  FABRIX_TRY(const bool up, parse_up_down(words[2]));
  if (up)
    fabric_.bring_up(router->port);
  else
    fabric_.take_down(router->port);
  settle();
  return SimulatedStep{};
}

Result<SimulatedStep> Simulation::policy(const Words& words) {
  if (words.size() != 3) return fail(wrong_form("policy PARTICIPANT FILE|none"));
  FABRIX_TRY(const auto* participant, find_participant(words[1]));
  if (words[2] != "none") return read_policy(participant->id, words[2]);
  controller_.remove_policy(participant->id);
  settle();
  SimulatedStep step;
  step.participant = participant->name;
  return step;
}

Result<SimulatedStep> Simulation::read_policy(net::ParticipantId participant,
                                              const std::string& file) {
  FABRIX_TRY(auto text, read_file_(file));
  return use_policy(participant, std::move(text), file);
}

SimulatedStep Simulation::use_policy(net::ParticipantId participant, std::string text,
                                     const std::string& file) {
  SimulatedStep step;
  step.participant = exchange_->participant(participant).name;
  const auto before = controller_.counters().refused;
  auto set = controller_.set_policy(participant, text, file);
  settle();
  step.policy_text = std::move(text);
  step.ok = set.has_value() && controller_.counters().refused == before;
  step.diagnostics = set ? *std::move(set) : std::move(set).error();
  return step;
}

Result<SimulatedStep> Simulation::set_policy(const std::string& participant, std::string text,
                                             const std::string& file) {
  FABRIX_TRY(const auto* owner, find_participant(participant));
  SimulatedStep step = use_policy(owner->id, std::move(text), file);
  step.command = "policy";
  step.notices = std::exchange(notices_, {});
  return step;
}

Result<SimulatedStep> Simulation::event(const Words& words) {
  if (words.size() < 3) return fail(wrong_form("event PARTICIPANT NAME [KEY=VALUE]..."));
  FABRIX_TRY(const auto* participant, find_participant(words[1]));
  controller::FsmEvent event{.name = words[2], .source = {}, .fields = {}};
  for (const std::string& word : std::span(words).subspan(3)) {
    const std::size_t equals = word.find('=');
    if (equals == std::string::npos) return fail(Error{"expected KEY=VALUE, found '" + word + "'"});
    std::string key = word.substr(0, equals);
    if (key == "from") {
      event.source = word.substr(equals + 1);
    } else {
      event.fields.emplace_back(std::move(key), word.substr(equals + 1));
    }
  }
  auto moved = controller_.event(participant->id, event, now_);
  if (!moved) return fail(Error{moved.error().error});
  settle();
  SimulatedStep step;
  step.participant = participant->name;
  step.transitions = *std::move(moved);
  return step;
}

// The newest transitions of all policies, that `wait` made.
Result<SimulatedStep> Simulation::wait(const Words& words) {
  const auto duration = words.size() == 2 ? policy::parse_duration(words[1]) : std::nullopt;
  if (!duration) return fail(wrong_form("wait DURATION, such as 30s, 5m or 12h"));
  now_ += *duration;
  controller_.wake(now_);
  settle();
  SimulatedStep step;
  for (const exchange::Participant& each : exchange_->participants) {
    const auto* const all = controller_.fsms(each.id).transitions;
    if (all == nullptr) continue;
    for (const controller::FsmTransition& one : *all) {
      if (one.at == now_) step.transitions.push_back(one);
    }
  }
  return step;
}

Result<SimulatedStep> Simulation::send_text(const std::string& router, std::string_view packet) {
  FABRIX_TRY(const auto parsed, net::parse_packet(packet));
  return send(router, parsed);
}

Result<SimulatedStep> Simulation::send(const std::string& router, const net::Packet& packet) {
  FABRIX_TRY(const auto* from, find_router(router));
  SimulatedStep step;
  step.command = "packet";
  step.from = router;
  step.trace = controller::trace(controller_, from->id, packet);
  if (!controller_.world().port_up[from->id.index()]) {  // It never enters.
    step.trace->steps.clear();
    step.trace->delivered.reset();
    step.trace->agrees = true;
    step.trace->verdict = "dropped: the port of " + router + " is down";
  }
  step.delivered = step.trace->delivered ? exchange_->router(*step.trace->delivered).name
                                         : std::string(kNowhere);
  step.ok = step.trace->agrees;
  return step;
}

Result<SimulatedStep> Simulation::packet(const Words& words) {
  if (words.size() < 3) return fail(wrong_form("packet ROUTER tcp SRC[:PORT] -> DST[:PORT]"));
  return send_text(words[1], join(std::span(words).subspan(2)));
}

Result<SimulatedStep> Simulation::expect(const Words& words) {
  if (words.size() < 4) {
    return fail(wrong_form("expect ROUTER|nowhere FROM-ROUTER tcp SRC[:PORT] -> DST[:PORT]"));
  }
  if (words[1] != kNowhere) {
    const auto known = find_router(words[1]);
    if (!known) return fail(known.error());
  }
  FABRIX_TRY(auto step, send_text(words[2], join(std::span(words).subspan(3))));
  step.expected = words[1];
  step.ok = step.ok && step.expected == step.delivered;
  return step;
}

}  // namespace fabrix::lab
