// Whatever a script says of a route or of a flow specification: what is announced of it is whole
// messages that a router can read.
//
// Input: a JSON object, of a route or with "match" and "then".
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <span>
#include <string_view>

#include <boost/json/parse.hpp>

#include "analyzer/flow_json.h"
#include "analyzer/route_json.h"
#include "bgp/message_splitter.h"
#include "bgp/session_negotiation.h"
#include "speaker/outbox.h"

namespace fabrix {
namespace {

namespace json = boost::json;

constexpr bgp::FamilySet kBoth{.ipv4 = true, .ipv6 = true};

// Of all that is to be said: how many routes and rules.
std::size_t read(speaker::Outbox& outbox, const bgp::Negotiated& agreed) {
  std::size_t announced = 0;
  for (auto octets = outbox.next(); !octets.empty(); octets = outbox.next()) {
    bgp::MessageSplitter splitter;
    std::span<const std::byte> rest = octets;
    while (true) {
      const auto message = splitter.next(rest);
      if (!message) std::abort();
      if (!*message) break;
      const auto update = bgp::decode_update((*message)->body, bgp::update_options(agreed));
      if (!update) std::abort();
      for (const auto& each : update->announced) announced += each.prefixes.size();
      for (const auto& each : update->flowspec) announced += each.announced.size();
    }
  }
  return announced;
}

json::object part_of(const json::object& object, std::string_view key) {
  const auto* const part = object.if_contains(key);
  return part != nullptr && part->is_object() ? part->get_object() : json::object();
}

void announce(const json::object& object) {
  bgp::Negotiated agreed{.families = kBoth};
  agreed.flowspec = kBoth;
  speaker::Outbox outbox;
  const auto route = analyzer::parse_route(object);
  const bool is_route = route && speaker::check(route->prefix, route->route);
  if (is_route) outbox.announce(route->prefix, route->route);
  const auto rule = analyzer::parse_match(part_of(object, "match"));
  const auto actions = analyzer::parse_then(part_of(object, "then"));
  const bool is_rule = rule && actions && speaker::check(*rule, *actions);
  if (is_rule) outbox.announce_flow(*rule, *actions);
  outbox.begin(net::Asn{64500}, agreed);
  // A next hop that is nobody's is for the router to refuse, a rule may be too long for a message.
  if (read(outbox, agreed) > (is_route ? 1U : 0U) + (is_rule ? 1U : 0U)) std::abort();
}

}  // namespace
}  // namespace fabrix

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  boost::system::error_code error;
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): octets are characters here
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto value = boost::json::parse(text, error);
  if (!error && value.is_object()) fabrix::announce(value.get_object());
  return 0;
}
