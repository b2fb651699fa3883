#include "telemetry/flow_meter.h"

#include <algorithm>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>

#include "tests/telemetry/samples.h"

namespace fabrix::telemetry {
namespace {

using std::chrono::seconds;

constexpr FlowCacheOptions kSums{.capacity = 20, .smoothing = {}};

FlowMeter meter(FlowDefinition definition) {
  definition.cache = kSums;
  return FlowMeter::create(definition).value();
}

TEST(FlowMeter, ScalesBytesAndFramesByTheSamplingRate) {
  Sampled sampled(sflow::frame("tcp 10.4.3.9:1000 -> 10.1.2.3:80"));  // 64 octets, 1 in 1,000
  auto bytes = meter({.keys = "ipsource,tcpdestinationport"});
  auto frames = meter({.keys = "ipsource", .value = "frames"});
  auto ttl = meter({.keys = "ipsource", .value = "ipttl"});
  for (auto* each : {&bytes, &frames, &ttl}) {
    each->add(sampled.sample(), {});
    each->add(sampled.sample(), {});
  }
  const auto flows = bytes.active_flows(5, Aggregation::kMaximum, {});
  ASSERT_EQ(flows.size(), 1U);
  EXPECT_EQ(flows[0].key, "10.4.3.9,80");
  EXPECT_EQ(flows[0].value, 128'000);
  EXPECT_EQ(flows[0].sources, 1U);
  ASSERT_TRUE(flows[0].source);
  EXPECT_EQ(data_source_name(flows[0].source->id), "7");
  EXPECT_EQ(frames.active_flows(5, Aggregation::kMaximum, {})[0].value, 2000);
  EXPECT_EQ(ttl.active_flows(5, Aggregation::kMaximum, {})[0].value, 128);
}

TEST(FlowMeter, MakesNoFlowOfASampleWithoutAKey) {
  Sampled sampled(sflow::frame("tcp 10.4.3.9:1000 -> 10.1.2.3:80"));
  auto vlans = meter({.keys = "ipsource,vlan"});
  auto any = meter({.keys = "ipsource,null:vlan", .separator = "_SEP_"});
  auto all = meter({});
  auto other = meter({.keys = "ipsource", .filter = "ipprotocol=17"});
  auto unmeasured = meter({.keys = "ipsource", .value = "stack"});
  for (auto* each : {&vlans, &any, &all, &other, &unmeasured}) each->add(sampled.sample(), {});
  EXPECT_TRUE(vlans.active_flows(5, Aggregation::kSum, {}).empty());
  EXPECT_EQ(any.active_flows(5, Aggregation::kSum, {})[0].key, "10.4.3.9_SEP_null");
  EXPECT_EQ(all.active_flows(5, Aggregation::kSum, {})[0].key, "");
  EXPECT_TRUE(other.active_flows(5, Aggregation::kSum, {}).empty());
  EXPECT_TRUE(unmeasured.active_flows(5, Aggregation::kSum, {}).empty());
}

TEST(FlowMeter, KeepsDataSourcesApartAndJoinsThem) {
  Sampled sampled(sflow::frame("tcp 10.4.3.9:1000 -> 10.1.2.3:80"));
  auto flows = meter({.keys = "ipsource", .value = "frames"});
  flows.add(sampled.sample(), {});
  sampled.sample().source = {2, 1};
  flows.add(sampled.sample(), {});
  flows.add(sampled.sample(), {});
  const auto largest = flows.active_flows(5, Aggregation::kMaximum, {});
  ASSERT_EQ(largest.size(), 1U);
  EXPECT_EQ(largest[0].value, 2000);
  EXPECT_EQ(largest[0].sources, 2U);
  EXPECT_EQ(data_source_name(largest[0].source->id), "2.1");
  const auto sum = flows.active_flows(5, Aggregation::kSum, {});
  EXPECT_EQ(sum[0].value, 3000);
  EXPECT_FALSE(sum[0].source);
}

TEST(FlowMeter, ReadsDatagramsOfSamplesAndOfDrops) {
  auto flows = meter({.keys = "ipsource,ipdestination,vlan", .value = "frames"});
  flows.add(sflow::capture("goflow2_flows"), {});
  const auto found = flows.active_flows(9, Aggregation::kMaximum, {});
  ASSERT_EQ(found.size(), 5U);
  EXPECT_EQ(found[0].value, 16383);
  auto drops = meter({.keys = "reason,queue", .value = "frames", .of = FlowDefinition::Of::kDrops});
  drops.add(sflow::capture("goflow2_drop_queue"), {});
  drops.add(sflow::capture("goflow2_flows"), {});
  const auto dropped = drops.active_flows(9, Aggregation::kMaximum, {});
  ASSERT_EQ(dropped.size(), 1U);
  EXPECT_EQ(dropped[0].key, "host_unreachable,42");
  EXPECT_EQ(dropped[0].value, 1);
}

TEST(FlowMeter, CountsRequestsOfTransactionsOnly) {
  auto requests = meter({.keys = "application", .value = "requests"});
  const Octets name = sflow::octets({'p', 'a', 'y'});
  const Sampled transaction(
      {},
      {{sflow::Tag::of(0, 2202),
        record(2202, {sflow::Bytes(name), sflow::Bytes{}, sflow::Bytes{}, sflow::Bytes{},
                      std::uint64_t{1}, std::uint64_t{2}, std::uint64_t{3}, std::uint64_t{0}})}});
  requests.add(transaction.datagram(), {});
  EXPECT_EQ(requests.active_flows(1, Aggregation::kSum, {})[0].value, 1000);
}

TEST(FlowMeter, LeavesOutWhatHasNoRate) {
  Sampled sampled(sflow::frame("tcp 10.4.3.9:1000 -> 10.1.2.3:80"));
  sampled.sample().sampling_rate = 0;
  auto flows = meter({.keys = "ipsource"});
  flows.add(sampled.sample(), {});
  EXPECT_EQ(flows.left_out(), 1U);
  EXPECT_TRUE(flows.active_flows(5, Aggregation::kSum, {}).empty());
  FlowMeter full =
      FlowMeter::create(
          {.keys = "ipsource",
           .cache = {.capacity = 1, .smoothing = {}, .when_full = WhenFull::kIgnoreNew}})
          .value();
  for (const auto* packet : {"tcp 10.0.0.1 -> 10.0.0.9", "tcp 10.0.0.2 -> 10.0.0.9"}) {
    full.add(Sampled(sflow::frame(packet)).sample(), {});
  }
  EXPECT_EQ(full.left_out(), 1U);
}

TEST(FlowMeter, SaysWhichPartOfADefinitionIsWrong) {
  const auto error = [](const FlowDefinition& definition) {
    const auto made = FlowMeter::create(definition);
    return made ? "(fine)" : made.error().message;
  };
  EXPECT_EQ(error({.keys = "x"}), "keys: no flow key is called 'x'");
  EXPECT_EQ(error({.value = "bits"}), "value: no flow key is called 'bits'");
  EXPECT_EQ(error({.filter = "ipttl"}), "filter: at character 6: =, !=, ~ or !~ is expected");
}

TEST(FlowMeter, TellsMeansAndCountsOfAFlow) {
  Sampled one(sflow::frame("tcp 10.4.3.9:1000 -> 10.1.2.3:80"));
  Sampled other(sflow::frame("tcp 10.4.3.8:1000 -> 10.1.2.3:80"));
  auto sources = meter({.keys = "ipdestination", .value = "count:ipsource"});
  auto sizes = meter({.keys = "ipdestination", .value = "avg:bytes"});
  auto frames = meter(
      {.keys = "ipdestination", .value = "frames", .values = "count:ipsource,avg:bytes,bytes"});
  std::vector<double> values;
  frames.observe([&](const FlowUpdate& update) {
    values.clear();
    for (const FlowTally& tally : *update.values) values.push_back(tally.read(update.time));
  });
  for (auto* each : {&sources, &sizes, &frames}) {
    each->add(one.sample(), {});
    each->add(other.sample(), {});
    each->add(one.sample(), {});
  }
  EXPECT_EQ(sources.active_flows(5, Aggregation::kMaximum, {})[0].value, 2);
  EXPECT_EQ(sizes.active_flows(5, Aggregation::kMaximum, {})[0].value, 64);
  EXPECT_EQ(sizes.values_of("10.1.2.3", {}).begin()->second.value, 64);
  EXPECT_EQ(values, (std::vector<double>{2, 64, 192'000}));
  EXPECT_FALSE(sizes.decays());
}

// Of two ports: at 1 two packets of 64 octets, at 2 one of 84.
TEST(FlowMeter, TellsFurtherValuesOfASourceAndOfAllTogether) {
  Sampled small(sflow::frame("tcp 10.4.3.9:1000 -> 10.1.2.3:80"));
  Sampled large(sflow::frame("tcp 10.4.3.8:1000 -> 10.1.2.3:80") + Octets(20));
  auto flows = meter({.keys = "ipdestination",
                      .value = "frames",
                      .values = "avg:bytes,min:bytes,max:bytes,last:bytes,count:ipsource,bytes"});
  small.sample().source = {0, 1};
  large.sample().source = {0, 2};
  flows.add(small.sample(), seconds(1));
  flows.add(large.sample(), seconds(2));
  flows.add(small.sample(), seconds(3));
  using Values = std::vector<double>;
  const auto largest = flows.active_flows(5, Aggregation::kMaximum, seconds(4));
  ASSERT_EQ(largest.size(), 1U);
  EXPECT_EQ(largest[0].source->id.index, 1U);
  EXPECT_EQ(largest[0].values, (Values{64, 64, 64, 64, 1, 128'000}));
  const auto sum = flows.active_flows(5, Aggregation::kSum, seconds(4));
  ASSERT_EQ(sum.size(), 1U);
  EXPECT_EQ(sum[0].value, 3000);
  EXPECT_EQ(sum[0].values, (Values{(64 + 84 + 64) / 3.0, 64, 84, 64, 1, 212'000}));
  const auto located = flows.values_of("10.1.2.3", seconds(4));
  EXPECT_EQ(located.at({small.sample().agent, {0, 2}}).values, (Values{84, 84, 84, 84, 1, 84'000}));
  EXPECT_TRUE(meter({}).active_flows(5, Aggregation::kSum, {}).empty());
}

TEST(FlowMeter, AnswersWhatIsAskedOfIt) {
  Sampled sampled(sflow::frame("tcp 10.4.3.9:1000 -> 10.1.2.3:80"));
  auto flows = meter({.keys = "tcpdestinationport", .value = "frames"});
  auto agents = meter({.value = "frames", .sources = FlowDefinition::Sources::kAgents});
  for (std::uint32_t port = 1; port <= 3; ++port) {
    sampled.sample().source = {0, port};
    flows.add(sampled.sample(), {});
    agents.add(sampled.sample(), {});
  }
  const auto here = sampled.sample().agent;
  const auto elsewhere = net::IpAddress::v4({192, 0, 2, 8});
  const auto ask = [&](const FlowQuery& query) { return flows.active_flows(query, {}); };
  EXPECT_EQ(ask({.agents = {here}}).at(0).sources, 3U);
  EXPECT_TRUE(ask({.agents = {elsewhere}}).empty());
  EXPECT_EQ(ask({.source = DataSource{here, {0, 2}}}).at(0).sources, 1U);
  EXPECT_EQ(ask({.aggregation = Aggregation::kSum, .minimum = 3000}).at(0).value, 3000);
  EXPECT_TRUE(ask({.minimum = 1001}).empty());
  EXPECT_TRUE(ask({.top_of_source = 0}).empty());
  EXPECT_EQ(agents.active_flows({}, {}).at(0).value, 3000);
  EXPECT_EQ(flows.values_of("80", {}).size(), 3U);
  flows.forget_silent(FlowMeter::kForgetAfter);
  EXPECT_TRUE(flows.values_of("80", {}).empty());
}

// What each source has, put together flow by flow and sorted as a whole, is what is told, however
// little of it is asked for.
TEST(FlowMeter, TellsTheLargestOfAllSourcesTogether) {
  std::mt19937 random(7);
  FlowMeter flows =
      FlowMeter::create(
          {.keys = "tcpsourceport", .value = "frames", .cache = {.capacity = 150, .smoothing = {}}})
          .value();
  for (int i = 0; i < 3000; ++i) {
    Sampled each(
        sflow::frame("tcp 10.4.3.9:" + std::to_string(1 + random() % 400) + " -> 10.1.2.3:80"));
    Sample sample = each.sample();
    sample.source = {0, 1 + static_cast<std::uint32_t>(random() % 4)};
    flows.add(sample, {});
  }
  using Told = std::tuple<double, std::string, double, std::size_t, std::optional<DataSource>>;
  for (const std::size_t of_source : {5U, 1000U}) {
    std::map<std::string, ReportedFlow> sums;
    std::map<std::string, ReportedFlow> most;
    flows.for_each_source(of_source, {}, [&](const DataSource& id, const auto& top, Time) {
      for (const ActiveFlow& flow : top) {
        ReportedFlow& sum = sums[flows.text_of(flow.key)];
        sum.value += flow.value;
        sum.error += flow.error;
        ++sum.sources;
        ReportedFlow& largest = most[flows.text_of(flow.key)];
        const bool is_first = ++largest.sources == 1;
        if (!is_first && flow.value - flow.error <= largest.value - largest.error) continue;
        largest.value = flow.value;
        largest.error = flow.error;
        largest.source = id;
      }
    });
    for (const auto aggregation : {Aggregation::kSum, Aggregation::kMaximum}) {
      for (const double minimum : {0.0, 4000.0}) {
        std::vector<Told> all;
        for (const auto& [key, flow] : aggregation == Aggregation::kSum ? sums : most) {
          const double least = flow.value - flow.error;
          if (least < minimum) continue;
          all.emplace_back(-least, key, flow.value, flow.sources, flow.source);
        }
        std::ranges::sort(all);
        for (const std::size_t count : {1U, 10U, 150U, 1000U}) {
          std::vector<Told> told;
          for (const ReportedFlow& flow : flows.active_flows({.count = count,
                                          .aggregation = aggregation,
                                          .minimum = minimum,
                                          .top_of_source = of_source},
                                                             {})) {
            told.emplace_back(-(flow.value - flow.error), flow.key, flow.value, flow.sources,
                              flow.source);
          }
          const auto end = all.begin() + static_cast<std::ptrdiff_t>(std::min(count, all.size()));
          EXPECT_EQ(told, std::vector(all.begin(), end)) << of_source << " " << count;
        }
      }
    }
  }
}

// The obvious: space-saving word by word, of each data source.
class NaiveMeter {
 public:
  explicit NaiveMeter(std::size_t capacity) : capacity_(capacity) {}

  void add(const DataSource& source, const std::string& key, double amount) {
    auto& flows = sources_[source];
    auto at = std::ranges::find(flows, key, &NaiveFlow::key);
    if (at == flows.end() && flows.size() < capacity_) at = flows.insert(at, {key, 0, 0});
    if (at == flows.end()) {
      at = std::ranges::min_element(flows, {}, &NaiveFlow::value);
      *at = {key, at->value, at->value};
    }
    at->value += amount;
  }

  void forget(const DataSource& source) { sources_.erase(source); }

  using Told = std::map<std::string, std::pair<double, double>>;
  std::map<DataSource, Told> told() const {
    std::map<DataSource, Told> all;
    for (const auto& [source, flows] : sources_) {
      for (const auto& flow : flows) all[source][flow.key] = {flow.value, flow.error};
    }
    return all;
  }

 private:
  struct NaiveFlow {
    std::string key;
    double value;
    double error;
  };

  std::size_t capacity_;
  std::map<DataSource, std::vector<NaiveFlow>> sources_;  // in the order in which they came
};

// In steps, many samples together, with the numbers of their sources or without, as sources come,
// fall silent, are forgotten and come again.
TEST(FlowMeter, AgreesWithANaiveOneOnRandomStreams) {
  std::vector<Sampled> packets;
  for (int n = 0; n < 300; ++n) {
    packets.emplace_back(sflow::frame("tcp 10.4.3.9:" + std::to_string(1 + n) + " -> 10.1.2.3:80"));
  }
  for (const std::size_t capacity : {1U, 3U, 20U, 64U, 80U, 150U}) {
    SCOPED_TRACE(capacity);
    std::mt19937 random(static_cast<unsigned>(capacity));
    auto flows = FlowMeter::create({.keys = "tcpsourceport",
                                    .value = "frames",
                                    .values = "avg:bytes",
                                    .cache = {.capacity = capacity, .smoothing = {}}})
                     .value();
    NaiveMeter naive(capacity);
    SourceNumbers numbers;
    std::map<DataSource, Time> last;
    Time now{};
    for (int step = 0; step < 400; ++step) {
      now += seconds(random() % 60);
      std::vector<Sample> samples;
      for (std::size_t n = random() % FlowMeter::kMaxTogether; n > 0; --n) {
        const std::size_t flow = random() % (random() % 2 == 0 ? 5 : 300);
        Sample& sample = samples.emplace_back(packets[flow].sample());
        sample.source = {0, 1 + static_cast<std::uint32_t>(random() % (step < 200 ? 4 : 2))};
        sample.sampling_rate = 1 + static_cast<std::uint32_t>(random() % 3);
        const DataSource source{.agent = sample.agent, .id = sample.source};
        naive.add(source, std::to_string(1 + flow), sample.sampling_rate);
        last[source] = now;
      }
      std::vector<const Sample*> pointers;
      for (const Sample& sample : samples) pointers.push_back(&sample);
      std::vector<std::uint32_t> found;
      numbers.find(pointers, found);
      if (random() % 4 == 0) found.clear();
      const FlowMeter::Some some{.shard = 0, .first = 2, .samples = pointers, .numbers = found};
      flows.advance(now);
      flows.prepare(some);
      flows.fetch_index(some);
      flows.fetch_flows(some);
      flows.fetch_smallest(some);
      for (std::size_t at = 0; at < samples.size(); ++at) flows.count(0, 2 + at);
      if (random() % 20 == 0) {
        flows.forget_silent(now);
        numbers.forget();
        std::erase_if(last, [&](const auto& each) {
          const bool is_silent = each.second + FlowMeter::kForgetAfter <= now;
          if (is_silent) naive.forget(each.first);
          return is_silent;
        });
      }
      if (step % 20 != 0) continue;
      std::map<DataSource, NaiveMeter::Told> told;
      flows.for_each_source(1000, now, [&](const DataSource& id, const auto& top, Time latest) {
        for (const auto& flow : top) told[id][flows.text_of(flow.key)] = {flow.value, flow.error};
        EXPECT_EQ(latest, last.at(id));
      });
      ASSERT_EQ(told, naive.told()) << "step " << step;
    }
  }
}

// What is beside the values, too, of those that stay.
TEST(FlowMeter, ForgetsTheSilentAndKeepsTheOthers) {
  Sampled sampled(sflow::frame("tcp 10.4.3.9:1000 -> 10.1.2.3:80"));
  auto sizes = meter({.keys = "ipsource", .value = "avg:bytes"});
  for (std::uint32_t port = 1; port <= 5; ++port) {
    sampled.sample().source = {0, port};
    sizes.add(sampled.sample(), seconds(0));
  }
  for (const std::uint32_t port : {1U, 3U, 5U}) {
    sampled.sample().source = {0, port};
    sizes.add(sampled.sample(), seconds(100));
  }
  sizes.forget_silent(FlowMeter::kForgetAfter);
  const auto values = sizes.values_of("10.4.3.9", FlowMeter::kForgetAfter);
  std::vector<std::uint32_t> ports;
  for (const auto& [source, flow] : values) {
    ports.push_back(source.id.index);
    EXPECT_EQ(flow.value, 64);
  }
  EXPECT_EQ(ports, (std::vector<std::uint32_t>{1, 3, 5}));
}

}  // namespace
}  // namespace fabrix::telemetry
