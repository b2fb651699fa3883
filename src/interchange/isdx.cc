#include "interchange/isdx.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <utility>
#include <vector>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <fmt/format.h>

#include "base/number.h"
#include "interchange/json_cursor.h"
#include "net/ip_address.h"
#include "net/mac_address.h"
#include "net/prefix.h"

namespace fabrix::interchange {
namespace {

namespace json = boost::json;

enum class ValueKind : std::uint8_t { kNumber, kAddress, kMac };

// A match field of OpenFlow 1.3, in the words of the policy language.
struct MatchField {
  std::string_view name;
  std::string_view test;
  ValueKind kind = ValueKind::kNumber;
  std::uint64_t most = 0;      // kNumber
  std::string_view says = {};  // what else it tests
};

constexpr std::array kFields{
    MatchField{"tcp_src", "srcport", ValueKind::kNumber, 0xffff, "protocol=tcp"},
    MatchField{"tcp_dst", "dstport", ValueKind::kNumber, 0xffff, "protocol=tcp"},
    MatchField{"udp_src", "srcport", ValueKind::kNumber, 0xffff, "protocol=udp"},
    MatchField{"udp_dst", "dstport", ValueKind::kNumber, 0xffff, "protocol=udp"},
    MatchField{"sctp_src", "srcport", ValueKind::kNumber, 0xffff, "protocol=sctp"},
    MatchField{"sctp_dst", "dstport", ValueKind::kNumber, 0xffff, "protocol=sctp"},
    MatchField{"ipv4_src", "srcip", ValueKind::kAddress},
    MatchField{"ipv4_dst", "dstip", ValueKind::kAddress},
    MatchField{"ipv6_src", "srcip", ValueKind::kAddress},
    MatchField{"ipv6_dst", "dstip", ValueKind::kAddress},
    MatchField{"eth_src", "srcmac", ValueKind::kMac},
    MatchField{"eth_dst", "dstmac", ValueKind::kMac},
    MatchField{"eth_type", "ethtype", ValueKind::kNumber, 0xffff},
    MatchField{"ip_proto", "protocol", ValueKind::kNumber, 0xff},
    MatchField{"ip_dscp", "dscp", ValueKind::kNumber, 0x3f},
    MatchField{"in_port", "inport", ValueKind::kNumber, 0xffff},
    MatchField{"vlan_vid", "vlan_id", ValueKind::kNumber, 0xfff},
    MatchField{"icmpv4_type", "icmp_type", ValueKind::kNumber, 0xff, "protocol=icmp"},
    MatchField{"icmpv4_code", "icmp_code", ValueKind::kNumber, 0xff, "protocol=icmp"},
};

// The length of a mask such as 255.0.0.0; none if its ones do not come first.
std::optional<unsigned> length_of(const net::IpAddress& mask) {
  const bool is_v4 = mask.family() == net::Family::kIpv4;
  const auto ones = is_v4 ? net::IpAddress::parse("255.255.255.255")
                          : net::IpAddress::parse("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
  for (unsigned bits = 0; bits <= net::width_of(mask.family()); ++bits) {
    if (ones->masked(bits) == mask) return bits;
  }
  return std::nullopt;
}

// "8" or "255.0.0.0"
std::optional<unsigned> length_of(const std::string& text, net::Family family) {
  if (const auto bits = parse_number<unsigned>(text)) return bits;
  const auto mask = net::IpAddress::parse(text);
  if (!mask || mask->family() != family) return std::nullopt;
  return length_of(*mask);
}

// Of "10.0.0.0/8", "10.0.0.1/255.0.0.0" or "10.0.0.1".
std::optional<std::string> prefix_text(const std::string& text) {
  const std::size_t slash = text.find('/');
  const auto address = net::IpAddress::parse(text.substr(0, slash));
  if (!address) return std::nullopt;
  if (slash == std::string::npos) return address->to_string();
  const auto length = length_of(text.substr(slash + 1), address->family());
  if (!length || *length > net::width_of(address->family())) return std::nullopt;
  return net::Prefix::containing(*address, *length)->to_string();
}

class Importer {
 public:
  Importer(const exchange::Exchange& exchange, net::ParticipantId owner, std::string_view file)
      : exchange_(exchange), owner_(exchange.participant(owner)), file_(file) {}

  Result<std::string, Remarks> run(const json::value& document) {
    const JsonCursor root(document, file_, remarks_);
    if (!document.is_object()) root.remark("expected an object with outbound and inbound");
    only(root, {"outbound", "inbound"});
    std::string text =
        fmt::format("# {}'s policy, from iSDX\n#pragma overlap = first\n", owner_.name);
    text += section(root["outbound"], "outbound");
    text += section(root["inbound"], "inbound");
    if (!remarks_.empty()) return fail(std::move(remarks_));
    return text;
  }

 private:
  // What is left out, or misspelt, would make another policy of it.
  static void only(const JsonCursor& object, std::initializer_list<std::string_view> known) {
    if (object.object() == nullptr) return;
    for (const auto& member : *object.object()) {
      const std::string_view name(member.key().data(), member.key().size());
      if (std::ranges::find(known, name) != known.end()) continue;
      object[name].remark(
          fmt::format("this has no counterpart: known are {}", fmt::join(known, ", ")));
    }
  }

  std::string section(const JsonCursor& rules, std::string_view word) {
    const auto items = rules.items();
    if (rules.object() != nullptr) {
      rules.remark("expected a list of rules");
      return {};
    }
    if (items.empty()) return {};
    if (items.size() > kMaxIsdxRules) {
      rules.remark(fmt::format("more than {} rules", kMaxIsdxRules));
      return {};
    }
    std::string text = fmt::format("\n{} = ", word);
    for (std::size_t i = 0; i < items.size(); ++i) {
      only(items[i], {"cookie", "match", "action"});
      if (i > 0) text += fmt::format("{:>{}} ", "+", word.size() + 2);
      const std::string tests = match(items[i]["match"]);
      const std::string deed = action(items[i]["action"], word);
      text += fmt::format("({} >> {}){}\n", tests, deed, cookie(items[i]["cookie"]));
    }
    return text;
  }

  static std::string cookie(const JsonCursor& cookie) {
    const auto number = cookie.number(~std::uint64_t{0} >> 1U);
    return number ? fmt::format("  # cookie {}", *number) : "";
  }

  static std::string match(const JsonCursor& match) {
    const json::object* const tests = match.object();
    if (tests == nullptr) {
      if (match.is_somewhere()) match.remark("expected an object of tests");
      return "match()";
    }
    std::vector<std::string> parts;
    const auto add = [&parts](std::string part) {
      if (std::ranges::find(parts, part) == parts.end()) parts.push_back(std::move(part));
    };
    for (const auto& member : *tests) {
      const std::string_view name(member.key().data(), member.key().size());
      const auto* const field = std::ranges::find(kFields, name, &MatchField::name);
      const JsonCursor value = match[name];
      if (field == kFields.end()) {
        value.remark("this test has no counterpart");
        continue;
      }
      if (!field->says.empty()) add(std::string(field->says));
      if (auto test = value_of(value, *field)) add(fmt::format("{}={}", field->test, *test));
    }
    return fmt::format("match({})", fmt::join(parts, ", "));
  }

  static std::optional<std::string> value_of(const JsonCursor& value, const MatchField& field) {
    if (field.kind == ValueKind::kNumber) {
      const auto number = value.number(field.most);
      return number ? std::optional(std::to_string(*number)) : std::nullopt;
    }
    const auto text = value.text();
    if (!text) return std::nullopt;
    if (field.kind == ValueKind::kMac) {
      const auto mac = net::MacAddress::parse(*text);
      if (mac) return mac->to_string();
    } else if (auto prefix = prefix_text(*text)) {
      return prefix;
    }
    value.remark(fmt::format("'{}' is no address", *text));
    return std::nullopt;
  }

  std::string action(const JsonCursor& action, std::string_view section) {
    const JsonCursor forward = action["fwd"];
    const json::object* const members = action.object();
    const bool only = members != nullptr && members->size() == 1;
    if (only && action["drop"].is_somewhere()) return "drop";
    const auto number = forward.number(0xffff);
    if (!only || !number) {
      action.remark(R"(expected {"fwd": N} or {"drop": 0})");
      return "drop";
    }
    return section == "outbound" ? peer(forward, *number) : port(forward, *number);
  }

  std::string peer(const JsonCursor& forward, std::uint64_t number) const {
    if (number == 0 || number > exchange_.participants.size()) {
      forward.remark(fmt::format("there is no participant {}: the exchange has {}, from 1", number,
                                 exchange_.participants.size()));
      return "drop";
    }
    return fmt::format("fwd('{}')", exchange_.participants[number - 1].name);
  }

  std::string port(const JsonCursor& forward, std::uint64_t number) const {
    if (number >= owner_.routers.size()) {
      forward.remark(fmt::format("{} has no port {}: it has {}, from 0", owner_.name, number,
                                 owner_.routers.size()));
      return "drop";
    }
    return fmt::format("fwd(port[{}])", number);
  }

  const exchange::Exchange& exchange_;
  const exchange::Participant& owner_;
  std::string_view file_;
  Remarks remarks_;
};

}  // namespace

Result<std::string, Remarks> import_isdx(std::string_view text, std::string_view file,
                                         const exchange::Exchange& exchange,
                                         net::ParticipantId owner) {
  const auto document = parse_json(text, file);
  if (!document) return fail(Remarks{document.error()});
  return Importer(exchange, owner, file).run(*document);
}

}  // namespace fabrix::interchange
