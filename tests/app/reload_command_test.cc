// `fabrix reload` and `fabrix show rpki` against a real fabrixd with real sessions, on a LAN of
// their own: no route may have a next hop on the loopback network.
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "io/addresses.h"
#include "io/links.h"
#include "io/namespace.h"
#include "tests/app/member.h"
#include "tests/app/running_daemon.h"
#include "tests/controller/stayrtr.h"
#include "tests/io/world.h"

namespace fabrix::app {
namespace {

using ::testing::HasSubstr;
using testing::Member;
using testing::RunningDaemon;

const std::string kMemberD =
    "  - name: D\n"
    "    asn: 400\n"
    "    routers:\n"
    "      - {name: d1, mac: \"08:00:27:00:00:04\", addresses: [10.0.0.14], port: 4}\n";

class ReloadTest : public io::testing::NamespaceTest {
 protected:
  void SetUp() override {
    NamespaceTest::SetUp();
    if (IsSkipped()) return;
    lan_.emplace();
    auto netlink = lan_->netlink();
    ASSERT_TRUE(io::set_link_up(netlink, "lo"));
    for (const std::string address :
         {"10.0.0.2", "10.0.0.11", "10.0.0.12", "10.0.0.13", "10.0.0.14"}) {
      ASSERT_TRUE(io::add_address(
          netlink, {.link = "lo", .address = *net::IpAddress::parse(address), .length = 8}));
    }
    auto inside = io::NamespaceScope::enter(lan_->name());
    ASSERT_TRUE(inside);
    inside_.emplace(*std::move(inside));
    config_ = testing::loopback_exchange();
    for (std::size_t at = 0; (at = config_.find("127.", at)) != std::string::npos;) {
      config_.replace(at, 4, "10.");
    }
  }

  void start() {
    scratch_.write("exchange.yaml", config_);
    daemon_.emplace(loop_, scratch_, scratch_ / "exchange.yaml", lan_->name());
  }

  std::unique_ptr<Member> member(const std::string& address, std::uint32_t asn) {
    const io::IpEndpoint route_server{.address = *net::IpAddress::parse("10.0.0.2"),
                                      .port = daemon_->bgp_port()};
    return std::make_unique<Member>(loop_, address, asn, route_server);
  }

  static std::string with(std::string text, std::string_view what, std::string_view instead) {
    const auto at = text.find(what);
    EXPECT_NE(at, std::string::npos) << what;
    return text.replace(at, what.size(), instead);
  }

  io::CommandOutput reload(const std::string& config) {
    scratch_.write("exchange.yaml", config);
    return daemon_->ask({"reload"});
  }

  boost::json::value show(const std::string& what) const {
    return testing::parse_json(daemon_->ask({"show", what, "--json"}).out);
  }

  // Waits while sessions run.
  bool eventually(const std::function<bool()>& done) {
    return loop_.run_until(
        [&] {
          loop_.post([] {});
          return done();
        },
        testing::kPatience);
  }

  testing::Scratch scratch_;
  io::EventLoop loop_;
  std::optional<io::testing::TestNamespace> lan_;
  std::optional<io::NamespaceScope> inside_;
  std::string config_;
  std::optional<RunningDaemon> daemon_;
};

TEST_F(ReloadTest, AChangedFilterTakesEffectWithoutAResetOfTheSession) {
  start();
  const auto a = member("10.0.0.11", 100);
  const auto b = member("10.0.0.12", 200);
  ASSERT_TRUE(a->established() && b->established());
  b->announce("140.0.0.0/24");
  b->announce("150.0.0.0/16");
  ASSERT_TRUE(eventually([&] { return a->routes().size() == 2; }));

  const auto run = reload(with(config_, "    asn: 200\n",
                               "    asn: 200\n    import: {prefix_length: {ipv4: [8, 22]}}\n"));
  EXPECT_EQ(run.status.code, 0) << run.out << run.err;
  EXPECT_THAT(run.out, HasSubstr("participant B: prefix_length.ipv4"));
  EXPECT_THAT(run.out, HasSubstr("session 10.0.0.12: stays; its routes are judged again\n"));
  EXPECT_TRUE(eventually([&] { return !a->has("140.0.0.0/24"); }));
  EXPECT_TRUE(a->has("150.0.0.0/16"));
  EXPECT_FALSE(a->down() || b->down());
  EXPECT_EQ(b->refreshes(), 0);

  EXPECT_EQ(reload(config_).status.code, 0);
  EXPECT_TRUE(eventually([&] { return a->has("140.0.0.0/24"); }));
  EXPECT_FALSE(a->down() || b->down());
  EXPECT_EQ(b->refreshes(), 0);
}

TEST_F(ReloadTest, OnlySessionsWhoseOwnParametersChangedEnd) {
  start();
  const auto a = member("10.0.0.11", 100);
  const auto b = member("10.0.0.12", 200);
  const auto c = member("10.0.0.13", 300);
  ASSERT_TRUE(a->established() && b->established() && c->established());
  b->announce("140.0.0.0/24");
  c->announce("150.0.0.0/24");
  ASSERT_TRUE(eventually([&] { return a->routes().size() == 2; }));

  // B goes, C's session offers another hold time, D comes.
  std::string next = config_;
  const auto begin = next.find("  - name: B\n");
  next.erase(begin, next.find("  - name: C\n") - begin);
  next = with(next, "    asn: 300\n", "    asn: 300\n    session: {hold_time: 60}\n") + kMemberD;
  const auto run = reload(next);
  EXPECT_EQ(run.status.code, 0) << run.out << run.err;
  EXPECT_THAT(run.out, HasSubstr("participant B: removed\n"));
  EXPECT_THAT(run.out, HasSubstr("session 10.0.0.13: ends and begins anew\n"));
  // RFC 4486 §4: Peer De-configured, Other Configuration Change.
  ASSERT_TRUE(b->ended());
  ASSERT_TRUE(b->down()->received);
  EXPECT_EQ(b->down()->received->code, bgp::cease(bgp::Cease::kPeerDeconfigured).code);
  ASSERT_TRUE(c->ended());
  EXPECT_TRUE(eventually([&] { return a->routes().empty(); }));

  const auto d = member("10.0.0.14", 400);
  ASSERT_TRUE(d->established());
  d->announce("160.0.0.0/24");
  EXPECT_TRUE(eventually([&] { return a->has("160.0.0.0/24"); }));
  EXPECT_FALSE(a->down());
  EXPECT_EQ(show("participants").as_array().size(), 3U);
  EXPECT_EQ(show("sessions").as_array().size(), 3U);
}

TEST_F(ReloadTest, ABadFileChangesNothing) {
  start();
  const auto a = member("10.0.0.11", 100);
  ASSERT_TRUE(a->established());
  const auto bad = reload(with(config_, "asn: 200", "asn: two hundred"));
  EXPECT_EQ(bad.status.code, 78);
  EXPECT_THAT(bad.out, HasSubstr("exchange.yaml:15:"));
  EXPECT_THAT(bad.err, HasSubstr("the configuration is refused; the one before stays"));
  // What cannot change without a restart.
  const auto fixed = reload(with(config_, "asn: 65000", "asn: 65001"));
  EXPECT_EQ(fixed.status.code, 78);
  EXPECT_THAT(fixed.out, HasSubstr("cannot change without a restart: 65000 -> 65001"));
  daemon_->forget_log();
  daemon_->signal(SIGHUP);
  EXPECT_TRUE(daemon_->says("reload refused, the configuration before stays"));
  EXPECT_EQ(show("status").at("asn").as_int64(), 65000);
  EXPECT_FALSE(a->down());

  const auto same = reload(config_);
  EXPECT_EQ(same.status.code, 0);
  EXPECT_EQ(same.out, "no changes\n");
}

TEST_F(ReloadTest, CheckSaysWhatWouldHappenAndChangesNothing) {
  start();
  scratch_.write("exchange.yaml",
                 with(config_ + kMemberD, "asn: 100\n", "asn: 100\n    policy: A.policy\n"));
  scratch_.write("A.policy", "outbound = match(dstport=80) >> fwd(E)\n");
  const auto check = daemon_->ask({"reload", "--check"});
  EXPECT_EQ(check.status.code, 78);
  EXPECT_THAT(check.out, HasSubstr("participant D: added, AS400\n"));
  EXPECT_THAT(check.out, HasSubstr("error[P0202]"));
  EXPECT_EQ(show("participants").as_array().size(), 3U);
  scratch_.write("A.policy", "outbound = match(dstport=80) >> fwd(D)\n");
  EXPECT_EQ(daemon_->ask({"reload", "--check"}).status.code, 0);
  EXPECT_EQ(show("participants").as_array().size(), 3U);
  EXPECT_EQ(daemon_->ask({"reload"}).status.code, 0);
  EXPECT_EQ(show("participants").as_array().size(), 4U);
  EXPECT_EQ(show("policies").as_array().size(), 1U);
}

TEST_F(ReloadTest, APolicyThatNamesARemovedMemberIsReportedAndGone) {
  config_ = with(config_, "asn: 100\n", "asn: 100\n    policy: A.policy\n");
  scratch_.write("A.policy", "outbound = match(dstport=80) >> fwd(C)\n");
  start();
  const auto run = reload(config_.substr(0, config_.find("  - name: C\n")));
  EXPECT_EQ(run.status.code, 78);
  EXPECT_THAT(run.out, HasSubstr("error[P0202]"));
  EXPECT_THAT(run.out, HasSubstr("policy of A makes no sense any more: A has none now"));
  EXPECT_EQ(show("policies").as_array().size(), 0U);
}

TEST_F(ReloadTest, IrrFilesAreReadAgainAndABadOneLeavesTheLastGoodInUse) {
  config_ =
      with(config_, "    asn: 200\n", "    asn: 200\n    import: {irr: {prefixes_file: B.json}}\n");
  scratch_.write("B.json", R"({"NN": [{"prefix": "140.0.0.0/24", "exact": true}]})");
  start();
  const auto a = member("10.0.0.11", 100);
  const auto b = member("10.0.0.12", 200);
  ASSERT_TRUE(a->established() && b->established());
  b->announce("140.0.0.0/24");
  b->announce("150.0.0.0/24");
  ASSERT_TRUE(eventually([&] { return a->has("140.0.0.0/24"); }));
  EXPECT_FALSE(a->has("150.0.0.0/24"));

  scratch_.write("B.json", "{\"NN\": [{\"prefix\":\n \"150.0.0.0/24\", \"exact\": maybe}]}");
  const auto bad = daemon_->ask({"reload"});
  EXPECT_EQ(bad.status.code, 78);
  EXPECT_THAT(bad.out, HasSubstr("error[C0201]"));
  EXPECT_THAT(bad.out, HasSubstr("B.json:2:"));

  scratch_.write("B.json", R"({"NN": [{"prefix": "150.0.0.0/24", "exact": true}]})");
  EXPECT_EQ(daemon_->ask({"reload"}).status.code, 0);
  EXPECT_TRUE(eventually([&] { return a->has("150.0.0.0/24") && !a->has("140.0.0.0/24"); }));
  EXPECT_FALSE(b->down());
  EXPECT_EQ(b->refreshes(), 0);
}

// RFC 6811 §5, and RFC 9324 §3: without a route refresh.
TEST_F(ReloadTest, Rfc6811_5_ARouteThatBecomesInvalidIsWithdrawnFromTheOthers) {
  if (!controller::StayRtr::is_installed()) GTEST_SKIP() << "stayrtr is not installed";
  controller::StayRtr cache(loop_);
  cache.serve({controller::vrp("140.0.0.0/24", 200)});
  cache.start();
  config_ = with(config_, "port: 179}",
                 "port: 179, import: {rpki: reject-invalid}, rpki: {caches: [\"" +
                     io::to_string(cache.endpoint()) + "\"]}}");
  start();
  const auto a = member("10.0.0.11", 100);
  const auto b = member("10.0.0.12", 200);
  ASSERT_TRUE(a->established() && b->established());
  ASSERT_TRUE(eventually([&] { return show("rpki").at("coverage").as_string() == "current"; }))
      << daemon_->log() << cache.log();
  const auto status = show("rpki");
  EXPECT_EQ(status.at("vrps").as_int64(), 1);
  EXPECT_EQ(status.at("caches").at(0).at("link").as_string(), "up");
  EXPECT_THAT(daemon_->ask({"show", "rpki"}).out, HasSubstr("1 VRPs from cache 127.0.0.1:"));
  b->announce("140.0.0.0/24");
  b->announce("150.0.0.0/24");
  ASSERT_TRUE(eventually([&] { return a->routes().size() == 2; }));

  cache.serve({controller::vrp("140.0.0.0/24", 300)});
  EXPECT_TRUE(eventually([&] { return !a->has("140.0.0.0/24"); })) << cache.log();
  EXPECT_TRUE(a->has("150.0.0.0/24"));
  EXPECT_EQ(b->refreshes(), 0);
  EXPECT_FALSE(a->down() || b->down());

  cache.serve({controller::vrp("140.0.0.0/24", 200)});
  EXPECT_TRUE(eventually([&] { return a->has("140.0.0.0/24"); })) << cache.log();
}

TEST_F(ReloadTest, Rfc8416_SlurmAndVrpFilesAreReadAgain) {
  config_ = with(config_, "port: 179}",
                 "port: 179, import: {rpki: reject-invalid}, rpki: {vrps_file: vrps.json, "
                 "slurm_file: slurm.json}}");
  scratch_.write("vrps.json", R"({"roas":[{"prefix":"140.0.0.0/24","maxLength":24,"asn":300}]})");
  const std::string slurm_begin =
      R"({"slurmVersion":1,"validationOutputFilters":{"prefixFilters":[)";
  const std::string slurm_end =
      R"(],"bgpsecFilters":[]},"locallyAddedAssertions":{"prefixAssertions":[],"bgpsecAssertions":[]}})";
  scratch_.write("slurm.json", slurm_begin + slurm_end);
  start();
  const auto a = member("10.0.0.11", 100);
  const auto b = member("10.0.0.12", 200);
  ASSERT_TRUE(a->established() && b->established());
  b->announce("140.0.0.0/24");
  b->announce("150.0.0.0/24");
  ASSERT_TRUE(eventually([&] { return a->has("150.0.0.0/24"); }));
  EXPECT_FALSE(a->has("140.0.0.0/24"));
  scratch_.write("slurm.json", slurm_begin + R"({"asn":300})" + slurm_end);
  const auto run = daemon_->ask({"reload"});
  EXPECT_EQ(run.status.code, 0) << run.out;
  EXPECT_TRUE(eventually([&] { return a->has("140.0.0.0/24"); }));
  EXPECT_EQ(show("rpki").at("slurm_filters").as_int64(), 1);
}

}  // namespace
}  // namespace fabrix::app
