#include "io/packet_socket.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <utility>
#include <vector>

#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "io/descriptor_watch.h"
#include "io/file_descriptor.h"
#include "io/namespace.h"

namespace fabrix::io {
namespace {

constexpr int kFramesPerWake = 64;
constexpr std::size_t kTagSize = 4;
constexpr std::size_t kMacsSize = 12;
constexpr std::size_t kBufferSize = kTagSize + (std::size_t{66} << 10U);  // a whole GSO train

constexpr std::uint16_t big_endian(std::uint16_t value) {
  return static_cast<std::uint16_t>((value << 8U) | (value >> 8U));
}

Result<void> set_option(int fd, int name, int value, const char* text) {
  if (setsockopt(fd, SOL_PACKET, name, &value, sizeof(value)) == 0) return {};
  return fail(errno_error(text));
}

Result<void> set_promiscuous(int fd, int index) {
  packet_mreq membership{};
  membership.mr_ifindex = index;
  membership.mr_type = PACKET_MR_PROMISC;
  if (setsockopt(fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &membership, sizeof(membership)) == 0) {
    return {};
  }
  return fail(errno_error("promiscuous mode"));
}

Result<void> prepare(int fd, const PacketSocketOptions& options) {
  const auto index = static_cast<int>(if_nametoindex(options.link.c_str()));
  if (index == 0) return fail(errno_error("interface " + options.link));
  auto done = set_option(fd, PACKET_IGNORE_OUTGOING, 1, "PACKET_IGNORE_OUTGOING");
  if (done) done = set_option(fd, PACKET_AUXDATA, 1, "PACKET_AUXDATA");
  if (done && options.promiscuous == Promiscuous::kYes) done = set_promiscuous(fd, index);
  if (done && options.queueing == Queueing::kBypassed) {
    done = set_option(fd, PACKET_QDISC_BYPASS, 1, "PACKET_QDISC_BYPASS");
  }
  if (!done) return done;
  sockaddr_ll address{};
  address.sll_family = AF_PACKET;
  address.sll_protocol = big_endian(ETH_P_ALL);
  address.sll_ifindex = index;
  if (bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0) return {};
  return fail(errno_error("bind to interface " + options.link));
}

// What the kernel tells besides the frame: it takes the VLAN tag out.
std::optional<tpacket_auxdata> auxiliary_data(msghdr& message) {
  for (cmsghdr* part = CMSG_FIRSTHDR(&message); part != nullptr;
       part = CMSG_NXTHDR(&message, part)) {
    if (part->cmsg_level != SOL_PACKET || part->cmsg_type != PACKET_AUXDATA) continue;
    tpacket_auxdata data{};
    std::memcpy(&data, CMSG_DATA(part), sizeof(data));
    return data;
  }
  return std::nullopt;
}

// Puts the tag back between the MACs and the type; `frame` has kTagSize octets of room before it.
std::span<const std::byte> with_tag(std::byte* frame, std::size_t size,
                                    const tpacket_auxdata& data) {
  std::byte* const start = frame - kTagSize;
  std::memmove(start, frame, kMacsSize);
  const bool has_type = (data.tp_status & TP_STATUS_VLAN_TPID_VALID) != 0;
  const std::array<std::uint16_t, 2> tag{
      big_endian(has_type ? data.tp_vlan_tpid : std::uint16_t{ETH_P_8021Q}),
      big_endian(data.tp_vlan_tci)};
  std::memcpy(start + kMacsSize, tag.data(), sizeof(tag));
  return {start, size + kTagSize};
}

}  // namespace

class PacketSocket::Receiver : public std::enable_shared_from_this<Receiver> {
 public:
  Receiver(EventLoop& loop, FileDescriptor socket, OnFrame on_frame)
      : socket_(std::move(socket)), on_frame_(std::move(on_frame)), buffer_(kBufferSize) {
    watch_.emplace(loop, socket_.get());
  }

  void wait() {
    watch_->wait_readable([self = shared_from_this()] { self->receive_some(); });
  }

  Result<void> send(std::span<const std::byte> frame) {
    if (::send(socket_.get(), frame.data(), frame.size(), 0) >= 0) return {};
    return fail(errno_error("send frame"));
  }

  void close() {
    watch_.reset();
    socket_.close();
  }

 private:
  void receive_some() {
    for (int i = 0; i < kFramesPerWake && watch_; ++i) {
      const auto frame = receive_one();
      if (frame.empty()) break;
      if (on_frame_) on_frame_(frame);
    }
    if (watch_) wait();
  }

  // Empty if there is none. Errors such as ENETDOWN concern the interface and may pass.
  std::span<const std::byte> receive_one() {
    alignas(cmsghdr) std::array<std::byte, CMSG_SPACE(sizeof(tpacket_auxdata))> control{};
    std::byte* const frame = buffer_.data() + kTagSize;
    iovec target{.iov_base = frame, .iov_len = buffer_.size() - kTagSize};
    msghdr message{};
    message.msg_iov = &target;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    const ssize_t count = recvmsg(socket_.get(), &message, 0);
    if (count <= 0) return {};
    const auto size = static_cast<std::size_t>(count);
    const auto data = auxiliary_data(message);
    const bool tagged = data && (data->tp_status & TP_STATUS_VLAN_VALID) != 0;
    if (tagged && size >= kMacsSize) return with_tag(frame, size, *data);
    return {frame, size};
  }

  FileDescriptor socket_;
  OnFrame on_frame_;
  std::vector<std::byte> buffer_;
  std::optional<DescriptorWatch> watch_;  // after socket_: destroyed before it
};

Result<PacketSocket> PacketSocket::open(EventLoop& loop, const PacketSocketOptions& options,
                                        OnFrame on_frame) {
  FABRIX_TRY(const NamespaceScope scope, NamespaceScope::enter(options.network_namespace));
  // Protocol 0 receives nothing: before bind() it would be the frames of all interfaces.
  FileDescriptor socket(::socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket.valid()) return fail(errno_error("packet socket"));
  const auto prepared = prepare(socket.get(), options);
  if (!prepared) return fail(prepared.error());
  auto receiver = std::make_shared<Receiver>(loop, std::move(socket), std::move(on_frame));
  receiver->wait();
  return PacketSocket(std::move(receiver));
}

PacketSocket::PacketSocket(std::shared_ptr<Receiver> receiver) : receiver_(std::move(receiver)) {}

PacketSocket& PacketSocket::operator=(PacketSocket&& other) noexcept {
  if (this != &other) {
    if (receiver_) receiver_->close();
    receiver_ = std::move(other.receiver_);
  }
  return *this;
}

PacketSocket::~PacketSocket() {
  if (receiver_) receiver_->close();
}

Result<void> PacketSocket::send(std::span<const std::byte> frame) {
  return receiver_->send(frame);
}

}  // namespace fabrix::io
