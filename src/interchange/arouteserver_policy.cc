#include "interchange/arouteserver_policy.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "interchange/words.h"
#include "interchange/yaml_text.h"
#include "net/prefix.h"

namespace fabrix::interchange {
namespace {

using Settings = std::vector<exchange::Setting>;

constexpr std::uint64_t kMostPrefixes = 100'000'000;

void add(Settings& settings, std::string_view key, std::string value) {
  settings.push_back({std::string(key), std::move(value)});
}

void add_flag(Settings& settings, std::string_view key, const YamlCursor& from) {
  if (const auto value = from.flag()) add(settings, key, *value ? "true" : "false");
}

void add_limit(Settings& settings, std::string_view key, const YamlCursor& from,
               std::uint64_t most) {
  if (const auto value = from.number(most); value && *value > 0) {
    add(settings, key, std::to_string(*value));
  }
}

void read_lengths(const YamlCursor& from, std::string_view family, Settings& import) {
  from.others_have_no_counterpart({"min", "max"});
  const std::uint64_t width = family == "ipv4" ? 32 : 128;
  const auto least = from["min"].number(width);
  const auto most = from["max"].number(width);
  if (!least && !most) return;
  add(import, fmt::format("prefix_length.{}", family),
      fmt::format("{}..{}", least.value_or(0), most.value_or(width)));
}

// [{prefix, length}], or texts.
void read_black_list(const YamlCursor& from, Settings& import) {
  std::vector<std::string> prefixes;
  for (const YamlCursor& item : from.items()) {
    item.others_have_no_counterpart({"prefix", "length", "comment"});
    const bool is_map = item["prefix"].is_somewhere();
    auto text = is_map ? item["prefix"].text() : item.text();
    if (!text) continue;
    if (const auto length = item["length"].number(128)) *text += fmt::format("/{}", *length);
    const auto prefix = net::Prefix::parse(*text);
    if (prefix) {
      prefixes.push_back(in_quotes(prefix->to_string()));
    } else {
      item.remark("this is no prefix: left out");
    }
  }
  if (!prefixes.empty()) add(import, "rejected_prefixes", flow_list(prefixes));
}

// A list of AS numbers, as 174 or AS174; some write one text with commas.
std::string asn_list(const YamlCursor& from) {
  std::vector<std::string> asns;
  for (const YamlCursor& item : from.items()) {
    auto words = words_of(item.text().value_or(""), ", AS");
    asns.insert(asns.end(), words.begin(), words.end());
  }
  return flow_list(asns);
}

void read_next_hop(const YamlCursor& from, Settings& import) {
  const auto policy = from["policy"].text();
  if (!policy) return;
  if (*policy == "strict" || *policy == "same-as") {
    add(import, "next_hop", *policy);
  } else {
    from["policy"].remark(fmt::format("the next hop policy '{}' has no counterpart", *policy));
  }
}

void read_paths(const YamlCursor& filtering, Settings& import) {
  add_limit(import, "max_as_path_length", filtering["max_as_path_len"], 65535);
  add_flag(import, "reject_bogon_asns", filtering["reject_invalid_as_in_as_path"]);
  const YamlCursor transit = filtering["transit_free"];
  transit.others_have_no_counterpart({"action", "asns"});
  const auto action = transit["action"].text();
  if (action && *action != "reject") {
    transit["action"].remark("routes with transit-free networks are rejected or not looked at");
    add(import, "transit_free", "[]");
  } else if (transit["asns"].is_somewhere()) {
    add(import, "transit_free", asn_list(transit["asns"]));
  } else if (action) {
    add(import, "transit_free", "default");
  }
  const YamlCursor never = filtering["never_via_route_servers"];
  never.others_have_no_counterpart({"asns"});
  if (never["asns"].is_somewhere()) {
    add(import, "never_via_route_servers", asn_list(never["asns"]));
  }
}

void read_irr(const YamlCursor& irr, CfgOwner owner, Settings& import) {
  add_flag(import, "irr.enforce_origin", irr["enforce_origin_in_as_set"]);
  add_flag(import, "irr.enforce_prefix", irr["enforce_prefix_in_as_set"]);
  add_flag(import, "irr.allow_longer", irr["allow_longer_prefixes"]);
  irr.others_have_no_counterpart({"enforce_origin_in_as_set", "enforce_prefix_in_as_set",
                                  "allow_longer_prefixes", "tag_as_set",
                                  owner == CfgOwner::kClient ? "as_sets" : "tag_as_set"});
}

void read_rpki(const YamlCursor& rpki, Settings& import) {
  rpki.others_have_no_counterpart({"enabled", "reject_invalid"});
  const auto enabled = rpki["enabled"].flag();
  if (!enabled) return;
  const bool reject = rpki["reject_invalid"].flag().value_or(true);
  add(import, "rpki", !*enabled ? "off" : reject ? "reject-invalid" : "mark");
}

void read_max_prefix(const YamlCursor& most, CfgOwner owner, Settings& import) {
  most.others_have_no_counterpart({"action", "restart_after", "count_rejected_routes", "peering_db",
                                   "general_limit_ipv4", "general_limit_ipv6", "limit_ipv4",
                                   "limit_ipv6"});
  if (const auto action = most["action"].text()) {
    if (*action == "warning" || *action == "warn") {
      add(import, "max_prefix.action", "warn");
    } else if (*action == "block" || *action == "shutdown" || *action == "restart") {
      add(import, "max_prefix.action", *action);
    } else {
      most["action"].remark("this action has no counterpart");
    }
  }
  add_limit(import, "max_prefix.restart_after", most["restart_after"], 10'080);
  add_flag(import, "max_prefix.count_rejected", most["count_rejected_routes"]);
  const std::string_view kind = owner == CfgOwner::kClient ? "limit" : "general_limit";
  for (const std::string_view family : {"ipv4", "ipv6"}) {
    add_limit(import, fmt::format("max_prefix.{}", family),
              most[fmt::format("{}_{}", kind, family)], kMostPrefixes);
  }
  const YamlCursor peering_db = most["peering_db"];
  const auto uses_peering_db =
      peering_db["enabled"].is_somewhere() ? peering_db["enabled"].flag() : std::optional<bool>();
  if (uses_peering_db == true) {
    peering_db.remark("limits are not taken from PeeringDB: the general ones hold");
  }
}

void read_roles(const YamlCursor& roles, Settings& session) {
  roles.others_have_no_counterpart({"enabled", "strict_mode"});
  const auto enabled = roles["enabled"].flag();
  if (!enabled) return;
  add(session, "role", *enabled ? "true" : "false");
  // Strictness without a role is none.
  const bool strict = *enabled && roles["strict_mode"].flag().value_or(false);
  add(session, "strict_role", strict ? "true" : "false");
}

void read_filtering(const YamlCursor& filtering, CfgOwner owner, PolicySettings& settings) {
  filtering.others_have_no_counterpart(
      {"next_hop", "ipv4_pref_len", "ipv6_pref_len", "global_black_list_pref", "black_list_pref",
       "max_as_path_len", "reject_invalid_as_in_as_path", "transit_free", "never_via_route_servers",
       "irrdb", "rpki_bgp_origin_validation", "max_prefix", "roles", "reject_policy"});
  Settings& import = settings.import;
  read_next_hop(filtering["next_hop"], import);
  read_lengths(filtering["ipv4_pref_len"], "ipv4", import);
  read_lengths(filtering["ipv6_pref_len"], "ipv6", import);
  read_black_list(
      filtering[owner == CfgOwner::kClient ? "black_list_pref" : "global_black_list_pref"], import);
  read_paths(filtering, import);
  read_irr(filtering["irrdb"], owner, import);
  read_rpki(filtering["rpki_bgp_origin_validation"], import);
  read_max_prefix(filtering["max_prefix"], owner, import);
  read_roles(filtering["roles"], settings.session);
  const auto rejects = filtering["reject_policy"]["policy"].text();
  if (rejects && *rejects != "reject") {
    filtering["reject_policy"].remark(
        "rejected routes are kept with their reasons for show and "
        "the looking glass, not tagged");
  }
}

void read_blackhole(const YamlCursor& blackhole, CfgOwner owner, Settings& import) {
  blackhole.others_have_no_counterpart({"policy_ipv4", "policy_ipv6", "rewrite_next_hop_ipv4",
                                        "rewrite_next_hop_ipv6", "add_noexport"});
  if (owner == CfgOwner::kClient) return;
  bool accept = false;
  for (const std::string_view family : {"ipv4", "ipv6"}) {
    const auto policy = blackhole[fmt::format("policy_{}", family)].text();
    if (!policy) continue;
    accept = true;
    const YamlCursor next_hop = blackhole[fmt::format("rewrite_next_hop_{}", family)];
    const auto address = *policy == "rewrite-next-hop" ? next_hop.text() : std::nullopt;
    if (address) add(import, fmt::format("blackhole.next_hop_{}", family), in_quotes(*address));
  }
  if (accept) add(import, "blackhole.accept", "true");
}

void read_rest(const YamlCursor& cfg, Settings& import) {
  const YamlCursor shutdown = cfg["graceful_shutdown"];
  add_flag(import, "graceful_shutdown", shutdown["enabled"]);
  shutdown.others_have_no_counterpart({"enabled"});
  const YamlCursor well_known = cfg["rfc1997_wellknown_communities"]["policy"];
  if (well_known.is_somewhere() && well_known.text() != "pass") {
    well_known.remark("NO_EXPORT and its kin are always passed on");
  }
  if (cfg["path_hiding"].flag() == false) {
    cfg["path_hiding"].remark("paths are never hidden: each client has its own decision");
  }
  if (cfg["prepend_rs_as"].flag() == true) {
    cfg["prepend_rs_as"].remark("the route server's AS is never in the path (RFC 7947 §2.2.2.1)");
  }
  if (cfg["communities"].is_somewhere()) {
    cfg["communities"].remark(
        "communities of one's own have no counterpart: those of Euro-IX hold");
  }
}

}  // namespace

PolicySettings arouteserver_defaults() {
  return {.session = {{"role", "false"}},
          .import = {{"prefix_length.ipv4", "8..24"},
                     {"prefix_length.ipv6", "12..48"},
                     {"reject_bogon_prefixes", "true"},
                     {"reject_bogon_asns", "true"},
                     {"max_as_path_length", "32"},
                     {"next_hop", "strict"},
                     {"irr.enforce_origin", "true"},
                     {"irr.enforce_prefix", "true"},
                     {"rpki", "off"},
                     {"graceful_shutdown", "false"}}};
}

void read_cfg(const YamlCursor& cfg, CfgOwner owner, PolicySettings& settings) {
  cfg.others_have_no_counterpart({"rs_as", "router_id", "prepend_rs_as", "path_hiding", "passive",
                                  "gtsm", "add_path", "rfc8950", "filtering", "blackhole_filtering",
                                  "graceful_shutdown", "rfc1997_wellknown_communities",
                                  "communities", "roles"});
  if (const auto passive = cfg["passive"].flag()) {
    add(settings.session, "dial", *passive ? "passive" : "active");
  }
  add_flag(settings.session, "gtsm", cfg["gtsm"]);
  add_flag(settings.session, "add_path", cfg["add_path"]);
  add_flag(settings.session, "extended_next_hop", cfg["rfc8950"]);
  read_roles(cfg["roles"], settings.session);
  read_filtering(cfg["filtering"], owner, settings);
  read_blackhole(cfg["blackhole_filtering"], owner, settings.import);
  read_rest(cfg, settings.import);
}

}  // namespace fabrix::interchange
