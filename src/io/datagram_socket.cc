#include "io/datagram_socket.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>
#include <variant>
#include <vector>

#include <linux/sock_diag.h>
#include <sys/socket.h>

#include "io/socket_address.h"

namespace fabrix::io {
namespace {

// The longest that UDP has.
constexpr std::size_t kLongestDatagram = 65536;
// From one buffer to the next. Were it a power of two, the beginnings of all of them, which is what
// most datagrams fill, would have a few places of the processor's caches among them.
constexpr std::size_t kStride = kLongestDatagram + 2112;

bool set_option(int fd, int level, int option, int value) {
  return setsockopt(fd, level, option, &value, sizeof(value)) == 0;
}

// RFC 4291 §2.5.5.2.
IpEndpoint unmapped(const IpEndpoint& endpoint) {
  constexpr std::array<std::uint8_t, 12> kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  const auto octets = endpoint.address.octets();
  if (octets.size() != 16 || !std::equal(kMapped.begin(), kMapped.end(), octets.begin())) {
    return endpoint;
  }
  return {net::IpAddress::v4({octets[12], octets[13], octets[14], octets[15]}), endpoint.port};
}

Result<FileDescriptor> open_socket(int family) {
  FileDescriptor socket(::socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket.valid()) return fail(errno_error("a UDP socket"));
  return socket;
}

}  // namespace

struct DatagramSocket::Buffers {
  Buffers() : octets(kBatch * kStride) {
    for (std::size_t i = 0; i < kBatch; ++i) {
      vectors.at(i) = {.iov_base = octets.data() + i * kStride, .iov_len = kLongestDatagram};
    }
  }

  // What the kernel has changed in the last call.
  void reset() {
    for (std::size_t i = 0; i < kBatch; ++i) {
      msghdr& header = messages.at(i).msg_hdr;
      header = {};
      header.msg_name = &sources.at(i);
      header.msg_namelen = sizeof(sockaddr_storage);
      header.msg_iov = &vectors.at(i);
      header.msg_iovlen = 1;
    }
  }

  std::vector<std::byte> octets;
  std::array<iovec, kBatch> vectors{};
  std::array<sockaddr_storage, kBatch> sources{};
  std::array<mmsghdr, kBatch> messages{};
  std::array<ReceivedDatagram, kBatch> received{};
  std::uint64_t dropped = 0;
  std::uint32_t last_drops = 0;
};

DatagramSocket::DatagramSocket(FileDescriptor socket) : socket_(std::move(socket)) {}
DatagramSocket::DatagramSocket(DatagramSocket&& other) noexcept = default;
DatagramSocket& DatagramSocket::operator=(DatagramSocket&& other) noexcept = default;
DatagramSocket::~DatagramSocket() = default;

Result<DatagramSocket> DatagramSocket::bind(const IpEndpoint& local) {
  FABRIX_TRY(const auto address, SocketAddress::from(local));
  FABRIX_TRY(auto socket, open_socket(address.family()));
  constexpr int kSize = kReceiveBuffer;
  // The first is for who may exceed the system's limit.
  if (!set_option(socket.get(), SOL_SOCKET, SO_RCVBUFFORCE, kSize)) {
    set_option(socket.get(), SOL_SOCKET, SO_RCVBUF, kSize);
  }
  if (::bind(socket.get(), address.data(), address.size()) != 0) {
    return fail(errno_error(to_string(local)));
  }
  DatagramSocket result(std::move(socket));
  result.buffers_ = std::make_unique<Buffers>();
  return result;
}

Result<DatagramSocket> DatagramSocket::open(net::Family family) {
  FABRIX_TRY(auto socket, open_socket(family == net::Family::kIpv4 ? AF_INET : AF_INET6));
  return DatagramSocket(std::move(socket));
}

Result<void> DatagramSocket::bind_to_device(const std::string& name) {
  // The kernel would take the beginning of a longer name (IFNAMSIZ).
  constexpr std::size_t kLongestName = 15;
  if (name.empty() || name.size() > kLongestName) {
    return fail(Error{"'" + name + "' is no name of an interface"});
  }
  const auto size = static_cast<socklen_t>(name.size());
  if (setsockopt(socket_.get(), SOL_SOCKET, SO_BINDTODEVICE, name.data(), size) == 0) return {};
  return fail(errno_error("send by " + name));
}

IpEndpoint DatagramSocket::local() const {
  const auto endpoint = SocketAddress::of(socket_.get(), getsockname).endpoint();
  const auto* ip = std::get_if<IpEndpoint>(&endpoint);
  return ip != nullptr ? *ip : IpEndpoint{};
}

std::span<const ReceivedDatagram> DatagramSocket::receive() {
  if (!buffers_) return {};
  Buffers& buffers = *buffers_;
  buffers.reset();
  const int count = recvmmsg(socket_.get(), buffers.messages.data(), kBatch, 0, nullptr);
  const std::size_t received = count > 0 ? static_cast<std::size_t>(count) : 0;
  for (std::size_t i = 0; i < received; ++i) {
    mmsghdr& message = buffers.messages.at(i);
    SocketAddress source;
    std::memcpy(source.mutable_data(), &buffers.sources.at(i), sizeof(sockaddr_storage));
    *source.mutable_size() = message.msg_hdr.msg_namelen;
    const auto endpoint = source.endpoint();
    const auto* ip = std::get_if<IpEndpoint>(&endpoint);
    buffers.received.at(i) = {
        .source = ip != nullptr ? unmapped(*ip) : IpEndpoint{},
        .octets = std::span(buffers.octets).subspan(i * kStride, message.msg_len)};
  }
  return std::span(buffers.received).first(received);
}

// The kernel's counter has 32 bits.
std::uint64_t DatagramSocket::dropped() const {
  if (!buffers_) return 0;
  std::array<std::uint32_t, SK_MEMINFO_VARS> numbers{};
  socklen_t size = sizeof(numbers);
  if (getsockopt(socket_.get(), SOL_SOCKET, SO_MEMINFO, numbers.data(), &size) == 0) {
    const std::uint32_t now = numbers.at(SK_MEMINFO_DROPS);
    buffers_->dropped += static_cast<std::uint32_t>(now - buffers_->last_drops);
    buffers_->last_drops = now;
  }
  return buffers_->dropped;
}

Result<void> DatagramSocket::send(const IpEndpoint& to, std::span<const std::byte> datagram) {
  FABRIX_TRY(const auto address, SocketAddress::from(to));
  const auto sent = sendto(socket_.get(), datagram.data(), datagram.size(), MSG_NOSIGNAL,
                           address.data(), address.size());
  // ECONNREFUSED is of an earlier datagram: nobody listens there, for now.
  if (sent >= 0 || errno == EAGAIN || errno == ENOBUFS || errno == ECONNREFUSED) return {};
  return fail(errno_error(to_string(to)));
}

}  // namespace fabrix::io
