#include "io/link_watch.h"

#include <array>
#include <cerrno>
#include <utility>

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include "io/descriptor_watch.h"
#include "io/file_descriptor.h"

namespace fabrix::io {

class LinkWatch::State {
 public:
  State(EventLoop& loop, FileDescriptor socket, std::function<void()> on_change)
      : socket_(std::move(socket)), watch_(loop, socket_.get()), on_change_(std::move(on_change)) {
    wait();
  }

 private:
  void wait() {
    watch_.wait_readable([this] {
      const bool news = drain();
      wait();
      if (news) on_change_();
    });
  }

  bool drain() const {
    std::array<char, 16384> buffer{};
    bool news = false;
    while (true) {
      const auto size = recv(socket_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
      if (size < 0 && errno != ENOBUFS) return news;
      news = true;
    }
  }

  FileDescriptor socket_;
  DescriptorWatch watch_;
  std::function<void()> on_change_;
};

LinkWatch::LinkWatch(std::unique_ptr<State> state) : state_(std::move(state)) {}
LinkWatch::~LinkWatch() = default;

Result<std::unique_ptr<LinkWatch>> LinkWatch::start(EventLoop& loop,
                                                    std::function<void()> on_change) {
  FileDescriptor socket(
      ::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE));
  if (!socket.valid()) return fail(errno_error("netlink socket"));
  sockaddr_nl address{};
  address.nl_family = AF_NETLINK;
  address.nl_groups = RTMGRP_LINK;
  if (bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    return fail(errno_error("watch interfaces"));
  }
  auto state = std::make_unique<State>(loop, std::move(socket), std::move(on_change));
  // tidy: the constructor is private, which make_unique cannot reach
  return std::unique_ptr<LinkWatch>(new LinkWatch(std::move(state)));
}

}  // namespace fabrix::io
