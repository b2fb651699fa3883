#include "io/host_lookup.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <span>
#include <utility>

#include <ares.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "io/dns_channel.h"
#include "net/host_name.h"

namespace fabrix::io {
namespace {

// Octets of a socket address of a family that we know.
std::optional<net::IpAddress> address_of(const ares_addrinfo_node& node) {
  if (node.ai_family == AF_INET) {
    sockaddr_in address{};
    std::memcpy(&address, node.ai_addr, sizeof(address));
    std::array<std::uint8_t, 4> octets{};
    std::memcpy(octets.data(), &address.sin_addr, octets.size());
    return net::IpAddress::v4(octets);
  }
  if (node.ai_family != AF_INET6) return std::nullopt;
  sockaddr_in6 address{};
  std::memcpy(&address, node.ai_addr, sizeof(address));
  std::array<std::uint8_t, 16> octets{};
  std::memcpy(octets.data(), &address.sin6_addr, octets.size());
  return net::IpAddress::v6(octets);
}

std::vector<net::IpAddress> addresses_of(const ares_addrinfo& found) {
  std::vector<net::IpAddress> addresses;
  for (const ares_addrinfo_node* node = found.nodes; node != nullptr; node = node->ai_next) {
    const auto address = address_of(*node);
    const bool is_new = address && std::ranges::find(addresses, *address) == addresses.end();
    if (is_new && addresses.size() < HostLookup::kMaxAddresses) addresses.push_back(*address);
  }
  return addresses;
}

}  // namespace

class HostLookup::Impl {
 public:
  Impl(EventLoop& loop, std::string host, OnDone on_done)
      : host_(std::move(host)), on_done_(std::move(on_done)), done_(loop, [this] { tell(); }) {}

  void start(EventLoop& loop, const std::string& servers) {
    if (const auto address = net::IpAddress::parse(host_)) return finish(std::vector{*address});
    if (!net::is_host_name(host_))
      return finish(fail(Error{fmt::format("'{}' is no host", host_)}));
    auto channel = DnsChannel::open(loop, servers);
    if (!channel) return finish(fail(channel.error()));
    channel_ = *std::move(channel);
    ares_addrinfo_hints hints{};
    hints.ai_family = AF_UNSPEC;
    ares_getaddrinfo(channel_->get(), host_.c_str(), nullptr, &hints, answered, this);
    channel_->asked();
  }

 private:
  // ares_addrinfo_callback.
  static void answered(void* data, int status, int /*timeouts*/, ares_addrinfo* found) {
    if (status == ARES_EDESTRUCTION) return;
    Impl& self = *static_cast<Impl*>(data);
    auto addresses = found == nullptr ? std::vector<net::IpAddress>() : addresses_of(*found);
    if (found != nullptr) ares_freeaddrinfo(found);
    if (!addresses.empty()) return self.finish(std::move(addresses));
    self.finish(fail(Error{fmt::format("{} is not found: {}", self.host_, ares_strerror(status))}));
  }

  // Told from the loop, not from within c-ares.
  void finish(Result<std::vector<net::IpAddress>> result) {
    result_ = std::move(result);
    done_.start(std::chrono::milliseconds(0));
  }

  void tell() {
    const OnDone on_done = std::move(on_done_);
    on_done(*std::move(result_));
  }

  std::string host_;
  OnDone on_done_;
  std::optional<Result<std::vector<net::IpAddress>>> result_;
  Timer done_;
  std::unique_ptr<DnsChannel> channel_;
};

HostLookup::HostLookup(EventLoop& loop, const std::string& host, OnDone on_done,
                       const std::string& servers)
    : impl_(std::make_unique<Impl>(loop, host, std::move(on_done))) {
  impl_->start(loop, servers);
}
HostLookup::~HostLookup() = default;

}  // namespace fabrix::io
