#include "io/frame_sender.h"

#include <linux/if_packet.h>
#include <sys/socket.h>

namespace fabrix::io {

Result<FrameSender> FrameSender::open() {
  // Protocol 0: nothing is received.
  FileDescriptor socket(::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket.valid()) return fail(errno_error("packet socket"));
  return FrameSender(std::move(socket));
}

Result<void> FrameSender::send(std::uint32_t interface, std::span<const std::byte> frame) const {
  sockaddr_ll to{};
  to.sll_family = AF_PACKET;
  to.sll_ifindex = static_cast<int>(interface);
  const auto sent = sendto(socket_.get(), frame.data(), frame.size(), 0,
                           reinterpret_cast<const sockaddr*>(&to), sizeof(to));
  if (sent >= 0) return {};
  return fail(errno_error("send frame"));
}

}  // namespace fabrix::io
