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
  FABRIX_TRY(const NamespaceScope scope, NamespaceScope::enter(network_namespace));
  FileDescriptor socket(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE));
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

Result<std::vector<NetlinkMessage>> NetlinkSocket::dump(NetlinkWriter message,
                                                        std::string_view what) {
  Answer answer;
  for (int i = 0; i < kDumpAttempts; ++i) {
    answer = exchange(message, NLM_F_DUMP);
    if (answer) return *std::move(answer);
    if (answer.error().number != EINTR) break;
  }
  return fail(describe(what, answer.error().text));
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
