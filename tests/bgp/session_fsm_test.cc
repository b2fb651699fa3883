#include "bgp/session_fsm.h"

#include <gtest/gtest.h>

namespace fabrix::bgp {
namespace {

using enum SessionState;
using enum SessionInput;

struct Cell {
  SessionState state;
  SessionInput input;
  SessionAction action;
};

// Written from RFC 4271 §8.2.2, RFC 6608 and RFC 9687, state by state: all cells, in words.
constexpr Cell kCells[] = {
    // Idle: a connection wakes it, nothing else does.
    {kIdle, kConnected, SessionAction::kSendOpen},
    {kIdle, kOpen, SessionAction::kIgnore},
    {kIdle, kUpdate, SessionAction::kIgnore},
    {kIdle, kKeepalive, SessionAction::kIgnore},
    {kIdle, kRouteRefresh, SessionAction::kIgnore},
    {kIdle, kNotification, SessionAction::kIgnore},
    {kIdle, kBadHeader, SessionAction::kIgnore},
    {kIdle, kHoldTimer, SessionAction::kIgnore},
    {kIdle, kKeepaliveTimer, SessionAction::kIgnore},
    {kIdle, kSendHoldTimer, SessionAction::kIgnore},
    {kIdle, kTransportClosed, SessionAction::kIgnore},
    {kIdle, kStop, SessionAction::kIgnore},
    // OpenSent waits for OPEN: 5/1 for other messages.
    {kOpenSent, kConnected, SessionAction::kIgnore},
    {kOpenSent, kOpen, SessionAction::kJudgeOpen},
    {kOpenSent, kUpdate, SessionAction::kUnexpected},
    {kOpenSent, kKeepalive, SessionAction::kUnexpected},
    {kOpenSent, kRouteRefresh, SessionAction::kUnexpected},
    {kOpenSent, kNotification, SessionAction::kGiveUp},
    {kOpenSent, kBadHeader, SessionAction::kNotify},
    {kOpenSent, kHoldTimer, SessionAction::kNotify},
    {kOpenSent, kKeepaliveTimer, SessionAction::kIgnore},
    {kOpenSent, kSendHoldTimer, SessionAction::kIgnore},
    {kOpenSent, kTransportClosed, SessionAction::kGiveUp},
    {kOpenSent, kStop, SessionAction::kNotify},
    // OpenConfirm waits for KEEPALIVE: 5/2 for other messages.
    {kOpenConfirm, kConnected, SessionAction::kIgnore},
    {kOpenConfirm, kOpen, SessionAction::kUnexpected},
    {kOpenConfirm, kUpdate, SessionAction::kUnexpected},
    {kOpenConfirm, kKeepalive, SessionAction::kEstablish},
    {kOpenConfirm, kRouteRefresh, SessionAction::kUnexpected},
    {kOpenConfirm, kNotification, SessionAction::kGiveUp},
    {kOpenConfirm, kBadHeader, SessionAction::kNotify},
    {kOpenConfirm, kHoldTimer, SessionAction::kNotify},
    {kOpenConfirm, kKeepaliveTimer, SessionAction::kSendKeepalive},
    {kOpenConfirm, kSendHoldTimer, SessionAction::kIgnore},
    {kOpenConfirm, kTransportClosed, SessionAction::kGiveUp},
    {kOpenConfirm, kStop, SessionAction::kNotify},
    // Established: only another OPEN is unexpected, 5/3.
    {kEstablished, kConnected, SessionAction::kIgnore},
    {kEstablished, kOpen, SessionAction::kUnexpected},
    {kEstablished, kUpdate, SessionAction::kJudgeUpdate},
    {kEstablished, kKeepalive, SessionAction::kRestartHoldTimer},
    {kEstablished, kRouteRefresh, SessionAction::kJudgeRefresh},
    {kEstablished, kNotification, SessionAction::kGiveUp},
    {kEstablished, kBadHeader, SessionAction::kNotify},
    {kEstablished, kHoldTimer, SessionAction::kNotify},
    {kEstablished, kKeepaliveTimer, SessionAction::kSendKeepalive},
    {kEstablished, kSendHoldTimer, SessionAction::kNotify},
    {kEstablished, kTransportClosed, SessionAction::kGiveUp},
    {kEstablished, kStop, SessionAction::kNotify},
};

TEST(SessionFsmTest, EveryCellIsAsTheRfcsSay) {
  static_assert(std::size(kCells) == kSessionStateCount * kSessionInputCount);
  for (const Cell& cell : kCells) {
    EXPECT_EQ(action_for(cell.state, cell.input), cell.action)
        << name_of(cell.state) << ", input " << static_cast<int>(cell.input);
  }
}

TEST(SessionFsmTest, StatesHaveNames) {
  EXPECT_EQ(name_of(kIdle), "idle");
  EXPECT_EQ(name_of(kOpenSent), "open sent");
  EXPECT_EQ(name_of(kOpenConfirm), "open confirm");
  EXPECT_EQ(name_of(kEstablished), "established");
}

}  // namespace
}  // namespace fabrix::bgp
