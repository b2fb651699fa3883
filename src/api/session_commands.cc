#include "api/session_commands.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/array.hpp>
#include <fmt/format.h>

#include "api/find.h"
#include "api/neighbor_queries.h"
#include "bgp/notification_message.h"
#include "io/log.h"

namespace fabrix::api {
namespace {

namespace json = boost::json;

using controller::Bar;
using controller::BgpServer;
using routeserver::PeerId;

constexpr std::size_t kMostReason = 255;  // RFC 9003 §2

enum class Direction : std::uint8_t { kBoth, kIn, kOut };

// What goes with an action.
struct Details {
  std::string reason;
  Direction direction = Direction::kBoth;
};

// What was done, in words; or why nothing was.
using Outcome = Result<std::string>;
using CarryOut = Outcome (*)(BgpServer&, PeerId, const Details&);

std::string with_reason(std::string_view text, const Details& details) {
  const std::string reason = details.reason.empty() ? "" : ": " + bgp::clean_utf8(details.reason);
  return std::string(text) + reason;
}

Outcome reset(BgpServer& bgp, PeerId peer, const Details& details) {
  const auto ended = bgp.reset(peer, details.reason);
  if (!ended) return fail(ended.error());
  return with_reason("ended with 6/4 administrative reset", details);
}

Outcome refresh(BgpServer& bgp, PeerId peer, const Details& details) {
  if (details.direction != Direction::kIn) {
    const auto sent = bgp.resend(peer);
    if (!sent) return fail(sent.error());
    if (details.direction == Direction::kOut) return std::string("is sent all routes again");
  }
  const auto asked = bgp.refresh(peer);
  if (details.direction == Direction::kIn) {
    if (!asked) return fail(asked.error());
    return std::string("asked for all its routes");
  }
  if (asked) return std::string("asked for all its routes; is sent all routes again");
  return fail(Error{asked.error().message + "; is sent all routes again all the same"});
}

Outcome disable(BgpServer& bgp, PeerId peer, const Details& details) {
  const auto before = bgp.view(peer);
  bgp.disable(peer, details.reason);
  if (before.state != bgp::SessionState::kIdle) {
    return with_reason("disabled; ended with 6/2 administrative shutdown", details);
  }
  return std::string(before.bar == Bar::kDisabled ? "was disabled already"
                                                  : "disabled; there was no session");
}

Outcome enable(BgpServer& bgp, PeerId peer, const Details& /*details*/) {
  const Bar bar = bgp.view(peer).bar;
  bgp.enable(peer);
  // Behind the operator's bar there may be the prefix limit's.
  const bool was_over = bgp.view(peer).bar == Bar::kPrefixLimit;
  if (was_over) bgp.clear(peer);
  if (bar == Bar::kNone) return std::string("was not disabled");
  return std::string(was_over ? "welcome again after its prefix limit" : "welcome again");
}

struct Action {
  std::string_view name;
  CarryOut carry_out;
  bool tells_reason;
};

constexpr std::array kActions{
    Action{"reset", reset, true},
    Action{"refresh", refresh, false},
    Action{"disable", disable, true},
    Action{"enable", enable, false},
};

bool is_set(const json::object& request, std::string_view key) {
  const json::value* const value = request.if_contains(key);
  return value != nullptr && value->is_bool() && value->get_bool();
}

Result<std::vector<PeerId>, Refusal> peers_of(const controller::Controller& controller,
                                              const json::object& request) {
  if (const auto neighbor = text_of(request, "neighbor")) {
    return find_neighbors(controller, *neighbor);
  }
  if (!is_set(request, "all")) return bad_request(R"(which session? ("neighbor", or "all":true))");
  std::vector<PeerId> all;
  for (const routeserver::Peer& peer : controller.route_server().peers()) {
    if (peer.present) all.push_back(peer.id);
  }
  return all;
}

Result<Details, Refusal> details_of(const Action& action, const json::object& request) {
  Details details{.reason = std::string(text_of(request, "reason").value_or(""))};
  if (!details.reason.empty() && !action.tells_reason) {
    return bad_request(fmt::format("nobody is told a reason of {}", action.name));
  }
  if (details.reason.size() > kMostReason) {
    return bad_request(fmt::format("the reason has {} octets; a router is told at most {}",
                                   details.reason.size(), kMostReason));
  }
  const auto direction = text_of(request, "direction");
  if (!direction) return details;
  if (action.carry_out != refresh) return bad_request("only refresh has a direction");
  if (*direction != "in" && *direction != "out") {
    return bad_request(fmt::format("no direction is called '{}': write in or out", *direction));
  }
  details.direction = *direction == "in" ? Direction::kIn : Direction::kOut;
  return details;
}

}  // namespace

Answer command_sessions(const controller::Controller& controller, BgpServer* bgp,
                        const json::object& request) {
  if (bgp == nullptr) return bad_request("there are no sessions here");
  const auto name = text_of(request, "action").value_or("");
  const auto* const action = std::ranges::find(kActions, name, &Action::name);
  if (action == kActions.end()) {
    return bad_request(
        fmt::format("no action is called '{}': write reset, refresh, disable or enable", name));
  }
  FABRIX_TRY(const Details details, details_of(*action, request));
  FABRIX_TRY(const auto peers, peers_of(controller, request));
  std::size_t done = 0;
  json::array rows;
  for (const PeerId peer : peers) {
    const Outcome outcome = action->carry_out(*bgp, peer, details);
    json::object row = neighbor_identity(controller, peer);
    row["done"] = outcome.has_value();
    row["text"] = outcome ? *outcome : outcome.error().message;
    rows.push_back(std::move(row));
    if (outcome) ++done;
  }
  io::log_info("bgp",
               fmt::format("operator action={} neighbor={} done={} of={}", action->name,
                           text_of(request, "neighbor").value_or("all"), done, peers.size()));
  return json::object{{"action", action->name}, {"done", done}, {"sessions", std::move(rows)}};
}

}  // namespace fabrix::api
