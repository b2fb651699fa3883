// random_policy(): the text of a random well-formed policy, for property tests here and elsewhere.
//
// The same seed gives the same text. Values come from small pools, so that clauses overlap;
// parentheses are written throughout, so that no precedence is in question; overlaps are ranked by
// order. Every text parses without errors (warnings such as P0307 do occur). Conditions on routes
// stand only where no rewrite comes before them.
#pragma once

#include <array>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "policy/parse.h"

namespace fabrix::policy {

class RandomPolicy {
 public:
  // With queries: some stand beside the rest, in sequences, ranks and choices.
  enum class Queries : std::uint8_t { kNone, kSome };

  RandomPolicy(std::uint32_t seed, const SymbolTable& symbols, Direction direction,
               Queries queries = Queries::kNone)
      : random_(seed), direction_(direction), queries_(queries == Queries::kSome) {
    for (const auto& each : symbols.participants) {
      names_.push_back(each.name);
      const bool own = each.id == symbols.owner;
      if (own) add_own_ports(each);
      if (direction == Direction::kOutbound && each.peer && !own) targets_.push_back(each.name);
      if (direction == Direction::kInbound ? own : each.peer && !own) add_targets_of(each);
    }
  }

  std::string text(unsigned size) {
    const std::string section = direction_ == Direction::kOutbound ? "outbound" : "inbound";
    return "#pragma overlap = first\n" + section + " = " + policy(size, true) + "\n";
  }

 private:
  void add_own_ports(const SymbolTable::Participant& owner) {
    for (const auto& port : owner.ports) {
      (port.middlebox ? boxes_ : own_ports_).push_back(port.router_name);
    }
  }
  void add_targets_of(const SymbolTable::Participant& participant) {
    for (const auto& port : participant.ports) {
      if (!port.middlebox) targets_.push_back(port.router_name);
    }
  }

  bool chance(unsigned percent) { return random_() % 100 < percent; }

  template <typename Pool>
  std::string pick(const Pool& pool) {
    return std::string(pool[random_() % pool.size()]);
  }

  // NOLINTBEGIN(misc-no-recursion): parts are smaller, and predicates at most two deep.

  // `routes`: may it ask what participants announce?
  std::string policy(unsigned size, bool routes) {
    if (queries_ && chance(35)) return counted(size, routes);
    if (size <= 1) return chance(70) ? clause(routes) : leaf(routes);
    const unsigned left = 1 + static_cast<unsigned>(random_() % (size - 1));
    const unsigned right = size - left;
    switch (random_() % 8) {
      case 0:
      case 1:
      case 2:
        return "(" + policy(left, routes) + " + " + policy(right, routes) + ")";
      case 3:
      case 4:
        return "(" + policy(left, routes) + " // " + policy(right, routes) + ")";
      case 5:
      case 6:
        return sequence(left, right, routes);
      default:
        return "if_(" + predicate(2, routes) + ", " + policy(left, routes) + ", " +
               policy(right, routes) + ")";
    }
  }

  // A query sees nothing behind what forwards or drops, and nothing follows one.
  std::string sequence(unsigned left, unsigned right, bool routes) {
    const bool queries = std::exchange(queries_, false);
    std::string text = "(" + policy(left, routes) + " >> " + policy(right, false) + ")";
    queries_ = queries;
    return text;
  }

  std::string counted(unsigned size, bool routes) {
    if (chance(25))
      return "(" + modification() + " >> (" + query() + " + " + policy(size, false) + "))";
    if (chance(25)) return "(" + predicate(2, routes) + " >> " + policy(size, routes) + ")";
    std::string text = "((" + predicate(2, routes) + " >> ";
    if (chance(25)) text += modification() + " >> ";
    text += query() + ")";
    if (size <= 1) return text + ")";
    return text + (chance(25) ? " // " : " + ") + policy(size - 1, routes) + ")";
  }

  // NOLINTEND(misc-no-recursion)

  // Few names, so that some count together; the kind and the fields go with the name.
  std::string query() {
    static constexpr std::array<std::string_view, 6> kQueries{
        "count_packets(1s) as web",           "count_packets(1s)",
        "count_bytes(2s) as traffic",         "count_packets(1s, ethtype) as families",
        "count_packets(5s, inport) as doors", "count_bytes(5s)"};
    return pick(kQueries);
  }

  std::string clause(bool routes) {
    std::string text = "(" + predicate(2, routes) + " >> ";
    if (chance(25)) text += modification() + " >> ";
    if (chance(25)) text += extra() + " >> ";
    return text + action() + ")";
  }

  std::string leaf(bool routes) {
    if (chance(20)) return extra();
    if (chance(40)) return predicate(1, routes);
    return chance(40) ? modification() : action();
  }

  std::string action() {
    if (targets_.empty() || chance(15)) return "drop";
    if (chance(10)) return chance(50) ? "identity" : "bgp";
    if (chance(15)) return "multicast(" + pick(targets_) + ", " + pick(targets_) + ")";
    if (chance(6)) return balance();
    return "fwd(" + pick(targets_) + ")";
  }

  std::string balance() {
    static constexpr std::array<std::string_view, 4> kKeys{"", ", key=flow", ", key=srcip",
                                                           ", key=dstip"};
    return "balance(" + pick(targets_) + ", " + pick(targets_) + pick(kKeys) + ")";
  }

  std::string extra() {
    static constexpr std::array<std::string_view, 2> kRates{"10mbps", "500kbps"};
    if (!boxes_.empty() && chance(50)) return "via(" + chain() + ")";
    if (own_ports_.empty() || chance(50)) return "police(" + pick(kRates) + ")";
    return "mirror(" + pick(own_ports_) + ")";
  }

  // All of them, or nothing would say which of two is first.
  std::string chain() const {
    std::string text;
    for (const std::string& each : boxes_) text += (text.empty() ? "" : " >> ") + each;
    return text;
  }

  std::string modification() {
    if (chance(10)) return "mark(dscp=8)";
    static constexpr std::array<std::string_view, 7> kChanges{
        "dstport=80",       "dstport=8080",       "srcport=1024",        "dscp=10",
        "dstip=140.0.0.77", "dstip=2001:db8::77", "dstport=443, dscp=46"};
    return "modify(" + pick(kChanges) + ")";
  }

  // NOLINTNEXTLINE(misc-no-recursion): `depth` deep
  std::string predicate(unsigned depth, bool routes) {
    if (depth == 0 || chance(50)) return atom(routes);
    switch (random_() % 4) {
      case 0:
        return "(" + predicate(depth - 1, routes) + " | " + predicate(depth - 1, routes) + ")";
      case 1:
        return "(" + predicate(depth - 1, routes) + " & " + predicate(depth - 1, routes) + ")";
      case 2:
        return "(" + predicate(depth - 1, routes) + " - " + predicate(depth - 1, routes) + ")";
      default:
        return "~" + atom(routes);
    }
  }

  std::string atom(bool routes) {
    static constexpr std::array<std::string_view, 22> kTests{
        "dstport=80",         "dstport=443",
        "dstport={80, 8080}", "dstport in [80-443, 8080]",
        "dstport!=80",        "dstport<1024",
        "srcport>=1024",      "srcport=1024, dstport=80",
        "protocol=tcp",       "protocol=udp/icmp",
        "protocol!=tcp",      "dscp=10",
        "dscp=8&0x38",        "srcip=100.0.0.0/8",
        "dstip=140.0.0.0/24", "dstip={140.0.0.0/16, 2001:db8::/32}",
        "dstip=2001:db8::77", "dstip!=140.0.0.77",
        "ethtype=ipv6",       "tcp_flags=2&2",
        "icmp_type=8",        "dstip=2001:db8::70..2001:db8:0:1::"};
    if (chance(6)) return chance(50) ? "true" : "none";
    if (routes && chance(15)) return route_test();
    if (direction_ == Direction::kInbound && chance(15)) return "from(" + pick(names_) + ")";
    if (chance(10)) return "dst_in([140.0.0.0/8] - [140.0.0.0/24])";
    return "match(" + pick(kTests) + ")";
  }

  std::string route_test() {
    const std::string set = "prefixes(" + pick(names_) + ")";
    if (chance(30)) return "announced_by(" + pick(names_) + ")";
    if (chance(30)) return "src_in(" + set + " | [100.0.0.0/8])";
    return "match_prefixes_set(" + set + " - [140.0.0.0/24])";
  }

  std::mt19937 random_;
  Direction direction_;
  bool queries_;
  std::vector<std::string> names_;
  std::vector<std::string> targets_;
  std::vector<std::string> own_ports_;
  std::vector<std::string> boxes_;
};

// `size` is the number of leaves, about the number of clauses of a policy without sequences.
inline std::string random_policy(std::uint32_t seed, const SymbolTable& symbols,
                                 Direction direction, unsigned size) {
  return RandomPolicy(seed, symbols, direction).text(size);
}

}  // namespace fabrix::policy
