#include "telemetry/key_lookup.h"

#include <algorithm>
#include <array>
#include <optional>
#include <variant>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/number.h"
#include "net/ip_address.h"
#include "telemetry/host_names.h"
#include "telemetry/metric_query.h"
#include "telemetry/metric_store.h"
#include "telemetry/name_source.h"
#include "telemetry/name_table.h"
#include "telemetry/route_view.h"
#include "telemetry/text.h"
#include "telemetry/topology.h"
#include "telemetry/uri_part.h"

namespace fabrix::telemetry {

namespace {

struct Question {
  const Lookups& lookups;
  const Sample& sample;
  std::string_view value;
  const std::vector<std::string>& arguments;
};

bool append_text(std::optional<std::string_view> text, std::string& out) {
  out += text.value_or("");
  return text && !text->empty();
}

bool append_text(const std::string* text, std::string& out) {
  if (text != nullptr) out += *text;
  return text != nullptr;
}

// Twelve digits, as macsource has them.
std::optional<std::uint64_t> mac_of(std::string_view text) {
  return text.size() == 12 ? parse_number<std::uint64_t>(text, 16) : std::nullopt;
}

bool group(const Question& asked, std::string& out) {
  const auto address = net::IpAddress::parse(asked.value);
  if (!address || asked.lookups.names == nullptr) return false;
  return std::ranges::any_of(asked.arguments, [&](const std::string& table) {
    return append_text(asked.lookups.names->group_of(table, *address), out);
  });
}

bool map(const Question& asked, std::string& out) {
  return asked.lookups.names != nullptr &&
         append_text(asked.lookups.names->name_of(asked.arguments[0], std::string(asked.value)),
                     out);
}

// Of a guest the names begin with vir_, as its metrics do; they need not be asked for so.
bool host(const Question& asked, std::string& out) {
  const auto mac = mac_of(asked.value);
  if (!mac || asked.lookups.metrics == nullptr) return false;
  const DataSource* const source = asked.lookups.metrics->adapters().find(*mac);
  const MetricMap* const metrics =
      source != nullptr ? asked.lookups.metrics->find(*source) : nullptr;
  if (metrics == nullptr) return false;
  auto found = metrics->find(asked.arguments[0]);
  if (found == metrics->end()) found = metrics->find("vir_" + asked.arguments[0]);
  return found != metrics->end() && append_text(text_of(found->second.value), out);
}

bool dns(const Question& asked, std::string& out) {
  const auto address = net::IpAddress::parse(asked.value);
  return address && asked.lookups.hosts != nullptr &&
         append_text(asked.lookups.hosts->name_of(*address), out);
}

constexpr std::array<std::string_view, 3> kCountryParts{"code", "name", "both"};

bool country(const Question& asked, std::string& out) {
  const auto address = net::IpAddress::parse(asked.value);
  if (!address || asked.lookups.world == nullptr) return false;
  const auto found = asked.lookups.world->country_of(*address);
  if (!found) return false;
  if (asked.arguments[0] == "name") return append_text(found->name, out);
  if (!append_text(found->code, out) || asked.arguments[0] == "code") return !found->code.empty();
  if (!found->name.empty()) out.append(" ").append(found->name);
  return true;
}

constexpr std::array<std::string_view, 3> kAsParts{"number", "descr", "both"};

std::optional<AutonomousSystem> as_of(const Question& asked, const net::IpAddress& address) {
  if (asked.lookups.world != nullptr) {
    if (const auto found = asked.lookups.world->as_of(address)) return found;
  }
  if (asked.sample.routes == nullptr) return std::nullopt;
  const auto match = asked.sample.routes->to_destination(asked.sample, address);
  if (!match || match->origin_as() == 0) return std::nullopt;
  return AutonomousSystem{.number = match->origin_as(), .name = {}};
}

bool asn(const Question& asked, std::string& out) {
  const auto address = net::IpAddress::parse(asked.value);
  const auto found = address ? as_of(asked, *address) : std::nullopt;
  if (!found) return false;
  if (asked.arguments[0] == "descr") return append_text(found->name, out);
  append_number(found->number, out);
  if (asked.arguments[0] == "both" && !found->name.empty()) out.append(" ").append(found->name);
  return true;
}

constexpr std::array<std::string_view, 2> kOuiParts{"number", "name"};

bool oui(const Question& asked, std::string& out) {
  const auto mac = mac_of(asked.value);
  if (!mac) return false;
  if (asked.arguments[0] == "number") return append_text(asked.value.substr(0, 6), out);
  return asked.lookups.world != nullptr &&
         append_text(asked.lookups.world->maker_of(static_cast<std::uint32_t>(*mac >> 24U)), out);
}

bool link(const Question& asked, std::string& out) {
  const auto if_index = parse_number<std::uint32_t>(asked.value);
  return if_index && asked.lookups.topology != nullptr &&
         append_text(asked.lookups.topology->link_at(asked.sample.agent, *if_index), out);
}

bool node(const Question& asked, std::string& out) {
  const auto if_index = parse_number<std::uint32_t>(asked.value);
  return if_index && asked.lookups.topology != nullptr &&
         append_text(asked.lookups.topology->node_at(asked.sample.agent, *if_index), out);
}

// The topology's, or else the agent's own.
bool ifname(const Question& asked, std::string& out) {
  const auto if_index = parse_number<std::uint32_t>(asked.value);
  if (!if_index) return false;
  if (asked.lookups.topology != nullptr &&
      append_text(asked.lookups.topology->port_at(asked.sample.agent, *if_index), out)) {
    return true;
  }
  if (asked.lookups.metrics == nullptr) return false;
  const auto* const metrics = asked.lookups.metrics->find({asked.sample.agent, {0, *if_index}});
  if (metrics == nullptr) return false;
  const auto found = metrics->find("ifname");
  return found != metrics->end() && append_text(text_of(found->second.value), out);
}

bool uri(const Question& asked, std::string& out) {
  return append_uri_part(asked.value, asked.arguments[0], out);
}

constexpr std::size_t kAny = 31;

}  // namespace

struct KeyLookup::Row {
  std::string_view name;
  std::size_t fewest = 0;  // arguments after the key
  std::size_t most = 0;
  std::span<const std::string_view> choices;  // of the argument, the default first; empty: any text
  bool (*append)(const Question& question, std::string& out) = nullptr;
  bool is_of_value = false;  // needs nothing else
};

// Null: there is no such function here.
const KeyLookup::Row* KeyLookup::find(std::string_view function) {
  static constexpr std::array kRows{
      Row{"group", 1, kAny, {}, group},
      Row{"map", 1, 1, {}, map},
      Row{"host", 1, 1, {}, host},
      Row{"dns", 0, 0, {}, dns},
      Row{"country", 0, 1, kCountryParts, country},
      Row{"asn", 0, 1, kAsParts, asn},
      Row{"oui", 0, 1, kOuiParts, oui, true},
      Row{"link", 0, 0, {}, link},
      Row{"node", 0, 0, {}, node},
      Row{"ifname", 0, 0, {}, ifname},
      Row{"uri", 1, 1, kUriParts, uri, true},
  };
  const auto* const found = std::ranges::find(kRows, function, &Row::name);
  return found != kRows.end() ? found : nullptr;
}

bool KeyLookup::is_one(std::string_view function) {
  return find(function) != nullptr;
}

Result<KeyLookup> KeyLookup::parse(std::string_view function,
                                   std::span<const std::string_view> arguments,
                                   const Lookups* lookups) {
  static constexpr Lookups kNothing;
  const Row& row = *find(function);
  if (arguments.size() < row.fewest || arguments.size() > row.most) {
    return fail(
        Error{fmt::format("{} has {} arguments, not {}", row.name,
                          row.fewest == row.most ? fmt::to_string(row.fewest + 1)
                                                 : fmt::format("{} or more", row.fewest + 1),
                          arguments.size() + 1)});
  }
  if (lookups == nullptr && !row.is_of_value) {
    return fail(Error{fmt::format("'{}' is the analyzer's: there is none here", row.name)});
  }
  KeyLookup made(row);
  made.lookups_ = lookups != nullptr ? lookups : &kNothing;
  made.arguments_.assign(arguments.begin(), arguments.end());
  if (row.choices.empty()) return made;
  if (arguments.empty()) {
    made.arguments_.emplace_back(row.choices.front());
  } else if (std::ranges::find(row.choices, arguments[0]) == row.choices.end()) {
    return fail(Error{
        fmt::format("{} has no '{}': {}", row.name, arguments[0], fmt::join(row.choices, ", "))});
  }
  return made;
}

bool KeyLookup::looks_up() const {
  return !row_->is_of_value;
}

bool KeyLookup::append(const Sample& sample, std::string_view value, std::string& out) const {
  return row_->append(
      {.lookups = *lookups_, .sample = sample, .value = value, .arguments = arguments_}, out);
}

}  // namespace fabrix::telemetry
