#include "analyzer/active_routing.h"

#include <map>
#include <string>

#include <gtest/gtest.h>

#include "io/owned_routes.h"
#include "tests/analyzer/routed.h"
#include "tests/io/world.h"

namespace fabrix::analyzer {
namespace {

using io::testing::ip;
using io::testing::prefix;
using std::chrono::milliseconds;
using std::chrono::seconds;

// Where routes are, as a kernel would have them; those by a next hop of 192.0.3.0/24 it refuses.
struct Fib {
  std::map<net::Prefix, net::IpAddress> routes;
  std::size_t most = 0;
  bool is_broken = false;

  std::string text() const {
    std::string all;
    for (const auto& [to, by] : routes) all += to.to_string() + " " + by.to_string() + "; ";
    return all;
  }
};

class FibTarget final : public RouteTarget {
 public:
  explicit FibTarget(Fib& fib) : fib_(fib) {}

  std::vector<Refused> change(std::span<const telemetry::RouteChange> changes) override {
    std::vector<Refused> refused;
    for (const telemetry::RouteChange& change : changes) {
      fib_.routes.erase(change.prefix);
      if (change.kind == telemetry::RouteChange::Kind::kRemove) continue;
      if (prefix("192.0.3.0/24").contains(change.next_hop)) {
        refused.push_back({change.prefix, "no way"});
      } else {
        fib_.routes.emplace(change.prefix, change.next_hop);
      }
      fib_.most = std::max(fib_.most, fib_.routes.size());
    }
    return refused;
  }

  Result<There> list() override {
    if (fib_.is_broken) return fail(Error{"it is broken"});
    return There(fib_.routes.begin(), fib_.routes.end());
  }

 private:
  Fib& fib_;
};

class ActiveRouteSetTest : public testing::Test {
 protected:
  ActiveRouteSetTest() {
    site_.router = ip("192.0.2.100");
    site_.ipv4 = 2;
    add_router(engine_);
  }

  void begin() {
    set_.reset();
    set_.emplace(engine_, site_, std::make_unique<FibTarget>(fib_));
  }
  void advance(telemetry::Time by = milliseconds(100)) {
    now_ += by;
    set_->tick(now_);
  }
  void send(std::string_view to) { send_to(engine_, to, now_); }

  telemetry::Engine engine_;
  exchange::ActiveRouteSite site_{.name = "edge"};
  telemetry::Time now_ = seconds(1'700'000'000);
  Fib fib_;
  std::optional<ActiveRouteSet> set_;
};

TEST_F(ActiveRouteSetTest, WhatHasTrafficIsInstalledAndTheLimitHolds) {
  begin();
  EXPECT_FALSE(set_->has_table());
  for (const auto* const text : {"10.1.0.0/16", "10.2.0.0/16", "10.3.0.0/16"}) {
    set_route(engine_, text, "192.0.2.7");
  }
  EXPECT_TRUE(set_->has_table());
  advance();
  EXPECT_EQ(fib_.text(), "");
  send("10.1.0.1");
  advance();
  EXPECT_EQ(fib_.text(), "10.1.0.0/16 192.0.2.7; ");
  send("10.2.0.1");
  send("10.3.0.1");
  send("10.3.0.1");
  advance(seconds(11));
  send("10.2.0.1");
  send("10.2.0.1");
  advance();
  EXPECT_EQ(fib_.most, 2U);
  EXPECT_EQ(set_->routes().counts(net::Family::kIpv4, now_).installed, 2U);
  set_route(engine_, "10.1.0.0/16", "0.0.0.0");
  set_route(engine_, "10.3.0.0/16", "192.0.2.8");
  advance();
  EXPECT_EQ(fib_.text(), "10.2.0.0/16 192.0.2.7; 10.3.0.0/16 192.0.2.8; ");
}

TEST_F(ActiveRouteSetTest, ItsAgentsAreBoundToTheRouter) {
  site_.agents = {ip("192.0.2.9")};
  engine_.routers().unbind_all();
  begin();
  set_route(engine_, "10.1.0.0/16", "192.0.2.7");
  advance();
  send("10.1.0.1");
  advance();
  EXPECT_EQ(fib_.text(), "10.1.0.0/16 192.0.2.7; ");
}

TEST_F(ActiveRouteSetTest, WhatIsThereFromBeforeIsAdoptedOrGoes) {
  fib_.routes = {{prefix("10.1.0.0/16"), ip("192.0.2.7")},
                 {prefix("10.2.0.0/16"), ip("192.0.2.7")},
                 {prefix("10.3.0.0/16"), ip("192.0.2.7")}};
  begin();
  set_route(engine_, "10.1.0.0/16", "192.0.2.9");
  advance();
  EXPECT_EQ(fib_.text(), "10.1.0.0/16 192.0.2.9; 10.2.0.0/16 192.0.2.7; ");
  advance(seconds(61));
  EXPECT_EQ(fib_.text(), "10.1.0.0/16 192.0.2.9; ");
}

TEST_F(ActiveRouteSetTest, DifferencesAreFoundAndPutRight) {
  begin();
  for (const auto* const text : {"10.1.0.0/16", "10.2.0.0/16"}) {
    set_route(engine_, text, "192.0.2.7");
  }
  send("10.1.0.1");
  send("10.2.0.1");
  advance();
  EXPECT_EQ(fib_.routes.size(), 2U);
  fib_.routes = {{prefix("10.2.0.0/16"), ip("192.0.2.99")},
                 {prefix("10.9.0.0/16"), ip("192.0.2.7")}};
  advance(ActiveRouteSet::kLook);
  EXPECT_EQ(fib_.text(), "10.1.0.0/16 192.0.2.7; 10.2.0.0/16 192.0.2.7; ");
}

TEST_F(ActiveRouteSetTest, WhatIsRefusedIsTold) {
  begin();
  set_route(engine_, "10.1.0.0/16", "192.0.3.1");
  send("10.1.0.1");
  advance();
  EXPECT_EQ(set_->trouble(), "10.1.0.0/16: no way");
  EXPECT_EQ(set_->routes().counts(net::Family::kIpv4, now_).refused, 1U);
  EXPECT_EQ(set_->routes().counts(net::Family::kIpv4, now_).installed, 0U);
  set_route(engine_, "10.1.0.0/16", "192.0.2.7");
  advance(telemetry::ActiveRoutes::kRetry);
  EXPECT_EQ(fib_.text(), "10.1.0.0/16 192.0.2.7; ");
  EXPECT_EQ(set_->trouble(), "");
}

TEST_F(ActiveRouteSetTest, WaitsUntilItKnowsWhatIsThere) {
  fib_.is_broken = true;
  begin();
  set_route(engine_, "10.1.0.0/16", "192.0.2.7");
  send("10.1.0.1");
  advance();
  EXPECT_EQ(fib_.text(), "");
  EXPECT_EQ(set_->trouble(), "it is broken");
  fib_.is_broken = false;
  advance(ActiveRouteSet::kLook);
  EXPECT_EQ(fib_.text(), "10.1.0.0/16 192.0.2.7; ");
}

TEST_F(ActiveRouteSetTest, AtTheEndItsRoutesGo) {
  begin();
  set_route(engine_, "10.1.0.0/16", "192.0.2.7");
  send("10.1.0.1");
  advance();
  set_->withdraw();
  EXPECT_EQ(fib_.text(), "");
}

// In a kernel, with what a process that was killed left behind.
class ActiveRoutingTest : public io::testing::CableTest {
 protected:
  std::vector<exchange::ActiveRouteSite> sites(std::size_t limit,
                                               std::uint32_t table = 4244) const {
    return {{.name = "edge",
             .router = ip("192.0.2.100"),
             .ipv4 = limit,
             .kernel = {.table = table, .network_namespace = near_->name()}}};
  }

  std::size_t in_kernel(std::uint32_t table = 4244) const {
    auto netlink = near_->netlink();
    const auto routes =
        io::list_owned_routes(netlink, {.table = table, .protocol = 70}, net::Family::kIpv4);
    EXPECT_TRUE(routes) << routes.error().message;
    return routes ? routes->size() : 0;
  }

  void send_to_some(telemetry::Engine& engine, int count) {
    for (int i = 0; i < count; ++i) {
      const std::string block = "10." + std::to_string(i) + ".0.";
      set_route(engine, block + "0/24", "192.0.2.2");
      send_to(engine, block + "1", now_);
    }
  }

  telemetry::Time now_ = seconds(1'700'000'000);
};

TEST_F(ActiveRoutingTest, FollowsTheConfiguration) {
  telemetry::Engine engine;
  add_router(engine);
  auto routing = std::make_unique<ActiveRouting>(engine);
  ASSERT_TRUE(routing->configure(sites(30)));
  send_to_some(engine, 50);
  routing->tick(now_ += seconds(1));
  EXPECT_EQ(in_kernel(), 30U);
  EXPECT_EQ(routing->find("edge")->routes().counts(net::Family::kIpv4, now_).installed, 30U);
  EXPECT_EQ(routing->find("core"), nullptr);
  // The same again, less room, another table.
  ASSERT_TRUE(routing->configure(sites(30)));
  EXPECT_EQ(in_kernel(), 30U);
  ASSERT_TRUE(routing->configure(sites(10)));
  routing->tick(now_ += seconds(1));
  EXPECT_EQ(in_kernel(), 10U);
  ASSERT_TRUE(routing->configure(sites(10, 4245)));
  EXPECT_EQ(in_kernel(), 0U);
  send_to_some(engine, 50);
  routing->tick(now_ += seconds(1));
  EXPECT_EQ(in_kernel(4245), 10U);
  // What cannot be had changes nothing.
  auto wrong = sites(10);
  wrong[0].kernel.network_namespace = "fxt-there-is-none";
  EXPECT_FALSE(routing->configure(wrong));
  EXPECT_EQ(routing->sets().size(), 1U);
  EXPECT_EQ(in_kernel(4245), 10U);
  routing.reset();
  EXPECT_EQ(in_kernel(4245), 0U);
}

TEST_F(ActiveRoutingTest, AdoptsWhatAProcessThatWasKilledLeft) {
  auto netlink = near_->netlink();
  const std::vector<io::RouteOrder> left{
      {.route = {.destination = prefix("10.0.0.0/24"), .gateway = ip("192.0.2.2")}},
      {.route = {.destination = prefix("10.1.0.0/24"), .gateway = ip("192.0.2.3")}}};
  const io::RouteOwner owner{.table = 4244, .protocol = 70};
  ASSERT_TRUE(change_routes(netlink, owner, left).empty());
  telemetry::Engine engine;
  add_router(engine);
  set_route(engine, "10.0.0.0/24", "192.0.2.2");
  set_route(engine, "10.1.0.0/24", "192.0.2.2");
  ActiveRouting routing(engine);
  ASSERT_TRUE(routing.configure(sites(30)));
  routing.tick(now_);
  const auto routes = io::list_owned_routes(netlink, owner, net::Family::kIpv4);
  ASSERT_TRUE(routes);
  ASSERT_EQ(routes->size(), 2U);
  for (const io::OwnedRoute& route : *routes) EXPECT_EQ(route.gateway, ip("192.0.2.2"));
}

}  // namespace
}  // namespace fabrix::analyzer
