// A DNS server on loopback that knows some records, for tests of who asks.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "io/datagram_socket.h"
#include "io/descriptor_watch.h"
#include "io/event_loop.h"

namespace fabrix::io::testing {

enum class DnsType : std::uint8_t { kA = 1, kPtr = 12, kAaaa = 28 };

class DnsServer {
 public:
  using Octets = std::vector<std::byte>;

  explicit DnsServer(EventLoop& loop)
      : socket_(DatagramSocket::bind({net::IpAddress::v4({127, 0, 0, 1}), 0}).value()),
        watch_(loop, socket_.fd()) {
    wait();
  }

  // As options name it.
  std::string name() const { return "127.0.0.1:" + std::to_string(socket_.local().port); }

  // One record more.
  void add(const std::string& name, DnsType type, Octets data) {
    records_[name][type].push_back(std::move(data));
  }
  void add(const std::string& name, const net::IpAddress& address) {
    Octets data;
    for (const std::uint8_t octet : address.octets()) data.push_back(std::byte{octet});
    add(name, address.family() == net::Family::kIpv4 ? DnsType::kA : DnsType::kAaaa, data);
  }
  // From now on it has no records: there is no such name.
  void forget(const std::string& name) { records_.erase(name); }
  // From now on there is no answer at all about it.
  void silence(const std::string& name) { records_[name].clear(); }

  // The names that were asked for.
  const std::vector<std::string>& asked() const { return asked_; }

 private:
  void wait() {
    watch_.wait_readable([this] {
      for (const auto& datagram : socket_.receive()) answer(datagram);
      wait();
    });
  }

  // RFC 1035 §4.1: a header of 12 octets, and one question.
  void answer(const ReceivedDatagram& question) {
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
    const auto found = records_.find(name);
    if (found != records_.end() && found->second.empty()) return;
    const auto type = static_cast<DnsType>(std::to_integer<int>(asked.at(at + 2)));
    Octets out(asked.begin(), asked.begin() + static_cast<std::ptrdiff_t>(at) + 5);
    const bool is_there = found != records_.end();
    out[2] = std::byte{0x81};
    out[3] = is_there ? std::byte{0x80} : std::byte{0x83};  // NXDOMAIN
    for (std::size_t i = 6; i < 12; ++i) out[i] = std::byte{0};
    if (is_there) {
      for (const Octets& data : found->second[type]) append_answer(type, data, out);
      out[7] = static_cast<std::byte>(found->second[type].size());
    }
    static_cast<void>(socket_.send(question.source, out));
  }

  static void append_answer(DnsType type, const Octets& data, Octets& out) {
    // The name asked for; the type, IN; 60 s; so many octets.
    for (const unsigned octet :
         {0xc0U, 12U, 0U, static_cast<unsigned>(type), 0U, 1U, 0U, 0U, 0U, 60U, 0U}) {
      out.push_back(static_cast<std::byte>(octet));
    }
    out.push_back(static_cast<std::byte>(data.size()));
    out.insert(out.end(), data.begin(), data.end());
  }

  std::map<std::string, std::map<DnsType, std::vector<Octets>>> records_;
  std::vector<std::string> asked_;
  DatagramSocket socket_;
  DescriptorWatch watch_;
};

}  // namespace fabrix::io::testing
