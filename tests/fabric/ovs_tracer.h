// OvsTracer: asks a private Open vSwitch what it would do with frames: ofproto/trace over the
// daemon's control socket (JSON-RPC 1.0), many questions on one connection. Some 0.3 ms a frame,
// where spawning ovs-appctl costs 10. For tests; POSIX.
#pragma once

#include <algorithm>
#include <array>
#include <cstring>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "net/frame.h"
#include "net/packet.h"

namespace fabrix::fabric {

// What the switch says it would do.
struct Traced {
  std::vector<std::uint32_t> outputs;
  bool to_controller = false;
  std::map<std::string, std::string> final_flow;  // "dl_dst" -> "02:...": the packet as it leaves
  std::string text;                               // the whole answer, escaped as JSON
};

class OvsTracer {
 public:
  OvsTracer() = default;
  OvsTracer(const OvsTracer&) = delete;
  OvsTracer(OvsTracer&&) = delete;
  OvsTracer& operator=(const OvsTracer&) = delete;
  OvsTracer& operator=(OvsTracer&&) = delete;
  ~OvsTracer() {
    if (socket_ >= 0) close(socket_);
  }

  bool connect_to(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path) return false;
    std::memcpy(address.sun_path, path.data(), path.size());
    socket_ = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): the sockets API.
    const auto* generic = reinterpret_cast<const sockaddr*>(&address);
    return connect(socket_, generic, sizeof address) == 0;
  }

  // Calls visit(number of the packet, answer) for each packet, in order, while the switch is at
  // those that follow. False: it does not answer in time.
  template <typename Visit>
  bool trace(const std::string& bridge, std::span<const net::Packet> packets, const Visit& visit) {
    // Few enough that neither side waits for the other to read.
    constexpr std::size_t kMostAtOnce = 64;
    std::size_t asked = 0;
    for (std::size_t answered = 0; answered < packets.size(); ++answered) {
      std::string questions;
      while (asked - answered < kMostAtOnce && asked < packets.size()) {
        questions += question(bridge, packets[asked++]);
      }
      if (!put(questions)) return false;
      const auto answer = take_object();
      if (!answer) return false;
      visit(answered, read(*answer));
    }
    return true;
  }

 private:
  static constexpr int kPatienceMilliseconds = 20'000;

  static std::string question(const std::string& bridge, const net::Packet& packet) {
    static constexpr std::string_view kDigits = "0123456789abcdef";
    std::string hex;
    for (const std::byte octet : net::build_frame(packet)) {
      hex += kDigits[std::to_integer<unsigned>(octet) >> 4U];
      hex += kDigits[std::to_integer<unsigned>(octet) & 15U];
    }
    return R"({"id":1,"method":"ofproto/trace","params":[")" + bridge + R"(","in_port=)" +
           std::to_string(packet.in_port.value) + R"(",")" + hex + R"("]})";
  }

  bool put(std::string_view text) const {
    while (!text.empty()) {
      const ssize_t sent = send(socket_, text.data(), text.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      text.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

  // The next whole JSON object that arrives.
  std::optional<std::string> take_object() {
    for (;;) {
      if (ends_object()) {
        std::string object = input_.substr(0, scanned_);
        input_.erase(0, std::exchange(scanned_, 0));
        return object;
      }
      pollfd wait{.fd = socket_, .events = POLLIN, .revents = 0};
      if (poll(&wait, 1, kPatienceMilliseconds) != 1) return std::nullopt;
      std::array<char, 65536> buffer{};
      const ssize_t got = recv(socket_, buffer.data(), buffer.size(), 0);
      if (got <= 0) return std::nullopt;
      input_.append(buffer.data(), static_cast<std::size_t>(got));
    }
  }

  // Goes on in what has come, as far as the end of an object. False: that is yet to come.
  bool ends_object() {
    while (scanned_ < input_.size()) {
      if (quoted_) {
        const std::size_t quote = std::min(input_.find('"', scanned_), input_.size());
        quoted_ = quote == input_.size() || is_escaped(quote);
        scanned_ = std::min(quote + 1, input_.size());
        continue;
      }
      const char letter = input_[scanned_++];
      quoted_ = letter == '"';
      if (letter == '{') ++depth_;
      if (letter == '}' && --depth_ == 0) return true;
    }
    return false;
  }

  bool is_escaped(std::size_t at) const {
    const std::size_t before = input_.find_last_not_of('\\', at - 1);
    return (at - before) % 2 == 0;
  }

  static Traced read(const std::string& answer) {
    Traced traced;
    traced.text = answer;
    static constexpr std::string_view kNewline = "\\n";
    std::size_t begin = 0;
    while (begin < answer.size()) {
      const std::size_t end = std::min(answer.find(kNewline, begin), answer.size());
      read_line(std::string_view(answer).substr(begin, end - begin), traced);
      begin = end + kNewline.size();
    }
    return traced;
  }

  static void read_line(std::string_view line, Traced& traced) {
    static constexpr std::string_view kFinal = "Final flow: ";
    if (line.starts_with(kFinal)) return read_flow(line.substr(kFinal.size()), traced);
    while (line.starts_with(' ')) line.remove_prefix(1);
    static constexpr std::string_view kOutput = "output:";
    if (line.starts_with(kOutput)) {
      traced.outputs.push_back(
          static_cast<std::uint32_t>(std::stoul(std::string(line.substr(kOutput.size())))));
    }
    if (line.find("skipping output to input port") != std::string_view::npos) {
      traced.outputs.pop_back();
    }
    if (line.starts_with("CONTROLLER:")) traced.to_controller = true;
  }

  static void read_flow(std::string_view flow, Traced& traced) {
    while (!flow.empty()) {
      const std::string_view item = flow.substr(0, flow.find(','));
      const std::size_t equals = item.find('=');
      if (equals != std::string_view::npos) {
        traced.final_flow.emplace(item.substr(0, equals), item.substr(equals + 1));
      }
      flow.remove_prefix(std::min(flow.size(), item.size() + 1));
    }
  }

  int socket_ = -1;
  std::string input_;
  std::size_t scanned_ = 0;  // of the input
  unsigned depth_ = 0;       // of objects, there
  bool quoted_ = false;
};

}  // namespace fabrix::fabric
