#include "io/netlink_socket.h"

#include <algorithm>
#include <cerrno>
#include <span>
#include <system_error>

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "io/namespace.h"

namespace fabrix::io {
namespace {

constexpr int kDumpAttempts = 5;
// Requests sent at once: their acknowledgements fit into the socket's buffer.
constexpr std::size_t kPart = 64;

void set_option(int fd, int level, int name, int value) {
  setsockopt(fd, level, name, &value, sizeof(value));
}

bool is_complete(const std::vector<NetlinkMessage>& answer) {
  return !answer.empty() && (answer.back().type == NLMSG_DONE || answer.back().type == NLMSG_ERROR);
}

Error describe(std::string_view what, const std::string& text) {
  return Error{std::string(what) + ": " + text};
}

}  // namespace

Result<NetlinkSocket> NetlinkSocket::open(const std::string& network_namespace) {
  return open(NETLINK_ROUTE, network_namespace);
}

Result<NetlinkSocket> NetlinkSocket::open_generic(const std::string& network_namespace) {
  return open(NETLINK_GENERIC, network_namespace);
}

Result<NetlinkSocket> NetlinkSocket::open(int protocol, const std::string& network_namespace) {
  FABRIX_TRY(const NamespaceScope scope, NamespaceScope::enter(network_namespace));
  FileDescriptor socket(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol));
  if (!socket.valid()) return fail(errno_error("netlink socket"));
  set_option(socket.get(), SOL_NETLINK, NETLINK_EXT_ACK, 1);  // errors in words ...
  set_option(socket.get(), SOL_NETLINK, NETLINK_CAP_ACK, 1);  // ... and without our request
  set_option(socket.get(), SOL_SOCKET, SO_RCVBUF, 1 << 20);
  const timeval limit{.tv_sec = 5, .tv_usec = 0};
  setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
  return NetlinkSocket(std::move(socket));
}

Result<void> NetlinkSocket::request(NetlinkWriter message, std::string_view what) {
  return request_ignoring(std::move(message), 0, what);
}

Result<void> NetlinkSocket::request_ignoring(NetlinkWriter message, int ignored,
                                             std::string_view what) {
  const Answer answer = exchange(message, NLM_F_ACK);
  if (answer || answer.error().number == ignored) return {};
  return fail(describe(what, answer.error().text));
}

Result<std::vector<NetlinkMessage>> NetlinkSocket::query(NetlinkWriter message,
                                                         std::string_view what) {
  Answer answer = exchange(message, NLM_F_ACK);
  if (answer) return *std::move(answer);
  return fail(describe(what, answer.error().text));
}

std::vector<NetlinkSocket::Refused> NetlinkSocket::request_all(std::span<NetlinkWriter> messages) {
  std::vector<Refused> refused;
  for (std::size_t first = 0; first < messages.size(); first += kPart) {
    const std::size_t count = std::min(kPart, messages.size() - first);
    request_part(messages.subspan(first, count), first, refused);
  }
  return refused;
}

void NetlinkSocket::request_part(std::span<NetlinkWriter> messages, std::size_t first,
                                 std::vector<Refused>& refused) {
  std::vector<std::byte> request;
  const std::uint32_t start = sequence_ + 1;
  for (NetlinkWriter& message : messages) {
    const auto octets = message.finish(++sequence_, NLM_F_ACK);
    request.insert(request.end(), octets.begin(), octets.end());
  }
  std::vector<bool> is_answered(messages.size());
  std::size_t waiting = messages.size();
  Refusal reason;
  if (send(socket_.get(), request.data(), request.size(), 0) < 0) {
    reason = {errno, std::generic_category().message(errno)};
  }
  while (waiting > 0 && reason.number == 0) {
    const auto datagram = receive();
    if (!datagram) reason = datagram.error();
    if (!datagram) break;
    for (const NetlinkMessage& answer : read_messages(*datagram)) {
      const std::uint32_t index = answer.sequence - start;
      if (answer.type != NLMSG_ERROR || index >= messages.size() || is_answered[index]) continue;
      is_answered[index] = true;
      --waiting;
      Refusal told = refusal(answer);
      if (told.number != 0) refused.push_back({first + index, told.number, std::move(told.text)});
    }
  }
  for (std::size_t i = 0; i < messages.size(); ++i) {
    if (!is_answered[i]) refused.push_back({first + i, reason.number, reason.text});
  }
}

Result<std::vector<NetlinkMessage>> NetlinkSocket::dump(NetlinkWriter message,
                                                        std::string_view what) {
  return dump_ignoring(std::move(message), 0, what);
}

Result<std::vector<NetlinkMessage>> NetlinkSocket::dump_ignoring(NetlinkWriter message, int ignored,
                                                                 std::string_view what) {
  Answer answer;
  for (int i = 0; i < kDumpAttempts; ++i) {
    answer = exchange(message, NLM_F_DUMP);
    if (answer) return *std::move(answer);
    if (answer.error().number != EINTR) break;
  }
  if (ignored != 0 && answer.error().number == ignored) return std::vector<NetlinkMessage>();
  return fail(describe(what, answer.error().text));
}

void NetlinkSocket::filter_dumps() {
  set_option(socket_.get(), SOL_NETLINK, NETLINK_GET_STRICT_CHK, 1);
}

NetlinkSocket::Answer NetlinkSocket::exchange(NetlinkWriter& message, std::uint16_t flags) {
  const auto request = message.finish(++sequence_, flags);
  if (send(socket_.get(), request.data(), request.size(), 0) < 0) {
    return fail(Refusal{errno, std::generic_category().message(errno)});
  }
  return collect();
}

// The answer to the last request, up to its end or acknowledgement. EINTR: the dump is inconsistent
// (NLM_F_DUMP_INTR).
NetlinkSocket::Answer NetlinkSocket::collect() {
  std::vector<NetlinkMessage> answer;
  while (!is_complete(answer)) {
    FABRIX_TRY(const auto datagram, receive());
    for (NetlinkMessage& part : read_messages(datagram)) {
      // Others are the rest of a request that was given up.
      if (part.sequence == sequence_) answer.push_back(std::move(part));
    }
  }
  Refusal reason = refusal(answer.back());
  const bool changed = std::ranges::any_of(
      answer, [](const NetlinkMessage& part) { return (part.flags & NLM_F_DUMP_INTR) != 0; });
  if (reason.number == 0 && changed) reason = {EINTR, "the list kept changing"};
  if (reason.number != 0) return fail(std::move(reason));
  answer.pop_back();
  return answer;
}

Result<std::vector<std::byte>, NetlinkSocket::Refusal> NetlinkSocket::receive() {
  std::vector<std::byte> buffer(std::size_t{64} << 10U);
  ssize_t count = 0;
  do {
    count = recv(socket_.get(), buffer.data(), buffer.size(), 0);
  } while (count < 0 && errno == EINTR);
  if (count < 0 && errno == EAGAIN) return fail(Refusal{ETIMEDOUT, "no answer from the kernel"});
  if (count < 0) return fail(Refusal{errno, std::generic_category().message(errno)});
  buffer.resize(static_cast<std::size_t>(count));
  return buffer;
}

// NLMSG_ERROR begins with a nlmsgerr, NLMSG_DONE with the number alone; zero is success.
NetlinkSocket::Refusal NetlinkSocket::refusal(const NetlinkMessage& message) {
  const int number = -message.fixed<int>().value_or(0);
  Refusal result{number, std::generic_category().message(number)};
  const auto attributes = message.attributes(sizeof(nlmsgerr));
  const NetlinkAttribute* words = find_attribute(attributes, NLMSGERR_ATTR_MSG);
  if (words != nullptr) result.text += " (" + words->text() + ")";
  return result;
}

}  // namespace fabrix::io
