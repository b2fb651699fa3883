// SimulatedFabric: a fabric in memory: what a Program does with packets, without a switch.
//
// The reference target: tests of the controller run on it, and the differential test compares the
// others with it. Installs at once and always succeeds, unless told to refuse.
//
// Ports are up until taken down. A packet neither enters nor leaves by a port that is down. Not
// thread-safe.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "fabric/fabric.h"
#include "net/flow_hash.h"
#include "net/ids.h"
#include "net/packet.h"
#include "program/evaluate.h"
#include "program/program.h"

namespace fabrix::fabric {

class SimulatedFabric : public Fabric {
 public:
  struct SentFrame {
    net::PortNo port;
    std::vector<std::byte> octets;
  };

  void install(program::ProgramPtr program, Done done) override;
  void audit(const program::ProgramPtr& program, AuditDone done) override;
  void send_frame(net::PortNo port, std::span<const std::byte> frame) override;
  void set_tags(const PortTags& tags) override { tags_ = tags; }
  std::string status() const override;
  // They are always up to date.
  void read_query_counts() override;

  // What happens to a packet that enters at packet.in_port, with the tag of that port, if it has
  // one; so has what leaves. Calls on_frame, before it returns, when a row sends the packet to the
  // controller. The Outcome's steps are good until the next install().
  program::Outcome send(const net::Packet& packet);

  // The same for a frame of `octets` at a time of the caller's clock, which never goes back: meters
  // discard what exceeds their rate. Without a time all meters let pass, and count.
  struct Arrival {
    std::chrono::nanoseconds at{0};
    std::size_t octets = 0;
  };
  program::Outcome send(const net::Packet& packet, const Arrival& arrival);

  // Puts packets in their buckets (net/flow_hash.h), as any target may by a hash of its own.
  using Hash = std::function<net::Packet(net::Packet)>;
  void hash_by(Hash hash) { hash_ = std::move(hash); }

  struct MeterCount {
    std::uint64_t packets = 0;  // that came to it
    std::uint64_t dropped = 0;
  };
  // Since the meter was installed; zeros for one that is not.
  MeterCount meter_count(std::uint32_t id) const;

  // Call on_port when that is news.
  void bring_up(net::PortNo port);
  void take_down(net::PortNo port);

  // The next install() fails with `error` and changes nothing.
  void refuse_next_install(Error error);

  // Null before the first install().
  const program::ProgramPtr& installed() const { return program_; }
  std::size_t installs() const { return installs_; }
  // What send_frame() was given for ports that are up, since the last call; empties the record.
  std::vector<SentFrame> take_sent_frames();

 private:
  // A token bucket, as of a moment: of kbits, or of packets.
  struct Bucket {
    program::Meter meter;
    std::chrono::nanoseconds at{0};
    double tokens = 0;  // that may pass
    MeterCount count;
  };

  bool is_up(net::PortNo port) const { return !down_.contains(port); }
  program::Outcome send(const net::Packet& packet, const program::Gate& gate);
  bool takes(Bucket& bucket, const Arrival& arrival);

  program::ProgramPtr program_;
  std::size_t installs_ = 0;
  std::optional<Error> refusal_;
  std::set<net::PortNo> down_;
  PortTags tags_;
  std::map<std::uint32_t, Bucket> buckets_;  // by meter
  std::vector<SentFrame> sent_;
  Hash hash_ = net::hashed;
};

}  // namespace fabrix::fabric
