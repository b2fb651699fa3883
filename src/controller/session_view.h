// SessionView: all there is to know of a session, for people. Values.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "bgp/session.h"
#include "controller/admission.h"
#include "controller/route_retention.h"
#include "exchange/session_policy.h"

namespace fabrix::controller {

// A prefix limit, as far as the session has come to it.
enum class LimitState : std::uint8_t { kBelow, kNear, kPassed };

struct FamilyView {
  RouteRetention::Phase retention = RouteRetention::Phase::kNone;  // of its stale routes
  std::optional<std::chrono::steady_clock::time_point> retained_until;
  LimitState limit = LimitState::kBelow;
};

struct SessionView {
  bgp::SessionState state = bgp::SessionState::kIdle;
  std::chrono::steady_clock::time_point since;  // of this state being established or not
  std::string last_error;                       // why the last one ended
  bgp::SessionCounters counters;
  std::optional<bgp::Negotiated> negotiated;

  std::optional<bgp::NotificationMessage> last_sent;  // NOTIFICATIONs, of whatever connection
  std::optional<bgp::NotificationMessage> last_received;
  std::uint64_t established_count = 0;  // sessions since the start
  std::uint64_t connections = 0;        // accepted or dialled since the start
  std::uint64_t refused = 0;            // of those accepted: turned away
  std::uint64_t faults = 0;             // sessions that an exception of ours ended

  Bar bar = Bar::kNone;                                               // connections are refused
  std::optional<std::chrono::steady_clock::time_point> barred_until;  // none: for an operator

  exchange::Dialling dialling = exchange::Dialling::kPassive;
  std::optional<std::chrono::steady_clock::time_point> next_dial;

  FamilyView ipv4;
  FamilyView ipv6;
};

}  // namespace fabrix::controller
