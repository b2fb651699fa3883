#include "io/byte_stream.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <vector>

#include <fcntl.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "base/assert.h"
#include "io/descriptor_watch.h"
#include "io/socket_address.h"

namespace fabrix::io {
namespace {

constexpr std::size_t kReadSize = std::size_t{32} << 10U;
constexpr int kReadsPerWake = 8;  // then the others get their turn

// What is still to be sent, oldest first. Sent octets are dropped once they outweigh the rest.
class SendQueue {
 public:
  std::size_t size() const { return bytes_.size() - sent_; }
  bool empty() const { return size() == 0; }
  std::span<const std::byte> view() const { return std::span(bytes_).subspan(sent_); }

  void append(std::span<const std::byte> bytes) {
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
  }

  void consume(std::size_t count) {
    sent_ += count;
    if (empty()) return clear();
    if (sent_ < bytes_.size() / 2) return;
    bytes_.erase(bytes_.begin(), bytes_.begin() + static_cast<std::ptrdiff_t>(sent_));
    sent_ = 0;
  }

  void clear() {
    bytes_ = {};
    sent_ = 0;
  }

 private:
  std::vector<std::byte> bytes_;
  std::size_t sent_ = 0;
};

// Whether the other end acknowledges what is written, by the kernel's count of what it has not.
class Acknowledgements {
 public:
  void wrote(std::size_t count) {
    if (count == 0) return;
    if (!since_) since_ = Clock::now();
    written_ += count;
  }

  std::optional<Clock::time_point> look(int fd) {
    if (!since_) return since_;
    int outstanding = 0;
    if (ioctl(fd, SIOCOUTQ, &outstanding) != 0) return since_;
    const auto left = static_cast<std::size_t>(outstanding);
    if (left < outstanding_ + written_) since_ = Clock::now();
    if (left == 0) since_.reset();
    outstanding_ = left;
    written_ = 0;
    return since_;
  }

  bool expected() const { return since_.has_value(); }

 private:
  std::optional<Clock::time_point> since_;  // none: nothing is outstanding
  std::size_t outstanding_ = 0;             // at the last look
  std::size_t written_ = 0;                 // since then
};

// So that what is left fits into the kernel, although the window may be closed: it delivers that
// without us. Failures do not matter, it was worth a try.
void make_room_for_last_words(int fd) {
  const int no_bound = 0;
  setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &no_bound, sizeof(no_bound));
  int size = 0;
  socklen_t length = sizeof(size);
  constexpr int kMostGrown = 1 << 20;
  if (getsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, &length) != 0 || size > kMostGrown) return;
  // The kernel doubles what it is told.
  setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
}

}  // namespace

// The states, in this order: open; lingering (close_gracefully) or broken; closed (no descriptor).
class ByteStream::Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(EventLoop& loop, FileDescriptor socket, const StreamLimits& limits)
      : loop_(loop),
        limits_(limits),
        socket_(std::move(socket)),
        local_(SocketAddress::of(socket_.get(), getsockname).endpoint()),
        peer_(SocketAddress::of(socket_.get(), getpeername).endpoint()) {
    const int flags = fcntl(socket_.get(), F_GETFL);
    FABRIX_ASSERT(fcntl(socket_.get(), F_SETFL, flags | O_NONBLOCK) == 0);
    // Our protocols write whole messages; holding back the small ones only delays them.
    const int on = 1;
    setsockopt(socket_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    const int most = kMostUnsent;
    setsockopt(socket_.get(), IPPROTO_TCP, TCP_NOTSENT_LOWAT, &most, sizeof(most));
    watch_.emplace(loop_, socket_.get());
  }

  void start(StreamHandlers handlers) {
    handlers_ = std::move(handlers);
    set_reading(true);
  }

  void set_reading(bool reading) {
    reading_ = reading;
    if (reading) await_input();
  }

  void read_now() {
    if (wants_input()) read_input();
  }

  Result<void> set_options(const TcpOptions& options) const {
    const auto* const ip = std::get_if<IpEndpoint>(&peer_);
    if (ip == nullptr) return {};
    return apply(options, ip->address.family(), socket_.get());
  }

  Result<void, WriteError> write(std::span<const std::byte> bytes) {
    if (!is_open()) return fail(WriteError::kClosed);
    if (bytes.size() > limits_.max_queued - std::min(limits_.max_queued, queue_.size())) {
      return fail(WriteError::kQueueFull);
    }
    const std::size_t sent = queue_.empty() ? send_some(bytes) : 0;
    if (sent == bytes.size() || !is_open()) return {};
    if (queue_.empty()) stalled_since_ = Clock::now();
    queue_.append(bytes.subspan(sent));
    if (queue_.size() >= limits_.high_water) congested_ = true;
    await_output();
    return {};
  }

  std::size_t write_some(std::span<const std::span<const std::byte>> pieces) {
    if (!is_open()) return 0;
    std::size_t sent = 0;
    if (queue_.empty()) {
      const bool all = send_pieces(pieces, sent);
      if (sent > 0) stalled_since_.reset();
      if (all || !is_open()) return sent;
    }
    if (!stalled_since_) stalled_since_ = Clock::now();
    congested_ = true;
    await_output();
    return sent;
  }

  void close_gracefully(std::chrono::milliseconds linger) {
    if (lingering_) return;
    if (!is_open()) return close();
    lingering_ = true;
    // Not now: this may be one of these handlers. They may own more than we want to keep alive.
    loop_.post([self = shared_from_this()] { self->handlers_ = {}; });
    timer_.emplace(loop_, [weak = weak_from_this()] {
      if (const auto self = weak.lock()) self->close();
    });
    timer_->start(linger);
    if (queue_.empty()) {
      shut_down_output();
    } else {
      make_room_for_last_words(socket_.get());
      flush();
    }
    set_reading(true);
  }

  void abort() {
    const ::linger reset{.l_onoff = 1, .l_linger = 0};
    if (socket_.valid()) setsockopt(socket_.get(), SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
    close();
  }

  void close() {
    watch_.reset();
    timer_.reset();
    queue_.clear();
    stalled_since_.reset();
    socket_.close();
  }

  // The handle is gone: close, unless the farewell is still under way.
  void orphan() {
    if (!lingering_) close();
  }

  bool is_open() const { return socket_.valid() && !lingering_ && !broken_; }
  std::size_t queued() const { return queue_.size(); }
  bool congested() const { return congested_; }
  std::optional<Clock::time_point> stalled_since() const { return stalled_since_; }
  std::optional<Clock::time_point> unacknowledged_since() {
    return socket_.valid() ? acknowledgements_.look(socket_.get()) : std::nullopt;
  }
  bool expects_acknowledgement() const { return acknowledgements_.expected(); }
  const Endpoint& local() const { return local_; }
  const Endpoint& peer() const { return peer_; }

 private:
  bool wants_input() const { return watch_ && reading_ && !input_ended_ && !broken_; }

  void await_input() {
    if (awaiting_input_ || !wants_input()) return;
    awaiting_input_ = true;
    watch_->wait_readable([self = shared_from_this()] {
      self->awaiting_input_ = false;
      self->read_input();
    });
  }

  void await_output() {
    if (awaiting_output_ || !watch_) return;
    awaiting_output_ = true;
    watch_->wait_writable([self = shared_from_this()] {
      self->awaiting_output_ = false;
      self->flush();
    });
  }

  void read_input() {
    std::array<std::byte, kReadSize> buffer{};
    for (int i = 0; i < kReadsPerWake && wants_input(); ++i) {
      const ssize_t count = recv(socket_.get(), buffer.data(), buffer.size(), 0);
      if (count == 0) return input_ended();
      if (count < 0 && (errno == EAGAIN || errno == EINTR)) break;
      if (count < 0) return break_off(errno);
      const auto data = std::span<const std::byte>(buffer).first(static_cast<std::size_t>(count));
      if (!lingering_ && handlers_.on_data) handlers_.on_data(data);
    }
    await_input();
  }

  void input_ended() {
    input_ended_ = true;
    if (lingering_) {
      if (output_shut_) close();
      return;
    }
    if (handlers_.on_end) handlers_.on_end({StreamEndCause::kPeerClosed, "closed by the peer"});
  }

  // How much of `bytes` the kernel took.
  std::size_t send_some(std::span<const std::byte> bytes) {
    std::size_t sent = 0;
    while (sent < bytes.size()) {
      const auto rest = bytes.subspan(sent);
      const ssize_t count = send(socket_.get(), rest.data(), rest.size(), MSG_NOSIGNAL);
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) {
        if (errno != EAGAIN) break_off_later(errno);
        break;
      }
      sent += static_cast<std::size_t>(count);
    }
    acknowledgements_.wrote(sent);
    return sent;
  }

  // Whether the kernel took all; `sent` grows by what it took.
  bool send_pieces(std::span<const std::span<const std::byte>> pieces, std::size_t& sent) {
    constexpr std::size_t kMaxVectors = 64;
    std::array<iovec, kMaxVectors> vectors{};
    std::size_t next = 0;
    while (next < pieces.size()) {
      std::size_t size = 0;
      const std::size_t count = std::min(kMaxVectors, pieces.size() - next);
      for (std::size_t i = 0; i < count; ++i) {
        const auto piece = pieces[next + i];
        // tidy: sendmsg() does not write, but its argument is not const
        vectors[i] = {.iov_base = const_cast<std::byte*>(piece.data()),  // NOLINT
                      .iov_len = piece.size()};
        size += piece.size();
      }
      msghdr message{};
      message.msg_iov = vectors.data();
      message.msg_iovlen = count;
      ssize_t taken = 0;
      do {
        taken = sendmsg(socket_.get(), &message, MSG_NOSIGNAL);
      } while (taken < 0 && errno == EINTR);
      if (taken < 0) {
        if (errno != EAGAIN) break_off_later(errno);
        return false;
      }
      sent += static_cast<std::size_t>(taken);
      acknowledgements_.wrote(static_cast<std::size_t>(taken));
      if (static_cast<std::size_t>(taken) < size) return false;
      next += count;
    }
    return true;
  }

  // Told from the loop: the caller is in the middle of something.
  void break_off_later(int error) {
    broken_ = true;
    loop_.post([weak = weak_from_this(), error] {
      if (const auto self = weak.lock()) self->break_off(error);
    });
  }

  void flush() {
    const std::size_t sent = send_some(queue_.view());
    if (broken_) return;
    if (sent > 0) stalled_since_ = Clock::now();
    queue_.consume(sent);
    if (queue_.empty()) {
      stalled_since_.reset();
      if (lingering_) return shut_down_output();
    } else {
      await_output();
    }
    if (!congested_ || queue_.size() > limits_.low_water) return;
    congested_ = false;
    if (!lingering_ && handlers_.on_drained) handlers_.on_drained();
  }

  void shut_down_output() {
    output_shut_ = true;
    shutdown(socket_.get(), SHUT_WR);
    if (input_ended_) close();
  }

  void break_off(int error) {
    const bool was_closed = !socket_.valid();
    broken_ = true;
    close();
    if (was_closed || lingering_ || !handlers_.on_end) return;
    handlers_.on_end({StreamEndCause::kBroken, std::generic_category().message(error)});
  }

  EventLoop& loop_;
  StreamLimits limits_;
  FileDescriptor socket_;
  Endpoint local_;
  Endpoint peer_;
  StreamHandlers handlers_;
  SendQueue queue_;
  Acknowledgements acknowledgements_;
  std::optional<Clock::time_point> stalled_since_;
  std::optional<Timer> timer_;            // while lingering
  std::optional<DescriptorWatch> watch_;  // after socket_: destroyed before it
  bool reading_ = false;
  bool awaiting_input_ = false;
  bool awaiting_output_ = false;
  bool congested_ = false;
  bool input_ended_ = false;
  bool output_shut_ = false;
  bool lingering_ = false;
  bool broken_ = false;
};

ByteStream::ByteStream(EventLoop& loop, FileDescriptor socket, const StreamLimits& limits)
    : connection_(std::make_shared<Connection>(loop, std::move(socket), limits)) {}

ByteStream& ByteStream::operator=(ByteStream&& other) noexcept {
  if (this != &other) {
    if (connection_) connection_->orphan();
    connection_ = std::move(other.connection_);
  }
  return *this;
}

ByteStream::~ByteStream() {
  if (connection_) connection_->orphan();
}

void ByteStream::start(StreamHandlers handlers) {
  connection_->start(std::move(handlers));
}

void ByteStream::pause_reading() {
  connection_->set_reading(false);
}

void ByteStream::resume_reading() {
  connection_->set_reading(true);
}

void ByteStream::read_now() {
  const auto alive = connection_;  // A handler may destroy us.
  alive->read_now();
}

Result<void> ByteStream::set_options(const TcpOptions& options) {
  return connection_->set_options(options);
}

Result<void, WriteError> ByteStream::write(std::span<const std::byte> bytes) {
  return connection_->write(bytes);
}

std::size_t ByteStream::write_some(std::span<const std::span<const std::byte>> pieces) {
  return connection_->write_some(pieces);
}

std::size_t ByteStream::queued() const {
  return connection_->queued();
}

bool ByteStream::congested() const {
  return connection_->congested();
}

std::optional<Clock::time_point> ByteStream::stalled_since() const {
  return connection_->stalled_since();
}

std::optional<Clock::time_point> ByteStream::unacknowledged_since() {
  return connection_->unacknowledged_since();
}

bool ByteStream::expects_acknowledgement() const {
  return connection_->expects_acknowledgement();
}

void ByteStream::close_gracefully(std::chrono::milliseconds linger) {
  connection_->close_gracefully(linger);
}

void ByteStream::abort() {
  connection_->abort();
}

bool ByteStream::is_open() const {
  return connection_->is_open();
}

const Endpoint& ByteStream::local() const {
  return connection_->local();
}

const Endpoint& ByteStream::peer() const {
  return connection_->peer();
}

Result<std::pair<ByteStream, ByteStream>> connected_pair(EventLoop& loop,
                                                         const StreamLimits& limits) {
  std::array<int, 2> ends{};
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends.data()) != 0) {
    return fail(errno_error("socketpair"));
  }
  ByteStream near(loop, FileDescriptor(ends[0]), limits);
  ByteStream far(loop, FileDescriptor(ends[1]), limits);
  return std::pair(std::move(near), std::move(far));
}

}  // namespace fabrix::io
