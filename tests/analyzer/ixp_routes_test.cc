#include "analyzer/ixp_routes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/analyzer/ask.h"
#include "tests/telemetry/members.h"

namespace fabrix::analyzer {
namespace {

using telemetry::kA;
using telemetry::kB;
using telemetry::mac_of;
using ::testing::HasSubstr;

const net::IpAddress kServer = net::IpAddress::v4({192, 0, 2, 254});

class IxpRoutesTest : public ::testing::Test {
 protected:
  IxpRoutesTest() {
    engine_.routers().add_router(kServer, {});
    engine_.routers().bind_others(kServer);
    engine_.set_exchange(telemetry::three_members(), kServer);
  }
  // A sample of 1,000 frames of 46 octets and the checksum's 4.
  void receive(const net::MacAddress& from, const net::MacAddress& to) {
    const telemetry::Sampled sampled(
        telemetry::frame_between(from, to, "udp 10.0.0.1:1 -> 20.0.0.1:2"));
    engine_.receive(sampled.datagram(), kServer, std::chrono::seconds(10));
  }

  telemetry::Engine engine_;
};

TEST_F(IxpRoutesTest, TellWhoSendsToWhom) {
  receive(mac_of(kA), mac_of(kB));
  receive(mac_of(kA), mac_of(kB));
  receive(mac_of(kA), telemetry::kStrangerMac);
  const auto answer = json_at(engine_, "/ixp/matrix/json").as_object();
  EXPECT_EQ(answer.at("view"), "matrix");
  const auto& rows = answer.at("rows").as_array();
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0].at("source"), "A");
  EXPECT_EQ(rows[0].at("destination"), "B");
  EXPECT_EQ(rows[0].at("frames"), 2000);
  EXPECT_EQ(rows[0].at("framesPerSecond"), 200);
  const std::int64_t octets = rows[0].at("bytes").to_number<std::int64_t>();
  EXPECT_EQ(rows[0].at("bytesPerSecond"), octets / 10);
  EXPECT_EQ(rows[1].at("destination"), "080000000099");
  EXPECT_EQ(answer.at("others").at("frames"), 0);
  EXPECT_EQ(json_at(engine_, "/ixp/matrix/json?maxRows=1").at("rows").as_array().size(), 1U);
  EXPECT_EQ(json_at(engine_, "/ixp/flooding/json").at("rows").at(0).at("reason"), "unknown");
}

TEST_F(IxpRoutesTest, ListViews) {
  receive(mac_of(kA), mac_of(kB));
  const auto views = json_at(engine_, "/ixp/json").as_array();
  ASSERT_EQ(views.size(), telemetry::kTrafficViews);
  EXPECT_EQ(views[0].at("view"), "matrix");
  EXPECT_EQ(views[0].at("rows"), 1);
  for (const auto& view : views) {
    const std::string name(view.at("view").as_string());
    EXPECT_EQ(get(engine_, "/ixp/" + name + "/json").status, 200U);
    EXPECT_EQ(get(engine_, "/prometheus/ixp/" + name + "/txt").status, 200U);
  }
}

TEST_F(IxpRoutesTest, SpeakToPrometheus) {
  receive(mac_of(kA), mac_of(kB));
  const std::string text = body_of(get(engine_, "/prometheus/ixp/matrix/txt"));
  EXPECT_THAT(text, HasSubstr("# TYPE fabrix_ixp_matrix_frames_total counter\n"));
  EXPECT_THAT(text, HasSubstr("fabrix_ixp_matrix_frames_total{source=\"A\",destination=\"B\"} "
                              "1000\n"));
}

TEST_F(IxpRoutesTest, SayWhatIsWrong) {
  EXPECT_EQ(get(engine_, "/ixp/none/json").status, 404U);
  EXPECT_EQ(get(engine_, "/prometheus/ixp/none/txt").status, 404U);
  EXPECT_EQ(get(engine_, "/ixp/matrix/json?maxRows=many").status, 400U);
}

TEST_F(IxpRoutesTest, WithoutAnExchangeThereIsNothing) {
  telemetry::Engine alone;
  EXPECT_TRUE(json_at(alone, "/ixp/matrix/json").at("rows").as_array().empty());
}

}  // namespace
}  // namespace fabrix::analyzer
