// SteeredFrames: to whom the fabric sends a frame to a virtual next hop, by the rows that are
// installed. Of several switches, the one where it comes in, and is sampled, does not tell where
// the frame leaves the exchange.
//
// Rows are looked at one by one, at most kRowsASecond: of more frames than that nothing is said;
// nor of those of members whose policies balance by a hash, which is the switch's. set() is the
// control thread's, receiver_of() the engine's.
#pragma once

#include <atomic>
#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <span>

#include "exchange/exchange.h"
#include "io/event_loop.h"
#include "net/ids.h"
#include "net/mac_address.h"
#include "program/program.h"
#include "telemetry/members.h"

namespace fabrix::daemon {

class SteeredFrames : public telemetry::Steering {
 public:
  // Some per cent of a core.
  static constexpr std::size_t kRowsASecond = 5'000'000;

  // What the fabric does from now on.
  void set(const exchange::Exchange& exchange, program::ProgramPtr program);

  std::optional<telemetry::MemberId> receiver_of(std::span<const std::byte> frame) const override;

 private:
  struct Installed {
    program::ProgramPtr program;
    std::map<net::MacAddress, net::PortNo> ports;  // by who sends from there
    std::map<net::PortNo, net::ParticipantId> owners;
  };

  bool may_look(std::size_t rows) const;

  std::atomic<std::shared_ptr<const Installed>> installed_;
  mutable io::Clock::time_point second_{};  // when it began
  mutable std::size_t looked_ = 0;          // at rows since
};

}  // namespace fabrix::daemon
