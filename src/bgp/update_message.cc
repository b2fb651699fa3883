#include "bgp/update_message.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <memory>

#include <fmt/format.h>

#include "base/byte_reader.h"
#include "bgp/attribute_decoder.h"
#include "bgp/flowspec_nlri.h"
#include "bgp/nlri.h"

namespace fabrix::bgp {
namespace {

using Octets = std::span<const std::byte>;

constexpr std::uint8_t kMalformedListSubcode = 1;
constexpr std::uint8_t kOptionalAttributeSubcode = 9;
constexpr std::uint8_t kInvalidNetworkSubcode = 10;
constexpr Multiprotocol kIpv4Unicast{.afi = 1, .safi = Safi::kUnicast};

// The three fields of the body (RFC 4271 §4.3).
struct Fields {
  Octets withdrawn;
  Octets attributes;
  Octets nlri;
};

std::optional<Fields> split(Octets body) {
  ByteReader in(body);
  Fields fields;
  fields.withdrawn = in.bytes(in.u16());
  fields.attributes = in.bytes(in.u16());
  if (!in.ok()) return std::nullopt;
  fields.nlri = in.bytes(in.remaining());
  return fields;
}

// RFC 7606 §7.3: what no host can have as its address.
bool is_host(const net::IpAddress& address) {
  const auto octets = address.octets();
  if (address.family() == net::Family::kIpv4) {
    return octets[0] != 0 && octets[0] != 127 && octets[0] < 224;
  }
  const bool multicast = octets[0] == 0xff;
  const bool link_local = octets[0] == 0xfe && (octets[1] & 0xc0U) == 0x80;
  const bool unspecified_or_loopback =
      octets[15] <= 1 &&
      std::ranges::all_of(octets.first(15), [](std::uint8_t octet) { return octet == 0; });
  return !multicast && !link_local && !unspecified_or_loopback;
}

std::uint8_t type_code(AttributeType type) {
  return static_cast<std::uint8_t>(type);
}

// RFC 8955 §10, RFC 7606 §3.j: where rules cannot be told apart, none can be withdrawn.
Result<std::vector<FlowSpecRule>, UpdateReset> decode_rules(net::Family family, Octets nlri) {
  auto rules = decode_flowspec_routes(family, nlri);
  if (!rules) return fail(update_reset(kOptionalAttributeSubcode, {}, describe(rules.error())));
  return *std::move(rules);
}

class UpdateDecoder {
 public:
  UpdateDecoder(const Fields& fields, const UpdateOptions& options, DecodedAttributes attributes)
      : fields_(fields), options_(options), in_(std::move(attributes)) {}

  Result<UpdateMessage, UpdateReset> run();

 private:
  Result<void, UpdateReset> classic_withdrawals();
  Result<void, UpdateReset> multiprotocol_withdrawals();
  Result<void, UpdateReset> multiprotocol_announcements();
  Result<void, UpdateReset> classic_announcements();
  std::optional<net::Family> unicast(Multiprotocol family) const;
  std::optional<net::Family> flowspec(Multiprotocol family) const;
  FlowSpecRoutes& flowspec_routes(net::Family family);
  void withdraw(std::vector<net::Prefix> prefixes);
  void ignore(Multiprotocol family);
  void mark_end_of_rib();
  void require_mandatory_attributes();
  void require_host(const net::IpAddress& next_hop, AttributeType type);
  Result<void, UpdateReset> judge_attributes();
  void treat_as_withdraw();
  void let_announcements_win();
  bool announces() const;

  bool has_reachable_nlri() const {
    return !fields_.nlri.empty() || (in_.reach && !in_.reach->nlri.empty());
  }

  Fields fields_;
  const UpdateOptions& options_;
  DecodedAttributes in_;
  UpdateMessage out_;
};

Result<UpdateMessage, UpdateReset> UpdateDecoder::run() {
  if (auto done = classic_withdrawals(); !done) return fail(std::move(done.error()));
  if (auto done = multiprotocol_withdrawals(); !done) return fail(std::move(done.error()));
  if (auto done = multiprotocol_announcements(); !done) return fail(std::move(done.error()));
  if (auto done = classic_announcements(); !done) return fail(std::move(done.error()));
  mark_end_of_rib();
  require_mandatory_attributes();
  if (auto done = judge_attributes(); !done) return fail(std::move(done.error()));
  let_announcements_win();
  out_.discarded = std::move(in_.discarded);
  if (announces()) {
    out_.attributes = std::make_shared<const PathAttributes>(std::move(in_.attributes));
  }
  return std::move(out_);
}

Result<void, UpdateReset> UpdateDecoder::classic_withdrawals() {
  if (fields_.withdrawn.empty()) return {};
  auto prefixes = decode_nlri(fields_.withdrawn, net::Family::kIpv4);
  if (!prefixes) {
    return fail(update_reset(kInvalidNetworkSubcode, {}, "malformed withdrawn routes"));
  }
  if (options_.families.ipv4) {
    withdraw(*std::move(prefixes));
  } else {
    ignore(kIpv4Unicast);
  }
  return {};
}

Result<void, UpdateReset> UpdateDecoder::multiprotocol_withdrawals() {
  if (!in_.unreach) return {};
  if (const auto family = unicast(in_.unreach->family)) {
    auto prefixes = decode_nlri(in_.unreach->nlri, *family);
    if (!prefixes) {
      return fail(update_reset(kOptionalAttributeSubcode, {}, "malformed NLRI in MP_UNREACH_NLRI"));
    }
    withdraw(*std::move(prefixes));
  } else if (const auto flow = flowspec(in_.unreach->family)) {
    if (in_.unreach->nlri.empty()) return {};
    FABRIX_TRY(flowspec_routes(*flow).withdrawn, decode_rules(*flow, in_.unreach->nlri));
  } else {
    ignore(in_.unreach->family);
  }
  return {};
}

Result<void, UpdateReset> UpdateDecoder::multiprotocol_announcements() {
  if (!in_.reach) return {};
  if (const auto family = unicast(in_.reach->family)) {
    auto prefixes = decode_nlri(in_.reach->nlri, *family);
    if (!prefixes) {
      return fail(update_reset(kOptionalAttributeSubcode, {}, "malformed NLRI in MP_REACH_NLRI"));
    }
    if (prefixes->empty()) return {};
    const net::IpAddress next_hop = decode_next_hop(in_.reach->next_hop);
    require_host(next_hop, AttributeType::kMpReach);
    out_.announced.push_back(
        {.family = *family, .next_hop = next_hop, .prefixes = *std::move(prefixes)});
  } else if (const auto flow = flowspec(in_.reach->family)) {
    if (in_.reach->nlri.empty()) return {};
    FABRIX_TRY(flowspec_routes(*flow).announced, decode_rules(*flow, in_.reach->nlri));
  } else {
    ignore(in_.reach->family);
  }
  return {};
}

std::optional<net::Family> UpdateDecoder::unicast(Multiprotocol family) const {
  return negotiated_family(family, options_.families);
}

std::optional<net::Family> UpdateDecoder::flowspec(Multiprotocol family) const {
  return negotiated_family(family, options_.flowspec, Safi::kFlowSpec);
}

FlowSpecRoutes& UpdateDecoder::flowspec_routes(net::Family family) {
  const auto found = std::ranges::find(out_.flowspec, family, &FlowSpecRoutes::family);
  if (found != out_.flowspec.end()) return *found;
  return out_.flowspec.emplace_back(FlowSpecRoutes{.family = family});
}

Result<void, UpdateReset> UpdateDecoder::classic_announcements() {
  if (fields_.nlri.empty()) return {};
  auto prefixes = decode_nlri(fields_.nlri, net::Family::kIpv4);
  if (!prefixes) return fail(update_reset(kInvalidNetworkSubcode, {}, "malformed NLRI"));
  if (!options_.families.ipv4) {
    ignore(kIpv4Unicast);
    return {};
  }
  // Without NEXT_HOP the routes are withdrawn, so any address will do here.
  const auto next_hop = in_.next_hop.value_or(net::IpAddress::unspecified(net::Family::kIpv4));
  if (in_.next_hop) require_host(next_hop, AttributeType::kNextHop);
  out_.announced.push_back(
      {.family = net::Family::kIpv4, .next_hop = next_hop, .prefixes = *std::move(prefixes)});
  return {};
}

void UpdateDecoder::withdraw(std::vector<net::Prefix> prefixes) {
  if (out_.withdrawn.empty()) {
    out_.withdrawn = std::move(prefixes);
    return;
  }
  out_.withdrawn.insert(out_.withdrawn.end(), prefixes.begin(), prefixes.end());
}

void UpdateDecoder::ignore(Multiprotocol family) {
  if (std::ranges::find(out_.ignored_families, family) == out_.ignored_families.end()) {
    out_.ignored_families.push_back(family);
  }
}

// RFC 4724 §2: an UPDATE of nothing at all, or of nothing but an empty MP_UNREACH_NLRI.
void UpdateDecoder::mark_end_of_rib() {
  if (!fields_.withdrawn.empty() || !fields_.nlri.empty()) return;
  if (fields_.attributes.empty()) {
    if (options_.families.ipv4) out_.end_of_rib.push_back(net::Family::kIpv4);
    return;
  }
  const bool only_unreach = in_.unreach && in_.seen.count() == 1;
  if (!only_unreach || !in_.unreach->nlri.empty()) return;
  if (const auto family = unicast(in_.unreach->family)) {
    out_.end_of_rib.push_back(*family);
  } else if (const auto flow = flowspec(in_.unreach->family)) {
    flowspec_routes(*flow).end_of_rib = true;
  }
}

// RFC 7606 §3.d, RFC 4271 §5.
void UpdateDecoder::require_mandatory_attributes() {
  const auto require = [this](AttributeType type) {
    if (in_.seen[type_code(type)]) return;
    in_.treat_as_withdraw.push_back({type_code(type), AttributeError::kMissing});
  };
  if (!has_reachable_nlri()) return;
  require(AttributeType::kOrigin);
  require(AttributeType::kAsPath);
  if (!fields_.nlri.empty()) require(AttributeType::kNextHop);
}

void UpdateDecoder::require_host(const net::IpAddress& next_hop, AttributeType type) {
  if (is_host(next_hop)) return;
  in_.treat_as_withdraw.push_back({type_code(type), AttributeError::kInvalidNextHop});
}

Result<void, UpdateReset> UpdateDecoder::judge_attributes() {
  if (in_.treat_as_withdraw.empty()) return {};
  // RFC 7606 §5.2: the routes to withdraw may be what the error has hidden.
  if (!has_reachable_nlri()) {
    const AttributeError error = in_.treat_as_withdraw.front().error;
    const bool with_data = error != AttributeError::kMalformedList;
    return fail(update_reset(notification_for(error).subcode, with_data ? in_.first_bad : Octets{},
                             "malformed attributes in an UPDATE without routes"));
  }
  treat_as_withdraw();
  out_.treated_as_withdraw = std::move(in_.treat_as_withdraw);
  return {};
}

void UpdateDecoder::treat_as_withdraw() {
  for (Announcement& announcement : out_.announced) withdraw(std::move(announcement.prefixes));
  out_.announced.clear();
  for (FlowSpecRoutes& routes : out_.flowspec) {
    std::ranges::move(routes.announced, std::back_inserter(routes.withdrawn));
    routes.announced.clear();
  }
}

bool UpdateDecoder::announces() const {
  return !out_.announced.empty() ||
         std::ranges::any_of(
             out_.flowspec, [](const FlowSpecRoutes& routes) { return !routes.announced.empty(); });
}

// RFC 4271 §4.3: what is in both is as if it were not withdrawn. `announced` will be sorted.
template <typename Route>
void erase_announced(std::vector<Route> announced, std::vector<Route>& withdrawn) {
  std::ranges::sort(announced);
  std::erase_if(withdrawn, [&announced](const Route& route) {
    return std::ranges::binary_search(announced, route);
  });
}

void UpdateDecoder::let_announcements_win() {
  for (FlowSpecRoutes& routes : out_.flowspec) {
    if (routes.withdrawn.empty() || routes.announced.empty()) continue;
    erase_announced(routes.announced, routes.withdrawn);
  }
  if (out_.withdrawn.empty() || out_.announced.empty()) return;
  std::vector<net::Prefix> announced;
  for (const Announcement& announcement : out_.announced) {
    announced.insert(announced.end(), announcement.prefixes.begin(), announcement.prefixes.end());
  }
  erase_announced(std::move(announced), out_.withdrawn);
}

struct ErrorInfo {
  AttributeError error;
  std::uint8_t subcode;
  std::string_view text;
};

// RFC 4271 §6.3.
constexpr std::array kErrors{
    ErrorInfo{AttributeError::kMalformedList, 1, "attributes end within an attribute"},
    ErrorInfo{AttributeError::kUnknownWellKnown, 2, "unknown well-known attribute"},
    ErrorInfo{AttributeError::kMissing, 3, "mandatory attribute missing"},
    ErrorInfo{AttributeError::kFlags, 4, "wrong flags"},
    ErrorInfo{AttributeError::kLength, 5, "wrong length"},
    ErrorInfo{AttributeError::kInvalidOrigin, 6, "invalid origin"},
    ErrorInfo{AttributeError::kInvalidNextHop, 8, "next hop is not a host address"},
    ErrorInfo{AttributeError::kMalformedAsPath, 11, "malformed AS path"},
    ErrorInfo{AttributeError::kMalformedValue, 9, "malformed value"},
    ErrorInfo{AttributeError::kRepeated, 1, "repeated"},
    ErrorInfo{AttributeError::kNotAllowed, 9, "not allowed here"},
};

const ErrorInfo& info(AttributeError error) {
  return kErrors.at(static_cast<std::size_t>(error));  // in order of the enumerators
}

}  // namespace

std::string_view describe(AttributeError error) {
  return info(error).text;
}

NotificationCode notification_for(AttributeError error) {
  return {3, info(error).subcode};
}

std::string to_string(const AttributeProblem& problem) {
  return fmt::format("attribute {}: {}", problem.type, describe(problem.error));
}

bool operator==(const UpdateMessage& a, const UpdateMessage& b) {
  const bool same_attributes = a.attributes == nullptr || b.attributes == nullptr
                                   ? a.attributes == b.attributes
                                   : *a.attributes == *b.attributes;
  return same_attributes && a.withdrawn == b.withdrawn && a.announced == b.announced &&
         a.treated_as_withdraw == b.treated_as_withdraw && a.discarded == b.discarded &&
         a.end_of_rib == b.end_of_rib && a.ignored_families == b.ignored_families &&
         a.flowspec == b.flowspec;
}

Result<UpdateMessage, UpdateReset> decode_update(std::span<const std::byte> body,
                                                 const UpdateOptions& options) {
  const auto fields = split(body);
  if (!fields) {  // RFC 7606 §3.b
    return fail(update_reset(kMalformedListSubcode, {}, "field lengths exceed the message"));
  }
  FABRIX_TRY(DecodedAttributes attributes, decode_attributes(fields->attributes, options));
  return UpdateDecoder(*fields, options, std::move(attributes)).run();
}

}  // namespace fabrix::bgp
