// What a script hears of, and what it answers.
#include "analyzer/hosted_script.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/analyzer/hosted_world.h"
#include "tests/speaker/far_router.h"
#include "tests/telemetry/counted.h"

namespace fabrix::analyzer {
namespace {

using ::testing::HasSubstr;
using testing::HostedWorld;

TEST(HostedScript, HearsOfEventsOfItsThresholds) {
  HostedWorld world;
  world.run("e.js", R"(
    setFlow('f', {keys: 'ipsource', value: 'frames', t: 600});
    ['t', 'u'].forEach(name => setThreshold(name, {metric: 'f', value: 0.5, byFlow: true}));
    setEventHandler(function(event) {
      logInfo('event', event.thresholdID, event.flowKey, event.dataSource,
              thresholdTriggered(event.thresholdID, event.agent,
                                 event.dataSource + '.' + event.metric, event.flowKey),
              thresholdTriggered('t', event.agent, '8.f', event.flowKey));
    }, ['t']);
    logInfo('ready');)");
  ASSERT_TRUE(world.runs("e.js"));
  world.sample("udp 10.4.3.9:53 -> 10.1.2.3:9");
  ASSERT_TRUE(world.logs("e.js", "INFO: event t 10.4.3.9 7 true false"));
  EXPECT_EQ(world.get("/scripts/e.js/log/txt").find("event u"), std::string::npos);
}

TEST(HostedScript, HearsOfRecordsUntilItNoLongerWants) {
  HostedWorld world;
  world.run("r.js", R"(
    setFlow('f', {keys: 'ipsource', value: 'frames', log: true, flowStart: true});
    setFlowHandler(function(record) {
      logInfo('record', record.name, record.flowKeys);
      clearFlowHandler();
    });)");
  ASSERT_TRUE(world.runs("r.js"));
  world.sample("udp 10.4.3.9:53 -> 10.1.2.3:9");
  ASSERT_TRUE(world.logs("r.js", "record f 10.4.3.9"));
  ASSERT_TRUE(world.wait([&] { return world.status("r.js").at("works") == 2; }));
  world.sample("udp 10.4.3.10:53 -> 10.1.2.3:9");
  EXPECT_EQ(world.engine.flows().records().total(), 2U);
  // It answers after whatever it was told before.
  world.ask(http::Method::kGet, "/script/r.js/json");
  EXPECT_EQ(world.get("/scripts/r.js/log/txt").find("10.4.3.10"), std::string::npos);
}

TEST(HostedScript, HearsOfTheTime) {
  HostedWorld world;
  world.run("t.js", R"(
    var count = 0;
    setIntervalHandler(function(now) {
      logInfo('tick', ++count, Math.abs(now - Date.now()) < 600000);
      if (count === 2) clearIntervalHandler();
    }, 0.1);)");
  EXPECT_TRUE(world.logs("t.js", "tick 2 true"));
}

TEST(HostedScript, AnswersRequests) {
  HostedWorld world;
  world.run("h.js", R"(
    setHttpHandler(function(req) {
      switch (req.path[0]) {
      case 'echo': return req;
      case 'text': return 'line\n';
      case 'nothing': return;
      case 'bad': throw 'bad_request';
      case 'wrong': if (req.error) throw req.error; return;
      case 'broken': return this.that.not;
      default: throw 'not_found';
      }
    });)");
  ASSERT_TRUE(world.runs("h.js"));
  const auto echoed = boost::json::parse(std::get<std::string>(
      world.ask(http::Method::kPost, "/script/h.js/echo/x/json?k=1&k=2&l", R"({"a":[1]})").body));
  EXPECT_EQ(boost::json::serialize(echoed),
            R"({"method":"POST","path":["echo","x"],"format":"json",)"
            R"("query":{"k":["1","2"],"l":[""]},"headers":{},"body":{"a":[1]}})");
  EXPECT_EQ(world.get("/script/h.js/text/txt"), "line\n");
  EXPECT_EQ(world.get("/app/any/scripts/h.js/text/txt"), "line\n");
  const auto status = [&](const std::string& path, const std::string& body = {}) {
    return world.ask(http::Method::kPut, path, body).status;
  };
  EXPECT_EQ(status("/script/h.js/nothing/json"), 204U);
  EXPECT_EQ(status("/script/h.js/bad/json"), 400U);
  EXPECT_EQ(status("/script/h.js/wrong/json", "{"), 400U);
  EXPECT_EQ(status("/script/h.js/json"), 404U);
  EXPECT_EQ(status("/script/h.js/broken/json"), 500U);
  EXPECT_THAT(world.get("/scripts/h.js/log/txt"), HasSubstr("SEVERE: TypeError"));
}

TEST(HostedScript, HearsOfItsRoutersAndTellsThem) {
  using speaker::testing::ip;
  HostedWorld world;
  ASSERT_TRUE(world.sessions.configure({.listen = io::IpEndpoint{ip("127.0.0.1"), 0}}));
  world.run("r.js", R"(
    bgpAddNeighbor('127.0.0.2', '64500', '10.0.0.1', {flowspec: true}, function(router) {
      logInfo('open', router, bgpAddRoute(router, {prefix: '10.0.0.7', nexthop: '192.0.2.1'}),
              bgpRouteCount(router), bgpAddFlow(router, {match: {destination: '10.0.0.8'},
                                                         then: {'traffic-rate': 0}}),
              bgpFlowCount(router));
    }, function(router) { logInfo('close', router); });
    logInfo('added');)");
  ASSERT_TRUE(world.logs("r.js", "added"));
  bgp::SessionConfig config = speaker::testing::far_config(65001);
  config.flowspec = {.ipv4 = true};
  speaker::testing::FarRouter far(world.loop, config, *world.sessions.speaker().listening(),
                                  ip("127.0.0.2"));
  EXPECT_TRUE(world.logs("r.js", "open 127.0.0.2 true 1 true 1"));
  EXPECT_TRUE(world.wait([&] { return far.routes.size() == 1 && far.flows.size() == 1; }));
  // The process ends, and what it told with it; the next one is told of the session.
  world.ask(http::Method::kPut, "/scripts/r.js/json", R"({"state":"stopped"})");
  EXPECT_TRUE(world.wait([&] { return far.routes.empty() && far.flows.empty(); }));
  world.ask(http::Method::kPut, "/scripts/r.js/json", R"({"state":"running"})");
  EXPECT_TRUE(world.wait([&] { return far.routes.size() == 1 && far.flows.size() == 1; }));
  far.hang_up();
  EXPECT_TRUE(world.logs("r.js", "close 127.0.0.2"));
}

// MD5 as RFC 1321 §A.5 has it.
TEST(HostedScript, ReckonsWithoutAsking) {
  HostedWorld world;
  world.run("l.js", R"js(
    logInfo('md5', md5(''), md5('message digest'));
    logInfo('date', formatDate(new Date(Date.UTC(2016, 8, 7, 22, 9, 16)),
                               "EEE d MMM yy hh:mm:ss a 'at' Z"), formatDate(0));
    logInfo('number', formatNumber(1234567.891, '#,##0.00'), formatNumber(0.256, '0.#%'),
            formatNumber(-5, '000'), formatNumber(0.5, '#.##'), formatNumber(12.6, "0'%' off"),
            formatNumber(9999, "'#'#,##0 'o''clock'"));
    baselineCreate('c');
    logInfo('first of 180', baselineCheck('c', 1));
    baselineCreate('b', 5, 2, 2);
    var states = [10, 11, 9, 10, 10, 10, 50, 60, 10].map(value => baselineCheck('b', value));
    logInfo('baseline', states.join(' '), Math.round(baselineStatistics('b').mean),
            baselineCheck('none', 1), baselineReset('b'), baselineStatistics('b'),
            baselineDelete('b'), baselineDelete('b'));
  )js");
  ASSERT_TRUE(world.logs("l.js", "baseline"));
  const std::string log = world.get("/scripts/l.js/log/txt");
  EXPECT_THAT(log, HasSubstr("md5 d41d8cd98f00b204e9800998ecf8427e "
                             "f96b697d7cb7938d525a2f31aaf161d0"));
  EXPECT_THAT(log, HasSubstr("date Wed 7 Sep 16 10:09:16 PM at +0000 1970-01-01T00:00:00+0000"));
  EXPECT_THAT(log, HasSubstr("number 1,234,567.89 25.6% -005 .5 13% off #9,999 o'clock"));
  EXPECT_THAT(log, HasSubstr("first of 180 learning"));
  EXPECT_THAT(log, HasSubstr("baseline learning learning learning learning learning normal normal "
                             "high normal 28 null true null true false"));
}

TEST(HostedScript, AsksTheTopology) {
  HostedWorld world;
  world.run("t.js", R"js(
    const link = (node1, port1, node2, port2) => ({node1, port1, node2, port2});
    setTopology({nodes: {a: {agent: '192.0.2.9', ports: {p1: {ifindex: 1}, p2: {ifindex: 2}}},
                         b: {agent: '192.0.2.10', ports: {p1: {ifindex: 1}}}, c: {}},
                 links: {ab: link('a', 'p1', 'b', 'p1'), bc: link('b', 'p2', 'c', 'p1')}});
    const say = (...values) => logInfo(...values.map(value => JSON.stringify(value)));
    say('names', topologyNodeNames(), topologyLinkNames(), topologyLink('bc').node2);
    say('links', topologyNodeLinks('b'), topologyNode('x'), topologyLink('x'));
    say('port', topologyInterfaceToPort('192.0.2.9', '2'), topologyInterfaceToPort('192.0.2.9', 3));
    say('name', ifName('192.0.2.9', '2'), ifName('192.0.2.9', 3), ifName('192.0.2.99', '1'));
    say('link', topologyInterfaceToLink('192.0.2.10', 1), topologyInterfaceToLink('192.0.2.9', 2));
    say('agent', topologyAgentForNode('a'), topologyAgentForNode('c'),
        topologyNodesForAgent('192.0.2.9'), topologyNodesForAgent('192.0.2.99'));
    say('path', topologyShortestPath('a', 'c'), topologyShortestPaths('a', 'c', 3),
        topologyMinimumSpanningTree(), topologyDiameter());
    say('metric', topologyLinkMetric('ab', 'ifspeed'), topologyLinkMetric('x', 'ifspeed'));
    say('host', topologyVersion());
  )js");
  ASSERT_TRUE(world.logs("t.js", "\"host\""));
  const std::string log = world.get("/scripts/t.js/log/txt");
  for (const auto* text :
       {R"("names" ["a","b","c"] ["ab","bc"] "c")", R"("links" ["ab","bc"] null null)",
        R"("port" {"node":"a","port":"p2"} null)", R"("name" "p2" null null)",
        (R"("link" {"linkname":"ab","link":"ab","localnode":"b","localport":"p1","remotenode":"a",)"
         R"("remoteport":"p1"} null)"),
        R"("agent" "192.0.2.9" null ["a"] [])", R"("path" ["ab","bc"] [["ab","bc"]] ["ab","bc"] 2)",
        R"("metric" [{"metricName":"ifspeed"},{"metricName":"ifspeed"}] null)", R"("host" 1)"}) {
    EXPECT_THAT(log, HasSubstr(text));
  }
}

// As scripts for controllers ask for the port of an event: two bridges of one Open vSwitch.
TEST(HostedScript, KnowsBridgesThatHaveOneAgent) {
  HostedWorld world;
  const net::IpAddress agent = net::IpAddress::v4({192, 0, 2, 9});
  const auto tell = [&](std::uint32_t port, std::uint64_t datapath, std::uint64_t number) {
    const telemetry::Counted counted{.source = {0, port},
                                     .agent = agent,
                                     .records = {{sflow::Tag::of(0, 1004), {datapath, number}}}};
    world.engine.receive(telemetry::datagram_of(counted), agent, world.time);
  };
  tell(3, 1, 1);
  tell(5, 2, 1);
  world.run("b.js", R"js(
    setTopology({nodes: {s1: {agent: '192.0.2.9', ports: {'s1-eth1': {ifindex: '3'}}},
                         s2: {agent: '192.0.2.9', ports: {'s2-eth1': {ifindex: '5'}}}}});
    logInfo('nodes', JSON.stringify(topologyNodesForAgent('192.0.2.9')));
    logInfo('port', JSON.stringify(topologyInterfaceToPort('192.0.2.9', '5')),
            topologyAgentForNode('s2'));)js");
  ASSERT_TRUE(world.logs("b.js", "port"));
  const std::string log = world.get("/scripts/b.js/log/txt");
  EXPECT_THAT(log, HasSubstr(R"(nodes ["s1","s2"])"));
  EXPECT_THAT(log, HasSubstr(R"({"node":"s2","port":"s2-eth1","dpid":"0000000000000002",)"
                             R"("ofport":"1"} 192.0.2.9)"));
}

TEST(HostedScript, LocatesHostsWhereTheirFramesComeIn) {
  HostedWorld world;
  world.run("h.js", R"js(
    setTopology({nodes: {leaf: {agent: '192.0.2.9', ports: {swp7: {ifindex: 7}}}, spine: {}},
                 links: {up: {node1: 'leaf', port1: 'swp1', node2: 'spine', port2: 'swp1'}}});
    topologyLocatedHostMacs();
    logInfo('none', topologyLocateHostIP('10.4.3.9').length, topologyLocateHostIP6('::1').length);
    setHttpHandler((req) => {
      const mac = topologyLocatedHostMacs()[0];
      return {ip: topologyLocateHostIP('10.4.3.9'), mac: topologyLocateHostMac(mac)[0].port,
              other: topologyLocateHostMac('00:00:00:00:00:0f')};
    });)js");
  ASSERT_TRUE(world.logs("h.js", "none 0 0"));
  ASSERT_TRUE(world.runs("h.js"));
  world.sample("udp 10.4.3.9:53 -> 10.1.2.3:9");
  EXPECT_EQ(world.get("/script/h.js/json"),
            R"({"ip":[{"agent":"192.0.2.9","ifindex":"7","ipaddress":"10.4.3.9","node":"leaf",)"
            R"("port":"swp7"}],"mac":"swp7","other":[]})");
}

TEST(HostedScript, KnowsNextHopsByTheirAddresses) {
  HostedWorld world;
  world.run("n.js", R"js(
    logInfo('set', bgpSetNextHops({'192.0.2.1': '0200000000A1', '2001:db8::1': '0200000000A6'}),
            JSON.stringify(getMap('nexthops')));)js");
  EXPECT_TRUE(world.logs(
      "n.js", R"(set true {"192.0.2.1":["0200000000A1"],"2001:db8::1":["0200000000A6"]})"));
}

// The functions of sFlow-RT's reference that are not obsolete.
TEST(HostedScript, HasEveryFunction) {
  HostedWorld world;
  world.run("all.js", R"js(
    const names = `version analyzer agents metrics metric dump table flowKeys datasourceInfo
      setFlow clearFlow activeFlows flowValue setFlowHandler clearFlowHandler
      setThreshold clearThreshold setEventHandler clearEventHandler thresholdTriggered
      setIntervalHandler clearIntervalHandler setHttpHandler http http2 httpAsync
      setGroups setMap setForward clearForward
      storeGet storeSet storeDelete storeKeys sharedGet sharedSet
      logFine logInfo logWarning logSevere include scriptdir getSystemProperty
      getSystemPropertyNames runCmd md5 formatDate formatNumber dnsGetAllByName syslog graphite
      setTopology getTopology topologyVersion topologyNodeNames topologyLinkNames topologyNode
      topologyLink topologyNodeLinks topologyInterfaceToLink topologyInterfaceToPort
      topologyAgentForNode topologyNodesForAgent topologyLinkMetric topologyLocateHostMac
      topologyLocateHostIP topologyLocateHostIP6 topologyLocatedHostMacs topologyShortestPath
      topologyShortestPaths topologyMinimumSpanningTree topologyDiameter
      baselineCreate baselineCheck baselineReset baselineStatistics
      bgpAddNeighbor bgpAddSource bgpTopPrefixes bgpTopPrefixes6 bgpAddRoute bgpRemoveRoute
      bgpRouteCount bgpAddFlow bgpRemoveFlow bgpFlowCount bgpSetNextHops`.split(/\s+/);
    logInfo('missing', names.length, names.filter(name => typeof globalThis[name] !== 'function'));
  )js");
  ASSERT_TRUE(world.logs("all.js", "INFO: missing"));
  EXPECT_THAT(world.get("/scripts/all.js/log/txt"), HasSubstr("missing 87 \n"));
}

TEST(HostedScript, RunsCommandsThatAreAllowed) {
  HostedWorld world;
  world.options.commands = {"/bin/echo"};
  world.run("c.js", R"js(
    const tell = (words) => { try { return JSON.stringify(runCmd(words)); } catch (e) { return e; } };
    logInfo('one', tell(['/bin/echo', 'a b', 'c']));
    logInfo('two', tell(['/bin/cat', '/etc/passwd']));
  )js");
  ASSERT_TRUE(world.logs("c.js", "two Error: runCmd: '/bin/cat' is not allowed"));
  EXPECT_THAT(world.get("/scripts/c.js/log/txt"),
              HasSubstr(R"(one {"status":0,"stdout":"a b c\n","stderr":""})"));
}

TEST(HostedScript, ARequestOfOneThatEndsIsAnswered) {
  HostedWorld world;
  world.options.limits.cpu_at_once = std::chrono::milliseconds(1000);
  world.run("x.js", "setHttpHandler(function(req) { while (true) {} })");
  ASSERT_TRUE(world.runs("x.js"));
  EXPECT_EQ(world.ask(http::Method::kGet, "/script/x.js/json").status, 503U);
  EXPECT_THAT(world.get("/scripts/x.js/log/txt"), HasSubstr("worked for more than 1000 ms"));
  ASSERT_TRUE(world.runs("x.js"));
  world.ask(http::Method::kPut, "/scripts/x.js/json", R"({"state":"stopped"})");
  EXPECT_EQ(world.ask(http::Method::kGet, "/script/x.js/json").status, 503U);
}

TEST(HostedScript, KeepsWhatItStores) {
  HostedWorld world;
  world.options.store = world.folder.path("store");
  world.run("s.js", R"(logInfo('had', storeGet('count'));
                       storeSet('count', (storeGet('count') || 0) + 1);)");
  ASSERT_TRUE(world.runs("s.js"));
  EXPECT_TRUE(world.logs("s.js", "had null"));
  world.ask(http::Method::kPut, "/scripts/s.js/json", R"({"state":"stopped"})");
  HostedWorld another;
  another.options.store = world.options.store;
  another.run("s.js", "logInfo('had', storeGet('count'))");
  EXPECT_TRUE(another.logs("s.js", "had 1"));
}

}  // namespace
}  // namespace fabrix::analyzer
