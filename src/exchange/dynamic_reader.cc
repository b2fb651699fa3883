#include "exchange/dynamic_reader.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/number.h"
#include "exchange/config_value.h"
#include "exchange/participants.h"

namespace fabrix::exchange {
namespace {

constexpr std::size_t kMaxAsnRanges = 4096;
constexpr std::uint16_t kDefaultLimit = 100;

// 64512, or 64512..65534.
std::optional<AsnRange> read_asn_range(YamlReader& reader, const YamlNode& node) {
  const auto dots = node.scalar.find("..");
  if (node.kind != YamlNode::Kind::kScalar || dots == std::string::npos) {
    const auto asn = read_asn(reader, node);
    if (!asn) return std::nullopt;
    return AsnRange{*asn, *asn};
  }
  const auto number = [&](std::string_view text) -> std::optional<std::uint32_t> {
    const auto value = parse_number<std::uint32_t>(text);
    return value == 0U ? std::nullopt : value;
  };
  const std::string_view text = node.scalar;
  const auto first = number(text.substr(0, dots));
  const auto last = number(text.substr(dots + 2));
  if (first && last && *first <= *last) return AsnRange{{*first}, {*last}};
  reader.error(node.at, "C0113", fmt::format("{} is no range of AS numbers", quote(text)),
               "write it as 64512..65534");
  return std::nullopt;
}

std::optional<std::vector<AsnRange>> read_asn_ranges(YamlReader& reader, const YamlNode& node) {
  const auto items = bounded_list(reader, node, "AS numbers", kMaxAsnRanges);
  std::vector<AsnRange> ranges;
  for (const YamlNode& item : items) {
    if (const auto one = read_asn_range(reader, item)) ranges.push_back(*one);
  }
  if (items.empty()) reader.error(node.at, "C0137", "nobody would be welcome");
  return ranges;
}

void read_policies(YamlReader& reader, const YamlNode& node, const Defaults& defaults,
                   DynamicRange& range) {
  range.session = defaults.session;
  range.session.dialling = Dialling::kPassive;
  if (const YamlNode* const session = node.find("session")) {
    read_session(reader, *session, defaults.secrets, range.session);
    if (range.session.dialling == Dialling::kActive) {
      reader.error(session->at, "C0140", "who is not known cannot be dialled");
    }
  }
  ImportSettings settings = defaults.import;
  if (const YamlNode* const import = node.find("import")) {
    read_import(reader, *import, ImportOwner::kParticipant, settings);
    const IrrRule& irr = settings.policy.irr;
    if (!irr.prefixes_file.empty() || !irr.origins_file.empty()) {
      reader.error(import->at, "C0140", "IRR files are of one member: list it as a participant");
    }
  }
  range.import = settings.resolved();
}

// Ranges with a password around `prefix`, itself among them.
std::vector<const DynamicRange*> keyed_around(const Exchange& exchange, const net::Prefix& prefix) {
  std::vector<const DynamicRange*> found;
  for (const DynamicRange& range : exchange.route_server.dynamic) {
    if (range.session.md5_password && range.prefix.contains(prefix)) found.push_back(&range);
  }
  return found;
}

// Who is inside a range with a password and has none.
struct Exposed {
  std::string who;
  const DynamicRange* around;
};

std::vector<Exposed> exposed_routers(const Exchange& exchange) {
  std::vector<Exposed> all;
  for (const Router& router : exchange.routers) {
    if (exchange.owner(router.id).session.md5_password) continue;
    for (const net::IpAddress& address : router.addresses) {
      const auto host = net::Prefix::containing(address, net::width_of(address.family())).value();
      const auto around = keyed_around(exchange, host);
      if (!around.empty()) all.push_back({"router " + router.name, around.front()});
    }
  }
  return all;
}

std::vector<Exposed> exposed_ranges(const Exchange& exchange) {
  std::vector<Exposed> all;
  for (const DynamicRange& range : exchange.route_server.dynamic) {
    if (range.session.md5_password) continue;
    const auto around = keyed_around(exchange, range.prefix);
    if (!around.empty()) all.push_back({range.prefix.to_string(), around.front()});
  }
  return all;
}

// The kernel knows a key for a prefix and none for "no key", so whoever is inside a range with a
// password needs one too.
void check_passwords(YamlReader& reader, const YamlNode& node, const Exchange& exchange) {
  auto all = exposed_ranges(exchange);
  for (Exposed& one : exposed_routers(exchange)) all.push_back(std::move(one));
  for (const auto& [who, around] : all) {
    reader.error(node.at, "C0140",
                 fmt::format("{} has no md5_password, but is inside {}, which has one", who,
                             around->prefix.to_string()));
  }
}

void check_room(YamlReader& reader, const YamlNode& node, const Exchange& exchange) {
  std::size_t most = std::max(exchange.participants.size(), exchange.routers.size());
  for (const DynamicRange& range : exchange.route_server.dynamic) most += range.limit;
  if (most <= kMaxParticipants) return;
  reader.error(node.at, "C0136",
               fmt::format("with these limits there could be {} participants or routers, and there "
                           "is room for {}",
                           most, kMaxParticipants));
}

void read_range(YamlReader& reader, const YamlNode& node, const Defaults& defaults,
                Exchange& exchange) {
  static const std::vector<std::string> keys{"prefix", "asns", "limit", "session", "import"};
  if (!reader.expect_map(node, keys)) return;
  const YamlNode* const written = reader.require(node, "prefix");
  const auto prefix = written == nullptr ? std::nullopt : read_prefix(reader, *written);
  DynamicRange range{.prefix = prefix.value_or(net::Prefix::all(net::Family::kIpv4)),
                     .asns = {},
                     .limit = kDefaultLimit,
                     .session = {},
                     .import = {}};
  read_into(reader, node.find("asns"), read_asn_ranges, range.asns);
  read_into(reader, node.find("limit"),
            whole_number<std::uint16_t>({.least = 1, .most = kMaxParticipants}), range.limit);
  read_policies(reader, node, defaults, range);
  if (!prefix) return;
  auto& ranges = exchange.route_server.dynamic;
  const bool twice = std::any_of(ranges.begin(), ranges.end(),
                                 [&](const DynamicRange& one) { return one.prefix == *prefix; });
  if (twice) {
    reader.error(written->at, "C0126", fmt::format("{} is listed twice", prefix->to_string()));
  } else {
    ranges.push_back(std::move(range));
  }
}

}  // namespace

void read_dynamic_neighbors(YamlReader& reader, const YamlNode& node, const Defaults& defaults,
                            Exchange& exchange) {
  for (const YamlNode& item :
       bounded_list(reader, node, "ranges of neighbours", kMaxDynamicRanges)) {
    read_range(reader, item, defaults, exchange);
  }
  check_room(reader, node, exchange);
  check_passwords(reader, node, exchange);
}

}  // namespace fabrix::exchange
