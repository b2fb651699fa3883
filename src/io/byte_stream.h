// ByteStream: one end of a connection (TCP or unix), as bytes in and bytes out.
//
// It moves bytes and knows no messages. Writing never blocks and never calls back: what the kernel
// does not take at once is queued, up to a bound. A slow peer therefore costs at most
// `StreamLimits::max_queued` octets; what to do about it is the owner's decision, for which
// congested(), on_drained, stalled_since() and unacknowledged_since() are there (RFC 9687's send
// hold timer).
//
// What the kernel holds for a TCP connection and cannot send yet is bounded too (kMostUnsent): what
// waits longer is better left with the owner, who may replace it by something newer.
//
// The handle may be moved, and destroyed at any time, also from its own callbacks: that closes the
// connection at once and no callback follows. It must not outlive the loop. Loop's thread only.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "base/result.h"
#include "io/endpoint.h"
#include "io/event_loop.h"
#include "io/file_descriptor.h"
#include "io/tcp_options.h"

namespace fabrix::io {

struct StreamLimits {
  std::size_t max_queued = std::size_t{16} << 20U;  // more is refused
  std::size_t high_water = std::size_t{1} << 20U;   // congested from here on ...
  std::size_t low_water = std::size_t{256} << 10U;  // ... until the queue is down to here
};

enum class StreamEndCause : std::uint8_t {
  kPeerClosed,  // end of file: nothing more to read, but writing may still work
  kBroken,      // reset, timed out, ...: good for destruction only
};

struct StreamEnd {
  StreamEndCause cause = StreamEndCause::kPeerClosed;
  std::string text;  // the system's words
};

struct StreamHandlers {
  std::function<void(std::span<const std::byte>)> on_data;  // the span is good during the call only
  std::function<void(const StreamEnd&)> on_end;             // at most once per cause
  std::function<void()> on_drained;                         // no longer congested
};

enum class WriteError : std::uint8_t {
  kQueueFull,  // nothing of it was taken
  kClosed,     // closed by us, or broken
};

class ByteStream {
 public:
  static constexpr std::chrono::milliseconds kLinger{2000};
  // Octets of one TCP connection beyond what is in flight (TCP_NOTSENT_LOWAT).
  static constexpr int kMostUnsent = 512 << 10;

  // Takes over a connected stream socket.
  ByteStream(EventLoop& loop, FileDescriptor socket, const StreamLimits& limits = {});
  ByteStream(ByteStream&&) noexcept = default;
  ByteStream& operator=(ByteStream&& other) noexcept;
  ByteStream(const ByteStream&) = delete;
  ByteStream& operator=(const ByteStream&) = delete;
  ~ByteStream();

  // Begins reading; empty handlers are allowed. Again, outside of the handlers: what follows is
  // for the new ones.
  void start(StreamHandlers handlers);

  // Stops asking the kernel for input, so that the peer feels it; resume undoes that.
  void pause_reading();
  void resume_reading();

  // Reads what has arrived already, up to a bound, instead of waiting for the loop's turn: before
  // somebody is taken for silent.
  void read_now();

  // Sets what can be set on a connection that is there already, such as GTSM's TTLs.
  Result<void> set_options(const TcpOptions& options);

  // Sends or queues all of `bytes`, or nothing. That the connection is broken is told by on_end,
  // from the loop.
  Result<void, WriteError> write(std::span<const std::byte> bytes);

  // Sends what the kernel takes at once of `pieces`, in order, and queues nothing: returns how much
  // that was. Nothing while anything is queued. If it was not all, the connection is congested
  // until the kernel takes more.
  std::size_t write_some(std::span<const std::span<const std::byte>> pieces);

  std::size_t queued() const;
  bool congested() const;

  // Since when the kernel has taken nothing of what is queued, or of what write_some() left; none
  // if there is no such thing.
  std::optional<Clock::time_point> stalled_since() const;

  // Since when the other end has acknowledged nothing of what was written, as far as earlier calls
  // have seen: asks the kernel, and is never too early. None if it has acknowledged everything. To
  // be called from time to time while expects_acknowledgement(). A closed window shows here long
  // before the kernel's buffer is full.
  std::optional<Clock::time_point> unacknowledged_since();
  bool expects_acknowledgement() const;

  // Delivers what is queued, then ends: shuts down our direction, discards input until the peer
  // closes or `linger` has passed, then closes. Closing with unread input would make Linux send a
  // reset, and the peer might never see our last words (a BGP NOTIFICATION). No callback follows;
  // the handle may be destroyed, the loop finishes the job.
  void close_gracefully(std::chrono::milliseconds linger = kLinger);

  // Closes with a reset; queued data is lost. No callback follows.
  void abort();

  bool is_open() const;
  const Endpoint& local() const;
  const Endpoint& peer() const;

 private:
  class Connection;
  // Shared, against the house rule: the loop shares it while a wait is under way or the connection
  // lingers.
  std::shared_ptr<Connection> connection_;
};

// The two ends of a new unix connection within this process.
Result<std::pair<ByteStream, ByteStream>> connected_pair(EventLoop& loop,
                                                         const StreamLimits& limits = {});

}  // namespace fabrix::io
