#include "io/dns_channel.h"

#include <map>
#include <utility>

#include <ares.h>
#include <fmt/format.h>
#include <sys/time.h>

#include "io/descriptor_watch.h"

namespace fabrix::io {

class DnsChannel::Impl {
 public:
  explicit Impl(EventLoop& loop) : loop_(loop), timer_(loop, [this] { time_out(); }) {}
  ~Impl() {
    if (channel_ != nullptr) ares_destroy(channel_);
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  Impl(Impl&&) = delete;
  Impl& operator=(Impl&&) = delete;

  Result<void> open(const std::string& servers, const DnsPatience& patience) {
    ares_options options{};
    options.timeout = static_cast<int>(patience.timeout.count());
    options.tries = patience.tries;
    options.sock_state_cb = socket_changed;
    options.sock_state_cb_data = this;
    const int wrong = ares_init_options(
        &channel_, &options, ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_SOCK_STATE_CB);
    if (wrong != ARES_SUCCESS) {
      channel_ = nullptr;
      return fail(Error{fmt::format("the DNS cannot be asked: {}", ares_strerror(wrong))});
    }
    if (servers.empty()) return {};
    if (ares_set_servers_ports_csv(channel_, servers.c_str()) == ARES_SUCCESS) return {};
    return fail(Error{fmt::format("'{}' is no list of DNS servers", servers)});
  }

  ares_channel get() const { return channel_; }

  // Until the next question has waited long enough.
  void wait() {
    timeval left{};
    if (ares_timeout(channel_, nullptr, &left) == nullptr) {
      timer_.cancel();
      return;
    }
    timer_.start(std::chrono::seconds(left.tv_sec) + std::chrono::microseconds(left.tv_usec));
  }

 private:
  struct Socket {
    Socket(EventLoop& loop, int fd) : watch(loop, fd) {}

    DescriptorWatch watch;
    bool reads = false;  // a wait is under way
    bool writes = false;
    bool wants_read = false;
    bool wants_write = false;
  };

  // ares_sock_state_cb: what c-ares waits for; nothing: it closes the socket.
  static void socket_changed(void* data, ares_socket_t fd, int reads, int writes) {
    static_cast<Impl*>(data)->watch(fd, reads != 0, writes != 0);
  }

  void watch(int fd, bool reads, bool writes) {
    if (!reads && !writes) {
      sockets_.erase(fd);
      return;
    }
    Socket& socket = sockets_.try_emplace(fd, loop_, fd).first->second;
    socket.wants_read = reads;
    socket.wants_write = writes;
    wait(fd, socket);
  }

  void wait(int fd, Socket& socket) {
    if (socket.wants_read && !socket.reads) {
      socket.reads = true;
      socket.watch.wait_readable([this, fd] {
        sockets_.at(fd).reads = false;
        process(fd, fd, ARES_SOCKET_BAD);
      });
    }
    if (socket.wants_write && !socket.writes) {
      socket.writes = true;
      socket.watch.wait_writable([this, fd] {
        sockets_.at(fd).writes = false;
        process(fd, ARES_SOCKET_BAD, fd);
      });
    }
  }

  // The socket may be gone after it, or another one of that number there.
  void process(int fd, ares_socket_t read, ares_socket_t write) {
    ares_process_fd(channel_, read, write);
    const auto found = sockets_.find(fd);
    if (found != sockets_.end()) wait(fd, found->second);
    wait();
  }

  void time_out() {
    ares_process_fd(channel_, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
    wait();
  }

  EventLoop& loop_;
  Timer timer_;
  ares_channel channel_ = nullptr;
  std::map<int, Socket> sockets_;
};

DnsChannel::DnsChannel(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
DnsChannel::~DnsChannel() = default;

Result<std::unique_ptr<DnsChannel>> DnsChannel::open(EventLoop& loop, const std::string& servers,
                                                     const DnsPatience& patience) {
  auto impl = std::make_unique<Impl>(loop);
  if (auto opened = impl->open(servers, patience); !opened) return fail(std::move(opened).error());
  // tidy: the constructor is private, which make_unique cannot reach
  return std::unique_ptr<DnsChannel>(new DnsChannel(std::move(impl)));
}

ares_channeldata* DnsChannel::get() const {
  return impl_->get();
}

void DnsChannel::asked() {
  impl_->wait();
}

}  // namespace fabrix::io
