#include "policy/targets.h"

#include <algorithm>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "base/number.h"
#include "base/suggest.h"
#include "policy/simplify.h"

namespace fabrix::policy {
namespace {

bool is_port_word(std::string_view word) {
  return word == "port" || word == "ports" || word == "phys_ports";
}

bool is_peer_word(std::string_view word) {
  return word == "peers" || word == "participants";
}

bool is_self_word(std::string_view word) {
  return word == "participant" || word == "sdx" || word == "self";
}

std::string number_of_ports(const SymbolTable::Participant& participant) {
  const std::size_t count = participant.ports.size();
  return std::to_string(count) + (count == 1 ? " port" : " ports");
}

void add_name(std::string& list, std::string_view name) {
  if (!list.empty()) list += ", ";
  list += name;
}

// The only port of a router that it has.
const SymbolTable::Port* only_router(const SymbolTable::Participant& participant) {
  const auto is_router = [](const SymbolTable::Port& port) { return !port.middlebox; };
  const auto first = std::find_if(participant.ports.begin(), participant.ports.end(), is_router);
  if (first == participant.ports.end()) return nullptr;
  return std::any_of(first + 1, participant.ports.end(), is_router) ? nullptr : &*first;
}

TermPtr filter(PredicatePtr when, const SourceSpan& at) {
  return std::make_shared<const Term>(Term{Filter{std::move(when), true}, at});
}

TermPtr act(const Forward& forward, const SourceSpan& at) {
  return std::make_shared<const Term>(Term{Act{always(), {}, forward}, at});
}

// The packets that come in at this port; all: at any.
TermPtr entering(const SymbolTable::Port* port, const SourceSpan& at) {
  if (port == nullptr) return filter(always(), at);
  return filter(test_field(net::Field::kInPort, {{port->port.value, port->port.value}}), at);
}

}  // namespace

// One step of a path: a word, or what stands in brackets.
struct Targets::Step {
  std::string word;
  bool in_brackets = false;
  SourceSpan at;
};

bool is_inbound(Mode mode) {
  return mode == Mode::kInbound || mode == Mode::kFinalInbound;
}

bool is_final(Mode mode) {
  return mode == Mode::kFinalOutbound || mode == Mode::kFinalInbound;
}

const SymbolTable::Participant* Targets::owner() const {
  const auto found = std::find_if(symbols_.participants.begin(), symbols_.participants.end(),
                                  [this](const auto& each) { return each.id == symbols_.owner; });
  return found == symbols_.participants.end() ? nullptr : &*found;
}

std::string Targets::owner_name() const {
  return owner() == nullptr ? "the owner" : quoted(owner()->name);
}

const SymbolTable::Participant* Targets::find(std::string_view name) const {
  const auto found = std::find_if(symbols_.participants.begin(), symbols_.participants.end(),
                                  [name](const auto& each) { return each.name == name; });
  return found == symbols_.participants.end() ? nullptr : &*found;
}

// A participant, a router, or a participant's name and the number of a port.
std::optional<Named> Targets::named(std::string_view word, const SourceSpan& at) const {
  if (const auto* participant = find(word)) return Named{participant, nullptr};
  for (const auto& participant : symbols_.participants) {
    for (const auto& port : participant.ports) {
      if (port.router_name == word) return Named{&participant, &port};
    }
  }
  const std::size_t letters = word.find_last_not_of("0123456789") + 1;
  const auto* participant = find(word.substr(0, letters));
  const auto number = parse_number<std::size_t>(word.substr(letters));
  if (participant != nullptr && number) {
    if (*number >= 1 && *number <= participant->ports.size()) {
      return Named{participant, &participant->ports[*number - 1]};
    }
    report_.error("P0202", at,
                  quoted(participant->name) + " has " + number_of_ports(*participant) + ", and " +
                      quoted(word) + " is none of them",
                  quoted(std::string(participant->name) + "1") + " is its first");
    return std::nullopt;
  }
  std::vector<std::string> known;
  for (const auto& each : symbols_.participants) {
    known.push_back(each.name);
    for (const auto& port : each.ports) known.push_back(port.router_name);
  }
  const auto close = nearest(word, known);
  report_.error(
      "P0202", at, "unknown participant " + quoted(word),
      close ? "did you mean " + quoted(*close) + "?" : "participants with a peering: " + peers());
  return std::nullopt;
}

bool Targets::flatten(const Bound& bound, std::vector<Step>& steps) const {
  const Bound settled = names_.settle(bound);
  const Syntax& syntax = *settled.syntax;
  if (syntax.kind == SyntaxKind::kName) {
    std::string_view rest = syntax.text;
    for (std::size_t dot = rest.find('.'); dot != std::string_view::npos; dot = rest.find('.')) {
      steps.push_back({std::string(rest.substr(0, dot)), false, syntax.at});
      rest.remove_prefix(dot + 1);
    }
    steps.push_back({std::string(rest), false, syntax.at});
    return true;
  }
  if (syntax.kind == SyntaxKind::kLiteral) {
    steps.push_back({syntax.text, false, syntax.at});
    return syntax.token == TokenKind::kString;
  }
  if (syntax.kind == SyntaxKind::kMember) {
    if (!flatten({syntax.children[0], settled.scope}, steps)) return false;
    steps.push_back({syntax.text, false, syntax.at});
    return true;
  }
  if (syntax.kind != SyntaxKind::kIndex) return false;
  if (!flatten({syntax.children[0], settled.scope}, steps)) return false;
  const Bound index = names_.settle({syntax.children[1], settled.scope});
  const SyntaxKind kind = index.syntax->kind;
  steps.push_back({index.syntax->text, true, index.syntax->at});
  return kind == SyntaxKind::kLiteral || kind == SyntaxKind::kName;
}

std::optional<Named> Targets::port_of(const SymbolTable::Participant* of, const Step& index) const {
  const auto number = parse_number<std::size_t>(index.word);
  if (of == nullptr || !number || *number >= of->ports.size()) {
    const std::string has = of == nullptr ? owner_name() + " has none"
                                          : quoted(of->name) + " has " + number_of_ports(*of);
    report_.error("P0202", index.at, "there is no port [" + index.word + "]: " + has,
                  "in brackets they are counted from 0");
    return std::nullopt;
  }
  return Named{of, &of->ports[*number]};
}

std::optional<Named> Targets::follow(const std::vector<Step>& steps, const SourceSpan& at) const {
  const auto not_a_target = [this, &at]() -> std::optional<Named> {
    report_.error("P0204", at, "this does not name a participant or a port",
                  "such as B, C1, port[0] or participant.peers['B']");
    return std::nullopt;
  };
  const auto brackets = [&steps](std::size_t i) {
    return i < steps.size() && steps[i].in_brackets;
  };
  std::size_t i = 0;
  while (i + 1 < steps.size() && is_self_word(steps[i].word) && !steps[i + 1].in_brackets) ++i;
  if (is_port_word(steps[i].word) && brackets(i + 1)) {
    return i + 2 == steps.size() ? port_of(owner(), steps[i + 1]) : not_a_target();
  }
  if (is_peer_word(steps[i].word) && brackets(i + 1)) ++i;
  const auto base = named(steps[i].word, steps[i].at);
  ++i;
  if (!base || i == steps.size()) return base;
  if (is_port_word(steps[i].word) && !steps[i].in_brackets) ++i;
  if (!brackets(i) || i + 1 != steps.size() || base->port != nullptr) return not_a_target();
  return port_of(base->participant, steps[i]);
}

std::optional<Named> Targets::resolve(const Bound& target) const {
  if (target.syntax->kind == SyntaxKind::kError) return std::nullopt;
  std::vector<Step> steps;
  if (flatten(target, steps)) return follow(steps, target.syntax->at);
  report_.error("P0204", target.syntax->at, "this does not name a participant or a port",
                "such as B, C1, port[0] or participant.peers['B']");
  return std::nullopt;
}

std::optional<net::ParticipantId> Targets::participant(const Bound& target) const {
  const auto named = resolve(target);
  if (!named) return std::nullopt;
  return named->participant->id;
}

std::string Targets::peers() const {
  std::string list;
  for (const auto& each : symbols_.participants) {
    if (each.peer && each.id != symbols_.owner) add_name(list, each.name);
  }
  return list.empty() ? "none" : list;
}

std::string Targets::ports() const {
  std::string list;
  if (owner() != nullptr) {
    for (std::size_t i = 0; i < owner()->ports.size(); ++i) {
      add_name(list, owner()->name + std::to_string(i + 1) + " (" + owner()->ports[i].router_name +
                         (owner()->ports[i].middlebox ? ", a middlebox)" : ")"));
    }
  }
  return list.empty() ? "none" : list;
}

// False: reported.
bool Targets::is_router(const SymbolTable::Port& port, const SourceSpan& at) const {
  if (!port.middlebox) return true;
  report_.error("P0314", at,
                quoted(port.router_name) + " is a middlebox port: no router receives there",
                "via() sends packets through one of your own");
  return false;
}

std::optional<Target> Targets::outbound(const Named& named, const SourceSpan& at) const {
  const auto& participant = *named.participant;
  if (participant.id == symbols_.owner) {
    report_.error("P0304", at, owner_name() + " cannot send its own traffic to itself",
                  "forward to a peer: " + peers() + "; ports of your own belong in 'inbound'");
    return std::nullopt;
  }
  if (!participant.peer) {
    report_.error("P0303", at, quoted(participant.name) + " has no peering with " + owner_name(),
                  "peers: " + peers());
    return std::nullopt;
  }
  Target target{participant.id, std::nullopt};
  if (named.port != nullptr && !is_router(*named.port, at)) return std::nullopt;
  if (named.port != nullptr) target.router = named.port->router;
  return target;
}

std::optional<Target> Targets::inbound(const Named& named, const SourceSpan& at) const {
  const auto& participant = *named.participant;
  if (participant.id != symbols_.owner) {
    report_.error("P0305", at,
                  "inbound chooses among the ports of " + owner_name() + ", and " +
                      quoted(participant.name) + " is another participant",
                  "ports: " + ports());
    return std::nullopt;
  }
  const SymbolTable::Port* port = named.port;
  if (port == nullptr) port = only_router(participant);
  if (port == nullptr) {
    report_.error("P0305", at,
                  "inbound must name a port, and " + quoted(participant.name) + " has " +
                      std::to_string(participant.ports.size()),
                  "ports: " + ports());
    return std::nullopt;
  }
  if (!is_router(*port, at)) return std::nullopt;
  return Target{participant.id, port->router};
}

TermPtr Targets::isolation(const Bound& one, const Bound& other, Mode mode) const {
  auto own = resolve(one);
  auto theirs = resolve(other);
  if (!own || !theirs) return nullptr;
  if (theirs->participant->id == symbols_.owner) std::swap(own, theirs);
  if (own->participant->id != symbols_.owner || theirs->participant->id == symbols_.owner) {
    report_.error("P0305", one.syntax->at,
                  "isolated() is about " + owner_name() + " and another participant",
                  "this policy has no say in what goes between others");
    return nullptr;
  }
  const SourceSpan& at = one.syntax->at;
  Sequence forbidden;
  if (!is_inbound(mode)) {
    std::optional<net::RouterId> router;
    if (theirs->port != nullptr) router = theirs->port->router;
    forbidden.parts = {entering(own->port, at),
                       act(Forward{{theirs->participant->id, router}}, at)};
    return std::make_shared<const Term>(Term{std::move(forbidden), at});
  }
  Parallel ports;
  for (const SymbolTable::Port& port : own->participant->ports) {
    if (!port.middlebox && (own->port == nullptr || own->port == &port)) {
      ports.parts.push_back(act(Forward{{own->participant->id, port.router}}, at));
    }
  }
  forbidden.parts = {
      filter(std::make_shared<const Predicate>(Predicate{FromParticipant{theirs->participant->id}}),
             at),
      entering(theirs->port, at), std::make_shared<const Term>(Term{std::move(ports), at})};
  return std::make_shared<const Term>(Term{std::move(forbidden), at});
}

std::optional<net::RouterId> Targets::own_port(const Bound& target) const {
  const auto named = resolve(target);
  if (!named) return std::nullopt;
  const bool own = named->participant->id == symbols_.owner;
  const SymbolTable::Port* port = named->port;
  if (own && port == nullptr) port = only_router(*named->participant);
  if (own && port != nullptr) {
    return is_router(*port, target.syntax->at) ? std::optional(port->router) : std::nullopt;
  }
  report_.error("P0312", target.syntax->at,
                own ? "name the port that the copies go to: " + quoted(named->participant->name) +
                          " has " + std::to_string(named->participant->ports.size())
                    : "copies go to ports of " + owner_name() + " only, and " +
                          quoted(named->participant->name) + " is another participant",
                "ports: " + ports());
  return std::nullopt;
}

std::optional<net::RouterId> Targets::own_middlebox(const Bound& target) const {
  const auto named = resolve(target);
  if (!named) return std::nullopt;
  const bool own = named->participant->id == symbols_.owner;
  if (own && named->port != nullptr && named->port->middlebox) return named->port->router;
  const std::string name =
      named->port == nullptr ? named->participant->name : named->port->router_name;
  report_.error(
      "P0316", target.syntax->at,
      own ? "via() names a middlebox port of " + owner_name() + ", and " + quoted(name) + " is none"
          : "via() goes through middlebox ports of " + owner_name() + " only, and " + quoted(name) +
                " is another participant's",
      "ports: " + ports() +
          "; a router's entry with 'middlebox: true' in the configuration makes one");
  return std::nullopt;
}

std::optional<Targets::Checked> Targets::check(const Bound& target, Mode mode) const {
  const auto named = resolve(target);
  if (!named) return std::nullopt;
  const bool own = named->participant->id == symbols_.owner;
  const bool to_inbound = is_final(mode) ? own : is_inbound(mode);
  Checked result;
  result.other_half = to_inbound != is_inbound(mode);
  result.target =
      to_inbound ? inbound(*named, target.syntax->at) : outbound(*named, target.syntax->at);
  if (!result.target) return std::nullopt;
  return result;
}

}  // namespace fabrix::policy
