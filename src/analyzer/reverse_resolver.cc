#include "analyzer/reverse_resolver.h"

#include <array>
#include <map>
#include <utility>

#include <ares.h>
#include <fmt/format.h>
#include <netdb.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "io/descriptor_watch.h"

namespace fabrix::analyzer {
namespace {

constexpr int kInternet = 1;  // class
constexpr int kPointer = 12;  // type

int family_of(const net::IpAddress& address) {
  return address.family() == net::Family::kIpv4 ? AF_INET : AF_INET6;
}

// None: it says nothing that can be read.
std::optional<std::string> name_in(const unsigned char* answer, int length,
                                   const net::IpAddress& address) {
  hostent* host = nullptr;
  const auto octets = address.octets();
  const int wrong = ares_parse_ptr_reply(
      answer, length, octets.data(), static_cast<int>(octets.size()), family_of(address), &host);
  if (wrong != ARES_SUCCESS || host == nullptr) return std::nullopt;
  std::string name = host->h_name != nullptr ? host->h_name : "";
  ares_free_hostent(host);
  return name.empty() ? std::nullopt : std::optional(std::move(name));
}

}  // namespace

class ReverseResolver::Impl {
 public:
  Impl(io::EventLoop& loop, Answered answered)
      : loop_(loop), answered_(std::move(answered)), timer_(loop, [this] { time_out(); }) {}
  ~Impl() {
    if (channel_ != nullptr) ares_destroy(channel_);
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  Impl(Impl&&) = delete;
  Impl& operator=(Impl&&) = delete;

  Result<void> open(const std::string& servers) {
    ares_options options{};
    options.timeout = static_cast<int>(kTimeout.count());
    options.tries = kTries;
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

  std::size_t pending() const { return pending_; }

  void ask(const net::IpAddress& address) {
    ++pending_;
    auto question = std::make_unique<Question>(Question{this, address});
    ares_query(channel_, reverse_name(address).c_str(), kInternet, kPointer, answered,
               question.release());
    wait();
  }

 private:
  struct Question {
    Impl* impl;
    net::IpAddress address;
  };
  struct Socket {
    Socket(io::EventLoop& loop, int fd) : watch(loop, fd) {}

    io::DescriptorWatch watch;
    bool reads = false;  // a wait is under way
    bool writes = false;
    bool wants_read = false;
    bool wants_write = false;
  };

  // ares_callback; the question is ours again.
  static void answered(void* asked, int status, int /*timeouts*/, unsigned char* answer,
                       int length) {
    const std::unique_ptr<Question> question(static_cast<Question*>(asked));
    Impl& impl = *question->impl;
    --impl.pending_;
    if (status == ARES_EDESTRUCTION) return;
    const bool has_none = status == ARES_ENOTFOUND || status == ARES_ENODATA;
    const auto name =
        status == ARES_SUCCESS ? name_in(answer, length, question->address) : std::nullopt;
    const Outcome other = has_none ? Outcome::kNone : Outcome::kFailed;
    impl.answered_(question->address, name ? Outcome::kName : other, name.value_or(""));
  }

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

  // Until the next question has waited long enough.
  void wait() {
    timeval left{};
    if (ares_timeout(channel_, nullptr, &left) == nullptr) {
      timer_.cancel();
      return;
    }
    timer_.start(std::chrono::seconds(left.tv_sec) + std::chrono::microseconds(left.tv_usec));
  }

  io::EventLoop& loop_;
  Answered answered_;
  io::Timer timer_;
  ares_channel channel_ = nullptr;
  std::map<int, Socket> sockets_;
  std::size_t pending_ = 0;
};

ReverseResolver::ReverseResolver(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ReverseResolver::~ReverseResolver() = default;

Result<std::unique_ptr<ReverseResolver>> ReverseResolver::create(io::EventLoop& loop,
                                                                 const std::string& servers,
                                                                 Answered answered) {
  auto impl = std::make_unique<Impl>(loop, std::move(answered));
  if (auto opened = impl->open(servers); !opened) return fail(std::move(opened).error());
  // tidy: the constructor is private, which make_unique cannot reach
  return std::unique_ptr<ReverseResolver>(new ReverseResolver(std::move(impl)));
}

std::size_t ReverseResolver::pending() const {
  return impl_->pending();
}

bool ReverseResolver::ask(const net::IpAddress& address) {
  if (!has_room()) return false;
  impl_->ask(address);
  return true;
}

std::string reverse_name(const net::IpAddress& address) {
  const auto octets = address.octets();
  std::string name;
  for (auto octet = octets.rbegin(); octet != octets.rend(); ++octet) {
    if (address.family() == net::Family::kIpv4) {
      name += fmt::format("{}.", *octet);
    } else {
      name += fmt::format("{:x}.{:x}.", *octet & 15U, *octet >> 4U);
    }
  }
  return name + (address.family() == net::Family::kIpv4 ? "in-addr.arpa" : "ip6.arpa");
}

}  // namespace fabrix::analyzer
