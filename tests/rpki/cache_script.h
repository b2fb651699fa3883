// A cache written by hand, and an RtrClient with a clock of its own.
#pragma once

#include <chrono>
#include <vector>

#include <gtest/gtest.h>

#include "rpki/rtr_client.h"
#include "tests/rpki/octets.h"

namespace fabrix::rpki {

using std::chrono::seconds;

inline constexpr auto kV0 = RtrVersion::kRfc6810;
inline constexpr std::uint16_t kSession = 0x1234;
inline const Vrp kA = vrp("10.0.0.0/8", 1);
inline const Vrp kB = vrp("11.0.0.0/8", 2);
inline const Vrp kC = vrp("2001:db8::/32", 3, 48);

inline Bytes response(std::uint16_t session = kSession, RtrVersion version = kNewestVersion) {
  return encode(CacheResponse{session}, version);
}
inline Bytes end(std::uint32_t serial, std::uint16_t session = kSession) {
  return encode(EndOfData{session, serial, RtrIntervals{}});
}
inline Bytes load(std::uint32_t serial, const std::vector<Vrp>& vrps) {
  Bytes result = response();
  for (const Vrp& vrp : vrps) result = join({result, encode(announce(vrp))});
  return join({result, end(serial)});
}
inline Bytes error(RtrErrorCode code, RtrVersion version = kNewestVersion) {
  return encode(ErrorReport{.code = code, .pdu = {}, .text = "why"}, version);
}

template <typename Event>
const Event* first(const RtrOutput& output) {
  for (const RtrEvent& event : output.events) {
    if (const auto* found = std::get_if<Event>(&event)) return found;
  }
  return nullptr;
}

// A client and a clock; the cache is written by hand.
class RtrClientTest : public testing::Test {
 protected:
  RtrOutput feed(const Bytes& octets) { return client_.received(octets, now_); }
  RtrOutput tick(seconds passed) {
    now_ += passed;
    return client_.timer(now_);
  }
  // Connected, and in sync at `serial`.
  void sync(std::uint32_t serial, const std::vector<Vrp>& vrps) {
    client_.connected(now_);
    const RtrOutput output = feed(load(serial, vrps));
    ASSERT_NE(first<VrpsCurrent>(output), nullptr);
    ASSERT_EQ(client_.state(), RtrState::kSynced);
  }
  // Syncs, then lets the refresh time come.
  void sync_and_query(std::uint32_t serial, const std::vector<Vrp>& vrps) {
    sync(serial, vrps);
    tick(seconds(3600));
    ASSERT_EQ(client_.state(), RtrState::kQuerying);
  }
  std::vector<Vrp> vrps() const {
    return client_.table() ? client_.table()->vrps() : std::vector<Vrp>();
  }
  static RtrMessage only_message(const RtrOutput& output) {
    const auto pdus = decode_all(output.bytes);
    EXPECT_EQ(pdus.size(), 1U);
    return pdus.empty() ? RtrMessage(CacheReset{}) : pdus.front().message;
  }
  // The client ended the connection with an Error Report about `pdu`.
  void expect_complaint(const RtrOutput& output, RtrErrorCode code, const Bytes& pdu) {
    EXPECT_TRUE(output.close);
    EXPECT_EQ(client_.state(), RtrState::kDisconnected);
    ASSERT_FALSE(output.events.empty());
    const Down* const down = std::get_if<Down>(&output.events.back());
    ASSERT_NE(down, nullptr);
    EXPECT_EQ(down->sent, code) << down->reason;
    const RtrMessage message = only_message(output);
    const auto* const report = std::get_if<ErrorReport>(&message);
    ASSERT_NE(report, nullptr);
    EXPECT_EQ(report->code, code);
    EXPECT_EQ(report->pdu, pdu);
    EXPECT_FALSE(client_.session());
  }

  RtrClientConfig config_;
  RtrClient client_{config_};
  TimePoint now_{};
};

}  // namespace fabrix::rpki
