// PacketSocket: whole Ethernet frames in and out of one interface (Linux AF_PACKET, packet(7)).
//
// Frames that this host sends through the interface are not received. Needs CAP_NET_RAW. Destroying
// it stops it; it must not outlive the loop. Loop's thread only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>

#include "base/result.h"
#include "io/event_loop.h"

namespace fabrix::io {

// Whether frames for other MACs are received too.
enum class Promiscuous : std::uint8_t { kNo, kYes };

// Whether what is sent passes the interface's queueing discipline and tc hooks.
enum class Queueing : std::uint8_t { kUsual, kBypassed };

struct PacketSocketOptions {
  std::string link;
  std::string network_namespace{};  // by name; empty: the calling thread's
  Promiscuous promiscuous = Promiscuous::kNo;
  Queueing queueing = Queueing::kUsual;
};

class PacketSocket {
 public:
  // The frame from its destination MAC on, without FCS, with its VLAN tag in place; good during the
  // call only.
  using OnFrame = std::function<void(std::span<const std::byte>)>;

  static Result<PacketSocket> open(EventLoop& loop, const PacketSocketOptions& options,
                                   OnFrame on_frame);

  PacketSocket(PacketSocket&&) noexcept = default;
  PacketSocket& operator=(PacketSocket&& other) noexcept;
  PacketSocket(const PacketSocket&) = delete;
  PacketSocket& operator=(const PacketSocket&) = delete;
  ~PacketSocket();

  // Never blocks; a full queue is an error like any other.
  Result<void> send(std::span<const std::byte> frame);

 private:
  class Receiver;
  explicit PacketSocket(std::shared_ptr<Receiver> receiver);
  std::shared_ptr<Receiver> receiver_;
};

}  // namespace fabrix::io
