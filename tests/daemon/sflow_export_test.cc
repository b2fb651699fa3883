#include "daemon/sflow_export.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "sflow/datagram.h"
#include "tests/controller/two_members.h"
#include "tests/daemon/sampling_fabric.h"
#include "tests/io/world.h"

namespace fabrix::daemon {
namespace {

using testing::sample;
using testing::SamplingFabric;

const net::IpAddress kHere = net::IpAddress::parse("127.0.0.1").value();

class SflowExportTest : public ::testing::Test {
 protected:
  SflowExportTest() {
    exchange_ = controller::two_members();
    exchange_.sflow = {.collectors = {{.address = kHere, .port = collector_.local().port}},
                       .agent = net::IpAddress::parse("192.0.2.99").value(),
                       .rate = 100,
                       .polling_seconds = 0};
  }

  // The samples that came, by their tags, of the next datagrams until there are `count`.
  std::vector<sflow::Item> await(std::size_t count) {
    std::vector<sflow::Item> items;
    const bool came = loop_.run_until(
        [&] {
          for (const auto& received : collector_.receive()) {
            kept_.emplace_back(received.octets.begin(), received.octets.end());
            const auto datagram = sflow::Datagram::open(kept_.back());
            EXPECT_TRUE(datagram);
            agents_.push_back(datagram->header().agent);
            auto cursor = datagram->samples();
            while (const auto item = cursor.next()) items.push_back(*item);
          }
          return items.size() >= count;
        },
        io::testing::kPatience);
    EXPECT_TRUE(came);
    return items;
  }

  io::EventLoop loop_;
  io::DatagramSocket collector_ = io::DatagramSocket::bind({.address = kHere, .port = 0}).value();
  exchange::Exchange exchange_;
  SamplingFabric fabric_;
  std::vector<std::vector<std::byte>> kept_;
  std::vector<net::IpAddress> agents_;
  std::vector<std::byte> header_ = std::vector<std::byte>(64, std::byte{1});
};

TEST_F(SflowExportTest, SendsSamplesToTheCollector) {
  const controller::Controller controller(exchange_, fabric_);
  SflowExport exporter(loop_, controller, fabric_);
  ASSERT_TRUE(exporter.configured());
  fabric_.on_sample(sample(header_));
  const auto items = await(1);
  const auto flow = sflow::read_flow_sample(items.at(0)).value();
  EXPECT_EQ(agents_.at(0).to_string(), "192.0.2.99");
  EXPECT_EQ(flow.source.index, 1U);
  EXPECT_EQ(flow.sampling_rate, 100U);
  EXPECT_EQ(flow.sample_pool, 12345U);
  EXPECT_EQ(flow.drops, 6U);
  EXPECT_EQ(flow.output, (sflow::Interface{.format = 0, .value = 2}));
  const auto metrics = exporter.metrics();
  ASSERT_TRUE(metrics);
  EXPECT_EQ(metrics->samples, 1U);
  EXPECT_EQ(metrics->lost, 6U);
  EXPECT_EQ(metrics->datagrams, 1U);
  EXPECT_EQ(metrics->unsent, 0U);
}

TEST_F(SflowExportTest, SaysWhatBecameOfAFrame) {
  const controller::Controller controller(exchange_, fabric_);
  SflowExport exporter(loop_, controller, fabric_);
  ASSERT_TRUE(exporter.configured());
  using Fate = fabric::Sample::Fate;
  fabric::Sample one = sample(header_);
  for (const Fate fate : {Fate::kCopied, Fate::kToController, Fate::kDiscarded}) {
    one.fate = fate;
    one.frames = fate == Fate::kCopied ? 3 : 0;
    fabric_.on_sample(one);
  }
  const auto items = await(3);
  std::vector<sflow::Interface> outputs;
  for (const auto& item : items) outputs.push_back(sflow::read_flow_sample(item)->output);
  EXPECT_EQ(outputs, (std::vector<sflow::Interface>{{.format = 2, .value = 3},
                                                    {.format = 0, .value = 0x3fffffff},
                                                    {.format = 1, .value = 256}}));
}

// So that a collector that scales each by the rate is right.
TEST_F(SflowExportTest, ATrainIsAsManySamplesAsItCountsFor) {
  const controller::Controller controller(exchange_, fabric_);
  SflowExport exporter(loop_, controller, fabric_);
  ASSERT_TRUE(exporter.configured());
  fabric::Sample train = sample(header_);
  train.times = 20;
  fabric_.on_sample(train);
  EXPECT_EQ(await(20).size(), 20U);
  EXPECT_EQ(exporter.metrics()->samples, 20U);
}

TEST_F(SflowExportTest, SendsWhatPortsHaveCounted) {
  exchange_.sflow.polling_seconds = 1;
  const controller::Controller controller(exchange_, fabric_);
  for (const exchange::Router& router : exchange_.routers) {
    fabric_.counts[router.port] = {.in = {10, 1000}, .out = {20, 2000}, .discarded = 3};
  }
  SflowExport exporter(loop_, controller, fabric_);
  ASSERT_TRUE(exporter.configured());
  const auto items = await(exchange_.routers.size());
  for (const auto& item : items) {
    ASSERT_TRUE(sflow::is_counter_sample(item.tag));
    EXPECT_TRUE(sflow::read_counter_sample(item));
  }
}

TEST_F(SflowExportTest, SamplesPortsAtTheirRatesAndNoneWithoutCollectors) {
  exchange_.routers.at(0).sflow_rate = 7;
  const net::PortNo own = exchange_.routers.at(0).port;
  const net::PortNo other = exchange_.routers.at(1).port;
  {
    const controller::Controller controller(exchange_, fabric_);
    SflowExport exporter(loop_, controller, fabric_);
    ASSERT_TRUE(exporter.configured());
    EXPECT_EQ(fabric_.rates.at(own), 7U);
    EXPECT_EQ(fabric_.rates.at(other), 100U);
  }
  EXPECT_FALSE(fabric_.on_sample);
  exchange_.sflow.collectors.clear();
  const controller::Controller controller(exchange_, fabric_);
  SflowExport exporter(loop_, controller, fabric_);
  ASSERT_TRUE(exporter.configured());
  EXPECT_TRUE(fabric_.rates.empty());
  EXPECT_FALSE(exporter.metrics());
  fabric_.on_sample(sample(header_));
}

TEST_F(SflowExportTest, SaysThatAFabricCannotSample) {
  fabric::SimulatedFabric plain;
  const controller::Controller controller(exchange_, plain);
  SflowExport exporter(loop_, controller, plain);
  const auto done = exporter.configured();
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().message, "this fabric takes no samples");
}

TEST_F(SflowExportTest, FeedsTheExchangesOwnEngineWithoutACollector) {
  exchange_.sflow.collectors.clear();
  const controller::Controller controller(exchange_, fabric_);
  SflowExport exporter(loop_, controller, fabric_);
  std::vector<std::byte> heard;
  exporter.on_datagram = [&](const std::vector<std::byte>& datagram, const net::IpAddress& agent) {
    heard = datagram;
    EXPECT_EQ(agent.to_string(), "192.0.2.99");
  };
  ASSERT_TRUE(exporter.configured());
  EXPECT_EQ(fabric_.rates.at(net::PortNo{1}), 100U);
  fabric_.on_sample(sample(header_));
  ASSERT_TRUE(loop_.run_until([&] { return !heard.empty(); }, io::testing::kPatience));
  auto samples = sflow::Datagram::open(heard)->samples();
  EXPECT_EQ(sflow::read_flow_sample(*samples.next())->sampling_rate, 100U);
}

}  // namespace
}  // namespace fabrix::daemon
