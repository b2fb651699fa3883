// A speaker that listens on loopback, and what its handlers were told.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "speaker/speaker.h"
#include "tests/speaker/far_router.h"

namespace fabrix::speaker::testing {

inline const net::IpAddress kNear = net::IpAddress::v4({127, 0, 0, 1});
inline const net::IpAddress kRouter = net::IpAddress::v4({127, 0, 0, 2});

inline NeighborOptions neighbor(const net::IpAddress& address = kRouter) {
  return {.address = address,
          .local_as = net::Asn{64500},
          .identifier = 0x0a000001,
          .families = {.ipv4 = true, .ipv6 = true},
          .flowspec = {.ipv4 = true}};
}

class SpeakerWorld : public ::testing::Test {
 protected:
  SpeakerWorld() {
    speaker_.emplace(
        loop_, SpeakerHandlers{
                   .on_open =
                       [this](const NeighborView& view) {
                         log_.push_back("open " + view.options.address.to_string());
                         if (on_open_) on_open_();
                       },
                   .on_update =
                       [this](const net::IpAddress& /*router*/, const bgp::UpdateMessage& update) {
                         for (const auto& each : update.announced) {
                           heard_.insert(each.prefixes.begin(), each.prefixes.end());
                         }
                         for (const auto& gone : update.withdrawn) heard_.erase(gone);
                         return heard_.size();
                       },
                   .on_close =
                       [this](const net::IpAddress& router, const std::string& /*reason*/) {
                         log_.push_back("close " + router.to_string());
                       }});
    EXPECT_TRUE(speaker_->listen(io::IpEndpoint{.address = kNear, .port = 0}));
  }

  std::unique_ptr<FarRouter> dial(const bgp::SessionConfig& config,
                                  const net::IpAddress& source = kRouter) {
    return std::make_unique<FarRouter>(loop_, config, *speaker_->listening(), source);
  }

  bool wait(const std::function<bool()>& done) { return loop_.run_until(done, kPatience); }

  bool is_up(const FarRouter& far) {
    return wait([&] {
      return far.is_established() && speaker_->view(kRouter)->state == NeighborState::kEstablished;
    });
  }

  io::EventLoop loop_;
  std::optional<Speaker> speaker_;
  std::vector<std::string> log_;
  std::set<net::Prefix> heard_;
  std::function<void()> on_open_;
};

}  // namespace fabrix::speaker::testing
