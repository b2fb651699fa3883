#include "io/listener.h"

#include <cerrno>
#include <chrono>
#include <optional>
#include <utility>

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/descriptor_watch.h"
#include "io/socket_address.h"

namespace fabrix::io {
namespace {

constexpr int kAcceptsPerWake = 16;
constexpr std::chrono::seconds kPause{1};  // when the process is out of descriptors or memory

Result<void> set_flag(int fd, int level, int name, const char* text) {
  const int on = 1;
  if (setsockopt(fd, level, name, &on, sizeof(on)) == 0) return {};
  return fail(errno_error(text));
}

Result<void> prepare_tcp(int fd, const IpEndpoint& local, const ListenOptions& options) {
  const bool is_v4 = local.address.family() == net::Family::kIpv4;
  auto done = set_flag(fd, SOL_SOCKET, SO_REUSEADDR, "SO_REUSEADDR");
  if (done && !is_v4) done = set_flag(fd, IPPROTO_IPV6, IPV6_V6ONLY, "IPV6_V6ONLY");
  if (done && options.free_bind == FreeBind::kYes) {
    done = is_v4 ? set_flag(fd, IPPROTO_IP, IP_FREEBIND, "IP_FREEBIND")
                 : set_flag(fd, IPPROTO_IPV6, IPV6_FREEBIND, "IPV6_FREEBIND");
  }
  return done ? apply(options.tcp, local.address.family(), fd) : done;
}

// Whether a socket file is there that nobody listens on any more.
bool is_abandoned(const SocketAddress& address) {
  const FileDescriptor probe(socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  return connect(probe.get(), address.data(), address.size()) != 0 && errno == ECONNREFUSED;
}

Result<void> bind_unix(int fd, const UnixEndpoint& local, const SocketAddress& address,
                       std::uint32_t mode) {
  const char* path = local.path.c_str();
  int bound = bind(fd, address.data(), address.size());
  if (bound != 0 && errno == EADDRINUSE && is_abandoned(address)) {
    unlink(path);
    bound = bind(fd, address.data(), address.size());
  }
  if (bound != 0) return fail(errno_error("bind " + to_string(local)));
  if (chmod(path, mode) == 0) return {};
  return fail(errno_error("chmod " + local.path));
}

Result<void> bind_to(int fd, const Endpoint& local, const ListenOptions& options) {
  FABRIX_TRY(const SocketAddress address, SocketAddress::from(local));
  if (const auto* path = std::get_if<UnixEndpoint>(&local)) {
    return bind_unix(fd, *path, address, options.unix_mode);
  }
  auto prepared = prepare_tcp(fd, std::get<IpEndpoint>(local), options);
  if (!prepared) return prepared;
  if (bind(fd, address.data(), address.size()) == 0) return {};
  return fail(errno_error("bind " + to_string(local)));
}

}  // namespace

class Listener::Acceptor : public std::enable_shared_from_this<Acceptor> {
 public:
  Acceptor(EventLoop& loop, FileDescriptor socket, ListenOptions options, OnAccept on_accept)
      : loop_(loop),
        socket_(std::move(socket)),
        options_(std::move(options)),
        on_accept_(std::move(on_accept)),
        local_(SocketAddress::of(socket_.get(), getsockname).endpoint()) {
    watch_.emplace(loop_, socket_.get());
  }

  void wait() {
    watch_->wait_readable([self = shared_from_this()] { self->accept_some(); });
  }

  void close() {
    const auto* path = std::get_if<UnixEndpoint>(&local_);
    if (socket_.valid() && path != nullptr) unlink(path->path.c_str());
    watch_.reset();
    pause_.reset();
    socket_.close();
  }

  const Endpoint& local() const { return local_; }
  int fd() const { return socket_.get(); }

 private:
  void accept_some() {
    for (int i = 0; i < kAcceptsPerWake; ++i) {
      FileDescriptor accepted(
          accept4(socket_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
      if (!accepted.valid()) {
        if (is_out_of_resources(errno)) return pause();
        break;  // Nothing left to accept, or it went away while it waited.
      }
      take(std::move(accepted));
      if (!watch_) return;  // The callback has closed us.
    }
    wait();
  }

  void take(FileDescriptor accepted) {
    const auto peer = SocketAddress::of(accepted.get(), getpeername).endpoint();
    if (options_.admit && !options_.admit(peer)) return;
    on_accept_(ByteStream(loop_, std::move(accepted), options_.limits));
  }

  static bool is_out_of_resources(int error) {
    return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
  }

  void pause() {
    pause_.emplace(loop_, [weak = weak_from_this()] {
      if (const auto self = weak.lock()) self->wait();
    });
    pause_->start(kPause);
  }

  EventLoop& loop_;
  FileDescriptor socket_;
  ListenOptions options_;
  OnAccept on_accept_;
  Endpoint local_;
  std::optional<Timer> pause_;
  std::optional<DescriptorWatch> watch_;  // after socket_: destroyed before it
};

Result<Listener> Listener::listen(EventLoop& loop, const Endpoint& local, ListenOptions options,
                                  OnAccept on_accept) {
  FABRIX_TRY(FileDescriptor socket, open_stream_socket(local));
  const auto bound = bind_to(socket.get(), local, options);
  if (!bound) return fail(bound.error());
  if (::listen(socket.get(), options.backlog) != 0) {
    return fail(errno_error("listen " + to_string(local)));
  }
  auto acceptor =
      std::make_shared<Acceptor>(loop, std::move(socket), std::move(options), std::move(on_accept));
  acceptor->wait();
  return Listener(std::move(acceptor));
}

Listener::Listener(std::shared_ptr<Acceptor> acceptor) : acceptor_(std::move(acceptor)) {}

Listener& Listener::operator=(Listener&& other) noexcept {
  if (this != &other) {
    if (acceptor_) acceptor_->close();
    acceptor_ = std::move(other.acceptor_);
  }
  return *this;
}

Listener::~Listener() {
  if (acceptor_) acceptor_->close();
}

const Endpoint& Listener::local() const {
  return acceptor_->local();
}

std::uint16_t Listener::port() const {
  const auto* ip = std::get_if<IpEndpoint>(&local());
  return ip == nullptr ? std::uint16_t{0} : ip->port;
}

Result<void> Listener::set_md5_key(const Md5Key& key) {
  return io::set_md5_key(key, acceptor_->fd());
}

}  // namespace fabrix::io
