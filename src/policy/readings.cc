#include "policy/readings.h"

#include <algorithm>
#include <functional>
#include <map>
#include <random>
#include <set>
#include <utility>
#include <variant>

#include "policy/describe.h"
#include "policy/interpret.h"
#include "policy/route_test.h"
#include "policy/simplify.h"

namespace fabrix::policy {
namespace {

// Conditions of clauses looked at before giving up, each with what is in it: a fraction of a
// second.
constexpr std::size_t kMaxEvaluations = 1'000'000;

// Of one field, at which tests change.
constexpr std::size_t kMaxValues = 100'000;

using Boundaries = std::map<net::Field, std::vector<std::uint64_t>>;

void collect(const Predicate& predicate, Boundaries& into) {
  if (const auto* test = std::get_if<FieldTest>(&predicate.node)) {
    std::vector<std::uint64_t>& values = into[test->field];
    for (const Interval& each : test->intervals) {
      if (values.size() >= kMaxValues) break;
      values.push_back(each.low);
      values.push_back(each.high);
      if (each.low > 0) values.push_back(each.low - 1);
      if (each.high < net::max_value(test->field)) values.push_back(each.high + 1);
    }
  }
  if (const auto* negated = std::get_if<Not>(&predicate.node)) collect(*negated->operand, into);
  if (const auto* all = std::get_if<And>(&predicate.node)) {
    for (const PredicatePtr& each : all->operands) collect(*each, into);
  }
  if (const auto* any = std::get_if<Or>(&predicate.node)) {
    for (const PredicatePtr& each : any->operands) collect(*each, into);
  }
}

bool is_v6(net::Field field) {
  using enum net::Field;
  return field == kSrcIp6High || field == kSrcIp6Low || field == kDstIp6High || field == kDstIp6Low;
}

bool is_v4(net::Field field) {
  return field == net::Field::kSrcIp4 || field == net::Field::kDstIp4;
}

// Sets the field if the packet's family has it.
void set_if_present(net::Packet& packet, net::Field field, std::uint64_t value) {
  if (field == net::Field::kEthType) {
    const bool v6 = value == net::kEthTypeIpv6;
    const auto family = v6 ? net::Family::kIpv6 : net::Family::kIpv4;
    packet.eth_type = static_cast<std::uint16_t>(value);
    if (packet.src_ip.family() == family) return;
    packet.src_ip = net::IpAddress::unspecified(family);
    packet.dst_ip = packet.src_ip;
    return;
  }
  const bool packet_is_v6 = packet.eth_type == net::kEthTypeIpv6;
  if ((is_v6(field) && !packet_is_v6) || (is_v4(field) && packet_is_v6)) return;
  net::set_value(packet, field, value);
}

// Makes `packet` satisfy `predicate` where that takes no search.
void satisfy(const Predicate& predicate, net::Packet& packet) {
  if (const auto* test = std::get_if<FieldTest>(&predicate.node)) {
    const std::uint64_t now = net::value_of(packet, test->field);
    const bool holds_now =
        std::any_of(test->intervals.begin(), test->intervals.end(),
                    [now](const Interval& each) { return each.low <= now && now <= each.high; });
    if (!holds_now) set_if_present(packet, test->field, test->intervals.front().low);
  }
  if (const auto* all = std::get_if<And>(&predicate.node)) {
    for (const PredicatePtr& each : all->operands) satisfy(*each, packet);
  }
  if (const auto* any = std::get_if<Or>(&predicate.node)) satisfy(*any->operands.front(), packet);
}

net::Packet base_packet() {
  net::Packet packet;
  packet.eth_type = net::kEthTypeIpv4;
  packet.protocol = net::kProtocolTcp;
  packet.src_ip = net::IpAddress::v4({100, 0, 0, 1});
  packet.dst_ip = net::IpAddress::v4({140, 0, 0, 1});
  packet.src_port = 1024;
  packet.dst_port = 1024;
  return packet;
}

net::Packet random_probe(const Boundaries& boundaries, std::mt19937& random) {
  net::Packet packet = base_packet();
  for (const auto& [field, values] : boundaries) {
    if (random() % 3 != 0) set_if_present(packet, field, values[random() % values.size()]);
  }
  return packet;
}

// Stands in for the routes, which are not known here: some addresses are announced, some are not.
bool announced_somehow(net::ParticipantId participant, const net::IpAddress& address) {
  std::uint32_t mixed = participant.value * 2654435761U;
  for (const std::uint8_t octet : address.octets()) mixed = (mixed ^ octet) * 16777619U;
  return (mixed >> 16U & 1U) != 0;
}

std::size_t hash_of(const OnRoute& test) {
  const std::string& text = test.tests->text;
  return std::hash<std::string>{}(text) + (test.side == Side::kSource ? 1 : 0);
}

// The same for routes.
bool holds_somehow(const OnRoute& test, const net::IpAddress& address) {
  return announced_somehow({static_cast<std::uint16_t>(hash_of(test))}, address);
}

void collect_senders(const Predicate& predicate, std::set<net::ParticipantId>& into) {
  if (const auto* from = std::get_if<FromParticipant>(&predicate.node)) {
    into.insert(from->participant);
  }
  if (const auto* negated = std::get_if<Not>(&predicate.node)) {
    collect_senders(*negated->operand, into);
  }
  if (const auto* all = std::get_if<And>(&predicate.node)) {
    for (const PredicatePtr& each : all->operands) collect_senders(*each, into);
  }
  if (const auto* any = std::get_if<Or>(&predicate.node)) {
    for (const PredicatePtr& each : any->operands) collect_senders(*each, into);
  }
}

// Those that a from() names, and one that none does.
std::vector<net::ParticipantId> telling_senders(const ClauseList& a, const ClauseList& b,
                                                const SymbolTable& symbols) {
  std::set<net::ParticipantId> named;
  for (const ClauseList* list : {&a, &b}) {
    for (const Clause& clause : list->clauses) collect_senders(*clause.when, named);
    for (const Query& query : list->queries) collect_senders(*query.when, named);
  }
  std::vector<net::ParticipantId> result(named.begin(), named.end());
  const auto other = std::find_if(symbols.participants.begin(), symbols.participants.end(),
                                  [&named](const auto& each) { return !named.contains(each.id); });
  if (other != symbols.participants.end()) result.push_back(other->id);
  if (result.empty()) result.push_back(symbols.owner);
  return result;
}

// What it takes to walk the list for one packet.
std::size_t extent_of(const ClauseList& list) {
  std::size_t nodes = 1;
  const auto add = [&nodes](const Predicate& when) {
    const auto extent = policy::extent_of(when, kMaxEvaluations);
    nodes += extent ? extent->nodes : kMaxEvaluations;
  };
  for (const Clause& clause : list.clauses) add(*clause.when);
  for (const Query& query : list.queries) add(*query.when);
  return nodes;
}

// The queries that count a packet, by where they stand.
std::set<SourceSpan> counting(const Term& term, const net::Packet& packet,
                              const PacketContext& context) {
  std::set<SourceSpan> found;
  for (const Arrival& each : queries_reached(term, packet, context)) found.insert(each.query->at);
  return found;
}

std::string outcome(const std::vector<Candidate>& candidates, const SymbolTable& symbols) {
  if (candidates.empty()) return "is left to BGP";
  const Verdict& verdict = candidates.front().verdict;
  if (std::holds_alternative<Drop>(verdict)) return "is dropped";
  const auto* forward = std::get_if<Forward>(&verdict);
  const std::string changed = describe(candidates.front().extras, symbols) +
                              (candidates.front().writes ? " rewritten" : "");
  if (const auto* several = std::get_if<Multicast>(&verdict)) {
    return "is copied to " + name_of(*several, symbols) + changed;
  }
  if (forward == nullptr) return "is left to BGP" + changed;
  return "goes to " + name_of(forward->target, symbols) + changed;
}

std::optional<std::string> difference_on(const net::Packet& packet, const PacketContext& context,
                                         const Term& paper, const Term& pyretic,
                                         const SymbolTable& symbols) {
  const auto one = essence(interpret(paper, packet, context));
  const auto other = essence(interpret(pyretic, packet, context));
  if (one == other) {
    if (counting(paper, packet, context) == counting(pyretic, packet, context)) return std::nullopt;
    return net::to_string(packet) + " is counted by other queries in Python's reading";
  }
  const std::string first = outcome(one, symbols);
  const std::string second = outcome(other, symbols);
  // Leaving a packet to BGP and having no opinion on it differ only before a `//`.
  if (first == second) return std::nullopt;
  return net::to_string(packet) + " " + first + "; in Python's reading it " + second;
}

}  // namespace

Probes::Probes(const ClauseList& a, const ClauseList& b) : witnesses_{base_packet()} {
  const auto add = [this](const Predicate& when) {
    witnesses_.push_back(base_packet());
    satisfy(when, witnesses_.back());
  };
  for (const ClauseList* list : {&a, &b}) {
    for (const Query& query : list->queries) {
      collect(*query.when, boundaries_);
      add(*query.when);
    }
    for (const Clause& clause : list->clauses) {
      collect(*clause.when, boundaries_);
      if (witnesses_.size() < kMaxProbes / 4) add(*clause.when);
    }
  }
  for (auto& [field, values] : boundaries_) {
    std::sort(values.begin(), values.end());
    values.erase(std::unique(values.begin(), values.end()), values.end());
    for (const std::uint64_t value : values) variations_.emplace_back(field, value);
  }
}

std::optional<net::Packet> Probes::next() {
  if (made_ == kMaxProbes) return std::nullopt;
  const std::size_t number = made_++;
  if (number < witnesses_.size()) return witnesses_[number];
  const std::size_t variation = number - witnesses_.size();
  if (number >= kMaxProbes / 2 || variation >= witnesses_.size() * variations_.size()) {
    return random_probe(boundaries_, random_);
  }
  net::Packet packet = witnesses_[variation / variations_.size()];
  const auto& [field, value] = variations_[variation % variations_.size()];
  set_if_present(packet, field, value);
  return packet;
}

std::optional<std::string> difference(const Reading& paper, const Reading& pyretic,
                                      const SymbolTable& symbols) {
  const std::function announced = announced_somehow;
  const std::function on_route = holds_somehow;
  Probes probes(paper.clauses, pyretic.clauses);
  const auto senders = telling_senders(paper.clauses, pyretic.clauses, symbols);
  const std::size_t nodes = extent_of(paper.clauses) + extent_of(pyretic.clauses);
  const std::size_t affordable = kMaxEvaluations / nodes / senders.size() + 1;
  for (std::size_t i = 0; i < affordable; ++i) {
    const auto packet = probes.next();
    if (!packet) break;
    for (const net::ParticipantId sender : senders) {
      const PacketContext context{sender, &announced, &on_route};
      auto found = difference_on(*packet, context, *paper.term, *pyretic.term, symbols);
      if (found) return found;
    }
  }
  return std::nullopt;
}

}  // namespace fabrix::policy
