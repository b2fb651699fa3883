#include "exchange/import_reader.h"

#include <algorithm>
#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "exchange/config_value.h"
#include "exchange/policy_words.h"

namespace fabrix::exchange {
namespace {

constexpr std::size_t kMaxListedAsns = 4096;
constexpr std::size_t kMaxListedPrefixes = 65'536;
constexpr std::size_t kMaxAsSets = 64;
constexpr std::size_t kLongestAsSet = 128;
constexpr std::uint64_t kMaxPrefixes = 100'000'000;  // as good as none
constexpr std::uint64_t kMaxWait = 10'080;           // a week, in minutes

std::vector<std::string> import_keys(ImportOwner owner) {
  std::vector<std::string> keys{"prefix_length",
                                "reject_bogon_prefixes",
                                "reject_bogon_asns",
                                "max_as_path_length",
                                "max_communities",
                                "next_hop",
                                "enforce_first_as",
                                "transit_free",
                                "rejected_prefixes",
                                "irr",
                                "rpki",
                                "aspa",
                                "blackhole",
                                "graceful_shutdown",
                                "max_prefix",
                                "never_via_route_servers"};
  if (owner == ImportOwner::kExchange) keys.emplace_back("own_prefixes");
  return keys;
}

// A function that sets what single keys of the map `node` are for.
auto setter(YamlReader& reader, const YamlNode& node) {
  return [&](std::string_view key, auto read, auto& to) {
    read_into(reader, node.find(key), read, to);
  };
}

std::optional<std::vector<net::Asn>> read_transit_free(YamlReader& reader, const YamlNode& node) {
  const bool is_word = node.kind == YamlNode::Kind::kScalar && node.scalar == "default";
  if (is_word) return transit_free_asns();
  return read_asns(reader, node, kMaxListedAsns);
}

std::optional<std::vector<net::Asn>> read_asn_list(YamlReader& reader, const YamlNode& node) {
  return read_asns(reader, node, kMaxListedAsns);
}

std::optional<std::vector<net::Prefix>> read_prefix_list(YamlReader& reader, const YamlNode& node) {
  return read_prefixes(reader, node, kMaxListedPrefixes);
}

// RFC 2622 §5: AS-FOO, AS65000:AS-FOO; with the name of a registry before it: RIPE::AS-FOO. A
// network without a set has its own number: AS65000.
bool is_as_set(std::string_view text) {
  return text.size() <= kLongestAsSet && text.find("AS") != std::string_view::npos &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                  c == ':' || c == '-' || c == '_' || c == '.';
         });
}

std::optional<std::vector<std::string>> read_as_sets(YamlReader& reader, const YamlNode& node) {
  std::vector<std::string> sets;
  for (const YamlNode& item : bounded_list(reader, node, "AS-SETs", kMaxAsSets)) {
    const auto text = reader.text(item, "the name of an AS-SET");
    if (!text) continue;
    if (is_as_set(*text)) {
      sets.push_back(*text);
    } else {
      reader.error(item.at, "C0120", fmt::format("{} is no name of an AS-SET", quote(*text)),
                   "write it as AS-EXAMPLE or RIPE::AS-EXAMPLE");
    }
  }
  return sets;
}

void read_irr(YamlReader& reader, const YamlNode& node, ImportOwner owner,
              ImportSettings& settings) {
  std::vector<std::string> keys{"enforce_prefix", "enforce_origin", "allow_longer"};
  if (owner == ImportOwner::kParticipant) {
    keys.insert(keys.end(), {"as_sets", "prefixes_file", "origins_file"});
  }
  if (!reader.expect_map(node, keys)) return;
  const auto set = setter(reader, node);
  IrrRule& irr = settings.policy.irr;
  set("enforce_prefix", read_flag, settings.enforce_prefix);
  set("enforce_origin", read_flag, settings.enforce_origin);
  set("allow_longer", read_flag, irr.allow_longer);
  if (owner == ImportOwner::kExchange) return;
  set("as_sets", read_as_sets, irr.as_sets);
  set("prefixes_file", read_path, irr.prefixes_file);
  set("origins_file", read_path, irr.origins_file);
}

auto address_of(net::Family family) {
  return [family](YamlReader& reader, const YamlNode& node) -> std::optional<net::IpAddress> {
    const auto address = read_address(reader, node);
    if (!address || address->family() == family) return address;
    reader.error(node.at, "C0114",
                 fmt::format("{} is no IPv{} address", address->to_string(),
                             family == net::Family::kIpv4 ? 4 : 6));
    return std::nullopt;
  };
}

void read_blackhole(YamlReader& reader, const YamlNode& node, BlackholeRule& rule) {
  static const std::vector<std::string> keys{"accept", "prefix_length", "next_hop_ipv4",
                                             "next_hop_ipv6"};
  if (!reader.expect_map(node, keys)) return;
  const auto set = setter(reader, node);
  set("accept", read_flag, rule.accept);
  if (const YamlNode* const lengths = node.find("prefix_length")) {
    read_bounds(reader, *lengths, rule.ipv4, rule.ipv6);
  }
  set("next_hop_ipv4", address_of(net::Family::kIpv4), rule.next_hop_ipv4);
  set("next_hop_ipv6", address_of(net::Family::kIpv6), rule.next_hop_ipv6);
}

void read_max_prefix(YamlReader& reader, const YamlNode& node, PrefixLimit& most) {
  static const std::vector<std::string> keys{"ipv4",   "ipv6",          "warn_percent",
                                             "action", "restart_after", "count_rejected"};
  if (!reader.expect_map(node, keys)) return;
  const auto set = setter(reader, node);
  set("ipv4", limit<std::uint32_t>({.least = 1, .most = kMaxPrefixes}), most.ipv4);
  set("ipv6", limit<std::uint32_t>({.least = 1, .most = kMaxPrefixes}), most.ipv6);
  set("warn_percent", whole_number<std::uint8_t>({.least = 1, .most = 100}), most.warn_percent);
  set("action",
      choice(
          {LimitAction::kWarn, LimitAction::kBlock, LimitAction::kShutdown, LimitAction::kRestart}),
      most.action);
  set("restart_after", whole_number<std::chrono::minutes>({.least = 1, .most = kMaxWait}),
      most.restart_after);
  set("count_rejected", read_flag, most.count_rejected);
}

// The keys of `import` that have keys of their own.
void read_sections(YamlReader& reader, const YamlNode& node, ImportOwner owner,
                   ImportSettings& settings) {
  ImportPolicy& policy = settings.policy;
  if (const YamlNode* const lengths = node.find("prefix_length")) {
    read_bounds(reader, *lengths, policy.ipv4, policy.ipv6);
  }
  if (const YamlNode* const irr = node.find("irr")) read_irr(reader, *irr, owner, settings);
  if (const YamlNode* const blackhole = node.find("blackhole")) {
    read_blackhole(reader, *blackhole, policy.blackhole);
  }
  if (const YamlNode* const most = node.find("max_prefix")) {
    read_max_prefix(reader, *most, policy.limit);
  }
  if (const YamlNode* const rejected = node.find("rejected_prefixes")) {
    const auto more = read_prefixes(reader, *rejected, kMaxListedPrefixes);
    policy.rejected_prefixes.insert(policy.rejected_prefixes.end(), more.begin(), more.end());
  }
}

}  // namespace

ImportPolicy ImportSettings::resolved() const {
  ImportPolicy result = policy;
  result.irr.enforce_prefix = enforce_prefix.value_or(!policy.irr.prefixes_file.empty());
  result.irr.enforce_origin = enforce_origin.value_or(!policy.irr.origins_file.empty());
  return result;
}

void read_import(YamlReader& reader, const YamlNode& node, ImportOwner owner,
                 ImportSettings& settings) {
  if (!reader.expect_map(node, import_keys(owner))) return;
  const auto set = setter(reader, node);
  ImportPolicy& policy = settings.policy;
  set("reject_bogon_prefixes", read_flag, policy.reject_bogon_prefixes);
  set("reject_bogon_asns", read_flag, policy.reject_bogon_asns);
  set("max_as_path_length", limit<std::uint16_t>({.least = 1, .most = 65535}),
      policy.max_as_path_length);
  set("max_communities", limit<std::uint16_t>({.least = 0, .most = 65535}), policy.max_communities);
  set("next_hop", choice({NextHopRule::kStrict, NextHopRule::kSameAs, NextHopRule::kAnyOnLan}),
      policy.next_hop);
  set("enforce_first_as", read_flag, policy.enforce_first_as);
  set("transit_free", read_transit_free, policy.transit_free);
  set("never_via_route_servers", read_asn_list, policy.never_via_route_servers);
  if (owner == ImportOwner::kExchange) set("own_prefixes", read_prefix_list, policy.own_prefixes);
  const auto rpki_rule = choice({RpkiRule::kOff, RpkiRule::kMark, RpkiRule::kRejectInvalid});
  set("rpki", rpki_rule, policy.rpki);
  set("aspa", rpki_rule, policy.aspa);
  set("graceful_shutdown", read_flag, policy.graceful_shutdown);
  read_sections(reader, node, owner, settings);
}

}  // namespace fabrix::exchange
