#include "api/session_json.h"

#include <string>

#include <boost/json/serialize.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bgp/notification_message.h"

namespace fabrix::api {
namespace {

using std::chrono::seconds;
using ::testing::HasSubstr;
using ::testing::Not;

const std::chrono::steady_clock::time_point kNow{seconds(1000)};

std::string text_of(const controller::SessionView& view) {
  boost::json::object object;
  add_session(view, kNow, object);
  return boost::json::serialize(object);
}

TEST(SessionJsonTest, NamesTheRolesOfRfc9234) {
  controller::SessionView view;
  view.negotiated.emplace();
  EXPECT_THAT(text_of(view), Not(HasSubstr("peer_role")));
  const auto named = [&](bgp::Role role) {
    view.negotiated->peer_role = role;
    return text_of(view);
  };
  EXPECT_THAT(named(bgp::Role::kProvider), HasSubstr(R"("peer_role":"Provider")"));
  EXPECT_THAT(named(bgp::Role::kRouteServer), HasSubstr(R"("peer_role":"RS")"));
  EXPECT_THAT(named(bgp::Role::kRouteServerClient), HasSubstr(R"("peer_role":"RS-Client")"));
  EXPECT_THAT(named(bgp::Role::kCustomer), HasSubstr(R"("peer_role":"Customer")"));
  EXPECT_THAT(named(bgp::Role::kPeer), HasSubstr(R"("peer_role":"Peer")"));
  EXPECT_THAT(named(bgp::Role{77}), HasSubstr(R"("peer_role":"77")"));
}

TEST(SessionJsonTest, SaysWhatWasAgreedOnRestarts) {
  controller::SessionView view;
  view.negotiated = bgp::Negotiated{
      .families = {.ipv4 = true, .ipv6 = true},
      .graceful_restart = bgp::PeerRestart{.restart_time = seconds(120),
                                           .notification = true,
                                           .families = {.ipv4 = true, .ipv6 = false},
                                           .forwarding_kept = {.ipv4 = true, .ipv6 = false}},
      .long_lived = {{.family = net::Family::kIpv6, .stale_time = seconds(86400)}}};
  EXPECT_THAT(text_of(view),
              HasSubstr(R"("graceful_restart":{"restart_time":120,"families":["ipv4"],)"
                        R"("forwarding_kept":["ipv4"],"notification":true},)"
                        R"("long_lived":{"ipv6":86400})"));
}

TEST(SessionJsonTest, SaysWhyAndHowLongConnectionsAreRefused) {
  controller::SessionView view;
  EXPECT_THAT(text_of(view), Not(HasSubstr("barred")));
  view.bar = controller::Bar::kDisabled;
  EXPECT_THAT(text_of(view), HasSubstr(R"("barred":{"why":"disabled"})"));
  view.bar = controller::Bar::kPrefixLimit;
  view.barred_until = kNow + std::chrono::milliseconds(1500);
  EXPECT_THAT(text_of(view), HasSubstr(R"("barred":{"why":"prefix limit","seconds":2})"));
  view.next_dial = kNow - seconds(5);
  view.dialling = exchange::Dialling::kActive;
  EXPECT_THAT(text_of(view), HasSubstr(R"("dialling":"active","next_dial_seconds":0)"));
}

TEST(SessionJsonTest, SaysTheLastNotificationsInWords) {
  controller::SessionView view;
  view.last_sent = bgp::cease(bgp::Cease::kConnectionRejected);
  view.last_received = bgp::cease(bgp::Cease::kAdministrativeShutdown, "see you");
  view.established_count = 3;
  view.connections = 7;
  view.refused = 2;
  const std::string text = text_of(view);
  EXPECT_THAT(text, HasSubstr(R"("last_sent":"6/5 connection rejected")"));
  EXPECT_THAT(text, HasSubstr(R"("last_received":"6/2 administrative shutdown: see you")"));
  EXPECT_THAT(text, HasSubstr(R"("sessions":{"established":3,"connections":7,"refused":2})"));
}

TEST(SessionJsonTest, SaysWhatIsStaleAndHowNearTheLimitIs) {
  const auto said = [](const controller::FamilyView& view) {
    boost::json::object object;
    add_family(view, kNow, object);
    return boost::json::serialize(object);
  };
  EXPECT_EQ(said({}), "{}");
  EXPECT_EQ(said({.retention = controller::RouteRetention::Phase::kLongLived,
                  .retained_until = kNow + seconds(60)}),
            R"({"stale":{"phase":"long-lived stale","seconds":60}})");
  EXPECT_EQ(said({.limit = controller::LimitState::kNear}), R"({"limit_state":"near"})");
  EXPECT_EQ(said({.limit = controller::LimitState::kPassed}), R"({"limit_state":"passed"})");
}

}  // namespace
}  // namespace fabrix::api
