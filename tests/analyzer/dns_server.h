// A DNS server on loopback that knows some names of addresses, for tests of who asks.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "analyzer/reverse_resolver.h"
#include "io/datagram_socket.h"
#include "io/descriptor_watch.h"
#include "io/event_loop.h"

namespace fabrix::analyzer::testing {

class DnsServer {
 public:
  explicit DnsServer(io::EventLoop& loop)
      : socket_(io::DatagramSocket::bind({net::IpAddress::v4({127, 0, 0, 1}), 0}).value()),
        watch_(loop, socket_.fd()) {
    wait();
  }

  // As options name it.
  std::string name() const { return "127.0.0.1:" + std::to_string(socket_.local().port); }

  // From now on the address has this name; an empty one is no answer at all.
  void set(std::string_view address, const std::string& name) {
    names_[reverse_name(net::IpAddress::parse(address).value())] = name;
  }

  // The names that were asked for.
  const std::vector<std::string>& asked() const { return asked_; }

 private:
  using Octets = std::vector<std::byte>;

  void wait() {
    watch_.wait_readable([this] {
      for (const auto& datagram : socket_.receive()) answer(datagram);
      wait();
    });
  }

  // RFC 1035 §4.1: a header of 12 octets, and one question.
  void answer(const io::ReceivedDatagram& question) {
    const Octets asked(question.octets.begin(), question.octets.end());
    std::string name;
    std::size_t at = 12;
    while (at < asked.size() && asked[at] != std::byte{0}) {
      const auto length = std::to_integer<std::size_t>(asked[at]);
      if (!name.empty()) name += '.';
      for (std::size_t i = 1; i <= length; ++i) name += std::to_integer<char>(asked.at(at + i));
      at += length + 1;
    }
    asked_.push_back(name);
    const auto found = names_.find(name);
    if (found != names_.end() && found->second.empty()) return;
    Octets out(asked.begin(), asked.begin() + static_cast<std::ptrdiff_t>(at) + 5);
    const bool is_there = found != names_.end();
    out[2] = std::byte{0x81};
    out[3] = is_there ? std::byte{0x80} : std::byte{0x83};  // NXDOMAIN
    for (std::size_t i = 6; i < 12; ++i) out[i] = std::byte{0};
    if (is_there) {
      out[7] = std::byte{1};
      append_answer(found->second, out);
    }
    static_cast<void>(socket_.send(question.source, out));
  }

  static void append_answer(const std::string& name, Octets& out) {
    std::string labels;
    for (std::size_t at = 0; at <= name.size();) {
      const std::size_t dot = std::min(name.find('.', at), name.size());
      labels += static_cast<char>(dot - at);
      labels.append(name, at, dot - at);
      at = dot + 1;
    }
    labels += '\0';
    // The name asked for; PTR, IN; 60 s; so many octets.
    for (const unsigned octet : {0xc0U, 12U, 0U, 12U, 0U, 1U, 0U, 0U, 0U, 60U, 0U}) {
      out.push_back(static_cast<std::byte>(octet));
    }
    out.push_back(static_cast<std::byte>(labels.size()));
    for (const char octet : labels) out.push_back(static_cast<std::byte>(octet));
  }

  std::map<std::string, std::string> names_;
  std::vector<std::string> asked_;
  io::DatagramSocket socket_;
  io::DescriptorWatch watch_;
};

}  // namespace fabrix::analyzer::testing
