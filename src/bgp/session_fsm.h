// The BGP finite state machine as a table: what a session does about an input in a state
// (RFC 4271 §8.2.2, RFC 6608, RFC 9687).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace fabrix::bgp {

enum class SessionState : std::uint8_t { kIdle, kOpenSent, kOpenConfirm, kEstablished };
inline constexpr std::size_t kSessionStateCount = 4;

// Lower case, for people and the API: "idle", "open sent", "open confirm", "established".
std::string_view name_of(SessionState state);

enum class SessionInput : std::uint8_t {
  kConnected,
  kOpen,
  kUpdate,
  kKeepalive,
  kRouteRefresh,
  kNotification,
  kBadHeader,
  kHoldTimer,
  kKeepaliveTimer,
  kSendHoldTimer,
  kTransportClosed,
  kStop,
};
inline constexpr std::size_t kSessionInputCount = 12;

enum class SessionAction : std::uint8_t {
  kIgnore,
  kSendOpen,   // and wait for the peer's
  kJudgeOpen,  // accept it with a KEEPALIVE, or reject it
  kEstablish,
  kRestartHoldTimer,
  kJudgeUpdate,
  kJudgeRefresh,
  kSendKeepalive,
  kNotify,      // end the session with the NOTIFICATION that belongs to the input
  kUnexpected,  // end the session with 5/n
  kGiveUp,      // end the session without a NOTIFICATION
};

SessionAction action_for(SessionState state, SessionInput input);

}  // namespace fabrix::bgp
