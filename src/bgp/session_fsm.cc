#include "bgp/session_fsm.h"

#include <array>

#include "base/assert.h"

namespace fabrix::bgp {
namespace {

using enum SessionAction;
using Column = std::array<SessionAction, kSessionStateCount>;

// One row for each SessionInput, one column for each SessionState.
constexpr std::array<Column, kSessionInputCount> kTable{{
    //                      idle       open sent   open confirm    established
    /* connected       */ {kSendOpen, kIgnore, kIgnore, kIgnore},
    /* OPEN            */ {kIgnore, kJudgeOpen, kUnexpected, kUnexpected},
    /* UPDATE          */ {kIgnore, kUnexpected, kUnexpected, kJudgeUpdate},
    /* KEEPALIVE       */ {kIgnore, kUnexpected, kEstablish, kRestartHoldTimer},
    /* ROUTE-REFRESH   */ {kIgnore, kUnexpected, kUnexpected, kJudgeRefresh},
    /* NOTIFICATION    */ {kIgnore, kGiveUp, kGiveUp, kGiveUp},
    /* bad header      */ {kIgnore, kNotify, kNotify, kNotify},
    /* hold timer      */ {kIgnore, kNotify, kNotify, kNotify},
    /* keepalive timer */ {kIgnore, kIgnore, kSendKeepalive, kSendKeepalive},
    // RFC 9687 §3.2: before that the hold timer bounds a stalled peer.
    /* send hold timer */ {kIgnore, kIgnore, kIgnore, kNotify},
    /* closed          */ {kIgnore, kGiveUp, kGiveUp, kGiveUp},
    /* stop            */ {kIgnore, kNotify, kNotify, kNotify},
}};

}  // namespace

std::string_view name_of(SessionState state) {
  switch (state) {
    case SessionState::kIdle:
      return "idle";
    case SessionState::kOpenSent:
      return "open sent";
    case SessionState::kOpenConfirm:
      return "open confirm";
    case SessionState::kEstablished:
      return "established";
  }
  FABRIX_ASSERT(false);
}

SessionAction action_for(SessionState state, SessionInput input) {
  return kTable.at(static_cast<std::size_t>(input)).at(static_cast<std::size_t>(state));
}

}  // namespace fabrix::bgp
