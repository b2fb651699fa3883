#include "io/connector.h"

#include <cerrno>
#include <utility>

#include <netinet/in.h>
#include <sys/socket.h>

#include "io/descriptor_watch.h"
#include "io/socket_address.h"

namespace fabrix::io {
namespace {

// The port is chosen at connect() and not at bind(), so that many connections can share one.
void choose_port_late(int fd) {
  constexpr int kBindAddressNoPort = 24;  // linux/in.h IP_BIND_ADDRESS_NO_PORT
  const int on = 1;
  setsockopt(fd, IPPROTO_IP, kBindAddressNoPort, &on, sizeof(on));
}

Result<void> bind_source(int fd, const IpEndpoint& source) {
  FABRIX_TRY(const SocketAddress address, SocketAddress::from(source));
  if (source.port == 0) choose_port_late(fd);
  if (bind(fd, address.data(), address.size()) == 0) return {};
  return fail(errno_error("bind " + to_string(source)));
}

// A socket on its way to `peer`, or there already.
Result<FileDescriptor> begin_connect(const Endpoint& peer, const ConnectOptions& options) {
  FABRIX_TRY(const SocketAddress address, SocketAddress::from(peer));
  FABRIX_TRY(FileDescriptor socket, open_stream_socket(peer));
  if (const auto* ip = std::get_if<IpEndpoint>(&peer)) {
    const auto applied = apply(options.tcp, ip->address.family(), socket.get());
    if (!applied) return fail(applied.error());
  }
  if (options.source) {
    const auto bound = bind_source(socket.get(), *options.source);
    if (!bound) return fail(bound.error());
  }
  const int connected = connect(socket.get(), address.data(), address.size());
  if (connected == 0 || errno == EINPROGRESS) return socket;
  return fail(errno_error("connect " + to_string(peer)));
}

int socket_error(int fd) {
  int error = 0;
  socklen_t size = sizeof(error);
  getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
  return error;
}

}  // namespace

class Connector::Attempt : public std::enable_shared_from_this<Attempt> {
 public:
  Attempt(EventLoop& loop, Endpoint peer, ConnectOptions options, OnDone on_done)
      : loop_(loop),
        peer_(std::move(peer)),
        options_(std::move(options)),
        on_done_(std::move(on_done)) {}

  void start() {
    auto socket = begin_connect(peer_, options_);
    if (!socket) {
      loop_.post([self = shared_from_this(), error = socket.error()] { self->give_up(error); });
      return;
    }
    socket_ = *std::move(socket);
    watch_.emplace(loop_, socket_.get());
    watch_->wait_writable([self = shared_from_this()] { self->finish(); });
    timer_.emplace(loop_, [weak = weak_from_this()] {
      if (const auto self = weak.lock()) self->give_up(self->timed_out());
    });
    timer_->start(options_.timeout);
  }

  void cancel() {
    cancelled_ = true;
    release();
  }

 private:
  void finish() {
    const int error = socket_error(socket_.get());
    if (error != 0) return give_up(errno_error("connect " + to_string(peer_), error));
    watch_.reset();
    complete(ByteStream(loop_, std::move(socket_), options_.limits));
  }

  Error timed_out() const {
    return {"connect " + to_string(peer_) + ": no answer in " +
            std::to_string(options_.timeout.count()) + " ms"};
  }

  void give_up(Error error) { complete(fail(std::move(error))); }

  void complete(Result<ByteStream> result) {
    release();
    if (std::exchange(cancelled_, true)) return;
    const OnDone on_done = std::exchange(on_done_, nullptr);
    if (on_done) on_done(std::move(result));
  }

  void release() {
    watch_.reset();
    timer_.reset();
    socket_.close();
  }

  EventLoop& loop_;
  Endpoint peer_;
  ConnectOptions options_;
  OnDone on_done_;
  FileDescriptor socket_;
  std::optional<Timer> timer_;
  std::optional<DescriptorWatch> watch_;  // after socket_: destroyed before it
  bool cancelled_ = false;                // or done
};

Connector::Connector(EventLoop& loop, const Endpoint& peer, ConnectOptions options, OnDone on_done)
    : attempt_(std::make_shared<Attempt>(loop, peer, std::move(options), std::move(on_done))) {
  attempt_->start();
}

Connector& Connector::operator=(Connector&& other) noexcept {
  if (this != &other) {
    if (attempt_) attempt_->cancel();
    attempt_ = std::move(other.attempt_);
  }
  return *this;
}

Connector::~Connector() {
  if (attempt_) attempt_->cancel();
}

}  // namespace fabrix::io
